"""Who waits longer: against a plain count of fractions, in slices, and on offices without a gap."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from eventlog.kernels import UNKNOWN
from miners.equity.days_counted import DaysCounted
from miners.equity.logrank import logrank, scores
from miners.equity.rows import ALONE, CONSTANT, FEW, Grouping, Strata

DAY = 86_400_000
rows_of_all = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(-1, 3), st.integers(-1, 2)),
    min_size=1,
    max_size=40,
)


def kinds(place, values=4):
    return Grouping(
        attribute="kind", names=tuple("abcdefgh"[:values]), place=np.array(place, np.int64)
    )


def strata(stratum, cluster=None):
    stratum = np.array(stratum, np.int64)
    count = int(stratum.max(initial=-1)) + 1
    cluster = None if cluster is None else np.array(cluster, np.int64)
    return Strata(stratum=stratum, count=count, cluster=cluster)


def columns(rows):
    ran, decided, place, stratum = (np.array(column) for column in zip(*rows, strict=True))
    return ran, decided.astype(bool), kinds(place), strata(stratum)


def slowly(rows, value):
    """Observed, expected and variance of a value, one moment after the other."""
    rows = [row for row in rows if row[2] >= 0 and row[3] >= 0]
    observed, expected, variance = 0, Fraction(0), Fraction(0)
    for stratum in {row[3] for row in rows}:
        here = [row for row in rows if row[3] == stratum]
        for time in {row[0] for row in here if row[1]}:
            risk = [row for row in here if row[0] >= time]
            mine = sum(row[2] == value for row in risk)
            ends = sum(row[1] and row[0] == time for row in risk)
            share = Fraction(mine, len(risk))
            observed += sum(row[1] and row[0] == time and row[2] == value for row in risk)
            expected += ends * share
            if len(risk) > 1:
                variance += ends * share * (1 - share) * (len(risk) - ends) / (len(risk) - 1)
    return observed, expected, variance


@given(rows_of_all)
def test_a_plain_count_with_fractions_finds_the_same(rows):
    found = logrank(*columns(rows))
    for value in range(4):
        observed, expected, variance = slowly(rows, value)
        assert found.observed[value] == observed
        assert found.expected[value] == pytest.approx(float(expected))
        assert found.variance[value] == pytest.approx(float(variance), abs=1e-12)
        assert (found.variance[value] == 0) == (variance == 0)
        assert (found.why[value] in {ALONE, CONSTANT}) == (variance == 0)


@given(rows_of_all)
def test_scores_add_up_to_observed_less_expected_and_to_nothing_in_a_stratum(rows):
    ran, decided, grouping, comparable = columns([row for row in rows if row[2] >= 0] or rows[:1])
    score = scores(ran, decided, comparable)
    assert (np.isnan(score) == (comparable.stratum < 0)).all()
    for stratum in range(comparable.count):
        assert score[comparable.stratum == stratum].sum() == pytest.approx(0, abs=1e-9)
    found = logrank(ran, decided, grouping, comparable)
    for value in range(4):
        mine = score[(grouping.place == value) & (comparable.stratum >= 0)].sum()
        assert mine == pytest.approx(found.observed[value] - found.expected[value], abs=1e-9)


@given(rows_of_all, st.integers(0, 40))
def test_slices_of_whole_days_add_up_to_the_test_of_all(rows, cut):
    ran, decided, grouping, comparable = columns(rows)
    first = np.arange(len(rows)) < cut
    one, other = (
        DaysCounted.of(
            ran[those] * DAY, decided[those], grouping.take(those), comparable.take(those), day=DAY
        )
        for those in (first, ~first)
    )
    found, whole = one.plus(other).logrank(), logrank(ran, decided, grouping, comparable)
    for name in ("rows", "decisions", "observed", "expected", "variance", "coverage"):
        assert getattr(found, name) == pytest.approx(getattr(whole, name), abs=1e-9, nan_ok=True)
    assert found.why == whole.why


def office(seed, *, cases=2000, gap=1.0, groups=2, each=1, alike=0.0):
    """Three types of cases in four months, watched until now; the first group `gap` slower.

    Nothing else differs, but much goes together: one type is slow, the last month is busy, and one
    type is often withdrawn; the first group has more of the slow type, more of the last months,
    and within a month it files later. `each` cases of one applicant, who has a pace of his own
    where `alike` is above 0. Gives ran, decided, grouping, strata.
    """
    rng = np.random.default_rng(seed)
    applicants = -(-cases // each)
    cluster = np.repeat(np.arange(applicants), each)[:cases]
    month, taste = rng.integers(0, 4, applicants), rng.random(applicants)
    kind = rng.integers(0, 3, cases)
    first = taste < 0.15 + 0.1 * month
    if each == 1:
        first = taste < np.where(kind == 0, 0.3, 0.1) + 0.1 * month
    place = np.where(first, 0, 1 + (taste * 1e6).astype(int) % max(1, groups - 1))[cluster]
    month = month[cluster]
    own = np.exp(alike * rng.standard_normal(applicants))[cluster]
    pace = 10.0 * np.where(kind == 0, 3, 1) * np.where(month == 3, 2, 1) * own
    takes = rng.exponential(pace * np.where(place == 0, gap, 1.0))
    watched = 22 * (4 - month) - 20 * rng.random(cases) ** np.where(place == 0, 0.5, 1.0)
    gone = rng.exponential(np.where(kind == 1, 40.0, 400.0))
    ran = np.minimum(np.minimum(takes, watched), gone)
    return (
        (ran * DAY).astype(np.int64),
        takes <= np.minimum(watched, gone),
        kinds(place, max(2, groups)),
        strata(kind * 4 + month, cluster),
    )


def test_a_group_that_waits_longer_is_found_and_its_ratio_is_told():
    found = logrank(*office(1, cases=6000, gap=1.25))
    assert found.p_value[0] < 1e-4
    assert found.z[0] < 0
    assert found.low[0] < 1 / 1.25 < found.high[0] < 1
    assert found.z[1] == pytest.approx(-found.z[0])
    assert found.p_value[1] == pytest.approx(found.p_value[0])
    assert found.hazard_ratio[1] == pytest.approx(1 / found.hazard_ratio[0])


def test_applicants_with_one_case_each_change_nothing():
    ran, decided, grouping, comparable = office(2)
    alone = logrank(ran, decided, grouping, strata(comparable.stratum))
    for cluster in (np.arange(len(ran)), np.full(len(ran), -1)):
        found = logrank(ran, decided, grouping, strata(comparable.stratum, cluster))
        assert found.p_value.tolist() == alone.p_value.tolist()
        assert np.isinf(found.freedom).all()


def test_twice_the_same_rows_tell_no_more_than_once():
    """Every applicant files the same twice: the variance of the sum is that of twice one row."""
    ran, decided, grouping, comparable = office(3, cases=1500)
    twice = np.repeat(np.arange(1500), 2)
    found = logrank(
        ran[twice], decided[twice], grouping.take(twice), strata(comparable.stratum[twice], twice)
    )
    once = logrank(ran, decided, grouping, strata(comparable.stratum))
    assert found.clustered / found.variance == pytest.approx(2, rel=0.1)
    assert found.z == pytest.approx(once.z, rel=0.06)
    assert (found.freedom > 300).all()


def test_applicants_who_go_both_ways_take_nothing_off_the_variance():
    ran, decided, grouping, comparable = office(4, cases=800)
    grouping = kinds(np.arange(800) % 2, 2)
    slow = np.argsort(ran, kind="stable")
    cluster = np.empty(800, np.int64)
    cluster[slow] = np.arange(800) // 2
    found = logrank(ran, decided, grouping, strata(comparable.stratum, cluster))
    assert (found.clustered >= found.variance).all()


def test_who_has_nobody_beside_is_alone():
    found = logrank(*columns([(2, True, 0, 0)] * 3 + [(3, True, 1, 1), (4, True, 2, 1)]))
    assert found.why[0] == ALONE
    assert found.coverage[0] == 0
    assert np.isnan(found.p_value[0])
    assert found.rows.tolist() == [3, 1, 1, 0]
    assert found.others.tolist() == [2, 4, 4, 5]
    assert found.why[3] == ALONE


def test_where_nobody_is_decided_or_all_at_once_nothing_differs():
    open_yet = columns([(5, False, place, 0) for place in (0, 1)] * 80)
    assert logrank(*open_yet).why[:2] == (CONSTANT, CONSTANT)
    at_once = columns([(5, True, place, 0) for place in (0, 1)] * 80)
    found = logrank(*at_once)
    assert found.why[:2] == (CONSTANT, CONSTANT)
    assert found.coverage[:2].tolist() == [0, 0]
    assert found.decisions[:2].tolist() == [80, 80]


def test_fewer_than_50_rows_or_20_decisions_that_are_compared_are_few():
    def found(rows, decisions, elsewhere=0):
        place = np.repeat([0, 1, 0], [rows, 200, elsewhere])
        decided = np.repeat([True, False, True], [decisions, rows - decisions, 200 + elsewhere])
        stratum = np.repeat([0, 1], [rows + 200, elsewhere])
        return logrank(np.arange(len(place)), decided, kinds(place, 2), strata(stratum))

    assert found(50, 20).why == ("", "")
    assert found(49, 20).why == (FEW, FEW)
    assert found(50, 19).why == (FEW, FEW)
    assert found(49, 49, elsewhere=400).why == (FEW, FEW)
    assert found(60, 30, elsewhere=40).coverage.tolist() == [0.6, 1.0]


def test_rows_without_a_value_a_stratum_or_a_duration_are_left_out():
    ran, decided, grouping, comparable = office(5, cases=400)
    out = np.arange(400)
    place = np.where(out % 7 == 0, -1, grouping.place)
    stratum = np.where(out % 5 == 0, -1, comparable.stratum)
    some = np.where(out % 3 == 0, UNKNOWN, ran)
    stay = (out % 7 > 0) & (out % 5 > 0) & (out % 3 > 0)
    found = logrank(some, decided, kinds(place, 2), strata(stratum, comparable.cluster))
    same = logrank(ran[stay], decided[stay], grouping.take(stay), comparable.take(stay))
    assert found.z.tolist() == same.z.tolist()
    assert int(found.rows.sum()) == int(stay.sum())


def test_no_rows_at_all_are_no_error():
    nothing = np.empty(0, np.int64)
    found = logrank(nothing, nothing.astype(bool), kinds(nothing), strata(nothing))
    assert found.why == (ALONE,) * 4
    assert not found.told.any()
    assert len(scores(nothing, nothing.astype(bool), strata(nothing))) == 0


def test_lengths_that_differ_and_durations_below_zero_are_refused():
    with pytest.raises(ValueError, match="expected one length"):
        logrank(np.zeros(2, np.int64), np.ones(2, bool), kinds([0]), strata([0, 0]))
    with pytest.raises(ValueError, match="-3 ms"):
        scores(np.array([-3]), np.array([True]), strata([0]))
    one = DaysCounted.of(np.zeros(1, np.int64), np.ones(1, bool), kinds([0]), strata([0]), day=DAY)
    two = DaysCounted.of(np.zeros(1, np.int64), np.ones(1, bool), kinds([0]), strata([1]), day=DAY)
    with pytest.raises(ValueError, match="expected the same"):
        one.plus(two)


def share_flagged(seeds, **offices):
    told = [logrank(*office(seed, **offices)).p_value[0] for seed in seeds]
    return np.mean(np.array(told) <= 0.05)


def test_a_group_that_has_more_of_the_slow_and_of_the_new_is_not_flagged_for_it():
    """Slow types, busy months, unequal watching, withdrawals of one type: size near .05."""
    assert share_flagged(range(300), cases=800) <= stats.binom.ppf(0.999, 300, 0.05) / 300


def test_without_strata_the_same_group_would_be_flagged():
    ran, decided, grouping, _ = office(1, cases=3000)
    assert logrank(ran, decided, grouping, strata(np.zeros(3000))).p_value[0] < 1e-4


def test_repeat_applicants_of_unequal_pace_are_not_taken_for_a_gap():
    repeated = {"cases": 1200, "each": 6, "alike": 0.8}
    assert share_flagged(range(300), **repeated) <= stats.binom.ppf(0.999, 300, 0.05) / 300


@pytest.mark.long
@pytest.mark.parametrize("each", [1, 4])
def test_the_size_of_the_test_is_a_twentieth_where_nothing_differs(each):
    flagged = share_flagged(range(2000), cases=3000, each=each, alike=0.5 * (each > 1), groups=3)
    assert 0.04 <= flagged <= 0.06


@pytest.mark.long
def test_the_limits_of_95_in_100_offices_hold_the_true_ratio():
    found = [logrank(*office(seed, cases=8000, gap=1.3)) for seed in range(1000)]
    assert 0.93 <= np.mean([one.low[0] <= 1 / 1.3 <= one.high[0] for one in found]) <= 0.97
