"""Who is over the promised term, whoever stopped the clock, and whether it stopped at all."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.letters import log
from miners.cases import outcomes
from miners.clock import clock_times
from miners.deadlines import deadlines
from miners.lateness import lateness, lateness_by_step, lateness_by_value
from miners.standing import DAY, Standing, standing_of

NOW = 1_780_000_000_000_000


def standing(days, ended, *, term=10, withdrawn=None, silent_for=0, working=None):
    """Cases that all ended, or are watched, now: `days` the clock ran, elapsed."""
    elapsed = (np.array(days, float) * DAY).astype(np.int64)
    ended = np.array(ended, bool)
    terms = np.broadcast_to(np.asarray(term), elapsed.shape)
    return Standing(
        entered=NOW - elapsed * 1000,
        seen=np.full(len(elapsed), NOW),
        last=np.full(len(elapsed), NOW - silent_for * DAY * 1000),
        elapsed=elapsed,
        working=None if working is None else (np.array(working) * 1000).astype(np.int64),
        ended=ended,
        withdrawn=np.zeros(len(elapsed), bool) if withdrawn is None else np.array(withdrawn),
        term=np.where(terms == UNKNOWN, UNKNOWN, terms * (DAY if working is None else 1000)),
        in_working=np.full(len(elapsed), working is not None),
        working_day=DAY if working is None else 1000,
    )


def test_an_open_case_over_its_term_is_late_and_one_within_it_is_not_judged():
    found = lateness(standing([5] * 15 + [12] * 5 + [12] * 4 + [3] * 6, [1] * 20 + [0] * 10))
    assert (found.cases, found.judged, found.over, found.open_over) == (30, 24, 9, 4)
    assert found.share.value == pytest.approx(9 / 24)
    assert found.share.low < 9 / 24 < found.share.high


def test_a_case_that_ended_on_the_last_day_of_its_term_is_in_time():
    found = lateness(standing([10] * 30, [1] * 30))
    assert (found.over, found.share.value, found.decided_in_time) == (0, 0.0, 1.0)
    assert 0.05 < found.share.high < 0.15


def test_withdrawing_ends_the_clock_and_is_told_apart():
    gone = [True] * 10 + [False] * 30
    found = lateness(standing([4] * 10 + [6] * 20 + [15] * 10, [1] * 40, withdrawn=gone))
    assert found.share.value == pytest.approx(0.25)
    assert found.decided_in_time == pytest.approx(0.5)
    assert found.withdrawn_in_time == pytest.approx(0.25)


def test_each_case_is_held_against_its_own_term():
    found = lateness(standing([12] * 40, [1] * 40, term=[10] * 10 + [20] * 30))
    assert (found.over, found.share.value) == (10, pytest.approx(0.25))
    assert found.terms == (10.0, 20.0)


def test_working_terms_are_held_against_working_time():
    found = lateness(standing([30] * 40, [1] * 40, term=14, working=[20] * 10 + [9] * 30))
    assert (found.over, found.unit, found.days_over) == (10, "working days", 6.0)
    assert found.case_days_over == 60.0


def test_days_over_count_open_ones_as_longer_than_so_far():
    late = [11, 12, 13, 14, 15]
    found = lateness(standing([5] * 20 + late, [1] * 20 + [1, 1, 1, 0, 0]))
    assert found.days_over == 3.0
    mostly_open = lateness(standing([5] * 20 + late, [1] * 20 + [1, 1, 0, 0, 0]))
    assert mostly_open.days_over is None


def test_silent_cases_are_late_but_their_days_count_to_their_last_event():
    asleep = standing([5] * 20 + [400] * 5, [1] * 20 + [0] * 5, silent_for=385)
    found = lateness(asleep)
    assert (found.over, found.open_over, found.silent) == (5, 5, 5)
    assert found.case_days_over == pytest.approx(25.0)


def test_too_few_cases_give_counts_and_no_share():
    found = lateness(standing([12] * 19, [1] * 19))
    assert (found.share, found.judged, found.over) == (None, 19, 19)


def test_cases_without_a_term_or_a_clock_are_left_out():
    some = standing([12] * 30, [1] * 30, term=[UNKNOWN] * 5 + [10] * 25)
    entered = some.entered.copy()
    entered[-3:] = UNKNOWN
    assert lateness(replace(some, entered=entered)).cases == 22
    assert lateness(some.take(slice(0, 0))).share is None


def test_terms_of_both_kinds_are_judged_but_no_days_are_added_up():
    both = standing([12] * 40, [1] * 40, working=[9] * 40, term=8)
    mixed = replace(
        both, in_working=np.arange(40) < 20, term=np.where(np.arange(40) < 20, 8000, DAY)
    )
    found = lateness(mixed)
    assert (found.over, found.unit, found.days_over, found.terms) == (40, None, None, ())


def test_groups_are_told_by_name_in_lower_case_and_never_by_person():
    some = standing([12] * 30 + [5] * 30, [1] * 60)
    kinds = Coded.of(pa.array(["Shop"] * 20 + ["shop"] * 10 + ["house"] * 29 + [None]))
    found = lateness_by_value(some, "permit_type", kinds)
    assert [(one.group, one.cases, one.over) for one in found] == [
        ("house", 29, 0),
        ("shop", 30, 30),
    ]
    with pytest.raises(ValueError, match="resource names persons"):
        lateness_by_value(some, "resource", kinds)


def test_steps_with_terms_of_their_own_are_told_by_activity():
    term = [3] * 30 + [UNKNOWN] * 30
    items = standing([4] * 15 + [2] * 45, [1] * 60, term=term)
    names = Coded.of(pa.array(["Review zoning"] * 30 + ["Inspect site"] * 30))
    (found,) = lateness_by_step(items, names)
    assert (found.standard, found.cases, found.over) == ("Review zoning", 30, 15)


def test_watching_an_office_in_full_swing_tells_the_share_that_closed_cases_hide():
    rng = np.random.default_rng(11)
    takes = rng.gamma(2.0, 6.0, 4000)
    came = rng.uniform(0, 60, 4000)  # days before now
    seen = standing(np.minimum(takes, came), takes <= came)
    found = lateness(seen)
    truth = float(np.mean(takes > 10))
    closed = float(np.mean(takes[takes <= came] > 10))
    assert found.share.low < truth < found.share.high
    assert closed < found.share.low


def test_the_clock_of_a_log_tells_where_each_case_stands():
    said = Definition.bare(
        clock={"starts": ["apply"], "stops": ["decide", "withdraw"], "closes": ["decide", "abort"]},
        standard={"term": "90 minutes"},
        outcome={"favourable_activities": ["decide"], "withdrawn_activities": ["withdraw"]},
    )
    found = log(
        "P: apply decide",
        "Q: apply withdraw+100",
        "R: apply abort",
        "S: apply look look",
        "T: look",
    )
    clock = clock_times(found, said, None)
    due = deadlines(found, said, None, clock)
    stands = standing_of(found, clock, due, outcomes(found, said.outcome), None)
    rows = zip(
        stands.started, stands.elapsed // 60_000, stands.ended, stands.withdrawn, strict=True
    )
    told = sorted(row[1:] for row in rows if row[0])
    assert told == [(60, True, False), (60, True, True), (100, True, True), (120, False, False)]
    assert (lateness(stands).cases, lateness(stands).over) == (4, 2)
    assert stands.term[stands.started].tolist() == [90 * 60_000] * 4


def test_a_refusal_that_closes_a_case_without_being_a_stop_is_a_decision():
    said = Definition.bare(
        clock={"starts": ["apply"], "stops": ["issue"], "closes": ["issue", "refuse", "abort"]},
        outcome={
            "favourable_activities": ["issue"],
            "unfavourable_activities": ["refuse"],
            "withdrawn_activities": ["abort"],
        },
    )
    found = log("P: apply refuse", "Q: apply look abort", "R: apply look look issue")
    clock = clock_times(found, said, None)
    stands = standing_of(found, clock, None, outcomes(found, said.outcome), None)
    told = sorted(zip(stands.elapsed // 3_600_000, stands.ended, stands.withdrawn, strict=True))
    assert told == [(1, True, False), (2, True, True), (3, True, False)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"withdrawn": np.array([True, True])}, "withdrawn and not ended"),
        ({"seen": np.array([0, 0])}, "before entered"),
        ({"term": np.array([1])}, "expected \\(2,\\)"),
        ({"in_working": np.array([True, False])}, "no calendar"),
        ({"elapsed": np.array([-5, 1])}, "-5 ms"),
        ({"working_day": 0}, "more than 0"),
    ],
)
def test_a_standing_that_cannot_be_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        replace(standing([5, 6], [0, 1]), **change)
