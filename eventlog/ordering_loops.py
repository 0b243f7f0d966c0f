"""The compiled loops of `eventlog.ordering`: group, clean and sort the events of cases.

Arrays are one-dimensional but for counts, which are (repeats, conflicts, ties) per case.
"""

import numba
import numpy as np

from eventlog.kernels import Int8s, Int32s, Int64s, mix

# Up to this many events of a case, comparing all pairs of ids is quicker than a table of them.
_COMPARED = 32
# Gaps of a shell sort (Ciura 2001): cases are short and nearly sorted, a long one must not hang.
_GAPS = (1_750_000, 350_000, 70_000, 14_000, 3_937, 1_750, 701, 301, 132, 57, 23, 10, 4, 1)
# What a case that stands together needs.
FINE, DISORDERED, REPEATED = 0, 1, 2


@numba.njit(cache=True, nogil=True)
def runs_of(case_key: Int64s) -> Int64s:
    """Where each case begins, and the end, where rows stand by case key; else nothing."""
    out = np.empty(case_key.size + 1, np.int64)  # untouched memory costs nothing
    cases = 0
    for row in range(case_key.size):
        if row == 0 or case_key[row] != case_key[row - 1]:
            if row and case_key[row] < case_key[row - 1]:
                return np.empty(0, np.int64)
            out[cases] = row
            cases += 1
    out[cases] = case_key.size
    return out[: cases + 1].copy()


@numba.njit(cache=True, nogil=True)
def look_over(
    runs: Int64s, first: int, last: int, timestamp: Int64s, sequence: Int64s, event_key: Int64s
) -> Int8s:
    """What the cases first..last need: `FINE`, `DISORDERED` (ties too) or `REPEATED`."""
    states = np.zeros(last - first, np.int8)
    largest = np.int64(1)
    for case in range(first, last):
        largest = max(largest, np.int64(runs[case + 1] - runs[case]))
    slots = np.int64(4)
    while slots < 2 * largest:
        slots *= 2
    stamp, holder = np.full(slots, -1, np.int64), np.empty(slots, np.int32)
    found = np.empty(largest, np.int64)
    for case in range(first, last):
        start, end = runs[case], runs[case + 1]
        for row in range(start + 1, end):
            if timestamp[row] < timestamp[row - 1] or (
                timestamp[row] == timestamp[row - 1] and sequence[row] <= sequence[row - 1]
            ):
                states[case - first] = DISORDERED
                break
        twice = 0
        if end - start <= _COMPARED:
            for row in range(start + 1, end):
                key = event_key[row]
                for other in range(start, row):
                    twice += event_key[other] == key  # no branch: done in vectors
        else:
            codes = _group(event_key[start:end], stamp, holder, case, found)
            twice = end - start - 1 - codes.max()
        if twice:
            states[case - first] = REPEATED
    return states


@numba.njit(cache=True, nogil=True)
def mend(
    runs: Int64s,
    odd: Int64s,
    timestamp: Int64s,
    sequence: Int64s,
    event_key: Int64s,
    content_key: Int64s,
    out: Int32s,
    counts: Int32s,
) -> None:
    """Clean and order the `odd` cases in place: out[runs[case]:], with (repeats, conflicts, ties).

    The rows that a case loses leave a gap at its end.
    """
    largest = np.int64(1)
    for case in odd:
        largest = max(largest, np.int64(runs[case + 1] - runs[case]))
    slots = np.int64(4)
    while slots < 2 * largest:
        slots *= 2
    stamp, holder = np.full(slots, -1, np.int64), np.empty(slots, np.int32)
    rows = np.empty(largest, np.int32)
    when, number = np.empty(largest, np.int64), np.empty(largest, np.int64)
    ids = np.empty(largest, np.int64)
    for case in odd:
        start, size = runs[case], runs[case + 1] - runs[case]
        for index in range(size):
            row = start + index
            rows[index], when[index] = row, timestamp[row]
            number[index], ids[index] = sequence[row], event_key[row]
        kept, conflicts = _clean(0, size, stamp, holder, case, rows, when, number, ids, content_key)
        counts[case, 0] = size - kept
        counts[case, 1] = conflicts
        counts[case, 2] = _sort(0, kept, rows, when, number, ids)
        for index in range(kept):
            out[start + index] = rows[index]


