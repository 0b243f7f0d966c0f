"""A moment in a file is the same moment in the lake, to the microsecond, whatever its form."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import times
from eventlog.errors import StopError

JAKARTA, AMSTERDAM = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/Amsterdam")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(*texts, zone=AMSTERDAM):
    return times.parse(pa.chunked_array([list(texts)], pa.string()), zone=zone, column="time")


def written(parsed):
    return [
        (EPOCH + timedelta(microseconds=int(utc))).isoformat() if not problem else None
        for utc, problem in zip(parsed.utc, parsed.problem, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:14:00+07:00", "2026-03-02T02:14:00+00:00"),
        ("2026-03-02 09:14:00.123456-03:30", "2026-03-02T12:44:00.123456+00:00"),
        ("2026-03-02T09:14:00.1+0200", "2026-03-02T07:14:00.100000+00:00"),
        ("2026-03-02T09:14:00+02", "2026-03-02T07:14:00+00:00"),
        ("2026-03-02T09:14:00Z", "2026-03-02T09:14:00+00:00"),
        ("2026-03-02T09:14:00.123456789Z", "2026-03-02T09:14:00.123456+00:00"),
        ("2026-03-02T09:14:00,5 UTC", "2026-03-02T09:14:00.500000+00:00"),
        ("2026-07-02T09:14", "2026-07-02T07:14:00+00:00"),
        ("2026/03/02 09:14:00.123", "2026-03-02T08:14:00.123000+00:00"),
        (" 2026-03-02 ", "2026-03-01T23:00:00+00:00"),
        ("25-03-2026", "2026-03-24T23:00:00+00:00"),
        ("25/3/2026 9:14", "2026-03-25T08:14:00+00:00"),
        ("25.03.2026 09.14.05", "2026-03-25T08:14:05+00:00"),
        ("3/25/2026 12:05:00 AM", "2026-03-24T23:05:00+00:00"),
        ("3/25/2026 12:05 PM", "2026-03-25T11:05:00+00:00"),
        ("0001-01-01", None),
        ("1899-12-31T23:59:59.999999Z", None),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00+00:00"),
        ("2200-12-31T23:59:59.999999Z", "2200-12-31T23:59:59.999999+00:00"),
        ("2201-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59.999999999", None),
        ("2026-02-30", None),
        ("2026-25-03", None),
        ("2026-03-02T25:00", None),
        ("2026-03-02T09:60", None),
        ("2026-03-02T09:14:00+99:00", None),
        ("46083.38", None),
        ("", None),
    ],
)
def test_every_form_is_read_exactly_or_not_at_all(text, expected):
    assert written(parse(text)) == [expected]
    # The same beside a neighbour that makes the fast way impossible.
    assert written(parse(text, "nonsense")) == [expected, None]


def test_a_limit_of_years_is_one_of_the_moment_not_of_its_writing():
    texts, expected = (
        ["1900-01-01T00:30:00+07:00", "2201-01-01T00:30:00+07:00"],
        [None, "2200-12-31T17:30:00+00:00"],
    )
    assert written(parse(*texts)) == expected
    assert written(parse(*texts, "nonsense")) == [*expected, None]
    assert written(parse("1900-01-01T00:30:00", zone=JAKARTA)) == [None]


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    datetime(1901, 1, 1),  # noqa: DTZ001 (Hypothesis takes the zone apart)
    datetime(2199, 12, 31),  # noqa: DTZ001
    timezones=OFFSETS,
)


@given(st.lists(MOMENTS, min_size=1, max_size=8), st.sampled_from(["T", " "]), st.booleans())
def test_what_python_writes_is_read_back_to_the_microsecond(moments, separator, spoilt):
    texts = [moment.isoformat(separator) for moment in moments]
    parsed = parse(*texts, *(["nonsense"] if spoilt else []))
    expected = [(moment - EPOCH) // timedelta(microseconds=1) for moment in moments]
    assert parsed.utc[: len(moments)].tolist() == expected


ZONES = [
    "Europe/Amsterdam",
    "Asia/Jakarta",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]


@given(
    st.lists(st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)), min_size=1, max_size=20),  # noqa: DTZ001
    st.sampled_from(ZONES),
)
def test_times_without_an_offset_are_those_of_python_in_that_zone(naive, name):
    zone = ZoneInfo(name)
    parsed = parse(*[moment.isoformat() for moment in naive], zone=zone)
    expected = [
        (moment.replace(tzinfo=zone).astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
        for moment in naive
    ]
    assert parsed.utc.tolist() == expected


@pytest.mark.parametrize("name", ZONES)
def test_every_quarter_hour_of_a_year_of_changing_clocks_is_right(name):
    zone = ZoneInfo(name)
    wall = np.arange(
        np.datetime64("2011-01-01"), np.datetime64("2012-01-02"), np.timedelta64(15, "m")
    ).astype("M8[us]")
    utc, _ = times.to_utc(wall.astype(np.int64), zone)
    expected = [
        moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for moment in wall.tolist()
    ]
    assert (utc.astype("M8[us]") == np.array(expected, "M8[us]")).all()


def test_times_that_occur_twice_or_never_follow_the_clock_before_the_change_and_are_counted():
    parsed = parse("2026-10-25T02:30:00", "2026-03-29T02:30:00", "2026-03-29T01:59:59")
    assert written(parsed) == [
        "2026-10-25T00:30:00+00:00",  # 02:30 CEST, the first of the two
        "2026-03-29T01:30:00+00:00",  # 02:30 CET, shown as 03:30 CEST
        "2026-03-29T00:59:59+00:00",
    ]
    assert [note.split(",")[0] for note in parsed.notes] == [
        "time: 1 times occur twice in Europe/Amsterdam",
        "time: 1 times do not occur in Europe/Amsterdam",
    ]


def test_one_day_above_twelve_decides_for_the_whole_column():
    day = parse("02/03/2026", "25/03/2026", zone=JAKARTA)
    assert written(day)[0] == "2026-03-01T17:00:00+00:00"
    assert day.notes == (
        'time: dates such as 02/03/2026 are read day first, as "25/03/2026" proves',
    )
    month = parse("02/03/2026", "03/25/2026", zone=JAKARTA)
    assert written(month)[0] == "2026-02-02T17:00:00+00:00"
    assert "month first" in month.notes[0]


def test_without_evidence_the_day_comes_first_and_that_is_said():
    parsed = parse("02/03/2026 09:14")
    assert written(parsed) == ["2026-03-02T08:14:00+00:00"]
    assert "an assumption: no day above 12 decides it" in parsed.notes[0]


def test_proof_of_both_orders_is_refused_with_the_two_values():
    with pytest.raises(StopError, match=r'both "25/03/2026" \(day first\) and "03/26/2026"'):
        parse("25/03/2026", "01/02/2026", "03/26/2026")


def test_midnights_are_those_of_the_zone():
    utc = np.array([0, 17 * 3600, 86_400 - 3600, 17 * 3600 + 1]) * times.SECOND
    assert times.midnights(utc, JAKARTA) == 1
    assert times.midnights(utc, ZoneInfo("UTC")) == 1
