"""How many days each detour adds to the cases that take it, and what they come to.

The excess of a strayed span is what it took less the mean of the straight spans of its cell
(`miners.detours.matching`); the mean of these is the stratified effect on those who strayed (the
weights of cells are their strayed spans). Intervals are of the kind HC2, clustered by case (one
may stray often, and be compared with itself elsewhere), with quantiles of t by Satterthwaite's
degrees of freedom, as Bell and McCaffrey (2002) advise where there are few.

A stretch of time in which a file takes two detours is one span and counts once; `sharing` says
whose its days are. What could not be priced (not over yet, nothing like it) is taken to cost what
the others of its subject do; `coverage` says how many could.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from eventlog.kernels import Bools, Int64s
from miners.detours.episodes import Episodes
from miners.detours.matching import Matching
from miners.detours.sharing import share
from miners.survival import Estimate, Floats

_LIMIT = 0.975


@dataclass(frozen=True, kw_only=True, eq=False)
class Excess:
    """What each strayed span took more than its like, and how far the means of these may be off.

    `milliseconds` [strayed] is nan where there is nothing to compare with. `off` [rows of the
    matching] is how far each straight span lies from the mean of its cell.
    """

    matching: Matching
    milliseconds: Floats
    off: Floats

    @property
    def known(self) -> Bools:
        """Which strayed spans are priced; [strayed]."""
        return np.asarray(self.matching.cell >= 0)


def excess(matching: Matching, strayed: Int64s, straight: Int64s) -> Excess:
    """Compare the milliseconds that spans took: [strayed] and [straight] of the matching."""
    sizes = np.diff(matching.offsets)
    cell = np.repeat(np.arange(matching.cells), sizes)
    took = straight[matching.rows].astype(np.float64)
    mean = np.bincount(cell, took, matching.cells) / np.maximum(sizes, 1)
    return Excess(
        matching=matching,
        milliseconds=strayed - np.append(mean, np.nan)[matching.cell],
        off=took - mean[cell],
    )


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the detours of one subject cost: milliseconds a case that takes it, and of all cases.

    `per_case` is told by the spans in which the detour comes alone, if there are enough; `case_ms`
    is that times `cases`. `of_total_ms` is what the subject has of the total, to which these add
    up: less, where its cases are on another detour meanwhile. `priced` of the `episodes` could be
    compared; limits are None where only one case was. `matched_on` is what most comparisons hold
    equal, beside the activities before, between and after.
    """

    cases: int
    episodes: int
    priced: int
    per_case: Estimate | None
    case_ms: Estimate | None
    of_total_ms: float
    matched_on: tuple[str, ...]

    @property
    def coverage(self) -> float:
        """The share of the detours that could be compared."""
        return self.priced / self.episodes if self.episodes else 0.0


@dataclass(frozen=True, kw_only=True)
class Costs:
    """The cost of each subject of the episodes, and of all of them, each stretch of time once."""

    subjects: Sequence[Cost]
    total: Estimate | None
    coverage: float


def costs(episodes: Episodes, span: Int64s, found: Excess) -> Costs:
    """Price every subject; `span` [episodes] is the strayed span that each detour is part of."""
    bill = _Bill(episodes, span, found)
    return Costs(
        subjects=[bill.cost(subject) for subject in range(len(episodes.subjects))],
        total=bill.total(),
        coverage=float(bill.known.mean()) if len(span) else 0.0,
    )


