"""What follows what, and after how long: compiled loops over consecutive executions.

Durations are whole milliseconds, counted in bins on a logarithmic scale; `miners.durations` says
what a bin stands for. All arrays are one-dimensional; `offsets` is as in `eventlog.kernels`.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from eventlog.kernels import Int32s, Int64s, distinct

Int16s = npt.NDArray[np.int16]

BIN_RATIO = 1.058
"""Each bin is this much longer than the one before it."""
_LONGEST = 300 * 366 * 86_400_000  # more than the years that events may have
BINS = 2 + math.ceil(math.log(_LONGEST) / math.log(BIN_RATIO))
# Bin b holds BOUNDS[b] <= milliseconds < BOUNDS[b + 1]. Whole numbers, so that every machine bins
# alike; short bins without a whole number in them stay empty.
BOUNDS = np.array(
    [0, *(math.ceil(BIN_RATIO**power) for power in range(BINS - 1)), np.iinfo(np.int64).max],
    np.int64,
)
# Where the search for a bin begins: by the power of two and its eighth.
_EIGHTHS = np.array(
    [
        np.searchsorted(BOUNDS, math.ceil((8 + eighth) * 2.0 ** (power - 4)), side="right") - 1
        for power in range(64)
        for eighth in range(8)
    ],
    np.int64,
)
_DENSE = 1 << 18


@numba.njit(cache=True, nogil=True)
def duration_bin(milliseconds: int) -> int:
    """The bin of a duration; 0 for none."""
    if milliseconds <= 0:
        return 0
    mantissa, power = math.frexp(milliseconds)
    found = _EIGHTHS[power * 8 + int((mantissa - 0.5) * 16)]
    while BOUNDS[found + 1] <= milliseconds:
        found += 1
    return int(found)


@numba.njit(cache=True, nogil=True)
def gap_bins(offsets: Int64s, timestamp: Int64s) -> Int16s:
    """The bin of the time since the row before it in the same case; -1 for a case's first row."""
    out = np.full(timestamp.size, -1, np.int16)
    for case in range(offsets.size - 1):
        for row in range(offsets[case] + 1, offsets[case + 1]):
            out[row] = duration_bin((timestamp[row] - timestamp[row - 1]) // 1000)
    return out


@numba.njit(cache=True, nogil=True)
def bin_durations(milliseconds: Int64s) -> Int64s:
    """A histogram of durations; shape [BINS]."""
    histogram = np.zeros(BINS, np.int64)
    for row in range(milliseconds.size):
        histogram[duration_bin(milliseconds[row])] += 1
    return histogram


@numba.njit(cache=True, nogil=True)
def _pair_keys(offsets: Int64s, codes: Int32s, labels: int) -> Int64s:
    keys = np.full(codes.size, -1, np.int64)
    for case in range(offsets.size - 1):
        for row in range(offsets[case] + 1, offsets[case + 1]):
            if codes[row - 1] >= 0 and codes[row] >= 0:
                keys[row] = np.int64(codes[row - 1]) * labels + codes[row]
    return keys


@numba.njit(cache=True, nogil=True)
def number_pairs(offsets: Int64s, codes: Int32s, labels: int) -> tuple[Int32s, Int32s, Int32s]:
    """Number the directly-following pairs of codes (0 to labels - 1) that occur.

    Returns pair[row], the pair that ends in that row (-1 for the first row of a case and where
    a code is missing), and source[p], target[p] per pair.
    """
    keys = _pair_keys(offsets, codes, labels)
    pair = np.full(codes.size, -1, np.int32)
    if labels * labels <= _DENSE:
        number = np.full(labels * labels, -1, np.int32)
        for row in range(keys.size):
            if keys[row] >= 0:
                number[keys[row]] = 0
        found = np.flatnonzero(number == 0)
        number[found] = np.arange(found.size).astype(np.int32)
        for row in range(keys.size):
            if keys[row] >= 0:
                pair[row] = number[keys[row]]
    else:
        codes_of, found = distinct(keys[keys >= 0])
        at = 0
        for row in range(keys.size):
            if keys[row] >= 0:
                pair[row] = codes_of[at]
                at += 1
    source = np.empty(found.size, np.int32)
    target = np.empty(found.size, np.int32)
    for p in range(found.size):
        source[p] = found[p] // labels
        target[p] = found[p] % labels
    return pair, source, target


@numba.njit(cache=True, nogil=True)
def _occurring(offsets: Int64s, codes: Int32s, labels: int) -> tuple[Int32s, Int64s]:
    """A number for each pair source * labels + target that occurs (-1: none), and those pairs."""
    number = np.full(labels * labels, -1, np.int32)
    for case in range(offsets.size - 1):
        before = np.int64(-1)
        for row in range(offsets[case], offsets[case + 1]):
            code = np.int64(codes[row])
            if before >= 0 and code >= 0:
                number[before * labels + code] = 0
            before = code
    found = np.flatnonzero(number == 0)
    number[found] = np.arange(found.size).astype(np.int32)
    return number, found


@numba.njit(cache=True, nogil=True)
def _durations_of_few(
    offsets: Int64s, codes: Int32s, labels: int, timestamp: Int64s, bins: Int16s
) -> tuple[Int64s, Int64s, Int32s]:
    """Pairs (as source * labels + target) with [pairs, 3] counts and a [pairs * BINS] histogram.

    No array is as long as the log, so a range of cases stays in the processor's cache.
    """
    number, found = _occurring(offsets, codes, labels)
    # Occurrences, cases, milliseconds, and the last case seen: one cache line a pair.
    sums = np.zeros((found.size, 4), np.int64)
    sums[:, 3] = -1
    histogram = np.zeros(found.size * BINS, np.int32)
    for case in range(offsets.size - 1):
        before = np.int64(-1)
        for row in range(offsets[case], offsets[case + 1]):
            code = np.int64(codes[row])
            if before >= 0 and code >= 0:
                p = number[before * labels + code]
                sums[p, 0] += 1
                sums[p, 2] += (timestamp[row] - timestamp[row - 1]) // 1000
                histogram[p * BINS + bins[row]] += 1
                if sums[p, 3] != case:
                    sums[p, 3] = case
                    sums[p, 1] += 1
            before = code
    return found, sums[:, :3].copy(), histogram


def pair_durations(
    offsets: Int64s, codes: Int32s, labels: int, timestamp: Int64s, bins: Int16s
) -> tuple[Int32s, Int32s, Int64s, Int32s]:
    """What follows what: source [pairs], target [pairs], sums [pairs, 3], histogram [pairs * BINS].

    The sums are occurrences, cases and milliseconds. `codes` go from 0 to labels - 1, -1 is
    missing; `bins` is what `gap_bins` gives for the same rows.
    """
    if labels * labels <= _DENSE:
        found, sums, histogram = _durations_of_few(offsets, codes, labels, timestamp, bins)
        source, target = np.divmod(found, max(labels, 1))
        return source.astype(np.int32), target.astype(np.int32), sums, histogram
    pair, source, target = number_pairs(offsets, codes, labels)
    count, cases, total, histogram = _durations_of_many(offsets, pair, timestamp, bins, len(source))
    return source, target, np.column_stack([count, cases, total]), histogram


@numba.njit(cache=True, nogil=True)
def _durations_of_many(
    offsets: Int64s, pair: Int32s, timestamp: Int64s, bins: Int16s, pairs: int
) -> tuple[Int64s, Int64s, Int64s, Int32s]:
    """Per pair: occurrences, cases, summed milliseconds; and a histogram [pairs * BINS].

    `bins` is what `gap_bins` gives for the same rows.
    """
    count = np.zeros(pairs, np.int64)
    cases = np.zeros(pairs, np.int64)
    total = np.zeros(pairs, np.int64)
    histogram = np.zeros(pairs * BINS, np.int32)
    last_case = np.full(pairs, -1, np.int64)
    for case in range(offsets.size - 1):
        for row in range(offsets[case] + 1, offsets[case + 1]):
            p = pair[row]
            if p < 0:
                continue
            count[p] += 1
            total[p] += (timestamp[row] - timestamp[row - 1]) // 1000
            histogram[p * BINS + bins[row]] += 1
            if last_case[p] != case:
                last_case[p] = case
                cases[p] += 1
    return count, cases, total, histogram
