"""The calendars of a process, made once for the years that its events are in."""

from datetime import UTC, datetime

from eventlog.calendar import Calendars
from eventlog.definition import Definition


class OpeningHours:
    """Gives the calendars for a span of time; makes them anew only when it reaches further."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._made: Calendars | None = None
        self._first, self._last = 0, -1

    @property
    def known(self) -> bool:
        """Whether the process file has a calendar at all."""
        return "calendar" in self._definition.model_fields_set

    def __call__(self, first: int, last: int) -> Calendars:
        """The calendars for moments from `first` to `last`, microseconds since 1970 UTC."""
        if self._made is None or first < self._first or last > self._last:
            self._first = min(first, self._first) if self._made else first
            self._last = max(last, self._last) if self._made else last
            # Whole years, so that a stream makes them rarely.
            begins, ends = _year(self._first), _year(self._last) + 2
            self._first, self._last = _start(begins), _start(ends) - 1
            self._made = Calendars.of(self._definition, self._first, self._last)
        if self._made is None:
            raise ValueError("the process file has no calendar")
        return self._made


def _year(moment: int) -> int:
    return datetime.fromtimestamp(moment // 1_000_000, UTC).year


def _start(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
