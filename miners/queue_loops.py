"""How long queues were day by day, and how long officers were at work: compiled loops.

Moments are readings of one clock in microseconds; arrays are one-dimensional.
"""

import numba
import numpy as np
import numpy.typing as npt

from eventlog.kernels import Int64s

Floats = npt.NDArray[np.float64]
UNKNOWN = np.iinfo(np.int64).min


@numba.njit(cache=True, nogil=True)
def daily_lengths(joins: Int64s, leaves: Int64s, days: Int64s, now: int) -> tuple[Floats, Int64s]:
    """How many waited, per day: the mean over its time, and the most; each [days].

    `joins` and `leaves` are sorted, each by itself; `days` are the beginnings of days, the last
    of which ends `now`. A length that lasted for no time does not count.
    """
    mean = np.zeros(days.size, np.float64)
    most = np.zeros(days.size, np.int64)
    joined = left = 0
    for day in range(days.size):
        at = days[day]
        end = days[day + 1] if day + 1 < days.size else max(now, at)
        length = end - at
        area = np.int64(0)
        while True:
            while joined < joins.size and joins[joined] <= at:
                joined += 1
            while left < leaves.size and leaves[left] <= at:
                left += 1
            if at >= end:
                break
            until = end
            if joined < joins.size:
                until = min(until, joins[joined])
            if left < leaves.size:
                until = min(until, leaves[left])
            area += (joined - left) * (until - at)
            most[day] = max(most[day], joined - left)
            at = until
        if length > 0:
            mean[day] = area / length
    return mean, most


@numba.njit(cache=True, nogil=True)
def at_work(
    offsets: Int64s, rows: Int64s, begun: Int64s, done: Int64s, days: Int64s
) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """For owners of spells: first and last sign of life, time with work in hand, days seen.

    Owner o has rows[offsets[o]:offsets[o + 1]], in the order of `begun`, which may be UNKNOWN where
    only the end is known. Overlapping spells count once. Each answer has shape [owners].
    """
    owners = offsets.size - 1
    first = np.full(owners, UNKNOWN, np.int64)
    last = np.full(owners, UNKNOWN, np.int64)
    busy = np.zeros(owners, np.int64)
    seen = np.zeros(owners, np.int64)
    marked = np.full(days.size + 1, -1, np.int64)
    for owner in range(owners):
        free = np.int64(UNKNOWN)
        for place in range(offsets[owner], offsets[owner + 1]):
            until = done[rows[place]]
            since = begun[rows[place]] if begun[rows[place]] != UNKNOWN else until
            if since == UNKNOWN:
                continue
            if first[owner] == UNKNOWN or since < first[owner]:
                first[owner] = since
            last[owner] = max(last[owner], until)
            if until > free:
                busy[owner] += until - max(since, free)
                free = until
            day = np.searchsorted(days, since, side="right")
            while day <= days.size and (day == 0 or days[day - 1] <= until):
                # What ends as a day begins ended the evening before.
                if (day == 0 or days[day - 1] < until or until == since) and (marked[day] != owner):
                    marked[day] = owner
                    seen[owner] += 1
                day += 1
    return first, last, busy, seen
