"""Differences of shares against published figures, plain sums, and their own promises."""

import numpy as np
import pytest
from scipy import stats

from miners.differences import differences


def one(count, of, other_count, other_of):
    return differences(*(np.array([[n]], float) for n in (count, of, other_count, other_of)))


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_the_limits_are_those_that_newcombe_printed(table, low, high):
    """Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10."""
    found = one(*table)
    assert found.low[0] == pytest.approx(low, abs=1e-4)
    assert found.high[0] == pytest.approx(high, abs=1e-4)


def test_strata_are_weighed_as_mantel_and_haenszel_do():
    count, of = np.array([4.0, 30, 1]), np.array([10.0, 100, 2])
    other, other_of = np.array([10.0, 20, 0]), np.array([50.0, 80, 0])
    weights = [10 * 50 / 60, 100 * 80 / 180]
    plain = sum(
        w * (a / n - c / m)
        for w, a, n, c, m in zip(
            weights, (4, 30), (10, 100), (10, 20), (50, 80), strict=True
        )
    ) / sum(weights)  # fmt: skip
    found = differences(*(part[:, None] for part in (count, of, other, other_of)))
    assert found.value[0] == pytest.approx(plain)
    assert found.coverage[0] == pytest.approx(110 / 112), "two have nobody to be compared with"


def test_one_stratum_of_few_cases_is_told_exactly():
    """Twice the smaller tail of Fisher's test."""
    found = one(9, 10, 3, 10)
    tails = [
        stats.fisher_exact([[9, 1], [3, 7]], alternative=side).pvalue
        for side in ("less", "greater")
    ]
    assert found.p_value[0] == pytest.approx(2 * min(tails))


def test_two_strata_of_few_cases_are_told_exactly():
    """The sum over both, every way of drawing them counted."""
    first, second = stats.hypergeom(20, 12, 10), stats.hypergeom(15, 6, 5)
    at_least = sum(
        first.pmf(a) * second.pmf(b) for a in range(11) for b in range(6) if a + b >= 9 + 4
    )
    found = differences(
        np.array([[9.0], [4]]), np.array([[10.0], [5]]), np.array([[3.0], [2]]),
        np.array([[10.0], [10]]),
    )  # fmt: skip
    assert found.p_value[0] == pytest.approx(2 * at_least)


def test_many_cases_are_told_by_the_normal_curve():
    found = one(300, 1000, 200, 1000)
    z = 50 / np.sqrt(1000 * 1000 * 500 * 1500 / (2000**2 * 1999))
    assert found.p_value[0] == pytest.approx(2 * stats.norm.sf(z))


def test_nobody_to_compare_with_is_no_difference_told():
    found = differences(*(np.array([[n], [m]], float) for n, m in ((3, 0), (5, 0), (0, 2), (0, 9))))
    assert np.isnan(found.value[0])
    assert np.isnan(found.p_value[0])
    assert found.coverage[0] == 0


def test_where_all_have_it_there_is_nothing_to_test():
    assert np.isnan(one(5, 5, 9, 9).p_value[0])


@pytest.mark.parametrize("gap", [0.0, 0.1])
def test_the_limits_hold_in_19_of_20_logs_of_sparse_strata(gap):
    chance = np.random.default_rng(7)
    usual = chance.uniform(0.02, 0.4, 60)
    of, other_of = chance.integers(0, 8, 60), chance.integers(0, 25, 60)
    draws = 1000
    drawn = [
        chance.binomial(n[:, None], p[:, None], (60, draws)).astype(float)
        for n, p in ((of, usual + gap), (other_of, usual))
    ]
    sizes = [np.repeat(n[:, None], draws, axis=1).astype(float) for n in (of, other_of)]
    found = differences(drawn[0], sizes[0], drawn[1], sizes[1])
    assert 0.94 <= ((found.low <= gap) & (gap <= found.high)).mean() <= 0.985
    if gap == 0:
        assert 0.02 <= (found.p_value <= 0.05).mean() <= 0.055
