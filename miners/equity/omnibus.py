"""Whether applications of different groups take different routes at all, all routes at once."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy import stats

from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.equity.rows import ALONE, CONSTANT, FEW, Grouping, Strata
from miners.shares import Floats

LEAST_ROWS = 30
"""Rows of a value among comparable others, below which it is put together with other such."""
LEAST_TAKEN = 5
"""Rows of a route, below which it is put together with other such."""
MOST_ROUTES = 50
"""Routes that are told apart, the commonest; all others count as one."""
MOST_VALUES = 30
"""Values that are told apart, the commonest; all others count as one."""


@dataclass(frozen=True, kw_only=True)
class Omnibus:
    """Whether routes differ between any values of an attribute, among comparable rows.

    `p_value` is that of no difference in any stratum; NaN where it cannot be told, and `why` says
    why (ALONE, CONSTANT or FEW, else empty). `statistic` would be `expected` by chance alone.
    `rows` is how many were compared, `values` and `routes` how many of these were told apart.
    """

    p_value: float
    statistic: float
    expected: float
    rows: int
    values: int
    routes: int
    why: str


def routes_differ(grouping: Grouping, strata: Strata, route: Int64s, *, seed: int) -> Omnibus:
    """Test all routes and all values of an attribute at once; `route` [rows] is a code, -1 unknown.

    The statistic sums `U² / (Var U + 1)` over values and routes, where `U` is how many rows
    of the value took the route less how many would have, had each stratum dealt out its routes by
    chance. That is a chi-type sum over the pooled tables of all strata (Mantel 1963), and the
    energy statistic with discrete distances (Rizzo & Székely 2010) with each difference held
    against its own spread: rare routes count as well, but one row where hardly any was expected
    does not outweigh all else. Under no difference it is a quadratic form whose mean and variance
    follow from the permutation covariance (Strasser & Weber 1999); the p-value is that of a gamma
    curve with the same two (Satterthwaite 1946).

    Where repeat applicants are known, one application each is compared, drawn by `seed`: a company
    that always takes one route is one witness, not five hundred.

    It says that something differs, never what, and takes many routes for one difference, so that it
    misses most of what a test of a single feature finds: it is no gate in front of those.
    """
    used = (grouping.place >= 0) & (strata.stratum >= 0) & (route >= 0)
    if strata.cluster is not None:
        used &= _one_each(strata.cluster, used, seed)
    place, stratum, taken = grouping.place[used], strata.stratum[used], route[used]
    if len(np.unique(taken)) <= 1:
        return _not_told(len(place), CONSTANT)
    if len(np.unique(place)) <= 1:
        return _not_told(len(place), ALONE)
    place = _pooled(place, least=LEAST_ROWS, most=MOST_VALUES)
    if int(place.max()) == 0:
        return _not_told(len(place), FEW)
    taken = _pooled(taken, least=LEAST_TAKEN, most=MOST_ROUTES)
    compared, several = _informative(stratum, place), _informative(stratum, taken)
    if not compared.any():
        return _not_told(0, ALONE)
    if not (compared & several).any():
        return _not_told(int(compared.sum()), CONSTANT)
    informative = compared & several
    _, row = np.unique(stratum[informative], return_inverse=True)
    tables = _Tables.of(row, place[informative], taken[informative])
    return tables.tested()


def _not_told(rows: int, why: str) -> Omnibus:
    nan = float("nan")
    return Omnibus(p_value=nan, statistic=nan, expected=nan, rows=rows, values=0, routes=0, why=why)


def _one_each(cluster: Int64s, used: Bools, seed: int) -> Bools:
    """One of the used rows of each cluster, by chance, and all without one; [rows]."""
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(used & (cluster >= 0)))
    drawn = np.full(int(cluster.max(initial=-1)) + 1, UNKNOWN, np.int64)
    drawn[cluster[rows]] = rows  # of several the last one stays
    out = cluster < 0
    out[drawn[drawn != UNKNOWN]] = True
    return out


def _pooled(codes: Int64s, *, least: int, most: int) -> Int64s:
    """Codes from 0 on: the commonest first, then one for all that are rare or too many."""
    distinct, code, counts = np.unique(codes, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    own = min(int((counts >= least).sum()), most)
    rank = np.empty(len(distinct), np.int64)
    rank[order] = np.minimum(np.arange(len(distinct)), own)
    return np.asarray(rank[code])


def _informative(stratum: Int64s, code: Int64s) -> Bools:
    """Which rows lie in a stratum in which the code is not the same all over; [rows]."""
    count = int(stratum.max(initial=-1)) + 1
    low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, -1)
    np.minimum.at(low, stratum, code)
    np.maximum.at(high, stratum, code)
    return np.asarray((low < high)[stratum])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tables:
    """Rows by stratum and value, by stratum and route, and by value and route."""

    by_value: Floats
    by_route: Floats
    both: Floats

    @staticmethod
    def of(stratum: Int64s, place: Int64s, taken: Int64s) -> "_Tables":
        values, routes = int(place.max()) + 1, int(taken.max()) + 1
        strata = int(stratum.max()) + 1
        return _Tables(
            by_value=_counted(stratum, place, (strata, values)),
            by_route=_counted(stratum, taken, (strata, routes)),
            both=_counted(place, taken, (values, routes)),
        )

    def tested(self) -> Omnibus:
        size = self.by_value.sum(axis=1)
        excess = self.both - (self.by_value / size[:, None]).T @ self.by_route
        covariance = self._covariance(size)
        variance = np.einsum("ggrr->gr", covariance)
        weight = 1 / (variance + 1)
        statistic = float((weight * excess**2).sum())
        expected = float((weight * variance).sum())
        spread = 2 * float(np.einsum("ghrq,gr,hq->", covariance**2, weight, weight, optimize=True))
        shape, scale = expected**2 / spread, spread / expected
        return Omnibus(
            p_value=float(stats.gamma.sf(statistic, shape, scale=scale)),
            statistic=statistic,
            expected=expected,
            rows=int(size.sum()),
            values=self.by_value.shape[1],
            routes=self.by_route.shape[1],
            why="",
        )

    def _covariance(self, size: Floats) -> Floats:
        """Of the counts under chance: those of values g, h taking routes r, q; [g, h, r, q]."""
        values, routes = self.by_value.shape[1], self.by_route.shape[1]
        out = np.empty((values, values, routes, routes))
        chance = 1 / (size * size * (size - 1))
        for one, other in combinations_with_replacement(range(values), 2):
            pairs = -self.by_value[:, one] * self.by_value[:, other]
            if one == other:
                pairs += size * self.by_value[:, one]
            weight = pairs * chance
            part = -(self.by_route * weight[:, None]).T @ self.by_route
            part += np.diag((weight * size) @ self.by_route)
            out[one, other] = out[other, one] = part
        return out


def _counted(row: Int64s, column: Int64s, shape: tuple[int, int]) -> Floats:
    counts = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.float64)
