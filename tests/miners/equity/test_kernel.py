"""A comparison says how far apart, how sure, and where it cannot say anything."""

from dataclasses import fields, replace

import numpy as np
import pytest

from miners.equity.cells import Cells
from miners.equity.kernel import FEWEST, compare, unadjusted
from miners.equity.odds import odds_ratios
from miners.equity.rows import ALONE, CONSTANT, FEW, Grouping, Strata
from miners.equity.smallest import smallest_seen


def grouped(place, names=("a", "b")):
    return Grouping(attribute="kind", names=names, place=np.asarray(place, np.int64))


def one_stratum(rows, cluster=None):
    return Strata(stratum=np.zeros(rows, np.int64), count=1, cluster=cluster)


@pytest.fixture
def office():
    """2,000 applications in 40 strata, three groups, the second two days slower."""
    rng = np.random.default_rng(5)
    stratum, place = rng.integers(0, 40, 2000), rng.integers(0, 3, 2000)
    score = rng.exponential(5, 2000) + stratum % 7 + 2.0 * (place == 1)
    return score, grouped(place, ("a", "b", "c")), Strata(stratum=stratum, count=40)


def told(gaps):
    """Everything but names of reasons, as one array a field."""
    return {one.name: np.asarray(getattr(gaps, one.name)) for one in fields(gaps)}


def test_a_planted_gap_is_found_and_the_rest_mirrors_it(office):
    found = compare(*office, seed=1)
    assert found.low[1] < 2 < found.high[1]
    assert found.p_value[1] < 1e-6
    assert found.value[0] < 0 > found.value[2]
    assert not found.permuted.any()
    assert found.why == ("", "", "")
    assert (found.rows + found.others == 2000).all()


def test_applicants_with_one_row_each_change_nothing(office):
    score, grouping, strata = office
    alone = replace(strata, cluster=np.random.default_rng(1).permutation(2000))
    unknown = replace(strata, cluster=np.full(2000, -1))
    plain = told(compare(*office, seed=1))
    for given in (alone, unknown):
        for name, expected in told(compare(score, grouping, given, seed=1)).items():
            np.testing.assert_array_equal(
                told(compare(score, grouping, given, seed=1))[name], expected
            )
            if expected.dtype.kind == "f":
                np.testing.assert_allclose(expected, plain[name], rtol=1e-9)


def test_ten_copies_of_each_application_are_no_more_than_one(office):
    """Copies are one applicant's: the interval stays as wide, and p as large."""
    score, grouping, strata = office
    again = np.repeat(np.arange(2000), 10)
    copies = replace(strata.take(again), cluster=again)
    once, all_ten = (
        compare(*office, seed=1),
        compare(score[again], grouping.take(again), copies, seed=1),
    )
    np.testing.assert_allclose(all_ten.value, once.value)
    np.testing.assert_allclose(all_ten.error, once.error, rtol=0.03)
    np.testing.assert_allclose(np.log(all_ten.p_value), np.log(once.p_value), rtol=0.1)
    naive = compare(score[again], grouping.take(again), strata.take(again), seed=1)
    assert (naive.error < all_ten.error / 2.5).all()


def test_unknown_scores_values_and_strata_are_left_out(office):
    score, grouping, strata = office
    rng = np.random.default_rng(2)
    keep = rng.random(2000) < 0.7
    why = rng.integers(0, 3, 2000)
    spoilt = compare(
        np.where(~keep & (why == 0), np.nan, score),
        replace(grouping, place=np.where(~keep & (why == 1), -1, grouping.place)),
        replace(strata, stratum=np.where(~keep & (why == 2), -1, strata.stratum)),
        seed=1,
    )
    kept = compare(score[keep], grouping.take(keep), strata.take(keep), seed=1)
    for name, expected in told(kept).items():
        np.testing.assert_array_equal(told(spoilt)[name], expected)


