"""Reads the moments that files write down, exactly, wherever the office's clock stood.

Three traps are where other tools go silently wrong: an offset that is dropped, a clock that is
changed in spring and autumn, and a day that is taken for a month.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from eventlog.errors import StopError
from eventlog.event import EARLIEST_YEAR, LATEST_YEAR

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SECOND = 1_000_000
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (wall-clock arithmetic: the zone is added by name)
_EARLIEST = (datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
_LATEST = (datetime(LATEST_YEAR + 1, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
# One unreadable cell sends its slice, not the whole column, down the slow path.
_SLICE = 65_536
_MONTHS, _HOURS, _MINUTES, _OFFSET_HOURS = 12, 24, 60, 24

EMPTY = "timestamp is missing"
UNREADABLE = "timestamp cannot be read"
OUTSIDE = f"timestamp lies outside the years {EARLIEST_YEAR} to {LATEST_YEAR}"
PROBLEMS = ("", EMPTY, UNREADABLE, OUTSIDE)

_CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?)?(?: ?(?P<half>[AaPp][Mm]))?"
    r"(?: ?(?P<offset>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$"
)
# The year first is read as year, month, day, never as year, day, month: nobody writes that.
_YEAR_FIRST = r"^(?P<a>\d{4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,2})" + _CLOCK
_YEAR_LAST = r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4})" + _CLOCK

FORMS = "2026-03-02T09:14:00+07:00, 2026-03-02 09:14, 2026/03/02, 02-03-2026 09:14, 02/03/2026"


@dataclass(frozen=True, kw_only=True)
class Times:
    """Moments of a column: `utc` in microseconds, shape [n], 0 where `problem` is not 0.

    `problem` holds positions in PROBLEMS; `notes` says in words what had to be assumed.
    """

    utc: Int64s
    problem: npt.NDArray[np.uint8]
    notes: tuple[str, ...]


def parse(texts: pa.ChunkedArray, *, zone: ZoneInfo, column: str) -> Times:
    """Read a column of texts; those without an offset are wall-clock times of `zone`.

    Fractions finer than a microsecond are cut off. A wall-clock time that occurs twice in autumn
    counts as the first one, one that spring skips as if the clock had not been changed yet.
    StopError when the column proves both day-month and month-day order.
    """
    texts = pc.utf8_trim_whitespace(texts.cast(pa.string()))
    size = len(texts)
    wall, shift = np.zeros(size, np.int64), np.zeros(size, np.int64)
    known, read = np.zeros(size, bool), np.zeros(size, bool)
    for start in range(0, size, _SLICE):
        part = texts.slice(start, _SLICE)
        span = slice(start, start + len(part))
        wall[span], shift[span], known[span], read[span] = _fast(part)
    notes: list[str] = []
    left = np.flatnonzero(~read)
    if len(left):
        rest = texts.take(pa.array(left))
        wall[left], shift[left], known[left], read[left] = _year_last(rest, column, notes)
    problem = np.where(read, 0, PROBLEMS.index(UNREADABLE)).astype(np.uint8)
    empty = pc.fill_null(pc.equal(texts, ""), True)
    problem[np.asarray(empty.to_numpy(), bool)] = PROBLEMS.index(EMPTY)
    problem[read & _outside(wall - shift)] = PROBLEMS.index(OUTSIDE)
    utc = np.where(problem == 0, wall - shift, 0)
    naive = np.flatnonzero((problem == 0) & ~known)
    if len(naive):
        utc[naive], found = to_utc(wall[naive], zone)
        notes += [f"{column}: {note}" for note in found]
        late = naive[_outside(utc[naive])]  # by hours, at the ends of the range
        problem[late], utc[late] = PROBLEMS.index(OUTSIDE), 0
    return Times(utc=utc, problem=problem, notes=tuple(notes))


def _outside(utc: Int64s) -> Bools:
    return (utc < _EARLIEST * DAY) | (utc >= _LATEST * DAY)


def to_utc(wall: Int64s, zone: ZoneInfo) -> tuple[Int64s, list[str]]:
    """Wall-clock microseconds of `zone` as microseconds in UTC, and notes; shape [n] both ways.

    Both doubtful cases follow the offset that held *before* the clock was changed (Python's
    fold=0): 02:30 in the hour that occurs twice is the first 02:30; 02:30 in the hour that is
    skipped is 03:30 by the new time. The zone is asked once per day, so a column costs thousands
    of look-ups, not millions.
    """
    days, day_of = np.unique(wall // DAY, return_inverse=True)
    opens = np.array([_offset(int(day) * DAY, 0, zone) for day in days], np.int64)
    closes = np.array([_offset(int(day) * DAY + DAY - 1, 1, zone) for day in days], np.int64)
    utc = wall - opens[day_of]
    doubtful = np.flatnonzero((opens != closes)[day_of])
    if not len(doubtful):
        return utc, []
    values, value_of = np.unique(wall[doubtful], return_inverse=True)
    first = np.array([_offset(int(value), 0, zone) for value in values], np.int64)[value_of]
    second = np.array([_offset(int(value), 1, zone) for value in values], np.int64)[value_of]
    utc[doubtful] = wall[doubtful] - first
    twice, skipped = int((first > second).sum()), int((first < second).sum())
    notes = []
    if twice:
        notes.append(
            f"{twice:,} times occur twice in {zone.key}, when the clock is set back; "
            "each is taken as the first of the two"
        )
    if skipped:
        notes.append(
            f"{skipped:,} times do not occur in {zone.key}, when the clock is set forward; "
            "each is read as if the clock had not been changed yet"
        )
    return utc, notes


def midnights(utc: Int64s, zone: ZoneInfo) -> int:
    """How many of the moments are exactly midnight in `zone`: dates whose time was not kept."""
    # Offsets in use are whole quarters of an hour (before 1950 some were not), so only moments on
    # a quarter can be a midnight, and the zone need not be asked about the others.
    quarters, counts = np.unique(utc[utc % (900 * SECOND) == 0], return_counts=True)
    return sum(
        int(count)
        for value, count in zip(quarters, counts, strict=True)
        if local(int(value), zone).time() == time()
    )


def local(utc: int, zone: ZoneInfo) -> datetime:
    """The moment `utc` (microseconds since 1970) by the clock of `zone`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=utc)).astimezone(zone)


