"""The page on which people explore the map: what is asked, what is seen, and where links lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from reports.contents.terms import Terms
from reports.explore.medians import Median
from reports.map_page.asked import Asked, Pairs, address
from reports.map_page.picture import draw_explorer, draw_legend
from reports.map_page.places import FEWEST_PATHS, MOST_PATHS, Key, MapPlan, levels
from reports.map_page.words import (
    Chip,
    Choices,
    Question,
    chips,
    compared_questions,
    filter_questions,
    overlay_title,
)
from reports.maps.graph import Activity, Edge, Late, Place, ProcessMap, place_name
from reports.maps.overlays import Overlay, overlays
from reports.maps.plan import late_text

_SIDES = ("one", "two")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Some of the applications, as they may be shown: their map, and how many they are.

    `cases` is None where there are too few to be told, and `reason` says why; `about` marks a
    rounded number. `half` is within how long half of them are done.
    """

    graph: ProcessMap
    cases: int | None
    about: bool = False
    reason: str = ""
    half: Median | None = None


@dataclass(frozen=True, kw_only=True)
class OverlayChoice:
    """Something that the map can tell, by its name in the address."""

    value: str
    title: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the maps on the page.

    `chips` are its filters; `steps` (each with how often it is late) and `paths` what it shows as
    a table, each with the level from which it is shown. `left_out` are paths that have no place
    here, which stand for `left_share` of all steps from place to place.
    """

    name: str
    seen: Seen
    share: float | None
    picture: Markup
    legend: Markup
    chips: tuple[Chip, ...]
    steps: tuple[tuple[int, Activity, str], ...]
    paths: tuple[tuple[int, Edge], ...]
    shown: int
    left_out: int
    left_share: float


@dataclass(frozen=True, kw_only=True)
class ExplorerView:
    """All that the page has beside the words of its template.

    `kept` are what its form carries along; `addresses` are where the downloads, the replay and
    other ways to look lead, by their names; `note` is what has to be said beside a comparison.
    """

    asked: Asked
    sides: tuple[Side, ...]
    total: int | None
    overlays: tuple[OverlayChoice, ...]
    fallen_back: bool
    note: str
    fewest: int
    most: int
    kept: Pairs
    questions: tuple[Question, ...]
    compared: tuple[Question, ...]
    addresses: Mapping[str, str]
    working_known: bool
    straying_known: bool
    late_known: bool
    gap_known: bool

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return not any(side.paths for side in self.sides)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the map stands on whatever is asked: its plan, what may be chosen, and how many.

    `total` are all cases, None where that is not told; `gap_words` what the gap on the map of all
    cases is of.
    """

    plan: MapPlan
    choices: Choices
    total: int | None
    gap_words: str = ""
    place: str = "/map"
    language: Pairs = ()


def explorer(
    seen: Sequence[Seen], asked: Asked, setting: Setting, *, note: str = ""
) -> ExplorerView:
    """The page for one selection of cases, or for two side by side, in the language spoken.

    `seen[0]` is what `asked.chosen` asks for, `seen[1]` what `asked.beside` does.
    """
    offered = _offered(seen)
    overlay = asked.overlay if asked.overlay in offered else Overlay.FREQUENCY
    sides = tuple(
        _side(one, name, asked, setting, look)
        for one, name, look in zip(seen, _SIDES, (overlay, _of_second(overlay)), strict=False)
    )
    edges = [edge for side in sides for _, edge in side.paths]
    return ExplorerView(
        asked=asked,
        sides=sides,
        total=setting.total,
        overlays=tuple(
            OverlayChoice(
                value=one.value,
                title=overlay_title(one, setting.gap_words),
                here=one is overlay,
            )
            for one in offered
        ),
        fallen_back=overlay is not asked.overlay,
        note=note,
        fewest=FEWEST_PATHS,
        most=MOST_PATHS,
        kept=(*asked.carried(), *setting.language),
        questions=filter_questions(setting.choices, setting.plan.names, asked.chosen),
        compared=compared_questions(setting.choices, setting.plan.names, asked.beside or ()),
        addresses=_addresses(asked, setting),
        working_known=any(edge.working for edge in edges),
        straying_known=any(edge.strays for edge in edges),
        late_known=any(late for side in sides for _, _, late in side.steps),
        gap_known=any(edge.gap for edge in edges),
    )


