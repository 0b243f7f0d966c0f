"""Whether the stream of events goes on is read by a watch, and said not to be by a mining run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.alerting.life import Subject
from engine.alerting.readings import read_alerts
from engine.watching.watched import Feed
from eventlog.kernels import UNKNOWN

SILENCE = {"measure": "silence", "above": 4}
CALENDAR = {"days": "mon-fri", "hours": "08:00-16:00"}
# The last event at noon.
CASES = ("P1: a b+60", "P2: a b/schedule+30 b+90", "P3: a c+240", "P4: a b/start+200")


def at(hour, minute=0, day=5):
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def micros(moment):
    return round(moment.timestamp()) * 1_000_000


def fed(watched, *, lag=None, rejects=()):
    moments = np.array([micros(moment) for moment in rejects], np.int64)
    return replace(watched, feed=Feed(lag=lag, rejects=moments))


@pytest.fixture
def live(office, watched):
    """The readings of a rule by a watch, by group."""

    def read(rule, *cases, parts=None, feed=None, **given):
        definition = office(rule, **(parts or {}))
        looked = fed(watched(definition, *cases, **given), **(feed or {}))
        found = read_alerts(looked, definition)
        assert not found.off
        return {one.subject.group: one for one in found.found["rule 0"]}

    return read


def test_silence_lasts_from_the_latest_event_of_all(live):
    silent = live(SILENCE, *CASES, now=at(14, 30))[None]
    assert (silent.value, silent.unit, silent.subject) == (2.5, "hours", Subject())
    assert (silent.cases, silent.since) == ((), None)


def test_nobody_is_silent_at_night_who_has_opening_hours(live):
    for now, hours in ((at(15), 3), (at(23), 4), (at(9, day=6), 5)):
        silent = live(SILENCE, *CASES, parts={"calendar": CALENDAR}, now=now)[None]
        assert (silent.value, silent.unit) == (hours, "working hours")


def test_an_activity_is_silent_since_it_was_completed_last(live):
    silent = live({**SILENCE, "activity": "b"}, *CASES, now=at(14))[None]
    assert silent.value == 4  # P2 at ten, not what P4 has in hand
    assert silent.subject == Subject(activity="b")


def test_what_lies_in_the_future_was_not_heard_yet(live):
    assert live(SILENCE, *CASES, now=at(11))[None].value == pytest.approx(1.0)
    assert live({**SILENCE, "activity": "b"}, *CASES, now=at(9, 30))[None].value == 0.5


KINDS = {"kind": {"P1": "Shop", "P2": "shop", "P3": "house", "P4": "hall"}}


def test_a_group_is_silent_since_the_latest_event_of_its_cases(live):
    rule = {**SILENCE, "by": "kind"}
    parts = {"case_attributes": ["kind"]}
    found = live(rule, *CASES, now=at(14), parts=parts, attributes=KINDS)
    assert {name: one.value for name, one in found.items()} == {
        "shop": 4,
        "house": 2,
        "hall": pytest.approx(8 / 3),
    }
    parts["privacy"] = {"smallest_cell": 2}
    assert set(live(rule, *CASES, now=at(14), parts=parts, attributes=KINDS)) == {"shop"}


def test_a_group_is_heard_of_though_its_cases_are_closed(live):
    parts = {"case_attributes": ["kind"]}
    given = {"now": at(12, 30), "parts": parts, "attributes": {"kind": {"P": "shop"}}}
    found = live({**SILENCE, "by": "kind", "window": "1h"}, "P: a d+0 x+240", **given)
    assert found["shop"].value == 0.5


def test_an_activity_in_a_group_is_silent_since_it_was_completed_last_there(live):
    rule = {**SILENCE, "activity": "b", "by": "kind"}
    parts = {"case_attributes": ["kind"]}
    found = live(rule, *CASES, now=at(14), parts=parts, attributes=KINDS)
    # Where it was never done, since the first case began.
    assert {name: one.value for name, one in found.items()} == {"shop": 4, "house": 6, "hall": 6}


def test_a_unit_is_silent_in_hours_of_its_own(live):
    calendar = {**CALENDAR, "units": {"Planning": {"hours": "08:00-12:00"}}}
    units = {"b": "Planning", "c": "counter"}
    rule = {**SILENCE, "by": "unit"}
    found = live(rule, *CASES, now=at(9, day=6), parts={"calendar": calendar}, units=units)
    assert {name: one.value for name, one in found.items()} == {"planning": 3, "counter": 5}
    assert found["planning"].unit == "working hours"
    later = live(
        {**rule, "window": "1 day"},
        *(*CASES, "P9: x+0 y+2880"),
        now=at(9, day=7),
        parts={"calendar": calendar},
        units=units,
    )
    # Of neither anything was heard for a day: Tuesday from nine, and Wednesday to nine.
    assert {name: one.value for name, one in later.items()} == {"planning": 4, "counter": 8}


def test_the_working_hours_of_an_activity_are_those_of_the_unit_heard_last(live):
    calendar = {**CALENDAR, "units": {"Planning": {"hours": "08:00-12:00"}}}
    rule = {**SILENCE, "activity": "b"}
    given = {"now": at(9, day=6), "parts": {"calendar": calendar}}
    assert live(rule, *CASES, units={"b": "Planning"}, **given)[None].value == 3
    assert live(rule, *CASES, units={"b": "counter"}, **given)[None].value == 7


def test_silence_is_never_longer_than_the_window_or_than_there_are_cases(live):
    rule = {**SILENCE, "activity": "b", "window": "3h"}
    assert live(rule, *CASES, now=at(12, 59))[None].value == pytest.approx(2 + 59 / 60)
    assert live(rule, *CASES, now=at(13))[None].value == 3  # ten is out of the window, and is 3 h
    assert live(rule, *CASES, now=at(15))[None].value == 3
    young = live({**SILENCE, "activity": "b"}, "P: a b/schedule+60", now=at(11))[None]
    assert young.value == 3


def test_a_rule_without_a_window_looks_back_far_enough_for_its_threshold(live):
    rule = {**SILENCE, "activity": "b", "above": 24 * 50}
    now = at(10) + timedelta(days=60)
    assert live(rule, *CASES, now=now)[None].value == 24 * 60
    assert live({**rule, "above": 1}, *CASES, now=now)[None].value == 24 * 30


def test_events_set_aside_in_the_window_are_counted(live):
    rule = {"measure": "rejects", "above": 1}
    moments = [at(9), at(9, 1), at(10, day=6)]
    counted = live(rule, "P: a", now=at(9, day=6), feed={"rejects": moments})[None]
    assert (counted.value, counted.unit) == (1, "files")  # a day ago is out, so is the future
    counted = live(
        {**rule, "window": "2 days"}, "P: a", now=at(9, day=6), feed={"rejects": moments}
    )
    assert counted[None].value == 2


def test_lag_is_what_the_topic_has_and_the_lake_has_not(live):
    lag = live({"measure": "lag", "above": 1}, "P: a", now=at(9), feed={"lag": 12})[None]
    assert (lag.value, lag.unit, lag.subject) == (12, "events", Subject())


@pytest.mark.parametrize("measure", ["silence", "rejects", "lag"])
def test_a_mining_run_does_not_read_what_only_a_watch_can(measure, office, watched):
    definition = office({"measure": measure, "above": 1})
    found = read_alerts(watched(definition, *CASES, now=at(14)), definition)
    assert found.off == {"rule 0": f"{measure} is read by runut watch, not by a mining run"}


def test_before_any_event_and_without_a_topic_nothing_is_told(office, watched):
    definition = office(SILENCE, {"measure": "lag", "above": 1})
    looked = replace(fed(watched(definition, *CASES, now=at(14))), heard=UNKNOWN)
    assert read_alerts(looked, definition).off == {
        "rule 0": "no event has come yet",
        "rule 1": "the topic does not say how many events it has that are not in the lake",
    }


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"activity": "x"}, 'no event has the activity "x"'),
        ({"by": "unit"}, "no event tells which unit did it"),
    ],
)
def test_silence_of_what_was_never_heard_of_is_not_told(rule, why, office, watched):
    definition = office({**SILENCE, **rule})
    found = read_alerts(fed(watched(definition, *CASES, now=at(14))), definition)
    assert found.off == {"rule 0": why}
