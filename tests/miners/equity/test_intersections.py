"""Two attributes at once: a combination is told only beyond what both explain alone."""

import numpy as np
import pytest

from miners.equity.adjusting import beside
from miners.equity.intersections import crossed
from miners.equity.kernel import compare
from miners.equity.rows import Grouping, Strata


def people(seed, n=4000):
    chance = np.random.default_rng(seed)
    sex = Grouping(attribute="sex", names=("f", "m"), place=chance.integers(0, 2, n))
    kind = Grouping(attribute="kind", names=("firm", "person"), place=chance.integers(0, 2, n))
    return sex, kind, Strata(stratum=chance.integers(0, 4, n), count=4), chance.normal(size=n)


def test_two_gaps_that_add_up_are_no_gap_of_the_combination():
    sex, kind, strata, noise = people(41)
    found = beside(
        2.0 * sex.place + 3.0 * kind.place + noise, crossed(sex, kind), strata, [sex, kind]
    )
    assert (np.abs(found.value) < 0.15).all()


def test_a_combination_that_fares_worse_is_told_and_its_gap_agrees():
    sex, kind, strata, noise = people(42)
    both = crossed(sex, kind)
    worse = both.names.index("f+person")
    score = 2.0 * (both.place == worse) + noise
    left = beside(score, crossed(sex, kind), strata, [sex, kind])
    whole = compare(score, both, strata, seed=1)
    assert left.value[worse] == pytest.approx(2, abs=0.2)
    agree = [
        name
        for name, one, two in zip(both.names, left.value, whole.value, strict=True)
        if one > 0 and two > 0
    ]
    assert agree == ["f+person"]


def test_rare_combinations_and_missing_values_are_nobodys():
    one = Grouping(attribute="a", names=("x", "y"), place=np.repeat([0, 1, -1, 0], [60, 60, 60, 9]))
    two = Grouping(attribute="b", names=("p", "q"), place=np.repeat([0, 1, 1, 1], [60, 60, 60, 9]))
    both = crossed(one, two)
    assert (both.attribute, both.names) == ("a+b", ("x+p", "y+q"))
    assert np.bincount(both.place + 1).tolist() == [69, 60, 60]


def test_attributes_without_common_values_make_no_combination():
    nobody = Grouping(attribute="a", names=(), place=np.full(5, -1))
    assert crossed(nobody, nobody).names == ()