class _Bill:
    """All detours with their prices; `known` [episodes] says which have one."""

    def __init__(self, episodes: Episodes, span: Int64s, found: Excess) -> None:
        self.found, self.span, self.case = found, span, episodes.case
        self.known = found.known[span]
        subject, many = episodes.subject.astype(np.int64), len(episodes.subjects)
        self.subject = subject
        self.told = share(subject, span, found.milliseconds, many)
        self.of = _groups(subject, many)
        # What is not priced is taken to cost what is: a price stands for so many detours.
        priced = np.bincount(subject[self.known], minlength=many)
        self.stands_for = np.bincount(subject, minlength=many) / np.maximum(priced, 1)
        strayed = len(found.matching.strayed)
        self.weight = np.bincount(span, self.stands_for[subject], strayed) / np.maximum(
            np.bincount(span, minlength=strayed), 1
        )
        self._order = np.argsort(span, kind="stable")
        self._first = np.searchsorted(span[self._order], np.arange(strayed + 1))
        self._errors: dict[int, float] = {}

    def cost(self, subject: int) -> Cost:
        """What the detours of one subject cost."""
        rows = self.of[subject]
        priced, cases = rows[self.known[rows]], len(np.unique(self.case[rows]))
        each = self._each(subject, priced) if len(priced) else None
        spans = self.span[priced]
        return Cost(
            cases=cases,
            episodes=len(rows),
            priced=len(priced),
            per_case=None if each is None else _times(each, len(rows) / cases),
            case_ms=None if each is None else _times(each, len(rows)),
            of_total_ms=float((self.told.milliseconds[priced] * self.weight[spans]).sum()),
            matched_on=self.found.matching.mostly(spans) if len(priced) else (),
        )

    def total(self) -> Estimate | None:
        """What all strayed spans come to; None where none is priced."""
        spans = np.flatnonzero(self.found.known)
        if not len(spans):
            return None
        weights = self.weight[spans]
        value = float((self.found.milliseconds[spans] * weights).sum())
        return _around(value, _error(self.found, spans, weights, self.told.residual), 0.0)

    def _each(self, subject: int, priced: Int64s) -> Estimate:
        """What one detour costs: where it comes alone, or else less the prices of the others."""
        told = self.told
        if not np.isnan(told.price[subject]):
            rows = priced[told.alone[priced]]
            return _around(float(told.price[subject]), self._spread(rows), 0.0)
        value = float(told.milliseconds[priced].mean())
        first, size = self._first[self.span[priced]], np.diff(self._first)[self.span[priced]]
        others = self._order[_ranges(first, size)]
        paid = np.repeat(told.part[priced], size)
        lent = np.bincount(self.subject[others], paid, len(self.of)) / len(priced)
        lenders = np.flatnonzero((lent > 0) & ~np.isnan(told.price))
        more = sum(float(lent[other]) * self._price_error(other) for other in lenders.tolist())
        return _around(value, self._spread(priced), more)

    def _spread(self, rows: Int64s) -> tuple[float, float] | None:
        """The error of the mean of some detours' parts of their spans."""
        weights = self.told.part[rows] / len(rows)
        return _error(self.found, self.span[rows], weights, self.told.residual)

    def _price_error(self, subject: int) -> float:
        if subject not in self._errors:
            rows = self.of[subject]
            error = self._spread(rows[self.known[rows] & self.told.alone[rows]])
            self._errors[subject] = 0.0 if error is None else error[0]
        return self._errors[subject]


def _groups(group: Int64s, groups: int) -> list[Int64s]:
    """The places of each group, from 0 to `groups` - 1."""
    order = np.argsort(group, kind="stable")
    return np.split(order, np.searchsorted(group[order], np.arange(1, groups))) if groups else []


def _error(
    found: Excess, spans: Int64s, weights: Floats, residual: Floats
) -> tuple[float, float] | None:
    """The standard error of the weighted sum of excesses, and its degrees of freedom.

    None where fewer than two cases strayed.
    """
    matching = found.matching
    case, at = np.unique(matching.strayed.case[spans], return_inverse=True)
    if len(case) < 2:  # noqa: PLR2004  (one case has no spread)
        return None
    mine = np.bincount(at, weights * residual[spans]) * np.sqrt(len(case) / (len(case) - 1))
    cell, at = np.unique(matching.cell[spans], return_inverse=True)
    weight = np.bincount(at, weights)
    first, size = matching.offsets[cell], np.diff(matching.offsets)[cell]
    rows = _ranges(first, size)
    # A mean of n is off by a n-th of each, and n - 1 of these are free (HC2).
    pulls = -np.repeat(weight / np.sqrt(size * (size - 1.0)), size) * found.off[rows]
    others = matching.straight.case[matching.rows[rows]]
    _, at = np.unique(np.append(case, others), return_inverse=True)
    variance = float((np.bincount(at, np.append(mine, pulls)) ** 2).sum())
    strayed = float((mine**2).sum())
    straight = np.bincount(np.repeat(np.arange(len(cell)), size), pulls**2)
    spent = strayed**2 / (len(case) - 1) + float((straight**2 / (size - 1)).sum())
    freedom = (strayed + float(straight.sum())) ** 2 / spent if spent > 0 else np.inf
    return float(np.sqrt(variance)), freedom


def _ranges(first: Int64s, size: Int64s) -> Int64s:
    """The places first, first + 1 … of so many each, one range after the other."""
    return np.asarray(np.repeat(first - np.cumsum(size) + size, size) + np.arange(size.sum()))


def _around(value: float, error: tuple[float, float] | None, more: float) -> Estimate:
    """A value with its limits; `more` is added to the standard error, as at worst it may."""
    if error is None:
        return Estimate(value=value, low=None, high=None)
    reach = float(stats.t.ppf(_LIMIT, error[1])) * (error[0] + more)
    return Estimate(value=value, low=value - reach, high=value + reach)


def _times(estimate: Estimate, factor: float) -> Estimate:
    low, high = estimate.low, estimate.high
    return Estimate(
        value=estimate.value * factor,
        low=None if low is None else low * factor,
        high=None if high is None else high * factor,
    )
