"""One in ten waits so many times longer than usual: the ratio, its limits, and when not to say."""

import numpy as np
import pyarrow as pa
import pytest

from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN
from miners.predictability import (
    Charged,
    fee_spread,
    fee_spread_by_value,
    time_spread,
    time_spread_by_value,
)
from miners.standing import DAY, Standing

NOW = 1_780_000_000_000_000
# P90 over P50 of a lognormal with sigma 0.7.
TRUE = float(np.exp(0.7 * 1.2815515655))


def watched(came, takes):
    ended = takes <= came
    elapsed = (np.minimum(takes, came) * DAY).astype(np.int64)
    none = np.zeros(len(came), bool)
    return Standing(
        entered=NOW - (came * DAY).astype(np.int64) * 1000,
        seen=np.full(len(came), NOW),
        last=np.full(len(came), NOW),
        elapsed=elapsed,
        working=None,
        ended=ended,
        withdrawn=none,
        term=np.full(len(came), UNKNOWN),
        in_working=none,
    )


def drawn(seed, cases):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 170, cases), rng.lognormal(2.5, 0.7, cases)


def test_the_limits_hold_the_true_ratio_although_many_cases_are_open():
    held = 0
    for seed in range(150):
        ratio = time_spread(watched(*drawn(seed, 300)), seed=seed).ratio
        held += ratio.low <= TRUE <= ratio.high
    assert held >= 0.9 * 150


def test_of_very_many_cases_classes_tell_the_same():
    found = time_spread(watched(*drawn(1, 60_000)), seed=1)
    assert found.ratio.value == pytest.approx(TRUE, rel=0.03)
    assert found.ratio.low < TRUE < found.ratio.high
    assert found.ratio.high - found.ratio.low < 0.15


def test_the_same_seed_gives_the_same_limits():
    some = watched(*drawn(1, 300))
    assert time_spread(some, seed=5) == time_spread(some, seed=5)


def test_too_few_decisions_or_a_tenth_that_is_still_waiting_give_no_ratio():
    came, takes = drawn(1, 49)
    assert time_spread(watched(came, takes), seed=1).ratio is None
    came, takes = drawn(1, 400)
    endless = np.where(np.arange(400) % 5 == 0, 5000, takes)
    found = time_spread(watched(came, endless), seed=1)
    assert (found.ratio, found.unlucky) == (None, None)
    assert found.usual is not None


def test_a_group_is_told_apart():
    came, takes = drawn(2, 2000)
    lottery = np.arange(2000) % 2 == 0
    takes = np.where(lottery, takes, 12 + takes / 10)
    offices = Coded.of(pa.array(np.where(lottery, "Hill", "Valley").tolist()))
    hill, valley = time_spread_by_value(watched(came, takes), "office", offices, seed=1)
    assert (hill.group, valley.group) == ("hill", "valley")
    assert hill.ratio.low > valley.ratio.high


def test_fees_are_told_against_the_tariff_where_there_is_one():
    official = np.array([100.0] * 80 + [200.0] * 20 + [0.0, np.nan])
    charged = official.copy()
    charged[70:90] *= 1.5
    found = fee_spread(Charged.over_tariff(charged, official), seed=1)
    assert (found.cases, found.usual, found.unlucky) == (100, 1.0, 1.5)
    assert found.unit == "times the tariff"
    assert found.ratio.low <= 1.5 <= found.ratio.high


def test_without_a_tariff_fees_are_told_against_those_of_comparable_cases():
    charged = np.array([100.0] * 60 + [500.0] * 60 + [np.nan, 900.0])
    strata = np.array([0] * 60 + [1] * 60 + [1, 2])
    found = fee_spread(Charged.over_usual(charged, strata), seed=1)
    assert (found.cases, found.ratio.value, found.unit) == (120, 1.0, "times the usual fee")


def test_fees_by_group():
    official = np.full(200, 100.0)
    hill = np.arange(200) < 100
    charged = np.where(hill & (np.arange(200) % 5 == 0), 130.0, 100.0)
    offices = Coded.of(pa.array(np.where(hill, "hill", "valley").tolist()))
    found = fee_spread_by_value(Charged.over_tariff(charged, official), "office", offices, seed=1)
    assert [one.unlucky for one in found] == [1.3, 1.0]
