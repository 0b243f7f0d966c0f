"""Which hours are alike: the same hour of the same weekday, and of all days of no work."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from eventlog import opening
from eventlog.definition import Definition
from eventlog.kernels import Int64s

CLOSED = 7
"""Stands for the weekday of all days on which the office is closed; Monday is 0."""
HOURS = 24


class Slots:
    """The slots of an office: weekday and hour by its own clock.

    Days on which its calendar has it closed, Sundays and holidays, are alike. Without a calendar
    in the process file nothing is known to be closed.
    """

    def __init__(self, definition: Definition) -> None:
        self._zone = ZoneInfo(definition.timezone)
        self._calendar = definition.calendar if "calendar" in definition.model_fields_set else None
        self._works = opening.days_of(definition.calendar.days)
        self._holidays: dict[int, set[date]] = {}
        self._known: dict[datetime, int] = {}

    def is_closed(self, moment: datetime) -> bool:
        """Whether the office is closed all that day."""
        day = moment.astimezone(self._zone).date()
        if self._calendar is None:
            return False
        if not self._works[day.weekday()] or day in self._calendar.holidays:
            return True
        if day.year not in self._holidays:
            self._holidays[day.year] = opening.national_holidays(self._calendar.country, [day.year])
        return day in self._holidays[day.year]

    def slot(self, moment: datetime) -> int:
        """The number of the slot of a moment: weekday (or `CLOSED`) times 24, and the hour."""
        if moment not in self._known:  # many measures are read at one moment
            local = moment.astimezone(self._zone)
            day = CLOSED if self.is_closed(moment) else local.weekday()
            self._known[moment] = day * HOURS + local.hour
        return self._known[moment]

    def hour(self, moment: datetime) -> datetime:
        """When the hour of a moment began, by the office's clock."""
        return moment.astimezone(self._zone).replace(minute=0, second=0, microsecond=0)

    @staticmethod
    def weeks(moments: Int64s) -> Int64s:
        """A number that is the same for moments (µs UTC) of one week."""
        return np.asarray(moments // (7 * 86_400_000_000))
