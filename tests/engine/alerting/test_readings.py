"""What an alert rule reads is what one counts by hand, and what it cannot read is said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.alerting.life import Subject
from engine.alerting.readings import read_alerts
from engine.alerting.rules import unreadable
from engine.watching.of_whole import of_whole

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
CLOCK = {"starts": ["a"], "stops": ["d"]}
CALENDAR = {"days": "mon-fri", "hours": "08:00-16:00"}
LATE = {"measure": "overdue_cases", "above": 1}
QUEUE = {"measure": "queue_length", "above": 1}
WAITING = ("P1: a b/schedule+60", "P2: a b/schedule+120", "P3: a b/start+60", "P4: a b+10 d+10")


def at(hour, minute=0, day=5):
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def values(readings):
    return {reading.subject.group: reading.value for reading in readings}


def test_a_queue_has_what_waits_and_not_what_is_in_hand_the_longest_first(office, read):
    (queue,) = read(office({**QUEUE, "activity": "b"}), *WAITING, now=at(13))
    assert queue.subject == Subject(activity="b")
    assert (queue.value, queue.unit, queue.rule) == (2, "files", "schedule event")
    assert queue.cases == ("P1", "P2")


@pytest.mark.parametrize(("above", "since"), [(0, at(9)), (1, at(10)), (1.5, at(10)), (2, None)])
def test_a_queue_is_too_long_since_the_file_came_that_made_it_so(above, since, office, read):
    rule = {**QUEUE, "above": above, "activity": "b"}
    (queue,) = read(office(rule), *WAITING, now=at(13))
    assert queue.since == since


def test_a_queue_that_must_not_be_short_does_not_know_since_when_it_is(office, read):
    rule = {"measure": "queue_length", "below": 9, "activity": "b"}
    (queue,) = read(office(rule), *WAITING, now=at(13))
    assert queue.since is None


def test_without_an_activity_all_that_waits_is_counted_under_the_rules_that_told_it(office, read):
    (queue,) = read(
        office(QUEUE), *WAITING, "P5: a c+10", now=at(13), successors=[("a", "b"), ("c", "d")]
    )
    assert (queue.value, queue.cases) == (3, ("P5", "P1", "P2"))
    assert queue.rule == "schedule event, only next step"


def test_what_nobody_knows_the_next_step_of_is_in_no_queue(office, read):
    several = [("c", "d"), ("c", "e")]
    (queue,) = read(office(QUEUE), *WAITING, "P5: a c+10", now=at(13), successors=several)
    assert queue.value == 2


@pytest.mark.parametrize(
    "parts",
    [
        {"applicant_steps": ["b"]},
        {"clock": {**CLOCK, "suspended": [{"from": "x", "until": "b"}]}},
    ],
    ids=["a step of theirs", "a suspended clock"],
)
def test_what_waits_for_the_applicant_is_in_no_queue_but_one_that_the_rule_names(
    parts, office, read
):
    cases = (*WAITING, "P5: a c/schedule+10")
    for measure in ("queue_length", "oldest_item"):
        (queue,) = read(office({**QUEUE, "measure": measure}, **parts), *cases, now=at(13))
        assert queue.cases == ("P5",)
    (named,) = read(office({**QUEUE, "activity": "b"}, **parts), *cases, now=at(13))
    assert named.value == 2


def test_the_oldest_file_is_aged_in_days_and_with_a_calendar_in_working_days(office, read):
    rule = {"measure": "oldest_item", "activity": "b", "above": 1}
    (old,) = read(office(rule), *WAITING, now=at(13, day=6))
    assert (old.value, old.unit, old.cases) == (pytest.approx(28 / 24), "days", ("P1", "P2"))
    (old,) = read(office(rule, calendar=CALENDAR), *WAITING, now=at(13, day=6))
    assert (old.value, old.unit) == (pytest.approx(12 / 8), "working days")


def test_a_working_day_is_a_day_of_the_unit_that_has_the_file(office, read):
    rule = {"measure": "oldest_item", "activity": "b", "above": 1}
    calendar = {**CALENDAR, "units": {"Planning": {"hours": "08:00-12:00"}}}
    units = {"b": "Planning"}
    (old,) = read(office(rule, calendar=calendar), *WAITING, now=at(13, day=6), units=units)
    assert (old.value, old.unit) == (pytest.approx(7 / 4), "working days")


def test_an_empty_queue_is_read_as_empty(office, read):
    for rule in ({**QUEUE, "activity": "b"}, {**QUEUE, "measure": "oldest_item"}):
        (empty,) = read(office(rule), "P: a b d", now=at(13))
        assert (empty.value, empty.cases, empty.rule) == (0, (), None)


TAKEN_UP = [f"P{n}: a b/start+{60 * n}" for n in range(1, 11)]
SLOW = {"measure": "waiting_p90", "activity": "b", "above": 1}


def test_waiting_is_what_one_in_ten_of_those_taken_up_lately_exceed(office, read):
    (slow,) = read(office(SLOW), *TAKEN_UP, now=at(20))
    assert (slow.value, slow.unit) == (pytest.approx(9 / 24), "days")
    (slow,) = read(office(SLOW, calendar=CALENDAR), *TAKEN_UP, now=at(20))
    assert (slow.value, slow.unit) == (1.0, "working days")


def test_of_few_files_and_of_old_ones_no_waiting_is_told(office, read):
    assert read(office(SLOW), *TAKEN_UP[1:], now=at(20)) == []
    assert read(office(SLOW), *TAKEN_UP, now=MONDAY + timedelta(days=30, hours=1)) == []


OVER = ("P1: x a+60", "P2: a", "P3: a d+30", "P4: a d+300", "P5: x a+250")


def test_open_cases_past_their_term_are_counted_since_the_one_that_was_too_many(office, read):
    definition = office(LATE, standard={"term": "2h"})
    (late,) = read(definition, *OVER, now=at(13))
    assert (late.value, late.unit, late.cases) == (2, "files", ("P2", "P1"))
    assert late.since == at(11)
    assert late.subject == Subject()


def test_a_case_that_was_decided_is_not_overdue_though_it_is_not_closed_yet(office, read):
    clock = {**CLOCK, "closes": ["e"]}
    definition = office(LATE, clock=clock, standard={"term": "2h"})
    (late,) = read(definition, *OVER, "P6: a d+30", now=at(13))
    assert (late.value, late.cases) == (2, ("P2", "P1"))


def test_the_share_over_term_counts_closed_and_open_cases(office, read):
    share = {"measure": "share_over_term", "above": 0.1}
    definition = office(share, standard={"term": "2h"})
    closed = [f"C{n}: a d+{180 if n < 4 else 60}" for n in range(19)]
    (part,) = read(definition, *closed, "O: a", now=at(13))
    assert (part.value, part.unit) == (pytest.approx(5 / 20), "share")
    assert read(definition, *closed[:9], now=at(13)) == []  # too few to say


DISTRICTS = {"P1": "North", "P2": "north", "P3": "south", "P4": "south", "P5": "South"}


def test_every_value_of_an_attribute_is_read_apart_in_small_letters(office, read):
    definition = office({**QUEUE, "by": "district"}, case_attributes=["district"])
    cases = (*WAITING, "P5: a b/schedule+10")
    found = read(definition, *cases, now=at(13), attributes={"district": DISTRICTS})
    assert values(found) == {"north": 2, "south": 1}
    assert [one.cases for one in found] == [("P1", "P2"), ("P5",)]
    assert {one.subject.attribute for one in found} == {"district"}


def test_late_cases_are_read_apart_too(office, read):
    definition = office(
        {**LATE, "by": "district"}, case_attributes=["district"], standard={"term": "2h"}
    )
    found = read(definition, *OVER, now=at(13), attributes={"district": DISTRICTS})
    assert values(found) == {"north": 2, "south": 0}


def test_a_group_too_small_to_show_has_no_alert(office, read):
    definition = office(
        {**QUEUE, "by": "district"}, case_attributes=["district"], privacy={"smallest_cell": 3}
    )
    found = read(definition, *WAITING, "P5: a", now=at(13), attributes={"district": DISTRICTS})
    assert values(found) == {"south": 0}


@pytest.mark.parametrize("measure", ["queue_length", "oldest_item"])
def test_of_few_waiting_files_of_a_group_an_alert_names_none(measure, office, read):
    rule = {**QUEUE, "measure": measure, "by": "district"}
    definition = office(rule, case_attributes=["district"], privacy={"smallest_cell": 2})
    cases = (*WAITING, "P5: a b/schedule+10")
    found = read(definition, *cases, now=at(13), attributes={"district": DISTRICTS})
    assert [(one.subject.group, one.cases) for one in found] == [
        ("north", ("P1", "P2")),
        ("south", ()),
    ]
    (all_,) = read(office({**QUEUE, "measure": measure}), *cases, now=at(13))
    assert len(all_.cases) == 3


def test_work_of_one_case_is_not_many_cases(office, read):
    """Two pieces of work of one application would tell of that one."""
    definition = office(
        {**QUEUE, "by": "district"}, case_attributes=["district"], privacy={"smallest_cell": 2}
    )
    cases = ("P1: a b/schedule c/schedule", "P2: a b d")
    found = read(definition, *cases, now=at(13), attributes={"district": DISTRICTS})
    assert [(one.value, one.cases) for one in found] == [(2, ())]


@pytest.mark.parametrize(("smallest", "named"), [(2, ("P2", "P1")), (3, ())])
def test_of_few_late_cases_of_a_group_an_alert_names_none(smallest, named, office, read):
    definition = office(
        {**LATE, "by": "district"},
        case_attributes=["district"],
        standard={"term": "2h"},
        privacy={"smallest_cell": smallest},
    )
    north = dict.fromkeys(DISTRICTS, "north")
    (late,) = read(definition, *OVER, now=at(13), attributes={"district": north})
    assert (late.value, late.cases) == (2, named)


def test_of_fewer_files_than_the_smallest_cell_no_waiting_is_told(office, read):
    found = read(office(SLOW, privacy={"smallest_cell": 11}), *TAKEN_UP, now=at(20))
    assert found == []


UNITS = {"b": "Planning", "c": "counter"}


def test_every_unit_is_read_apart_where_it_is_known(office, read):
    cases = (*WAITING, "P5: a c/schedule+10", "P6: a e/schedule+20")
    found = read(office({**QUEUE, "by": "unit"}), *cases, now=at(13), units=UNITS)
    assert values(found) == {"counter": 1, "planning": 2}


@pytest.mark.parametrize("measure", ["queue_length", "oldest_item"])
def test_work_that_no_event_tells_of_is_that_of_the_unit_that_mostly_does_it(measure, office, read):
    rule = {**QUEUE, "measure": measure, "by": "unit"}
    cases = ("P1: a b/schedule", "P2: a b+10 d+10", "P3: a", "P4: a")
    (found,) = read(
        office(rule), *cases, now=at(13), units=UNITS, successors=[("a", "b"), ("b", "d")]
    )
    assert found.subject.group == "planning"
    assert found.cases == ("P3", "P4", "P1")
    assert found.rule == "only next step, schedule event"


@pytest.mark.parametrize("units", [{}, {"a": "counter"}])
def test_work_of_which_nobody_knows_the_unit_is_not_an_empty_queue(units, office, watched):
    definition = office({**QUEUE, "by": "unit"})
    found = read_alerts(watched(definition, *WAITING, now=at(13), units=units), definition)
    assert found.found == {}
    assert found.off == {"rule 0": "no event tells which unit has what waits"}


def test_where_nothing_waits_the_units_are_known_all_the_same(office, watched, read):
    definition = office({**QUEUE, "by": "unit"})
    assert read(definition, "P: a b d", now=at(13), units=UNITS) == []
    found = read_alerts(watched(definition, "P: a b d", now=at(13)), definition)
    assert found.off == {"rule 0": "no event tells which unit has what waits"}


@pytest.mark.parametrize(
    ("officers", "told"),
    [(["ann", "bob", "cid"], {"planning": pytest.approx(9 / 24)}), (["ann", "bob"], {})],
)
def test_how_long_files_wait_is_not_told_of_one_or_two_officers(officers, told, office, read):
    taken = [f"{case}@{officers[n % len(officers)]}" for n, case in enumerate(TAKEN_UP)]
    found = read(office({**SLOW, "by": "unit"}), *taken, now=at(20), units=UNITS)
    assert values(found) == told
    assert len(read(office(SLOW), *taken, now=at(20), units=UNITS)) == 1


@pytest.mark.parametrize(
    ("units", "why"),
    [({}, "no event tells which unit took it up"), (UNITS, "no event tells who took it up")],
)
def test_how_long_files_wait_at_a_unit_needs_units_and_officers(units, why, office, watched):
    definition = office({**SLOW, "by": "unit"})
    looked = watched(definition, *TAKEN_UP, now=at(20), units=units)
    assert why in read_alerts(looked, definition).off["rule 0"]


WORKING = {"term": "14 working days"}


@pytest.mark.parametrize(
    ("rule", "parts", "why"),
    [
        ({**QUEUE, "by": "resource"}, {}, "names persons"),
        (QUEUE, {"clock": {}}, "what closes a case"),
        ({"measure": "oldest_item"}, {"clock": {}}, "what closes a case"),
        (LATE, {}, "the process file has no standard.term"),
        (LATE, {"clock": {"stops": ["d"]}, "standard": {"term": "2h"}}, "has no clock.starts"),
        (LATE, {"clock": {"starts": ["a"]}, "standard": {"term": "2h"}}, "has no clock.stops"),
        (LATE, {"standard": WORKING}, "no calendar to count working days by"),
        ({**LATE, "activity": "b"}, {"standard": {"term": "2h"}}, "takes no activity"),
        ({**LATE, "by": "unit"}, {"standard": {"term": "2h"}}, "takes a case attribute"),
    ],
)
def test_what_the_process_file_does_not_let_a_rule_tell_is_said(rule, parts, why, office, watched):
    definition = office({"above": 1, **rule}, **parts)
    assert why in unreadable(definition.alerts[0], definition)
    found = read_alerts(watched(definition, *WAITING, now=at(13)), definition)
    assert not found.found
    assert why in found.off["rule 0"]


@pytest.mark.parametrize(
    ("parts", "readable"),
    [
        ({"applicant_id": "district"}, False),
        ({"privacy": {"pseudonymise": ["district"]}}, False),
        ({"equity": {"sensitive": ["district"]}}, False),
        ({"equity": {"sensitive": ["district"], "basis": {"district": "article 3"}}}, True),
        ({"equity": {"groups": ["district"]}}, True),
    ],
)
def test_no_alert_is_told_by_what_names_persons_or_is_sensitive_with_no_basis(
    parts, readable, office
):
    for rule in (QUEUE, LATE):
        definition = office(
            {**rule, "by": "district"},
            case_attributes=["district"],
            standard={"term": "2h"},
            **parts,
        )
        why = unreadable(definition.alerts[0], definition)
        assert why is None if readable else 'by "district"' in why


@pytest.mark.parametrize(
    ("rule", "lacks", "why"),
    [
        ({**QUEUE, "activity": "Revew"}, {}, 'no event has the activity "Revew"'),
        (QUEUE, {"items": None}, "bottlenecks were not looked for"),
        (QUEUE, {"still": None}, "what closes a case"),
        (LATE, {"over": None}, "terms were not looked at"),
    ],
)
def test_what_the_run_does_not_tell_is_said(rule, lacks, why, office, whole):
    definition = office(rule, standard={"term": "2h"})
    looked = replace(whole(definition, *WAITING, now=at(13)), **lacks)
    found = read_alerts(of_whole(looked, definition), definition)
    assert not found.found
    assert why in found.off["rule 0"]


def test_without_start_events_nobody_knows_how_long_files_wait(office, watched):
    definition = office(SLOW)
    found = read_alerts(watched(definition, "P: a b d", now=at(13)), definition)
    assert found.off == {"rule 0": "no event tells when work was started"}


def test_terms_in_working_days_are_read_by_a_calendar_and_others_without(office, read):
    for parts in ({"standard": WORKING, "calendar": CALENDAR}, {"standard": {"term": "8 weeks"}}):
        (late,) = read(office(LATE, **parts), *OVER, now=at(13))
        assert late.value == 0
