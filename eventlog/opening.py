"""When an office is open by its own clock on the wall, turned into moments of UTC.

Days are numbered from 1 January 1970 by the wall calendar of the office; times are in whole
seconds here, because time zones change on whole seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np

from eventlog.kernels import Bools, Int64s

DAY = 86_400
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Indonesia's collective leave (cuti bersama) is of the second kind.
_KINDS = ("public", "government")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_THURSDAY = 3  # the weekday of 1 January 1970
_FIRST_DAY = date(1970, 1, 1).toordinal()

Hours = list[tuple[int, int]]


def days_of(text: str) -> Bools:
    """Which days of the week, from Monday, "mon-fri" or "sun-thu, sat" means; shape [7]."""
    works = np.zeros(7, np.bool_)
    for part in text.lower().split(","):
        ends = [_WEEK.index(name) for name in part.strip().split("-")]
        length = (ends[-1] - ends[0]) % 7 + 1
        works[(ends[0] + np.arange(length)) % 7] = True
    return works


def hours_of(text: str) -> Hours:
    """The opening hours of a day as seconds since midnight, in order, overlaps joined.

    >>> hours_of("13:00-16:00, 08:00-12:00")
    [(28800, 43200), (46800, 57600)]
    """
    ranges = sorted(
        (_seconds(opens), _seconds(closes))
        for opens, closes in (part.strip().split("-") for part in text.split(","))
    )
    joined = ranges[:1]
    for opens, closes in ranges[1:]:
        if opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined


def holidays_known(country: str | None) -> tuple[int, int] | None:
    """The first and the last year whose holidays are known; None without a country."""
    if country is None:
        return None
    rules = holidays.country_holidays(country)
    return rules.start_year, rules.end_year


def national_holidays(country: str | None, years: Iterable[int]) -> set[date]:
    """Public holidays and government leave of the years that are known, observed days included."""
    known = holidays_known(country)
    if country is None or known is None:
        return set()
    wanted = [year for year in years if known[0] <= year <= known[1]]
    # Not every country has both kinds, and asking for what it has not is an error.
    supported = holidays.country_holidays(country).supported_categories
    kinds = [kind for kind in _KINDS if kind in supported]
    if not wanted or not kinds:
        return set()
    return set(holidays.country_holidays(country, years=wanted, categories=kinds, observed=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class Span:
    """A stretch of time with the offsets to UTC that hold in it, in seconds.

    From `since[i]` on, until the next or until `ends`, local time is UTC plus `offset[i]`; both
    have shape [changes + 1].
    """

    begins: int
    ends: int
    since: Int64s
    offset: Int64s

    @property
    def first_day(self) -> int:
        """A day by the wall calendar that is over when the span begins."""
        return self.begins // DAY - 2

    @property
    def last_day(self) -> int:
        """A day by the wall calendar that begins after the span has ended."""
        return self.ends // DAY + 2

    @staticmethod
    def of(timezone: str, begins: int, ends: int) -> "Span":
        """Ask a time zone of the IANA list for its offsets.

        It is asked once a day, and where two days differ the change is searched for between them;
        two changes within 24 hours that undo each other, which no zone has had, would go unseen.
        """
        zone = ZoneInfo(timezone)
        days = np.append(np.arange(begins, ends, DAY), ends)
        offsets = np.array([_offset(zone, moment) for moment in days.tolist()], np.int64)
        since, held = [begins], [int(offsets[0])]
        for place in np.flatnonzero(np.diff(offsets)).tolist():
            low, high = int(days[place]), int(days[place + 1])
            while high - low > 1:
                middle = (low + high) // 2
                if _offset(zone, middle) == offsets[place]:
                    low = middle
                else:
                    high = middle
            since.append(high)
            held.append(int(offsets[place + 1]))
        return Span(
            begins=begins,
            ends=ends,
            since=np.array(since, np.int64),
            offset=np.array(held, np.int64),
        )

    def national_holidays(self, country: str | None) -> set[date]:
        """Public holidays and government leave where they are known, observed days included."""
        first, last = (_date(day).year for day in (self.first_day, self.last_day))
        return national_holidays(country, range(first, last + 1))

    def open_intervals(
        self, *, week: Bools, closed: Iterable[date], hours: Hours
    ) -> tuple[Int64s, Int64s]:
        """When doors open and close in this span, seconds of UTC, ascending and disjoint.

        While one offset holds, the wall clock runs as UTC does: each such stretch takes the hours
        that its own wall clock shows, cut at its ends.
        """
        midnights = self._working_days(week, closed) * DAY
        day = np.array(hours, np.int64)
        wall_opens = (midnights[:, None] + day[:, 0]).ravel()
        wall_closes = (midnights[:, None] + day[:, 1]).ravel()
        opens, closes = [], []
        untils = np.append(self.since[1:], self.ends)
        for since, until, offset in zip(self.since, untils, self.offset, strict=True):
            first = np.searchsorted(wall_closes, since + offset, side="right")
            last = np.searchsorted(wall_opens, until + offset, side="left")
            opens.append(np.maximum(wall_opens[first:last] - offset, since))
            closes.append(np.minimum(wall_closes[first:last] - offset, until))
        starts, stops = np.concatenate(opens), np.concatenate(closes)
        # Touching intervals are one: midnight between open days, a change in opening hours.
        apart = starts[1:] != stops[:-1]
        some = np.ones(min(len(starts), 1), np.bool_)
        return starts[np.append(some, apart)], stops[np.append(apart, some)]

    def _working_days(self, week: Bools, closed: Iterable[date]) -> Int64s:
        """The numbers of the working days, ascending."""
        days = np.arange(self.first_day, self.last_day)
        works = week[(days + _THURSDAY) % 7]
        off = np.array([day.toordinal() for day in closed], np.int64) - _FIRST_DAY
        inside = off[(off >= self.first_day) & (off < self.last_day)]
        works[inside - self.first_day] = False
        return days[works]


def _date(day: int) -> date:
    return date.fromordinal(day + _FIRST_DAY)


def _seconds(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 3600 + int(minute) * 60


def _offset(zone: ZoneInfo, moment: int) -> int:
    found = (_EPOCH + timedelta(seconds=moment)).astimezone(zone).utcoffset()
    assert found is not None
    return round(found.total_seconds())
