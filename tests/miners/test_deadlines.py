"""The term of each application, whether it was passed, and when it ends for the open ones."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.letters import log, table
from eventlog.log import Log
from miners.clock import clock_times
from miners.deadlines import deadlines
from miners.parties import parties

HOUR = 3_600_000
BEGINNING = 1_767_600_000_000_000  # Monday, 5 January 2026, 08:00 UTC
CLOCK = {
    "starts": ["submit"],
    "stops": ["decide"],
    "closes": ["decide", "withdraw"],
    "suspended": [{"from": "ask", "until": "answer"}],
}


def judged(steps, *, now=None, kind=None, size=None, calendar=True, **standard):
    """(over its term or not yet known, hours until the clock is at its term) of one case."""
    parts = {"calendar": {"hours": "08:00-16:00"}} if calendar else {}
    definition = Definition.bare(
        clock=CLOCK, standard=standard, case_attributes=["kind", "size"], **parts
    )
    given = {"kind": {"P": kind} if kind else {}, "size": {"P": size} if size else {}}
    found = log(f"P: {steps}", case_attributes=given)
    now = None if now is None else BEGINNING + now * HOUR * 1000
    calendars = Calendars.of(definition, BEGINNING, BEGINNING + 10_000 * HOUR * 1000)
    clock = clock_times(found, definition, calendars, now)
    late = deadlines(found, definition, calendars, clock)
    [due] = late.due.tolist()
    due = None if due == UNKNOWN else (due - BEGINNING) / HOUR / 1000
    return late.over_term.to_pylist()[0], due


def test_exactly_at_the_term_is_in_time_and_a_minute_later_is_late():
    assert judged("submit decide+120", term="2h") == (False, 2)
    assert judged("submit decide+121", term="2h") == (True, 2)


def test_an_open_case_is_late_once_it_is_over_and_not_judged_before():
    assert judged("submit", now=2, term="2h") == (None, 2)
    assert judged("submit", now=3, term="2h") == (True, 2)


def test_the_applicants_time_moves_the_term():
    assert judged("submit ask answer decide", term="2h") == (False, 3)
    assert judged("submit ask answer decide+61", term="2h") == (True, 3)
    # Asked exactly at the term: the clock was there at that moment, not when it went on.
    assert judged("submit ask+120 answer decide", term="2h") == (True, 2)


def test_a_file_that_is_with_the_applicant_is_due_at_the_earliest_if_it_came_back_now():
    assert judged("submit ask", now=10, term="2h") == (None, 11)
    assert judged("submit ask+180", now=10, term="2h") == (True, 2)


def test_working_days_are_whole_working_days_of_the_office():
    # From Monday 08:00 the second working day ends on Tuesday at 16:00, from 10:00 on Wednesday.
    assert judged("submit decide+1920", term="2 working days") == (False, 32)
    assert judged("submit decide+2941", term="2 working days") == (True, 32)
    assert judged("look submit+120 decide", term="2 working days") == (False, 50)
    # The weekend: from Friday noon one working day lasts until Monday noon.
    assert judged("look submit+6000 decide+60", term="1 working days") == (False, 172)


def test_a_suspension_at_night_costs_no_working_time():
    # Asked on Monday at 16:00, answered on Tuesday at 08:00.
    assert judged("submit ask+480 answer+960 decide", term="2 working days") == (False, 32)
    # Answered on Tuesday at 12:00: half a day.
    assert judged("submit ask+480 answer+1200 decide", term="2 working days") == (False, 52)


def test_working_days_cannot_be_counted_without_a_calendar():
    assert judged("submit decide", term="2 working days", calendar=False) == (None, None)
    assert judged("submit decide", term="2h", calendar=False) == (False, 2)
    definition = Definition.bare(clock=CLOCK, standard={"term": "2 working days"})
    found = log("P: submit decide", "Q: decide")
    assert deadlines(found, definition, None, clock_times(found, definition, None)).uncounted == 1


def test_the_term_is_that_of_the_value_at_entry():
    by = {"kind": {"Warehouse": "4h"}}
    assert judged("submit decide+180", term="2h", by=by) == (True, 2)
    assert judged("submit decide+180", term="2h", by=by, kind="house") == (True, 2)
    assert judged("submit decide+180", term="2h", by=by, kind="warehouse") == (False, 4)
    assert judged("submit decide+180", by=by, kind="house") == (None, None)


def test_of_several_attributes_the_first_that_has_a_term_decides():
    by = {"size": {"big": "4h"}, "kind": {"shop": "6h", "house": "8h"}}
    assert judged("submit decide", term="2h", by=by, kind="shop", size="big")[1] == 4
    assert judged("submit decide", term="2h", by=by, kind="shop", size="small")[1] == 6


def test_a_case_without_a_clock_is_not_judged_and_a_withdrawn_one_is_by_its_end():
    assert judged("look decide", term="2h") == (None, None)
    assert judged("submit withdraw", now=900, term="2h") == (False, 2)
    assert judged("submit withdraw+180", now=900, term="2h") == (True, 2)


def test_the_example_of_the_page_on_the_clock():
    """docs/concepts/working-time-and-the-clock.md, with the holidays of March 2026."""
    definition = Definition.bare(
        timezone="Asia/Jakarta",
        clock=CLOCK,
        calendar={"country": "ID"},
        standard={"term": "14 working days"},
        applicant_steps=["answer"],
    )
    local = [datetime(2026, 3, day, 8, tzinfo=ZoneInfo("Asia/Jakarta")) for day in (2, 4, 9, 27)]
    moments = [round(moment.timestamp()) * 1_000_000 for moment in local]
    rows = table("P: submit ask answer decide")
    place = rows.column_names.index("timestamp")
    field = rows.schema.field("timestamp")
    found = Log.of(rows.set_column(place, field, pa.array(moments, field.type)))
    calendars = Calendars.of(definition, moments[0], moments[-1])
    day = calendars.working_day_ms
    clock = clock_times(found, definition, calendars)
    late = deadlines(found, definition, calendars, clock)
    split = parties(found, definition, calendars)
    assert (found.ends - found.starts).tolist() == [25 * 24 * HOUR * 1000]
    assert calendars.between(found.starts, found.ends).tolist() == [14 * day]
    assert clock.running_working_ms.tolist() == [11 * day]
    assert split.working.applicant.tolist() == [3 * day]
    assert late.over_term.to_pylist() == [False]
    due = datetime.fromtimestamp(late.due.tolist()[0] / 1_000_000, tz=ZoneInfo("Asia/Jakarta"))
    assert due.isoformat() == "2026-03-31T16:00:00+07:00"


def test_without_a_term_for_cases_there_are_no_deadlines():
    found = log("P: submit decide")
    for parts in ({}, {"standard": {"steps": {"check": "2h"}}}):
        definition = Definition.bare(clock=CLOCK, **parts)
        clock = clock_times(found, definition, None)
        assert deadlines(found, definition, None, clock) is None
    definition = Definition.bare(standard={"term": "2h"})
    assert deadlines(found, definition, None, None) is None
