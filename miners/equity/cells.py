"""How many rows each value has in each stratum, and their scores: all that many comparisons need.

With the score a, n1 rows of the value and n0 of others among n in a stratum, and its mean score m:
U = sum over strata of (sum of a over the value - n1 m), w = n1 n0 / n, the gap is U / sum of w. It
is what least squares with an effect for each stratum find (Mantel & Haenszel 1959 for shares).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.equity.kernel_loops import add_rows
from miners.equity.rows import Grouping, Strata
from miners.shares import Floats

# Sums of squares that differ by less than this part are equal but for rounding.
_ROUNDING = 1e-11
_TINY = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Sums over the rows of each stratum and value; tables have shape [strata, values].

    `total` and `squares` are the sums of the scores less `origin`, and of the squares of that.
    Cells of the parts of a log add up to those of the whole, if scores, strata, values and origin
    are the same in all.
    """

    rows: Int64s
    total: Floats
    squares: Floats
    origin: float = 0.0

    def __post_init__(self) -> None:
        """Refuses tables that do not belong together."""
        if not (self.rows.shape == self.total.shape == self.squares.shape):
            shapes = f"{self.rows.shape}, {self.total.shape}, {self.squares.shape}"
            raise ValueError(f"tables of cells have shapes {shapes}; expected one [strata, values]")

    @staticmethod
    def of(score: Floats, grouping: Grouping, strata: Strata, *, origin: float = 0.0) -> "Cells":
        """The cells of rows; a row without score, value or stratum is left out. `score` [rows]."""
        shape = (strata.count, len(grouping.names))
        cells = Cells(
            rows=np.zeros(shape, np.int64),
            total=np.zeros(shape),
            squares=np.zeros(shape),
            origin=origin,
        )
        tables = cells.rows, cells.total, cells.squares
        add_rows(score - origin, grouping.place, strata.stratum, *tables)
        return cells

    def plus(self, other: "Cells") -> "Cells":
        """The cells of the rows of both."""
        if self.rows.shape != other.rows.shape or self.origin != other.origin:
            told = (
                f"{self.rows.shape} from {self.origin} and {other.rows.shape} from {other.origin}"
            )
            raise ValueError(f"cells of {told} do not add up; use the same strata, values, origin")
        return replace(
            self,
            rows=self.rows + other.rows,
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )

    @cached_property
    def size(self) -> Floats:
        """The rows of each stratum; [strata, 1]."""
        return np.asarray(self.rows.sum(axis=1, keepdims=True), np.float64)

    @cached_property
    def mean(self) -> Floats:
        """The mean score of each stratum less the origin, 0 where it is empty; [strata, 1]."""
        return np.asarray(self.total.sum(axis=1, keepdims=True) / np.maximum(self.size, 1))

    @cached_property
    def compared(self) -> Bools:
        """Where the value and others meet; [strata, values]."""
        return np.asarray((self.rows > 0) & (self.rows < self.size))

    @cached_property
    def share(self) -> Floats:
        """The value's share of the stratum where it meets others, 0 elsewhere."""
        return np.where(self.compared, self.rows / np.maximum(self.size, 1), 0.0)

    @cached_property
    def used(self) -> tuple[Int64s, Int64s]:
        """How many rows of each value, and of others, are in strata where they meet; [values]."""
        mine = np.where(self.compared, self.rows, 0).sum(axis=0)
        all_used = np.where(self.compared, self.size, 0).sum(axis=0).astype(np.int64)
        return mine, all_used - mine

    @cached_property
    def coverage(self) -> Floats:
        """The share of the value's rows that meet others; 0 where it has none; [values]."""
        return np.asarray(self.used[0] / np.maximum(self.rows.sum(axis=0), 1))

    @cached_property
    def weight(self) -> Floats:
        """The sum over strata of w; [values]."""
        return np.asarray((self.size * self.share * (1 - self.share)).sum(axis=0))

    @cached_property
    def surplus(self) -> Floats:
        """U: what the value's rows score beyond the means of their strata; [values]."""
        beyond = np.where(self.compared, self.total - self.rows * self.mean, 0.0)
        return np.asarray(beyond.sum(axis=0))

    @cached_property
    def gap(self) -> Floats:
        """U / sum of w: the value's rows less comparable others; NaN without any; [values]."""
        told = self.weight > 0
        return np.where(told, self.surplus / np.where(told, self.weight, 1), np.nan)

    @cached_property
    def variance(self) -> Floats:
        """That of U when values are dealt anew within strata (Strasser & Weber 1999); [values]."""
        squares = self.squares.sum(axis=1, keepdims=True)
        spread = squares - self.size * self.mean**2
        spread = np.where(spread > _ROUNDING * squares, spread, 0.0) / np.maximum(self.size - 1, 1)
        return np.asarray((self.size * self.share * (1 - self.share) * spread).sum(axis=0))

    @cached_property
    def error(self) -> Floats:
        """The standard error of the gap, each row on its own (HC2, MacKinnon & White 1985).

        Of shape [values]; NaN where nothing is compared.
        """
        told = self.weight > 0
        weight = np.where(told, self.weight, 1)
        gap, rivalry = np.where(told, self.gap, 0), np.where(told, 1 / weight, 0)
        return np.where(told, np.sqrt(self._robust(gap, rivalry)) / weight, np.nan)

    @cached_property
    def null_variance(self) -> Floats:
        """That of U if there is no gap, each row on its own, however much each arm varies."""
        nothing = np.zeros(len(self.weight))
        return self._robust(nothing, nothing)

    @cached_property
    def varied(self) -> Bools:
        """Whether scores vary both among the value's rows and among the others; [values]."""
        both = np.ones(len(self.weight), bool)
        for whose in (0, 1):
            n, total, squares = (
                np.where(self.compared, whose * t.sum(1, keepdims=True) + (1 - 2 * whose) * t, 0)
                for t in (self.rows, self.total, self.squares)
            )
            mean = total.sum(axis=0) / np.maximum(n.sum(axis=0), 1)
            spread = squares.sum(axis=0) - n.sum(axis=0) * mean**2
            both &= spread > _ROUNDING * squares.sum(axis=0)
        return both

    def _robust(self, gap: Floats, rivalry: Floats) -> Floats:
        """The sum of (q times residual)² over what leverage, 1 / n + q² rivalry, leaves of 1."""
        centred = self.total - self.rows * self.mean
        squared = self.squares - 2 * self.mean * self.total + self.rows * self.mean**2
        arms = (
            (1 - self.share, self.rows, centred, squared),
            (-self.share, *(t.sum(1, keepdims=True) - t for t in (self.rows, centred, squared))),
        )
        found = np.zeros(len(gap))
        for q, rows, first, second in arms:
            left = np.maximum(1 - 1 / np.maximum(self.size, 1) - q**2 * rivalry, _TINY)
            residual = second - 2 * gap * q * first + rows * (gap * q) ** 2
            found += np.where(self.compared, q**2 * np.maximum(residual, 0) / left, 0).sum(axis=0)
        return found
