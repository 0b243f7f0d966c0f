"""Limits hold as often as they say, whatever the shape of what is measured."""

import numpy as np
import pytest

from reports.explore.medians import difference, median, rank

SHAPES = {
    "skewed": lambda rng, n: rng.lognormal(10, 1.5, n),
    "two humps": lambda rng, n: np.where(
        rng.random(n) < 0.4, rng.normal(1e5, 1e4, n), rng.normal(4e5, 9e4, n)
    ),
    "whole days": lambda rng, n: rng.geometric(0.2, n) * 86_400_000.0,
}
TRUE_SKEWED = float(np.exp(10))


def drawn(shape, rng, n):
    return np.sort(np.maximum(SHAPES[shape](rng, n), 0).astype(np.int64))


@pytest.mark.parametrize("n", [9, 40, 700])
def test_the_true_median_lies_within_the_limits_in_95_of_100_samples(n):
    rng = np.random.default_rng(n)
    hits = 0
    for _ in range(400):
        told = median(drawn("skewed", rng, n), cases=n)
        hits += told.low * 1000 <= TRUE_SKEWED <= told.high * 1000
    assert hits / 400 > 0.935


def test_so_few_have_a_median_and_no_limits():
    told = median(np.arange(5, dtype=np.int64) * 1000, cases=5)
    assert (told.n, told.value, told.low, told.high, told.p90) == (5, 2.0, None, None, 4.0)
    assert median(np.empty(0, np.int64), cases=0) is None


def test_quantiles_are_values_that_occur():
    values = np.array([10, 20, 30, 40], np.int64)
    assert median(values, cases=4).value == 0.02
    assert [rank(9, 10, n) for n in (1, 10, 11, 20)] == [1, 9, 10, 18]


def test_repeats_of_one_case_do_not_make_it_surer():
    """Ten equal lengths of each of 50 cases tell no more than 50 lengths."""
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        own = SHAPES["skewed"](rng, 50)
        told = median(np.sort(np.repeat(own, 10).astype(np.int64)), cases=50)
        hits += told.low * 1000 <= TRUE_SKEWED <= told.high * 1000
    assert hits / 300 > 0.93


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_groups_differ_in_5_of_100_comparisons_at_most(shape):
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(400):
        one, other = drawn(shape, rng, 60), drawn(shape, rng, 150)
        _, low, high = difference(one, other, cases=(60, 150), among=1)
        wrong += not low <= 0 <= high
    assert wrong / 400 < 0.075


def test_a_real_difference_is_found():
    rng = np.random.default_rng(5)
    one, other = drawn("two humps", rng, 300), drawn("two humps", rng, 300) + 400_000
    value, low, high = difference(other, one, cases=(300, 300), among=30)
    assert 0 < low < value < high
    assert difference(one[:2], other, cases=(2, 300), among=1) is None
