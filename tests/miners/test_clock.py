"""The statutory clock: what starts it, what ends it, and when it stands still."""

import numpy as np
import pytest

from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.errors import UsageError
from eventlog.kernels import UNKNOWN
from eventlog.letters import empty, log
from miners.clock import CLOSED, NEVER, RUNNING, STOPPED, clock_times, missing

HOUR = 3_600_000
BEGINNING = 1_767_600_000_000_000  # Monday, 5 January 2026, 08:00 UTC, where letters begin
CLOCK = {
    "starts": ["submit"],
    "stops": ["decide"],
    "closes": ["decide", "withdraw"],
    "suspended": [{"from": "ask", "until": "answer"}, {"from": "bill", "until": "pay"}],
}
DEFINITION = Definition.bare(clock=CLOCK)


def times(steps, *, definition=DEFINITION, now=None):
    """The clock of one case, in hours."""
    found = log(f"P: {steps}")
    calendars = Calendars.of(definition, BEGINNING, BEGINNING + 90 * 86_400_000_000)
    clock = clock_times(found, definition, calendars, now)
    return {
        "stands": clock.stands.tolist()[0],
        "ran": hours(clock.running_ms),
        "worked": clock.running_working_ms and hours(clock.running_working_ms),
        "suspended": hours(clock.suspended_ms),
        "suspended_now": clock.suspended_now.tolist()[0],
        "restarted": clock.restarted.tolist()[0],
    }


def hours(milliseconds):
    [told] = milliseconds.tolist()
    return None if told == UNKNOWN else told / HOUR


def told(steps, *names, **given):
    found = times(steps, **given)
    return tuple(found[name] for name in names)


def test_the_clock_runs_from_the_first_start_to_the_first_stop_after_it():
    assert told("look submit check decide post", "stands", "ran") == (STOPPED, 2)
    assert told("submit submit decide", "ran", "restarted") == (2, False)


def test_a_decision_that_is_sent_once_more_does_not_lengthen_the_clock():
    assert told("submit decide decide decide", "ran", "restarted") == (1, False)


def test_a_clock_that_is_started_again_after_its_end_stays_ended_and_is_told():
    assert told("submit decide submit check decide", "ran", "restarted") == (1, True)


def test_a_decision_before_the_start_does_not_count():
    assert told("decide submit check", "stands", "ran") == (RUNNING, 1)


def test_a_case_that_never_started_has_no_clock():
    assert told("check decide", "stands", "ran", "suspended") == (NEVER, None, None)
    assert told("submit/start decide", "stands") == (NEVER,)


def test_a_case_closed_without_a_decision_does_not_run_for_ever():
    now = BEGINNING + 1000 * 3_600_000_000
    assert told("submit withdraw look", "stands", "ran", now=now) == (CLOSED, 1)
    assert told("submit withdraw withdraw", "stands", "ran", now=now) == (CLOSED, 1)
    # A decision that came after all is what ends the clock, unless the case was begun anew.
    assert told("submit withdraw decide", "stands", "ran") == (STOPPED, 2)
    assert told("submit withdraw submit decide", "stands", "ran") == (CLOSED, 1)


def test_an_open_case_runs_until_now():
    now = BEGINNING + 5 * 3_600_000_000
    assert told("submit check", "stands", "ran", now=now) == (RUNNING, 5)
    assert told("submit check", "ran") == (1,)  # the latest event, where nobody says


def test_the_clock_stands_still_while_the_applicant_has_the_file():
    assert told("submit ask answer decide", "ran", "suspended") == (2, 1)
    assert told("submit ask ask+30 answer answer decide", "ran", "suspended") == (3, 1.5)


def test_overlapping_suspensions_count_once():
    assert told("submit ask bill answer pay decide", "ran", "suspended") == (2, 3)
    assert told("submit ask answer bill pay decide", "ran", "suspended") == (3, 2)


def test_a_suspension_that_nobody_ended_lasts_until_the_stop_or_until_now():
    assert told("submit ask decide answer", "ran", "suspended") == (1, 1)
    now = BEGINNING + 9 * 3_600_000_000
    names = ("stands", "ran", "suspended", "suspended_now")
    assert told("submit ask check", *names, now=now) == (RUNNING, 1, 8, True)
    assert told("submit ask answer", *names, now=now) == (RUNNING, 8, 1, False)


