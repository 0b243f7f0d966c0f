"""What is told of whole applications lies in the window, and is what one counts by hand."""

from datetime import UTC, datetime

import pytest

from engine.alerting.readings import read_alerts

FLOW = {"measure": "arrivals_less_completions", "above": 1}
SOON = {"measure": "soon_overdue_cases", "above": 1, "window": "1h"}
TERM = {"standard": {"term": "2h"}}


def at(hour, minute=0, day=5):
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


def values(readings):
    return {reading.subject.group: reading.value for reading in readings}


@pytest.mark.parametrize(
    ("window", "now", "value"),
    [
        ("4h", at(10), 2),  # three began, one was closed at nine
        ("2h", at(10), -1),  # all began at the edge, which is out
        ("121m", at(10), 2),
        ("1h", at(10), 0),  # it was closed at the edge
        ("4h", at(8), 3),  # what lies in the future has not happened
        ("4h", at(9), 2),  # now is in
    ],
)
def test_cases_that_began_less_those_that_were_closed(window, now, value, office, read):
    cases = ("P1: a d+60", "P2: a", "P3: a b+10")
    (flow,) = read(office({**FLOW, "window": window}), *cases, now=now)
    assert (flow.value, flow.unit, flow.cases, flow.since) == (value, "files", (), None)


def test_a_week_is_looked_at_where_the_rule_does_not_say(office, read):
    cases = ("P1: a", "P2: a")
    for now, value in ((at(8, day=12), 0), (at(7, day=12), 2)):
        (flow,) = read(office(FLOW), *cases, now=now)
        assert flow.value == value


def test_a_group_in_which_nothing_began_and_nothing_was_closed_is_told_as_0(office, read):
    definition = office(
        {**FLOW, "by": "district", "window": "1h"},
        case_attributes=["district"],
        privacy={"smallest_cell": 2},
    )
    cases = ("P1: a d+90", "P2: a d+90", "P3: a", "P4: a", "P5: a d+90")
    district = {"P1": "North", "P2": "north", "P3": "south", "P4": "south", "P5": "west"}
    found = read(definition, *cases, now=at(10), attributes={"district": district})
    assert values(found) == {"north": -2, "south": 0}


@pytest.mark.parametrize(
    ("now", "value"), [(at(8, 59), 0), (at(9), 1), (at(9, 30), 1), (at(10), 1), (at(10, 1), 0)]
)
def test_a_case_is_soon_overdue_from_the_window_on_until_it_is_overdue(now, value, office, read):
    (soon,) = read(office(SOON, **TERM), "P: a", now=now)
    assert (soon.value, soon.unit, soon.since) == (value, "files", None)
    assert soon.cases == (("P",) if value else ())


def test_without_a_window_three_days_ahead_are_looked_at(office, read):
    rule = {"measure": "soon_overdue_cases", "above": 1}
    definition = office(rule, standard={"term": "10 days"})
    for now, value in ((at(7, day=12), 0), (at(8, day=12), 1)):
        (soon,) = read(definition, "P: a", now=now)
        assert soon.value == value


def test_only_open_cases_whose_clock_runs_are_soon_overdue_the_most_urgent_first(office, read):
    clock = {
        "starts": ["a"],
        "stops": ["d"],
        "closes": ["e"],
        "suspended": [{"from": "s", "until": "r"}],
    }
    definition = office({**SOON, "window": "2h"}, **TERM, clock=clock)
    cases = (
        "still: a s+10",  # the applicant has the file
        "back: a s+10 r+20",  # had it for twenty minutes
        "decided: a d+10",
        "closed: a e+10",
        "first: a",
        "none: x",
    )
    (soon,) = read(definition, *cases, now=at(9))
    assert soon.cases == ("first", "back")


def test_soon_overdue_cases_of_a_small_group_are_counted_and_not_named(office, read):
    definition = office(
        {**SOON, "by": "district"},
        **TERM,
        case_attributes=["district"],
        privacy={"smallest_cell": 3},
    )
    district = dict.fromkeys(("P1", "P2", "P3"), "north")
    found = read(
        definition, "P1: a", "P2: a", "P3: a d", now=at(9), attributes={"district": district}
    )
    assert [(one.value, one.cases) for one in found] == [(2, ())]


@pytest.mark.parametrize(("window", "told"), [("5h", []), ("301m", [pytest.approx(0.2)])])
def test_the_share_over_term_is_that_of_cases_whose_clock_began_lately(window, told, office, read):
    rule = {"measure": "share_over_term", "above": 0.1, "window": window}
    closed = [f"C{n}: a d+{180 if n < 4 else 60}" for n in range(20)]
    assert [one.value for one in read(office(rule, **TERM), *closed, now=at(13))] == told


def test_cases_flow_though_nobody_looked_for_bottlenecks_and_not_if_none_is_ever_closed(
    office, watched
):
    definition = office(FLOW, clock={"starts": ["a"]})
    found = read_alerts(watched(definition, "P: a", now=at(9)), definition)
    assert found.off == {"rule 0": "the process file does not say under clock what closes a case"}
