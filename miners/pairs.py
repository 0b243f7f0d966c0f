"""Which label directly follows which within a case, and after how long, as tallies."""

from collections.abc import Callable

import numba
import numpy as np
import pandas as pd

from eventlog import following
from eventlog.following import BINS, Int16s
from eventlog.kernels import Bools, Int32s, Int64s
from eventlog.tally import Tally
from miners import durations
from miners.labels import Words

COLUMNS = ("source", "target", "frequency", "cases", "mean_seconds", "p50_seconds", "p90_seconds")

# A dense histogram has a cell for every bin of every pair; where there are fewer rows than one in
# so many cells, sorting what occurs is the smaller work (measured).
_CELLS_A_ROW = 2


def pair_tallies(
    offsets: Int64s, codes: Int32s, keys: Int64s, timestamp: Int64s, bins: Int16s
) -> tuple[Tally, Tally]:
    """Pairs of consecutive codes: by (source, target), and by (source, target, duration bin).

    The first counts occurrences, cases and milliseconds, the second occurrences. `codes` [rows]
    are places in `keys` [labels], -1 is missing; `bins` is what `following.gap_bins` gives for
    the same rows, `timestamp` [rows] is in microseconds.
    """
    return _tallies(offsets, codes, keys, timestamp, bins, _every)


def change_tallies(
    offsets: Int64s, codes: Int32s, keys: Int64s, timestamp: Int64s, bins: Int16s
) -> tuple[Tally, Tally]:
    """As `pair_tallies`, of the pairs whose two codes differ."""
    return _tallies(offsets, codes, keys, timestamp, bins, np.not_equal)


def _every(source: Int32s, target: Int32s) -> Bools:
    known: Bools = (source >= 0) & (target >= 0)  # as all pairs are that occur
    return known


def _tallies(
    offsets: Int64s,
    codes: Int32s,
    keys: Int64s,
    timestamp: Int64s,
    bins: Int16s,
    wanted: Callable[[Int32s, Int32s], Bools],
) -> tuple[Tally, Tally]:
    labels = len(keys)
    # Codes in the order of their keys: then all that is counted stands in canonical order at once.
    order = np.argsort(keys)
    rank = np.empty(labels + 1, np.int32)
    rank[order] = np.arange(labels, dtype=np.int32)
    rank[labels] = -1  # where a code of -1 looks
    ranked, keys = rank[codes], keys[order]
    if len(codes) * _CELLS_A_ROW >= min(labels * labels, len(codes)) * BINS:
        source, target, sums, histogram = following.pair_durations(
            offsets, ranked, labels, timestamp, bins
        )
        kept = wanted(source, target)
        ends = np.column_stack([keys[source], keys[target]])[kept]
        if not kept.all():
            sums, histogram = sums[kept], histogram.reshape(len(kept), BINS)[kept].ravel()
        return Tally.of(ends, sums), durations.sparse(ends, histogram)
    pair, source, target = following.number_pairs(offsets, ranked, labels)
    kept = wanted(source, target)
    ends = np.column_stack([keys[source], keys[target]])[kept]
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    sums, cells = _sums(offsets, pair, number, timestamp, bins, len(ends))
    cells.sort()
    return Tally.of(ends, sums), durations.counted(ends, cells)


@numba.njit(cache=True, nogil=True)
def _sums(
    offsets: Int64s, pair: Int32s, number: Int64s, timestamp: Int64s, bins: Int16s, pairs: int
) -> tuple[Int64s, Int64s]:
    """Occurrences, cases and milliseconds [pairs, 3]; and each row's cell, number * BINS + bin.

    `number` says which of the `pairs` each pair is, -1: none that is wanted; such rows, and those
    that no pair ends in, have no cell.
    """
    sums = np.zeros((pairs, 3), np.int64)
    last_case = np.full(pairs, -1, np.int64)
    cells = np.empty(pair.size, np.int64)
    at = 0
    for case in range(offsets.size - 1):
        for row in range(offsets[case] + 1, offsets[case + 1]):
            p = number[pair[row]] if pair[row] >= 0 else -1
            if p < 0:
                continue
            sums[p, 0] += 1
            sums[p, 2] += (timestamp[row] - timestamp[row - 1]) // 1000
            if last_case[p] != case:
                last_case[p] = case
                sums[p, 1] += 1
            cells[at] = p * BINS + bins[row]
            at += 1
    return sums, cells[:at]


def pair_table(words: Words, pairs: Tally, spans: Tally) -> pd.DataFrame:
    """What `pair_tallies` counted, for people: `COLUMNS`, the most frequent pairs first.

    Equals stand in alphabetical order of source and target.
    """
    frequency, cases, milliseconds = pairs.counts.T if len(pairs) else np.empty((3, 0), np.int64)
    p50, p90 = durations.quantiles(spans, pairs.keys, milliseconds, [0.5, 0.9]).T
    source, target = (words.places(pairs.keys[:, end]) for end in (0, 1))
    order = np.lexsort((target, source, -frequency))
    return pd.DataFrame(
        {
            "source": words.text.take(source[order]),
            "target": words.text.take(target[order]),
            "frequency": frequency[order],
            "cases": cases[order],
            "mean_seconds": (np.rint(milliseconds / np.maximum(frequency, 1)) / 1000)[order],
            "p50_seconds": p50[order],
            "p90_seconds": p90[order],
        }
    )
