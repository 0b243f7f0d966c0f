"""The log-rank test is that of lifelines and statsmodels, and its ratio is near Cox's."""

import numpy as np
import pytest

from miners.equity.logrank import logrank
from miners.equity.rows import Grouping, Strata

# Both call what pandas 3 warns of, statsmodels as soon as it is imported: hence within the tests.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def cases(seed, *, size=1500, values=4, strata=9, days=True, gap=1.0):
    """Decided, open and withdrawn cases; whole days (many ties) or milliseconds."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, strata, size)
    place = (rng.integers(0, values, size) + (stratum % 2) * (rng.random(size) < 0.3)) % values
    pace = (8 + 4 * stratum) * np.where(place == 0, gap, 1.0)
    takes, watched = rng.exponential(pace), rng.uniform(1, 60, size)
    unit = 1 if days else 86_400_000
    ran = np.ceil(np.minimum(takes, watched) * unit).astype(np.int64)
    grouping = Grouping(attribute="kind", names=tuple("abcdefgh"[:values]), place=place)
    return ran, takes <= watched, grouping, Strata(stratum=stratum, count=strata)


@pytest.mark.parametrize("days", [True, False])
def test_without_strata_it_is_the_test_of_lifelines(days):
    from lifelines.statistics import logrank_test, multivariate_logrank_test

    ran, decided, grouping, _ = cases(1, days=days, gap=1.3)
    found = logrank(ran, decided, grouping, Strata.of([np.zeros(len(ran), np.int64)]))
    for value in range(4):
        mine = grouping.place == value
        theirs = logrank_test(ran[mine], ran[~mine], decided[mine], decided[~mine])
        assert found.z[value] ** 2 == pytest.approx(theirs.test_statistic, rel=1e-9)
        assert found.p_value[value] == pytest.approx(theirs.p_value, rel=1e-6)
    two = Grouping(attribute="first", names=("a", "b"), place=np.minimum(grouping.place, 1))
    both = logrank(ran, decided, two, Strata.of([np.zeros(len(ran), np.int64)]))
    theirs = multivariate_logrank_test(ran, two.place, decided)
    assert both.z**2 == pytest.approx(theirs.test_statistic, rel=1e-9)


@pytest.mark.parametrize("days", [True, False])
@pytest.mark.parametrize("seed", [2, 3])
def test_with_strata_it_is_the_test_of_statsmodels(seed, days):
    from statsmodels.duration.survfunc import survdiff

    ran, decided, grouping, strata = cases(seed, days=days)
    found = logrank(ran, decided, grouping, strata)
    for value in range(4):
        mine = (grouping.place == value).astype(int)
        square, p_value = survdiff(ran, decided.astype(int), mine, strata=strata.stratum)
        assert found.z[value] ** 2 == pytest.approx(square, rel=1e-8)
        assert found.p_value[value] == pytest.approx(p_value, rel=1e-6)


@pytest.mark.parametrize(
    "gap",
    [pytest.param(0.5, marks=pytest.mark.long), 1.3, pytest.param(4.0, marks=pytest.mark.long)],
)
def test_without_ties_the_ratio_and_its_limits_are_those_of_cox(gap):
    from statsmodels.duration.hazard_regression import PHReg

    ran, decided, grouping, strata = cases(4, size=4000, days=False, gap=gap)
    found = logrank(ran, decided, grouping, strata)
    mine = (grouping.place == 0).astype(float)[:, None]
    cox = PHReg(ran / 86_400_000, mine, status=decided, strata=strata.stratum).fit()
    assert np.log(found.hazard_ratio[0]) == pytest.approx(cox.params[0], abs=1e-6)
    width = np.log(found.high[0] / found.low[0]) / 2 / 1.959964
    assert width == pytest.approx(cox.bse[0], rel=1e-4)


def test_with_repeat_applicants_the_variance_is_that_of_cox_at_no_gap_by_cluster():
    """Lin and Wei's sandwich at no gap, one residual after the other as the paper has it."""
    ran, decided, grouping, strata = cases(5, size=400, strata=3)
    cluster = np.random.default_rng(5).integers(0, 90, 400)
    found = logrank(
        ran, decided, grouping, Strata(stratum=strata.stratum, count=3, cluster=cluster)
    )
    mine = grouping.place == 1
    residual = np.zeros(400)
    for row in range(400):
        same = strata.stratum == strata.stratum[row]
        scale = np.sqrt(same.sum() / (same.sum() - 1))
        for time in np.unique(ran[same & decided]):
            risk = same & (ran >= time)
            hazard = (risk & decided & (ran == time)).sum() / risk.sum()
            if ran[row] >= time:
                ends = float(decided[row] and ran[row] == time)
                residual[row] += scale * (mine[row] - mine[risk].mean()) * (ends - hazard)
    products = np.bincount(cluster, residual) ** 2 - np.bincount(cluster, residual**2)
    assert found.clustered[1] == pytest.approx(found.variance[1] + max(products.sum(), 0))
    assert found.freedom[1] == pytest.approx(2 * found.clustered[1] ** 2 / (products**2).sum())
