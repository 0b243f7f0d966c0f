"""How days, months and moments are written in the language that is spoken."""

import re
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date

from reports.language import Language, say, spoken

_DAY, _MONTH = "d MMM y", "MMM y"
_DATED = 10
"""So many letters of a time are its date."""


def day(time: str) -> str:
    """The day of a time or date; one that is not ISO 8601 stays as it is.

    >>> day("2026-03-02T09:14:05+07:00"), day("2026-08-02"), day("")
    ('2 Mar 2026', '2 Aug 2026', '')
    """
    return _dated(time, _DAY, spoken())


def month(time: str) -> str:
    """The month of a time, a date or a month; one that is not ISO 8601 stays as it is.

    >>> month("2026-08-02"), month("2026-05")
    ('Aug 2026', 'May 2026')
    """
    return _dated(f"{time}-01" if re.fullmatch(r"\d{4}-\d\d", time) else time, _MONTH, spoken())


def moment(time: str) -> str:
    """A time to the minute, with its distance to UTC; one that is not ISO 8601 stays as it is.

    >>> moment("2026-03-02T09:14:05.123+00:00"), moment("2026-03-02T16:14:00+07:00")
    ('2 Mar 2026, 09:14 UTC', '2 Mar 2026, 16:14 UTC+7')
    """
    try:
        told = datetime.fromisoformat(time)
    except ValueError:
        return time
    hours, minutes = told.strftime("%H %M").split()
    said = say("%(day)s, %(hours)s:%(minutes)s", day=day(time), hours=hours, minutes=minutes)
    return f"{said} {_zone(told)}" if told.tzinfo else said


def _zone(told: datetime) -> str:
    offset = told.strftime("%z")
    hours, minutes = int(offset[:3]), offset[3:5]
    beyond = f"{hours:+}" if minutes == "00" else f"{offset[:3]}:{minutes}"
    return "UTC" if offset[1:5] == "0000" else f"UTC{beyond}"


@lru_cache(maxsize=4096)
def _dated(time: str, form: str, language: Language) -> str:
    try:
        return format_date(date.fromisoformat(time[:_DATED]), form, locale=language.locale)
    except ValueError:
        return time
