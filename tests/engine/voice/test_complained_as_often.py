"""A complaint is held only against what came before it, among comparable applications."""

import numpy as np
import pytest

from engine.voice.complained_as_often import FEW, complained_as_often
from engine.voice.heard import Heard
from eventlog.kernels import UNKNOWN

DAY = 86_400_000_000
LONG = 10_000 * DAY


def told(entered, closed, complained, *, now=LONG):
    nobody = np.full(len(entered), np.nan)
    at = np.asarray(complained, np.int64)
    case = np.flatnonzero(at != UNKNOWN)
    return Heard(
        entered=np.asarray(entered, np.int64),
        closed=np.asarray(closed, np.int64),
        complained=at,
        answer=nobody,
        complaint_case=case.astype(np.int32),
        complaint_at=at[case],
        closing_known=True,
        now=now,
    )


def ratio(heard, since, stratum=None):
    cases = len(heard.entered)
    return complained_as_often(
        heard,
        since=np.asarray(since, np.int64),
        known=np.ones(cases, bool),
        stratum=np.zeros(cases, np.int64) if stratum is None else stratum,
    )


def after_the_decision(exposed, others, complaints, other_complaints):
    """Closed cases of which so many complain a day later; the first ones are exposed."""
    size = exposed + others
    complained = np.full(size, UNKNOWN, np.int64)
    complained[:complaints] = 11 * DAY
    complained[exposed : exposed + other_complaints] = 11 * DAY
    since = np.full(size, UNKNOWN, np.int64)
    since[:exposed] = 3 * DAY
    return told(np.zeros(size), np.full(size, 10 * DAY), complained), since


def test_after_the_decision_the_ratio_is_that_of_the_two_shares():
    found = ratio(*after_the_decision(100, 300, 20, 30))
    assert found.complaints == 50
    assert found.value == pytest.approx((20 / 100) / (30 / 300))
    # Greenland and Robins with a table a complaint: the usual limits of a ratio of two rates.
    error = np.sqrt(1 / 20 + 1 / 30)
    assert found.low == pytest.approx(2 * np.exp(-1.959964 * error))
    assert found.high == pytest.approx(2 * np.exp(1.959964 * error))


def test_who_was_decided_yesterday_has_not_had_the_time_to_complain():
    """Everybody complains alike, twenty days after; the exposed were decided this month."""
    chance, cases = np.random.default_rng(3), 20_000
    exposed = np.arange(cases) < 10_000
    closed = (
        400 + np.where(exposed, chance.integers(0, 40, cases), -chance.integers(0, 300, cases))
    ) * DAY
    at = closed + 20 * DAY
    will = chance.random(cases) < 0.1
    now = 440 * DAY
    complained = np.where(will & (at <= now), at, UNKNOWN)
    found = ratio(
        told(np.zeros(cases), closed, complained, now=now), np.where(exposed, DAY, UNKNOWN)
    )
    shares = [np.mean(complained[group] != UNKNOWN) for group in (exposed, ~exposed)]
    assert shares[0] < 0.7 * shares[1]
    assert found.value == pytest.approx(1.0, abs=0.1)


def test_what_comes_after_a_complaint_is_not_counted_against_it():
    """Everybody complains at once and strays later: nobody complained since they strayed."""
    cases = 60
    complained = np.where(np.arange(cases) < 30, 2 * DAY, UNKNOWN)
    since = np.where(np.arange(cases) < 30, 5 * DAY, UNKNOWN)
    found = ratio(told(np.zeros(cases), np.full(cases, 20 * DAY), complained), since)
    assert (found.value, found.why) == (None, FEW)


def test_a_running_case_is_compared_with_others_as_old_as_it():
    """A case is at risk until it closes or complains, and exposed from the moment it strays."""
    # Twenty complain at ages 10 to 29 days while running; ten of them had strayed on day 5.
    ages = np.arange(10, 30)
    rest = 40
    entered = np.arange(60) * DAY * 3
    closed = entered + 60 * DAY
    complained = np.full(60, UNKNOWN, np.int64)
    complained[:20] = entered[:20] + ages * DAY
    since = np.full(60, UNKNOWN, np.int64)
    strays = np.concatenate([np.arange(0, 20, 2), 20 + np.arange(10)])
    since[strays] = entered[strays] + 5 * DAY
    # One strays after its complaint, and one at the very moment: neither complained after it.
    since[1], since[3] = entered[1] + 50 * DAY, complained[3]
    found = ratio(told(entered, closed, complained), since)
    up = down = 0.0
    for case in range(20):
        at_risk = [c for c in range(60) if c >= 20 or ages[c] >= ages[case]]
        exposed = sum(c in strays for c in at_risk)
        others = len(at_risk) - exposed
        if case in strays:
            up += others / len(at_risk)
        else:
            down += exposed / len(at_risk)
    assert rest == 60 - 20
    assert found.value == pytest.approx(up / down)


def test_only_those_in_one_stratum_are_compared():
    """In either half the ratio is one, though the half that strays more complains more."""
    first, since = after_the_decision(80, 20, 40, 10)
    second, other = after_the_decision(20, 80, 2, 8)
    both = told(
        np.zeros(200),
        np.full(200, 10 * DAY),
        np.concatenate([first.complained, second.complained]),
    )
    since = np.concatenate([since, other])
    assert ratio(both, since).value > 1.5
    halves = np.repeat([0, 1], 100)
    assert ratio(both, since, halves).value == pytest.approx(1.0)


def test_those_who_complain_at_random_are_hardly_ever_told_apart():
    """With no difference, the test says so nineteen times of twenty, while running or decided."""
    chance, wrong, rounds = np.random.default_rng(4), 0, 300
    for _ in range(rounds):
        entered = chance.integers(0, 400, 500) * DAY
        lasts = chance.exponential(40 * DAY, 500).astype(np.int64) + DAY
        when = (lasts * chance.random(500) * 2).astype(np.int64)
        complained = np.where(chance.random(500) < 0.15, entered + when, UNKNOWN)
        since = np.where(chance.random(500) < 0.4, entered + DAY // 2, UNKNOWN)
        found = ratio(told(entered, entered + lasts, complained), since)
        wrong += found.p_value is not None and found.p_value <= 0.05
    assert 0.02 <= wrong / rounds <= 0.085


def test_the_order_of_cases_does_not_matter():
    heard, since = after_the_decision(60, 90, 12, 9)
    heard_running = told(heard.entered, heard.closed + 9 * DAY, heard.complained)
    order = np.random.default_rng(1).permutation(150)
    for one in (heard, heard_running):
        mixed = told(one.entered[order], one.closed[order], one.complained[order])
        again, before = ratio(mixed, since[order]), ratio(one, since)
        assert again.value == pytest.approx(before.value)
        assert again.high == pytest.approx(before.high)


def test_few_complaints_tell_nothing():
    found = ratio(*after_the_decision(100, 100, 5, 4))
    assert (found.complaints, found.value, found.why) == (9, None, FEW)
