"""The order of many moments: a sort by digits, as most of the time of queues went into sorting."""

import numba
import numpy as np

from eventlog.kernels import UNKNOWN, Int64s

_FEW = 256
_BITS = 11


@numba.njit(cache=True, nogil=True)
def _are_ascending(moments: Int64s) -> bool:
    row = 1
    while row < moments.size and moments[row - 1] <= moments[row]:
        row += 1
    return row >= moments.size


@numba.njit(cache=True, nogil=True)
def _range(moments: Int64s) -> tuple[np.int64, np.int64]:
    """The first and the last moment that is known; there is one."""
    low, high = np.int64(np.iinfo(np.int64).max), np.int64(UNKNOWN)
    for moment in moments:
        if moment != UNKNOWN:
            low, high = min(low, moment), max(high, moment)
    return low, high


@numba.njit(cache=True, nogil=True)
def ascending(moments: Int64s) -> Int64s:
    """The places of the moments in ascending order, equals as they came, `UNKNOWN` first; [n].

    A radix sort by eleven bits from the lowest digit up; time O(n log range), memory 32 bytes each.
    """
    size = moments.size
    if _are_ascending(moments):
        return np.arange(size)
    if size < _FEW:
        return np.argsort(moments, kind="mergesort")
    low, high = _range(moments)
    order, other = np.empty(size, np.int64), np.empty(size, np.int64)
    keys, moved = np.empty(size, np.uint64), np.empty(size, np.uint64)
    for row in range(size):
        order[row] = row
        known = moments[row] != UNKNOWN
        keys[row] = np.uint64(moments[row] - low) + np.uint64(1) if known else np.uint64(0)
    greatest = np.uint64(high - low) + np.uint64(1)
    last = np.uint64((1 << _BITS) - 1)
    at = np.empty(1 << _BITS, np.int64)
    shift = np.uint64(0)
    while shift < np.uint64(64) and greatest >> shift > np.uint64(0):
        at[:] = 0
        for row in range(size):
            at[np.int64(keys[row] >> shift & last)] += 1
        before = np.int64(0)
        for digit in range(at.size):
            count = at[digit]
            at[digit] = before
            before += count
        for row in range(size):
            place = np.int64(keys[row] >> shift & last)
            other[at[place]], moved[at[place]] = order[row], keys[row]
            at[place] += 1
        order, other = other, order
        keys, moved = moved, keys
        shift += np.uint64(_BITS)
    return order
