"""Comparisons agree with statsmodels and scipy, and are as sure as they say."""

import warnings

import numpy as np
import pytest
from pandas.errors import Pandas4Warning
from scipy import stats

from miners.differences import differences
from miners.equity.cells import Cells
from miners.equity.kernel import compare
from miners.equity.odds import odds_ratios
from miners.equity.rows import Grouping, Strata

with warnings.catch_warnings():
    # statsmodels is decorated with what pandas 3 says it will lose
    warnings.simplefilter("ignore", Pandas4Warning)
    import statsmodels.api as sm
    from statsmodels.stats.contingency_tables import StratifiedTable


def grouped(place, names=("a", "b")):
    return Grouping(attribute="kind", names=names, place=np.asarray(place, np.int64))


def strata_of(stratum, cluster=None):
    return Strata(stratum=stratum, count=int(stratum.max()) + 1, cluster=cluster)


@pytest.fixture
def office():
    """600 applications in 30 strata, some with one group alone; scores vary more in the second."""
    rng = np.random.default_rng(11)
    stratum = np.sort(rng.integers(0, 30, 600))
    place = (rng.random(600) < 0.1 + 0.3 * (stratum % 3)).astype(np.int64)
    score = rng.exponential(3, 600) * (1 + place) + stratum % 5
    return score, place, stratum


def dummies(stratum):
    return (stratum[:, None] == np.unique(stratum)).astype(float)


def test_gap_and_hc2_are_those_of_least_squares_with_an_effect_for_each_stratum(office):
    score, place, stratum = office
    design = np.column_stack([place, dummies(stratum)])
    oracle = sm.OLS(score, design).fit(cov_type="HC2")
    cells = Cells.of(score, grouped(place), strata_of(stratum))
    found = compare(score, grouped(place), strata_of(stratum), seed=1)
    for value, error in ((cells.gap, cells.error), (found.value, found.error)):
        assert value[1] == pytest.approx(oracle.params[0], rel=1e-9)
        assert error[1] == pytest.approx(oracle.bse[0], rel=1e-9)


def test_degrees_of_freedom_are_those_of_bell_and_mccaffrey(office):
    """Their definition with the matrices written out, for scores with light tails."""
    _, place, stratum = office
    score = np.random.default_rng(1).choice([-1.0, 1.0], 600)
    design = np.column_stack([place, dummies(stratum)])
    hat = design @ np.linalg.pinv(design)
    row = np.linalg.pinv(design)[0]
    left = np.eye(600) - hat
    middle = left @ np.diag(row**2 / np.maximum(np.diag(left), 1e-9)) @ left
    found = compare(score, grouped(place), strata_of(stratum), seed=1)
    expected = np.trace(middle) ** 2 / (middle**2).sum()
    assert found.freedom[1] == pytest.approx(expected, rel=1e-6)


def test_error_with_applicants_is_that_of_their_summed_residuals(office):
    """Without correction for leverage it is the plain sandwich of statsmodels; ours is no less."""
    score, place, stratum = office
    cluster = np.random.default_rng(2).integers(0, 300, 600)
    design = np.column_stack([place, dummies(stratum)])
    plain = sm.OLS(score, design).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    found = compare(score, grouped(place), strata_of(stratum, cluster), seed=1)
    assert plain.bse[0] < found.error[1] < 1.1 * plain.bse[0]
    residual = left_over(design, score)
    part = left_over(dummies(stratum), place.astype(float))
    left = np.eye(600) - design @ np.linalg.pinv(design)
    total = 0.0
    for one in np.unique(cluster):
        mine = np.flatnonzero(cluster == one)
        q = part[mine]
        if (q @ q) > 0:
            total += (q @ residual[mine]) ** 2 * (q @ q) / (q @ left[np.ix_(mine, mine)] @ q)
    assert found.error[1] == pytest.approx(np.sqrt(total) / (part @ part), rel=1e-9)


def left_over(design, of):
    return of - design @ (np.linalg.pinv(design) @ of)


@pytest.fixture
def tables(office):
    _, place, stratum = office
    score = (np.random.default_rng(3).random(600) < 0.3 + 0.2 * place).astype(float)
    both = [
        np.array(
            [[((place == g) & (stratum == s) & (score == a)).sum() for a in (1, 0)] for g in (1, 0)]
        )
        for s in np.unique(stratum)
    ]
    met = [table for table in both if (table.sum(axis=1) > 0).all()]
    return score, place, stratum, StratifiedTable([table.astype(float) for table in met])


