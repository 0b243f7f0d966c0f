"""Limits hold where weeks hang together, and a change is told no more often than chance allows."""

import numpy as np
import pytest

from engine.scorecard.certainty import change, stretches, sure
from engine.scorecard.improved import holm
from engine.scorecard.rows import Ratio, Share, Within, rows

DAY = 86_400_000_000
MS_DAY = 86_400_000


def weekly(rng, weeks, a_week, hang):
    """Rows of so many weeks: each week's level leans on the one before."""
    level, told = 0.0, []
    for _ in range(weeks):
        level = hang * level + rng.normal(0, np.sqrt(1 - hang**2))
        told.append(level + rng.normal(0, 1, a_week))
    values = np.concatenate(told)
    at = np.repeat(np.arange(weeks), a_week) * 7 * DAY + np.tile(np.arange(a_week), weeks)
    return rows(at, np.arange(len(at)), values, np.ones(len(at)))


def halves(counted):
    middle = counted.at.max() // 2
    return counted.take(counted.at > middle), counted.take(counted.at <= middle)


def test_where_nothing_changed_a_change_is_rarely_told_though_weeks_hang_together():
    rng = np.random.default_rng(8)
    found = [change(Ratio(), *halves(weekly(rng, 26, 20, 0.3))) for _ in range(100)]
    assert all(found)
    assert sum(not one.low <= 0 <= one.high for one in found) <= 10


def queue(rng, busy, a_day, days):
    """Applications at one desk that is so busy: when they came, how many ms they took."""
    warm = 200
    many = int(a_day * (days + warm) * 1.2)
    at = np.cumsum(rng.exponential(1 / a_day, many))
    work = rng.exponential(busy / a_day, many)
    gone = np.concatenate([[0.0], np.cumsum(work[:-1] - np.diff(at))])
    took = (gone - np.minimum.accumulate(gone) + work) * MS_DAY  # Lindley 1952
    kept = (at >= warm) & (at < warm + days)
    at, took = (at[kept] - warm) * DAY, np.rint(took[kept])
    return rows(at.astype(np.int64), np.arange(len(at)), took, np.ones(len(at)))


@pytest.mark.long
@pytest.mark.parametrize(
    ("busy", "a_day", "most"),
    [(0.5, 3, 0.05), (0.5, 20, 0.05), (0.8, 3, 0.08), (0.8, 20, 0.05), (0.9, 20, 0.06)],
)
def test_in_queues_where_nothing_changes_a_change_is_rarely_told(busy, a_day, most):
    rng = np.random.default_rng(1)
    for statistic in (Within(0.8, MS_DAY), Ratio()):
        found = [change(statistic, *halves(queue(rng, busy, a_day, 182))) for _ in range(300)]
        wrong = sum(one is not None and not one.low <= 0 <= one.high for one in found)
        assert wrong / 300 <= most


def test_limits_widen_where_weeks_hang_together():
    rng = np.random.default_rng(4)
    alone, hanging = weekly(rng, 52, 20, 0.0), weekly(rng, 52, 20, 0.9)
    shuffled = hanging.take(np.arange(len(hanging)))
    mixed = rows(rng.permutation(shuffled.at), shuffled.case, shuffled.top, shuffled.bottom)
    widths = []
    for counted in (hanging, mixed):
        told = sure(Ratio(), counted)
        widths.append(told.high - told.low)
    assert widths[0] > 1.5 * widths[1]
    assert sure(Ratio(), alone).source in {"t, by case", "stretches of time"}


def test_the_p_value_and_the_limits_say_the_same():
    rng = np.random.default_rng(5)
    for _ in range(60):
        counted = weekly(rng, 26, 10, 0.2)
        told = change(Ratio(), *halves(counted))
        assert (told.p_value < 0.05) == (not told.low <= 0 <= told.high)


def test_few_rows_tell_no_change_and_equal_ones_no_certain_one():
    few = rows(np.arange(20) * DAY, np.arange(20), np.ones(20), np.ones(20))
    assert change(Ratio(), few, few) is None
    same = rows(np.arange(60) * DAY, np.arange(60), np.ones(60), np.ones(60))
    assert change(Ratio(), same, same) is None
    told = change(Share(), same, same)
    assert told is not None
    assert told.low < 0 < told.high


def test_what_happened_at_the_same_moment_is_in_the_same_stretch():
    at = np.array([3, 3, 3, 3, 3, 3, 1, 2, 9, 8])
    found = stretches(at, 4)
    assert len(set(found[at == 3].tolist())) == 1
    assert found.tolist() == stretches(at[::-1], 4)[::-1].tolist()


def test_a_quantile_of_open_cases_has_limits_around_it():
    ran = np.arange(1, 101) * MS_DAY
    counted = rows(np.arange(100) * DAY, np.arange(100), ran, np.arange(100) % 10 > 0)
    told = sure(Within(0.5, MS_DAY), counted)
    assert told.low < told.value < told.high
    assert told.value > 50


def test_holm_never_makes_a_change_surer_and_keeps_their_order():
    given = [0.04, 0.001, 0.5, 0.01]
    told = holm(given)
    assert all(q >= p for q, p in zip(told, given, strict=True))
    assert sorted(range(4), key=told.__getitem__) == sorted(range(4), key=given.__getitem__)
    assert told[1] == pytest.approx(0.004)
