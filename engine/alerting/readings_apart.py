"""Whom an alert rule is told of, each apart, over what time, and which cases may be named."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.alerting.life import CASES_NAMED, Subject
from engine.alerting.rules import window_of
from engine.watching.watched import Watched
from eventlog.coded import Coded
from eventlog.definition_alert import Alert
from eventlog.kernels import Bools, Int32s, Int64s
from eventlog.moments import moment_of
from miners.durations import Floats

DAY = 86_400_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """A rule, what it is read from, and the fewest cases that a group must have to be told."""

    watched: Watched
    rule: Alert
    smallest: int

    @property
    def window(self) -> int:
        """How far the rule looks back or ahead, µs."""
        return round(window_of(self.rule).total_seconds() * 1_000_000)

    def lately(self, moments: Int64s) -> Bools:
        """Which moments lie in the window that ends now; its beginning does not belong to it."""
        now = self.watched.now
        return np.asarray((moments > now - self.window) & (moments <= now))

    def asked_of(self, activity: Coded) -> Bools:
        """Which rows have the rule's activity; all without one."""
        if self.rule.activity is None:
            return np.ones(len(activity.codes), bool)
        return labelled(activity, {self.rule.activity})

    def recent(self, activity: Coded, moments: Int64s) -> Int64s:
        """The places of those rows, of which the moment lies in the window; both [rows]."""
        if self.rule.activity is None:
            return np.flatnonzero(self.lately(moments))
        rows = np.flatnonzero(self.asked_of(activity))
        return rows[self.lately(moments[rows])]

    @property
    def subject(self) -> Subject:
        """What the rule is told of where it takes nothing apart."""
        return Subject(activity=self.rule.activity)

    def units_ever(self) -> set[str]:
        """The units that ever had such work, as the source writes them."""
        asked = self.rule.activity
        pairs = self.watched.ever.items
        return {unit for name, unit in pairs if unit is not None and asked in {None, name}}


def labelled(column: Coded, names: Container[str]) -> Bools:
    """Which rows have one of these labels."""
    named = np.array([*(label in names for label in column.vocabulary.labels), False])
    return np.asarray(named[column.codes], bool)


def apart(
    asked: Asked,
    rows: Int64s,
    case: Int64s | Int32s,
    *,
    unit: Coded | None = None,
    units: Iterable[str] = (),
) -> Iterator[tuple[Subject, Int64s]]:
    """The subjects of a rule, by name, with those of the `rows` that are theirs, in their order.

    `case` is the case of every row there is, `unit` its unit; of `units` each is told of, though
    it may have no row. Of an attribute's values those are that enough cases ever had.
    """
    rule = asked.rule
    if rule.by is None:
        yield asked.subject, rows
        return
    if rule.by == "unit":
        assert unit is not None  # what has no unit is not read by it
        names = sorted({label.lower() for label in units})
        place = _places(unit, names)[unit.codes[rows]]
    else:
        names = groups_ever(asked.watched, rule.by, asked.smallest)
        values = asked.watched.cases.attributes.get(rule.by)
        if values is None:
            return
        place = _places(values, names)[values.codes[case[rows]]]
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(len(names) + 1, dtype=place.dtype))
    for name, first, last in zip(names, edges, edges[1:], strict=False):
        subject = Subject(activity=rule.activity, attribute=rule.by, group=name)
        yield subject, rows[order[first:last]]


def groups_ever(watched: Watched, attribute: str, smallest: int) -> list[str]:
    """The values of an attribute, in small letters, that at least `smallest` cases ever had."""
    counts: dict[str, int] = {}
    for value, cases in watched.ever.cases.get(attribute, {}).items():
        counts[value.lower()] = counts.get(value.lower(), 0) + cases
    return sorted(name for name, count in counts.items() if count >= smallest)


def _places(column: Coded, names: Sequence[str]) -> npt.NDArray[np.signedinteger[Any]]:
    """Which of the names each code stands for, -1 for none of them and for no label.

    Sorted fast where there are few.
    """
    place: Mapping[str, int] = {name: number for number, name in enumerate(names)}
    found = [*(place.get(label.lower(), -1) for label in column.vocabulary.labels), -1]
    few = len(names) < np.iinfo(np.int16).max
    return np.array(found, np.int16 if few else np.int32)


def days(watched: Watched, start: Int64s, end: Int64s, unit: Coded) -> tuple[Floats, str]:
    """Days from start to end per row, and which days these are."""
    calendars = watched.calendars
    if calendars is None:
        return (end - start) / 1000 / DAY, "days"
    worked = calendars.between(start, end, unit)
    # A day of whoever has no hours of their own is one of the office as it is.
    own = np.flatnonzero(labelled(unit, calendars.units))
    worked[own] = calendars.office_days(worked[own], unit.take(own))
    return worked / calendars.working_day_ms, "working days"


def named(asked: Asked, subject: Subject, case: Int64s | Int32s, urgent: Int64s) -> tuple[str, ...]:
    """The cases that an alert names: of a group none, where too few of its cases are told of.

    These are the most urgent ones: those whose moment is earliest.
    """
    if subject.group is not None and _are_few(case, asked.smallest):
        return ()
    rows = np.arange(len(case))
    if len(rows) > CASES_NAMED:
        rows = np.flatnonzero(urgent <= np.partition(urgent, CASES_NAMED - 1)[CASES_NAMED - 1])
    # A watch keeps cases in another order than a mining run.
    order = np.lexsort((asked.watched.cases.key[case[rows]], urgent[rows]))
    first = case[rows[order[:CASES_NAMED]]].astype(np.int64)
    return tuple(dict.fromkeys(asked.watched.ids(first)))


def _are_few(case: Int64s | Int32s, smallest: int) -> bool:
    """Whether the rows are of fewer different cases; mostly the first rows tell that they are not.

    Many pieces of work of one case are still one case.
    """
    some = case[: 8 * smallest]
    return len(np.unique(some)) < smallest and len(np.unique(case)) < smallest


def passed(moments: Int64s, rule: Alert) -> datetime | None:
    """Since when there have been more than `above` of what is still there now.

    What was there and has left is not looked at, so that the threshold was passed then at the
    latest.
    """
    if rule.above is None or not 0 <= rule.above < len(moments):
        return None
    place = int(rule.above)
    return moment_of(int(np.partition(moments, place)[place]))
