"""Regressions against statsmodels, and sensitivity against the numbers that its authors printed."""

import warnings

import numpy as np
import pytest

from miners.equity.adjusting import beside, direct, together, tolerances
from miners.equity.carrying import Parts, carried
from miners.equity.gelbach import decompose
from miners.equity.intersections import crossed
from miners.equity.robustness import (
    Benchmark,
    benchmark,
    of_hazard_ratio,
    of_means,
    of_risk_ratio,
    robustness_of_limits,
    robustness_value,
)
from miners.equity.rows import Grouping, Strata
from miners.equity.within import Codes, Numbers

with warnings.catch_warnings():
    # statsmodels 0.14 decorates its docstrings by what pandas 3 calls deprecated
    warnings.simplefilter("ignore", DeprecationWarning)
    import statsmodels.api as sm


@pytest.fixture(scope="module")
def office():
    """600 applications, unequally scattered: group, two other attributes, eight strata."""
    chance = np.random.default_rng(7)
    n = 600
    stratum = chance.integers(0, 8, n)
    group = Grouping(attribute="group", names=("a", "b", "c"), place=chance.integers(0, 3, n))
    kind = np.where(chance.random(n) < 0.5, group.place, chance.integers(-1, 3, n))
    kind = Grouping(attribute="kind", names=("x", "y", "z"), place=kind)
    sex = Grouping(attribute="sex", names=("f", "m"), place=chance.integers(0, 2, n))
    score = (
        stratum + 2 * (group.place == 1) + 3 * kind.place + chance.normal(size=n) * (1 + stratum)
    )
    return score, group, kind, sex, Strata(stratum=stratum, count=8)


def dummies(codes):
    return np.column_stack([codes == code for code in np.unique(codes)]).astype(float)


def fitted(score, first, strata, *columns):
    """Statsmodels' least squares on dummies, all of them written out; the last of each left out."""
    parts = [first[:, None], dummies(strata.stratum), *(dummies(c)[:, 1:] for c in columns)]
    return sm.OLS(score, np.column_stack(parts))


def test_direct_is_ordinary_least_squares_with_hc2(office):
    score, group, kind, sex, strata = office
    found = direct(score, group, strata, [kind, sex])
    for value in range(3):
        model = fitted(score, (group.place == value) * 1.0, strata, kind.place, sex.place)
        fit = model.fit(cov_type="HC2")
        assert found.value[value] == pytest.approx(fit.params[0], rel=1e-9)
        assert found.error[value] == pytest.approx(fit.bse[0], rel=1e-9)


def test_errors_by_applicant_are_those_of_statsmodels_but_for_leverage(office):
    score, group, kind, sex, strata = office
    cluster = np.random.default_rng(1).integers(0, 250, len(score))
    score = score + np.random.default_rng(2).normal(size=250)[cluster] * 5
    by_applicant = Strata(stratum=strata.stratum, count=8, cluster=cluster)
    found = direct(score, group, by_applicant, [kind, sex])
    for value in range(3):
        model = fitted(score, (group.place == value) * 1.0, strata, kind.place, sex.place)
        kwds = {"groups": cluster, "use_correction": False}
        fit = model.fit(cov_type="cluster", cov_kwds=kwds)
        assert found.value[value] == pytest.approx(fit.params[0], rel=1e-9)
        assert fit.bse[0] < found.error[value] < 1.06 * fit.bse[0]


def test_the_part_left_is_one_less_r_squared(office):
    _, group, kind, sex, strata = office
    found = tolerances(group, strata, [kind, sex])
    for value in range(3):
        mark = (group.place == value) * 1.0
        base = sm.OLS(mark, dummies(strata.stratum)).fit()
        for column, other in enumerate((kind, sex)):
            parts = np.column_stack([dummies(strata.stratum), dummies(other.place)[:, 1:]])
            left = sm.OLS(mark, parts).fit().ssr / base.ssr
            assert found[value, column] == pytest.approx(left, rel=1e-9)
    assert together(group, strata, [kind, sex]) == ((), (), ())


