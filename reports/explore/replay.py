"""How applications moved through the process, to be watched: some of them, and the queues."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int64s
from reports.explore.arrays import Traces
from reports.explore.offered import told_steps
from reports.explore.protected import untold
from reports.withheld.totals import nearest

MOST = 400
"""As many applications as can be watched at once."""
BINS = 200
"""Moments at which queues are counted."""
_SECOND = 1_000_000
_MOSTLY = 0.9
_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Some of the chosen cases as they moved until `until`, in seconds since `origin` (since 1970).

    `origin` is the beginning of a day (UTC): the moment of the first entry is that of one case.
    `activities` are the places' names, empty for one that too few cases ever came to. Each of
    `moves` is one case: place, arrival and departure, one after the other, for every step; a case
    that stands there still never departs (None). They bear no ids. `of` is how many cases were
    chosen. `times` are the moments at which queues are counted, `queues` the lengths by activity:
    how many pieces of work were waiting or in hand there, of all chosen cases, not only of those
    that are shown. A length that may not be told is None, and places without a name have none.
    `reason` says why nothing is told, empty where something is.
    """

    origin: int
    until: int
    of: int
    activities: tuple[str, ...]
    moves: tuple[tuple[int | None, ...], ...] = ()
    times: tuple[int, ...] = ()
    queues: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    reason: str = ""

    def plain(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "origin": self.origin,
            "until": self.until,
            "of": self.of,
            "activities": list(self.activities),
            "moves": [list(each) for each in self.moves],
            "times": list(self.times),
            "queues": {name: list(lengths) for name, lengths in self.queues.items()},
            "reason": self.reason,
        }


def sample(traces: Traces, cases: Bools, *, most: int = MOST, seed: int = 0) -> Replay:
    """Up to `most` of the chosen cases [cases of all], the same for the same seed; for analysts.

    Nothing where so few are chosen, or left out, that they may not be told (`protected`).
    """
    least = traces.smallest_cell
    found = _queued(traces, cases, least)
    if found.reason:
        return found
    rows = np.flatnonzero(cases & (np.diff(traces.offsets) > 0))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    return replace(
        found,
        moves=tuple(_move(traces, case, found.origin) for case in rows.tolist()),
        queues={
            name: tuple(None if n is None or 0 < n < least else n for n in lengths)
            for name, lengths in found.queues.items()
        },
    )


def rounded_sample(traces: Traces, cases: Bools) -> Replay:
    """For viewers: only the queues, in multiples of twice the smallest cell, and no case at all.

    Nobody and a few are told alike: else it could be seen when somebody came and went.
    """
    least = traces.smallest_cell
    found = _queued(traces, cases, 2 * least)
    return replace(
        found,
        of=nearest(found.of, 2 * least),
        queues={
            name: tuple(None if n is None or n < least else nearest(n, 2 * least) for n in lengths)
            for name, lengths in found.queues.items()
        },
    )


