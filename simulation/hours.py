"""When an office is open: working hours, holidays, and how much work fits between two moments."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

from eventlog.errors import UsageError

Ints = npt.NDArray[np.int64]

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
CATEGORIES = ("public", "government")
WHOLE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingHours:
    """The hours that an office promises: weekdays (0 is Monday), times, zone, holidays.

    `country` is an ISO code whose public and government holidays are kept (Indonesia's collective
    leave is among the latter); None keeps none.

    >>> WorkingHours().day
    28800
    """

    weekdays: tuple[int, ...] = MONDAY_TO_FRIDAY
    opens: timedelta = timedelta(hours=8)
    closes: timedelta = timedelta(hours=16)
    zone: str = "Asia/Jakarta"
    country: str | None = "ID"

    def __post_init__(self) -> None:
        """Refuse a week without days and a day without hours."""
        if not self.weekdays or not set(self.weekdays) <= set(range(7)):
            raise UsageError(f"weekdays is {self.weekdays}; expected days from 0 (Monday) to 6")
        if not timedelta(0) <= self.opens < self.closes <= WHOLE_DAY:
            raise UsageError(
                f"open from {self.opens} until {self.closes}; expected two times of one day"
            )

    @property
    def day(self) -> int:
        """Seconds of work in one working day."""
        return round((self.closes - self.opens).total_seconds())

    def timetable(self, first: date, last: date) -> "Timetable":
        """The open intervals from `first` to `last`, both included."""
        zone = ZoneInfo(self.zone)
        free = self._holidays(first, last)
        spans: list[tuple[int, int]] = []
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            if day.weekday() in self.weekdays and day not in free:
                midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (a wall clock)
                opens, closes = (
                    round((midnight + at).replace(tzinfo=zone).timestamp())
                    for at in (self.opens, self.closes)
                )
                spans.append((opens, closes))
        return Timetable(spans)

    def _holidays(self, first: date, last: date) -> set[date]:
        if self.country is None:
            return set()
        # Not every country has government holidays, and asking for what it has not is an error.
        usual = holidays.country_holidays(self.country)
        known = holidays.country_holidays(
            self.country,
            years=range(first.year, last.year + 1),
            categories=[one for one in CATEGORIES if one in usual.supported_categories],
        )
        return set(known)


ALWAYS = WorkingHours(
    weekdays=tuple(range(7)), opens=timedelta(0), closes=WHOLE_DAY, zone="UTC", country=None
)


class Timetable:
    """Open intervals in order, with the arithmetic of working time; all in whole seconds of UTC.

    An interval holds its first second and not its last. Intervals that touch are one.

    >>> table = Timetable([(0, 10), (100, 110)])
    >>> table.between(5, 103), table.add(5, 8), table.is_open(10)
    (8, 103, False)
    """

    __slots__ = ("_array", "before", "ends", "starts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """Take the spans in order; they must not overlap."""
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in spans:
            if self.ends and start == self.ends[-1]:
                self.ends[-1] = end
            else:
                self.starts.append(start)
                self.ends.append(end)
        self.before = [0]  # working seconds before each interval
        for start, end in zip(self.starts, self.ends, strict=True):
            self.before.append(self.before[-1] + end - start)
        self._array: tuple[Ints, Ints] | None = None

    def is_open(self, at: int) -> bool:
        """Whether somebody may start work at this second."""
        k = bisect_right(self.starts, at) - 1
        return k >= 0 and at < self.ends[k]

    def worked(self, at: int) -> int:
        """Working seconds before `at`."""
        k = bisect_right(self.starts, at) - 1
        if k < 0:
            return 0
        return self.before[k] + min(at, self.ends[k]) - self.starts[k]

    def between(self, start: int, end: int) -> int:
        """Working seconds from `start` to `end`; 0 when they are reversed."""
        return max(0, self.worked(end) - self.worked(start))

    def add(self, at: int, work: int) -> int:
        """The first second at which `work` (at least 1) working seconds have passed since `at`."""
        return self.moment(self.worked(at) + work)

    def moment(self, goal: int) -> int:
        """The first second before which `goal` (at least 1) working seconds lie."""
        k = bisect_left(self.before, goal) - 1
        if k >= len(self.starts):
            closes = datetime.fromtimestamp(self.ends[-1], tz=UTC).date()
            raise UsageError(f"the timetable ends on {closes}, and planned work goes on after it")
        return self.starts[k] + goal - self.before[k]

    def overlap(self, start: int, end: int) -> list[tuple[int, int]]:
        """The intervals, cut to lie from `start` to `end`."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, end)
        return [(max(start, self.starts[k]), min(end, self.ends[k])) for k in range(first, last)]

    def without(self, away: "Timetable") -> "Timetable":
        """These hours less those of `away`: what is left of an officer's week after leave."""
        left: list[tuple[int, int]] = []
        for start, end in zip(self.starts, self.ends, strict=True):
            holes = away.overlap(start, end)
            edges = [start, *(edge for hole in holes for edge in hole), end]
            left += [(a, b) for a, b in list(pairwise(edges))[::2] if a < b]
        return Timetable(left)

    def worked_many(self, at: npt.ArrayLike) -> Ints:
        """`worked` of every moment of an array of seconds."""
        moments = np.asarray(at, np.int64)
        if self._array is None:
            corners = np.column_stack([self.starts, self.ends]).reshape(-1)
            passed = np.column_stack([self.before[:-1], self.before[1:]]).reshape(-1)
            self._array = corners.astype(np.int64), passed.astype(np.int64)
        corners, passed = self._array
        return np.interp(moments, corners, passed).round().astype(np.int64)


def spans_of_days(days: Sequence[date], zone: str) -> list[tuple[int, int]]:
    """Whole local days as spans of seconds, in order; for leave and strikes.

    >>> spans_of_days([date(2026, 3, 2)], "UTC")
    [(1772409600, 1772496000)]
    """
    place = ZoneInfo(zone)
    return [
        (
            round(datetime(day.year, day.month, day.day, tzinfo=place).timestamp()),
            round(
                (datetime(day.year, day.month, day.day) + WHOLE_DAY)  # noqa: DTZ001  (a wall clock)
                .replace(tzinfo=place)
                .timestamp()
            ),
        )
        for day in sorted(set(days))
    ]
