"""Gaps beside other attributes: what only goes through another one is not told as a gap."""

import numpy as np
import pytest

from miners.equity.adjusting import beside, direct, together, tolerances
from miners.equity.rows import ALONE, CONSTANT, FEW, Grouping, Strata


def grouping(attribute, place):
    names = tuple("abcdefghijkl"[: int(place.max(initial=0)) + 1])
    return Grouping(attribute=attribute, names=names, place=np.asarray(place, np.int64))


def one_stratum(n, cluster=None):
    return Strata(stratum=np.zeros(n, np.int64), count=1, cluster=cluster)


def test_without_others_and_strata_it_is_the_difference_of_means_with_welchs_error():
    score = np.arange(40.0) ** 1.5
    group = grouping("group", np.arange(40) % 3 == 0)
    found = direct(score, group, one_stratum(40), [])
    mine, rest = score[group.place == 1], score[group.place == 0]
    assert found.value[1] == pytest.approx(mine.mean() - rest.mean())
    welch = np.sqrt(mine.var(ddof=1) / len(mine) + rest.var(ddof=1) / len(rest))
    assert found.error[1] == pytest.approx(welch)
    assert found.value[0] == pytest.approx(-found.value[1])


def test_an_attribute_that_matters_only_through_another_has_no_direct_gap():
    chance = np.random.default_rng(11)
    n = 6000
    kind = chance.integers(0, 2, n)
    sex = np.where(chance.random(n) < 0.7, kind, 1 - kind)
    score = 5.0 * kind + chance.normal(size=n)
    strata = one_stratum(n)
    sexes, kinds = grouping("sex", sex), grouping("kind", kind)
    alone = direct(score, sexes, strata, [])
    told = direct(score, sexes, strata, [kinds])
    assert alone.low[1] > 1.5
    assert told.low[1] < 0 < told.high[1]
    assert abs(told.value[1]) < 0.1
    assert direct(score, kinds, strata, [sexes]).value[1] == pytest.approx(5, abs=0.1)


def test_simpson_is_not_fooling_it():
    """Slower in all, but faster in each stratum: the stratum decides the sign."""
    stratum = np.repeat([0, 1], 100)
    place = np.concatenate([np.arange(100) < 90, np.arange(100) < 10]).astype(int)
    score = 10.0 * (stratum == 0) - 2.0 * place + np.tile([0.1, -0.1], 100)
    group = grouping("group", place)
    strata = Strata(stratum=stratum, count=2)
    assert direct(score, group, one_stratum(200), []).value[1] > 5
    assert direct(score, group, strata, []).value[1] == pytest.approx(-2)
    by_attribute = direct(score, group, one_stratum(200), [grouping("where", stratum)])
    assert by_attribute.value[1] == pytest.approx(-2)


def test_two_names_of_one_thing_are_told_together():
    """District and office say the same: both keep their gap, and each names the other."""
    chance = np.random.default_rng(12)
    n = 1000
    district = chance.integers(0, 3, n)
    office = np.where(chance.random(n) < 0.995, district, 0)
    score = 4.0 * (district == 1) + chance.normal(size=n)
    one, other = grouping("district", district), grouping("office", office)
    sex = grouping("sex", chance.integers(0, 2, n))
    strata = one_stratum(n)
    assert together(one, strata, [sex, other]) == (("office",),) * 3
    assert together(sex, strata, [one, other]) == ((), ())
    for first, second in ((one, other), (other, one)):
        found = direct(score, first, strata, [sex, second])
        assert found.value[1] == pytest.approx(direct(score, first, strata, [sex]).value[1])
        assert found.low[1] > 3


def test_only_the_value_that_cannot_be_told_apart_loses_the_other_attribute():
    chance = np.random.default_rng(13)
    n = 2000
    group = chance.integers(0, 3, n)
    firm = np.where(group == 2, 1, np.where(chance.random(n) < 0.02, 1, 0))
    score = chance.normal(size=n) + 3.0 * firm
    groups, firms = grouping("group", group), grouping("firm", firm)
    strata = one_stratum(n)
    assert together(groups, strata, [firms]) == ((), (), ("firm",))
    found = direct(score, groups, strata, [firms])
    assert found.value[2] > 2
    assert abs(found.value[0]) < 0.5


def test_what_all_others_say_has_nobody_to_be_compared_with():
    n = 300
    first, second = np.arange(n) % 2, np.arange(n) // 2 % 2
    either = grouping("either", (first | second).astype(int))
    both = grouping("both", (2 * first + second).astype(int))
    found = beside(np.arange(n) % 7 * 1.0, either, one_stratum(n), [both])
    assert found.why == (ALONE, ALONE)
    assert not found.told.any()
    assert np.isnan(found.low).all()
    assert np.nanmax(tolerances(either, one_stratum(n), [both])) < 1e-9


