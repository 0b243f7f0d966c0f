"""Which step follows which, and which of these paths a readable map shows first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from eventlog.errors import StopError
from reports.contents.equity import Lag
from reports.contents.needed import needed
from reports.contents.terms import Limits
from reports.contents.waiting import NOBODY, Standing
from reports.language import mark, say
from reports.maps.paths import cheapest, neighbours
from reports.maps.strays import Strays


class Terminal(Enum):
    """Where a case begins or ends; an activity may be called `start` without confusion."""

    START = mark("start")
    END = mark("end")


Place = str | Terminal
"""An activity by its name, or one of the two terminals."""

_START: Place = Terminal.START
_END: Place = Terminal.END


@dataclass(frozen=True, kw_only=True)
class Seconds:
    """How long it lies between two steps, in seconds."""

    mean: float
    p50: float
    p90: float


@dataclass(frozen=True, kw_only=True)
class Late:
    """How often a step took longer than was set for it: `over` of `judged` times, with the share.

    `few` marks that some did, in too few cases to be counted; None is not told.
    """

    over: int | None
    judged: int
    share: Limits | None
    few: bool = False


@dataclass(frozen=True, kw_only=True)
class Activity:
    """One kind of step: in how many cases, how often, and how often again in the same case.

    `cases` and `rework` are None where the number may not be told; `about` marks a number that
    was shifted so that a small one beside it cannot be worked out. `standing` are the open
    applications that stand here now, `strays` how often the step is off the way, None: not asked.
    `late` is how often it took longer than its standard, None where it has none.
    `code` is what the log calls it, where the map is written with another name.
    """

    name: str
    cases: int | None
    events: int
    rework: int | None
    about: bool = False
    standing: Standing = NOBODY
    strays: Strays | None = None
    late: Late | None = None
    code: str = ""

    def __post_init__(self) -> None:
        """Refuse counts below zero and activities without a name."""
        if not self.name:
            raise StopError("an activity of the map has no name; expected a text")
        for figure in (self.cases, self.events, self.rework):
            if figure is not None and figure < 0:
                raise StopError(f"activity {self.name!r} has the count {figure}; expected >= 0")


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One step directly followed by another: how often, in how many cases, after how long.

    An edge from `Terminal.START` or to `Terminal.END` has no duration. `working` is the same in
    working time, None where that is not known. `strays` is how often it left the way that cases
    should take, None where nobody asked. `gap` is how many days longer (below zero: less long) it
    takes a group than comparable others, None where that is not told.
    """

    source: Place
    target: Place
    frequency: int
    cases: int | None
    seconds: Seconds | None = None
    working: Seconds | None = None
    about: bool = False
    strays: Strays | None = None
    gap: Lag | None = None

    def __post_init__(self) -> None:
        """Refuse an edge that nobody took, and one that leaves the end or enters the start."""
        if self.frequency < 1:
            raise StopError(f"{self} has frequency {self.frequency}; expected 1 or more")
        if self.source is Terminal.END or self.target is Terminal.START:
            raise StopError(f"{self} leaves the end or enters the start; expected the reverse")

    @property
    def key(self) -> tuple[Place, Place]:
        """Where the edge leads from and to."""
        return (self.source, self.target)

    def __str__(self) -> str:
        """Name the edge as a reader would: `Receive → Check`."""
        return f"{place_name(self.source)} → {place_name(self.target)}"


@dataclass(frozen=True, kw_only=True)
class ProcessMap:
    """All activities and all edges, those from the start and to the end among them."""

    activities: tuple[Activity, ...]
    edges: tuple[Edge, ...]

    def __post_init__(self) -> None:
        """Refuse an edge whose activity is not listed, and anything that is listed twice."""
        names = {activity.name for activity in self.activities}
        if len(names) != len(self.activities):
            raise StopError("the map lists an activity twice; expected each name once")
        if len({edge.key for edge in self.edges}) != len(self.edges):
            raise StopError("the map lists an edge twice; expected each pair once")
        for edge in self.edges:
            for place in edge.key:
                if isinstance(place, str) and place not in names:
                    raise StopError(f"{edge}: {place!r} is not among the activities of the map")

    @property
    def events(self) -> int:
        """Executions of all activities."""
        return sum(activity.events for activity in self.activities)


def with_standing(graph: ProcessMap, standing: Mapping[str, Standing]) -> ProcessMap:
    """The map with these open applications at its activities, and no others."""
    return replace(
        graph,
        activities=tuple(
            replace(a, standing=standing.get(a.name, NOBODY)) for a in graph.activities
        ),
    )


def place_name(place: Place) -> str:
    """The name of an activity, or `start` / `end` in the language spoken."""
    return place if isinstance(place, str) else say(place.value)


