"""What is told of work lies in the window, and is what one counts by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.alerting.life import Subject
from engine.alerting.readings import read_alerts
from engine.watching.of_whole import of_whole

REWORK = {"measure": "rework_share", "above": 0.1}
FLOW = {"measure": "arrivals_less_completions", "activity": "b", "above": 1}
SLOW = {"measure": "waiting_p90", "activity": "b", "above": 1}
# Ten at nine and once more at ten.
TWICE = [f"P{n}: a b+60 b+60" for n in range(10)]
OFFICERS = ("ann", "bob", "cid")


def at(hour, minute=0, day=5):
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def values(readings):
    return {reading.subject.group: reading.value for reading in readings}


def test_of_work_done_lately_the_share_is_told_that_the_case_had_had_before(office, read):
    for rule, value in (({**REWORK, "activity": "b"}, 1 / 2), (REWORK, 1 / 3)):
        (redone,) = read(office(rule), *TWICE, now=at(11))
        assert (redone.value, redone.unit) == (pytest.approx(value), "share")
        assert redone.subject == Subject(activity=rule.get("activity"))
        assert (redone.cases, redone.since) == ((), None)


@pytest.mark.parametrize(
    ("window", "told"), [("1h", []), ("61m", [pytest.approx(1.0)]), ("121m", [0.5])]
)
def test_what_was_done_before_the_window_makes_what_lies_in_it_rework(window, told, office, read):
    rule = {**REWORK, "activity": "b", "window": window}
    more = [f"Q{place}: a b+60 b+60" for place in range(10)]
    found = read(office(rule), *TWICE, *more, now=at(11))
    assert [one.value for one in found] == told


def test_of_little_work_no_share_is_told(office, read):
    rule = {**REWORK, "activity": "b"}
    assert read(office(rule), *TWICE[:9], "Q: a b+60", now=at(11)) == []
    assert len(read(office(rule), *TWICE[:9], "Q: a b+60 b", now=at(11))) == 1
    assert read(office(rule, privacy={"smallest_cell": 21}), *TWICE, now=at(11)) == []


def test_what_is_done_again_is_told_by_value(office, read):
    definition = office({**REWORK, "activity": "b", "by": "kind"}, case_attributes=["kind"])
    once = [f"Q{place}: a b" for place in range(20)]
    kinds = {**{f"P{n}": "Shop" for n in range(10)}, **{f"Q{n}": "house" for n in range(20)}}
    found = read(definition, *TWICE, *once, now=at(11), attributes={"kind": kinds})
    assert values(found) == {"shop": 0.5, "house": 0.0}


@pytest.mark.parametrize(("officers", "told"), [(OFFICERS, {"planning": 0.5}), (OFFICERS[:2], {})])
def test_what_a_unit_does_again_is_not_told_of_one_or_two_officers(officers, told, office, read):
    done = [f"P{n}: a b+60@{officers[n % len(officers)]} b+60@{officers[0]}" for n in range(10)]
    rule = {**REWORK, "activity": "b", "by": "unit"}
    assert values(read(office(rule), *done, now=at(11), units={"b": "Planning"})) == told


ARRIVING = (
    "P1: a b/schedule+60",  # came at nine
    "P2: a b+60",  # came at eight, was done at nine
    "P3: a c/schedule+60",
    "P4: a b/schedule+60 d+30",  # was dropped with its case
    "P5: a b/start+90",  # came at eight, is in hand
)


@pytest.mark.parametrize(
    ("window", "value"),
    [
        ("1h", 0),  # nine is out
        ("61m", 0),  # one came and one was done
        ("2h", 0),
        ("121m", 2),  # three came and one was done
    ],
)
def test_work_that_came_less_work_that_was_done(window, value, office, read):
    (flow,) = read(office({**FLOW, "window": window}), *ARRIVING, now=at(10))
    assert (flow.value, flow.unit, flow.subject) == (value, "files", Subject(activity="b"))
    assert (flow.cases, flow.since) == ((), None)


def test_work_flows_off_where_more_is_done_than_comes(office, read):
    (flow,) = read(office({**FLOW, "window": "1h"}), "P1: a b+60", "P2: a b+60", now=at(9, 30))
    assert flow.value == -2


def test_work_that_no_event_tells_of_yet_has_come_too(office, read):
    given = {"now": at(9), "successors": [("a", "b"), ("b", "d")]}
    assert read(office(FLOW), "P: a", "Q: a b+10 d+10", **given)[0].value == 1
    waiting = read(office({**FLOW, "activity": "d"}), "P: a b+10", "Q: a b+10 d+10", **given)
    assert waiting[0].value == 1
    two_ways = [("a", "b"), ("a", "c")]
    for activity in ("a", "b"):
        rule = {**FLOW, "activity": activity}
        cases = ("P: a", "Q: a b d")
        assert read(office(rule), *cases, now=at(9), successors=two_ways)[0].value == 0


def test_the_first_step_of_a_case_comes_when_it_is_first_heard_of(office, read):
    assert read(office({**FLOW, "activity": "a"}), "P: a", "Q: a b", now=at(9))[0].value == 0
    assert read(office(FLOW), "P: b/start", "Q: b/start b", now=at(9))[0].value == 1


def test_what_comes_to_a_unit_is_told_of_each_also_of_one_where_nothing_moved(office, read):
    units = {"b": "Planning", "c": "counter"}
    definition = office(
        {"measure": "arrivals_less_completions", "activity": "b", "by": "unit", "above": 1}
    )
    cases = ("P1: a b/schedule", "P2: a c", "P3: a b+30 d")
    found = read(definition, *cases, now=at(9, 30), units=units)
    assert values(found) == {"planning": 1}
    for given in (cases, cases[1:]):
        found = read(definition, *given, now=at(9, day=20), units=units)
        assert values(found) == {"planning": 0}


TAKEN_UP = [f"P{n}: a b/start+{60 * n}" for n in range(1, 11)]


@pytest.mark.parametrize(("now", "told"), [(at(19), 0), (at(18, 59), 1), (at(17, 59), 0)])
def test_waiting_is_read_of_what_was_taken_up_in_the_window(now, told, office, read):
    """The first is taken up at nine, the last at 18:00; nine before now is out."""
    assert len(read(office({**SLOW, "window": "10h"}), *TAKEN_UP, now=now)) == told


def test_what_nobody_knows_since_when_it_waited_tells_nothing_of_waiting(office, read):
    (slow,) = read(office(SLOW), *TAKEN_UP, "Q: b/start", now=at(20))
    assert slow.value == pytest.approx(9 / 24)
    assert read(office(SLOW), *TAKEN_UP[1:], "Q: b/start", now=at(20)) == []


def off(definition, looked):
    found = read_alerts(of_whole(looked, definition), definition)
    assert not found.found
    return found.off["rule 0"]


UNITS = {"b": "Planning"}


@pytest.mark.parametrize(
    ("rule", "cases", "units", "why"),
    [
        ({**REWORK, "activity": "x"}, TWICE, UNITS, 'no event has the activity "x"'),
        ({**FLOW, "activity": "x"}, TWICE, UNITS, 'no event has the activity "x"'),
        ({**REWORK, "by": "unit"}, TWICE, {}, "no event tells which unit did it"),
        ({**REWORK, "by": "unit"}, TWICE, UNITS, "no event of late tells who did it"),
        ({**FLOW, "by": "unit"}, TWICE, {}, "no event tells which unit has what waits"),
        (
            {"measure": "disparity_drift", "by": "kind", "above": 1},
            TWICE,
            {},
            "no event tells when work was started",
        ),
    ],
)
def test_what_the_events_do_not_tell_of_work_is_said(rule, cases, units, why, office, whole):
    definition = office(rule, case_attributes=["kind"])
    looked = whole(definition, *cases, now=at(11), units=units, attributes={"kind": {}})
    assert why in off(definition, looked)


@pytest.mark.parametrize("rule", [REWORK, FLOW])
def test_without_work_or_open_work_what_comes_and_is_redone_is_not_read(rule, office, whole):
    definition = office(rule)
    looked = whole(definition, *TWICE, now=at(11))
    assert off(definition, replace(looked, items=None)) == "bottlenecks were not looked for"
    if rule is FLOW:
        assert "what closes a case" in off(definition, replace(looked, still=None))


def test_a_step_that_the_procedure_names_and_nobody_did_yet_has_an_empty_queue(office, read):
    rule = {"measure": "queue_length", "activity": "z", "above": 1}
    definition = office(rule, procedure={"order": [["b", "z"]]})
    (queue,) = read(definition, "P: a b", now=at(11), successors=[("a", "b")])
    assert queue.value == 1
    (queue,) = read(definition, "P: a b d", now=at(11), successors=[("a", "b")])
    assert queue.value == 0


def test_only_the_rules_that_are_asked_for_are_read(office, watched):
    definition = office(FLOW, REWORK, {"measure": "lag", "above": 1})
    looked = watched(definition, *TWICE, now=at(11))
    found = read_alerts(looked, definition, rules=definition.alerts[1:2])
    assert (list(found.found), dict(found.off)) == (["rule 1"], {})


def test_the_drift_of_a_group_is_read_with_the_others(office, watched):
    definition = office(
        {"measure": "disparity_drift", "by": "kind", "above": 1}, case_attributes=["kind"]
    )
    looked = watched(definition, *TAKEN_UP, now=at(20), attributes={"kind": {"P1": "shop"}})
    found = read_alerts(looked, definition)
    assert (found.found, found.off) == ({"rule 0": []}, {})  # ten files are too few
