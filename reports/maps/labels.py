"""Put each number on its own line, where it covers nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from reports.maps.graph import Place
from reports.maps.plan import CHIP, Box, Point, Route

_STEP = 6.0
_CLEAR = 3.0
_HEAD = 16.0
_ASIDE = 8.0
_FAR = 80.0
_STRAIGHT = 0.5

Key = tuple[Place, Place]
Area = tuple[float, float, float, float]


Areas = NDArray[np.float64]
"""Rectangles, one a row: left, top, right, bottom; in px."""


def place_labels(boxes: Mapping[Place, Box], routes: Mapping[Key, Route]) -> Mapping[Key, Route]:
    """Move labels onto their lines where a free place exists there; else leave the engine's.

    A place is free when the label keeps 3 px from every box, every other label and every other
    line. Labels with the fewest free places choose first; each takes the free place nearest to
    the middle of the line. A label without one keeps clear of boxes and other labels, if it can,
    and covers as few lines as it can.
    """
    walls = _areas([_box_area(box) for box in boxes.values()])
    pieces = {key: _areas(_segments(route.points)) for key, route in routes.items()}
    lines = np.concatenate([_areas([]), *pieces.values()])
    owners = np.repeat(np.arange(len(routes)), [len(areas) for areas in pieces.values()])
    others = {key: lines[owners != place] for place, key in enumerate(routes)}
    free = {
        key: _free_places(route, np.concatenate([walls, others[key]]))
        for key, route in routes.items()
    }
    ranks = {key: rank for rank, key in enumerate(routes)}
    order = sorted(routes, key=lambda key: (len(free[key]), ranks[key]))
    placed = dict(routes)
    # Labels that have no free place are obstacles for all others.
    taken: list[Area] = []
    rim = _rim(routes)

    def near(key: Key) -> Route:
        return _near(routes[key], np.concatenate([walls, _areas(taken)]), others[key], rim)

    for key in order:
        if not free[key]:
            placed[key] = near(key)
            taken.append(_label_area(placed[key].label, placed[key].label_width))
    for key in order:
        if not free[key]:
            continue
        wide = routes[key].label_width
        filled = _areas(taken)
        for point in free[key]:
            if not _meeting(_areas([_label_area(point, wide)]), filled).any():
                placed[key] = replace(routes[key], label=point)
                break
        else:
            placed[key] = near(key)
        taken.append(_label_area(placed[key].label, wide))
    return placed


def _areas(rows: Sequence[Area]) -> Areas:
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _meeting(some: Areas, others: Areas) -> NDArray[np.bool_]:
    """Which of some areas meet which of the others, as rows x columns."""
    left, top, right, bottom = (some[:, side, None] for side in range(4))
    return (
        (left < others[:, 2]) & (others[:, 0] < right)
        & (top < others[:, 3]) & (others[:, 1] < bottom)
    )  # fmt: skip


def _stuck(some: Areas, others: Areas) -> NDArray[np.bool_]:
    """Which of some areas meet any of the others."""
    return np.asarray(_meeting(some, others).any(axis=1))


def _rim(routes: Mapping[Key, Route]) -> tuple[float, float]:
    """The leftmost and the rightmost that a label may reach: half a label beyond all lines."""
    half = max((route.label_width for route in routes.values()), default=0.0) / 2
    xs = [x for route in routes.values() for x, _ in route.points]
    return min(xs, default=0.0) - half, max(xs, default=0.0) + half


def _free_places(route: Route, obstacles: Areas) -> list[Point]:
    """Places on the line, nearest to its middle first, that meet no box and no other line."""
    along = _along(route.points)
    areas = _areas([_label_area(point, route.label_width) for _, point in along])
    stuck = _stuck(areas, obstacles)
    return [point for _, point in sorted(p for p, no in zip(along, stuck, strict=True) if not no)]


def _near(route: Route, filled: Areas, lines: Areas, rim: tuple[float, float]) -> Route:
    """The label on its line or at either side of it, where it covers the fewest other lines.

    It covers nothing that is `filled`; where there is no such place, it stays where it was. So it
    does where it is near already and covers no line at all.
    """
    wide = route.label_width
    along = _along(route.points)
    here = _areas([_label_area(route.label, wide)])
    if not _meeting(here, np.concatenate([filled, lines])).any() and any(
        _length(route.label, point) <= wide / 2 + _FAR for _, point in along
    ):
        return route
    beside = wide / 2 + _ASIDE
    found = _least_covering(wide, along, (0.0, -beside, beside), filled, lines, rim)
    if found is None:
        # Further off, with a longer leader, is better than far away.
        further = [side * (beside + step * CHIP) for step in range(1, 6) for side in (-1, 1)]
        found = _least_covering(wide, along, further, filled, lines, rim)
    return route if found is None else replace(route, label=found)


def _least_covering(
    wide: float,
    along: Sequence[tuple[float, Point]],
    shifts: Sequence[float],
    filled: Areas,
    lines: Areas,
    rim: tuple[float, float],
) -> Point | None:
    """The place so far beside the line that covers nothing filled and the fewest lines, if any."""
    tried = [
        (distance + abs(shift), (x + shift, y)) for distance, (x, y) in along for shift in shifts
    ]
    areas = _areas([_label_area(point, wide) for _, point in tried])
    fits = ~_stuck(areas, filled) & (areas[:, 0] >= rim[0]) & (areas[:, 2] <= rim[1])
    covered = _meeting(areas, lines).sum(axis=1)
    return min(
        (
            (int(many), distance, point)
            for (distance, point), fit, many in zip(tried, fits, covered, strict=True)
            if fit
        ),
        default=(0, 0.0, None),
    )[2]


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


def _segments(points: Sequence[Point]) -> list[Area]:
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
                (
                    min(x1, x2) - _CLEAR,
                    min(y1, y2) - _CLEAR,
                    max(x1, x2) + _CLEAR,
                    max(y1, y2) + _CLEAR,
                )
            )
    return areas


def _box_area(box: Box) -> Area:
    return (
        box.left - _CLEAR,
        box.top - _CLEAR,
        box.left + box.width + _CLEAR,
        box.top + box.height + _CLEAR,
    )


def _label_area(middle: Point, wide: float) -> Area:
    return (middle[0] - wide / 2, middle[1] - CHIP / 2, middle[0] + wide / 2, middle[1] + CHIP / 2)
