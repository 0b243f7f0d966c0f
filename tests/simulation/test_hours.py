"""Working time: what fits between two moments, and when work that was begun is done."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.errors import UsageError
from simulation.hours import ALWAYS, Timetable, WorkingHours, spans_of_days


def at(text):
    return round(datetime.fromisoformat(text).timestamp())


def test_indonesian_collective_leave_is_free_and_the_days_around_it_are_not():
    table = WorkingHours().timetable(date(2025, 1, 1), date(2026, 12, 31))
    assert not table.is_open(at("2025-04-02T10:00:00+07:00"))  # cuti bersama after Idul Fitri
    assert not table.is_open(at("2025-12-26T10:00:00+07:00"))  # cuti bersama after Christmas
    assert table.is_open(at("2025-12-24T10:00:00+07:00"))
    assert not table.is_open(at("2025-12-27T10:00:00+07:00"))  # a Saturday


def test_the_first_second_of_the_day_is_open_and_the_last_moment_is_not():
    table = WorkingHours().timetable(date(2026, 3, 2), date(2026, 3, 3))
    assert table.is_open(at("2026-03-02T08:00:00+07:00"))
    assert not table.is_open(at("2026-03-02T16:00:00+07:00"))
    assert table.add(at("2026-03-02T15:00:00+07:00"), 3600) == at("2026-03-02T16:00:00+07:00")
    assert table.add(at("2026-03-02T15:00:00+07:00"), 3601) == at("2026-03-03T08:00:01+07:00")


def test_summer_time_moves_the_opening_in_utc_and_not_on_the_wall():
    table = WorkingHours(zone="Europe/Amsterdam", country="NL").timetable(
        date(2026, 3, 27), date(2026, 3, 30)
    )
    assert [datetime.fromtimestamp(s, tz=UTC).hour for s in table.starts] == [7, 6]


spans = st.lists(st.integers(1, 50), min_size=2, max_size=20).map(
    lambda gaps: np.cumsum(gaps[: len(gaps) // 2 * 2]).reshape(-1, 2).tolist()
)


@given(spans, st.integers(0, 600), st.integers(1, 100))
def test_adding_work_and_measuring_it_are_inverse(pairs, start, work):
    table = Timetable([*map(tuple, pairs), (2000, 3000)])
    end = table.add(start, work)
    assert table.between(start, end) == work
    assert table.between(start, end - 1) == work - 1


@given(spans, st.lists(st.integers(-5, 3100), min_size=1))
def test_many_moments_at_once_are_as_each_alone(pairs, moments):
    table = Timetable([*map(tuple, pairs), (2000, 3000)])
    assert table.worked_many(moments).tolist() == [table.worked(moment) for moment in moments]


def test_seconds_are_counted_one_by_one():
    table = Timetable([(3, 5), (5, 7), (10, 12)])
    open_seconds = [second for second in range(15) if table.is_open(second)]
    assert open_seconds == [3, 4, 5, 6, 10, 11]
    assert [table.worked(second) for second in range(15)] == [
        sum(one < second for one in open_seconds) for second in range(15)
    ]


def test_leave_is_whole_local_days():
    [(start, end)] = spans_of_days([date(2026, 3, 2)], "Asia/Jakarta")
    assert start == at("2026-03-02T00:00:00+07:00")
    assert end - start == 86_400


def test_an_office_that_never_closes_has_one_interval():
    table = ALWAYS.timetable(date(2026, 1, 1), date(2026, 1, 10))
    assert len(table.starts) == 1


def test_bad_hours_are_refused_and_the_end_of_the_timetable_is_named():
    with pytest.raises(UsageError, match="weekdays"):
        WorkingHours(weekdays=())
    with pytest.raises(UsageError, match="expected two times"):
        WorkingHours(opens=timedelta(hours=16), closes=timedelta(hours=8))
    with pytest.raises(UsageError, match="the timetable ends on 1970-01-01"):
        Timetable([(0, 10)]).add(5, 6)