def test_shares_are_compared_as_by_mantel_and_haenszel(tables):
    """The p-value is that of statsmodels without its correction: n - 1 is in both."""
    score, place, stratum, oracle = tables
    found = compare(score, grouped(place), strata_of(stratum), seed=1)
    expected = oracle.test_null_odds(correction=False)
    assert not found.permuted.any()
    assert found.p_value[1] == pytest.approx(expected.pvalue, rel=1e-6)
    cells = Cells.of(score, grouped(place), strata_of(stratum))
    assert cells.surplus[1] ** 2 / cells.variance[1] == pytest.approx(expected.statistic)
    one, of = cells.total, cells.rows.astype(float)
    own = differences(one[:, 1:], of[:, 1:], one[:, :1], of[:, :1])
    assert found.value[1] == pytest.approx(own.value[0])


def test_odds_are_those_of_robins_breslow_and_greenland(tables):
    score, place, stratum, oracle = tables
    found = odds_ratios(Cells.of(score, grouped(place), strata_of(stratum)))
    low, high = oracle.oddsratio_pooled_confint()
    assert found.value[1] == pytest.approx(oracle.oddsratio_pooled)
    assert (found.low[1], found.high[1]) == (pytest.approx(low), pytest.approx(high))


def test_permutation_p_values_are_those_of_all_permutations():
    """10 of 20, every one of 184,756 ways; the statistic is the gap in errors under no gap."""
    rng = np.random.default_rng(4)
    place = np.arange(20) < 10
    score = rng.exponential(size=20) + 1.1 * place
    centred = score - score.mean()

    def apart(mine, others, axis):
        return (mine.sum(axis=axis) - others.sum(axis=axis)) ** 2 / (
            (mine**2).sum(axis=axis) + (others**2).sum(axis=axis)
        )

    oracle = stats.permutation_test(
        (centred[place], centred[~place]),
        apart,
        vectorized=True,
        n_resamples=np.inf,
        batch=20_000,
        alternative="greater",
    )
    found = compare(score, grouped(place), strata_of(np.zeros(20, np.int64)), seed=1)
    assert 0.005 < oracle.pvalue < 0.2
    assert found.p_value[1] == pytest.approx(oracle.pvalue, rel=0.1)


def small_strata(rng):
    stratum = rng.integers(0, 600, 2000)
    place = rng.random(2000) < 0.15 + 0.15 * (stratum % 3)
    return rng.normal(size=2000) + stratum % 3, place, stratum, None


def few_applicants(rng):
    applicant = np.repeat(np.arange(24), rng.integers(3, 15, 24))
    stratum = rng.integers(0, 4, len(applicant))
    own = rng.normal(size=24)[applicant]
    return rng.normal(size=len(applicant)) + own + stratum, applicant < 12, stratum, applicant


def large_and_small_applicants(rng):
    sizes = np.minimum(2 * rng.pareto(1.2, 60) + 1, 60).astype(np.int64)
    applicant = np.repeat(np.arange(60), sizes)
    group = (rng.permutation(60) < 25)[applicant]
    stratum = rng.integers(0, 4, len(applicant))
    own = rng.normal(size=60)[applicant]
    return rng.normal(size=len(applicant)) + own + stratum, group, stratum, applicant


def repeat_applicants(rng):
    applicant, stratum = rng.integers(0, 4000, 5000), rng.integers(0, 400, 5000)
    own = rng.exponential(size=4000)[applicant]
    group = (rng.random(4000) < 0.25)[applicant]
    return rng.exponential(size=5000) + own + stratum % 3, group, stratum, applicant


def approvals(rng):
    stratum, place = rng.integers(0, 5, 400), rng.random(400) < 0.2
    return (rng.random(400) < 0.2).astype(float), place, stratum, None


def thirty_exponential(rng):
    stratum, place = rng.integers(0, 3, 600), rng.permutation(600) < 32
    return rng.exponential(size=600) + stratum, place, stratum, None


def thirty_heavy(rng):
    stratum, place = rng.integers(0, 3, 600), rng.permutation(600) < 32
    return rng.standard_t(3, size=600) + stratum, place, stratum, None


def sixteen(rng):
    stratum, place = rng.integers(0, 3, 120), rng.permutation(120) < 16
    return rng.exponential(size=120) + stratum, place, stratum, None


SHAPES = (
    small_strata,
    few_applicants,
    large_and_small_applicants,
    repeat_applicants,
    approvals,
    thirty_exponential,
    thirty_heavy,
    sixteen,
)


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_without_a_gap_one_in_twenty_is_found_and_intervals_hold_the_truth(shape):
    """2,000 offices of seeds that nobody chose; .04 to .06 and .93 to .97, plus what is chance."""
    found, held, chance = 0, 0, 0.01
    for seed in range(100_000, 102_000):
        score, place, stratum, cluster = shape(np.random.default_rng(seed))
        gaps = compare(score, grouped(place), strata_of(stratum, cluster), seed=seed)
        found += gaps.p_value[1] <= 0.05
        held += gaps.low[1] <= 0 <= gaps.high[1]
    assert 0.04 - chance <= found / 2000 <= 0.06 + chance
    assert 0.93 - chance <= held / 2000 <= 0.97 + chance