def test_what_cannot_be_told_says_why():
    rng = np.random.default_rng(3)
    place = np.repeat([0, 1, 2, 3], [50, 50, 9, 40])
    strata = Strata(stratum=np.repeat([0, 0, 0, 1], [50, 50, 9, 40]), count=2)
    grouping = grouped(place, ("a", "b", "few", "alone"))
    found = compare(rng.normal(size=149), grouping, strata, seed=1)
    assert found.why == ("", "", FEW, ALONE)
    assert found.coverage.tolist() == [1, 1, 1, 0]
    constant = compare(strata.stratum + 3e5, grouping, strata, seed=1)
    assert constant.why == (CONSTANT, CONSTANT, FEW, ALONE)
    for name in ("value", "error", "freedom", "low", "high", "p_value"):
        np.testing.assert_array_equal(np.isnan(getattr(found, name)), [False, False, True, True])
        assert np.isnan(getattr(constant, name)).all()
    assert not constant.told.any()


@pytest.mark.parametrize(
    ("rows", "names", "why"),
    [(0, ("a", "b"), (FEW, FEW)), (40, ("a",), (ALONE,)), (5, ("a",), (FEW,)), (3, (), ())],
)
def test_nobody_to_compare(rows, names, why):
    place = np.full(rows, 0 if names else -1)
    found = compare(np.arange(rows, dtype=float), grouped(place, names), one_stratum(rows), seed=1)
    assert found.why == why


def test_many_rows_of_a_few_applicants_are_few():
    rng = np.random.default_rng(4)
    place = np.repeat([0, 1], 200)
    applicants = np.concatenate([rng.integers(0, FEWEST - 1, 200), np.arange(100, 300)])
    found = compare(rng.normal(size=400), grouped(place), one_stratum(400, applicants), seed=1)
    assert found.why == (FEW, FEW)


def test_a_group_whose_scores_only_vary_more_is_not_slower():
    """100 of 1,000 with four times the deviation: as the others vary, half would be found."""
    found = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        place = rng.permutation(1000) < 100
        score = rng.normal(size=1000) * (1 + 3 * place)
        found += compare(score, grouped(place), one_stratum(1000), seed=1).p_value[1] <= 0.05
    assert found <= 20


def test_a_small_arm_is_dealt_anew_and_the_seed_settles_it():
    rng = np.random.default_rng(8)
    place = np.arange(200) < 20
    score = rng.normal(size=200) + 0.6 * place
    strata = Strata(stratum=rng.integers(0, 4, 200), count=4)
    first, again, other = (compare(score, grouped(place), strata, seed=seed) for seed in (1, 1, 2))
    assert first.permuted.all()
    assert first.p_value[0] == first.p_value[1] == again.p_value[1]
    assert first.p_value[1] != other.p_value[1]
    assert first.p_value[1] == pytest.approx(other.p_value[1], rel=0.15)


def test_a_small_arm_reaches_what_a_family_of_300_tests_needs():
    place = np.arange(500) < 15
    score = np.random.default_rng(9).normal(size=500) + 5 * place
    found = compare(score, grouped(place), one_stratum(500), seed=1)
    assert found.p_value[1] == 1e-5


def test_whole_applicants_are_dealt_anew():
    """Twelve applicants of twenty-four whose scores are their own: rows alone would be too sure."""
    sizes = np.tile([2, 3, 4, 5], 6)
    applicant = np.repeat(np.arange(24), sizes)
    small = {"own": 0, "alone": 0}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        group = rng.permutation(24) < 12
        score = rng.normal(size=24)[applicant] + 0.3 * rng.normal(size=len(applicant))
        for name, cluster in (("own", applicant), ("alone", None)):
            strata = one_stratum(len(applicant), cluster)
            found = compare(score, grouped(group[applicant]), strata, seed=seed)
            small[name] += found.p_value[1] <= 0.05
    assert 1 <= small["own"] <= 14
    assert small["alone"] > 30


def test_unadjusted_is_the_difference_of_means(office):
    score, grouping, _ = office
    raw = unadjusted(score, grouping, None, seed=1)
    second = grouping.place == 1
    assert raw.value[1] == pytest.approx(score[second].mean() - score[~second].mean())
    assert (raw.coverage == 1).all()


