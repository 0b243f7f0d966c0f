"""The compiled loops of `miners.detours.spans`: ways between two steps, and clocks that stood.

The line of all cases is one-dimensional, one place a step: `keys` are numbers that stand for
activities, `before` the sum of the keys ahead of each place, `bends` how often anything strayed
ahead of it; a line's last place has no next one.
"""

import numba
import numpy as np

from eventlog.kernels import Int8s, Int64s
from miners.detours.marks import AGAIN

# Coefficients by which what comes before, after and between can be told apart in one sum.
BEFORE, AFTER, BETWEEN = 3, 5, 7
_TABLE = 1 << 16


@numba.njit(cache=True, nogil=True)
def circled(first: Int64s, last: Int64s, earlier: Int64s, stray: Int8s) -> Int64s:
    """The step to which each circle comes back: the first execution of what is done again in it."""
    out = np.full(first.size, -1, np.int64)
    for circle in range(first.size):
        since = first[circle]
        for row in range(first[circle], last[circle] + 1):
            if stray[row] == AGAIN and earlier[row] >= 0:
                since = min(since, earlier[row])
        out[circle] = since if since < first[circle] else -1
    return out


@numba.njit(cache=True, nogil=True)
def _place(routes: Int64s, route: int) -> int:
    """Where the route stands among sorted ones, -1 if it does not."""
    low, high = 0, routes.size
    while low < high:
        middle = (low + high) // 2
        if routes[middle] < route:
            low = middle + 1
        else:
            high = middle
    return low if low < routes.size and routes[low] == route else -1


@numba.njit(cache=True, nogil=True)
def straight(
    keys: Int64s, before: Int64s, bends: Int64s, between: Int64s, routes: Int64s
) -> tuple[Int64s, Int64s, Int64s]:
    """Where ways without a bend begin and end, and which of `routes` (sorted) each follows.

    `between` are the numbers of steps that may lie between, ascending.
    """
    maybe = np.zeros(_TABLE, np.bool_)  # most ways are none of the routes, which one look tells
    for route in routes:
        maybe[route & (_TABLE - 1)] = True
    begins, ends, which = (
        np.empty(1024, np.int64),
        np.empty(1024, np.int64),
        np.empty(1024, np.int64),
    )
    found = 0
    for start in range(keys.size):
        for more in between:
            end = start + more + 1
            if end >= keys.size or bends[end] != bends[start]:
                break
            route = BEFORE * keys[start] + AFTER * keys[end]
            route += BETWEEN * (before[end] - before[start + 1])
            if not maybe[route & (_TABLE - 1)]:
                continue
            place = _place(routes, route)
            if place < 0:
                continue
            if found == begins.size:
                begins = np.concatenate((begins, np.empty_like(begins)))
                ends = np.concatenate((ends, np.empty_like(ends)))
                which = np.concatenate((which, np.empty_like(which)))
            begins[found], ends[found], which[found] = start, end, place
            found += 1
    return begins[:found], ends[:found], which[:found]


@numba.njit(cache=True, nogil=True)
def stood(
    case: Int64s, start: Int64s, end: Int64s, offsets: Int64s, since: Int64s, until: Int64s
) -> tuple[Int64s, Int64s, Int64s]:
    """When the clock stood still between `start` and `end`: (row, from, until), no time twice.

    Case c owns the intervals `offsets[c]` to `offsets[c + 1]`, in the order of `since`; they may
    overlap.
    """
    rows, begins, ends = (
        np.empty(1024, np.int64),
        np.empty(1024, np.int64),
        np.empty(1024, np.int64),
    )
    found = 0
    for row in range(case.size):
        told = start[row]
        for place in range(offsets[case[row]], offsets[case[row] + 1]):
            begin, stop = max(since[place], told), min(until[place], end[row])
            if begin >= stop:
                continue
            if found == rows.size:
                rows = np.concatenate((rows, np.empty_like(rows)))
                begins = np.concatenate((begins, np.empty_like(begins)))
                ends = np.concatenate((ends, np.empty_like(ends)))
            rows[found], begins[found], ends[found] = row, begin, stop
            found += 1
            told = stop
    return rows[:found], begins[:found], ends[:found]
