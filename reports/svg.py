"""The process map as a picture: one small SVG writer, the same bytes for the same map."""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from itertools import pairwise
from math import hypot

from reports import colours
from reports.badges import draw_badges, standing_words
from reports.graph import Activity, Edge, Place, ProcessMap, Terminal, choose
from reports.labels import place_labels
from reports.layout import layout
from reports.legend import LEGEND_WIDTH, SLATE, Key, legend, legend_height
from reports.plan import (
    CHIP,
    LINE,
    Box,
    Plan,
    Route,
    badge_texts,
    frequency_text,
    stroke,
    waiting_text,
    working_text,
)
from reports.shapes import FACES, nearest, path, px, text, with_arrow
from reports.wording import FONT, duration, number, width, worked

_UNKNOWN = "#c3cad4"
_TERMINALS = {
    Terminal.START: ("#d5f0dc", "#1b7a3d", "#0f5128"),
    Terminal.END: ("#fbdcdc", "#b3292f", "#7d151b"),
}


class Overlay(Enum):
    """What the numbers and colours on the edges tell."""

    FREQUENCY = "frequency"
    WAITING = "waiting"
    WORKING = "working"


_TEXTS = {
    Overlay.FREQUENCY: frequency_text,
    Overlay.WAITING: waiting_text,
    Overlay.WORKING: working_text,
}


_KEYS: Mapping[Overlay, Key | None] = {
    Overlay.FREQUENCY: None,
    Overlay.WAITING: ("Median time", ("under 1 h", "under 1 d", "under 7 d", "longer")),
    Overlay.WORKING: ("Working time", ("under 1 h", "under 8 h", "under 40 h", "longer")),
}


def overlays(graph: ProcessMap) -> tuple[Overlay, ...]:
    """The overlays that have something to tell: working time only where it is known."""
    if any(edge.working for edge in graph.edges):
        return tuple(Overlay)
    return (Overlay.FREQUENCY, Overlay.WAITING)


def render_map(graph: ProcessMap, overlay: Overlay) -> str:
    """Draw the strongest paths of a map as a complete SVG document.

    Deterministic and self-contained: no script, no style sheet, no address but the SVG name
    space. Every box and every edge has a `<title>`; text is escaped.
    """
    shown = choose(graph)
    ranked = sorted(graph.activities, key=lambda a: (-a.events, a.name))
    classes = colours.activity_colours(activity.name for activity in ranked)
    return draw_map(shown, layout(shown), overlay, classes)


def draw_map(graph: ProcessMap, plan: Plan, overlay: Overlay, classes: Mapping[str, str]) -> str:
    """Draw this map on a plan that has a place for all of it (the plan may hold more).

    `classes` are the colours of the activities (`colours.activity_colours`), shown as a stripe.
    """
    if not graph.activities:
        return _empty(overlay)
    standing = any(any(badge_texts(activity)) for activity in graph.activities)
    high = legend_height(_KEYS[overlay], badges=standing)
    canvas_width = max(plan.width, LEGEND_WIDTH)
    shift = (canvas_width - plan.width) / 2
    most_events = max(activity.events for activity in graph.activities)
    most = max(edge.frequency for edge in graph.edges)
    # The strongest edge is drawn last, so that it crosses over the weak ones.
    edges = sorted(graph.edges, key=lambda e: e.frequency)
    routes = _labelled(graph, plan, overlay)
    parts = [
        _head(canvas_width, plan.height + high, overlay, _summary(graph, overlay)),
        f'<g transform="translate({px(shift)} 0)">',
        *(_draw_edge(e, routes[e.key], overlay, most) for e in edges),
        *(_draw_terminal(t, plan.boxes[t]) for t in Terminal if t in plan.boxes),
        *(
            _draw_activity(a, plan.boxes[a.name], most_events, classes[a.name])
            for a in graph.activities
        ),
        *(_draw_chip(e, routes[e.key], overlay) for e in edges),
        "</g>",
        legend(
            _KEYS[overlay],
            top=plan.height,
            most=most,
            most_events=most_events,
            badges=standing,
        ),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _labelled(
    graph: ProcessMap, plan: Plan, overlay: Overlay
) -> Mapping[tuple[Place, Place], Route]:
    """The routes of the plan, with each number of this overlay as near to its line as it fits.

    The plan has room for the widest number of any overlay; a shorter one may stand on its line.
    """
    routes = dict(plan.routes)
    for edge in graph.edges:
        routes[edge.key] = replace(routes[edge.key], label_width=_chip_width(edge, overlay))
    return place_labels(plan.boxes, routes)


def _chip_width(edge: Edge, overlay: Overlay) -> float:
    return round(width(_TEXTS[overlay](edge), size=FONT - 1) + 6)


def _head(wide: float, high: float, overlay: Overlay, summary: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(wide)} {px(high)}" '
        f'width="{px(wide)}" height="{px(high)}" role="img" aria-labelledby="map-{overlay.value}" '
        f'font-family="{FACES}" font-size="{px(FONT)}">\n'
        f'<title id="map-{overlay.value}">{text(summary)}</title>\n'
        f'<rect width="{px(wide)}" height="{px(high)}" fill="#ffffff"/>'
    )