def test_what_is_wrong_is_refused():
    with pytest.raises(ValueError, match=r"kind: arrays of \[2, 3\] rows"):
        compare(np.zeros(3), grouped([0, 1]), one_stratum(2), seed=1)
    with pytest.raises(ValueError, match="infinite"):
        compare(np.array([1, np.inf]), grouped([0, 1]), one_stratum(2), seed=1)
    with pytest.raises(ValueError, match="0 and 1 alone"):
        odds_ratios(Cells.of(np.array([1.0, 2]), grouped([0, 1]), one_stratum(2)))
    with pytest.raises(ValueError, match="alpha is 5"):
        smallest_seen(np.ones(1), np.ones(1), alpha=5)


def test_odds_without_a_one_on_either_side_are_not_told():
    cells = Cells.of(np.array([1.0, 1, 0, 0]), grouped([0, 0, 1, 1]), one_stratum(4))
    found = odds_ratios(cells)
    for part in (found.value, found.low, found.high):
        assert np.isnan(part).all()


def test_the_smallest_gap_seen_is_seen_four_times_of_five():
    """Two arms of 100: the gap that is said to be seen is found in about 80 of 100 offices."""
    place, found = np.arange(200) < 100, 0
    gap = smallest_seen(np.array([np.sqrt(2 / 100)]), np.array([198.0]))[0]
    for seed in range(400):
        score = np.random.default_rng(seed).normal(size=200) + gap * place
        found += compare(score, grouped(place), one_stratum(200), seed=1).p_value[1] <= 0.05
    assert 0.75 <= found / 400 <= 0.85
    stricter = smallest_seen(np.ones(1), np.array([np.inf]), alpha=0.05 / 300)
    assert stricter[0] > 4


def test_the_order_of_rows_means_nothing():
    """Applicants of 100 rows, of 20 and of one, with rows of both groups, in many strata."""
    rng = np.random.default_rng(12)
    large, small = np.repeat(np.arange(15), 100), np.repeat(np.arange(15, 45), 20)
    applicant = np.concatenate([large, small, np.arange(45, 445)])
    stratum = rng.integers(0, 60, 2500)
    score = rng.normal(size=1000)[applicant] + rng.normal(size=2500)
    grouping = grouped(rng.random(2500) < 0.3)
    strata = Strata(stratum=stratum, count=60, cluster=applicant)
    mixed = rng.permutation(2500)
    once = told(compare(score, grouping, strata, seed=1))
    again = told(compare(score[mixed], grouping.take(mixed), strata.take(mixed), seed=1))
    for name in ("value", "error", "freedom", "low", "high", "p_value"):
        np.testing.assert_allclose(again[name], once[name], rtol=1e-9)


def test_a_few_copies_make_a_little_less_sure(office):
    """Fifty of 2,000 applications came twice: not plainly more variance, but some."""
    score, grouping, strata = office
    copied = np.concatenate([np.arange(2000), np.arange(50)])
    found = [
        compare(
            score[copied], grouping.take(copied), replace(strata.take(copied), cluster=one), seed=1
        )
        for one in (copied, None)
    ]
    assert (found[0].p_value > found[1].p_value).all()
    assert (found[0].error > found[1].error).all()


def test_a_group_that_is_always_refused_is_not_a_sure_thing():
    """40 refused of 40 and half of the others: nothing varies in the group, but it is only 40."""
    place, score = np.arange(1000) < 40, np.arange(1000) % 2.0
    found = compare(np.where(place, 0, score), grouped(place), one_stratum(1000), seed=1)
    assert found.value[1] == pytest.approx(-0.5)
    assert found.high[1] - found.low[1] > 0.25
    parted = compare(place * 1.0, grouped(place), one_stratum(1000), seed=1)
    assert parted.low[1] < 1 < parted.high[1]
    assert parted.p_value[1] < 1e-6
