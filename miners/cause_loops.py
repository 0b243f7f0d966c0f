"""Why a file waited, worked out officer by officer in compiled loops.

Everything is on one clock, in microseconds; `causes` says what the causes mean. All arrays are
one-dimensional unless told.
"""

import numba
import numpy as np

from eventlog.kernels import Int32s, Int64s
from miners.officer_loops import (
    covered,
    lengths,
    pieces_in_hand,
    signs_of_life,
    stretches_away,
)

UNKNOWN = np.iinfo(np.int64).min
BATCHING, PRIORITISATION, CONTENTION, UNAVAILABILITY, EXTRANEOUS, APPLICANT = range(6)


@numba.njit(cache=True, nogil=True)
def _ranks(values: Int64s) -> Int32s:
    """Places among the distinct values, from 0 for the smallest."""
    out = np.zeros(values.size, np.int32)
    order = np.argsort(values)
    for place in range(1, values.size):
        more = values[order[place]] > values[order[place - 1]]
        out[order[place]] = out[order[place - 1]] + more
    return out


@numba.njit(cache=True, nogil=True)
def _last_of_folder(begun: Int64s, since: Int64s, activity: Int32s, activities: int) -> Int64s:
    """The last item to be ready of those taken up together for one activity; itself where alone.

    Items stand in the order of their start; those without an activity (-1) are in no folder.
    """
    out = np.arange(begun.size)
    latest = np.full(activities, -1, np.int64)
    low = 0
    while low < begun.size:
        high = low + 1
        while high < begun.size and begun[high] == begun[low]:
            high += 1
        if high > low + 1:
            for row in range(low, high):
                one = activity[row]
                if one >= 0 and (latest[one] < 0 or since[row] > since[latest[one]]):
                    latest[one] = row
            for row in range(low, high):
                if activity[row] >= 0:
                    out[row] = latest[activity[row]]
            for row in range(low, high):
                if activity[row] >= 0:
                    latest[activity[row]] = -1
        low = high
    return out


@numba.njit(cache=True, nogil=True)
def _later_in_hand(
    starts: Int64s, ends: Int64s, ranks: Int32s, ranked: int, moment: Int64s, rank: Int32s
) -> Int64s:
    """Per question: how long before `moment` something of a higher rank was in hand.

    A Fenwick tree over ranks holds the lengths of the pieces that have ended; questions are taken
    in the order of their moments, so all of them cost O(n log n).
    """
    out = np.zeros(moment.size, np.int64)
    tree = np.zeros(ranked + 1, np.int64)
    whole = np.int64(0)
    piece = 0
    for question in np.argsort(moment):
        at = moment[question]
        while piece < starts.size and ends[piece] <= at:
            length = ends[piece] - starts[piece]
            whole += length
            place = ranks[piece] + 1
            while place <= ranked:
                tree[place] += length
                place += place & -place
            piece += 1
        not_later = np.int64(0)
        place = rank[question] + 1
        while place > 0:
            not_later += tree[place]
            place -= place & -place
        out[question] = whole - not_later
        if piece < starts.size and starts[piece] < at and ranks[piece] > rank[question]:
            out[question] += at - starts[piece]
    return out


@numba.njit(cache=True, nogil=True)
def split_officer(
    activity: Int32s,
    since: Int64s,
    since_clock: Int64s,
    begun: Int64s,
    begun_clock: Int64s,
    done_clock: Int64s,
    seen_clock: Int64s,
    offsets: Int64s,
    base: int,
    low: Int64s,
    high: Int64s,
    days: Int64s,
    activities: int,
) -> Int64s:
    """The waiting of one officer's items by cause, microseconds of the clock; shape [items, 6].

    Items stand in the order of their start: `since` when each was ready (UNKNOWN where nobody
    knows), `begun` when it was taken up, `done_clock` until when it held the officer. `seen_clock`
    are other signs of life. Item i waited for the office from low[w] to high[w] (on the clock) for
    w from offsets[i] - base to offsets[i + 1] - base; what it waited besides is the applicant's.
    `days` are the readings at which days begin, empty where there is no calendar.
    """
    out = np.zeros((begun.size, 6), np.int64)
    if low.size == 0:
        return out
    last = _last_of_folder(begun, since, activity, activities)
    rank = _ranks(since)
    folder_rank = np.empty(begun.size, np.int32)
    for item in range(begun.size):
        folder_rank[item] = rank[last[item]]
    starts, ends, ranks = pieces_in_hand(begun_clock, done_clock, folder_rank)
    busy = lengths(starts, ends)
    signs, freed, first = signs_of_life(begun_clock, done_clock, seen_clock)
    for window in range(low.size):
        first = min(first, low[window])
    away_starts, away_ends = stretches_away(signs, freed, days, first)
    away = lengths(away_starts, away_ends)
    moment = np.empty(2 * low.size, np.int64)
    asked = np.empty(2 * low.size, np.int32)
    for item in range(begun.size):
        full = since_clock[last[item]]
        for window in range(offsets[item] - base, offsets[item + 1] - base):
            begins = min(max(low[window], full), high[window])
            out[item, BATCHING] += begins - low[window]
            out[item, EXTRANEOUS] += high[window] - begins
            out[item, UNAVAILABILITY] += covered(
                away_starts, away_ends, away, high[window]
            ) - covered(away_starts, away_ends, away, begins)
            out[item, CONTENTION] += covered(starts, ends, busy, high[window]) - covered(
                starts, ends, busy, begins
            )
            moment[2 * window], moment[2 * window + 1] = begins, high[window]
            asked[2 * window] = asked[2 * window + 1] = rank[item]
    later = _later_in_hand(starts, ends, ranks, begun.size, moment, asked)
    for item in range(begun.size):
        for window in range(offsets[item] - base, offsets[item + 1] - base):
            out[item, PRIORITISATION] += later[2 * window + 1] - later[2 * window]
        out[item, EXTRANEOUS] -= out[item, CONTENTION] + out[item, UNAVAILABILITY]
        out[item, CONTENTION] -= out[item, PRIORITISATION]
        if since[item] != UNKNOWN:
            out[item, APPLICANT] = begun_clock[item] - since_clock[item]
            for cause in range(APPLICANT):
                out[item, APPLICANT] -= out[item, cause]
    return out


