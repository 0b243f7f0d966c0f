"""When an officer had something in hand, and when the officer was away: compiled loops.

Everything is on one clock, in microseconds; arrays are one-dimensional.
"""

from heapq import heappop, heappush

import numba
import numpy as np

from eventlog.kernels import UNKNOWN, Int32s, Int64s
from miners.ascending import ascending

# Without a calendar nobody knows when the office is open; who is not seen for so long has gone.
_GONE = 8 * 3_600_000_000


@numba.njit(cache=True, nogil=True)
def last_up_to(moments: Int64s, at: np.int64) -> int:
    """The place of the last of the ascending moments that is not after `at`; -1 without one."""
    low, high = 0, moments.size
    while low < high:
        middle = (low + high) // 2
        if moments[middle] <= at:
            low = middle + 1
        else:
            high = middle
    return low - 1


@numba.njit(cache=True, nogil=True)
def pieces_in_hand(begun: Int64s, done: Int64s, rank: Int32s) -> tuple[Int64s, Int64s, Int32s]:
    """When the officer had something in hand, in pieces: from, until, the latest rank in hand.

    Items stand in the order of their start. Pieces do not overlap, however many items do.
    """
    starts = np.empty(2 * begun.size, np.int64)
    ends = np.empty(2 * begun.size, np.int64)
    ranks = np.empty(2 * begun.size, np.int32)
    heap = [(np.int64(0), np.int64(0)) for _ in range(0)]
    pieces, at, now = 0, 0, np.int64(0)
    while True:
        while heap and heap[0][1] <= now:
            heappop(heap)
        if not heap:
            if at == begun.size:
                break
            now = begun[at]
        else:
            until = heap[0][1]
            if at < begun.size:
                until = min(until, begun[at])
            if until > now:
                starts[pieces], ends[pieces] = now, until
                ranks[pieces] = -heap[0][0]
                pieces += 1
                now = until
        while at < begun.size and begun[at] <= now:
            if done[at] > now:
                heappush(heap, (-np.int64(rank[at]), done[at]))
            at += 1
    return starts[:pieces], ends[:pieces], ranks[:pieces]


@numba.njit(cache=True, nogil=True)
def signs_of_life(begun: Int64s, done: Int64s, seen: Int64s) -> tuple[Int64s, Int64s, np.int64]:
    """All signs of life in order, until when each held the officer, and the first of them."""
    signs = np.empty(begun.size + seen.size, np.int64)
    for row in range(begun.size):
        signs[row] = begun[row]
    for row in range(seen.size):
        signs[begun.size + row] = seen[row]
    order = ascending(signs)
    freed = np.empty(signs.size, np.int64)
    for place in range(order.size):
        row = order[place]
        freed[place] = done[row] if row < begun.size else seen[row - begun.size]
    for place in range(order.size):
        row = order[place]
        signs[place] = begun[row] if row < begun.size else seen[row - begun.size]
    return signs, freed, signs[0]


@numba.njit(cache=True, nogil=True)
def stretches_away(
    signs: Int64s, done: Int64s, days: Int64s, first: np.int64
) -> tuple[Int64s, Int64s]:
    """When the officer was away: from, until, in order, without overlap; nothing before `first`.

    `signs` are the moments at which the officer took something up (or was seen to finish what has
    no start), in order, `done` when that was finished. See `causes.split` for the rule.
    """
    starts = np.empty(signs.size, np.int64)
    ends = np.empty(signs.size, np.int64)
    count = 0
    free, before = np.int64(first), UNKNOWN
    if days.size:  # nobody has been seen yet: the day is a whole one
        free = days[max(last_up_to(days, free), 0)]
    for row in range(signs.size):
        back = signs[row]
        if back > free:
            left, until = free, back
            if days.size:
                # What is left of a day on which nothing was taken up goes with whole days away.
                day = last_up_to(days, free)
                seen = day >= 0 and before >= days[day]  # on the day on which hands became empty
                untouched = day >= 0 and days[day] == free and not seen
                whole = day if untouched else min(day + 1, days.size - 1)
                until = days[max(last_up_to(days, back), 0)]
                if until <= days[whole]:
                    until = left
                elif seen:
                    left = days[whole]
            elif back - free < _GONE:
                until = left
            if until > left:
                starts[count], ends[count] = left, until
                count += 1
        free = max(free, done[row])
        before = back
    return starts[:count], ends[:count]
