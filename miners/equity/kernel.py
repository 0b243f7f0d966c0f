"""How far apart a group and comparable others are, and how sure that is; the one test of equity.

Gap: see `cells`. Interval: with q = g - share, the gap's variance is that of the sum of q times
residual, corrected for leverage (HC2, MacKinnon & White 1985); rows of one applicant are summed
before they are squared, and their leverage is the applicant's, as in Bell & McCaffrey (2002), from
whom the degrees of freedom are too. Heavy tails make a variance less sure than that: where its own
spread shows fewer degrees of freedom (Satterthwaite 1946), these count; and where what is summed is
skewed, the limit on that side lies farther out (Hall 1992). P-value: the variance when values are
dealt anew within strata (Strasser & Weber 1999), with what rows of one applicant have in common if
that adds to it, or, where it is plainly larger, the variance that the data show under no gap; where
an arm has few, values are dealt anew in fact (`permutation`).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from eventlog.kernels import Bools, Int64s
from miners.equity import kernel_loops as loops
from miners.equity.cells import Cells
from miners.equity.compared import Compared, compared_rows
from miners.equity.permutation import permuted_p_value
from miners.equity.rows import ALONE, CONSTANT, FEW, Gaps, Grouping, Strata
from miners.shares import Floats

FEWEST = 10
"""Rows, and applicants, that each arm needs among those compared."""
_NORMAL = 30
_MIRRORED = 2
_SURE = 0.975
_TINY = 1e-9
# In standard errors.
_DOUBT = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Spread:
    """Sums by value from which variances come, all [values]; r is what leverage leaves of 1."""

    robust: Floats  # the variance of U: the sum of x = u²/r
    robust_squared: Floats  # the sum of x²
    cubed: Floats  # the sum of x^1.5 with the sign of u
    null: Floats  # as `robust` under no gap
    null_squared: Floats
    freedom: Floats  # of Bell and McCaffrey
    expected_squared: Floats  # the sum of Q²
    units: Int64s  # applicants with the value among those compared
    other_units: Int64s


def compare(score: Floats, grouping: Grouping, strata: Strata, *, seed: int) -> Gaps:
    """Each value against all others in its stratum; `score` [rows], NaN where it is unknown.

    A row without a value, a stratum or a score is left out. The p-value is two-sided. With few
    rows or applicants in an arm it comes from permutations, which `seed` fixes.

    >>> place = np.repeat([0, 1], 20)
    >>> kind = Grouping(attribute="kind", names=("house", "shop"), place=place)
    >>> found = compare(np.arange(40.0), kind, Strata.of([np.zeros(40, np.int64)]), seed=1)
    >>> found.value.tolist(), found.why
    ([-20.0, 20.0], ('', ''))
    """
    rows, cells = compared_rows(score, grouping, strata)
    spread = _spread(rows, cells)
    why = _why(cells, spread)
    told = np.array([not reason for reason in why], bool)
    # Scores that are all the same, as where everybody is refused, do not show how sure they are.
    least = np.where(cells.varied, 0, cells.variance)
    variance = np.maximum(spread.robust, least)
    error = np.where(told, np.sqrt(variance) / np.maximum(cells.weight, _TINY), np.nan)
    freedom = np.where(told, _freedom(cells, spread), np.nan)
    value = np.where(told, cells.gap, np.nan)
    below, above = _limits(spread, freedom)
    few = told & (np.minimum(spread.units, spread.other_units) < _NORMAL)
    mine = cells.rows.sum(axis=0)
    return Gaps(
        rows=mine,
        others=int(mine.sum()) - mine,
        value=value,
        error=error,
        freedom=freedom,
        low=value - above * error,
        high=value - below * error,
        p_value=_p_values(rows, cells, spread, told, few, seed),
        coverage=cells.coverage,
        permuted=few,
        why=why,
    )


def unadjusted(score: Floats, grouping: Grouping, cluster: Int64s | None, *, seed: int) -> Gaps:
    """Each value against all others, comparable or not: the gap that anybody would see first.

    `cluster` [rows] numbers applicants, as in `Strata`.
    """
    everybody = Strata(stratum=np.zeros(len(score), np.int64), count=1, cluster=cluster)
    return compare(score, grouping, everybody, seed=seed)


def _spread(rows: Compared, cells: Cells) -> _Spread:
    """Rows that stand alone come from moments of cells, the others applicant by applicant."""
    moments = np.zeros((*cells.rows.shape, loops.MOMENTS))
    loops.add_moments(rows.score, rows.place, rows.stratum, rows.applicant < 0, moments)
    size, share, compared = np.maximum(cells.size, 1), cells.share, cells.compared
    weight = np.where(cells.weight > 0, cells.weight, 1)
    gap = np.where(cells.weight > 0, cells.gap, 0)
    within, across = np.zeros(share.shape), np.zeros(share.shape)
    everybody = moments.sum(axis=1, keepdims=True)
    sums = np.zeros((share.shape[1], loops.SUMS))
    for q, powers, units in (
        (1 - share, moments, loops.OF_VALUE),
        (-share, everybody - moments, loops.OF_OTHERS),
    ):
        q = np.where(compared, q, 0)  # noqa: PLW2901 - nothing is compared elsewhere
        n, first, second, third, fourth = np.moveaxis(powers, -1, 0)
        left = np.maximum(1 - 1 / size - q**2 / weight, _TINY)
        step = gap * q
        squared = second - 2 * step * first + step**2 * n
        cubed = third - 3 * step * second + 3 * step**2 * first - step**3 * n
        to_fourth = (
            fourth - 4 * step * third + 6 * step**2 * second - 4 * step**3 * first + step**4 * n
        )
        for place, term in (
            (loops.ROBUST, q**2 * np.maximum(squared, 0) / left),
            (loops.ROBUST_SQUARED, q**4 * np.maximum(to_fourth, 0) / left**2),
            (loops.CUBED, q**3 * cubed / left**1.5),
            (loops.NULL, q**2 * second / np.maximum(1 - 1 / size, _TINY)),
            (loops.NULL_SQUARED, q**4 * fourth / np.maximum(1 - 1 / size, _TINY) ** 2),
            (loops.LEAD, n * q**4 * (1 - ((1 - left) / left) ** 2)),
            (loops.CROSS, n * q**4 / left),
            (loops.EXPECTED_SQUARED, n * q**4),
            (units, np.where(compared, n, 0)),
        ):
            sums[:, place] += term.sum(axis=0)
        within += n * q**2 / left
        across += n * q**3 / left
    if rows.repeaters:
        applicants = (rows.applicant, rows.repeats, rows.repeaters)
        several = loops.by_applicant(rows.score, rows.place, rows.stratum, *applicants)
        sums += loops.add_applicants(*several, share, size[:, 0], gap, weight, within, across)
    known = sums.T
    spread = (
        known[loops.LEAD]
        + (within**2 / size**2).sum(axis=0)
        + 2 * (across**2 / size).sum(axis=0) / weight
        + (known[loops.CROSS] / weight) ** 2
    )
    return _Spread(
        robust=known[loops.ROBUST],
        robust_squared=known[loops.ROBUST_SQUARED],
        cubed=known[loops.CUBED],
        null=known[loops.NULL],
        null_squared=known[loops.NULL_SQUARED],
        freedom=weight**2 / np.maximum(spread, _TINY),
        expected_squared=known[loops.EXPECTED_SQUARED],
        units=known[loops.OF_VALUE].round().astype(np.int64),
        other_units=known[loops.OF_OTHERS].round().astype(np.int64),
    )


def _freedom(cells: Cells, spread: _Spread) -> Floats:
    """Degrees of freedom of the variance of the gap, at least 1; [values]."""
    weight = np.maximum(cells.weight, _TINY)
    # What the sum of x² would be if every x were what is expected of it: Q times the variance.
    level = spread.expected_squared * (spread.robust / weight) ** 2
    more = np.maximum(spread.robust_squared - level, _TINY * spread.robust**2)
    shown = np.where(more > 0, 2 * spread.robust**2 / np.where(more > 0, more, 1), np.inf)
    return np.maximum(np.minimum(spread.freedom, shown), 1.0)


def _limits(spread: _Spread, freedom: Floats) -> tuple[Floats, Floats]:
    """Between what values gap less truth, in standard errors, lies 95 times of 100; [values].

    The t curve, bent by the skewness of what the gap is the sum of (Hall 1992).
    """
    skew = spread.cubed / np.where(spread.robust > 0, spread.robust, 1) ** 1.5
    skew = np.where(np.abs(skew) > _TINY, skew, _TINY)
    edge = special.stdtrit(freedom, _SURE)
    below, above = (
        3 / skew * (np.cbrt(1 + skew * (side - skew / 6)) - 1) for side in (-edge, edge)
    )
    return np.minimum(below, -edge), np.maximum(above, edge)


def _why(cells: Cells, spread: _Spread) -> tuple[str, ...]:
    """Why each value cannot be told; empty where it can."""
    rows = cells.rows.sum(axis=0)
    others = rows.sum() - rows
    used, other_used = cells.used
    fewest = np.minimum(np.minimum(used, other_used), np.minimum(spread.units, spread.other_units))
    seen_few = (rows < FEWEST) | ((others > 0) & (others < FEWEST))
    reasons = np.select(
        [seen_few, used == 0, fewest < FEWEST, cells.variance <= 0],
        [FEW, ALONE, FEW, CONSTANT],
        "",
    )
    return tuple(reasons.tolist())


def _null_variance(cells: Cells, spread: _Spread) -> Floats:
    """The variance of U if there is no gap; [values].

    That of dealing anew, and what rows of one applicant have in common beyond it. A value whose
    scores plainly vary more than those of others has the variance that does not take them as alike.
    """
    common = np.maximum(spread.null - cells.null_variance, 0)
    level = spread.expected_squared * (spread.null / np.maximum(cells.weight, _TINY)) ** 2
    doubt = _DOUBT * np.sqrt(np.maximum(spread.null_squared - level, 0))
    dealt = cells.variance + common
    return np.where(spread.null - doubt > dealt, spread.null, dealt)


def _p_values(
    rows: Compared, cells: Cells, spread: _Spread, told: Bools, few: Bools, seed: int
) -> Floats:
    variance = _null_variance(cells, spread)
    z = np.abs(cells.surplus) / np.sqrt(np.where(told, variance, 1))
    p: Floats = np.where(told, 2 * special.ndtr(-z), np.nan)
    places = np.flatnonzero(few).tolist()
    if len(p) == _MIRRORED and places:  # each of two values mirrors the other
        p[:] = permuted_p_value(rows, cells, place=0, seed=seed)
        return p
    for place in places:
        p[place] = permuted_p_value(rows, cells, place=place, seed=seed)
    return p