def test_beyond_is_the_interaction_of_least_squares(office):
    score, _, kind, sex, strata = office
    both = crossed(kind, sex)
    known = both.place >= 0
    found = beside(score, crossed(kind, sex), strata, [kind, sex])
    for value in range(len(both.names)):
        model = fitted(
            score[known],
            (both.place[known] == value) * 1.0,
            strata.take(known),
            kind.place[known],
            sex.place[known],
        )
        fit = model.fit(cov_type="HC2")
        assert found.value[value] == pytest.approx(fit.params[0], rel=1e-8)
        assert found.error[value] == pytest.approx(fit.bse[0], rel=1e-8)


def test_the_two_gaps_of_gelbach_are_two_regressions_and_their_parts_are_omitted_variables(office):
    score, group, kind, sex, strata = office
    requests = np.random.default_rng(3).poisson(1 + (group.place == 1), len(score)).astype(float)
    score = score + 2 * requests
    blocks = {
        "requests": Numbers(values=requests[:, None]),
        "officers": Codes(code=kind.place, count=3),
        "route": Codes(code=sex.place, count=2),
    }
    found = decompose(score, group, strata, blocks)
    process = np.column_stack([requests, dummies(kind.place)[:, 1:], dummies(sex.place)[:, 1:]])
    for value in range(3):
        mark = (group.place == value) * 1.0
        base = fitted(score, mark, strata).fit(cov_type="HC2")
        design = np.column_stack([mark, process, dummies(strata.stratum)])
        full = sm.OLS(score, design).fit(cov_type="HC2")
        assert found.base.value[value] == pytest.approx(base.params[0], rel=1e-9)
        assert found.base.error[value] == pytest.approx(base.bse[0], rel=1e-9)
        assert found.full.value[value] == pytest.approx(full.params[0], rel=1e-9)
        assert found.full.error[value] == pytest.approx(full.bse[0], rel=1e-9)
        more = [fitted(column, mark, strata).fit().params[0] for column in process.T]
        carries = np.array(more) * full.params[1 : 1 + process.shape[1]]
        expected = [carries[0], carries[1:4].sum(), carries[4]]
        assert found.parts.value[:, value] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("applicants", [None, 200])
def test_the_gap_of_each_part_is_its_own_regression(office, applicants):
    score, group, _, _, strata = office
    chance = np.random.default_rng(4)
    if applicants:
        cluster = chance.integers(-1, applicants, len(score))
        strata = Strata(stratum=strata.stratum, count=8, cluster=cluster)
    rows, parts = chance.integers(0, len(score), 2000), chance.integers(0, 5, 2000)
    amounts = chance.exponential(size=2000)
    table = np.zeros((len(score), 5))
    np.add.at(table, (rows, parts), amounts)
    found = carried(Parts(row=rows, part=parts, amount=amounts, count=5), group, strata)
    for part in range(5):
        alone = beside(table[:, part], group, strata, [])
        assert found.value[part] == pytest.approx(alone.value, rel=1e-9)
        assert found.error[part] == pytest.approx(alone.error, rel=1e-9)
        assert found.low[part] == pytest.approx(alone.low, rel=1e-9)


def test_robustness_of_the_darfur_study_is_as_printed():
    """Cinelli & Hazlett 2020, table 1 and section 5: directly harmed, with female as benchmark."""
    assert float(robustness_value(4.184, 783)) == pytest.approx(0.139, abs=5e-4)
    assert float(robustness_of_limits(4.184, 783)) == pytest.approx(0.076, abs=5e-4)
    female = Benchmark(
        of_group=np.array([0.00908]),
        of_score=np.array([0.10903]),
        gap=np.array([0.09732]),
        error=np.array([0.02326]),
        freedom=np.array([783.0]),
    )
    told = female.as_strong()
    assert told.of_group[0] == pytest.approx(0.0092, abs=1e-4)
    assert told.of_score[0] == pytest.approx(0.1246, abs=1e-3)
    assert told.left.value[0] == pytest.approx(0.075, abs=5e-4)
    assert told.left.error[0] == pytest.approx(0.0219, abs=2e-4)
    assert told.left.low[0] == pytest.approx(0.032, abs=1e-3)
    assert told.left.high[0] == pytest.approx(0.118, abs=1e-3)


