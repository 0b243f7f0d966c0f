"""The explored map as a picture: every step and every path of it is a link to what is known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from reports.charts import colours
from reports.language import say
from reports.map_page.places import Key, MapPlan, levels
from reports.maps.boxes import activity_shape, activity_title, terminal_shape
from reports.maps.edges import draw_line, draw_number, edge_colour, edge_title
from reports.maps.graph import Edge, Place, ProcessMap, Terminal, keep_edges
from reports.maps.legend import legend, legend_height, legend_width
from reports.maps.once import whole
from reports.maps.overlays import KEYS, Overlay, summary
from reports.maps.plan import Plan, Point, badge_texts
from reports.maps.shapes import FACES, path, px, text
from reports.maps.svg import draw_map
from reports.words.names import called, named
from reports.words.wording import FONT

_REACH = 18.0
"""How wide a line is to those who point at it, in px."""

Address = Callable[[Place | Key], str]
"""Where the details of a step or of a path are."""


def draw_explorer(
    graph: ProcessMap,
    plan: MapPlan,
    overlay: Overlay,
    *,
    shown: Mapping[Key, int],
    paths: int,
    address: Address,
    side: str,
) -> str:
    """One map on its plan, with every path that `shown` has a level for (`explorer_plan.levels`).

    What has a higher level than `paths` is there and has the class `off`. The picture is cut to
    what is not; `data-whole` says what it is cut from. `side` makes ids unlike those of a second
    picture. No style and no script is in it.
    """
    edges = [edge for edge in graph.edges if edge.key in shown]
    at = {key: level for key, level in shown.items() if level <= paths}
    places = _levels(shown)
    told = {edge.key: called_edge for edge, called_edge in _called(edges, plan)}
    most = max((edge.frequency for edge in edges), default=1)
    most_events = max((one.events for one in graph.activities), default=1)
    seen = keep_edges(graph, set(at))
    frame, routes = plan.frame(at), plan.numbers[overlay]
    # The strongest edge is drawn last, so that it crosses over the weak ones.
    weakest_first = sorted(edges, key=lambda e: e.frequency)
    ink = {key: edge_colour(edge, overlay) for key, edge in told.items()}
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="process" viewBox="{frame}" '
        f'width="{px(frame.width)}" height="{px(frame.height)}" '
        f'data-whole="0 0 {px(plan.plan.width)} {px(plan.plan.height)}" role="group" '
        f'aria-labelledby="map-{side}" font-family="{FACES}" font-size="{px(FONT)}">'
        f'<title id="map-{side}">{text(summary(seen, overlay))}</title>'
    )
    parts = [
        head,
        *(
            f'<a{_look("edge", shown[e.key], paths)} data-edge="{plan.edge_id(e.key)}" '
            f'href="{text(address(e.key))}">'
            f"<title>{text(edge_title(told[e.key], overlay))}</title>"
            f'<path class="reach" d="{path(routes[e.key].points)}" fill="none" '
            f'stroke="#ffffff" stroke-opacity="0" stroke-width="{px(_REACH)}"/>'
            f'<g color="{ink[e.key]}">'
            f"{draw_line(told[e.key], routes[e.key], overlay, most)}</g></a>"
            for e in weakest_first
        ),
        *(
            f'<g class="terminal" data-place="{plan.ids[t]}">'
            f"{terminal_shape(t, plan.plan.boxes[t])}</g>"
            for t in Terminal
            if t in places
        ),
        *(
            f'<a{_look("activity", places[code], paths)} data-place="{plan.ids[code]}" '
            f'data-code="{text(code)}" href="{text(address(code))}">'
            f"<title>{text(activity_title(a, overlay))}</title>"
            + activity_shape(a, plan.plan.boxes[code], overlay, most_events, plan.classes[code])
            + "</a>"
            for a in named(graph, plan.names).activities
            if (code := a.code or a.name) in places
        ),
        f'<g class="numbers" text-anchor="middle" font-size="{px(FONT - 1)}" fill="{colours.INK}">',
        *(
            f'<g{_look("", shown[e.key], paths)} data-of="{plan.edge_id(e.key)}">{number}</g>'
            for e in edges
            if (number := draw_number(told[e.key], routes[e.key], overlay))
        ),
        "</g></svg>",
    ]
    return whole("\n".join(parts)) + "\n"


def draw_legend(graph: ProcessMap, overlay: Overlay) -> str:
    """What boxes, lines, colours and badges mean, as a picture of its own."""
    standing = any(any(badge_texts(activity)) for activity in graph.activities)
    high = legend_height(KEYS[overlay], badges=standing)
    wide = legend_width(KEYS[overlay], badges=standing)
    drawn = legend(
        KEYS[overlay],
        top=0.0,
        most=max((edge.frequency for edge in graph.edges), default=1),
        most_events=max((one.events for one in graph.activities), default=1),
        badges=standing,
    )
    return whole(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(wide)} {px(high)}" '
        f'width="{px(wide)}" height="{px(high)}" role="img" aria-label="{text(say("Legend"))}" '
        f'font-family="{FACES}">{drawn}</svg>'
    )


def draw_download(graph: ProcessMap, plan: MapPlan, overlay: Overlay, *, paths: int) -> str:
    """The map as it is seen, with its legend, as a file by itself."""
    at = {key for key, level in levels(graph, plan).items() if level <= paths}
    seen = keep_edges(graph, at)
    if not at:
        return draw_map(seen, plan.plan, overlay, plan.classes)
    frame = plan.frame(at)
    names = plan.names

    def moved(point: Point) -> Point:
        return (round(point[0] - frame.left, 1), round(point[1] - frame.top, 1))

    part = Plan(
        width=frame.width,
        height=frame.height,
        boxes={
            called(place, names): replace(
                box, x=moved((box.x, box.y))[0], y=moved((box.x, box.y))[1]
            )
            for place, box in plan.plan.boxes.items()
            if any(place in key for key in at)
        },
        routes={
            (called(key[0], names), called(key[1], names)): replace(
                route, points=tuple(map(moved, route.points)), label=moved(route.label)
            )
            for key, route in plan.plan.routes.items()
            if key in at
        },
    )
    classes = {names.get(code, code): look for code, look in plan.classes.items()}
    return draw_map(named(seen, names), part, overlay, classes)


def _levels(shown: Mapping[Key, int]) -> Mapping[Place, int]:
    """From how many paths on each place is shown: with the first of its paths."""
    places: dict[Place, int] = {}
    for key, level in shown.items():
        for place in key:
            places[place] = min(level, places.get(place, level))
    return places


def _called(edges: Iterable[Edge], plan: MapPlan) -> list[tuple[Edge, Edge]]:
    """Each edge, and the same with names for codes."""
    return [
        (e, replace(e, source=called(e.source, plan.names), target=called(e.target, plan.names)))
        for e in edges
    ]


def _look(name: str, level: int, paths: int) -> str:
    words = " ".join(word for word in (name, "off" if level > paths else "") if word)
    return (f' class="{words}"' if words else "") + (f' data-level="{level}"' if level else "")
