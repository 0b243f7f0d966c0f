"""A promise is made of what was known at its time, follows the pace, and owns up to how it held."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN
from miners import promises as module
from miners.promises import MONTH, promises, promises_by_value
from miners.standing import DAY, Standing

NOW = 1_780_000_000_000_000


def watched(came, takes, *, withdrawn=None, silent=None):
    """Cases that came so many days before now and take so many days, as they are known now."""
    came, takes = np.asarray(came, float), np.asarray(takes, float)
    ended = takes <= came
    elapsed = (np.minimum(takes, came) * DAY).astype(np.int64)
    entered = NOW - (came * DAY).astype(np.int64) * 1000
    seen = np.where(ended, entered + elapsed * 1000, NOW)
    none = np.zeros(len(came), bool)
    quiet = none if silent is None else silent
    return Standing(
        entered=entered,
        seen=seen,
        last=np.where(quiet, entered, seen),
        elapsed=elapsed,
        working=None,
        ended=ended,
        withdrawn=none if withdrawn is None else withdrawn & ended,
        term=np.full(len(came), UNKNOWN),
        in_working=none,
    )


def steady(seed, cases=2000, days=600):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, days, cases), rng.gamma(2.0, 8.0, cases)


@pytest.mark.parametrize("seed", range(5))
def test_in_a_steady_office_each_promise_covers_the_share_that_it_names(seed):
    came, takes = steady(seed)
    found = promises(watched(came, takes), NOW)
    for promise in found.promises:
        assert abs(promise.kept.value - promise.share) < 0.05
        assert abs(promise.days - np.quantile(takes, promise.share)) < 0.2 * promise.days
        assert promise.reason is None


def test_a_promise_follows_an_office_that_became_slower():
    came, takes = steady(3)
    found = promises(watched(came, np.where(came < 200, takes * 1.6, takes)), NOW)
    p80 = found.promises[1]
    assert 0.75 <= p80.kept.value <= 0.85
    assert 1.4 < p80.days / np.quantile(takes, 0.8) < 2.0


def test_a_promise_keeps_up_with_waits_that_double_in_half_a_year():
    came, takes = steady(4)
    found = promises(watched(came, takes * np.exp((600 - came) / 260)), NOW)
    assert 0.75 <= found.promises[1].kept.value <= 0.85


def test_a_promise_that_a_fast_growing_queue_breaks_may_not_be_published():
    came, takes = steady(4)
    found = promises(watched(came, takes * np.exp((600 - came) / 100)), NOW)
    assert found.promises[0].reason == "kept too rarely"
    assert all(promise.reason is not None for promise in found.promises)


def test_an_office_that_suddenly_hurries_is_told_that_a_shorter_promise_would_do():
    rng = np.random.default_rng(6)
    came = rng.uniform(0, 600, 2000)
    found = promises(watched(came, rng.gamma(8.0, 5.0, 2000) * np.exp(came / 300)), NOW)
    assert found.promises[0].reason == "kept too often"


def test_what_happens_after_a_promise_does_not_change_it():
    came, takes = steady(5)
    moment = NOW - 5 * MONTH
    days_ago = (NOW - moment) / (DAY * 1000)
    ended_by_then = came - takes >= days_ago
    later = np.where(ended_by_then | (came < days_ago), takes, takes * 3 + 40)

    def made_until(moment, cases):
        cases = cases.take(np.argsort(cases.entered, kind="stable"))
        made = module._Made.of(cases)
        for at in range(12, -1, -1):
            when = moment - at * MONTH
            made.renew(cases, module._pace(cases, when).curve, when)
        return made.latest

    assert made_until(moment, watched(came, takes)) == pytest.approx(
        made_until(moment, watched(came, later)), rel=1e-6
    )


def test_what_may_be_printed_is_whole_days_and_never_less_than_was_computed():
    found = promises(watched(*steady(1)), NOW)
    days = [promise.days for promise in found.promises]
    assert days == sorted(days)
    for promise in found.promises:
        assert 0 <= promise.whole_days - promise.days < 1
        assert promise.kept_whole.value > promise.kept.value - 0.01


def test_working_days_are_promised_where_terms_count_them():
    came, takes = steady(1)
    some = watched(came, takes)
    working = replace(some, working=some.elapsed // 3, working_day=DAY // 3)
    elapsed, found = promises(some, NOW), promises(working, NOW)
    assert (elapsed.unit, found.unit) == ("days", "working days")
    assert found.promises[1].days == pytest.approx(elapsed.promises[1].days, rel=1e-3)


def test_too_few_cases_give_no_promise():
    came, takes = steady(2, cases=90)
    found = promises(watched(came, takes), NOW)
    assert {promise.reason for promise in found.promises} == {"too few cases"}
    assert {promise.days for promise in found.promises} == {None}
    nobody = promises(watched([], []), NOW)
    assert (nobody.cases, nobody.promises[0].reason) == (0, "too few cases")


def test_a_share_that_nobody_was_followed_for_is_not_promised():
    came, takes = steady(2)
    never = np.random.default_rng(1).random(len(came)) < 0.3
    found = promises(watched(came, np.where(never, 5000, takes)), NOW)
    assert found.promises[0].days is not None
    assert found.promises[2].reason == "not followed long enough"


def test_a_withdrawn_case_keeps_no_promise():
    came, takes = steady(7)
    gives_up = np.random.default_rng(2).random(len(came)) < 0.3
    early = np.where(gives_up, takes * 0.1, takes)
    found = promises(watched(came, early, withdrawn=gives_up), NOW)
    assert found.promises[1].days == pytest.approx(np.quantile(takes, 0.8), rel=0.2)
    assert abs(found.promises[1].kept.value - 0.8) < 0.05


def test_cases_that_fell_silent_do_not_make_promises_endless():
    came, takes = steady(8)
    asleep = np.random.default_rng(3).random(len(came)) < 0.15
    takes = np.where(asleep, 5000, takes)
    awake = promises(watched(came, takes), NOW).promises
    quiet = promises(watched(came, takes, silent=asleep), NOW).promises
    assert awake[2].reason == "not followed long enough"
    assert quiet[2].days < 1.6 * np.quantile(takes[~asleep], 0.9)
    assert quiet[1].days < awake[1].days


def test_each_group_has_promises_of_its_own():
    came, takes = steady(9, cases=4000)
    shops = np.arange(4000) % 2 == 0
    kinds = Coded.of(pa.array(np.where(shops, "Shop", "House").tolist()))
    found = promises_by_value(watched(came, np.where(shops, takes * 2, takes)), NOW, "kind", kinds)
    assert [one.group for one in found] == ["house", "shop"]
    assert found[1].promises[1].days > 1.6 * found[0].promises[1].days
