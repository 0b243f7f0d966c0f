"""Days on each edge: their gaps add up to the gap of the whole, to the last digit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miners.equity.carrying import Parts, carried
from miners.equity.kernel import compare
from miners.equity.rows import Grouping, Strata


def drawn(seed, n=300, parts=7, entries=900):
    chance = np.random.default_rng(seed)
    group = Grouping(attribute="group", names=("a", "b", "c"), place=chance.integers(-1, 3, n))
    stratum = chance.integers(-1, 12, n)
    split = Parts(
        row=chance.integers(0, n, entries),
        part=chance.integers(0, parts, entries),
        amount=chance.exponential(size=entries),
        count=parts,
    )
    return split, group, stratum


@given(st.integers(0, 10_000))
def test_parts_add_up_to_the_gap_of_the_total(seed):
    split, group, stratum = drawn(seed)
    strata = Strata(stratum=stratum, count=12)
    total = np.bincount(split.row, split.amount, 300)
    whole = compare(total, group, strata, seed=1)
    found = carried(split, group, strata)
    told = whole.told
    assert found.value.sum(axis=0)[told] == pytest.approx(whole.value[told], abs=1e-10)


def test_one_part_has_the_error_of_the_kernel():
    split, group, stratum = drawn(3, parts=1)
    strata = Strata(stratum=stratum, count=12)
    found = carried(split, group, strata)
    whole = compare(np.bincount(split.row, split.amount, 300), group, strata, seed=1)
    assert found.error[0] == pytest.approx(whole.error)


def test_applicants_who_come_once_change_nothing():
    split, group, stratum = drawn(4)
    alone = carried(split, group, Strata(stratum=stratum, count=12))
    for cluster in (np.arange(300), np.full(300, -1)):
        found = carried(split, group, Strata(stratum=stratum, count=12, cluster=cluster))
        assert found.error == pytest.approx(alone.error)
        assert found.high == pytest.approx(alone.high)


def test_a_part_that_nobody_has_carries_nothing_and_a_value_alone_is_not_told():
    split = Parts(row=np.arange(100), part=np.zeros(100, int), amount=np.ones(100), count=2)
    group = Grouping(attribute="group", names=("a", "b"), place=np.arange(100) % 2)
    found = carried(split, group, Strata(stratum=np.zeros(100, np.int64), count=1))
    assert found.value[1].tolist() == [0, 0]
    assert found.error == pytest.approx(np.zeros((2, 2)), abs=1e-9)
    apart = carried(split, group, Strata(stratum=group.place, count=2))
    assert np.isnan(apart.value).all()
    assert np.isnan(apart.low).all()


def test_no_entries_at_all_are_no_days_anywhere():
    nothing = Parts(row=np.empty(0, int), part=np.empty(0, int), amount=np.empty(0), count=3)
    group = Grouping(attribute="group", names=("a", "b"), place=np.arange(40) % 2)
    for cluster in (None, np.arange(40) // 2):
        strata = Strata(stratum=np.zeros(40, np.int64), count=1, cluster=cluster)
        assert carried(nothing, group, strata).value.tolist() == [[0, 0]] * 3
    nowhere = Strata(stratum=np.full(40, -1), count=0)
    assert np.isnan(carried(nothing, group, nowhere).value).all()


def test_only_the_values_asked_for_are_told():
    split, group, stratum = drawn(5)
    strata = Strata(stratum=stratum, count=12, cluster=np.arange(300) // 2)
    every = carried(split, group, strata)
    found = carried(split, group, strata, values=[2, 0])
    assert found.low == pytest.approx(every.low[:, [2, 0]])


def test_what_is_not_a_part_or_an_amount_is_refused():
    with pytest.raises(ValueError, match="expected 0 to 1"):
        Parts(row=np.array([0]), part=np.array([2]), amount=np.array([1.0]), count=2)
    with pytest.raises(ValueError, match="not a number"):
        Parts(row=np.array([0]), part=np.array([0]), amount=np.array([np.nan]), count=1)
