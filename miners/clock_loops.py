"""The compiled loops of `miners.clock`, `miners.parties` and `miners.deadlines`.

`offsets` [cases + 1] and the columns of a log [events] are as in `eventlog.log`; times are
microseconds. What an activity means to the clock is looked up by its code: `role` [activities] is
a sum of `STARTS`, `STOPS` and `CLOSES`; bit k of `suspends` and `resumes` [activities] says that
the activity begins or ends the k-th suspension of the process file.
"""

import numba
import numpy as np

from eventlog.event import COMPLETE
from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s, UInt8s, UInt64s

STARTS, STOPS, CLOSES = 1, 2, 4
# How a clock stands: it never began, it runs, a stop ended it, or the case was closed without one.
NEVER, RUNNING, STOPPED, CLOSED = 0, 1, 2, 3
OFFICE, APPLICANT, EXTERNAL = 0, 1, 2
NOT_YET = -1
"""In place of a lifecycle: nothing is completed by an event that has not happened."""
_NOTHING = np.uint64(0)


@numba.njit(cache=True, nogil=True)
def _end_row(
    start: int, after: int, lifecycle: Int8s, activity: Int32s, role: UInt8s
) -> tuple[int, int, bool]:
    """Where a clock that starts in row `start` ends (-1: nowhere), how it stands, if restarted.

    The rows of its case go to `after` - 1.
    """
    stopped, closed, again = -1, -1, False
    for row in range(start + 1, after):
        does = role[activity[row]] if lifecycle[row] == COMPLETE else np.uint8(0)
        over = stopped >= 0 or closed >= 0
        if does & STARTS:
            again = again or over
        elif does & STOPS:
            # A stop counts after a closing too, unless the case was begun anew in between.
            if stopped < 0 and not again:
                stopped = row
        elif does & CLOSES and not over:
            closed = row
    if stopped >= 0:
        return stopped, STOPPED, again
    return closed, CLOSED if closed >= 0 else RUNNING, again


@numba.njit(cache=True, nogil=True)
def clock_rows(
    offsets: Int64s, lifecycle: Int8s, activity: Int32s, role: UInt8s
) -> tuple[Int64s, Int64s, Int8s, Bools]:
    """Where each case's clock starts and ends, how it stands, and whether it was started again.

    The rows are -1 where there is none; each has shape [cases].
    """
    cases = offsets.size - 1
    start, end = np.full(cases, -1, np.int64), np.full(cases, -1, np.int64)
    stands = np.full(cases, NEVER, np.int8)
    again = np.zeros(cases, np.bool_)
    for case in range(cases):
        for row in range(offsets[case], offsets[case + 1]):
            if lifecycle[row] == COMPLETE and role[activity[row]] & STARTS:
                start[case] = row
                end[case], stands[case], again[case] = _end_row(
                    row, offsets[case + 1], lifecycle, activity, role
                )
                break
    return start, end, stands, again


@numba.njit(cache=True, nogil=True)
def still_rows(
    offsets: Int64s,
    lifecycle: Int8s,
    activity: Int32s,
    suspends: UInt64s,
    resumes: UInt64s,
    end: Int64s,
) -> Bools:
    """Whether a suspension lasts from this row on; shape [events].

    A row at which the clock ends, `end` [cases] as in `clock_rows`, ends every suspension.
    """
    out = np.zeros(activity.size, np.bool_)
    for case in range(offsets.size - 1):
        lasting = _NOTHING
        for row in range(offsets[case], offsets[case + 1]):
            if row == end[case]:
                lasting = _NOTHING
            elif lifecycle[row] == COMPLETE:
                code = activity[row]
                lasting = (lasting & ~resumes[code]) | suspends[code]
            out[row] = lasting != _NOTHING
    return out


