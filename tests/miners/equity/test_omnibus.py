"""Whether routes differ at all: right by chance, and no way around the tests of features."""

import numpy as np
import pytest
from scipy import stats

from miners.equity.omnibus import routes_differ
from miners.equity.rows import ALONE, CONSTANT, FEW, Grouping, Strata


def routes(place, route, stratum=None, cluster=None, seed=1):
    place = np.asarray(place)
    stratum = np.zeros(len(place), np.int64) if stratum is None else stratum
    names = tuple(f"g{value}" for value in range(int(place.max(initial=-1)) + 1))
    return routes_differ(
        Grouping(attribute="kind", names=names, place=place),
        Strata(stratum=stratum, count=int(stratum.max(initial=-1)) + 1, cluster=cluster),
        np.asarray(route),
        seed=seed,
    )


def office(rng, *, cases, values=2, plus=0.0, base=0.1):
    """Places, routes of some independent turns, strata; the first value has `plus` more requests.

    The group files more of the types that take another route, which is legitimate.
    """
    stratum = rng.integers(0, 24, cases)
    odds = np.where(stratum % 2, 0.3, 0.1)
    place = np.where(rng.random(cases) < odds, 0, rng.integers(1, values, cases))
    asked = rng.random(cases) < base + plus * (place == 0)
    rework, sent_back = rng.random(cases) < 0.1, rng.random(cases) < 0.03
    refused = np.where(rng.random(cases) < 0.15, rng.integers(1, 4, cases), 0)
    either = rng.integers(0, 2, cases)
    route = 2 * (2 * (2 * asked + rework) + sent_back) + either
    return place, (4 * route + refused) * 2 + stratum % 2, stratum, asked


def single(place, score, stratum):
    """The p-value of one feature: its count in the group against chance in each stratum."""
    mine = place == 0
    n = np.bincount(stratum)
    of_mine, has = np.bincount(stratum, mine), np.bincount(stratum, score)
    excess = (mine * score).sum() - (of_mine * has / n).sum()
    variance = of_mine * (n - of_mine) * has * (n - has) / (n * n * (n - 1))
    return 2 * stats.norm.sf(abs(excess) / np.sqrt(variance.sum()))


def test_under_no_difference_one_in_twenty_offices_is_below_five_hundredths():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(200):
        place, route, stratum, _ = office(rng, cases=800, values=4)
        found.append(routes(place, route, stratum).p_value)
    assert 3 <= np.sum(np.array(found) <= 0.05) <= 19
    assert stats.kstest(found, "uniform").pvalue > 0.01


@pytest.mark.parametrize("plus", [0.0, 0.25])
def test_the_gamma_curve_tells_what_shuffling_within_strata_tells(plus):
    rng = np.random.default_rng(6)
    place, route, stratum, _ = office(rng, cases=900, values=3, plus=plus)
    found = routes(place, route, stratum)
    order = np.argsort(stratum, kind="stable")
    place, route, stratum = place[order], route[order], stratum[order]
    drawn = []
    for _ in range(400):
        shuffled = np.lexsort((rng.random(len(place)), stratum))
        drawn.append(routes(place[shuffled], route, stratum).statistic)
    assert found.expected == pytest.approx(np.mean(drawn), rel=0.03)
    share = (1 + np.sum(np.array(drawn) >= found.statistic)) / 401
    assert found.p_value == pytest.approx(share, abs=0.05)
    if plus:
        assert found.p_value < 0.02


def test_of_two_values_and_two_routes_it_is_the_square_of_the_single_test():
    rng = np.random.default_rng(7)
    place, _, stratum, asked = office(rng, cases=4000, plus=0.06)
    found = routes(place, asked.astype(int), stratum)
    # Four cells that say the same thing, so the curve is that of one degree of freedom.
    assert found.p_value == pytest.approx(single(place, asked, stratum), rel=1e-9)


def test_in_front_of_single_features_it_would_cost_most_of_what_they_find():
    """The figure for `docs`: +5 points of requests in a group of 20 % of 5,000 cases, at 5 %."""
    rng = np.random.default_rng(8)
    feature, gated = [], []
    for _ in range(40):
        place, route, stratum, asked = office(rng, cases=5000, plus=0.05)
        feature.append(single(place, asked, stratum) <= 0.05)
        gated.append(feature[-1] and routes(place, route, stratum).p_value <= 0.05)
    assert np.mean(feature) >= 0.9
    assert np.mean(gated) <= 0.85


def test_a_legitimate_difference_of_types_is_no_difference_of_groups():
    rng = np.random.default_rng(9)
    stratum = rng.integers(0, 2, 3000)
    place = (rng.random(3000) < np.where(stratum, 0.7, 0.2)).astype(int)
    assert routes(place, stratum, np.zeros(3000, np.int64)).p_value < 1e-6
    assert routes(place, stratum, stratum).why == CONSTANT


def test_many_applications_of_one_applicant_are_one_witness():
    rng = np.random.default_rng(10)
    applicant = rng.integers(0, 60, 3000)
    place = applicant % 2
    route = rng.integers(0, 4, 60)[applicant]  # everybody has a route of their own
    assert routes(place, route).p_value < 1e-6
    found = routes(place, route, cluster=applicant)
    assert found.rows == 60
    assert found.p_value > 0.05


def test_unknown_applicants_are_each_their_own():
    place, route = np.arange(100) % 2, np.arange(100) // 2 % 2
    assert routes(place, route, cluster=np.full(100, -1)).rows == 100


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(11)
    place, route, stratum, _ = office(rng, cases=600)
    order = rng.permutation(600)
    one, other = routes(place, route, stratum), routes(place[order], route[order], stratum[order])
    assert one.p_value == pytest.approx(other.p_value, rel=1e-9)


def test_rare_routes_and_small_values_are_put_together():
    rng = np.random.default_rng(12)
    place = np.concatenate([np.zeros(500), np.ones(400), np.full(20, 2), np.full(15, 3)])
    route = rng.integers(0, 200, len(place))
    found = routes(place.astype(int), route)
    assert found.values == 3
    assert found.routes <= 51
    assert found.rows == len(place)


@pytest.mark.parametrize(
    ("place", "route", "why"),
    [
        ([0] * 90, [0, 1] * 45, ALONE),
        ([], [], CONSTANT),
        ([0, 1] * 45, [3] * 90, CONSTANT),
        ([0, 1] * 10, [0, 1, 1, 0] * 5, FEW),
        ([-1] * 90, [0, 1] * 45, CONSTANT),
    ],
)
def test_what_cannot_be_told_says_why(place, route, why):
    found = routes(np.array(place, np.int64), np.array(route, np.int64))
    assert found.why == why
    assert np.isnan(found.p_value)


def test_strata_of_one_value_each_have_nobody_to_compare_with():
    place = np.repeat([0, 1], 50)
    found = routes(place, np.tile([0, 1], 50), stratum=place.astype(np.int64))
    assert found.why == ALONE