def test_the_benchmark_is_partial_r_squared(office):
    score, group, kind, _, strata = office
    found = benchmark(score, group, strata, kind)
    for value in range(3):
        mark = (group.place == value) * 1.0
        model = fitted(score, mark, strata, kind.place).fit()
        without = fitted(score, mark, strata).fit()
        alone = sm.OLS(mark, dummies(strata.stratum)).fit()
        parts = np.column_stack([dummies(strata.stratum), dummies(kind.place)[:, 1:]])
        assert found.of_group[value] == pytest.approx(1 - sm.OLS(mark, parts).fit().ssr / alone.ssr)
        assert found.of_score[value] == pytest.approx(1 - model.ssr / without.ssr)
        assert found.gap[value] == pytest.approx(model.params[0])
        assert found.error[value] == pytest.approx(model.bse[0])
        assert found.freedom[value] == model.df_resid


def test_no_confounder_within_the_bound_takes_away_more_than_the_bound_says(office):
    """A confounder made to be exactly as strong as the bound allows moves the gap by its bias."""
    score, group, kind, _, strata = office
    bound = benchmark(score, group, strata, kind).as_strong()
    mark = (group.place == 1) * 1.0
    model = fitted(score, mark, strata, kind.place)
    parts = model.exog[:, 1:]
    rest = sm.OLS(mark, parts).fit().resid
    residual = model.fit().resid
    noise = np.random.default_rng(5).normal(size=len(score))
    noise = sm.OLS(noise, np.column_stack([mark, parts, residual])).fit().resid
    unit = [each / np.linalg.norm(each) for each in (rest, residual, noise)]
    of_group, of_score = bound.of_group[1], bound.of_score[1]
    sign = np.sign(model.fit().params[0])
    hidden = np.sqrt(of_group) * unit[0] + np.sqrt(1 - of_group) * (
        sign * np.sqrt(of_score) * unit[1] + np.sqrt(1 - of_score) * unit[2]
    )
    beside_it = sm.OLS(score, np.column_stack([model.exog, hidden])).fit()
    assert beside_it.params[0] == pytest.approx(bound.left.value[1], rel=1e-8)
    assert beside_it.bse[0] == pytest.approx(bound.left.error[1], rel=1e-8)


def test_e_values_are_as_printed():
    """VanderWeele & Ding 2017: risk ratio 3.9 (1.8 to 8.7), and 0.80 (0.71 to 0.91)."""
    infants = of_risk_ratio(3.9, 1.8, 8.7)
    assert (infants.value, infants.limit) == pytest.approx((7.26, 3.0), abs=5e-3)
    leukaemia = of_risk_ratio(0.80, 0.71, 0.91)
    assert (leukaemia.value, leukaemia.limit) == pytest.approx((1.81, 1.43), abs=5e-3)


def test_e_values_of_hazards_and_means_go_by_a_risk_ratio():
    hazards = of_hazard_ratio(0.56, 0.46, 0.69)
    ratio, limit = ((1 - 0.5 ** (1 / root)) / (1 - 0.5**root) for root in (0.56**0.5, 0.69**0.5))
    assert hazards.value == pytest.approx(ratio + np.sqrt(ratio * (ratio - 1)))
    assert hazards.limit == pytest.approx(limit + np.sqrt(limit * (limit - 1)))
    means = of_means(0.5, 0.1)
    ratio = np.exp(0.455)
    assert means.value == pytest.approx(ratio + np.sqrt(ratio * (ratio - 1)))
    assert means.limit == pytest.approx(of_risk_ratio(np.exp(0.455 - 0.178), 1.01, 9).value)