def _summary(graph: ProcessMap, overlay: Overlay) -> str:
    what = {
        Overlay.FREQUENCY: "how often each path was taken",
        Overlay.WAITING: "the median time from step to step, and within what nine in ten pass",
        Overlay.WORKING: "the same in working time",
    }[overlay]
    return (
        f"Process map from start to end: {number(len(graph.activities))} activities, "
        f"{number(len(graph.edges))} paths, showing {what}"
    )


def _empty(overlay: Overlay) -> str:
    words = "There is nothing that can be shown on a map."
    wide, high = 420.0, 80.0
    return (
        f"{_head(wide, high, overlay, words)}\n"
        f'<text x="{px(wide / 2)}" y="{px(high / 2)}" text-anchor="middle" '
        f'fill="{colours.INK}">{text(words)}</text>\n</svg>\n'
    )


def _draw_edge(edge: Edge, route: Route, overlay: Overlay, most: int) -> str:
    thick = stroke(edge.frequency, top=most)
    colour = _edge_colour(edge, overlay)
    reach = 6.0 + 0.9 * thick
    line, back = with_arrow(route.points, reach)
    tip = route.points[-1]
    half = (3.2 + 0.55 * thick) / reach
    across = ((tip[1] - back[1]) * half, (back[0] - tip[0]) * half)
    arrow = " ".join(
        f"{px(x)},{px(y)}"
        for x, y in (
            tip,
            (back[0] + across[0], back[1] + across[1]),
            (back[0] - across[0], back[1] - across[1]),
        )
    )
    return (
        f'<g class="edge"><title>{text(_edge_title(edge))}</title>'
        f'<path d="{path(line)}" fill="none" stroke="{colour}" stroke-width="{px(thick)}" '
        f'stroke-linejoin="round"/><polygon points="{arrow}" fill="{colour}"/></g>'
    )


def _edge_colour(edge: Edge, overlay: Overlay) -> str:
    if overlay is Overlay.FREQUENCY:
        return SLATE
    if overlay is Overlay.WAITING:
        return colours.wait_colour(edge.seconds.p50) if edge.seconds else _UNKNOWN
    return colours.work_colour(edge.working.p50) if edge.working else _UNKNOWN


def _edge_title(edge: Edge) -> str:
    told = f"{edge}: {frequency_text(edge)} times"
    if edge.cases is not None and edge.cases != edge.frequency:
        told += f" in {number(edge.cases)} cases"
    if edge.seconds:
        told += (
            f"; from step to step: median {duration(edge.seconds.p50)}, "
            f"90 % within {duration(edge.seconds.p90)}, mean {duration(edge.seconds.mean)}"
        )
    if edge.working:
        told += (
            f"; in working time: median {worked(edge.working.p50)}, "
            f"90 % within {worked(edge.working.p90)}"
        )
    return told


