"""Which events belong to one piece of work: from events to executions.

Each event has a `group`: its activity, or its activity and instance where the source tells them
apart. Only events of one case and group are paired. `offsets` is as in `eventlog.kernels`; a
`row` is the place of an event in the log; moments are microseconds.
"""

from typing import NamedTuple

import numba
import numpy as np

from eventlog import pairing_loops
from eventlog.event import COMPLETE, START
from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from eventlog.pairing_loops import SCHEDULE


class Pairs(NamedTuple):
    """Executions in the order of their cases, and within a case of the moment they came up.

    `case`, `position`, `enabled`, and the rows of the events that `scheduled`, `started` and
    `completed` them (-1: none) have shape [items]. `pauses` [pauses, 3] are an item and from when
    until when it was suspended.
    """

    case: Int32s
    position: Int32s
    enabled: Int64s
    scheduled: Int32s
    started: Int32s
    completed: Int32s
    pauses: Int64s


def pair(offsets: Int64s, group: Int32s, groups: int, lifecycle: Int8s, moment: Int64s) -> Pairs:
    """The executions in a log; `group` [events] goes from 0 to groups - 1.

    First in, first out, within a case and group:

    - A complete closes what was started first; else it is an item without a start, the one that
      waited longest where any was scheduled.
    - A start takes up what was scheduled first.
    - Scheduled again before it was taken up, work was handed on: it waits since the first time.
      What was so scheduled twice may still be two pieces of work when it is started twice, until
      the next schedule.
    - A start told behind its own completion, or a schedule behind its own start, belongs to it if
      the moments are the same.
    - Suspend and resume speak of what was started first. A completion ends a suspension.

    An item is enabled by its schedule; else by the latest completion in the case before its start
    (where there is none, before its own completion) as the events are ordered, or at the same
    moment if what was completed had been started earlier; a case's first item by nothing.
    So of two pieces that lay side by side from the start, one that is taken up after the other is
    done seems to have waited only since then, unless a schedule event tells.
    """
    if bool((lifecycle == COMPLETE).all()):  # as most logs are: every event is an item
        return _completions(offsets, moment)
    return Pairs(*pairing_loops.pair_queued(offsets, group, groups, lifecycle, moment))


def _completions(offsets: Int64s, moment: Int64s) -> Pairs:
    """What `pair` gives for a log that tells of completions only."""
    case, position, enabled = _one_each(offsets, moment)
    nothing = np.full(len(moment), -1, np.int32)
    return Pairs(
        case=case,
        position=position,
        enabled=enabled,
        scheduled=nothing,
        started=nothing,
        completed=np.arange(len(moment), dtype=np.int32),
        pauses=np.empty((0, 3), np.int64),
    )


@numba.njit(cache=True, nogil=True)
def _one_each(offsets: Int64s, moment: Int64s) -> tuple[Int32s, Int32s, Int64s]:
    """Case, place in the case, and the moment of the event before it; each [events]."""
    case, position = np.empty(moment.size, np.int32), np.empty(moment.size, np.int32)
    enabled = np.full(moment.size, UNKNOWN, np.int64)
    for of in range(offsets.size - 1):
        for row in range(offsets[of], offsets[of + 1]):
            case[row], position[row] = of, row - offsets[of]
            if row > offsets[of]:
                enabled[row] = moment[row - 1]
    return case, position, enabled


@numba.njit(cache=True, nogil=True)
def overlapping(offsets: Int64s, group: Int32s, groups: int, lifecycle: Int8s) -> Bools:
    """Which events belong to a case and group with two unfinished items at once; [events].

    First in, first out is a guess there: whoever knows instances should be asked.
    """
    out = np.zeros(group.size, np.bool_)
    seen = np.full(groups, -1, np.int64)
    mixed = np.full(groups, -1, np.int64)
    waiting, started = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    for case in range(offsets.size - 1):
        found = False
        for row in range(offsets[case], offsets[case + 1]):
            g, word = group[row], lifecycle[row]
            if seen[g] != case:
                seen[g], waiting[g], started[g] = case, 0, 0
            if word == SCHEDULE:
                waiting[g] += 1
            elif word == START:
                waiting[g] -= waiting[g] > 0
                started[g] += 1
            elif word == COMPLETE:
                waiting[g] -= started[g] == 0 and waiting[g] > 0
                started[g] -= started[g] > 0
            if waiting[g] + started[g] > 1:
                mixed[g] = case
                found = True
        if found:
            for row in range(offsets[case], offsets[case + 1]):
                out[row] = mixed[group[row]] == case
    return out


@numba.njit(cache=True, nogil=True)
def moments_of(rows: Int32s, moment: Int64s) -> Int64s:
    """moment[rows], `UNKNOWN` where there is no row (-1); shape [rows]."""
    out = np.empty(rows.size, np.int64)
    for index in range(rows.size):
        out[index] = moment[rows[index]] if rows[index] >= 0 else UNKNOWN
    return out


@numba.njit(cache=True, nogil=True)
def first_known(codes: Int32s, *rows: Int32s) -> Int32s:
    """The first code that is known at a place of several `rows` [n] in turn; -1 where none is."""
    out = np.full(rows[0].size, -1, np.int32)
    for places in rows:
        for index in range(out.size):
            if out[index] < 0 and places[index] >= 0:
                out[index] = codes[places[index]]
    return out


@numba.njit(cache=True, nogil=True)
def sums_of_known(owner: Int32s, values: Int64s, owners: int) -> Int64s:
    """The sum of the known values of each owner; `UNKNOWN` where it has none; shape [owners]."""
    out = np.full(owners, UNKNOWN, np.int64)
    for index in range(owner.size):
        if values[index] != UNKNOWN:
            if out[owner[index]] == UNKNOWN:
                out[owner[index]] = 0
            out[owner[index]] += values[index]
    return out