@numba.njit(cache=True, nogil=True)
def suspensions(
    offsets: Int64s, timestamp: Int64s, still: Bools, start: Int64s, end: Int64s, now: int
) -> tuple[Int64s, Int64s, Int64s, Bools]:
    """When each case's clock stood still, and whether it does now.

    `still` [events] is what `still_rows` gives, `start` and `end` [cases] what `clock_rows` does.
    Returns offsets [cases + 1] of the intervals, their beginnings and ends [intervals], in order,
    disjoint, not empty and inside the time of the clock; and whether a running clock stands still,
    [cases].
    """
    cases = offsets.size - 1
    most = 0
    for row in range(still.size):
        most += still[row] and (row == 0 or not still[row - 1])
    most += cases  # a suspension may begin in the row after that in which one of another case ends
    places = np.zeros(cases + 1, np.int64)
    since, until = np.empty(most, np.int64), np.empty(most, np.int64)
    suspended = np.zeros(cases, np.bool_)
    at = 0
    for case in range(cases):
        if start[case] >= 0:
            begins, lasts = timestamp[start[case]], False
            last = end[case] if end[case] >= 0 else offsets[case + 1] - 1
            for row in range(offsets[case], last + 1):
                if still[row] and not lasts:
                    since[at] = max(timestamp[row], begins)
                elif lasts and not still[row] and timestamp[row] > since[at]:
                    until[at] = timestamp[row]
                    at += 1
                lasts = still[row]
            suspended[case] = lasts
            if lasts and now > since[at]:
                until[at] = now
                at += 1
        places[case + 1] = at
    return places, since[:at].copy(), until[:at].copy(), suspended


@numba.njit(cache=True, nogil=True)
def parties(
    offsets: Int64s,
    lifecycle: Int8s,
    activity: Int32s,
    unit: Int32s,
    still: Bools,
    applicants: Bools,
    externals: Bools,
) -> Int8s:
    """Whose the time is between the row before and this one: `OFFICE`, `APPLICANT`, `EXTERNAL`.

    It is whoever's who completes the next step, or, after the last completion, who does what the
    row tells. The first row of a case has nothing before it and is the office's. `applicants` is
    by activity, `externals` by unit; shape [events].
    """
    out = np.full(activity.size, OFFICE, np.int8)
    for case in range(offsets.size - 1):
        whose = np.int64(-1)
        for row in range(offsets[case + 1] - 1, offsets[case], -1):
            if lifecycle[row] == COMPLETE:
                whose = np.int64(row)
            next_ = whose if whose >= 0 else np.int64(row)
            if still[row - 1] or applicants[activity[next_]]:
                out[row] = APPLICANT
            elif unit[next_] >= 0 and externals[unit[next_]]:
                out[row] = EXTERNAL
    return out


@numba.njit(cache=True, nogil=True)
def sums_by_party(offsets: Int64s, party: Int8s, moments: Int64s) -> Int64s:
    """Per case what lies between its rows by party, in the unit of `moments`; [3, cases]."""
    out = np.zeros((3, offsets.size - 1), np.int64)
    for case in range(offsets.size - 1):
        for row in range(offsets[case] + 1, offsets[case + 1]):
            out[party[row], case] += moments[row] - moments[row - 1]
    return out


@numba.njit(cache=True, nogil=True)
def sums_between(offsets: Int64s, since: Int64s, until: Int64s) -> Int64s:
    """Per case the length of all its intervals; shape [cases]."""
    out = np.zeros(offsets.size - 1, np.int64)
    for case in range(offsets.size - 1):
        for place in range(offsets[case], offsets[case + 1]):
            out[case] += until[place] - since[place]
    return out


@numba.njit(cache=True, nogil=True)
def goals(offsets: Int64s, since: Int64s, until: Int64s, started: Int64s, term: Int64s) -> Int64s:
    """Where each clock is at its term, the intervals in which it stood still passed over; [cases].

    All figures are in one measure, `UNKNOWN` where `started` or `term` is. A clock that is at its
    term when it is stopped is there at that moment, and not when it goes on.
    """
    out = np.full(offsets.size - 1, UNKNOWN, np.int64)
    for case in range(offsets.size - 1):
        if started[case] == UNKNOWN or term[case] == UNKNOWN:
            continue
        goal = started[case] + term[case]
        for place in range(offsets[case], offsets[case + 1]):
            if since[place] < goal:
                goal += until[place] - since[place]
        out[case] = goal
    return out
