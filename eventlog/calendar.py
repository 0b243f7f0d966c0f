"""When the office works: how much working time lies between two moments, and where a term ends.

A calendar is a list of open intervals in UTC: every moment whose wall clock, in the office's time
zone, shows opening hours of a working day. So an hour that the change to winter time repeats
counts twice, and one that the change to summer time leaves out does not count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil
from types import MappingProxyType

import numpy as np

from eventlog import calendar_loops as loops
from eventlog import opening
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Int32s, Int64s
from eventlog.moments import moment_of

DAY = loops.DAY
SECOND = 1_000_000
_LONGEST_MARGIN = 36_525  # a century of days; a term beyond it has no moment at which it ends


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkingTime:
    """One working calendar over a span of time: its open intervals, microseconds UTC.

    `opens` and `closes` have shape [n], ascending and disjoint; the span goes from `begins` to
    `ends`, and moments outside it are refused (ValueError), because nobody knows whether the
    office worked then. `day_ms` are the working milliseconds of one ordinary working day: the sum
    of its hours. A term of "14 working days" is over when the clock ran 14 * `day_ms` working
    milliseconds, so one that begins at noon ends at noon.

    Moments may be `UNKNOWN`; what comes of them is `UNKNOWN`.

    >>> hour = 3_600_000_000
    >>> office = WorkingTime(
    ...     opens=np.array([8 * hour]), closes=np.array([16 * hour]),
    ...     begins=0, ends=24 * hour, day_ms=8 * 3_600_000)
    >>> office.between(np.array([9 * hour]), np.array([20 * hour])).tolist()
    [25200000]
    """

    opens: Int64s
    closes: Int64s
    begins: int
    ends: int
    day_ms: int

    def __post_init__(self) -> None:
        """Refuse intervals that are empty, out of order or outside the span."""
        if self.opens.shape != self.closes.shape or self.opens.ndim != 1:
            raise ValueError(f"opens has shape {self.opens.shape}, closes {self.closes.shape}")
        edges = np.column_stack([self.opens, self.closes]).ravel()
        if bool((np.diff(edges) <= 0).any()):
            raise ValueError("open intervals must be ascending, disjoint and not empty")
        if len(edges) and not self.begins <= edges[0] < edges[-1] <= self.ends:
            raise ValueError(
                f"intervals from {edges[0]} to {edges[-1]} leave the span {self.begins} to "
                f"{self.ends}"
            )
        if self.day_ms <= 0:
            raise ValueError(f"day_ms is {self.day_ms}; expected more than 0")

    @cached_property
    def _before(self) -> Int64s:
        """The working time before each interval, and all of it; shape [n + 1]."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.closes - self.opens)])

    @cached_property
    def _index(self) -> tuple[int, Int32s, Int64s, Int64s, Int64s]:
        zero = self.begins // DAY
        days = self.ends // DAY - zero + 1
        opens, closes = (np.append(side, loops.END_OF_TIME) for side in (self.opens, self.closes))
        return zero, loops.first_of_days(zero, days, closes), opens, closes, self._before

    def _refuse_outside(self, moments: Int64s) -> None:
        place = loops.first_outside(moments, self.begins, self.ends)
        if place >= 0:
            raise ValueError(
                f"{_told(int(moments[place]))} lies outside the span of the calendar, "
                f"{_told(self.begins)} to {_told(self.ends)}; make it for a longer one"
            )

    def worked(self, moments: Int64s) -> Int64s:
        """Working microseconds from the beginning of the span up to each moment; shape [n].

        This is the office's own clock: what lies between two moments is their difference.
        """
        self._refuse_outside(moments)
        out: Int64s = loops.worked(moments, *self._index)
        return out

    def between(self, start: Int64s, end: Int64s) -> Int64s:
        """Working milliseconds in [start, end) per row, 0 where end <= start; shape [n]."""
        self._refuse_outside(start)
        self._refuse_outside(end)
        out: Int64s = loops.between(start, end, *self._index)
        return out

    def later(self, start: Int64s, working_ms: Int64s) -> Int64s:
        """The first moment by which so much working time has passed since `start`; shape [n].

        Where that is the end of a day's work, it is that evening and not the next morning. No
        working time asked for gives `start` itself. `UNKNOWN` where the span ends before.
        """
        known = (start != UNKNOWN) & (working_ms != UNKNOWN)
        goal = self.worked(start) + np.where(known, working_ms, 0) * 1000
        moments = np.where(working_ms > 0, self.moment(goal), start)
        return np.where(known, moments, UNKNOWN)

    def moment(self, worked: Int64s) -> Int64s:
        """The first moment at which `worked` shows so many working microseconds; shape [n].

        `UNKNOWN` where the span has less working time than that, or the figure is `UNKNOWN`.
        """
        total = int(self._before[-1])
        inside = (worked >= 0) & (worked <= total)
        goal = np.where(inside, worked, 0)
        if not len(self.opens):
            return np.where(inside, self.begins, UNKNOWN)
        at = np.maximum(np.searchsorted(self._before, goal, side="left") - 1, 0)
        found = np.where(goal > 0, self.opens[at] + goal - self._before[at], self.begins)
        return np.where(inside, found, UNKNOWN)


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendars:
    """The office's calendar, and those of the units that differ from it.

    `holidays_known` are the first and the last year whose national holidays are known; before and
    after them only the office's own closed days count, and a result should say so. None where the
    process file names no country.
    """

    office: WorkingTime
    units: Mapping[str, WorkingTime]
    holidays_known: tuple[int, int] | None = None

    @property
    def working_day_ms(self) -> int:
        """One working day of the office, in milliseconds: what "14 working days" counts."""
        return self.office.day_ms

    def between(self, start: Int64s, end: Int64s, unit: Coded | None = None) -> Int64s:
        """Working milliseconds in [start, end) per row, by the calendar of its unit; shape [n].

        Units without a calendar of their own, and rows without a unit, go by the office's.
        """
        out = self.office.between(start, end)
        if unit is None:
            return out
        for code, label in enumerate(unit.vocabulary.labels):
            if label in self.units:
                rows = np.flatnonzero(unit.codes == code)
                out[rows] = self.units[label].between(start[rows], end[rows])
        return out

    def day_ms_of(self, unit: Coded) -> Int64s:
        """One working day of the unit of each row, in milliseconds; shape [n]."""
        labels = unit.vocabulary.labels
        days = [self.units[name].day_ms if name in self.units else None for name in labels]
        office = self.office.day_ms
        return np.array([*(office if d is None else d for d in days), office], np.int64)[unit.codes]

    def office_days(self, worked: Int64s, unit: Coded) -> Int64s:
        """Working milliseconds of units, [n], as so many days of the office: a day is a day.

        A unit that is open around the clock does in one of its days what takes one of its days,
        and a promise of three working days means three days of whoever does the work.
        """
        day = self.day_ms_of(unit)
        whole, rest = np.divmod(worked, day)
        office = self.office.day_ms
        return np.where(worked == UNKNOWN, UNKNOWN, whole * office + rest * office // day)

    @staticmethod
    def of(definition: Definition, first: int, last: int) -> "Calendars | None":
        """The calendars of a process file, made for moments from `first` to `last` (µs UTC).

        The span reaches further by what the longest promised term may need, so that deadlines lie
        in it. None where the process file has no `calendar`: then no working time is told.
        """
        if "calendar" not in definition.model_fields_set:
            return None
        said = definition.calendar
        begins = (first // DAY - 1) * DAY
        ends = (last // DAY + 2 + _margin(definition)) * DAY
        span = opening.Span.of(definition.timezone, begins // SECOND, ends // SECOND)
        closed = {*said.holidays, *span.national_holidays(said.country)}

        def calendar(days: str, hours: str, also_closed: Iterable[date]) -> WorkingTime:
            ranges = opening.hours_of(hours)
            opens, closes = span.open_intervals(
                week=opening.days_of(days), closed=closed.union(also_closed), hours=ranges
            )
            return WorkingTime(
                opens=opens * SECOND,
                closes=closes * SECOND,
                begins=begins,
                ends=ends,
                day_ms=sum(until - since for since, until in ranges) * 1000,
            )

        units = {
            name: calendar(unit.days or said.days, unit.hours or said.hours, unit.holidays)
            for name, unit in said.units.items()
        }
        return Calendars(
            office=calendar(said.days, said.hours, ()),
            units=MappingProxyType(units),
            holidays_known=opening.holidays_known(said.country),
        )


def _margin(definition: Definition) -> int:
    """Days after the last event by which every promised term is surely over."""
    standard = definition.standard
    if standard is None:
        return 0
    by_value = [term for terms in standard.by.values() for term in terms.values()]
    terms = [standard.term, *by_value, *standard.steps.values()]
    # Eight days for each allow for an office that works one day a week, and for its holidays.
    days = [
        8 * term.amount + 60 if term.working else term.elapsed.days + 1 for term in terms if term
    ]
    return min(ceil(max(days, default=0)), _LONGEST_MARGIN)


def _told(moment: int) -> str:
    return moment_of(moment).isoformat()
