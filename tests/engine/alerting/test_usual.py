"""What is usual for a weekday and hour: Monday morning is no alert, a strike does not become it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.alerting.life import Reading, Subject, evaluate
from engine.alerting.measured import History, Question
from engine.alerting.remembered import Remembered
from engine.alerting.slots import Slots
from engine.alerting.usual import Values, usual_at, usual_in, with_usual
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.moments import microseconds

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 5, 4, tzinfo=UTC)  # midnight
RULE = {"name": "queue", "measure": "queue_length", "above_usual": 4}
OFFICE = Definition.bare(clock={"closes": ["Decide"]}, alerts=[RULE])
QUEUE = ("queue", Subject(), "files")


def history(values, **more):
    """Values by moment, read for one question."""
    fields = {"measure": "queue_length", "window": None, "unit": "files", **more}
    return History(
        questions=(Question(alert_id="queue", subject=Subject(), **fields),),
        at=np.array([microseconds(moment) for moment in values], np.int64),
        question=np.zeros(len(values), np.int64),
        value=np.array(list(values.values()), float),
    )


def weeks(count, value_at, **more):
    """So many weeks before MONDAY, hour by hour."""
    moments = [MONDAY - HOUR * hour for hour in range(count * 168, 0, -1)]
    return history({moment: value_at(moment) for moment in moments}, **more)


def busy_on_mondays(moment):
    return 80 if moment.weekday() == 0 and moment.hour == 9 else 10


def test_a_busy_monday_morning_is_usual_and_a_busy_tuesday_is_not():
    read = weeks(8, busy_on_mondays)
    monday = usual_at(read, OFFICE, MONDAY + 9.5 * HOUR)[QUEUE]
    tuesday = usual_at(read, OFFICE, MONDAY + 33.5 * HOUR)[QUEUE]
    assert (monday.value, monday.weeks) == (80, 8)
    assert (tuesday.value, tuesday.weeks) == (10, 8)
    assert monday.spread == pytest.approx(80**0.5)
    readings = {"queue": [Reading(subject=Subject(), value=80, unit="files")]}
    for now, fires in [(MONDAY + 9.5 * HOUR, False), (MONDAY + 33.5 * HOUR, True)]:
        known = with_usual(readings, usual_at(read, OFFICE, now))
        assert bool(evaluate(OFFICE.alerts, known, [], now=now)) == fires


def test_a_strike_of_three_weeks_in_eight_does_not_become_usual():
    began = MONDAY - timedelta(weeks=3)
    found = usual_at(weeks(8, lambda at: 300 if at >= began else 20), OFFICE, MONDAY + HOUR)
    assert found[QUEUE].value == 20


@pytest.mark.parametrize(("known", "weeks_seen"), [(2, None), (3, 3)])
def test_nothing_is_usual_before_the_third_week(known, weeks_seen):
    found = usual_at(weeks(known, lambda _: 10), OFFICE, MONDAY + HOUR)
    assert (found[QUEUE].weeks if found else None) == weeks_seen


def test_what_a_rule_read_when_it_asked_something_else_tells_nothing():
    assert usual_at(weeks(8, lambda _: 10, measure="oldest_item"), OFFICE, MONDAY) == {}
    assert usual_at(weeks(8, lambda _: 10, window=3600.0), OFFICE, MONDAY) == {}


def test_what_was_read_in_this_hour_does_not_speak_for_itself():
    now = MONDAY + 9.5 * HOUR
    read = weeks(3, lambda _: 10).and_then(history({now - 0.4 * HOUR: 900}))
    assert usual_at(read, OFFICE, now)[QUEUE].weeks == 3


def test_holidays_and_sundays_are_alike_where_there_is_a_calendar():
    calendar = {"days": "mon-fri", "holidays": ["2026-05-05"]}
    slots = Slots(Definition.bare(timezone="Asia/Jakarta", calendar=calendar))
    assert slots.is_closed(datetime(2026, 5, 3, 4, tzinfo=UTC))
    assert slots.is_closed(datetime(2026, 5, 5, 4, tzinfo=UTC))
    assert not slots.is_closed(datetime(2026, 5, 4, 4, tzinfo=UTC))
    # Sunday evening by UTC is Monday morning in Jakarta
    assert not slots.is_closed(datetime(2026, 5, 3, 20, tzinfo=UTC))
    sunday, holiday = (datetime(2026, 5, day, 3, tzinfo=UTC) for day in (3, 5))
    assert slots.slot(sunday) == slots.slot(holiday) == 7 * 24 + 10
    assert not Slots(OFFICE).is_closed(datetime(2026, 5, 3, 4, tzinfo=UTC))
    national = Slots(Definition.bare(timezone="Asia/Jakarta", calendar={"country": "ID"}))
    assert national.is_closed(datetime(2026, 8, 17, 4, tzinfo=UTC))


def test_days_and_shares_have_a_floor_for_what_never_varied():
    for unit, least in (("days", 0.5), ("share", 0.5), ("working hours", 0.5)):
        found = usual_at(weeks(4, lambda _: 10, unit=unit), OFFICE, MONDAY)
        assert found["queue", Subject(), unit].spread == least
    found = usual_at(weeks(4, lambda _: 0, unit="share"), OFFICE, MONDAY)
    assert found["queue", Subject(), "share"].spread == 0.01


def swelling(at):
    """A queue that is long in every third week, and a little short in the others."""
    return 200 if (MONDAY - at).days // 7 % 3 == 0 else 99 - at.day % 3


def test_queues_that_swell_for_weeks_have_a_wider_spread_above_than_below():
    read = weeks(8, swelling)
    spreads = {}
    for side in ("above_usual", "below_usual"):
        rule = {"name": "queue", "measure": "queue_length", side: 4}
        office = Definition.bare(clock={"closes": ["Decide"]}, alerts=[rule])
        found = usual_at(read, office, MONDAY + 10 * HOUR)[QUEUE]
        spreads[side] = found.spread / found.value**0.5
    assert spreads["below_usual"] == pytest.approx(1)
    assert spreads["above_usual"] == pytest.approx(4)


def test_what_is_usual_of_one_group_does_not_depend_on_the_others():
    alone = weeks(8, swelling)
    other = weeks(5, busy_on_mondays, unit="working days")
    both = usual_at(other.and_then(alone), OFFICE, MONDAY + 9.5 * HOUR)
    assert len(both) == 2
    assert both[QUEUE] == usual_at(alone, OFFICE, MONDAY + 9.5 * HOUR)[QUEUE]


def of_one(value, slot, week):
    """Counts of one series."""
    yes = np.ones(1, bool)
    return Values(
        series=slot * 0, slot=slot, week=week, value=value, counts=yes, upwards=yes, least=yes * 0.0
    )


@pytest.mark.parametrize(
    "offices",
    [40, pytest.param(400, marks=pytest.mark.long)],
)
def test_how_often_a_rule_speaks_without_cause_is_as_stated(offices):
    """Random counts around a profile of weekdays and hours; the figures of the docstring."""
    chance = np.random.default_rng(7)
    slots = np.array([day * 24 + hour for day in range(5) for hour in range(24)])
    shares = {3: 0.006, 4: 0.0011, 5: 0.0002}
    above = dict.fromkeys(shares, 0)
    below = looked = 0
    for _ in range(offices):
        hours = np.clip(np.sin((np.arange(24) - 6) / 12 * np.pi), 0.05, None)
        profile = chance.uniform(0.6, 1.6, (5, 1)) * hours * chance.uniform(10, 40)
        rate = np.maximum(profile.ravel(), 2)
        known = chance.poisson(np.tile(rate, 8)).astype(float)
        fresh = chance.poisson(rate, (40, len(rate)))
        slot, week = np.tile(slots, 8), np.repeat(np.arange(8), len(slots))
        for place in chance.choice(len(slots), 24, replace=False).tolist():
            near = abs(slot % 24 - slots[place] % 24) <= 2
            usual = usual_in(slots[place], of_one(known[near], slot[near], week[near]))[0]
            for k in shares:
                above[k] += (fresh[:, place] > usual.value + k * usual.spread).sum()
            below += (fresh[:, place] < usual.value - 3 * usual.spread).sum()
            looked += len(fresh)
    for k, stated in shares.items():
        assert above[k] / looked < 1.5 * stated, (k, above[k] / looked)
    assert above[3] / looked > 0.6 * shares[3]
    assert below / looked < 0.0005


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])


def reading(value):
    return {"queue": [Reading(subject=Subject(), value=value, unit="files")]}


def test_readings_are_kept_once_an_hour_and_known_after_a_restart(lake):
    remembered = Remembered(lake, OFFICE)
    for week in range(3):
        for minute in (5, 35):
            now = MONDAY + timedelta(weeks=week, hours=10, minutes=minute)
            assert remembered.keep(reading(10 + week), now=now) == (minute == 5)
    assert lake.measures().rows(since=MONDAY).num_rows == 3
    assert lake.measures().rows(since=MONDAY + timedelta(weeks=1)).num_rows == 2
    assert lake.measures().kept == MONDAY + timedelta(weeks=2, hours=10)
    now = MONDAY + timedelta(weeks=3, hours=10)
    for each in (remembered, Remembered(lake, OFFICE)):
        (found,) = each.with_usual(reading(50), now=now)["queue"]
        assert (found.value, found.usual) == (50, 11)
        (unknown,) = each.with_usual(reading(50), now=now + HOUR)["queue"]
        assert unknown.usual is None


def test_of_two_who_keep_the_same_hour_one_does(lake):
    one, other = Remembered(lake, OFFICE), Remembered(lake, OFFICE)
    first, second = lake.measures(), lake.measures()
    assert one.keep(reading(1), now=MONDAY)
    assert not other.keep(reading(2), now=MONDAY + 0.5 * HOUR)
    assert lake.measures().rows(since=MONDAY).column("value").to_pylist() == [1]
    assert first.kept is second.kept is None


def test_what_was_kept_of_a_rule_says_what_it_asked(lake):
    asked = Definition.bare(alerts=[{**RULE, "measure": "waiting_p90", "window": "7 days"}])
    Remembered(lake, asked).keep(reading(1), now=MONDAY)
    (row,) = lake.measures().rows(since=MONDAY).to_pylist()
    assert (row["measure"], row["window"]) == ("waiting_p90", 7 * 86_400)