@numba.njit(cache=True, nogil=True)
def close_up(runs: Int64s, offsets: Int64s, rows: Int32s) -> Int32s:
    """The rows without the gaps that repeats left."""
    out = np.empty(offsets[-1], np.int32)
    for case in range(runs.size - 1):
        for index in range(offsets[case + 1] - offsets[case]):
            out[offsets[case] + index] = rows[runs[case] + index]
    return out


@numba.njit(cache=True, nogil=True)
def bucket(case_key: Int64s, bits: int) -> tuple[Int64s, Int32s]:
    """Rows by the top bits of their case key: (bucket offsets, rows in order of appearance)."""
    offsets = np.zeros((1 << bits) + 1, np.int64)
    if bits == 0:
        offsets[1] = case_key.size
        return offsets, np.arange(case_key.size).astype(np.int32)
    shift = np.uint64(64 - bits)
    flip = np.uint64(1) << np.uint64(63)  # negative keys come first
    for row in range(case_key.size):
        offsets[np.int64((np.uint64(case_key[row]) ^ flip) >> shift) + 1] += 1
    for bucket in range(1 << bits):
        offsets[bucket + 1] += offsets[bucket]
    place = offsets[:-1].copy()
    rows = np.empty(case_key.size, np.int32)
    for row in range(case_key.size):
        at = np.int64((np.uint64(case_key[row]) ^ flip) >> shift)
        rows[place[at]] = row
        place[at] += 1
    return offsets, rows


@numba.njit(cache=True, nogil=True)
def _group(keys: Int64s, stamp: Int64s, holder: Int32s, round_: int, found: Int64s) -> Int32s:
    """Code keys[i] by order of appearance into found[code]; `stamp` spares clearing `holder`."""
    mask = stamp.size - 1
    codes = np.empty(keys.size, np.int32)
    distinct = np.int32(0)
    for index in range(keys.size):
        key = keys[index]
        slot = np.int64(mix(np.uint64(key)) & np.uint64(mask))
        while stamp[slot] == round_ and found[holder[slot]] != key:
            slot = (slot + 1) & mask
        if stamp[slot] != round_:
            stamp[slot] = round_
            holder[slot] = distinct
            found[distinct] = key
            distinct += 1
        codes[index] = holder[slot]
    return codes


@numba.njit(cache=True, nogil=True)
def _by_key(found: Int64s, distinct: int) -> Int32s:
    """The codes 0..distinct in the order of their keys (numba's own sort takes 10 s to compile)."""
    codes = np.arange(distinct).astype(np.int32)
    for gap in _GAPS:
        for index in range(gap, distinct):
            code = codes[index]
            place = index
            while place >= gap and found[codes[place - gap]] > found[code]:
                codes[place] = codes[place - gap]
                place -= gap
            codes[place] = code
    return codes


@numba.njit(cache=True, nogil=True)
def _clean(
    start: int,
    end: int,
    stamp: Int64s,
    holder: Int32s,
    round_: int,
    rows: Int32s,
    when: Int64s,
    number: Int64s,
    ids: Int64s,
    content_key: Int64s,
) -> tuple[int, int]:
    """Keep one row per event id in start..end, packed to the front: (where they end, conflicts)."""
    mask = stamp.size - 1
    kept = start
    conflicts = 0
    for index in range(start, end):
        event = ids[index]
        slot = np.int64(mix(np.uint64(event)) & np.uint64(mask))
        while stamp[slot] == round_ and ids[holder[slot]] != event:
            slot = (slot + 1) & mask
        if stamp[slot] != round_:
            stamp[slot] = round_
            holder[slot] = kept
            rows[kept], when[kept], number[kept] = rows[index], when[index], number[index]
            ids[kept] = event
            kept += 1
            continue
        other = holder[slot]
        content, held = content_key[rows[index]], content_key[rows[other]]
        if content != held:
            conflicts += 1
        if when[index] < when[other] or (when[index] == when[other] and content < held):
            rows[other], when[other], number[other] = rows[index], when[index], number[index]
    return kept, conflicts


