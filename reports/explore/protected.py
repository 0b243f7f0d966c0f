"""What may be told of chosen applications: no group so small that somebody could be made out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import floor, log10
from weakref import WeakKeyDictionary

import numpy as np

from eventlog.kernels import Bools
from reports.contents.waiting import Standing
from reports.explore.arrays import Traces, once
from reports.explore.graph import filtered
from reports.language import say
from reports.maps.graph import Edge, ProcessMap, Seconds, with_standing
from reports.withheld.protect import protect
from reports.withheld.totals import drowned, nearest, tellable

_NOTHING = ProcessMap(activities=(), edges=())
_DIGITS = 2
_WHOLE: WeakKeyDictionary[Traces, ProcessMap] = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True)
class ToldMap:
    """A map that may be shown, of `cases` out of `of`; None where their number may not be told.

    `reason` says why nothing is told, empty where something is. `about` marks that all counts
    are rounded. `hidden_activities` and `hidden_edges` are how many are not on the map.
    """

    graph: ProcessMap
    cases: int | None
    of: int
    reason: str = ""
    about: bool = False
    events_about: bool = False
    hidden_activities: int = 0
    hidden_edges: int = 0


def told_map(traces: Traces, cases: Bools) -> ToldMap:
    """The map of the chosen cases [cases of all] for analysts: exact where it is told at all.

    Nothing is told of fewer than the smallest cell, nor of all but so few.
    """
    least, whole = traces.smallest_cell, traces.cases
    count = int(cases.sum())
    reason = untold(count, whole, least)
    if reason:
        return ToldMap(graph=_NOTHING, cases=None, of=whole, reason=reason)
    graph = filtered(traces, cases)
    safe = protect(graph, smallest_cell=least)
    shown = _without_few_repeats(safe.graph, graph, traces, cases)
    return ToldMap(
        graph=with_standing(shown, _standing(traces, cases, least)),
        cases=count,
        of=whole,
        events_about=safe.events_about,
        hidden_activities=safe.hidden_activities,
        hidden_edges=safe.hidden_edges,
    )


def rounded_map(traces: Traces, cases: Bools) -> ToldMap:
    """The same for viewers: counts to twice the smallest cell, times to two digits.

    Nothing is told of fewer than twice the smallest cell, nor of all but so few: of so small a
    group the rounded map would say within a few how many did what.

    A count of some value subtracted from that of all would leave the count of the other values;
    rounded (`drowned`), it leaves a span that is wider than any group that must not be seen. Means
    are left to the median, for the exact means of two groups and of both together tell how large
    each is.
    """
    step = 2 * traces.smallest_cell
    reason = untold(int(cases.sum()), traces.cases, step)
    if reason:
        return ToldMap(graph=_NOTHING, cases=None, of=traces.cases, reason=reason)
    told = told_map(traces, cases)
    return replace(
        told,
        graph=with_standing(
            _rounded(told.graph, _whole(traces), traces.smallest_cell),
            _standing(traces, cases, step),
        ),
        cases=None if told.cases is None else nearest(told.cases, step),
        of=nearest(told.of, step),
        about=True,
        events_about=True,
    )


def untold(count: int, whole: int, least: int) -> str:
    """Why nothing may be told of so many of the whole; empty where it may.

    >>> untold(40, 100, 5)
    ''
    """
    if count < least:
        return say(
            "Fewer than %(least)s applications are like this, or none. So small a group is not "
            "shown.",
            least=least,
        )
    if not tellable(count, whole, least):
        return say(
            "All but fewer than %(least)s applications are like this. What is shown of them would "
            "tell of the few others.",
            least=least,
        )
    return ""


def _without_few_repeats(
    told: ProcessMap, graph: ProcessMap, traces: Traces, cases: Bools
) -> ProcessMap:
    """Where few cases did an activity again, or all but few, only its executions are told.

    As `suppress.without_small_rework`: few cases may repeat an activity many times.
    """
    visits, least = traces.visits, traces.smallest_cell
    total = int(cases.sum())
    again = visits.cases[visits.repeated]
    bounds = np.searchsorted(np.flatnonzero(visits.repeated), visits.bounds)
    chosen = np.concatenate([[0], np.cumsum(cases[again])])
    by_activity = np.diff(chosen[bounds])
    exact = {activity.name: activity.cases or 0 for activity in graph.activities}

    def few(name: str) -> bool:
        many = int(by_activity[traces.place[name]])
        return many > 0 and not (
            many >= least
            and tellable(many, total, least)
            and tellable(many, exact[name] or many, least)
        )

    return replace(
        told,
        activities=tuple(
            replace(activity, cases=None, rework=None) if few(activity.name) else activity
            for activity in told.activities
        ),
    )


def _standing(traces: Traces, cases: Bools, step: int) -> Mapping[str, Standing]:
    """How many of the chosen stand at each activity and after it, in multiples of `step`.

    Fewer than the smallest cell are not told, as in `withhold_waiting`.
    """
    still, labels = traces.still, len(traces.activities)
    rows = np.flatnonzero(cases[still.case])
    side = still.after[rows] * labels + still.activity[rows].astype(np.int64)
    pairs = once(side * max(traces.cases, 1) + still.case[rows])
    counts = np.bincount(pairs // max(traces.cases, 1), minlength=2 * labels).tolist()
    told = [nearest(n, step) if n >= traces.smallest_cell else 0 for n in counts]
    return {
        name: Standing(at=told[place], after=told[labels + place], about=step > 1)
        for place, name in enumerate(traces.activities)
        if told[place] or told[labels + place]
    }


def _whole(traces: Traces) -> ProcessMap:
    """The exact map of all cases, counted once."""
    if traces not in _WHOLE:
        _WHOLE[traces] = filtered(traces, traces.everything)
    return _WHOLE[traces]


def _rounded(graph: ProcessMap, whole: ProcessMap, least: int) -> ProcessMap:
    step = 2 * least
    events = {activity.name: activity.events for activity in whole.activities}
    taken = {edge.key: edge.frequency for edge in whole.edges}
    activities = [
        replace(
            activity,
            events=drowned(activity.events, events[activity.name], step),
            cases=None,
            rework=None,
            about=True,
        )
        for activity in graph.activities
    ]
    return ProcessMap(
        activities=tuple(activities),
        edges=tuple(_rounded_edge(edge, taken[edge.key], least) for edge in graph.edges),
    )


def _rounded_edge(edge: Edge, whole: int, least: int) -> Edge:
    many = (edge.cases or edge.frequency) >= 2 * least and not edge.about
    spans = edge.seconds if many else None
    return replace(
        edge,
        frequency=drowned(edge.frequency, whole, 2 * least),
        cases=None,
        about=True,
        seconds=spans and _vague(spans),
        working=None,
    )


def _vague(seconds: Seconds) -> Seconds:
    half, most = digits(seconds.p50), digits(seconds.p90)
    return Seconds(mean=half, p50=half, p90=most)


def digits(value: float) -> float:
    """The value to two digits: the exact length would be that of one application.

    >>> digits(163_984.0), digits(0.0), digits(0.127)
    (160000.0, 0.0, 0.13)
    """
    if value == 0:
        return 0.0
    return float(round(value, _DIGITS - 1 - floor(log10(abs(value)))))
