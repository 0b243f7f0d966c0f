"""Remembers what the rules read each hour, in the lake, and so knows what is usual in this one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.alerting.measured import History, measured
from engine.alerting.slots import Slots
from engine.alerting.standing import Reading
from engine.alerting.usual import LOOKS_BACK, Asked, Usual, usual_at, with_usual
from eventlog.definition import Definition
from eventlog.lake import Conflict, Lake


class Remembered:
    """What was read hour by hour, and what is usual now; one for each watch or run.

    The lake is read once, and what is usual is worked out once an hour.
    """

    def __init__(self, lake: Lake, definition: Definition) -> None:
        self._lake = lake
        self._definition = definition
        self._slots = Slots(definition)
        self._history: History | None = None
        self._hour: datetime | None = None
        self._usual: Mapping[Asked, Usual] = {}
        self._tried = 0

    def with_usual(
        self, readings: Mapping[str, Sequence[Reading]], *, now: datetime
    ) -> dict[str, list[Reading]]:
        """The readings with what is usual at `now` for each, where that is known."""
        hour = self._slots.hour(now)
        if hour != self._hour:
            self._usual = usual_at(self._read(now), self._definition, now)
            self._hour = hour
        return with_usual(readings, self._usual)

    def keep(self, readings: Mapping[str, Sequence[Reading]], *, now: datetime) -> bool:
        """Keep what was read, unless that was done in this hour already; gives whether it was.

        What is not among the readings of the one time in an hour is not remembered for it.
        """
        hour = int(now.timestamp()) // 3600
        if hour <= self._tried or not any(readings.values()):
            return False
        history = self._read(now)
        rows = measured(readings, self._definition, now)
        try:
            kept = self._lake.measures().append(rows, at=now)
        except Conflict:  # another watch of this lake has just kept that hour
            kept = False
        self._tried = hour
        # What another watch kept is read before it is needed, in the next hour.
        more = history.since(now - LOOKS_BACK).and_then(History.of(rows)) if kept else None
        self._history = more
        return kept

    def _read(self, now: datetime) -> History:
        """All that was read in the weeks before `now`, the earliest first."""
        if self._history is None:
            self._history = History.of(self._lake.measures().rows(since=now - LOOKS_BACK))
        return self._history
