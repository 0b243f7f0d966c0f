"""The smallest parts of a picture: text that is safe, coordinates, lines and arrowheads."""

from collections.abc import Sequence
from html import escape
from math import hypot

from reports.maps.plan import Point
from reports.words.wording import clean

FACES = "'Helvetica Neue', Arial, 'Liberation Sans', 'Noto Sans', sans-serif"
"""Faces of all text in pictures; measured widths fit them."""
_CORNER = 8.0


def text(words: str) -> str:
    """Text that is safe between tags and in quotes."""
    return escape(clean(words), quote=True)


def px(value: float) -> str:
    """A px in as few letters as it needs."""
    return f"{value:.1f}".removesuffix(".0")


def path(points: Sequence[Point]) -> str:
    """SVG path data with rounded corners."""
    parts = [f"M{px(points[0][0])} {px(points[0][1])}"]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        into, out = hypot(bx - ax, by - ay), hypot(cx - bx, cy - by)
        radius = min(_CORNER, into / 2, out / 2)
        if radius <= 0:
            continue
        one = (bx + (ax - bx) * radius / into, by + (ay - by) * radius / into)
        two = (bx + (cx - bx) * radius / out, by + (cy - by) * radius / out)
        parts.append(f"L{px(one[0])} {px(one[1])}Q{px(bx)} {px(by)} {px(two[0])} {px(two[1])}")
    parts.append(f"L{px(points[-1][0])} {px(points[-1][1])}")
    return "".join(parts)


def with_arrow(points: Sequence[Point], reach: float) -> tuple[list[Point], Point]:
    """The line shortened within its last stretch, and the base of an arrowhead `reach` px long.

    The arrowhead always lies along the last stretch, even where that is shorter than itself.
    """
    (ax, ay), (bx, by) = points[-2], points[-1]
    length = hypot(bx - ax, by - ay) or 1.0
    ux, uy = (bx - ax) / length, (by - ay) / length
    cut = min(reach - 1, length / 2)
    return [*points[:-1], (bx - cut * ux, by - cut * uy)], (bx - reach * ux, by - reach * uy)


def nearest(a: Point, b: Point, point: Point) -> Point:
    """The point on the stretch from a to b that is nearest to the given one."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    if square == 0:
        return a
    share = max(0.0, min(1.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square))
    return (a[0] + share * dx, a[1] + share * dy)
