"""Both halves of the time: a gap of one season does not replicate."""

import functools

import numpy as np
import pytest

from miners.equity.halves import Half, in_halves, replicates
from miners.equity.kernel import compare
from miners.equity.rows import Grouping, Strata

COMPARE = functools.partial(compare, seed=1)
MONTH = 30 * 24 * 3_600_000_000


@pytest.fixture(scope="module")
def year():
    chance = np.random.default_rng(52)
    n = 2400
    entered = np.sort(chance.integers(0, 12 * MONTH, n))
    month = entered // MONTH
    group = Grouping(attribute="group", names=("a", "b", "c"), place=chance.integers(0, 3, n))
    return entered, month, group, Strata(stratum=month, count=12), chance.normal(size=n)


def halves(year, score, value=1):
    entered, month, group, strata, _ = year
    return in_halves(
        score, group, strata, value=value, entered=entered, period=month, compare=COMPARE
    )


def test_a_gap_that_lasts_replicates_and_is_about_the_same_in_both_halves(year):
    found = halves(year, year[4] + 0.8 * (year[2].place == 1))
    assert replicates(found)
    assert [half.value for half in found] == pytest.approx([0.8, 0.8], abs=0.25)
    assert found[0].ended < 6.5 * MONTH
    assert found[0].ended < found[1].began
    assert (found[0].began, found[1].ended) == (year[0].min(), year[0].max())


def test_a_gap_of_spring_alone_does_not(year):
    assert not replicates(halves(year, year[4] + 2.0 * ((year[2].place == 1) & (year[1] < 4))))


def test_a_gap_that_turns_does_not(year):
    turn = np.where(year[1] < 6, 1.0, -1.0)
    found = halves(year, year[4] + turn * (year[2].place == 1))
    assert max(half.p_value for half in found) < 0.05
    assert not replicates(found)


def test_no_month_is_cut_and_the_value_is_parted_evenly(year):
    """The first half is that of the value's own rows: half of them came in the last two months."""
    entered, month, group, strata, score = year
    late = np.where((group.place == 1) & (month < 10) & (np.arange(2400) % 4 > 0), 0, group.place)
    group = Grouping(attribute="group", names=group.names, place=late)
    found = in_halves(score, group, strata, value=1, entered=entered, period=month, compare=COMPARE)
    mine = month[group.place == 1]
    last = found[0].ended // MONTH
    assert found[1].began // MONTH == last + 1
    parted = [abs(2 * (mine <= each).sum() - len(mine)) for each in range(11)]
    assert abs(2 * (mine <= last).sum() - len(mine)) == min(parted)


def test_the_value_is_compared_with_all_others_in_each_half(year):
    entered, _, group, strata, score = year
    first, _ = halves(year, score, value=2)
    early = entered <= first.ended
    same = compare(score[early], group.take(early), strata.take(early), seed=1)
    assert first.value == pytest.approx(same.value[2])
    assert first.p_value == pytest.approx(same.p_value[2])


def test_one_period_has_no_halves_and_an_unknown_p_value_does_not_replicate(year):
    entered, month, group, strata, score = year
    found = in_halves(
        score, group, strata, value=0, entered=entered, period=month * 0, compare=COMPARE
    )
    assert found is None
    assert not replicates(found)
    unknown = Half(began=0, ended=1, value=1.0, p_value=float("nan"))
    sure = Half(began=2, ended=3, value=1.0, p_value=0.01)
    assert not replicates((sure, unknown))
    assert not replicates((unknown, sure))
    assert replicates((sure, sure))
