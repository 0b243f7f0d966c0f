"""How long things take, kept as counts on a logarithmic scale so that they can be added.

Exact percentiles cannot be merged; counts can. Each bin is 5.8 % wide and is told as its geometric
middle, so a quantile is within 3 % of the nearest-rank one (interface.md).
"""

from collections.abc import Sequence

import numba
import numpy as np
import numpy.typing as npt

from eventlog import kernels
from eventlog.following import BIN_RATIO, BINS
from eventlog.kernels import Int32s, Int64s
from eventlog.tally import Tally

Floats = npt.NDArray[np.float64]


def bin_edges(bins: Int64s) -> tuple[Floats, Floats]:
    """Where bins begin and end, in milliseconds; shape as `bins`."""
    low = np.where(bins == 0, 0.0, BIN_RATIO ** (bins - 1.0))
    return low, np.where(bins == 0, 1.0, low * BIN_RATIO)


def bin_milliseconds(bins: Int64s) -> Floats:
    """The duration that a bin stands for: its geometric middle, in milliseconds."""
    low, high = bin_edges(bins)
    return np.sqrt(low * high)


_MIDDLES = bin_milliseconds(np.arange(BINS))


def sparse(keys: Int64s, histogram: Int64s | Int32s) -> Tally:
    """A dense histogram [n * BINS] for n distinct keys [n, k] as a tally keyed by (key, bin)."""
    keys = np.ascontiguousarray(keys)
    if not kernels.ascending(keys):
        by_key = np.lexsort(keys.T[::-1])  # few keys are sorted quickly, many bins of keys are not
        keys, histogram = keys[by_key], histogram.reshape(len(keys), BINS)[by_key].ravel()
    by_bin, counts = _occupied(keys, histogram)
    return Tally(keys=by_bin, counts=counts)


@numba.njit(cache=True, nogil=True)
def _occupied(keys: Int64s, histogram: Int64s | Int32s) -> tuple[Int64s, Int64s]:
    occupied = 0
    for cell in range(histogram.size):
        occupied += histogram[cell] != 0
    width = keys.shape[1]
    by_bin = np.empty((occupied, width + 1), np.int64)
    counts = np.empty((occupied, 1), np.int64)
    at = 0
    for owner in range(keys.shape[0]):
        for place in range(BINS):
            count = histogram[owner * BINS + place]
            if count != 0:
                for column in range(width):
                    by_bin[at, column] = keys[owner, column]
                by_bin[at, width] = place
                counts[at, 0] = count
                at += 1
    return by_bin, counts


def counted(keys: Int64s, cells: Int64s) -> Tally:
    """Occurrences in order, each as owner * BINS + bin, as a tally keyed by (key, bin).

    `keys` [n, k] are those of the owners, distinct, in any order.
    """
    return Tally.of(*_runs(np.ascontiguousarray(keys), cells))


@numba.njit(cache=True, nogil=True)
def _runs(keys: Int64s, cells: Int64s) -> tuple[Int64s, Int64s]:
    runs = 0
    for row in range(cells.size):
        runs += row == 0 or cells[row] != cells[row - 1]
    width = keys.shape[1]
    by_bin = np.empty((runs, width + 1), np.int64)
    counts = np.zeros((runs, 1), np.int64)
    at = -1
    for row in range(cells.size):
        if row == 0 or cells[row] != cells[row - 1]:
            at += 1
            owner = cells[row] // BINS
            for column in range(width):
                by_bin[at, column] = keys[owner, column]
            by_bin[at, width] = cells[row] - owner * BINS
        counts[at, 0] += 1
    return by_bin, counts


def quantiles(
    durations: Tally, keys: Int64s, milliseconds: Int64s, shares: Sequence[float]
) -> Floats:
    """Nearest-rank quantiles per key, in seconds; shape [len(keys), len(shares)].

    `durations` is keyed by (key, bin); `keys` [n, k] stand in canonical order with their exact
    sums of `milliseconds` [n]. Where all durations of a key share one bin, their mean is nearer
    the truth than the middle of the bin and is given instead. Keys without any give NaN.
    """
    if not len(durations):
        return np.full((len(keys), len(shares)), np.nan)
    out, told = _quantiles(
        np.ascontiguousarray(durations.keys),
        np.ascontiguousarray(durations.counts),
        np.ascontiguousarray(keys),
        np.ascontiguousarray(milliseconds),
        np.array(shares, np.float64),
        _MIDDLES,
    )
    if told != len(durations):
        raise ValueError(f"{len(durations) - told} durations belong to none of the keys")
    return out


@numba.njit(cache=True, nogil=True)
def _quantiles(
    by_bin: Int64s,
    counts: Int64s,
    keys: Int64s,
    milliseconds: Int64s,
    shares: Floats,
    middles: Floats,
) -> tuple[Floats, int]:
    """One walk over both tables, which stand in the same order; and how many rows it passed."""
    rows, width = by_bin.shape[0], keys.shape[1]
    out = np.full((keys.shape[0], shares.size), np.nan)
    begin = 0
    for owner in range(keys.shape[0]):
        end, total = begin, np.int64(0)
        while end < rows:
            same = True
            for column in range(width):
                same &= by_bin[end, column] == keys[owner, column]
            if not same:
                break
            total += counts[end, 0]
            end += 1
        for number in range(shares.size):
            if end == begin + 1:
                out[owner, number] = milliseconds[owner] / total / 1000
            elif end > begin:
                rank = max(np.int64(1), np.int64(np.ceil(shares[number] * total)))
                row, running = begin, counts[begin, 0]
                while running < rank:
                    row += 1
                    running += counts[row, 0]
                out[owner, number] = middles[by_bin[row, width]] / 1000
        begin = end
    return out, begin
