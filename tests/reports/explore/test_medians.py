"""Limits hold as often as they say, whatever the shape of what is measured."""

import numpy as np
import pytest

from reports.explore.medians import censored_median, difference, lengths, median, rank

SHAPES = {
    "skewed": lambda rng, n: rng.lognormal(10, 1.5, n),
    "two humps": lambda rng, n: np.where(
        rng.random(n) < 0.4, rng.normal(1e5, 1e4, n), rng.normal(4e5, 9e4, n)
    ),
    "whole days": lambda rng, n: rng.geometric(0.2, n) * 86_400_000.0,
}
TRUE_SKEWED = float(np.exp(10))


def drawn(shape, rng, n):
    """So many lengths of as many applications, over a year."""
    return told_of(np.maximum(SHAPES[shape](rng, n), 0), rng.integers(0, 365, n))


def told_of(values, days, cases=None):
    values, days = np.asarray(values), np.asarray(days)
    cases = len(values) if cases is None else cases
    return lengths(values.astype(np.int64), days.astype(np.int32), cases=cases)


def queue(rng, busy, a_day, days):
    """When applications came to one desk that is so busy, and how many ms each took there."""
    warm = 200
    many = int(a_day * (days + warm) * 1.2)
    at = np.cumsum(rng.exponential(1 / a_day, many))
    work = rng.exponential(busy / a_day, many)
    gone = np.concatenate([[0.0], np.cumsum(work[:-1] - np.diff(at))])
    took = gone - np.minimum.accumulate(gone) + work  # Lindley 1952
    kept = (at >= warm) & (at < warm + days)
    return at[kept] - warm, took[kept] * 86_400_000


@pytest.mark.parametrize("n", [9, 40, 700])
def test_the_true_median_lies_within_the_limits_in_95_of_100_samples(n):
    rng = np.random.default_rng(n)
    hits = 0
    for _ in range(400):
        told = median(drawn("skewed", rng, n))
        hits += told.low * 1000 <= TRUE_SKEWED <= told.high * 1000
    assert hits / 400 > 0.935


def test_so_few_have_a_median_and_no_limits():
    told = median(told_of(np.arange(5) * 1000, np.arange(5)))
    assert (told.n, told.value, told.low, told.high, told.p90) == (5, 2.0, None, None, 4.0)
    assert median(told_of([], [])) is None


def test_quantiles_are_values_that_occur():
    values = np.array([10, 20, 30, 40], np.int64)
    assert median(told_of(values, values)).value == 0.02
    assert [rank(9, 10, n) for n in (1, 10, 11, 20)] == [1, 9, 10, 18]


def test_repeats_of_one_case_do_not_make_it_surer():
    """Ten equal lengths of each of 50 cases tell no more than 50 lengths."""
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        own = SHAPES["skewed"](rng, 50)
        days = np.repeat(rng.integers(0, 365, 50), 10)
        told = median(told_of(np.repeat(own, 10), days, cases=50))
        hits += told.low * 1000 <= TRUE_SKEWED <= told.high * 1000
    assert hits / 300 > 0.93


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_groups_differ_in_5_of_100_comparisons_at_most(shape):
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(400):
        one, other = drawn(shape, rng, 60), drawn(shape, rng, 150)
        _, low, high = difference(one, other, among=1)
        wrong += not low <= 0 <= high
    assert wrong / 400 < 0.075


def test_a_real_difference_is_found():
    rng = np.random.default_rng(5)
    one, values = drawn("two humps", rng, 300), SHAPES["two humps"](rng, 300) + 400_000
    other = told_of(values, rng.integers(0, 365, 300))
    value, low, high = difference(other, one, among=30)
    assert 0 < low < value < high
    assert difference(told_of(values[:20], np.arange(20)), other, among=1) is None


def test_busy_weeks_are_no_difference_between_two_halves_of_a_year():
    """By the limits of independent applications, most years seem to."""
    rng = np.random.default_rng(6)
    wrong = naive = 0
    for _ in range(150):
        at, took = queue(rng, 0.8, 20, 360)
        later = at >= 180
        sides = [(took[mine], at[mine]) for mine in (later, ~later)]
        _, low, high = difference(*(told_of(*side) for side in sides), among=1)
        wrong += not low <= 0 <= high
        # All on one day, there are no stretches to be told apart.
        _, low, high = difference(*(told_of(one, 0 * day) for one, day in sides), among=1)
        naive += not low <= 0 <= high
    assert wrong / 150 <= 0.08
    assert naive / 150 >= 0.6


def test_a_difference_within_the_same_weeks_is_found_though_these_are_busy():
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(60):
        at, took = queue(rng, 0.9, 20, 360)
        group = rng.random(len(at)) < 0.5
        slower = np.where(group, 1.3 * took, took)
        told = difference(
            told_of(slower[group], at[group]), told_of(slower[~group], at[~group]), among=1
        )
        found += told[1] > 0
    assert found >= 54


def test_a_median_of_a_busy_desk_has_limits_that_hold():
    rng = np.random.default_rng(8)
    true = float(np.median(queue(rng, 0.8, 20, 60_000)[1])) / 1000
    hits = 0
    for _ in range(150):
        at, took = queue(rng, 0.8, 20, 360)
        told = median(told_of(took, at))
        hits += told.low <= true <= told.high
    assert hits / 150 >= 0.9


def test_what_still_runs_counts_as_lasting_longer():
    """Of those that came in the last two weeks, only the quick ones are over."""
    rng = np.random.default_rng(9)
    came = rng.uniform(0, 14, 2000)
    took = rng.gamma(4, 2, 2000)
    over = came + took <= 14
    ran = np.where(over, took, 14 - came) * 86_400_000
    order = np.argsort(ran, kind="stable")
    told = censored_median(told_of(ran, came), over[order])
    true = float(np.median(rng.gamma(4, 2, 100_000))) * 86_400
    assert told.low < true < told.high
    quick = median(told_of(ran[over], came[over]))
    assert quick.value < 0.8 * true
