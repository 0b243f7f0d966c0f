"""The process map as a picture: one small SVG writer, the same bytes for the same map."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.charts import colours
from reports.language import say
from reports.maps.boxes import activity_shape, activity_title, terminal_shape
from reports.maps.edges import draw_edge, draw_number, draw_numbers, number_width
from reports.maps.graph import Activity, Place, ProcessMap, Terminal, choose
from reports.maps.labels import place_labels
from reports.maps.layout import layout
from reports.maps.legend import legend, legend_height, legend_width
from reports.maps.once import once, shareable, whole
from reports.maps.overlays import KEYS, Overlay, summary
from reports.maps.plan import Box, Plan, Route, badge_texts
from reports.maps.shapes import FACES, px, text
from reports.words.names import NO_NAMES, Names, named
from reports.words.wording import FONT


def render_map(graph: ProcessMap, overlay: Overlay, names: Names = NO_NAMES) -> str:
    """Draw the strongest paths of a map as a complete SVG document, with names for codes.

    Deterministic and self-contained: no script, no style sheet, no address but the SVG name
    space. Every box and every edge has a `<title>`; text is escaped.
    """
    shown = named(choose(graph), names)
    ranked = sorted(graph.activities, key=lambda a: (-a.events, a.name))
    classes = colours.activity_colours(names.get(a.name, a.name) for a in ranked)
    return draw_map(shown, layout(shown), overlay, classes)


def draw_map(graph: ProcessMap, plan: Plan, overlay: Overlay, classes: Mapping[str, str]) -> str:
    """Draw this map on a plan that has a place for all of it (the plan may hold more).

    `classes` are the colours of the activities (`colours.activity_colours`), shown as a stripe.
    """
    return whole(_draw(graph, plan, overlay, classes))


def draw_maps(
    graph: ProcessMap, plan: Plan, overlays: Sequence[Overlay], classes: Mapping[str, str]
) -> tuple[str, ...]:
    """As `draw_map`, with several overlays for one page: what they share is written once."""
    drawn = [_draw(graph, plan, overlay, classes) for overlay in overlays]
    return once(drawn, prefix="m")


def _draw(graph: ProcessMap, plan: Plan, overlay: Overlay, classes: Mapping[str, str]) -> str:
    if not graph.activities:
        return _empty(overlay)
    standing = any(any(badge_texts(activity)) for activity in graph.activities)
    high = legend_height(KEYS[overlay], badges=standing)
    canvas_width = max(plan.width, legend_width(KEYS[overlay], badges=standing))
    shift = (canvas_width - plan.width) / 2
    most_events = max(activity.events for activity in graph.activities)
    most = max(edge.frequency for edge in graph.edges)
    # The strongest edge is drawn last, so that it crosses over the weak ones.
    edges = sorted(graph.edges, key=lambda e: e.frequency)
    routes = _labelled(graph, plan, overlay)
    parts = [
        _head(canvas_width, plan.height + high, overlay, summary(graph, overlay)),
        f'<g transform="translate({px(shift)} 0)">',
        *(draw_edge(e, routes[e.key], overlay, most) for e in edges),
        *(_draw_terminal(t, plan.boxes[t]) for t in Terminal if t in plan.boxes),
        *(
            _draw_activity(a, plan.boxes[a.name], overlay, most_events, classes[a.name])
            for a in graph.activities
        ),
        draw_numbers(draw_number(e, routes[e.key], overlay) for e in edges),
        "</g>",
        legend(
            KEYS[overlay],
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
        routes[edge.key] = replace(routes[edge.key], label_width=number_width(edge, overlay))
    return place_labels(plan.boxes, routes)


def _head(wide: float, high: float, overlay: Overlay, summary: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(wide)} {px(high)}" '
        f'width="{px(wide)}" height="{px(high)}" role="img" aria-labelledby="map-{overlay.value}" '
        f'font-family="{FACES}" font-size="{px(FONT)}">\n'
        f'<title id="map-{overlay.value}">{text(summary)}</title>\n'
        f'<rect width="{px(wide)}" height="{px(high)}" fill="#ffffff"/>'
    )


def _empty(overlay: Overlay) -> str:
    words = say("There is nothing that can be shown on a map.")
    wide, high = 420.0, 80.0
    return (
        f"{_head(wide, high, overlay, words)}\n"
        f'<text x="{px(wide / 2)}" y="{px(high / 2)}" text-anchor="middle" '
        f'fill="{colours.INK}">{text(words)}</text>\n</svg>\n'
    )


def _draw_terminal(terminal: Terminal, box: Box) -> str:
    return f'<g class="terminal">{shareable(terminal_shape(terminal, box))}</g>'


def _draw_activity(activity: Activity, box: Box, overlay: Overlay, most: int, classes: str) -> str:
    return (
        '<g class="activity">'
        + shareable(
            f"<title>{text(activity_title(activity, overlay))}</title>"
            + shareable(activity_shape(activity, box, overlay, most, classes))
        )
        + "</g>"
    )