def details_address(place: Place | Key, asked: Pairs, *, at: str = "/map") -> str:
    """Where the details of a step or a path are: `place=`, or `source=` and `target=`.

    A path from the start has no source, one to the end no target.

    >>> details_address(("a", "c"), [("through", "b")])
    '/map/details?source=a&target=c&through=b'
    """
    ends: list[tuple[str, str]] = []
    if isinstance(place, tuple):
        named = zip(("source", "target"), place, strict=True)
        ends = [(key, end) for key, end in named if isinstance(end, str)]
    else:
        ends = [("place", place_name(place))]
    return address(f"{at}/details", [*ends, *asked])


def with_gaps(graph: ProcessMap, compared: ProcessMap) -> ProcessMap:
    """The map with the gaps of a comparison on its paths (`reports.explore.beside`)."""
    gaps = {edge.key: edge.gap for edge in compared.edges}
    return replace(
        graph, edges=tuple(replace(edge, gap=gaps.get(edge.key)) for edge in graph.edges)
    )


def with_times(graph: ProcessMap, exact: ProcessMap) -> ProcessMap:
    """The map with the elapsed times of the same paths on another, where both tell them."""
    times = {edge.key: edge.seconds for edge in exact.edges}
    return replace(
        graph,
        edges=tuple(
            replace(edge, seconds=edge.seconds and (times.get(edge.key) or edge.seconds))
            for edge in graph.edges
        ),
    )


def with_late(graph: ProcessMap, late: Mapping[str, Late]) -> ProcessMap:
    """The map with how often its steps are late."""
    return replace(
        graph, activities=tuple(replace(a, late=late.get(a.name)) for a in graph.activities)
    )


def late_steps(terms: Terms | None) -> Mapping[str, Late]:
    """How often steps with a standard are late, by activity, as it may be told."""
    if terms is None:
        return {}
    return {
        one.standard: Late(over=one.over, judged=one.judged, share=one.share, few=one.few_late)
        for one in terms.steps
    }


def _offered(seen: Sequence[Seen]) -> tuple[Overlay, ...]:
    found = overlays(seen[0].graph)
    if len(seen) == 1:
        return found
    return tuple(Overlay.BESIDE if one is Overlay.GAP else one for one in found)


def _of_second(overlay: Overlay) -> Overlay:
    """The gap stands on the first map; beside it stands how long the second takes."""
    return Overlay.WAITING if overlay is Overlay.BESIDE else overlay


def _side(one: Seen, name: str, asked: Asked, setting: Setting, overlay: Overlay) -> Side:
    graph, plan = one.graph, setting.plan
    shown = levels(graph, plan)
    pairs = asked.chosen if name == _SIDES[0] else asked.beside or ()
    # From the details one goes on to a map of these cases alone.
    onwards = [*asked.of(pairs).alone().pairs(), *setting.language]
    picture = draw_explorer(
        graph,
        plan,
        overlay,
        shown=shown,
        paths=asked.paths,
        address=lambda place: details_address(place, onwards, at=setting.place),
        side=name,
    )
    first: dict[str, int] = {}
    for key, level in shown.items():
        for place in key:
            if isinstance(place, str):
                first[place] = min(level, first.get(place, level))
    missing = [edge for edge in graph.edges if edge.key not in shown]
    steps = sum(edge.frequency for edge in graph.edges)
    return Side(
        name=name,
        seen=one,
        share=one.cases / setting.total if one.cases and setting.total else None,
        picture=Markup(picture),  # noqa: S704 - our own writer, which escapes
        legend=Markup(draw_legend(graph, overlay)),  # noqa: S704 - our own writer, which escapes
        chips=chips(pairs, asked, setting.place, setting.language, plan.names, side=name),
        steps=tuple(
            (first[a.name], a, late_text(a) if a.late else "")
            for a in sorted(graph.activities, key=lambda a: (-a.events, a.name))
            if a.name in first
        ),
        paths=tuple((shown[e.key], e) for e in graph.edges if e.key in shown),
        shown=sum(level <= asked.paths for level in shown.values()),
        left_out=len(missing),
        left_share=sum(e.frequency for e in missing) / steps if steps else 0.0,
    )


def _addresses(asked: Asked, setting: Setting) -> Mapping[str, str]:
    at, language = setting.place, setting.language
    return {
        "here": asked.at(at, language),
        "svg": asked.at(f"{at}.svg", language),
        "replay": address(f"{at}/replay.json", asked.chosen),
        "anew": asked.anew().at(at, language),
        "kept": asked.in_place().at(at, language),
        "alone": asked.alone().at(at, language),
        "turned": asked.turned().at(at, language),
        "all": asked.of(()).at(at, language),
    }
