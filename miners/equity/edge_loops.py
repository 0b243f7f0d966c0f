"""The compiled loops of `miners.equity.edge_times`: the clock from one step to the next.

All moments are readings of one clock in microseconds that never goes back (the office's own, or
the one on the wall). Steps of case c are rows `offsets[c]` to `offsets[c + 1]` - 1 in the order in
which they were completed; `still` likewise are the times that do not count, in the order of their
beginnings.
"""

import numba
import numpy as np

from eventlog.kernels import Int32s, Int64s


@numba.njit(cache=True, nogil=True)
def clipped(offsets: Int64s, moments: Int64s, since: Int64s, until: Int64s) -> Int64s:
    """Each row's moment, not before `since` and not after `until` of its case [cases]."""
    out = np.empty(moments.size, np.int64)
    for case in range(offsets.size - 1):
        for row in range(offsets[case], offsets[case + 1]):
            out[row] = min(max(moments[row], since[case]), until[case])
    return out


@numba.njit(cache=True, nogil=True)
def parts(
    offsets: Int64s,
    activity: Int32s,
    at: Int64s,
    begins: Int64s,
    ends: Int64s,
    still: Int64s,
    since: Int64s,
    until: Int64s,
    labels: int,
) -> tuple[Int32s, Int64s, Int64s, Int64s]:
    """The clock time between steps: (case, key of the edge, milliseconds) [parts], sums [cases].

    `at` [steps] lies between `begins` and `ends` of its case [cases]; so do `since` and `until`.
    An edge's key is (source + 1) * (labels + 1) + target + 1, where -1 is no step. The clock is
    read in whole milliseconds at each step, so that what lies between adds up to the last reading,
    which is the sum. Steps between which no time passed have no part.
    """
    cases = offsets.size - 1
    most = activity.size + cases
    case_of, keys = np.empty(most, np.int32), np.empty(most, np.int64)
    milliseconds, total = np.empty(most, np.int64), np.zeros(cases, np.int64)
    size = 0
    for case in range(cases):
        source, shown = np.int64(-1), np.int64(0)
        counted, out, pause = begins[case], np.int64(0), still[case]
        for row in range(offsets[case], offsets[case + 1] + 1):
            is_step = row < offsets[case + 1]
            now = at[row] if is_step else ends[case]
            target = np.int64(activity[row]) if is_step else np.int64(-1)
            # `out` is what was taken out up to `counted`; a pause may reach beyond this step.
            while pause < still[case + 1] and since[pause] < now:
                out += max(min(until[pause], now) - max(since[pause], counted), 0)
                counted = max(counted, min(until[pause], now))
                if until[pause] > now:
                    break
                pause += 1
            reading = (now - begins[case] - out) // 1000
            if reading > shown:
                case_of[size], milliseconds[size] = case, reading - shown
                keys[size] = (source + 1) * (labels + 1) + target + 1
                size += 1
                shown = reading
            source = target
        total[case] = shown
    return case_of[:size], keys[:size], milliseconds[:size], total


@numba.njit(cache=True, nogil=True)
def merged(
    case_of: Int32s, edge_of: Int32s, milliseconds: Int64s, edges: int
) -> tuple[Int32s, Int32s, Int64s]:
    """The same parts with those of one case and edge as one, where the first was; in place."""
    place = np.full(edges, -1, np.int64)
    size, first = 0, 0
    for part in range(case_of.size):
        case, edge, took = case_of[part], edge_of[part], milliseconds[part]
        if size and case_of[size - 1] != case:
            first = size
        if place[edge] < first:
            place[edge] = size
            case_of[size], edge_of[size], milliseconds[size] = case, edge, 0
            size += 1
        milliseconds[place[edge]] += took
    return case_of[:size].copy(), edge_of[:size].copy(), milliseconds[:size].copy()