def _draw_chip(edge: Edge, route: Route, overlay: Overlay) -> str:
    words = _TEXTS[overlay](edge)
    if not words:
        return ""
    wide = _chip_width(edge, overlay)
    x, y = route.label
    return (
        f'<g class="number">{_leader(route, wide)}'
        f'<rect x="{px(x - wide / 2)}" y="{px(y - CHIP / 2 + 1)}" '
        f'width="{px(wide)}" height="{px(CHIP - 2)}" rx="5" fill="#ffffff" fill-opacity="0.94"/>'
        f'<text x="{px(x)}" y="{px(y + 4.3)}" text-anchor="middle" font-size="{px(FONT - 1)}" '
        f'fill="{colours.INK}">{text(words)}</text></g>'
    )


def _leader(route: Route, wide: float) -> str:
    """A fine dotted line from a number that stands beside its line to the line."""
    x, y = route.label
    near = min(
        (nearest(a, b, route.label) for a, b in pairwise(route.points)),
        key=lambda point: hypot(point[0] - x, point[1] - y),
    )
    if abs(near[0] - x) <= wide / 2 and abs(near[1] - y) <= CHIP / 2:
        return ""
    return (
        f'<path d="M{px(x)} {px(y)}L{px(near[0])} {px(near[1])}" stroke="{SLATE}" '
        f'stroke-width="1" stroke-dasharray="1.5 2.5"/>'
    )


def _draw_terminal(terminal: Terminal, box: Box) -> str:
    fill, border, ink = _TERMINALS[terminal]
    return (
        f'<g class="terminal"><rect x="{px(box.left)}" y="{px(box.top)}" width="{px(box.width)}" '
        f'height="{px(box.height)}" rx="{px(box.height / 2)}" fill="{fill}" stroke="{border}" '
        f'stroke-width="1.5"/><text x="{px(box.x)}" y="{px(box.y + 4.5)}" text-anchor="middle" '
        f'font-weight="600" fill="{ink}">{text(terminal.value)}</text></g>'
    )


def _draw_activity(activity: Activity, box: Box, most: int, classes: str) -> str:
    ink = colours.node_ink(activity.events, top=most)
    count = ("≈ " if activity.about else "") + number(activity.events)
    told = f"{activity.name}: {count} times"
    if activity.cases is not None:
        told += f" in {number(activity.cases)} cases"
    if activity.rework:
        told += f", {number(activity.rework)} of them again in the same case"
    told += standing_words(activity)
    first = box.y - LINE * (len(box.lines) + 1) / 2 + LINE * 0.76
    lines = [
        f'<text x="{px(box.x)}" y="{px(first + LINE * i)}">{text(line)}</text>'
        for i, line in enumerate(box.lines)
    ]
    lines.append(
        f'<text x="{px(box.x)}" y="{px(first + LINE * len(box.lines))}" '
        f'font-weight="700">{text(count)}</text>'
    )
    return (
        f'<g class="activity"><title>{text(told)}</title><rect x="{px(box.left)}" '
        f'y="{px(box.top)}" width="{px(box.width)}" height="{px(box.height)}" rx="7" '
        f'fill="{colours.node_fill(activity.events, top=most)}" stroke="#5c7796" '
        f'stroke-width="1"/><rect x="{px(box.left + 4)}" y="{px(box.top + 5)}" '
        f'width="5" height="{px(box.height - 10)}" rx="2.5" stroke="#ffffff" '
        f'stroke-width="0.8" fill="{colours.class_fill(classes)}"/>'
        f'<g text-anchor="middle" fill="{ink}" '
        f'unicode-bidi="plaintext">{"".join(lines)}</g>{draw_badges(activity, box)}</g>'
    )
