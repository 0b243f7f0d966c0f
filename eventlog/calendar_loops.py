"""The compiled loops of `eventlog.calendar`: working time up to each of many moments, and back.

Open intervals are `opens` and `closes` [n + 1], microseconds UTC, ascending and disjoint, with one
at the end of time so that every search ends; `before` [n + 1] is the working time before each of
them. `first` tells for every day of UTC, counted from `day_zero`, the first interval that is not
over when the day begins, so that a look-up goes straight to its day.
"""

import numba
import numpy as np

from eventlog.kernels import UNKNOWN, Int32s, Int64s

END_OF_TIME = np.int64(np.iinfo(np.int64).max)
DAY = 86_400_000_000


@numba.njit(cache=True, nogil=True)
def first_of_days(day_zero: int, days: int, closes: Int64s) -> Int32s:
    """Per day the first interval that is not over when it begins; shape [days]."""
    out = np.empty(days, np.int32)
    at = 0
    for day in range(days):
        while closes[at] <= (day_zero + day) * DAY:
            at += 1
        out[day] = at
    return out


@numba.njit(cache=True, nogil=True)
def _worked(
    moment: int, day_zero: int, first: Int32s, opens: Int64s, closes: Int64s, before: Int64s
) -> np.int64:
    day = min(max(moment // DAY - day_zero, 0), first.size - 1)
    at = first[np.uint64(day)]
    while closes[np.uint64(at)] <= moment:
        at += 1
    at = np.uint64(at)
    return np.int64(before[at] + max(moment - opens[at], 0))


@numba.njit(cache=True, nogil=True)
def worked(
    moments: Int64s, day_zero: int, first: Int32s, opens: Int64s, closes: Int64s, before: Int64s
) -> Int64s:
    """Working microseconds before each moment, `UNKNOWN` where the moment is; shape [n]."""
    out = np.empty(moments.size, np.int64)
    for row in range(moments.size):
        moment = moments[row]
        if moment == UNKNOWN:
            out[row] = UNKNOWN
        else:
            out[row] = _worked(moment, day_zero, first, opens, closes, before)
    return out


@numba.njit(cache=True, nogil=True)
def between(
    start: Int64s,
    end: Int64s,
    day_zero: int,
    first: Int32s,
    opens: Int64s,
    closes: Int64s,
    before: Int64s,
) -> Int64s:
    """Working milliseconds from start to end per row, `UNKNOWN` where either is; shape [n]."""
    out = np.empty(start.size, np.int64)
    for row in range(start.size):
        a, b = start[row], end[row]
        if a == UNKNOWN or b == UNKNOWN:  # noqa: PLR1714 (compiled: no tuples, no sets)
            out[row] = UNKNOWN
        elif b <= a:
            out[row] = 0
        else:
            passed = _worked(b, day_zero, first, opens, closes, before)
            passed -= _worked(a, day_zero, first, opens, closes, before)
            out[row] = passed // 1000
    return out


@numba.njit(cache=True, nogil=True)
def first_outside(moments: Int64s, begins: int, ends: int) -> int:
    """The first row whose moment is known and not from `begins` to `ends`; -1 where none is."""
    for row in range(moments.size):
        moment = moments[row]
        if (moment < begins or moment > ends) and moment != UNKNOWN:
            return row
    return -1
