"""The clock by which files wait: the working time of a unit, or plain time without a calendar."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.calendar import Calendars, WorkingTime
from eventlog.coded import Coded
from eventlog.kernels import Int8s, Int64s

DAY_MS = 86_400_000
_DAY = DAY_MS * 1000
# An office that closes for longer than this has gone home; a shorter break is lunch.
_NIGHT = 4 * 3_600_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Clock:
    """One clock that stands while its office is closed; without `working` it never stands.

    `days` are the readings at which a working day begins (a calendar day of UTC where there is no
    calendar), ascending, and `mornings` the same moments, microseconds UTC; both have shape [days].
    `day_ms` is the length of an ordinary day.
    """

    working: WorkingTime | None
    days: Int64s
    mornings: Int64s
    day_ms: int

    def read(self, moments: Int64s) -> Int64s:
        """What the clock shows at each moment, microseconds; UNKNOWN where that is UNKNOWN."""
        return moments if self.working is None else self.working.worked(moments)

    @property
    def unit(self) -> str:
        """What its days are called: `working days` or `days`."""
        return "days" if self.working is None else "working days"

    @staticmethod
    def of(working: WorkingTime | None, first: int, last: int) -> "Clock":
        """The clock of a calendar, with the days from `first` to `last`, microseconds UTC."""
        if working is None:
            mornings = np.arange(first // _DAY, last // _DAY + 1, dtype=np.int64) * _DAY
            return Clock(working=None, days=mornings, mornings=mornings, day_ms=DAY_MS)
        mornings = _mornings(working.opens, working.closes)
        low = max(0, int(np.searchsorted(mornings, first, side="right")) - 1)
        high = int(np.searchsorted(mornings, last, side="right"))
        mornings = mornings[low:high]
        return Clock(
            working=working,
            days=working.worked(mornings),
            mornings=mornings,
            day_ms=working.day_ms,
        )


def _mornings(opens: Int64s, closes: Int64s) -> Int64s:
    """When each working day begins: after a night, and every 24 hours where there are none."""
    if not len(opens):
        return opens
    after_night = np.ones(len(opens), bool)
    after_night[1:] = opens[1:] - closes[:-1] > _NIGHT
    begins = opens[after_night]
    ends = closes[np.append(np.flatnonzero(after_night)[1:] - 1, len(closes) - 1)]
    repeats = np.maximum(1, -(-(ends - begins) // _DAY))
    place = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return np.asarray(np.repeat(begins, repeats) + place * _DAY, np.int64)


def clocks(
    calendars: Calendars | None, unit: Coded, span: tuple[int, int]
) -> tuple[Sequence[Clock], Int8s]:
    """The clocks of an office, and the place of the one that each unit code goes by.

    The first is that of the office, which units without hours of their own share; the places have
    shape [labels + 1], the last one standing for a missing unit (code -1).
    """
    first, last = span
    places = np.zeros(len(unit.vocabulary) + 1, np.int8)
    if calendars is None:
        return (Clock.of(None, first, last),), places
    found = [Clock.of(calendars.office, first, last)]
    for code, label in enumerate(unit.vocabulary.labels):
        if label in calendars.units:
            places[code] = len(found)
            found.append(Clock.of(calendars.units[label], first, last))
    return found, places
