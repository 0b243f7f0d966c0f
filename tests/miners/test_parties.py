"""Whose time it was: the applicant's, the third parties', and the office's for the rest."""

from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.letters import empty, log, table
from eventlog.log import Log
from miners.parties import parties

HOUR = 3_600_000
BEGINNING = 1_767_600_000_000_000  # Monday, 5 January 2026, 08:00 UTC
PARTS = {
    "clock": {
        "starts": ["submit"],
        "stops": ["decide"],
        "suspended": [{"from": "ask", "until": "answer"}],
    },
    "applicant_steps": ["submit", "pay"],
    "external_units": ["fire"],
}
DEFINITION = Definition.bare(**PARTS)


def split(steps, *, definition=DEFINITION):
    """Hours of the applicant, of third parties and of the office in a case; `a@fire` is by unit."""
    rows = table(f"P: {steps}")
    place = rows.column_names.index("unit")
    found = Log.of(rows.set_column(place, rows.schema.field("unit"), rows.column("resource")))
    calendars = Calendars.of(definition, BEGINNING, BEGINNING + 90 * 86_400_000_000)
    told = parties(found, definition, calendars)
    return [
        None if shares is None else [column and column.tolist()[0] / HOUR for column in
        (shares.applicant, shares.external, shares.office)]
        for shares in (told.elapsed, told.working)
    ]  # fmt: skip


def elapsed(steps, **given):
    return split(steps, **given)[0]


def test_the_time_before_a_step_of_the_applicant_is_the_applicants():
    assert elapsed("submit check pay decide") == [1, 0, 2]
    assert elapsed("submit check pay/start pay decide") == [2, 0, 2]


def test_a_suspension_is_the_applicants_time_whoever_works_meanwhile():
    assert elapsed("submit ask check answer decide") == [2, 0, 2]
    assert elapsed("submit ask advise@fire answer decide") == [2, 0, 2]


def test_suspensions_end_with_the_clock_and_may_begin_anew_after_it():
    assert elapsed("submit ask decide post file") == [1, 0, 3]
    assert elapsed("submit decide ask post answer") == [2, 0, 2]


def test_queue_and_work_of_an_external_unit_are_third_parties():
    assert elapsed("submit check advise@fire decide") == [0, 1, 2]
    assert elapsed("submit check advise/start@fire advise@fire decide") == [0, 2, 2]
    assert elapsed("submit check advise/start@fire") == [0, 1, 1]  # not done yet


def test_of_things_that_go_on_together_the_next_to_be_done_has_the_time():
    assert elapsed("submit advise/start@fire check advise@fire decide") == [0, 1, 3]


def test_working_time_is_split_the_same_way():
    definition = Definition.bare(**PARTS, calendar={"hours": "08:00-16:00"})
    # Monday 08:00, 12:00; Tuesday 12:00; Wednesday 09:00.
    steps = "submit advise+240@fire pay+1440 decide+1260"
    assert split(steps, definition=definition) == [[24, 4, 21], [8, 4, 5]]


def test_what_the_process_file_does_not_name_is_not_told():
    def told(**parts):
        definition = Definition.bare(**parts)
        shares = elapsed("submit check pay advise@fire decide", definition=definition)
        return shares, parties(log("P: a"), definition, None).missing

    assert told() == ([None, None, None], ("applicant_steps", "external_units"))
    assert told(applicant_steps=["pay"]) == ([1, None, 3], ("external_units",))
    assert told(external_units=["fire"]) == ([None, 1, 3], ("applicant_steps",))
    suspended = {"suspended": [{"from": "check", "until": "pay"}]}
    assert told(clock=suspended) == ([1, None, 3], ("external_units",))
    assert told(external_units=["fire"], applicant_steps=["pay"]) == ([1, 1, 2], ())


def test_fractions_of_milliseconds_are_not_lost():
    found = log("P: submit check pay decide", step=1999)
    told = parties(found, DEFINITION, None).elapsed
    parts = [told.applicant, told.external, told.office]
    assert sum(part.tolist()[0] for part in parts) == 5  # of 5.997 ms, told as 5


def test_one_event_takes_no_time_and_no_event_has_no_case():
    assert elapsed("submit") == [0, 0, 0]
    told = parties(empty(), DEFINITION, None).elapsed
    assert len(told.applicant) == len(told.office) == 0