def _queued(traces: Traces, cases: Bools, least: int) -> Replay:
    """The exact queues of the chosen cases, and no case yet; nothing of fewer than `least`."""
    count = int(cases.sum())
    reason = untold(count, traces.cases, least)
    told = frozenset(told_steps(traces))
    names = tuple(name if name in told else "" for name in traces.activities)
    if reason:
        return Replay(origin=0, until=0, of=0, activities=names, reason=reason)
    origin = int(traces.entered[cases].min()) // _SECOND // _DAY * _DAY
    until = max(int(traces.now) // _SECOND, origin + 1)
    bins = min(BINS, until - origin)
    times = origin + np.arange(1, bins + 1) * (until - origin) // bins
    return Replay(
        origin=origin,
        until=until - origin,
        of=count,
        activities=names,
        times=tuple((times - origin).tolist()),
        queues={
            name: lengths
            for name, lengths in _lengths(traces, cases, times).items()
            if name in told
        },
    )


def _lengths(traces: Traces, cases: Bools, times: Int64s) -> dict[str, tuple[int | None, ...]]:
    """How many pieces of work had come up and were not done, at each of the ascending times.

    Work that was never done is under way as long as its case is open; else nobody knows until
    when, and it is left out. What open cases wait for without any event counts, too. Where some
    stand and nobody knows what comes next, the last lengths of all that may come are not known:
    else queues would seem to melt away before now.
    """
    work = traces.work
    done = work.completed != UNKNOWN
    rows = np.flatnonzero(cases[work.case] & (done | (traces.still_open[work.case] == 1)))
    activity = work.activity[rows]
    came = _arrival(work.enabled[rows], work.started[rows], work.completed[rows]) // _SECOND
    left = np.where(done[rows], work.completed[rows] // _SECOND, times[-1] + 1)
    took = left - came
    still = traces.still
    waits = still.unseen & cases[still.case] & (still.since != UNKNOWN)
    activity = np.concatenate([activity, still.activity[waits]])
    came = np.concatenate([came, still.since[waits] // _SECOND])
    left = np.concatenate([left, np.full(int(waits.sum()), times[-1] + 1)])
    labels, bins = len(traces.activities), len(times)
    change = np.zeros((labels, bins + 1), np.int64)
    for moments, sign in ((came, 1), (left, -1)):
        cell = activity * np.int64(bins + 1) + np.searchsorted(times, moments)
        change += sign * np.bincount(cell, minlength=change.size).reshape(change.shape)
    lengths = np.cumsum(change[:, :-1], axis=1).tolist()
    lost = _may_come(traces, cases)
    told = dict[str, tuple[int | None, ...]]()
    for place, name in enumerate(traces.activities):
        known = times
        if lost[place]:
            own = took[(work.activity[rows] == place) & done[rows]]
            longest = int(np.quantile(own, _MOSTLY)) if len(own) else 0
            known = times[times <= times[-1] - longest]
        blank = (None,) * (bins - len(known))
        told[name] = (*lengths[place][: len(known)], *blank)
    return told


def _may_come(traces: Traces, cases: Bools) -> Bools:
    """Which activities may be what some open case waits for, and nobody knows; [activities]."""
    still, moves = traces.still, traces.moves
    after = np.zeros(len(traces.activities), bool)
    after[still.activity[still.after & cases[still.case]]] = True
    found = np.zeros(len(traces.activities), bool)
    found[moves.target[after[moves.source]]] = True
    return found


def _arrival(enabled: Int64s, started: Int64s, completed: Int64s) -> Int64s:
    """When work came up: when it was enabled, else the first that anybody told of it."""
    told = np.where(started != UNKNOWN, started, completed)
    return np.where(enabled != UNKNOWN, enabled, told)


def _move(traces: Traces, case: int, origin: int) -> tuple[int | None, ...]:
    """Place, arrival and departure of each step of a case.

    It arrives when work on it begins (where nobody told, when it is done): before, it is on its
    way. Where it stands now it does not depart.
    """
    work = traces.work
    items = np.arange(work.bounds[case], work.bounds[case + 1])
    done = items[work.completed[items] != UNKNOWN]
    steps = np.arange(traces.offsets[case], traces.offsets[case + 1])
    # The same work in the order of the steps; what bears the same moment is told by its name.
    order = np.lexsort((traces.activity[steps], traces.completed[steps]))
    done = done[np.lexsort((work.activity[done], work.completed[done]))]
    started = np.empty(len(steps), np.int64)
    started[order] = np.where(
        work.started[done] != UNKNOWN, work.started[done], work.completed[done]
    )
    out: list[int | None] = []
    before = UNKNOWN
    for place, begun, ended in zip(
        traces.activity[steps].tolist(),
        started.tolist(),
        traces.completed[steps].tolist(),
        strict=True,
    ):
        out += [
            place,
            max(begun, before) // _SECOND - origin,
            ended // _SECOND - origin,
        ]
        before = ended
    if traces.still_open[case] == 1:
        standing = items[work.completed[items] == UNKNOWN]
        if not len(standing):
            out[-1] = None
        for item in standing.tolist():
            since = max(int(work.enabled[item]), int(work.started[item]), before)
            out += [int(work.activity[item]), since // _SECOND - origin, None]
    return tuple(out)