def read_map(content: Mapping[str, Any]) -> ProcessMap:
    """Read what `map.json` holds (interface.md, Results) into a `ProcessMap`.

    Activities come sorted by name, edges by frequency, strongest first. Raises `StopError` when
    a part is missing or does not fit.

    >>> read_map({"activities": [{"activity": "a", "cases": 1, "events": 1, "rework": 0}],
    ...           "edges": [], "starts": {"a": 1}, "ends": {"a": 1}}).edges[0].frequency
    1
    """
    with needed("map.json", by="a map"):
        activities = [
            Activity(name=a["activity"], cases=a["cases"], events=a["events"], rework=a["rework"])
            for a in content["activities"]
        ]
        edges = [
            Edge(
                source=e["source"],
                target=e["target"],
                frequency=e["frequency"],
                cases=e["cases"],
                seconds=_read_seconds(e.get("seconds")),
                working=_read_seconds(e.get("working_seconds")),
            )
            for e in content["edges"]
        ]
        # A case starts once, so here cases and frequency are the same number.
        edges += [
            Edge(source=Terminal.START, target=name, frequency=n, cases=n)
            for name, n in content["starts"].items()
        ]
        edges += [
            Edge(source=name, target=Terminal.END, frequency=n, cases=n)
            for name, n in content["ends"].items()
        ]
    return ProcessMap(
        activities=tuple(sorted(activities, key=lambda a: a.name)), edges=strongest_first(edges)
    )


def _read_seconds(content: Mapping[str, float] | None) -> Seconds | None:
    if content is None or content["p50"] is None:
        return None
    return Seconds(
        mean=float(content["mean"]), p50=float(content["p50"]), p90=float(content["p90"])
    )


def strongest_first(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """The edges in the order of a map: by frequency, equals by their names."""
    return tuple(sorted(edges, key=lambda e: (-e.frequency, *_edge_order(e.key))))


def _edge_order(key: tuple[Place, Place]) -> tuple[tuple[bool, str], ...]:
    return tuple(
        (isinstance(place, str), place if isinstance(place, str) else place.value) for place in key
    )


def choose(graph: ProcessMap, *, paths: int = 25) -> ProcessMap:
    """Keep about `paths` edges: the strongest complete paths from start to end.

    Every edge is judged by the best complete path through it, where an edge costs the inverse
    square of its frequency (so one rare hop is dearer than many common ones), and edges come in
    the order of that cost. All edges of an edge's best path cost at most as much as the edge, so
    whatever is shown can be reached from the start and reaches the end, and a smaller choice is
    part of every larger one. At least one complete path is shown, however long.
    """
    return keep_edges(graph, {key for key, level in grown(graph).items() if level <= paths})


def grown(graph: ProcessMap) -> Mapping[tuple[Place, Place], int]:
    """From which number of `paths` on `choose` keeps each edge; 0: always.

    Edges that lie on no complete path are left out.
    """
    kept: dict[tuple[Place, Place], int] = {}
    for unit in _units(graph):
        fresh = [key for key in unit if key not in kept]
        level = len(kept) + len(fresh) if kept else 0
        kept |= dict.fromkeys(sorted(fresh, key=_edge_order), level)
    return kept


def spine(graph: ProcessMap) -> frozenset[tuple[Place, Place]]:
    """The edges of the strongest complete path, which a map draws as its straight spine."""
    units = _units(graph)
    return frozenset(units[0]) if units else frozenset()


def keep_edges(graph: ProcessMap, kept: set[tuple[Place, Place]]) -> ProcessMap:
    """Keep only these edges, and only the activities that they touch."""
    touched = {place for key in kept for place in key}
    return replace(
        graph,
        activities=tuple(a for a in graph.activities if a.name in touched),
        edges=tuple(e for e in graph.edges if e.key in kept),
    )


def _units(graph: ProcessMap) -> list[set[tuple[Place, Place]]]:
    """For every edge, cheapest first, the best complete path through it."""
    top = max((edge.frequency for edge in graph.edges), default=1)
    # Integers, because sums of floats depend on their order and ties must be ties.
    cost = {e.key: 1_000_000 * top * top // (e.frequency * e.frequency) for e in graph.edges}
    forth: list[tuple[Place, Place, int]] = [(s, t, c) for (s, t), c in cost.items()]
    ahead = cheapest(_START, neighbours(forth))
    back = cheapest(_END, neighbours([(t, s, c) for s, t, c in forth]))
    units = []
    for key, own in cost.items():
        source, target = key
        if source not in ahead or target not in back:
            continue  # only possible once small edges have been taken out
        unit = {key}
        place = source
        while (before := ahead[place].before) is not None:
            unit.add((before, place))
            place = before
        place = target
        while (after := back[place].before) is not None:
            unit.add((place, after))
            place = after
        units.append((ahead[source].cost + own + back[target].cost, _edge_order(key), unit))
    return [unit for _, _, unit in sorted(units, key=lambda u: u[:2])]