def _offset(wall: int, fold: int, zone: ZoneInfo) -> int:
    moment = (_EPOCH + timedelta(microseconds=wall)).replace(fold=fold, tzinfo=zone)
    offset = moment.utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * SECOND)


_Parsed = tuple[Int64s, Int64s, Bools, Bools]


def _fast(texts: pa.ChunkedArray) -> _Parsed:
    """ISO 8601 by Arrow's own parser where a whole slice agrees, else by the pattern.

    Gives wall clock (or UTC), offset to subtract, whether the offset is known, whether it was read.
    """
    size = len(texts)
    read = np.ones(size, bool)
    for zone, known in (("UTC", True), (None, False)):
        try:
            moments = pc.cast(texts, pa.timestamp("us", zone))
        except pa.ArrowInvalid:
            continue
        if moments.null_count:
            read = np.asarray(pc.is_valid(moments).to_numpy(), bool)
        micros = moments.cast(pa.int64()).fill_null(0).to_numpy()
        return micros, np.zeros(size, np.int64), np.full(size, known), read
    found = _matched(texts, _YEAR_FIRST)
    return _assembled(found, found["a"], found["b"], found["c"])


def _year_last(texts: pa.ChunkedArray, column: str, notes: list[str]) -> _Parsed:
    """02-03-2026 and its like: day or month first, decided by the evidence of all rows at once."""
    found = _matched(texts, _YEAR_LAST)
    first, second = found["a"], found["b"]
    day_first = np.flatnonzero(found["read"] & (first > _MONTHS) & (second <= _MONTHS))
    month_first = np.flatnonzero(found["read"] & (second > _MONTHS) & (first <= _MONTHS))
    if len(day_first) and len(month_first):
        one, other = texts[int(day_first[0])].as_py(), texts[int(month_first[0])].as_py()
        raise StopError(
            f'{column} holds both "{one}" (day first) and "{other}" (month first), so that '
            "03/02 could be either; write the dates as 2026-02-03 in the source"
        )
    rows = int(found["read"].sum())
    if rows:
        by = "month" if len(month_first) else "day"
        why = (
            f'as "{texts[int((month_first if len(month_first) else day_first)[0])].as_py()}" proves'
            if len(day_first) or len(month_first)
            else "which is an assumption: no day above 12 decides it"
        )
        notes.append(f"{column}: dates such as 02/03/2026 are read {by} first, {why}")
    if len(month_first):
        first, second = second, first
    return _assembled(found, found["c"], second, first)


