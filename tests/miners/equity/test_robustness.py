"""How strong something unrecorded would have to be: what must hold whatever the numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miners.equity.robustness import (
    benchmark,
    of_hazard_ratio,
    of_means,
    of_risk_ratio,
    robustness_of_limits,
    robustness_value,
    weakened,
)
from miners.equity.rows import Grouping, Strata


@given(st.floats(-500, 500), st.integers(5, 100_000))
def test_robustness_is_a_share_and_that_of_the_limits_is_no_larger(t, freedom):
    whole, limits = (float(f(t, freedom)) for f in (robustness_value, robustness_of_limits))
    assert 0 <= limits <= whole <= 1


def test_a_gap_that_is_not_sure_needs_nothing_to_be_doubtful():
    assert float(robustness_of_limits(1.9, 1000)) == 0
    assert float(robustness_of_limits(2.0, 1000)) > 0


def test_a_confounder_as_strong_as_the_robustness_value_leaves_nothing():
    t, freedom = 4.0, 500
    share = float(robustness_value(t, freedom))
    bias = np.sqrt(freedom) * np.sqrt(share * share / (1 - share))
    assert bias == pytest.approx(t)


def test_what_is_weakened_beyond_nothing_turns():
    assert weakened(np.array([2.0, -2.0]), np.array([0.5, 3.0])).tolist() == [1.5, 1.0]


def test_an_attribute_that_has_nothing_to_do_with_the_group_bounds_nothing():
    n = 400
    place, kind = np.arange(n) % 2, np.arange(n) // 2 % 2
    score = 3.0 * kind + place + np.random.default_rng(61).normal(size=n)
    group = Grouping(attribute="group", names=("a", "b"), place=place)
    kinds = Grouping(attribute="kind", names=("x", "y"), place=kind)
    strata = Strata(stratum=np.zeros(n, np.int64), count=1)
    found = benchmark(score, group, strata, kinds)
    assert found.of_group == pytest.approx([0, 0], abs=1e-12)
    assert (found.of_score > 0.5).all()
    bound = found.as_strong()
    assert bound.bias == pytest.approx([0, 0], abs=1e-5)
    assert bound.left.value == pytest.approx(found.gap, abs=1e-5)


def test_nothing_can_be_as_strong_as_what_says_the_group():
    n = 400
    place = np.arange(n) % 2
    kind = np.where(np.arange(n) % 20 == 0, 1 - place, place)
    group = Grouping(attribute="group", names=("a", "b"), place=place)
    kinds = Grouping(attribute="kind", names=("x", "y"), place=kind)
    strata = Strata(stratum=np.zeros(n, np.int64), count=1)
    score = np.random.default_rng(62).normal(size=n)
    found = benchmark(score, group, strata, kinds)
    assert not np.isnan(found.gap).any()
    assert np.isnan(found.as_strong().left.value).all()
    assert np.isnan(benchmark(score, group, strata, group).gap).all()


@given(st.floats(0.05, 20), st.floats(1, 3))
def test_an_e_value_is_the_same_for_a_ratio_and_its_inverse(ratio, spread):
    one = of_risk_ratio(ratio, ratio / spread, ratio * spread)
    other = of_risk_ratio(1 / ratio, 1 / ratio / spread, 1 / ratio * spread)
    assert (one.value, one.limit) == pytest.approx((other.value, other.limit))
    assert 1 <= one.limit <= one.value


def test_limits_on_both_sides_of_no_effect_need_no_confounder():
    assert of_risk_ratio(1.2, 0.9, 1.6).limit == 1
    assert of_hazard_ratio(0.9, 0.7, 1.1).limit == 1
    assert of_means(-0.1, 0.2).limit == 1


def test_limits_that_do_not_hold_the_ratio_are_refused():
    with pytest.raises(ValueError, match="within limits"):
        of_risk_ratio(2.0, 2.5, 3.0)
    with pytest.raises(ValueError, match="above 0"):
        of_risk_ratio(0.0, 0.0, 1.0)
