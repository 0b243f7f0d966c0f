"""Two sets of applications on one map: where one takes longer, and where it goes more often."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from eventlog.kernels import Bools
from reports.contents.equity import Lag
from reports.contents.terms import Limits
from reports.explore.arrays import Traces
from reports.explore.medians import Lengths, difference
from reports.explore.protected import ToldMap, digits, rounded_map, told_map
from reports.language import mark, say
from reports.maps.graph import Place

_DAY = 86_400.0
_FOLLOWED = 0.9
Key = tuple[Place, Place]
AS_THEY_CAME = mark(
    "Both are told as they came: nothing is adjusted for, so another mix of applications may be "
    "the reason for a difference. A difference is marked where its limits leave out zero; they "
    "hold for all paths of the map at once, in 95 of 100 maps, and allow for busy weeks. For the "
    "differences, only applications count that came so long ago that nine of ten are over: of "
    "those that came later, one would know the quick ones alone."
)
"""What has to stand beside every comparison."""


@dataclass(frozen=True, kw_only=True)
class Both:
    """How many cases of each set did something, and what share of their set that is.

    A share and its count are None where they may not be told. `difference` is how many days longer
    half of the first set takes at least than half of the second, None where that is not known.
    """

    place: Place
    to: Place | None
    cases: int | None
    others: int | None
    share: float | None
    others_share: float | None
    difference: Limits | None = None

    @property
    def sure(self) -> bool:
        """Whether the limits leave out zero."""
        told = self.difference
        return (
            told is not None
            and told.low is not None
            and told.high is not None
            and told.low * told.high > 0
        )


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Two sets of applications: the map of each, the first with the differences as gaps.

    `shared` marks that some applications are in both. `reason` says why nothing is compared, empty
    where something is. `edges` and `activities` have what both did, as far as it may be told.
    """

    first: ToldMap
    second: ToldMap
    shared: bool
    reason: str
    edges: tuple[Both, ...] = ()
    activities: tuple[Both, ...] = ()

    @property
    def note(self) -> str:
        """What has to be said beside it."""
        if not self.shared:
            return say(AS_THEY_CAME)
        shared = say(
            "Applications that are in both sets are counted on both maps; for the differences "
            "they count in the smaller set only."
        )
        return f"{say(AS_THEY_CAME)} {shared}"


def beside(traces: Traces, cases: Bools, others: Bools) -> SideBySide:
    """The chosen `cases` beside the `others`, both [cases of all], for analysts.

    Where the sets overlap, times of the larger one are compared without what it shares with the
    smaller, for nobody is compared with himself. Only what enough of both did is compared.
    """
    least = traces.smallest_cell
    maps = told_map(traces, cases), told_map(traces, others)
    return _beside(traces, cases, others, maps, least)


def rounded_beside(traces: Traces, cases: Bools, others: Bools) -> SideBySide:
    """The same for viewers: rounded maps, differences to two digits, and of larger groups only."""
    least = 2 * traces.smallest_cell
    maps = rounded_map(traces, cases), rounded_map(traces, others)
    told = _beside(traces, cases, others, maps, least)
    edges = tuple(
        replace(edge, gap=edge.gap and replace(edge.gap, days=_vague(edge.gap.days)))
        for edge in told.first.graph.edges
    )
    return replace(
        told,
        first=replace(told.first, graph=replace(told.first.graph, edges=edges)),
        edges=tuple(
            replace(both, difference=both.difference and _vague(both.difference))
            for both in told.edges
        ),
    )


def _vague(days: Limits) -> Limits:
    return Limits(
        value=digits(days.value),
        low=None if days.low is None else digits(days.low),
        high=None if days.high is None else digits(days.high),
    )


