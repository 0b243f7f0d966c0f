"""A rule that can never be read says why, and each says how long what is over still matters."""

from datetime import timedelta

import pytest

from engine.alerting.rules import (
    DEFAULT_WINDOWS,
    case_window,
    item_window,
    unreadable,
    window_of,
)

NO_TIME = timedelta(0)
TERM = {"standard": {"term": "2h"}}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"measure": "rejects", "activity": "b"}, "takes no activity and no by"),
        ({"measure": "lag", "by": "unit"}, "takes no activity and no by"),
        ({"measure": "soon_overdue_cases", "activity": "b"}, "it takes no activity"),
        ({"measure": "soon_overdue_cases", "by": "unit"}, "takes a case attribute, not unit"),
        (
            {"measure": "arrivals_less_completions", "by": "unit"},
            "without an activity is told of whole cases",
        ),
        ({"measure": "disparity_drift"}, "by must name one"),
        ({"measure": "disparity_drift", "by": "unit"}, "by must name one"),
        ({"measure": "silence", "by": "resource"}, "by names persons"),
        ({"measure": "rework_share", "by": "owner"}, 'by "owner" names persons'),
        (
            {"measure": "queue_length", "window": "1 day"},
            "of what is there now; it takes no window",
        ),
        ({"measure": "lag", "window": "1 day"}, "of what is there now; it takes no window"),
    ],
)
def test_what_a_measure_has_no_meaning_for_is_said(rule, why, office):
    definition = office(
        {"above": 1, **rule}, **TERM, case_attributes=["owner"], applicant_id="owner"
    )
    assert why in unreadable(definition.alerts[0], definition)


@pytest.mark.parametrize(
    ("measure", "lacks", "why"),
    [
        ("soon_overdue_cases", {}, "no standard.term"),
        ("soon_overdue_cases", {**TERM, "clock": {"starts": ["a"]}}, "no clock.stops"),
        ("arrivals_less_completions", {"clock": {}}, "what closes a case"),
        ("silence", {"clock": {}}, None),
        ("rework_share", {"clock": {}}, None),
        ("rejects", {"clock": {}}, None),
    ],
)
def test_what_a_measure_needs_of_the_process_file_is_said(measure, lacks, why, office):
    definition = office({"measure": measure, "above": 1}, **lacks)
    said = unreadable(definition.alerts[0], definition)
    assert said is None if why is None else why in said


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ({"measure": "waiting_p90"}, 30),
        ({"measure": "rejects", "window": "3 days"}, 3),
        ({"measure": "queue_length"}, 0),
        ({"measure": "silence"}, 30),
        ({"measure": "silence", "above": 48}, 48),  # hours of an office that opens one in 24
        ({"measure": "silence", "above": 480, "window": "2 days"}, 2),
    ],
)
def test_a_rule_looks_back_as_it_says_else_as_its_measure_does(rule, days, office):
    (alert,) = office({"above": 1, **rule}).alerts
    assert window_of(alert) == timedelta(days=days)


@pytest.mark.parametrize(
    ("rule", "cases", "work"),
    [
        ({"measure": "queue_length"}, 0, 0),
        ({"measure": "overdue_cases"}, 0, 0),
        ({"measure": "soon_overdue_cases"}, 0, 0),  # looks ahead
        ({"measure": "rejects"}, 0, 0),
        ({"measure": "share_over_term"}, 365, 0),
        ({"measure": "arrivals_less_completions"}, 7, 0),
        ({"measure": "arrivals_less_completions", "activity": "b"}, 7, 7),
        ({"measure": "waiting_p90", "window": "10 days"}, 10, 10),
        ({"measure": "rework_share"}, 30, 30),
        ({"measure": "disparity_drift", "by": "kind"}, 210, 210),
        ({"measure": "silence"}, 0, 0),
        ({"measure": "silence", "by": "kind"}, 30, 0),
        ({"measure": "silence", "by": "unit"}, 30, 30),
        ({"measure": "silence", "activity": "b"}, 30, 30),
        ({"measure": "rework_share", "by": "resource"}, 0, 0),  # is never read
    ],
)
def test_what_is_over_matters_for_as_long_as_a_rule_looks_back(rule, cases, work, office):
    definition = office({"above": 1, **rule}, **TERM, case_attributes=["kind"])
    assert case_window(definition) == timedelta(days=cases)
    assert item_window(definition) == timedelta(days=work)


def test_the_longest_window_counts_and_cases_stay_as_long_as_their_work(office):
    waiting = {"measure": "waiting_p90", "above": 1}
    flow = {"measure": "arrivals_less_completions", "above": 1}
    definition = office(waiting, {**waiting, "window": "9 days"}, flow)
    assert item_window(definition) == case_window(definition) == timedelta(days=30)
    assert case_window(office()) == item_window(office()) == NO_TIME


@pytest.mark.parametrize("rule", [{"above": 1e9}, {"above": 1e300}, {"window": "999999999 days"}])
def test_nothing_looks_back_farther_than_moments_can_be_counted_with(rule, office):
    (alert,) = office({"measure": "silence", "above": 1, **rule}).alerts
    assert window_of(alert) == timedelta(days=36_525)


def test_every_measure_that_looks_back_has_a_window_of_its_own():
    assert all(window > NO_TIME for window in DEFAULT_WINDOWS.values())
