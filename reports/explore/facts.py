"""What is known of one step or one path of the map: how often, how long, by whom, on which ways."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from reports.explore.arrays import NOT_KNOWN, Traces, once
from reports.explore.medians import Lengths, Median, lengths, median
from reports.explore.protected import ToldMap, digits
from reports.maps.graph import Edge, Place, Terminal
from reports.withheld.totals import drowned, nearest, withheld

_WAYS = 5
FEWEST_OFFICERS = 3
"""Officers without which a number of them would tell of persons (decision 11)."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit that did the step, in how many cases."""

    name: str
    cases: int


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way through the process, by its rank among all, and how many chosen cases took it.

    `of` is how many of all cases did.
    """

    rank: int
    cases: int
    activities: tuple[str, ...]
    of: int


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What comes directly before or after, and how often."""

    place: Place
    times: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What may be told of a step, or of a path from `source` to `target`, in the chosen cases.

    `times` is how often, `cases` in how many cases (None: not told); `about` marks that numbers
    are rounded. `waiting` and `service` are of a step and `between` of a path, elapsed;
    `waiting_worked` and `service_worked` in working time; None where nobody knows or too few tell.
    `open_now` are applications that stand there, `officers` how many persons do it, both None
    where they are too few to be told. `findings` are the ids of those that speak of it: whoever
    shows them must leave out what the reader may not see.
    """

    source: Place
    target: Place | None
    times: int
    cases: int | None
    about: bool
    waiting: Median | None = None
    service: Median | None = None
    waiting_worked: Median | None = None
    service_worked: Median | None = None
    between: Median | None = None
    open_now: int | None = None
    units: tuple[Unit, ...] = ()
    officers: int | None = None
    ways: tuple[Way, ...] = ()
    before: tuple[Beside, ...] = ()
    after: tuple[Beside, ...] = ()
    findings: tuple[str, ...] = ()


def of_place(traces: Traces, cases: Bools, name: str, told: ToldMap) -> Facts | None:
    """What may be told of an activity in the chosen cases; None where it is not on the `told` map.

    `told` must be the map of the same cases. Counts are taken from it, so that both agree.
    """
    shown = next((each for each in told.graph.activities if each.name == name), None)
    if shown is None:
        return None
    place, work, least = traces.place[name], traces.work, traces.smallest_cell
    rows = np.flatnonzero(work.activity == place)
    rows = rows[cases[work.case[rows]]]
    still = traces.still
    at = (still.activity == place) & ~still.after & cases[still.case]
    stand = len(once(still.case[at].astype(np.int64)))
    facts = Facts(
        source=name,
        target=None,
        times=shown.events,
        cases=shown.cases,
        about=shown.about,
        waiting=_length(traces, work.waiting_ms, rows),
        service=_length(traces, work.service_ms, rows),
        waiting_worked=_length(traces, work.waiting_worked_ms, rows),
        service_worked=_length(traces, work.service_worked_ms, rows),
        open_now=nearest(stand, least) if stand >= least else None,
        units=_units(traces, rows),
        officers=_officers(work.resource[rows]),
        ways=_ways(traces, _chosen(traces.visits.of(place), cases)),
        before=_beside([e for e in told.graph.edges if e.target == name], "source"),
        after=_beside([e for e in told.graph.edges if e.source == name], "target"),
        findings=tuple(id_ for id_, subject in traces.findings if name in _touched(subject)),
    )
    return _as_told(facts, told, least)


def of_edge(
    traces: Traces, cases: Bools, source: Place, target: Place, told: ToldMap
) -> Facts | None:
    """What may be told of one step directly followed by another; None where it is not on the map.

    A path from the start or to the end takes no time: only how often, and on which ways.
    """
    shown = next((each for each in told.graph.edges if each.key == (source, target)), None)
    if shown is None:
        return None
    least = traces.smallest_cell
    between = None
    if isinstance(source, Terminal) or isinstance(target, Terminal):
        took = np.flatnonzero(cases & _at_end(traces, source, target)).astype(np.int32)
    else:
        moves = traces.moves
        edge = traces.edge_place[traces.place[source], traces.place[target]]
        rows = slice(moves.bounds[edge], moves.bounds[edge + 1])
        took = _chosen(moves.of(edge), cases)
        if len(took) >= least:
            mine = cases[moves.case[rows]]
            day = traces.entered_day[moves.case[rows][mine]]
            spans = moves.spans[rows][mine]
            between = median(Lengths(ordered=spans, day=day, cases=len(took)))
    ends = {place for place in (source, target) if isinstance(place, str)}
    facts = Facts(
        source=source,
        target=target,
        times=shown.frequency,
        cases=shown.cases,
        about=shown.about,
        between=between,
        ways=_ways(traces, took),
        findings=tuple(
            id_
            for id_, subject in traces.findings
            if len(ends) == 2 and ends <= _touched(subject)  # noqa: PLR2004 (both ends of a path)
        ),
    )
    return _as_told(facts, told, least)


def _at_end(traces: Traces, source: Place, target: Place) -> Bools:
    """Which cases begin with the target, or end with the source; [cases]."""
    codes, end = (traces.first, target) if isinstance(source, Terminal) else (traces.last, source)
    return np.asarray(codes == traces.place.get(str(end), NOT_KNOWN))


def _chosen(visitors: Int32s, cases: Bools) -> Int32s:
    return np.asarray(visitors[cases[visitors]], np.int32)


def _length(traces: Traces, values: Int64s, rows: Int64s) -> Median | None:
    """The median of what is known at these rows of work, which stand in the order of cases.

    None where too few cases tell it.
    """
    rows = rows[values[rows] != UNKNOWN]
    case = traces.work.case[rows]
    tellers = _distinct(case)
    if tellers < max(traces.smallest_cell, 1):
        return None
    return median(lengths(values[rows], traces.entered_day[case], cases=tellers))


def _distinct(ascending: Int32s) -> int:
    """How many different numbers there are among these."""
    return int((np.diff(ascending) != 0).sum()) + 1 if len(ascending) else 0


def _units(traces: Traces, rows: Int64s) -> tuple[Unit, ...]:
    """The units that did it for enough cases each, most first."""
    work = traces.work
    known = rows[work.unit[rows] >= 0]
    pairs = once(work.unit[known].astype(np.int64) * traces.cases + work.case[known])
    counts = np.bincount(pairs // max(traces.cases, 1), minlength=len(work.units)).tolist()
    gone = withheld(counts, traces.smallest_cell)
    order = sorted(
        (place for place, count in enumerate(counts) if count and place not in gone),
        key=lambda place: (-counts[place], work.units[place]),
    )
    return tuple(Unit(name=work.units[place], cases=counts[place]) for place in order)


def _officers(codes: Int32s) -> int | None:
    many = int((np.bincount(codes[codes >= 0]) > 0).sum())
    return many if many >= FEWEST_OFFICERS else None


def _ways(traces: Traces, took: Int32s) -> tuple[Way, ...]:
    """The ways that most of these cases took; none of a few, and none that leaves only a few."""
    least = traces.smallest_cell
    ranks = traces.variant[took]
    counts = np.bincount(ranks[ranks > 0])
    order = np.lexsort((np.arange(len(counts)), -counts))[:_WAYS]
    kept = [int(rank) for rank in order if counts[rank] >= max(least, 1)]
    while kept and 0 < len(took) - int(counts[kept].sum()) < least:
        kept.pop()
    return tuple(
        Way(
            rank=rank,
            cases=int(counts[rank]),
            activities=traces.route(int(took[np.argmax(ranks == rank)])),
            of=int((traces.variant == rank).sum()),
        )
        for rank in kept
    )


def _beside(edges: Sequence[Edge], side: str) -> tuple[Beside, ...]:
    return tuple(Beside(place=getattr(edge, side), times=edge.frequency) for edge in edges)


def _touched(subject: Mapping[str, Any]) -> set[str]:
    """The activities that a finding speaks of; a standard of a step bears the step's name."""
    named = [subject.get(key) for key in ("activity", "source", "target", "standard")]
    return {name for name in (*named, *(subject.get("activities") or ())) if name}


