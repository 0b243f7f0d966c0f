"""Open cases count as lasting longer than so far: against a textbook, a slow oracle, and chance."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miners.survival import beyond_own_limit, ended_by, kaplan_meier

# Freireich et al. 1963, weeks in remission under 6-mercaptopurine (negative: still in remission),
# with the estimates and log-log limits that textbooks and statistics packages print for them.
WEEKS = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
PRINTED = [
    (6, 0.8571, 0.0764, 0.6197, 0.9516),
    (7, 0.8067, 0.0869, 0.5631, 0.9228),
    (10, 0.7529, 0.0963, 0.5032, 0.8894),
    (13, 0.6902, 0.1068, 0.4316, 0.8491),
    (16, 0.6275, 0.1141, 0.3675, 0.8049),
    (22, 0.5378, 0.1282, 0.2678, 0.7468),
    (23, 0.4482, 0.1346, 0.1881, 0.6801),
]


def of(signed):
    """Durations, negative where the case is still open."""
    both = np.array(signed, np.int64)
    return np.abs(both), both > 0


cases = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25)
joining = st.lists(
    st.tuples(st.integers(0, 12), st.booleans(), st.integers(-1, 6)), min_size=1, max_size=25
).map(lambda rows: [(max(ran, since + 1), ended, since) for ran, ended, since in rows])


def slowly(rows):
    """Time -> (share that lasts longer, Greenwood's sum or None), one case after the other."""
    share, spread, found = Fraction(1), Fraction(0), {}
    for time in sorted({ran for ran, ended, _ in rows if ended}):
        risk = sum(since < time <= ran for ran, _, since in rows)
        ends = sum(ended and ran == time for ran, ended, _ in rows)
        share *= Fraction(risk - ends, risk)
        if risk > ends:
            spread += Fraction(ends, risk * (risk - ends))
        found[time] = (share, spread)
    return found


def test_the_textbook_example_is_reproduced():
    curve = kaplan_meier(*of(WEEKS))
    for week, share, error, low, high in PRINTED:
        found = curve.share_beyond(week)
        assert found.value == pytest.approx(share, abs=6e-5)
        assert found.low == pytest.approx(low, abs=6e-5)
        assert found.high == pytest.approx(high, abs=6e-5)
        at = curve.times.tolist().index(week)
        assert share * np.sqrt(curve.greenwood[at]) == pytest.approx(error, abs=6e-5)
    median = curve.quantile(0.5)
    assert (median.value, median.low, median.high) == (23, 13, None)


@given(joining)
def test_a_plain_count_with_fractions_finds_the_same(rows):
    ran, ended, joined = (np.array(column) for column in zip(*rows, strict=True))
    curve = kaplan_meier(ran, ended.astype(bool), joined=joined)
    plain = slowly(rows)
    assert curve.times.tolist() == list(plain)
    for at, (share, spread) in enumerate(plain.values()):
        assert curve.beyond[at] == pytest.approx(float(share))
        assert curve.greenwood[at] == pytest.approx(float(spread))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.sampled_from([0.5, 0.8, 0.9]))
def test_without_open_cases_a_quantile_is_the_nearest_rank(ran, share):
    rank = int(np.ceil(round(share * len(ran), 9)))
    found = kaplan_meier(np.array(ran), np.ones(len(ran), bool)).quantile(share)
    assert found.value == sorted(ran)[rank - 1]
    assert found.low is None or found.low <= found.value


@given(cases, st.integers(0, 12))
def test_the_limits_lie_around_the_share_and_within_0_and_1(rows, time):
    ran, ended = (np.array(column) for column in zip(*rows, strict=True))
    found = kaplan_meier(ran, ended.astype(bool)).share_beyond(time)
    if found is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=20), st.integers(0, 9))
def test_every_way_to_end_and_lasting_longer_make_one(rows, time):
    ran = np.array([row[0] for row in rows], np.int64)
    causes = np.array([row[1] for row in rows], np.int64)
    curve = kaplan_meier(ran, causes > 0)
    beyond = [1.0, *curve.beyond][int((curve.times <= time).sum())]
    assert ended_by(ran, causes, time).sum() + beyond == pytest.approx(1.0)


def test_a_competing_end_is_not_taken_for_waiting_on():
    # Ten cases: five withdrawn on day 1, five decided on day 2. Half are decided by day 2.
    ran, causes = np.repeat([1, 2], 5), np.repeat([2, 1], 5)
    assert ended_by(ran, causes, 2).tolist() == pytest.approx([0.5, 0.5])


def test_nothing_is_said_of_times_that_nobody_was_followed_for():
    curve = kaplan_meier(*of([2, 3, -4]))
    assert curve.share_beyond(5) is None
    assert curve.share_beyond(4).value == pytest.approx(1 / 3)
    assert curve.quantile(0.8) is None
    assert kaplan_meier(*of([2, 3])).share_beyond(5).value == 0
    assert kaplan_meier(*of([])).share_beyond(0) is None


def test_durations_below_zero_are_refused():
    with pytest.raises(ValueError, match="-3 ms"):
        kaplan_meier(np.array([-3]), np.array([True]))


@given(cases)
def test_cases_that_all_ended_are_simply_counted_against_their_own_limits(rows):
    ran = np.array([row[0] for row in rows])
    limits = np.array([3 if row[1] else 7 for row in rows])
    found = beyond_own_limit(ran, np.ones(len(rows), bool), limits)
    assert found.share.value == pytest.approx(np.mean(ran > limits))
    assert (found.cases, found.left_out) == (len(rows), 0)


def test_a_limit_that_nobody_reached_is_left_out():
    ran, ended = of([5, 6, -7, -2, -3])
    found = beyond_own_limit(ran, ended, np.array([5, 5, 5, 90, 90]))
    assert (found.cases, found.left_out) == (3, 2)
    assert found.share.value == pytest.approx(2 / 3)
    assert beyond_own_limit(*of([-2, -3]), np.array([90, 90])) is None


def test_the_limits_of_95_in_100_draws_hold_the_true_share():
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(600):
        last = rng.exponential(10.0, 120)
        seen = rng.uniform(4, 30, 120)
        ran = (np.minimum(last, seen) * 1000).astype(np.int64)
        limits = np.where(np.arange(120) < 60, 8_000, 14_000)
        found = beyond_own_limit(ran, last <= seen, limits).share
        held += found.low <= (np.exp(-0.8) + np.exp(-1.4)) / 2 <= found.high
    assert 0.93 <= held / 600 <= 0.98
