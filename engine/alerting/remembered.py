"""Remembers what the rules read each hour, in the lake, and so knows what is usual in this one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from engine.alerting.slots import Slots
from engine.alerting.standing import Reading, Subject
from engine.alerting.usual import LOOKS_BACK, Asked, Measured, Usual, usual_at, with_usual
from eventlog import schema
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
        self._history: list[Measured] | None = None
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
        rules = {rule.name: rule for rule in self._definition.alerts}
        found = [
            Measured(
                at=now,
                alert_id=name,
                measure=rules[name].measure,
                window=None if (w := rules[name].window) is None else w.total_seconds(),
                subject=reading.subject,
                value=reading.value,
                unit=reading.unit,
            )
            for name, each in readings.items()
            for reading in each
        ]
        try:
            rows = pa.Table.from_pylist([_row(each) for each in found], schema.MEASURES)
            kept = self._lake.measures().append(rows, at=now)
        except Conflict:  # another watch of this lake has just kept that hour
            kept = False
        self._tried = hour
        oldest = now - LOOKS_BACK
        # What another watch kept is read before it is needed, in the next hour.
        self._history = [*(each for each in history if each.at >= oldest), *found] if kept else None
        return kept

    def _read(self, now: datetime) -> list[Measured]:
        """All that was read in the weeks before `now`, the earliest first."""
        if self._history is None:
            rows = self._lake.measures().rows(since=now - LOOKS_BACK)
            self._history = [_measured(row) for row in rows.to_pylist()]
        return self._history


def _row(read: Measured) -> dict[str, Any]:
    return {
        "at": read.at,
        "alert_id": read.alert_id,
        "measure": read.measure,
        "window": read.window,
        "activity": read.subject.activity,
        "attribute": read.subject.attribute,
        "group": read.subject.group,
        "value": read.value,
        "unit": read.unit,
    }


def _measured(row: Mapping[str, Any]) -> Measured:
    subject = Subject(activity=row["activity"], attribute=row["attribute"], group=row["group"])
    rest = {k: v for k, v in row.items() if k not in {"activity", "attribute", "group"}}
    return Measured(subject=subject, **rest)
