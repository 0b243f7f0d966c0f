"""A cohort is watched for equally long: what came after its horizon counts for nobody."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.kernels import UNKNOWN
from miners.equity.cohort import (
    NEVER_BEGAN,
    SILENT,
    TOO_RECENT,
    WITHDRAWN,
    Cohort,
    cohort_of,
    without_clock,
)
from miners.standing import DAY, Standing

MICRO_DAY = DAY * 1000
NOW = 20_000 * MICRO_DAY
HORIZON = 90


def of(*cases, horizon=HORIZON, working=None, **more):
    """The cohort of cases `(entered days ago, ran days, ended, withdrawn, last event days ago)`."""
    return cohort_of(office(*cases, working=working, **more), now=NOW, horizon_ms=horizon * DAY)


def office(*cases, working=None, **more):
    ago, ran, ended, withdrawn, quiet = (
        np.array(column, np.int64) for column in zip(*cases, strict=True)
    )
    entered = NOW - ago * MICRO_DAY
    return without_clock(
        entered=entered,
        seen=np.where(ended, entered + ran * MICRO_DAY, NOW),
        last=NOW - quiet * MICRO_DAY,
        ended=ended.astype(bool),
        withdrawn=withdrawn.astype(bool),
        working=working,
        **more,
    )


def same(found, *expected):
    np.testing.assert_allclose(found, expected)


def test_days_run_until_the_end_or_until_the_horizon():
    found = of((200, 30, 1, 0, 170), (200, 90, 1, 0, 110), (200, 91, 1, 0, 109), (200, 0, 0, 0, 3))
    same(found.days, 30, 90, 90, 90)
    same(found.decided, 1, 1, 0, 0)
    same(found.still_open, 0, 0, 1, 1)
    assert (found.cases, found.unit, set(found.left_out.values())) == (4, "days", {0})


def test_whoever_came_later_than_the_horizon_before_now_is_not_in_it_decided_or_not():
    found = of((90, 5, 1, 0, 85), (89, 5, 1, 0, 84), (1, 0, 0, 0, 0))
    assert found.in_cohort.tolist() == [True, False, False]
    same(found.days, 5, np.nan, np.nan)
    same(found.decided, 1, np.nan, np.nan)
    assert found.left_out[TOO_RECENT] == 2


def test_a_case_withdrawn_within_the_horizon_tells_no_days_and_a_later_one_does():
    found = of((300, 20, 1, 1, 280), (300, 120, 1, 1, 180), (300, 20, 1, 0, 280))
    same(found.days, np.nan, 90, 20)
    same(found.withdrawn, 1, 0, 0)
    same(found.decided, 0, 0, 1)
    same(found.still_open, 0, 1, 0)
    assert found.left_out[WITHDRAWN] == 1


def test_an_open_case_without_an_event_since_before_its_horizon_tells_nothing():
    """Its last event was 170 days after it came in one case, 20 days after it in the other."""
    found = of((400, 0, 0, 0, 230), (400, 0, 0, 0, 380), (400, 0, 0, 0, 100), (400, 9, 1, 0, 391))
    same(found.days, 90, np.nan, 90, 9)
    same(found.still_open, 1, np.nan, 1, 0)
    same(found.withdrawn, 0, np.nan, 0, 0)
    assert found.left_out[SILENT] == 1
    assert found.cases == 4


def test_a_case_whose_clock_never_began_is_left_out():
    cases = office((200, 30, 1, 0, 170), (200, 30, 1, 0, 170))
    unclocked = replace(cases, entered=np.array([UNKNOWN, cases.entered[1]]))
    found = cohort_of(unclocked, now=NOW, horizon_ms=HORIZON * DAY)
    same(found.days, np.nan, 30)
    assert found.left_out[NEVER_BEGAN] == 1


def test_days_are_those_of_the_clock_while_the_horizon_is_elapsed_time():
    """Suspended half the time, in working days of 8 hours on 5 of 7 days."""
    cases = ((200, 28, 1, 0, 172), (200, 180, 1, 0, 20))
    worked = np.array([10, 60]) * 8 * 3_600_000
    found = of(*cases, working=worked, working_day=8 * 3_600_000)
    same(found.days, 10, 30)
    assert found.unit == "working days"


def test_now_may_be_earlier_than_what_is_known():
    cases = office((200, 30, 1, 0, 170), (150, 30, 1, 0, 120), (60, 30, 1, 0, 30))
    early = cohort_of(cases, now=NOW - 80 * MICRO_DAY, horizon_ms=HORIZON * DAY)
    assert early.in_cohort.tolist() == [True, False, False]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 600),
            st.integers(0, 300),
            st.booleans(),
            st.booleans(),
            st.integers(0, 300),
        ).map(lambda row: (row[0], min(row[1], row[0]), row[2], row[2] and row[3], row[4])),
        min_size=1,
        max_size=20,
    ),
    st.integers(1, 200),
)
def test_every_case_is_told_or_left_out_for_one_reason_and_ends_at_most_one_way(cases, horizon):
    found = of(*cases, horizon=horizon)
    told = ~np.isnan(found.days)
    assert int(told.sum()) + sum(found.left_out.values()) == len(cases)
    assert (found.days[told] <= horizon).all()
    ways = found.decided + found.withdrawn + found.still_open
    assert (ways[~np.isnan(ways)] == 1).all()
    assert int(np.isnan(ways).sum()) == len(cases) - found.cases + found.left_out[SILENT]


def test_watched_later_the_same_cohort_tells_the_same():
    """Nothing that happens after the horizons of all changes what is told of them."""
    rng = np.random.default_rng(1)
    cases = [(int(a), int(r), 1, 0, 0) for a, r in rng.integers((100, 0), (160, 100), (50, 2))]
    later = office(*cases)
    then = NOW - 10 * MICRO_DAY
    horizon_ms = 80 * DAY
    at_last = cohort_of(later, now=then, horizon_ms=horizon_ms)
    half_way = cohort_of(later.known_by(then), now=then, horizon_ms=horizon_ms)
    assert at_last.decided.tolist() == half_way.decided.tolist()
    np.testing.assert_allclose(at_last.days, half_way.days, atol=1e-7)


def test_a_standing_by_the_clock_is_taken_as_it_is():
    ends = np.array([10, 30]) * MICRO_DAY
    clock = Standing(
        entered=np.zeros(2, np.int64),
        seen=ends,
        last=ends,
        elapsed=np.array([4, 30]) * DAY,
        working=None,
        ended=np.ones(2, bool),
        withdrawn=np.zeros(2, bool),
        term=np.array([14 * DAY, UNKNOWN]),
        in_working=np.zeros(2, bool),
    )
    same(cohort_of(clock, now=90 * MICRO_DAY, horizon_ms=20 * DAY).days, 4, 20)


def test_no_cases_are_no_error_and_a_horizon_of_nothing_is_refused():
    nothing = np.empty(0, np.int64)
    none = {"entered": nothing, "seen": nothing, "last": nothing}
    empty = without_clock(**none, ended=nothing.astype(bool), withdrawn=nothing.astype(bool))
    assert cohort_of(empty, now=NOW, horizon_ms=DAY).cases == 0
    with pytest.raises(ValueError, match="horizon_ms is 0"):
        cohort_of(empty, now=NOW, horizon_ms=0)


def test_nothing_can_be_told_of_a_case_outside_the_cohort():
    whole = of((200, 30, 1, 0, 170))
    with pytest.raises(ValueError, match="outside the cohort"):
        replace(whole, in_cohort=np.array([False]))
    with pytest.raises(ValueError, match="shape"):
        Cohort(**{**vars(whole), "days": np.zeros(2)})
