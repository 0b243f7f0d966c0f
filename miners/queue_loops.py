"""How long queues were day by day, and how long officers were at work: compiled loops.

Moments are readings of one clock in microseconds; arrays are one-dimensional.
"""

import numba
import numpy as np
import numpy.typing as npt

from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s

Floats = npt.NDArray[np.float64]


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
def _on_roster(first: int, last: int, span: tuple[int, int], edge: int) -> np.int64:
    """For how long someone was there, who was seen first and last then; see `at_work`."""
    if first == UNKNOWN:
        return np.int64(0)
    since = span[0] if first - span[0] <= edge else first
    until = span[1] if span[1] - last <= edge else last
    return np.int64(until - since)


@numba.njit(cache=True, nogil=True)
def _mark(
    marked: Int64s, name: int, days: Int64s, day: int, since: np.int64, until: np.int64
) -> int:
    """Write a name on the days from `day`, that of `since`, to `until`; on how many it was not."""
    more = 0
    while day <= days.size and (day == 0 or days[day - 1] <= until):
        # What ends as a day begins ended the evening before.
        if (day == 0 or days[day - 1] < until or until == since) and marked[day] != name:
            marked[day] = name
            more += 1
        day += 1
    return more


@numba.njit(cache=True, nogil=True)
def at_work(
    offsets: Int64s,
    officer: Int32s,
    begun: Int64s,
    done: Int64s,
    whole: Bools,
    days: Int64s,
    span: tuple[int, int],
    edge: int,
) -> tuple[Int64s, Int64s, Int64s, Int64s, Int64s]:
    """For owners of spells: time on the roster, time with work in hand, days seen, items, service.

    Owner o has the spells offsets[o] to offsets[o + 1], officer by officer in the order of `begun`,
    which may be UNKNOWN where only the end is known. An officer is on the roster from the first to
    the last sign of life, or from the beginning or to the end of `span` where these are not further
    than `edge` from it. Overlapping spells of an officer count once, except in service, the sum of
    spells with a beginning; items are those of them that are `whole`. Each answer is [owners].
    """
    owners = offsets.size - 1
    roster = np.zeros(owners, np.int64)
    busy = np.zeros(owners, np.int64)
    seen = np.zeros(owners, np.int64)
    served = np.zeros(owners, np.int64)
    service = np.zeros(owners, np.int64)
    marked = np.full(days.size + 1, -1, np.int64)
    for owner in range(owners):
        row = offsets[owner]
        while row < offsets[owner + 1]:
            of, one = row, officer[row]
            first, last, free = UNKNOWN, UNKNOWN, UNKNOWN
            today = 0
            while row < offsets[owner + 1] and officer[row] == one:
                since, until = begun[row], done[row]
                taken_up = since != UNKNOWN
                if taken_up:
                    service[owner] += until - since
                    served[owner] += whole[row]
                    while today < days.size and days[today] <= since:
                        today += 1
                    day = today
                else:
                    since = until
                    day = np.searchsorted(days, since, side="right")
                row += 1
                if since == UNKNOWN:
                    continue
                if first == UNKNOWN or since < first:
                    first = since
                last = max(last, until)
                if taken_up and until > free:  # a mere end holds nobody
                    busy[owner] += until - max(since, free)
                    free = until
                seen[owner] += _mark(marked, of, days, day, since, until)
            roster[owner] += _on_roster(first, last, span, edge)
    return roster, busy, seen, served, service


@numba.njit(cache=True, nogil=True)
def cause_sums(milliseconds: Int64s, queue: Int32s, queues: int) -> Floats:
    """The sums of `milliseconds` [items, causes] by queue, -1 being none; [queues, causes]."""
    out = np.zeros((queues, milliseconds.shape[1]), np.float64)
    for row in range(milliseconds.shape[0]):
        if queue[row] >= 0:
            for cause in range(milliseconds.shape[1]):
                out[queue[row], cause] += milliseconds[row, cause]
    return out


@numba.njit(cache=True, nogil=True)
def different(offsets: Int64s, rows: Int64s, values: Int32s) -> Int64s:
    """How many different values from 0 up each owner's rows have; shape [owners]."""
    out = np.zeros(offsets.size - 1, np.int64)
    greatest = np.int32(-1)
    for value in values:
        greatest = max(greatest, value)
    met = np.full(greatest + 1, -1, np.int32)
    for owner in range(out.size):
        for place in range(offsets[owner], offsets[owner + 1]):
            value = values[rows[place]]
            if met[value] != owner:
                met[value] = owner
                out[owner] += 1
    return out


@numba.njit(cache=True, nogil=True)
def latest(rows: Int64s, moments: Int64s, most: int) -> Int64s:
    """The rows with the latest moments, `most` of them at the most, in the order of these."""
    mine = np.empty(rows.size, np.int64)
    for place in range(rows.size):
        mine[place] = moments[rows[place]]
    order = np.argsort(mine)
    return rows[order[max(0, rows.size - most) :]]
