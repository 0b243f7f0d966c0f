"""Working time is what the clock on the office's wall says, counted minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.calendar import Calendars, WorkingTime
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.opening import days_of, hours_of

MINUTE, HOUR = 60_000_000, 3_600_000
DAY = 86_400_000_000


def at(text, zone="Asia/Jakarta"):
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return round(moment.timestamp() * 1_000_000)


def calendars(first, last, *, zone="Asia/Jakarta", standard=None, **calendar):
    parts = {} if standard is None else {"standard": standard}
    definition = Definition.bare(timezone=zone, calendar=calendar, **parts)
    return Calendars.of(definition, at(first, zone), at(last, zone))


def office(first, last, **parts):
    return calendars(first, last, **parts).office


def hours(working, first, last, zone="Asia/Jakarta"):
    one, other = np.array([at(first, zone)]), np.array([at(last, zone)])
    return working.between(one, other).tolist()[0] / HOUR


def test_a_process_without_a_calendar_has_no_working_time():
    assert Calendars.of(Definition.bare(), 0, DAY) is None
    assert Calendars.of(Definition.bare(calendar={}), 0, DAY) is not None


def test_indonesia_has_28_days_off_in_2025_collective_leave_among_them():
    every_day = office("2025-01-01", "2025-12-31", country="ID", days="mon-sun")
    worked = hours(every_day, "2025-01-01", "2026-01-01") / 8
    assert worked == 365 - 28


def test_nobody_works_in_the_week_of_lebaran():
    working = office("2025-03-01", "2025-05-01", country="ID")
    # From Friday 28 March (Nyepi's leave) to Monday 7 April (the last of Idul Fitri's).
    assert hours(working, "2025-03-27T15:00", "2025-04-08T08:30") == 1.5
    assert hours(working, "2025-03-28", "2025-04-08") == 0
    # A term of two working days that begins on the 27th ends on the 8th at the same hour.
    [due] = working.later(np.array([at("2025-03-27T10:00")]), np.array([2 * working.day_ms]))
    assert due == at("2025-04-09T10:00")


def test_countries_without_government_holidays_keep_the_public_ones():
    working = office("2026-04-20", "2026-05-20", zone="Europe/Amsterdam", country="NL")
    assert hours(working, "2026-04-27", "2026-04-28", "Europe/Amsterdam") == 0  # King's day
    assert hours(working, "2026-05-14", "2026-05-15", "Europe/Amsterdam") == 0  # Ascension
    assert hours(working, "2026-05-15", "2026-05-16", "Europe/Amsterdam") == 8


def test_a_holiday_is_kept_on_the_day_on_which_it_is_observed():
    working = office("2021-06-25", "2021-07-10", zone="America/New_York", country="US")
    assert hours(working, "2021-07-05", "2021-07-06", "America/New_York") == 0  # 4 July: a Sunday


def test_the_office_works_its_hours_on_the_wall_in_summer_and_in_winter():
    working = office("2026-03-01", "2026-11-30", zone="Europe/Amsterdam", country="NL")
    opens = [datetime.fromtimestamp(one / 1e6, tz=UTC) for one in working.opens.tolist()]
    hour = {moment.date(): moment.hour for moment in opens}
    assert (hour[date(2026, 3, 27)], hour[date(2026, 3, 30)]) == (7, 6)
    assert (hour[date(2026, 10, 23)], hour[date(2026, 10, 26)]) == (6, 7)
    assert hours(working, "2026-03-27", "2026-03-31", "Europe/Amsterdam") == 16


@pytest.mark.parametrize(("day", "expected"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_an_hour_that_is_left_out_does_not_count_and_one_that_comes_twice_does(day, expected):
    zone = "Europe/Amsterdam"
    working = office("2026-01-01", "2026-12-31", zone=zone, days="sun", hours="00:00-24:00")
    following = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    assert hours(working, day, following, zone) == expected
    assert working.day_ms == 24 * HOUR


def test_opening_hours_inside_the_change_of_the_clock():
    zone = "Europe/Amsterdam"
    working = office("2026-01-01", "2026-12-31", zone=zone, days="sun", hours="02:15-02:45")
    assert hours(working, "2026-03-29", "2026-03-30", zone) == 0
    assert hours(working, "2026-10-25", "2026-10-26", zone) == 1
    assert hours(working, "2026-11-01", "2026-11-02", zone) == 0.5
    # Open from the change on: not a second of the hour that comes twice is lost.
    working = office("2026-01-01", "2026-12-31", zone=zone, days="sun", hours="02:00-03:00")
    assert hours(working, "2026-10-25", "2026-10-26", zone) == 2


def test_a_break_at_noon_is_no_working_time():
    working = office("2026-03-01", "2026-03-31", hours="13:00-16:00, 08:00-12:00")
    assert working.day_ms == 7 * HOUR
    assert hours(working, "2026-03-02T11:00", "2026-03-02T14:00") == 2
    [due] = working.later(np.array([at("2026-03-02T11:00")]), np.array([HOUR]))
    assert due == at("2026-03-02T12:00")  # that noon, not after the break
    [due] = working.later(np.array([at("2026-03-02T11:00")]), np.array([HOUR + 1]))
    assert due == at("2026-03-02T13:00") + 1000


def test_hours_that_overlap_are_counted_once():
    assert hours_of("08:00-12:00, 11:00-16:00, 16:00-17:00") == [(28_800, 61_200)]


def test_a_week_may_go_round_the_end():
    assert days_of("fri-mon").tolist() == [True, False, False, False, True, True, True]
    assert days_of("SUN-thu").sum() == 5
    assert np.flatnonzero(days_of("mon-tue, sat")).tolist() == [0, 1, 5]


def test_the_offices_own_closed_days_and_a_unit_that_works_on_saturdays():
    known = calendars(
        "2026-03-01",
        "2026-04-10",
        holidays=["2026-03-20"],
        units={
            "inspection": {"days": "mon-sat"},
            "archive": {"hours": "10:00-12:00", "holidays": ["2026-03-19"]},
        },
    )
    # From Thursday 19 March to Monday 23 March, 2026.
    start, end = (np.full(4, at(text)) for text in ("2026-03-19", "2026-03-23"))
    unit = Coded.of(pa.array(["counter", "inspection", "archive", None]))
    assert (known.between(start, end, unit) // HOUR).tolist() == [8, 16, 0, 8]
    assert (known.between(start, end) // HOUR).tolist() == [8, 8, 8, 8]
    assert known.units["archive"].day_ms == 2 * HOUR
    assert known.working_day_ms == 8 * HOUR


def test_one_wrong_date_in_300_years_is_neither_slow_nor_big():
    known = calendars("1900-01-01", "2200-12-31", country="ID")
    assert len(known.office.opens) < 300 * 262
    assert known.holidays_known == (1946, 2100)
    assert hours(known.office, "2025-03-28", "2025-04-08") == 0
    assert hours(known.office, "2150-01-01", "2150-01-02") == 8  # nobody knows its holidays
    # Batavia was 7:07:12 ahead of UTC until 1923.
    assert (known.office.opens[:5] // 1_000_000 % 86_400).tolist() == [3168] * 5


def test_moments_outside_the_span_are_refused_and_unknown_ones_stay_unknown():
    working = office("2026-03-02", "2026-03-06")
    inside, unknown = np.array([at("2026-03-03T09:00")]), np.array([UNKNOWN])
    with pytest.raises(ValueError, match=r"2020-01-01T00:00:00.* lies outside the span"):
        working.worked(np.array([at("2020-01-01T00:00Z")]))
    with pytest.raises(ValueError, match="make it for a longer one"):
        working.between(inside, np.array([at("2027-01-01")]))
    assert working.worked(unknown).tolist() == [UNKNOWN]
    assert working.between(unknown, inside).tolist() == [UNKNOWN]
    assert working.between(inside, unknown).tolist() == [UNKNOWN]
    assert working.later(unknown, np.array([5])).tolist() == [UNKNOWN]
    assert working.later(inside, np.array([UNKNOWN])).tolist() == [UNKNOWN]
    assert working.later(inside, np.array([10_000 * HOUR])).tolist() == [UNKNOWN]


def test_the_span_reaches_as_far_as_the_longest_term():
    terms = {"term": "14 working days", "by": {}, "steps": {"a": "200 working days"}}
    working = office("2026-03-02", "2026-03-02", country="ID", days="wed", standard=terms)
    [due] = working.later(np.array([at("2026-03-02")]), np.array([200 * working.day_ms]))
    assert due > at("2029-12-01")


def test_reversed_moments_have_nothing_between_them():
    working = office("2026-03-02", "2026-03-06")
    assert hours(working, "2026-03-05", "2026-03-03") == 0


def test_an_office_that_never_opens_in_the_span_has_worked_nothing():
    working = office("2026-03-03", "2026-03-03", days="fri")
    assert len(working.opens) == 0
    assert hours(working, "2026-03-02", "2026-03-04") == 0
    moment = np.array([at("2026-03-03")])
    assert working.later(moment, np.array([1])).tolist() == [UNKNOWN]
    assert working.later(moment, np.array([0])).tolist() == moment.tolist()


def test_intervals_that_cannot_be_are_refused():
    def made(**parts):
        usual = {"opens": [10, 30], "closes": [20, 40], "begins": 0, "ends": 50, "day_ms": 1}
        said = {**usual, **parts}
        arrays = {name: np.array(said.pop(name), np.int64) for name in ("opens", "closes")}
        return WorkingTime(**arrays, **said)

    assert made().between(np.array([0]), np.array([50])).tolist() == [0]  # 20 µs
    for wrong in ({"closes": [10, 40]}, {"opens": [10, 19]}, {"ends": 39}, {"begins": 11}):
        with pytest.raises(ValueError, match=r"interval"):
            made(**wrong)
    with pytest.raises(ValueError, match="opens has shape"):
        made(opens=[10])
    with pytest.raises(ValueError, match="day_ms is 0"):
        made(day_ms=0)


# The slow, independent way: look at the clock on the wall every minute.

SITES = [
    ("Asia/Jakarta", "ID", "mon-fri", [(480, 960)], "08:00-16:00"),
    ("Europe/Amsterdam", "NL", "mon-sat", [(0, 180), (510, 720), (780, 1440)],
     "00:00-03:00, 08:30-12:00, 13:00-24:00"),
    ("Australia/Lord_Howe", None, "sat-mon", [(60, 150), (600, 1440)], "01:00-02:30, 10:00-24:00"),
    ("America/St_Johns", "CA", "mon-sun", [(0, 1440)], "00:00-24:00"),
]  # fmt: skip
WEEK = {"mon-fri": {0, 1, 2, 3, 4}, "mon-sat": {0, 1, 2, 3, 4, 5}, "sat-mon": {5, 6, 0},
        "mon-sun": set(range(7))}  # fmt: skip


def minute_by_minute(site, start, minutes):
    """Whether the office works in each of so many minutes from `start` (µs) on."""
    zone, country, days, ranges, _ = site
    off = set()
    if country:
        kinds = ("public", "government") if country in {"ID", "CA"} else ("public",)
        off = set(holidays.country_holidays(country, years=range(2024, 2028), categories=kinds))
    out = []
    for minute in range(minutes):
        moment = datetime.fromtimestamp(start // 1_000_000 + 60 * minute, tz=ZoneInfo(zone))
        clock = moment.hour * 60 + moment.minute
        works = moment.weekday() in WEEK[days] and moment.date() not in off
        out.append(works and any(a <= clock < b for a, b in ranges))
    return np.array(out)


@pytest.fixture(scope="module")
def worked_by_minute():
    """Per site: its calendar, where a fortnight begins, and the minutes worked up to each."""
    found = []
    for site in SITES:
        zone, country, days, _, text = site
        working = office(
            "2024-12-01", "2027-01-10", zone=zone, country=country, days=days, hours=text
        )
        for day in ("2025-03-25", "2025-10-20", "2025-04-02", "2026-12-20"):
            start = at(f"{day}T00:00Z")
            open_ = minute_by_minute(site, start, 15 * 1440)
            found.append((working, start, np.append(0, np.cumsum(open_))))
    return found


PLACES = st.integers(0, 15)
MINUTES = st.integers(0, 15 * 1440)


@given(place=PLACES, one=MINUTES, other=MINUTES)
def test_working_time_is_what_one_counts_minute_by_minute(worked_by_minute, place, one, other):
    working, start, passed = worked_by_minute[place]
    first, last = (np.array([start + minute * MINUTE]) for minute in (one, other))
    expected = max(0, int(passed[other] - passed[one])) if other > one else 0
    assert working.between(first, last).tolist() == [expected * 60_000]


def test_every_minute_of_a_fortnight_agrees_with_the_clock_on_the_wall(worked_by_minute):
    for working, start, passed in worked_by_minute:
        moments = start + np.arange(len(passed)) * MINUTE
        told = working.worked(moments)
        assert ((told - told[0]) // MINUTE).tolist() == passed.tolist()


@given(place=PLACES, moments=st.tuples(*[st.integers(0, 15 * DAY // 1000)] * 3))
def test_what_lies_between_adds_up(worked_by_minute, place, moments):
    working, start, _ = worked_by_minute[place]
    a, b, c = (np.array([start + one * 1000]) for one in sorted(moments))
    assert working.between(a, b) + working.between(b, c) == working.between(a, c)


@given(place=PLACES, one=st.integers(0, 15 * DAY), more=st.integers(0, 15 * DAY))
def test_a_term_is_over_at_the_first_moment_by_which_it_was_worked(
    worked_by_minute, place, one, more
):
    working, start, _ = worked_by_minute[place]
    a, b = np.array([start + one]), np.array([start + one + more])
    worked = working.between(a, b)
    due = working.later(a, worked)
    assert a <= due <= b
    assert working.between(a, due) == worked
    if worked > 0:
        assert working.between(a, due - 1) < worked


@given(place=PLACES, one=st.integers(0, 15 * DAY), working_ms=st.integers(0, 100 * HOUR))
def test_so_much_working_time_later_so_much_was_worked(worked_by_minute, place, one, working_ms):
    working, start, _ = worked_by_minute[place]
    a = np.array([start + one])
    due = working.later(a, np.array([working_ms]))
    assert working.between(a, due).tolist() == [working_ms]