def _matched(texts: pa.ChunkedArray, pattern: str) -> dict[str, Any]:
    """The parts of each text as integers, 0 where absent; `read` tells where the pattern fits."""
    found = pc.extract_regex(texts, pattern)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    found = found.chunk(0) if isinstance(found, pa.ChunkedArray) else found
    valid = pc.is_valid(found)

    def part(name: str) -> pa.Array:
        return pc.if_else(valid, pc.struct_field(found, name), "")

    def number(values: pa.Array) -> Int64s:
        digits = pc.if_else(pc.equal(values, ""), "0", values)
        return np.asarray(pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False), np.int64)

    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(part("fraction"), 6, "0"), 0, 6)
    half = pc.utf8_lower(part("half"))
    offset = pc.utf8_upper(part("offset"))
    digits = pc.replace_substring_regex(offset, r"[^0-9]", "")
    parts = {name: number(part(name)) for name in ("a", "b", "c", "hour", "minute", "second")}
    return {
        **parts,
        "micros": number(fraction),
        "read": _flags(valid),
        "pm": _flags(pc.equal(half, "pm")),
        "twelve": _flags(pc.not_equal(half, "")),
        "known": _flags(pc.not_equal(offset, "")),
        "west": _flags(pc.starts_with(offset, "-")),
        "offset_hours": number(pc.utf8_slice_codeunits(digits, 0, 2)),
        "offset_minutes": number(pc.utf8_slice_codeunits(digits, 2, 4)),
    }


def _flags(values: pa.Array) -> Bools:
    return np.asarray(values.to_numpy(zero_copy_only=False), bool)


def _assembled(found: dict[str, Any], year: Int64s, month: Int64s, day: Int64s) -> _Parsed:
    """Wall clock and offset from their parts; a 30 February or a 25th hour is unreadable."""
    hour = found["hour"]
    twelve = found["twelve"]
    read = found["read"] & (month >= 1) & (month <= _MONTHS) & (day >= 1)
    read &= np.where(twelve, (hour >= 1) & (hour <= _MONTHS), hour < _HOURS)
    read &= (found["minute"] < _MINUTES) & (found["second"] < _MINUTES)
    read &= (found["offset_hours"] < _OFFSET_HOURS) & (found["offset_minutes"] < _MINUTES)
    months = (np.where(read, year, 1970) - 1970) * 12 + np.where(read, month, 1) - 1
    start = months.astype("M8[M]").astype("M8[D]")
    date = start + np.where(read, day - 1, 0)
    read &= date.astype("M8[M]") == start.astype("M8[M]")
    hour = np.where(twelve, hour % 12 + np.where(found["pm"], 12, 0), hour)
    seconds = (hour * 60 + found["minute"]) * 60 + found["second"]
    wall = date.astype(np.int64) * DAY + seconds * SECOND + found["micros"]
    shift = (found["offset_hours"] * 60 + found["offset_minutes"]) * 60 * SECOND
    shift = np.where(found["west"], -shift, shift)
    return np.where(read, wall, 0), np.where(read, shift, 0), found["known"], read
