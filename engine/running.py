"""Totals that go on changing: a small change costs what it is, not what the total is."""

from collections.abc import Mapping

import numba
import numpy as np
import pyarrow as pa

from eventlog.kernels import Bools, Int64s
from eventlog.tally import Summary, Tally


class RunningSummary:
    """A summary that takes change after change and can be asked for at any time."""

    def __init__(self, seen: Summary) -> None:
        self._tables = {name: _RunningTally(tally) for name, tally in seen.tables.items()}

    def change(self, before: Summary, after: Summary) -> None:
        """Take away what was seen in some cases before, and add what is seen in them now."""
        for name, running in self._tables.items():
            running.add(merged(negative(before[name]), after[name]))

    def summary(self) -> Summary:
        """All that was seen, equal to what observing everything at once gives."""
        tables: Mapping[str, Tally] = {name: r.tally() for name, r in self._tables.items()}
        return Summary(tables=tables)


class _RunningTally:
    """A tally in parts of shrinking size, of which the last take the changes.

    Two parts are merged when the later one has grown as large as the earlier (a log-structured
    merge tree; O'Neil et al. 1996): a row is moved a logarithmic number of times, not with every
    change.
    """

    def __init__(self, whole: Tally) -> None:
        self._parts = [whole]

    def add(self, part: Tally) -> None:
        self._parts.append(part)
        while len(self._parts) > 1 and len(self._parts[-1]) >= len(self._parts[-2]):
            self._merge_last()

    def tally(self) -> Tally:
        while len(self._parts) > 1:
            self._merge_last()
        return self._parts[0]

    def _merge_last(self) -> None:
        last = self._parts.pop()
        self._parts[-1] = merged(self._parts[-1], last)


def negative(tally: Tally) -> Tally:
    """The tally that takes away what `tally` adds."""
    return Tally(keys=tally.keys, counts=-tally.counts, meanings=tally.meanings)


def merged(one: Tally, other: Tally) -> Tally:
    """`one + other`; cheap where `other` is small, since what lies between its rows is only copied.

    Where nothing comes or goes, the keys are shared with `one`.
    """
    if not len(one) or not len(other):
        return one if len(one) else other
    if one.meanings is not None and pa.types.is_string(one.meanings.type):
        return one + other  # labels: few, and two texts under one key must be refused
    keys = np.ascontiguousarray(one.keys)
    counts = np.ascontiguousarray(one.counts)
    more = np.ascontiguousarray(other.keys)
    at, met = _places(keys, more)
    sums = other.counts.copy()
    sums[met] += counts[at[met]]
    stays: Bools = (sums != 0).any(axis=1)
    if met.all() and stays.all():
        counts = counts.copy()
        counts[at] = sums
        return Tally(keys=keys, counts=counts, meanings=one.meanings)
    size = len(keys) + int((stays & ~met).sum()) - int((met & ~stays).sum())
    meanings = None
    if one.meanings is not None:
        rows = np.arange(len(keys))[:, None]
        took = np.where(met, at, len(keys) + np.arange(len(more)))[:, None]
        places = _spliced(rows, took, at, met, stays, size)[:, 0]
        meanings = pa.concat_arrays([one.meanings, other.meanings]).take(pa.array(places))
    return Tally(
        keys=_spliced(keys, more, at, met, stays, size),
        counts=_spliced(counts, sums, at, met, stays, size),
        meanings=meanings,
    )


@numba.njit(cache=True, nogil=True)
def _before(one: Int64s, row: int, other: Int64s, wanted: int) -> bool:
    """Whether that row of `one` stands before the wanted row of `other`."""
    for column in range(one.shape[1]):
        if one[row, column] != other[wanted, column]:
            return bool(one[row, column] < other[wanted, column])
    return False


@numba.njit(cache=True, nogil=True)
def _places(one: Int64s, other: Int64s) -> tuple[Int64s, Bools]:
    """Where each row of `other` belongs in `one`, and whether it is there; both are sorted.

    From each place the next is looked for in steps that double, then by halving.
    """
    rows, width = one.shape
    at = np.empty(other.shape[0], np.int64)
    met = np.zeros(other.shape[0], np.bool_)
    low = 0
    for wanted in range(other.shape[0]):
        step = 1
        high = low
        while high < rows and _before(one, high, other, wanted):
            low = high + 1
            high += step
            step *= 2
        high = min(high, rows)
        while low < high:
            middle = (low + high) // 2
            if _before(one, middle, other, wanted):
                low = middle + 1
            else:
                high = middle
        at[wanted] = low
        if low < rows:
            same = True
            for column in range(width):
                same &= one[low, column] == other[wanted, column]
            met[wanted] = same
    return at, met


@numba.njit(cache=True, nogil=True)
def _spliced(one: Int64s, other: Int64s, at: Int64s, met: Bools, stays: Bools, size: int) -> Int64s:
    """The rows of `one` with those of `other` in their places; `size` rows.

    Where `met`, a row takes the place of the one that is there; where it does not stay, nothing
    stands there.
    """
    width = one.shape[1]
    whole, taken = one.reshape(-1), 0
    out, put = np.empty(size * width, np.int64), 0
    for row in range(at.size):
        run = at[row] * width - taken
        out[put : put + run] = whole[taken : taken + run]
        put += run
        taken += run + width * met[row]
        if stays[row]:
            for column in range(width):
                out[put + column] = other[row, column]
            put += width
    out[put:] = whole[taken:]
    return out.reshape(-1, width)
