"""What sets applications apart from the comparable ones beside them: deviations within strata.

By Frisch, Waugh & Lovell, least squares with an effect for each stratum are least squares of what
each column deviates from its mean in the stratum.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import scipy.linalg
from scipy import stats

from eventlog.kernels import Bools, Int64s
from miners.equity import within_loops as loops
from miners.equity.rows import Grouping, Strata
from miners.shares import SURE, Floats

# Numbers that are held at a time beside the rows themselves: 2 MB of them.
_AT_A_TIME = 1 << 18
# A column of which less than this part is left is a sum of those before it, but for rounding.
_NOTHING_LEFT = 1e-9
_TAIL = 0.975


@dataclass(frozen=True, kw_only=True, eq=False)
class Codes:
    """One column of 0 and 1 for each code; a row of code -1 has 0 in all. `code` [rows]."""

    code: Int64s
    count: int

    def __post_init__(self) -> None:
        """Refuses codes beyond the count."""
        if len(self.code) and not -1 <= self.code.min() <= self.code.max() < self.count:
            found = f"{self.code.min()} to {self.code.max()}"
            raise ValueError(f"codes are {found}; expected -1 to {self.count - 1}")

    @property
    def known(self) -> Bools:
        """Every row: what has no code has 0 in all columns."""
        return np.ones(len(self.code), np.bool_)


@dataclass(frozen=True, kw_only=True, eq=False)
class Numbers:
    """Columns of numbers, or of 0 and 1; `values` [rows, count], NaN for what is not known."""

    values: Floats

    def __post_init__(self) -> None:
        """Refuses anything but a table."""
        if len(self.values.shape[1:]) != 1:
            raise ValueError(f"numbers have shape {self.values.shape}; expected [rows, columns]")

    @property
    def count(self) -> int:
        """How many columns."""
        return int(self.values.shape[1])

    @property
    def known(self) -> Bools:
        """The rows of which all numbers are known."""
        return np.asarray(np.isfinite(self.values).all(axis=1))


Columns = Codes | Numbers


@dataclass(frozen=True, kw_only=True, eq=False)
class Within:
    """Columns as deviations from their means in the stratum.

    The first column is the score, then comes one of 0 and 1 for each value of the grouping, and
    then what stands beside them; `spans` tells where the columns of each part are. The rows are
    those of strata of two and more, in the order of `cluster` [rows] where applicants are known.
    `code` [rows, parts] and `number` [rows, some] at `column` [some] are as in `within_loops`,
    `mean` [strata, columns] is that of the columns of 0 and 1, `size` [strata] counts rows.
    """

    stratum: Int64s
    size: Floats
    cluster: Int64s | None
    spans: tuple[slice, ...]
    code: Int64s
    number: Floats
    column: Int64s
    mean: Floats

    @staticmethod
    def of(
        score: Floats, grouping: Grouping, strata: Strata, beside: Sequence[Columns]
    ) -> "Within":
        """The columns of rows that are known in full, have a stratum, and others in it."""
        known = comparable(score, grouping, strata)
        for part in beside:
            known &= part.known
        size = np.bincount(strata.stratum[known], minlength=strata.count)
        met = size > 1
        rows = np.flatnonzero(known)
        rows = rows[met[strata.stratum[rows]]]
        cluster = None
        if strata.cluster is not None:
            cluster = apart(strata.cluster)[rows]
            order = np.argsort(cluster, kind="stable")
            rows, cluster = rows[order], cluster[order]
        stratum, sizes = (np.cumsum(met) - 1)[strata.stratum[rows]], size[met].astype(np.float64)
        values = Codes(code=grouping.place, count=len(grouping.names))
        parts = [Numbers(values=score[:, None]), values, *beside]
        ends = np.cumsum([0, *(part.count for part in parts)]).tolist()
        spans = tuple(slice(a, b) for a, b in pairwise(ends))
        codes, numbers = [], []
        column: list[int] = []
        for part, span in zip(parts, spans, strict=True):
            if isinstance(part, Codes):
                code = part.code[rows]
                codes.append(np.where(code >= 0, code + span.start, -1))
            else:
                numbers.append(part.values[rows].astype(np.float64))
                column.extend(range(span.start, span.stop))
        code, number = np.stack(codes, axis=1), np.concatenate(numbers, axis=1)
        loops.number_deviations(number, stratum, sizes)
        return Within(
            stratum=stratum,
            size=sizes,
            cluster=cluster,
            spans=spans,
            code=code,
            number=number,
            column=np.array(column, np.int64),
            mean=loops.column_means(code, stratum, sizes, ends[-1]),
        )

    @property
    def count(self) -> int:
        """How many columns there are."""
        return int(self.spans[-1].stop)

    @cached_property
    def products(self) -> Floats:
        """Sums over rows of the products of each two columns' deviations; [columns, columns]."""
        total = np.zeros((self.count, self.count))
        loops.add_products(self.code, self.number, self.column, total)
        return total - (self.mean.T * self.size) @ self.mean

    def times(self, weights: Floats) -> Iterator[tuple[slice, Floats]]:
        """Deviations of all columns times `weights` [columns, some], for so many rows at a time."""
        weights = np.ascontiguousarray(weights)
        of_means = self.mean @ weights
        step = max(1, _AT_A_TIME // max(1, weights.shape[1]))
        for start in range(0, len(self.stratum), step):
            rows = slice(start, min(start + step, len(self.stratum)))
            out = np.empty((rows.stop - start, weights.shape[1]))
            parts = self.code[rows], self.number[rows], self.column, self.stratum[rows]
            loops.times(*parts, weights, of_means, out)
            yield rows, out

    def unit(self, columns: slice | Int64s) -> Floats:
        """Weights that pick some columns; [columns, some]."""
        return np.asarray(np.eye(self.count)[:, columns])

    def spread(self, columns: slice | Int64s, weights: Floats) -> Floats:
        """The `weights` of some columns, with 0 for all the others; [columns, some]."""
        out = np.zeros((self.count, weights.shape[1]))
        out[columns] = weights
        return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Basis:
    """Columns turned into others that are worth the same, of length one and independent.

    `weights` [columns, rank]: deviations times them are the new columns. A column that those before
    it add up to is left out.
    """

    weights: Floats

    @staticmethod
    def of(products: Floats) -> "Basis":
        """The basis of columns with these `products` [columns, columns]."""
        length = np.sqrt(np.maximum(np.diag(products), 0))
        worth = np.where(length > 0, length, 1)
        left = products / np.outer(worth, worth)
        kept: list[int] = []
        for column in range(len(left)):
            if left[column, column] > _NOTHING_LEFT:
                kept.append(column)
                left = left - np.outer(left[:, column], left[column]) / left[column, column]
        weights = np.zeros((len(products), len(kept)))
        if kept:
            scaled = (products / np.outer(worth, worth))[np.ix_(kept, kept)]
            root = np.linalg.cholesky(scaled)
            inverse = scipy.linalg.solve_triangular(root, np.eye(len(kept)), lower=True)
            weights[kept] = inverse.T / worth[kept, None]
        return Basis(weights=weights)


@dataclass(kw_only=True, eq=False)
class ClusterSquares:
    """Sums of the squares of what rows of one applicant add up to; rows come in their order.

    `width` is how many columns are summed. Where nobody knows who applies, each row is on its own.
    """

    width: int
    _total: Floats = field(init=False)
    _open: Floats = field(init=False)
    _last: int = field(init=False, default=-1)

    def __post_init__(self) -> None:
        """Starts with nothing."""
        self._total, self._open = np.zeros(self.width), np.zeros(self.width)

    def add(self, scores: Floats, cluster: Int64s | None) -> None:
        """More rows, [some, width]; an applicant's may go on where those before left off."""
        if cluster is None:
            self._total += np.einsum("ij,ij->j", scores, scores)
            return
        starts = np.flatnonzero(np.diff(cluster, prepend=cluster[0] - 1))
        sums = np.add.reduceat(scores, starts, axis=0)
        if cluster[0] == self._last:
            sums[0] += self._open
        else:
            self._total += self._open**2
        self._open, self._last = sums[-1].copy(), int(cluster[-1])
        self._total += np.einsum("ij,ij->j", sums[:-1], sums[:-1])

    def total(self) -> Floats:
        """The sum of squares so far; [width]."""
        return self._total + self._open**2


@dataclass(frozen=True, kw_only=True, eq=False)
class Amounts:
    """Amounts with their standard errors and 95 % limits; all of one shape, NaN where unknown."""

    value: Floats
    error: Floats
    low: Floats
    high: Floats

    @staticmethod
    def of(value: Floats, error: Floats, freedom: Floats) -> "Amounts":
        """With limits by Student's t of so many degrees of `freedom`, inf for the normal curve."""
        half = widths(freedom) * error
        return Amounts(value=value, error=error, low=value - half, high=value + half)


def comparable(score: Floats, grouping: Grouping, strata: Strata) -> Bools:
    """Which rows have a known score, a value and a stratum; [rows]."""
    return np.isfinite(score) & (grouping.place >= 0) & (strata.stratum >= 0)


def widths(freedom: Floats) -> Floats:
    """How many standard errors a 95 % limit lies from the value; NaN without freedom."""
    with np.errstate(invalid="ignore"):
        finite = np.where(freedom > 0, np.minimum(freedom, 1e9), np.nan)
    return np.where(np.isposinf(freedom), SURE, stats.t.ppf(_TAIL, finite))


def apart(cluster: Int64s) -> Int64s:
    """Clusters numbered from 0, each unknown one (-1) as a cluster of its own."""
    unknown = cluster < 0
    named = np.where(unknown, cluster.max(initial=-1) + np.cumsum(unknown), cluster)
    return np.asarray(named, np.int64)