def _as_told(facts: Facts, told: ToldMap, least: int) -> Facts:
    """Rounded as the map is; also where the map does not tell an exact number of cases here."""
    if told.about:
        return _for_viewers(facts, 2 * least)
    if facts.cases is not None and not facts.about:
        return facts
    return _counted(facts, least)


def _for_viewers(facts: Facts, step: int) -> Facts:
    """Times to two digits: the exact ones are those of single applications."""
    facts = _lengths(facts, lambda told: vague(told, step))
    stand = facts.open_now
    return _counted(replace(facts, open_now=None if stand is None else nearest(stand, step)), step)


def _counted(facts: Facts, step: int) -> Facts:
    """All counts to multiples of `step`."""
    return replace(
        _lengths(facts, lambda told: replace(told, n=nearest(told.n, step))),
        units=tuple(replace(unit, cases=nearest(unit.cases, step)) for unit in facts.units),
        ways=tuple(replace(way, cases=drowned(way.cases, way.of, step)) for way in facts.ways),
    )


def _lengths(facts: Facts, change: Callable[[Median], Median | None]) -> Facts:
    """The facts with every length of time that is known changed."""
    return replace(
        facts,
        waiting=facts.waiting and change(facts.waiting),
        service=facts.service and change(facts.service),
        waiting_worked=facts.waiting_worked and change(facts.waiting_worked),
        service_worked=facts.service_worked and change(facts.service_worked),
        between=facts.between and change(facts.between),
    )


def vague(told: Median, step: int) -> Median | None:
    """Times to two digits, and how many to multiples of `step`; None of fewer."""
    if told.n < step:
        return None
    return Median(
        n=nearest(told.n, step),
        value=digits(told.value),
        low=None if told.low is None else digits(told.low),
        high=None if told.high is None else digits(told.high),
        p90=digits(told.p90),
    )
