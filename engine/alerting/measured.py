"""What the rules read hour by hour: in columns, since there are hundreds of thousands of values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from engine.alerting.standing import Reading, Subject
from eventlog import schema
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.kernels import Bools, Int64s
from eventlog.moments import microseconds
from miners.shares import Floats

_ASKED = ("alert_id", "measure", "window", "activity", "attribute", "group", "unit")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a rule asked of a subject when it was read; `window` in seconds."""

    alert_id: str
    measure: str
    window: float | None
    subject: Subject
    unit: str

    def is_of(self, rule: Alert | None) -> bool:
        """Whether the rule still asks this."""
        return rule is not None and (self.measure, self.window) == (rule.measure, _seconds(rule))


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """Values that were read, [values]: when (µs UTC), for which of the `questions`, and what."""

    questions: tuple[Question, ...]
    at: Int64s
    question: Int64s
    value: Floats

    @staticmethod
    def of(rows: pa.Table) -> "History":
        """What rows of `schema.MEASURES` tell."""
        known: dict[tuple[Any, ...], int] = {}
        asked = zip(*(rows.column(name).to_pylist() for name in _ASKED), strict=True)
        place = [known.setdefault(one, len(known)) for one in asked]
        return History(
            questions=tuple(_question(*one) for one in known),
            at=rows.column("at").cast(pa.int64()).to_numpy().astype(np.int64),
            question=np.array(place, np.int64),
            value=rows.column("value").to_numpy().astype(np.float64),
        )

    def since(self, moment: datetime) -> "History":
        """What was read at the moment or later."""
        return self.where(self.at >= microseconds(moment))

    def where(self, wanted: Bools) -> "History":
        """The values that are wanted, [values]."""
        return replace(
            self, at=self.at[wanted], question=self.question[wanted], value=self.value[wanted]
        )

    def and_then(self, more: "History") -> "History":
        """This, and what was read next."""
        known = {question: place for place, question in enumerate(self.questions)}
        place = [known.setdefault(question, len(known)) for question in more.questions]
        return History(
            questions=tuple(known),
            at=np.concatenate([self.at, more.at]),
            question=np.concatenate([self.question, np.array(place, np.int64)[more.question]]),
            value=np.concatenate([self.value, more.value]),
        )


def measured(
    readings: Mapping[str, Sequence[Reading]], definition: Definition, at: datetime
) -> pa.Table:
    """What the rules read at a moment, as rows of `schema.MEASURES`."""
    rules = {rule.name: rule for rule in definition.alerts}
    rows: Iterable[dict[str, object]] = (
        {
            "at": at,
            "alert_id": name,
            "measure": rules[name].measure,
            "window": _seconds(rules[name]),
            "activity": reading.subject.activity,
            "attribute": reading.subject.attribute,
            "group": reading.subject.group,
            "value": float(reading.value),
            "unit": reading.unit,
        }
        for name, each in readings.items()
        for reading in each
    )
    return pa.Table.from_pylist(list(rows), schema.MEASURES)


def _seconds(rule: Alert) -> float | None:
    return None if rule.window is None else rule.window.total_seconds()


def _question(
    alert_id: str,
    measure: str,
    window: float | None,
    activity: str | None,
    attribute: str | None,
    group: str | None,
    unit: str,
) -> Question:
    subject = Subject(activity=activity, attribute=attribute, group=group)
    return Question(alert_id=alert_id, measure=measure, window=window, subject=subject, unit=unit)
