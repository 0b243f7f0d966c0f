"""Where every box, line and number of a process map stands."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isfinite

from eventlog.errors import StopError
from reports.language import say
from reports.maps.graph import Activity, Edge, Place, ProcessMap, Terminal, place_name
from reports.words.wording import FONT, duration, number, share, signed, width, worked, wrap

LINE = 17.0
"""Height of one line of text, in px."""
CHIP = 20.0
"""Height of the number on an edge, in px."""
MARGIN = 20.0
"""Empty room around a map, in px."""

_TEXT_LIMIT = 190.0
_PADDING = 16.0
_TERMINAL = (76.0, 30.0)
_THIN, _THICK = 1.5, 8.0

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A place on the map: its middle, its size and its name in lines; all in px."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]

    @property
    def left(self) -> float:
        """The left border."""
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        """The upper border."""
        return self.y - self.height / 2


@dataclass(frozen=True, kw_only=True)
class Route:
    """The way of an edge, border to border, and the middle of its number with its width."""

    points: tuple[Point, ...]
    label: Point
    label_width: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Boxes by place and routes by edge on a canvas of `width` x `height` px, origin top left."""

    width: float
    height: float
    boxes: Mapping[Place, Box]
    routes: Mapping[tuple[Place, Place], Route]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a layout engine has to know: the boxes (all in the middle yet) and the labels."""

    boxes: Mapping[Place, Box]
    labels: Mapping[tuple[Place, Place], float]
    strokes: Mapping[tuple[Place, Place], float]


PlaceLabels = Callable[
    [Mapping[Place, Box], Mapping[tuple[Place, Place], Route]],
    Mapping[tuple[Place, Place], Route],
]
"""A way to move labels to better places, boxes and lines standing where they are."""


def measure(graph: ProcessMap) -> Sizes:
    """Measure boxes, numbers and lines, in the order start, activities, end.

    A label is as wide as the widest that any overlay writes there, so that changing the overlay
    moves nothing.
    """
    boxes: dict[Place, Box] = {}
    if graph.edges:
        boxes[Terminal.START] = _terminal(Terminal.START)
    for activity in graph.activities:
        lines = wrap(activity.name, limit=_TEXT_LIMIT)
        texts = [
            *lines,
            "≈ " + number(activity.events),
            straying_step_text(activity),
            late_text(activity),
        ]
        boxes[activity.name] = Box(
            x=0.0,
            y=0.0,
            width=round(max(max(map(width, texts)) + 2 * _side(activity), 90.0)),
            height=round(LINE * (len(lines) + 1) + _PADDING),
            lines=lines,
        )
    if graph.edges:
        boxes[Terminal.END] = _terminal(Terminal.END)
    top = max((edge.frequency for edge in graph.edges), default=1)
    return Sizes(
        boxes=boxes,
        labels={edge.key: _label_width(edge) for edge in graph.edges},
        strokes={edge.key: stroke(edge.frequency, top=top) for edge in graph.edges},
    )


def with_ports(sizes: Sizes, graph: ProcessMap, *, gap: float) -> Sizes:
    """Boxes wide enough for all of their lines to enter above and leave below, `gap` px apart."""
    enter, leave = Counter(e.target for e in graph.edges), Counter(e.source for e in graph.edges)
    return replace(
        sizes,
        boxes={
            place: replace(box, width=max(box.width, gap * (max(enter[place], leave[place]) + 1)))
            for place, box in sizes.boxes.items()
        },
    )


def stroke(frequency: int, *, top: int) -> float:
    """Thickness in px of an edge, growing with its frequency up to that of the strongest."""
    return round(_THIN + (_THICK - _THIN) * frequency / top, 1)


def frequency_text(edge: Edge) -> str:
    """How often the edge was taken, as it is written on the map."""
    return ("≈ " if edge.about else "") + number(edge.frequency)


def waiting_text(edge: Edge) -> str:
    """The time from step to step, median and 90 %, as it is written on the map; empty: unknown."""
    seconds = edge.seconds
    return _half_and_most(duration(seconds.p50), duration(seconds.p90)) if seconds else ""


def working_text(edge: Edge) -> str:
    """As `waiting_text`, in working time."""
    working = edge.working
    return _half_and_most(worked(working.p50), worked(working.p90)) if working else ""


def _half_and_most(half: str, most: str) -> str:
    return say("%(half)s · 90 %% %(most)s", half=half, most=most)


def straying_text(edge: Edge) -> str:
    """How many of the passages leave the way; empty: nobody asked."""
    strays = edge.strays
    if strays is None or (strays.count is None and not strays.few):
        return ""
    of = number(edge.frequency)
    if strays.few:
        return say("few of %(of)s", of=of)
    if strays.count and strays.count >= edge.frequency:
        return say("all ≈ %(of)s", of=of)
    part = ("≈ " if strays.count else "") + number(strays.count or 0)
    return say("%(part)s of %(of)s", part=part, of=of)


def gap_text(edge: Edge) -> str:
    """How many days more or less a group takes here, with the limits; empty: that is not told."""
    if edge.gap is None:
        return ""
    gap = edge.gap.days
    if gap.low is None or gap.high is None:
        return signed(gap.value)
    return f"{signed(gap.value)} ({signed(gap.low)} … {signed(gap.high)})"


def straying_step_text(activity: Activity) -> str:
    """How often the step was done and strayed; as on other overlays where it did not."""
    strays, count = activity.strays, ("≈ " if activity.about else "") + number(activity.events)
    if strays is None or not (strays.few or strays.count):
        return count
    if strays.few:
        return say("%(count)s, few stray", count=count)
    return say("%(count)s, ≈ %(part)s stray", count=count, part=number(strays.count or 0))


def late_text(activity: Activity) -> str:
    """How often the step was late; the bare count where that is not told."""
    late, count = activity.late, ("≈ " if activity.about else "") + number(activity.events)
    if late is None:
        return count
    if late.few:
        return say("%(count)s, few late", count=count)
    if late.share is None:
        return count
    return say("%(share)s late of %(n)s", share=share(late.share.value), n=number(late.judged))


def badge_texts(activity: Activity) -> tuple[str, str]:
    """How many open applications stand at the step, and after it; empty for none."""
    one = activity.standing
    mark = "≈ " if one.about else ""
    at, after = (mark + number(count) if count else "" for count in (one.at, one.after))
    return at, after


def badge_width(words: str) -> float:
    """How wide the badge with these words is, in px; nothing for none."""
    return round(width(words, size=FONT - 1) + 12) if words else 0.0


def settle(
    sizes: Sizes,
    centres: Mapping[Place, Point],
    routes: Mapping[tuple[Place, Place], Route],
    place_labels: PlaceLabels,
) -> Plan:
    """Move what an engine has placed onto a canvas that begins at zero, rounded to 0.1 px.

    Raises `StopError` when something has no place or a place is not a number.
    """
    missing = [str(key) for key in sizes.labels if key not in routes or not routes[key].points[1:]]
    missing += [place_name(place) for place in sizes.boxes if place not in centres]
    if missing:
        raise StopError(f"the layout has no place for {missing[0]}")
    boxes = {
        place: replace(box, x=centres[place][0], y=centres[place][1])
        for place, box in sizes.boxes.items()
    }
    routes = place_labels(boxes, {key: routes[key] for key in sizes.labels})
    xs = [x for box in boxes.values() for x in (box.left, box.left + box.width)]
    ys = [y for box in boxes.values() for y in (box.top, box.top + box.height)]
    for route in routes.values():
        # A label may be moved to any place on its line, or beside it, on this side of the rim.
        half = max(sizes.labels.values()) / 2
        xs += [point[0] + side * half for point in route.points for side in (-1, 1)]
        ys += [point[1] for point in route.points]
        xs += [route.label[0] - route.label_width / 2, route.label[0] + route.label_width / 2]
        ys += [route.label[1] - CHIP / 2, route.label[1] + CHIP / 2]
    if not all(map(isfinite, xs + ys)):
        raise StopError("the layout holds a place that is not a number")
    left, top = min(xs, default=0.0) - MARGIN, min(ys, default=0.0) - MARGIN

    def moved(point: Point) -> Point:
        return (round(point[0] - left, 1), round(point[1] - top, 1))

    return Plan(
        width=round(max(xs, default=0.0) - left + MARGIN, 1),
        height=round(max(ys, default=0.0) - top + MARGIN, 1),
        boxes={
            place: replace(box, x=moved((box.x, box.y))[0], y=moved((box.x, box.y))[1])
            for place, box in boxes.items()
        },
        routes={
            key: replace(route, points=tuple(map(moved, route.points)), label=moved(route.label))
            for key, route in routes.items()
        },
    )


def _side(activity: Activity) -> float:
    """The room on either side of a name, so that badges cover none of it."""
    widest = max(badge_width(words) for words in badge_texts(activity))
    return max(_PADDING, widest + 8) if widest else _PADDING


def _terminal(place: Terminal) -> Box:
    name = say(place.value)
    wide = max(_TERMINAL[0], round(width(name) + 2 * _PADDING))
    return Box(x=0.0, y=0.0, width=wide, height=_TERMINAL[1], lines=(name,))


def _label_width(edge: Edge) -> float:
    texts = (
        frequency_text(edge),
        waiting_text(edge),
        working_text(edge),
        straying_text(edge),
        gap_text(edge),
    )
    return round(max(width(text, size=FONT - 1) for text in texts) + 8)
