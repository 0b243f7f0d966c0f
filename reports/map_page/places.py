"""Where everything on an explored map stands, once for all that is asked of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reports.charts.colours import activity_colours
from reports.maps.edges import number_width
from reports.maps.graph import Place, ProcessMap, Terminal, choose, grown, keep_edges
from reports.maps.labels import place_labels
from reports.maps.layout import layout_roomy
from reports.maps.overlays import Overlay
from reports.maps.plan import CHIP, MARGIN, Box, Plan, Route
from reports.maps.shapes import px
from reports.words.names import NO_NAMES, Names, named
from reports.words.wording import FONT, width

MOST_PATHS = 60
"""No engine makes more than this readable."""
FEWEST_PATHS, USUAL_PATHS = 5, 25
_SLACK = 4.0
_WIDEST_GAP = "+99.9 (+99.9 … +99.9)"

Key = tuple[Place, Place]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A part of the plan: its left upper corner and its size, in px."""

    left: float
    top: float
    width: float
    height: float

    def __str__(self) -> str:
        """As a `viewBox` has it."""
        return f"{px(self.left)} {px(self.top)} {px(self.width)} {px(self.height)}"


@dataclass(frozen=True, kw_only=True)
class MapPlan:
    """The places of a map that people explore, the same for every overlay, filter and language.

    Places are named as the log names them. `ids` are short names for the page, `classes` the
    colours of the activities, `names` what they are called. `numbers` are the routes with the
    places of the numbers, by overlay.
    """

    plan: Plan
    names: Names
    ids: Mapping[Place, str]
    classes: Mapping[str, str]
    numbers: Mapping[Overlay, Mapping[Key, Route]]

    def edge_id(self, key: Key) -> str:
        """The short name of a path: those of its ends."""
        return f"{self.ids[key[0]]}-{self.ids[key[1]]}"

    def frame(self, keys: Iterable[Key]) -> Frame:
        """The part of the plan on which these paths are, with room around; the same for all."""
        keys = list(keys)
        routes = [numbers[key] for key in keys for numbers in self.numbers.values()]
        boxes = [self.plan.boxes[place] for place in dict.fromkeys(p for key in keys for p in key)]
        areas = [*map(_box_area, boxes), *map(_route_area, routes)]
        if not areas:
            return Frame(left=0.0, top=0.0, width=self.plan.width, height=self.plan.height)
        left, top = min(a[0] for a in areas) - MARGIN, min(a[1] for a in areas) - MARGIN
        return Frame(
            left=round(left, 1),
            top=round(top, 1),
            width=round(max(a[2] for a in areas) + MARGIN - left, 1),
            height=round(max(a[3] for a in areas) + MARGIN - top, 1),
        )


def plan_of(
    whole: ProcessMap,
    names: Names = NO_NAMES,
    *,
    classes: Mapping[str, str] | None = None,
    paths: int = MOST_PATHS,
) -> MapPlan:
    """Lay out the strongest paths of a map, in the language spoken; to be kept and drawn on.

    `classes` are the colours of activities by their codes; the most frequent first where absent.
    """
    chosen = choose(whole, paths=paths)
    shown = named(chosen, names)
    codes: dict[Place, Place] = {a.name: a.code or a.name for a in shown.activities}
    drawn = layout_roomy(shown)

    def code(place: Place) -> Place:
        return codes.get(place, place)

    plan = Plan(
        width=drawn.width,
        height=drawn.height,
        boxes={code(place): box for place, box in drawn.boxes.items()},
        routes={(code(s), code(t)): route for (s, t), route in drawn.routes.items()},
    )
    ranked = sorted(whole.activities, key=lambda a: (-a.events, a.name))
    # By the codes, so that the same place has the same short name in every language.
    order = sorted(a.name for a in chosen.activities)
    ids: dict[Place, str] = {name: f"p{i}" for i, name in enumerate(order, start=1)}
    ids |= {Terminal.START: "p0", Terminal.END: f"p{len(order) + 1}"}
    return MapPlan(
        plan=plan,
        names=names,
        ids=ids,
        classes=classes or activity_colours(a.name for a in ranked),
        numbers=_all_numbers(chosen, plan),
    )


def levels(graph: ProcessMap, plan: MapPlan) -> Mapping[Key, int]:
    """From how many paths on each path of the plan is shown, the strongest of this map first.

    Showing all paths up to a level is what `choose` would keep with so many, of those that the
    plan has a place for; 0 is always shown. Paths that the plan does not hold, or that do not lie
    between the start and the end any more, are left out.
    """
    return grown(keep_edges(graph, set(plan.plan.routes)))


def _all_numbers(graph: ProcessMap, plan: Plan) -> Mapping[Overlay, Mapping[Key, Route]]:
    found: dict[Overlay, Mapping[Key, Route]] = {
        overlay: _numbers(graph, plan, overlay)
        for overlay in Overlay
        if overlay is not Overlay.LATENESS
    }
    # Its boxes tell what is late, and its lines how often.
    return {**found, Overlay.LATENESS: found[Overlay.FREQUENCY]}


def _numbers(graph: ProcessMap, plan: Plan, overlay: Overlay) -> Mapping[Key, Route]:
    """The numbers of an overlay as near to their lines as they fit, with room for a longer one."""
    gap = round(width(_WIDEST_GAP, size=FONT - 1) + 6)
    routes = dict(plan.routes)
    for edge in graph.edges:
        wide = gap if overlay is Overlay.BESIDE else number_width(edge, overlay) + _SLACK
        routes[edge.key] = replace(routes[edge.key], label_width=wide)
    return place_labels(plan.boxes, routes)


def _box_area(box: Box) -> tuple[float, float, float, float]:
    return (box.left, box.top, box.left + box.width, box.top + box.height)


def _route_area(route: Route) -> tuple[float, float, float, float]:
    half = route.label_width / 2
    xs = [*(x for x, _ in route.points), route.label[0] - half, route.label[0] + half]
    ys = [*(y for _, y in route.points), route.label[1] - CHIP / 2, route.label[1] + CHIP / 2]
    return (min(xs), min(ys), max(xs), max(ys))
