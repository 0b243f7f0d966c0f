"""How long things take, kept as counts on a logarithmic scale so that they can be added.

Exact percentiles cannot be merged; counts can. Each bin is 5.8 % wide and is told as its geometric
middle, so a quantile is within 3 % of the nearest-rank one (interface.md).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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


def sparse(keys: Int64s, histogram: Int64s | Int32s) -> Tally:
    """A dense histogram [n * BINS] for n keys [n, k] as a tally keyed by (key, bin)."""
    by_key = np.lexsort(keys.T[::-1])  # few keys are sorted quickly, many bins of keys are not
    keys, histogram = keys[by_key], histogram.reshape(len(keys), BINS)[by_key].ravel()
    occupied = np.flatnonzero(histogram)
    owner, place = occupied // BINS, occupied % BINS
    return Tally.of(np.column_stack([keys[owner], place]), histogram[occupied].astype(np.int64))


def quantiles(
    durations: Tally, keys: Int64s, milliseconds: Int64s, shares: Sequence[float]
) -> Floats:
    """Nearest-rank quantiles per key, in seconds; shape [len(keys), len(shares)].

    `durations` is keyed by (key, bin); `keys` [n, k] stand in canonical order with their exact
    sums of `milliseconds` [n]. Where all durations of a key share one bin, their mean is nearer
    the truth than the middle of the bin and is given instead. Keys without any give NaN.
    """
    out = np.full((len(keys), len(shares)), np.nan)
    if not len(durations):
        return out
    inner = durations.keys[:, :-1]
    first = np.ones(len(inner), bool)
    first[1:] = (inner[1:] != inner[:-1]).any(axis=1)
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(inner))
    counts = durations.counts[:, 0]
    running = np.cumsum(counts)
    before = running[starts] - counts[starts]
    total = running[ends - 1] - before
    place = {tuple(key): at for at, key in enumerate(keys.tolist())}
    at = np.array([place[tuple(key)] for key in inner[starts].tolist()], np.int64)
    lone = ends - starts == 1
    for column, share in enumerate(shares):
        rank = np.maximum(1, np.ceil(share * total).astype(np.int64))
        chosen = np.searchsorted(running, before + rank, side="left")
        told = bin_milliseconds(durations.keys[chosen, -1])
        told[lone] = milliseconds[at[lone]] / total[lone]
        out[at, column] = told / 1000
    return out