def _beside(
    traces: Traces, cases: Bools, others: Bools, maps: tuple[ToldMap, ToldMap], least: int
) -> SideBySide:
    first, second = maps
    common = cases & others
    if common.any() and cases.sum() > others.sum():
        cases = cases & ~common
    else:
        others = others & ~common
    reason = first.reason or second.reason
    if not reason and min(int(cases.sum()), int(others.sum())) < least:
        reason = say("Nearly all applications are in both sets, so there is nothing to compare.")
    ripe = _ripe(traces)
    cases, others = cases & ripe, others & ripe
    gaps = {} if reason else _gaps(traces, cases, others, maps, least)
    edges = tuple(replace(edge, gap=gaps.get(edge.key)) for edge in first.graph.edges)
    return SideBySide(
        first=replace(first, graph=replace(first.graph, edges=edges)),
        second=second,
        shared=bool(common.any()),
        reason=reason,
        edges=() if reason else _edges(first, second, gaps),
        activities=() if reason else _activities(first, second),
    )


def _ripe(traces: Traces) -> Bools:
    """Which cases came so long before now that nine of ten are over by then; [cases].

    What an application that came yesterday has done by now, it has done quickly.
    """
    over = traces.still_open != 1
    took = traces.throughput_ms[over]
    longest = int(np.quantile(took, _FOLLOWED)) if len(took) else 0
    return np.asarray(traces.entered <= traces.now - longest * 1000)


def _gaps(
    traces: Traces, cases: Bools, others: Bools, maps: tuple[ToldMap, ToldMap], least: int
) -> dict[Key, Lag]:
    """How many days longer the first set takes, for each edge that both may be told to take."""
    first, second = maps
    there = {edge.key for edge in second.graph.edges if edge.seconds}
    keys = [edge.key for edge in first.graph.edges if edge.seconds and edge.key in there]
    known = [key for key in keys if isinstance(key[0], str) and isinstance(key[1], str)]
    sets = (cases, others)
    told = {key: tuple(_lengths(traces, key, chosen) for chosen in sets) for key in known}
    told = {key: both for key, both in told.items() if min(side.cases for side in both) >= least}
    found: dict[Key, Limits] = {}
    for key, (one, other) in told.items():
        gap = difference(one, other, among=len(told))
        if gap is not None:
            value, low, high = (seconds / _DAY for seconds in gap)
            found[key] = Limits(value=value, low=low, high=high)
    # What part of all that differs lies here: the days, times how often the first set comes by.
    weights = {key: abs(gap.value) * len(told[key][0]) for key, gap in found.items()}
    total = sum(weights.values())
    return {
        key: Lag(days=gap, part=weights[key] / total if total else 0.0)
        for key, gap in found.items()
    }


def _lengths(traces: Traces, key: Key, cases: Bools) -> Lengths:
    """How long an edge took in these cases."""
    moves = traces.moves
    edge = traces.edge_place[traces.place[str(key[0])], traces.place[str(key[1])]]
    rows = slice(moves.bounds[edge], moves.bounds[edge + 1])
    mine = cases[moves.case[rows]]
    return Lengths(
        ordered=moves.spans[rows][mine],
        day=traces.entered_day[moves.case[rows][mine]],
        cases=int(cases[moves.of(edge)].sum()),
    )


def _edges(first: ToldMap, second: ToldMap, gaps: Mapping[Key, Lag]) -> tuple[Both, ...]:
    one = {edge.key: edge.cases for edge in first.graph.edges}
    other = {edge.key: edge.cases for edge in second.graph.edges}
    return tuple(
        Both(
            place=key[0],
            to=key[1],
            cases=one.get(key),
            others=other.get(key),
            share=_share(one.get(key), first),
            others_share=_share(other.get(key), second),
            difference=gaps[key].days if key in gaps else None,
        )
        for key in {**one, **other}
    )


def _activities(first: ToldMap, second: ToldMap) -> tuple[Both, ...]:
    one = {activity.name: activity.cases for activity in first.graph.activities}
    other = {activity.name: activity.cases for activity in second.graph.activities}
    return tuple(
        Both(
            place=name,
            to=None,
            cases=one.get(name),
            others=other.get(name),
            share=_share(one.get(name), first),
            others_share=_share(other.get(name), second),
        )
        for name in {**one, **other}
    )


def _share(part: int | None, told: ToldMap) -> float | None:
    return None if part is None or not told.cases else part / told.cases