@numba.njit(cache=True, nogil=True)
def _sort(start: int, end: int, rows: Int32s, when: Int64s, number: Int64s, ids: Int64s) -> int:
    """Order start..end by (when, number, ids), in place; returns how many ties there are.

    A tie is a pair of neighbours that only `ids` tells apart.
    """
    for gap in _GAPS:
        if gap >= end - start:
            continue
        for index in range(start + gap, end):
            row, t, s, e = rows[index], when[index], number[index], ids[index]
            place = index
            while place >= start + gap:
                p = place - gap
                if when[p] < t or (
                    when[p] == t and (number[p] < s or (number[p] == s and ids[p] <= e))
                ):
                    break
                rows[place], when[place], number[place], ids[place] = (
                    rows[p],
                    when[p],
                    number[p],
                    ids[p],
                )
                place = p
            rows[place], when[place], number[place], ids[place] = row, t, s, e
    ties = 0
    for index in range(start + 1, end):
        if when[index] == when[index - 1] and number[index] == number[index - 1]:
            ties += 1
    return ties


@numba.njit(cache=True, nogil=True)
def order_buckets(
    bounds: Int64s,
    members: Int32s,
    first: int,
    last: int,
    case_key: Int64s,
    timestamp: Int64s,
    sequence: Int64s,
    event_key: Int64s,
    content_key: Int64s,
    out: Int32s,
) -> tuple[int, Int64s, Int64s, Int32s]:
    """Order the buckets first..last into out[bounds[first]:].

    Returns how many rows stay, and per case its key, its events, and (repeats, conflicts, ties).
    """
    base = bounds[first]
    # Untouched memory costs nothing, so "as many cases as rows" is a fair first size.
    keys = np.empty(bounds[last] - base, np.int64)
    sizes = np.empty(keys.size, np.int64)
    counts = np.empty((keys.size, 3), np.int32)
    largest = np.int64(1)
    for bucket in range(first, last):
        largest = max(largest, np.int64(bounds[bucket + 1] - bounds[bucket]))
    slots = np.int64(4)
    while slots < 2 * largest:
        slots *= 2
    case_stamp, case_holder = np.full(slots, -1, np.int64), np.empty(slots, np.int32)
    event_stamp, event_holder = np.full(slots, -1, np.int64), np.empty(slots, np.int32)
    found = np.empty(largest, np.int64)
    rows = np.empty(largest, np.int32)
    when, number = np.empty(largest, np.int64), np.empty(largest, np.int64)
    ids = np.empty(largest, np.int64)
    at = base
    cases = 0
    for bucket in range(first, last):
        inside = members[bounds[bucket] : bounds[bucket + 1]]
        codes = _group(case_key[inside], case_stamp, case_holder, bucket, found)
        distinct = codes.max() + 1 if codes.size else 0
        ends = np.zeros(distinct + 1, np.int64)
        for index in range(codes.size):
            ends[codes[index] + 1] += 1
        by_key = _by_key(found, distinct)
        begin = np.empty(distinct, np.int64)
        running = np.int64(0)
        for code in by_key:
            begin[code] = running
            running += ends[code + 1]
        place = begin.copy()
        for index in range(codes.size):
            row = inside[index]
            p = place[codes[index]]
            place[codes[index]] = p + 1
            rows[p], when[p], number[p] = row, timestamp[row], sequence[row]
            ids[p] = event_key[row]
        for code in by_key:
            start, end = begin[code], place[code]
            kept, conflicts = _clean(
                start, end, event_stamp, event_holder, base + cases, rows, when, number, ids,
                content_key,
            )  # fmt: skip
            ties = _sort(start, kept, rows, when, number, ids)
            out[at : at + kept - start] = rows[start:kept]
            at += kept - start
            keys[cases] = found[code]
            sizes[cases] = kept - start
            counts[cases, 0] = end - kept
            counts[cases, 1] = conflicts
            counts[cases, 2] = ties
            cases += 1
    return at - base, keys[:cases].copy(), sizes[:cases].copy(), counts[:cases].copy()