@numba.njit(cache=True, nogil=True)
def whole_milliseconds(microseconds: Int64s) -> Int64s:
    """Rows of microseconds [n, k] as milliseconds that sum to the milliseconds of their sum."""
    out = np.empty_like(microseconds)
    for row in range(microseconds.shape[0]):
        total, told = np.int64(0), np.int64(0)
        for column in range(microseconds.shape[1]):
            total += microseconds[row, column]
            out[row, column] = total // 1000 - told
            told = total // 1000
    return out


@numba.njit(cache=True, nogil=True)
def subtract(
    owner: Int32s, low: Int64s, high: Int64s, offsets: Int64s, starts: Int64s, ends: Int64s
) -> tuple[Int64s, Int64s, Int64s]:
    """What is left of the spans low[i] to high[i] without the pieces of their owner.

    Owner o has the pieces from offsets[o] to offsets[o + 1], in order of their starts; they may
    overlap. Returns offsets [spans + 1], and where the parts that are left begin and end.
    """
    counts = np.zeros(low.size + 1, np.int64)
    begins = np.empty(low.size + starts.size, np.int64)
    until = np.empty(low.size + starts.size, np.int64)
    for span in range(low.size):
        at, now = counts[span], low[span]
        one = owner[span]
        for piece in range(offsets[one], offsets[one + 1]):
            if starts[piece] >= high[span]:
                break
            if starts[piece] > now:
                begins, until = _room(begins, until, at)
                begins[at], until[at] = now, starts[piece]
                at += 1
            now = max(now, ends[piece])
        if now < high[span]:
            begins, until = _room(begins, until, at)
            begins[at], until[at] = now, high[span]
            at += 1
        counts[span + 1] = at
    return counts, begins[: counts[-1]], until[: counts[-1]]


@numba.njit(cache=True, nogil=True)
def _room(begins: Int64s, until: Int64s, at: int) -> tuple[Int64s, Int64s]:
    if at < begins.size:
        return begins, until
    more, others = np.empty(2 * at + 8, np.int64), np.empty(2 * at + 8, np.int64)
    for row in range(at):
        more[row], others[row] = begins[row], until[row]
    return more, others


@numba.njit(cache=True, nogil=True)
def _known(moments: Int64s) -> Int64s:
    """Those that are not UNKNOWN."""
    out = np.empty(moments.size, np.int64)
    count = 0
    for moment in moments:
        if moment != UNKNOWN:
            out[count] = moment
            count += 1
    return out[:count]


@numba.njit(cache=True, nogil=True)
def split_officers(
    offsets: Int64s,
    activity: Int32s,
    since: Int64s,
    since_clock: Int64s,
    begun: Int64s,
    begun_clock: Int64s,
    done_clock: Int64s,
    windows: Int64s,
    low: Int64s,
    high: Int64s,
    days: Int64s,
    activities: int,
) -> Int64s:
    """`split_officer` for officers whose rows stand together, each in the order of their starts.

    Officer o has the rows from offsets[o] to offsets[o + 1]; those whose start is UNKNOWN come
    first and are signs of life at `done_clock` only. `windows` [rows + 1] are offsets into low
    and high.
    """
    out = np.zeros((begun.size, 6), np.int64)
    for officer in range(offsets.size - 1):
        first, last = offsets[officer], offsets[officer + 1]
        begin = first
        while begin < last and begun[begin] == UNKNOWN:
            begin += 1
        if windows[begin] == windows[last]:
            continue
        told = split_officer(
            activity[begin:last],
            since[begin:last],
            since_clock[begin:last],
            begun[begin:last],
            begun_clock[begin:last],
            done_clock[begin:last],
            _known(done_clock[first:begin]),
            windows[begin : last + 1],
            windows[begin],
            low[windows[begin] : windows[last]],
            high[windows[begin] : windows[last]],
            days,
            activities,
        )
        for row in range(begin, last):
            for cause in range(6):
                out[row, cause] = told[row - begin, cause]
    return whole_milliseconds(out)
