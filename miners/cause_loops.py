"""Why a file waited, worked out officer by officer in compiled loops.

Everything is on one clock, in microseconds; `causes` says what the causes mean. All arrays are
one-dimensional unless told.
"""

import numba
import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from miners.ascending import ascending
from miners.officer_loops import pieces_in_hand, signs_of_life, stretches_away

BATCHING, PRIORITISATION, CONTENTION, UNAVAILABILITY, EXTRANEOUS, APPLICANT = range(6)


@numba.njit(cache=True, nogil=True)
def _ranks(values: Int64s) -> Int32s:
    """Places among the distinct values, from 0 for the smallest."""
    out = np.zeros(values.size, np.int32)
    order = ascending(values)
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
def _in_windows(
    pieces: tuple[Int64s, Int64s, Int32s],
    away: tuple[Int64s, Int64s],
    ranked: int,
    begins: Int64s,
    until: Int64s,
    rank: Int32s,
) -> tuple[Int64s, Int64s, Int64s]:
    """Per window: how long something was in hand, something of a higher rank, and nobody there.

    A Fenwick tree over ranks holds the lengths of the pieces that have ended; the ends of the
    windows are taken in their order, so all of them cost O(n log n).
    """
    starts, ends, ranks = pieces
    away_starts, away_ends = away
    in_hand = np.zeros(begins.size, np.int64)
    later = np.zeros(begins.size, np.int64)
    nobody = np.zeros(begins.size, np.int64)
    moment = np.empty(2 * begins.size, np.int64)
    moment[: begins.size] = begins
    moment[begins.size :] = until
    tree = np.zeros(ranked + 1, np.int64)
    whole, gone = np.int64(0), np.int64(0)
    piece, stretch = 0, 0
    for question in ascending(moment):
        window = question % begins.size
        if begins[window] == until[window]:
            continue
        at = moment[question]
        while piece < starts.size and ends[piece] <= at:
            length = ends[piece] - starts[piece]
            whole += length
            place = ranks[piece] + 1
            while place <= ranked:
                tree[place] += length
                place += place & -place
            piece += 1
        while stretch < away_starts.size and away_ends[stretch] <= at:
            gone += away_ends[stretch] - away_starts[stretch]
            stretch += 1
        part = np.int64(0)
        if piece < starts.size:
            part = max(np.int64(0), at - starts[piece])
        higher = whole
        place = rank[window] + 1
        while place > 0:
            higher -= tree[place]
            place -= place & -place
        if part and ranks[piece] > rank[window]:
            higher += part
        absent = gone
        if stretch < away_starts.size:
            absent += max(np.int64(0), at - away_starts[stretch])
        sign = 1 if question >= begins.size else -1
        in_hand[window] += sign * (whole + part)
        later[window] += sign * higher
        nobody[window] += sign * absent
    return in_hand, later, nobody


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
    pieces = pieces_in_hand(begun_clock, done_clock, folder_rank)
    signs, freed, first = signs_of_life(begun_clock, done_clock, seen_clock)
    for window in range(low.size):
        first = min(first, low[window])
    away = stretches_away(signs, freed, days, first)
    begins = np.empty(low.size, np.int64)
    asked = np.empty(low.size, np.int32)
    for item in range(begun.size):
        full = since_clock[last[item]]
        for window in range(offsets[item] - base, offsets[item + 1] - base):
            begins[window] = min(max(low[window], full), high[window])
            asked[window] = rank[item]
    in_hand, later, nobody = _in_windows(pieces, away, begun.size, begins, high, asked)
    for item in range(begun.size):
        for window in range(offsets[item] - base, offsets[item + 1] - base):
            out[item, BATCHING] += begins[window] - low[window]
            out[item, PRIORITISATION] += later[window]
            out[item, CONTENTION] += in_hand[window] - later[window]
            out[item, UNAVAILABILITY] += nobody[window]
            waited = high[window] - begins[window]
            out[item, EXTRANEOUS] += waited - in_hand[window] - nobody[window]
        if since[item] != UNKNOWN:
            out[item, APPLICANT] = begun_clock[item] - since_clock[item]
            for cause in range(APPLICANT):
                out[item, APPLICANT] -= out[item, cause]
    return out


@numba.njit(cache=True, nogil=True)
def _whole_milliseconds(microseconds: Int64s, out: Int64s) -> None:
    """Microseconds [k] as milliseconds that sum to the milliseconds of their sum, into `out`."""
    total, told = np.int64(0), np.int64(0)
    for column in range(microseconds.size):
        total += microseconds[column]
        out[column] = total // 1000 - told
        told = total // 1000


@numba.njit(cache=True, nogil=True)
def longest(milliseconds: Int64s) -> Int8s:
    """The place of the greatest of each row [n, k], the first of equals; -1 where all are 0."""
    out = np.full(milliseconds.shape[0], -1, np.int8)
    for row in range(milliseconds.shape[0]):
        most = np.int64(0)
        for column in range(milliseconds.shape[1]):
            if milliseconds[row, column] > most:
                most = milliseconds[row, column]
                out[row] = column
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
    item: Int64s,
    asked: Bools,
    out: Int64s,
) -> None:
    """`split_officer` for officers whose rows stand together, each in the order of their starts.

    Officer o has the rows from offsets[o] to offsets[o + 1]; those whose start is UNKNOWN come
    first and are signs of life at `done_clock` only. `windows` [rows + 1] are offsets into low
    and high. The milliseconds of the rows that are `asked` go to out[item[row]].
    """
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
            if asked[row]:
                _whole_milliseconds(told[row - begin], out[item[row]])
