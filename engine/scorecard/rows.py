"""What an indicator counts, row by row, and how a number and its limits come of it."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy import special

from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.shares import Floats, wilson
from miners.survival import Estimate, beyond_own_limit, kaplan_meier

SURE = 0.975
"""The quantile of a two-sided interval of 95 %."""
_LEAST_JUDGED = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """What is counted; each array has shape [rows].

    `at` is when a row counts, µs UTC. Rows of one `case` (or of one officer) hang together.
    What `top` and `bottom` are, the statistic says: what is counted and of how much, or how many
    milliseconds something took and whether (1, 0) it is over. `limit` ms is what it was promised
    to take, UNKNOWN everywhere else. `unit` is the code of the unit, -1 for none.
    """

    at: Int64s
    case: Int64s
    top: Floats
    bottom: Floats
    limit: Int64s
    unit: Int64s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        columns = (self.case, self.top, self.bottom, self.limit, self.unit)
        if any(len(column) != len(self.at) for column in columns):
            raise ValueError("the columns of rows differ in length")

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.at)

    @property
    def cases(self) -> int:
        """How many cases (or officers) the rows are of."""
        return len(np.unique(self.case))

    def take(self, which: Bools | Int64s) -> "Rows":
        """Some of the rows: a mark each, or places."""
        return replace(
            self,
            at=self.at[which],
            case=self.case[which],
            top=self.top[which],
            bottom=self.bottom[which],
            limit=self.limit[which],
            unit=self.unit[which],
        )


def rows(
    at: Int64s,
    case: Int64s,
    top: Floats,
    bottom: Floats,
    *,
    limit: Int64s | None = None,
    unit: Int64s | None = None,
) -> Rows:
    """Rows of plain columns, [rows] each; without limits and units where none are given."""
    return Rows(
        at=np.asarray(at, np.int64),
        case=np.asarray(case, np.int64),
        top=np.asarray(top, np.float64),
        bottom=np.asarray(bottom, np.float64),
        limit=np.full(len(at), UNKNOWN) if limit is None else limit,
        unit=np.full(len(at), -1) if unit is None else np.asarray(unit, np.int64),
    )


class Statistic(Protocol):
    """A number of rows, with the limits that its textbook gives it, and that book's name."""

    @property
    def source(self) -> str:
        """Whose limits they are."""

    def value(self, counted: Rows) -> float | None:
        """The number; None where the rows do not tell it."""

    def limits(self, counted: Rows) -> tuple[float, float] | None:
        """Its 95 % limits; None where the rows do not tell them."""

    def n(self, counted: Rows) -> int:
        """Of how many it is."""


@dataclass(frozen=True)
class Share:
    """The share of rows with a `top` of 1; limits of Wilson (1927)."""

    source: str = "Wilson"

    def value(self, counted: Rows) -> float | None:
        """The share; None of nothing."""
        return float(counted.top.mean()) if len(counted) else None

    def limits(self, counted: Rows) -> tuple[float, float] | None:
        """Wilson's."""
        if not len(counted):
            return None
        many = np.array([round(float(counted.top.sum()))], np.int64)
        low, high = wilson(many, np.array([len(counted)], np.int64))
        return float(low[0]), float(high[0])

    def n(self, counted: Rows) -> int:
        """The rows."""
        return len(counted)


@dataclass(frozen=True)
class Ratio:
    """The sum of `top` over that of `bottom`, times `scale`: a mean where each bottom is 1.

    Limits: the ratio estimator with the rows of a case as one (Cochran 1977, 6.4; 11.3), Student's
    t with one less than the cases.
    """

    scale: float = 1.0
    source: str = "t, by case"

    def value(self, counted: Rows) -> float | None:
        """The ratio; None of nothing."""
        below = float(counted.bottom.sum())
        return self.scale * float(counted.top.sum()) / below if below > 0 else None

    def limits(self, counted: Rows) -> tuple[float, float] | None:
        """Around the value; None of fewer than two cases."""
        value = self.value(counted)
        if value is None:
            return None
        _, place = np.unique(counted.case, return_inverse=True)
        many = int(place.max()) + 1
        if many < 2:  # noqa: PLR2004 (one case does not vary)
            return None
        rest = np.bincount(place, counted.top - value / self.scale * counted.bottom)
        spread = np.sqrt(many / (many - 1) * float((rest**2).sum()))
        half = self.scale * spread / float(counted.bottom.sum()) * _t(many - 1)
        return value - half, value + half

    def n(self, counted: Rows) -> int:
        """The rows that something is counted of."""
        return int((counted.bottom > 0).sum())


@dataclass(frozen=True)
class Within:
    """The days within which a `share` is over, open ones counted: Kaplan & Meier (1958).

    `top` is how long it took, ms, `bottom` whether it is over; `day` is a day in ms. Limits:
    Brookmeyer & Crowley (1982), which without open ones are those of order statistics.
    """

    share: float
    day: int
    source: str = "Brookmeyer-Crowley"

    def value(self, counted: Rows) -> float | None:
        """The days; None where too few are over."""
        found = self._found(counted)
        return None if found is None else found.value / self.day

    def limits(self, counted: Rows) -> tuple[float, float] | None:
        """None where one of the two cannot be told."""
        found = self._found(counted)
        if found is None or found.low is None or found.high is None:
            return None
        return found.low / self.day, found.high / self.day

    def n(self, counted: Rows) -> int:
        """The rows, open ones too."""
        return len(counted)

    def _found(self, counted: Rows) -> Estimate | None:
        if not len(counted):
            return None
        ran = counted.top.astype(np.int64)
        return kaplan_meier(ran, counted.bottom > 0).quantile(self.share)


@dataclass(frozen=True)
class InTime:
    """The share that took no longer than its limit, open ones counted (`miners.lateness`)."""

    source: str = "Kaplan-Meier at each term"

    def value(self, counted: Rows) -> float | None:
        """The share; None where fewer than 20 are known to be late or in time."""
        found = self._found(counted)
        return None if found is None else 1 - found.value

    def limits(self, counted: Rows) -> tuple[float, float] | None:
        """Log-log limits of Greenwood's variance."""
        found = self._found(counted)
        if found is None or found.low is None or found.high is None:
            return None
        return 1 - found.high, 1 - found.low

    def n(self, counted: Rows) -> int:
        """The rows, open ones too."""
        return len(counted)

    def _found(self, counted: Rows) -> Estimate | None:
        ran, ended = counted.top.astype(np.int64), counted.bottom > 0
        if int((ended | (ran > counted.limit)).sum()) < _LEAST_JUDGED:
            return None
        found = beyond_own_limit(ran, ended, counted.limit)
        return None if found is None else found.share


def _t(freedom: float) -> float:
    return float(special.stdtrit(freedom, SURE))
