"""Put each number on its own line, where it covers nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reports.graph import Place
from reports.plan import CHIP, Box, Point, Route

_STEP = 6.0
_CLEAR = 3.0
_HEAD = 16.0
_ASIDE = 8.0
_FAR = 80.0
_STRAIGHT = 0.5

Key = tuple[Place, Place]


@dataclass(frozen=True)
class _Area:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Area") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def place_labels(boxes: Mapping[Place, Box], routes: Mapping[Key, Route]) -> Mapping[Key, Route]:
    """Move labels onto their lines where a free place exists there; else leave the engine's.

    A place is free when the label keeps 3 px from every box, every other label and every other
    line. Labels with the fewest free places choose first; each takes the free place nearest to
    the middle of the line. A label without one keeps clear of boxes and other labels, if it can,
    and covers as few lines as it can.
    """
    walls = [_box_area(box) for box in boxes.values()]
    lines = {key: _segments(route.points) for key, route in routes.items()}
    free = {key: _free_places(key, route, walls, lines) for key, route in routes.items()}
    order = sorted(routes, key=lambda key: (len(free[key]), list(routes).index(key)))
    placed = dict(routes)
    # Labels that have no free place are obstacles for all others.
    taken: list[_Area] = []
    rim = _rim(routes)
    for key in order:
        if not free[key]:
            others = [area for other, areas in lines.items() if other != key for area in areas]
            placed[key] = _near(routes[key], [*walls, *taken], others, rim)
            taken.append(_label_area(placed[key].label, placed[key].label_width))
    for key in order:
        if not free[key]:
            continue
        wide = routes[key].label_width
        for point in free[key]:
            area = _label_area(point, wide)
            if not any(area.meets(other) for other in taken):
                placed[key] = replace(routes[key], label=point)
                break
        else:
            others = [area for other, areas in lines.items() if other != key for area in areas]
            placed[key] = _near(routes[key], [*walls, *taken], others, rim)
        taken.append(_label_area(placed[key].label, wide))
    return placed


def _rim(routes: Mapping[Key, Route]) -> tuple[float, float]:
    """The leftmost and the rightmost that a label may reach: half a label beyond all lines."""
    half = max((route.label_width for route in routes.values()), default=0.0) / 2
    xs = [x for route in routes.values() for x, _ in route.points]
    return min(xs, default=0.0) - half, max(xs, default=0.0) + half


def _free_places(
    key: Key, route: Route, walls: Sequence[_Area], lines: Mapping[Key, Sequence[_Area]]
) -> list[Point]:
    """Places on the line, nearest to its middle first, that meet no box and no other line."""
    others = [area for other, areas in lines.items() if other != key for area in areas]
    found = []
    for distance, point in _along(route.points):
        area = _label_area(point, route.label_width)
        if not any(area.meets(other) for other in walls) and not any(
            area.meets(other) for other in others
        ):
            found.append((distance, point))
    return [point for _, point in sorted(found)]


def _near(
    route: Route, filled: Sequence[_Area], lines: Sequence[_Area], rim: tuple[float, float]
) -> Route:
    """The label on its line or at either side of it, where it covers the fewest other lines.

    It covers nothing that is `filled`; where there is no such place, it stays where it was. So it
    does where it is near already and covers no line at all.
    """
    wide = route.label_width
    here = _label_area(route.label, wide)
    if not any(here.meets(area) for area in (*filled, *lines)) and any(
        _length(route.label, point) <= wide / 2 + _FAR for _, point in _along(route.points)
    ):
        return route
    best: tuple[int, float, Point] | None = None
    for distance, (x, y) in _along(route.points):
        for shift in (0.0, -wide / 2 - _ASIDE, wide / 2 + _ASIDE):
            area = _label_area((x + shift, y), wide)
            if area.left < rim[0] or area.right > rim[1]:
                continue
            if any(area.meets(other) for other in filled):
                continue
            covered = sum(area.meets(other) for other in lines)
            found = (covered, distance + abs(shift), (x + shift, y))
            best = found if best is None else min(best, found)
    return route if best is None else replace(route, label=best[2])


def _along(points: Sequence[Point]) -> list[tuple[float, Point]]:
    """Points every 6 px along the line, each with how far it is from the middle of the line."""
    total = sum(_length(a, b) for a, b in pairwise(points))
    found = []
    gone = 0.0
    for a, b in pairwise(points):
        length = _length(a, b)
        steps = int(length // _STEP)
        for step in range(steps + 1):
            share = (step + 0.5) / (steps + 1)
            at = gone + share * length
            if _HEAD <= at <= total - _HEAD:
                point = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
                found.append((abs(at - total / 2), point))
        gone += length
    return found


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _segments(points: Sequence[Point]) -> list[_Area]:
    """Areas that cover the line; slanted parts are covered in short pieces."""
    areas = []
    for a, b in pairwise(points):
        slanted = min(abs(a[0] - b[0]), abs(a[1] - b[1])) > _STRAIGHT
        pieces = max(int(_length(a, b) // 8), 1) if slanted else 1
        for piece in range(pieces):
            p, q = piece / pieces, (piece + 1) / pieces
            x1, x2 = a[0] + p * (b[0] - a[0]), a[0] + q * (b[0] - a[0])
            y1, y2 = a[1] + p * (b[1] - a[1]), a[1] + q * (b[1] - a[1])
            areas.append(
                _Area(
                    min(x1, x2) - _CLEAR,
                    min(y1, y2) - _CLEAR,
                    max(x1, x2) + _CLEAR,
                    max(y1, y2) + _CLEAR,
                )
            )
    return areas


def _box_area(box: Box) -> _Area:
    return _Area(
        box.left - _CLEAR,
        box.top - _CLEAR,
        box.left + box.width + _CLEAR,
        box.top + box.height + _CLEAR,
    )


def _label_area(middle: Point, wide: float) -> _Area:
    return _Area(
        middle[0] - wide / 2, middle[1] - CHIP / 2, middle[0] + wide / 2, middle[1] + CHIP / 2
    )