def test_columns_that_add_up_change_nothing():
    chance = np.random.default_rng(14)
    n = 500
    group, kind = chance.integers(0, 2, n), chance.integers(0, 4, n)
    score = chance.normal(size=n) + kind
    kinds, strata = grouping("kind", kind), one_stratum(n)
    coarse = grouping("coarse", kind // 2)
    once = direct(score, grouping("group", group), strata, [kinds])
    again = direct(score, grouping("group", group), strata, [kinds, coarse, kinds])
    for figure in ("value", "error", "freedom", "p_value"):
        assert getattr(again, figure) == pytest.approx(getattr(once, figure))


def test_a_missing_value_is_one_of_its_own_and_rare_ones_are_one():
    chance = np.random.default_rng(15)
    n = 400
    kind = np.where(chance.random(n) < 0.3, -1, 0)
    kind[:15] = np.repeat([1, 2, 3], 5)
    group = ((kind < 0) ^ (chance.random(n) < 0.2)).astype(int)
    score = 3.0 * (kind < 0) + chance.normal(size=n)
    strata, groups = one_stratum(n), grouping("group", group)
    found = direct(score, groups, strata, [grouping("kind", kind)])
    pooled = np.select([kind < 0, kind > 0], [0, 1], 2)
    same = direct(score, groups, strata, [grouping("kind", pooled)])
    assert found.value == pytest.approx(same.value)
    assert abs(found.value[1]) < 0.5


def test_what_cannot_be_told_says_why():
    n = 100
    place = np.arange(n) % 2
    place[:6], score = 2, np.arange(n) % 10 * 1.0
    found = direct(score, grouping("group", place), one_stratum(n), [])
    assert found.why == ("", "", FEW)
    same = np.full(n, 1e9 + 0.1)
    assert direct(same, grouping("group", place), one_stratum(n), []).why[0] == CONSTANT
    lonely = Strata(stratum=place.astype(np.int64), count=3)
    apart = direct(score, grouping("group", place), lonely, [])
    assert apart.why[:2] == (ALONE, ALONE)
    assert apart.coverage.tolist() == [0, 0, 0]
    alone = direct(score, grouping("group", place * 0), one_stratum(n), [])
    assert (alone.why, alone.rows.tolist(), alone.others.tolist()) == ((ALONE,), [100], [0])


@pytest.mark.parametrize("unknown", ["score", "value", "stratum"])
def test_rows_that_are_not_known_in_full_are_left_out(unknown):
    chance = np.random.default_rng(16)
    n = 300
    score, place = chance.normal(size=n), chance.integers(0, 3, n)
    stratum, cluster = chance.integers(0, 5, n), chance.integers(-1, 80, n)
    other = grouping("other", chance.integers(0, 2, n))
    gone = np.arange(n) % 3 == 0
    kept = direct(
        score[~gone],
        grouping("group", place[~gone]),
        Strata(stratum=stratum[~gone], count=5, cluster=cluster[~gone]),
        [other.take(~gone)],
    )
    if unknown == "score":
        score[gone] = np.nan
    elif unknown == "value":
        place[gone] = -1
    else:
        stratum[gone] = -1
    strata = Strata(stratum=stratum, count=5, cluster=cluster)
    found = direct(score, grouping("group", place), strata, [other])
    assert found.rows.tolist() == kept.rows.tolist()
    assert found.coverage == pytest.approx(kept.coverage)
    assert found.value == pytest.approx(kept.value)
    assert found.p_value == pytest.approx(kept.p_value)


def test_no_rows_at_all_are_nobody_to_compare():
    nothing = np.empty(0, np.int64)
    group = Grouping(attribute="group", names=("a", "b"), place=nothing)
    strata = Strata(stratum=nothing, count=0, cluster=nothing)
    found = direct(np.empty(0), group, strata, [group])
    assert found.why == (ALONE, ALONE)


def test_a_score_that_varies_elsewhere_only_is_constant_for_the_value():
    """b meets a in the first stratum alone, where nothing differs; a meets c in the second."""
    n = 200
    stratum = np.arange(n) // 100
    place = np.where(stratum == 0, np.arange(n) % 2, 2 * (np.arange(n) % 2))
    score = np.where(stratum == 0, 7.1, np.random.default_rng(18).normal(size=n))
    strata = Strata(stratum=stratum, count=2)
    found = direct(score, grouping("group", place), strata, [])
    assert found.why == ("", CONSTANT, "")
    assert np.isnan(found.value[1])


def test_an_attribute_without_values_has_no_gaps():
    group = Grouping(attribute="group", names=(), place=np.full(50, -1))
    other = grouping("other", np.arange(50) % 2)
    for others in ([], [other]):
        assert len(direct(np.arange(50.0), group, one_stratum(50), others)) == 0
    found = direct(np.arange(50.0), other, one_stratum(50), [group])
    assert found.value[1] == pytest.approx(1)


def test_applicants_who_come_often_count_once():
    """Everything twice over by the same applicants tells no more than once."""
    chance = np.random.default_rng(17)
    n = 400
    score, place = chance.normal(size=n), chance.integers(0, 2, n)
    other = grouping("other", chance.integers(0, 3, n))
    once = direct(score, grouping("group", place), one_stratum(n), [other])
    twice = [np.tile(each, 2) for each in (score, place, other.place, np.arange(n))]
    found = direct(
        twice[0],
        grouping("group", twice[1]),
        one_stratum(2 * n, twice[3]),
        [grouping("other", twice[2])],
    )
    assert found.value == pytest.approx(once.value)
    assert found.error == pytest.approx(once.error, rel=0.01)
    assert found.freedom == pytest.approx(once.freedom, rel=0.01)