def test_what_was_asked_before_the_clock_started_suspends_it_from_its_start():
    assert told("ask submit answer decide", "ran", "suspended") == (1, 1)
    assert told("ask answer submit decide", "ran", "suspended") == (1, 0)


def test_a_suspension_of_no_length_is_none():
    assert told("submit ask answer+0 decide", "ran", "suspended") == (2, 0)


def test_working_time_takes_out_nights_and_the_applicants_hours():
    definition = Definition.bare(clock=CLOCK, calendar={"hours": "08:00-16:00"})
    # Submitted Monday 08:00, asked 15:00, answered Tuesday 15:00, decided Wednesday 09:00.
    steps = "submit ask+420 answer+1440 decide+1080"
    assert told(steps, "ran", "worked", definition=definition) == (25, 9)


def test_without_a_calendar_no_working_time_is_told():
    assert times("submit decide")["worked"] is None


def test_a_process_that_does_not_say_when_the_clock_starts_or_stops_has_none():
    assert clock_times(log("P: a"), Definition.bare(), None) is None
    assert missing(Definition.bare()) == ("clock.starts", "clock.stops")
    assert missing(Definition.bare(clock={"starts": ["a"]})) == ("clock.stops",)
    assert missing(Definition.bare(clock={"starts": ["a"], "closes": ["b"]})) == ()


def test_the_log_without_cases_has_clocks_of_no_case():
    found = clock_times(empty(), DEFINITION, None)
    assert len(found.started) == len(found.running_ms) == len(found.suspensions.since) == 0
    definition = Definition.bare(clock=CLOCK, calendar={})
    calendars = Calendars.of(definition, 0, 0)
    assert len(clock_times(empty(), definition, calendars).running_working_ms) == 0


def test_more_suspensions_than_there_are_bits_are_refused():
    pairs = [{"from": f"a{n}", "until": f"b{n}"} for n in range(65)]
    definition = Definition.bare(clock={**CLOCK, "suspended": pairs})
    with pytest.raises(UsageError, match=r"clock\.suspended has 65 pairs; expected at most 64"):
        clock_times(log("P: a"), definition, None)
    pairs = [*pairs[:63], {"from": "ask", "until": "answer"}]
    definition = Definition.bare(clock={**CLOCK, "suspended": pairs})
    assert told("submit ask answer decide", "suspended", definition=definition) == (1,)


def test_a_suspension_that_begins_now_suspends_and_has_taken_no_time():
    clock = clock_times(log("P: submit ask"), DEFINITION, None)
    assert clock.suspended_now.tolist() == [True]
    assert clock.suspended_ms.tolist() == [0]
    assert len(clock.suspensions.since) == 0


def test_suspensions_are_told_as_moments_case_by_case():
    found = log("P: submit ask answer decide", "Q: submit decide", "R: submit bill pay")
    clock = clock_times(found, DEFINITION, None)
    kept = clock.suspensions
    lengths = np.diff(kept.offsets)
    assert sorted(lengths.tolist()) == [0, 1, 1]
    assert set(kept.since.tolist()) == {BEGINNING + HOUR * 1000}
    assert set(kept.until.tolist()) == {BEGINNING + 2 * HOUR * 1000}
    assert (clock.seen - clock.started).tolist() == (
        (clock.running_ms + clock.suspended_ms) * 1000
    ).tolist()


DAY = 24 * 60


@pytest.mark.parametrize("calendar", [{}, {"calendar": {}}])
def test_what_lies_after_now_has_not_happened_to_the_clock(calendar):
    definition = Definition.bare(clock=CLOCK, **calendar)
    years = 36 * 365 * DAY
    now = BEGINNING + 5 * 3_600_000_000

    def at(steps):
        names = ("stands", "ran", "suspended", "suspended_now")
        return told(steps, *names, definition=definition, now=now)

    assert at(f"submit ask answer+{years}") == (RUNNING, 1, 4, True)
    assert at(f"submit ask answer ask+{years}") == (RUNNING, 4, 1, False)
    assert at(f"submit decide+{years}") == (RUNNING, 5, 0, False)
    assert at(f"submit withdraw+{years}") == (RUNNING, 5, 0, False)
    assert at(f"submit decide submit+{years}") == (STOPPED, 1, 0, False)
    assert at(f"check submit+{years} decide") == (NEVER, None, None, False)


def test_what_happens_at_this_very_moment_has_happened():
    now = BEGINNING + 2 * 3_600_000_000
    assert told("submit check decide", "stands", "ran", now=now) == (STOPPED, 2)
