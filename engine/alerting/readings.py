"""Reads the measures of alert rules off what was mined."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from engine.alerting.life import CASES_NAMED, Reading, Subject
from engine.alerting.rules import NOT_CLOSED, OF_CASES, unreadable
from engine.looks import Whole
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from miners.durations import Floats
from miners.groups import groups
from miners.lateness import lateness
from miners.open_items import ONLY_NEXT, RULES, WAITING_AFTER
from miners.placed import placed

_DAY = 86_400_000
# What was taken up in so many days tells how long waiting is now.
_RECENT = 30 * _DAY * 1000
_FEWEST = 10
# How long files wait at a unit of fewer officers tells how one of them works.
_FEWEST_OFFICERS = 3


@dataclass(frozen=True, kw_only=True)
class Readings:
    """The readings by the rule's name, and why the other rules could not be read."""

    found: Mapping[str, Sequence[Reading]]
    off: Mapping[str, str]


def read_alerts(whole: Whole, definition: Definition) -> Readings:
    """Read every rule of the process file that this run can tell.

    - `queue_length` (files): open work that waits for the activity (without one, for any but the
      applicant's own);
    - `oldest_item` (working days, or days without a calendar): the age of the oldest of these;
    - `waiting_p90` (as above): of what was taken up in the last 30 days, if that is 10 or more
      and no fewer than `privacy.smallest_cell`, and of a unit only with 3 officers or more;
    - `overdue_cases` (files): open cases whose clock runs and passed their term;
    - `share_over_term` (share): of all cases, open ones counted (`miners.lateness`).

    With `by`, each value of that attribute at entry (or each unit, where it is known) is read
    apart; values that fewer cases than `privacy.smallest_cell` have are not, since alerts go out.
    Where fewer cases than that are behind what is told of a group, none of them is named.
    """
    found: dict[str, list[Reading]] = {}
    off: dict[str, str] = {}
    smallest = definition.privacy.smallest_cell
    for rule in definition.alerts:
        lacking = unreadable(rule, definition) or _lacking(whole, rule)
        if lacking is not None:
            off[rule.name] = lacking
            continue
        found[rule.name] = list(_MEASURES[rule.measure](whole, rule, smallest))
    return Readings(found=found, off=off)


def _lacking(whole: Whole, rule: Alert) -> str | None:
    """What the events do not tell that the rule needs; None when all is there."""
    if rule.measure in OF_CASES:
        return None if whole.over is not None else "terms were not looked at"
    if whole.items is None:
        return "bottlenecks were not looked for"
    if rule.measure == "waiting_p90":
        if not whole.items.waited.any():
            return "no event tells when work was started"
    elif whole.still is None:
        return NOT_CLOSED
    known = set(whole.items.activity.vocabulary.labels)
    known |= set(whole.still.activity.vocabulary.labels if whole.still else ())
    if rule.activity is not None and rule.activity not in known:
        return f'no event has the activity "{rule.activity}"'
    return _lacking_by_unit(whole, rule) if rule.by == "unit" else None


def _lacking_by_unit(whole: Whole, rule: Alert) -> str | None:
    """What the events do not tell of units; None when some of what is asked for has one."""
    items = whole.items
    assert items is not None
    if rule.measure == "waiting_p90":
        taken_up = items.waited & _activity(items.activity, rule)
        if not _known(items.unit, taken_up):
            return "no event tells which unit took it up"
        if not _known(items.resource, taken_up):
            return "no event tells who took it up; a unit of one or two officers is not told"
        return None
    waits = _waits(whole, rule)
    told = _known(_units(whole), waits) if waits.any() else bool((items.unit.codes >= 0).any())
    return None if told else "no event tells which unit has what waits"


def _known(values: Coded, rows: Bools) -> bool:
    return bool((values.codes[rows] >= 0).any())


def _queue_length(whole: Whole, rule: Alert, smallest: int) -> Iterator[Reading]:
    for subject, rows in _waiting(whole, rule, smallest):
        assert whole.still is not None
        yield Reading(
            subject=subject,
            value=len(rows),
            unit="files",
            cases=_named(
                whole, subject, whole.still.case[rows], whole.still.enabled[rows], smallest
            ),
            rule=_rules(whole, rows),
            since=_passed(whole.still.enabled[rows], rule),
        )


def _oldest_item(whole: Whole, rule: Alert, smallest: int) -> Iterator[Reading]:
    still = whole.still
    assert still is not None
    units = _units(whole)
    for subject, rows in _waiting(whole, rule, smallest):
        age, unit = _days(
            whole, still.enabled[rows], np.full(len(rows), whole.now), units.take(rows)
        )
        yield Reading(
            subject=subject,
            value=float(age.max(initial=0.0)),
            unit=unit,
            cases=_named(whole, subject, still.case[rows], still.enabled[rows], smallest),
            rule=_rules(whole, rows),
        )


def _waiting_p90(whole: Whole, rule: Alert, smallest: int) -> Iterator[Reading]:
    items = whole.items
    assert items is not None
    recent = items.waited & (items.started > whole.now - _RECENT)
    recent &= _activity(items.activity, rule)
    for subject, marked in _apart(whole, rule, smallest, items.case, items.unit):
        rows = np.flatnonzero(recent & marked)
        if len(rows) < max(_FEWEST, smallest):
            continue
        if rule.by == "unit" and _officers(items.resource.take(rows)) < _FEWEST_OFFICERS:
            continue
        days, unit = _days(whole, items.enabled[rows], items.started[rows], items.unit.take(rows))
        rank = int(np.ceil(0.9 * len(days))) - 1
        yield Reading(subject=subject, value=float(np.sort(days)[rank]), unit=unit)


def _overdue_cases(whole: Whole, rule: Alert, smallest: int) -> Iterator[Reading]:
    assert whole.over is not None
    assert whole.due is not None
    assert whole.standing is not None
    cases = np.arange(len(whole.over))
    is_open = np.zeros(len(cases), bool) if whole.is_open is None else whole.is_open
    for subject, marked in _apart(whole, rule, smallest, cases, None):
        rows = np.flatnonzero(whole.over & is_open & ~whole.standing.ended & marked)
        yield Reading(
            subject=subject,
            value=len(rows),
            unit="files",
            cases=_named(whole, subject, rows, whole.due[rows], smallest),
            since=_passed(whole.due[rows], rule),
        )


def _share_over_term(whole: Whole, rule: Alert, smallest: int) -> Iterator[Reading]:
    standing = whole.standing
    assert standing is not None
    cases = np.arange(len(standing))
    for subject, marked in _apart(whole, rule, smallest, cases, None):
        share = lateness(standing.take(marked)).share
        if share is not None:
            yield Reading(subject=subject, value=share.value, unit="share")


_MEASURES: Mapping[str, Callable[[Whole, Alert, int], Iterator[Reading]]] = {
    "queue_length": _queue_length,
    "oldest_item": _oldest_item,
    "waiting_p90": _waiting_p90,
    "overdue_cases": _overdue_cases,
    "share_over_term": _share_over_term,
}


def _waiting(whole: Whole, rule: Alert, smallest: int) -> Iterator[tuple[Subject, Int64s]]:
    """Places among the open items of what waits, for each subject of the rule."""
    still = whole.still
    assert still is not None
    waits = _waits(whole, rule)
    for subject, marked in _apart(whole, rule, smallest, still.case, _units(whole)):
        yield subject, np.flatnonzero(waits & marked)


def _waits(whole: Whole, rule: Alert) -> Bools:
    """Which open items wait, [open]: not in hand, known what for, and for the office.

    What waits for the applicant is no queue of the office, unless the rule asks for that activity.
    """
    still = whole.still
    assert still is not None
    waits: Bools = (still.started == UNKNOWN) & (still.rule != WAITING_AFTER)
    theirs = whole.applicants if rule.activity is None else ()
    waits &= _activity(still.activity, rule) & ~_labelled(still.activity, theirs)
    return waits


def _units(whole: Whole) -> Coded:
    """The unit of each open item, [open]; without an event the one that mostly does such work."""
    items, still = whole.items, whole.still
    assert items is not None
    assert still is not None
    grown, _ = placed(items, still)
    place = still.item.copy()
    # In the order in which `placed` adds them.
    more = np.flatnonzero((place < 0) & (still.rule == ONLY_NEXT))
    place[more] = len(items) + np.arange(len(more))
    codes = np.where(place >= 0, grown.unit.codes[place], np.int32(-1))
    return replace(grown.unit, codes=codes)


def _officers(resource: Coded) -> int:
    """How many different officers are named."""
    return len(np.unique(resource.codes[resource.codes >= 0]))


def _activity(activity: Coded, rule: Alert) -> Bools:
    if rule.activity is None:
        return np.ones(len(activity.codes), bool)
    return _labelled(activity, {rule.activity})


def _labelled(activity: Coded, names: Container[str]) -> Bools:
    """Which rows have one of these activities."""
    named = np.array([*(label in names for label in activity.vocabulary.labels), False])
    return np.asarray(named[activity.codes], bool)


def _apart(
    whole: Whole, rule: Alert, smallest: int, case: Int64s | Int32s, unit: Coded | None
) -> Iterator[tuple[Subject, Bools]]:
    """The subjects of a rule with the rows that are theirs; `case` [rows] is each row's case."""
    if rule.by is None:
        yield Subject(activity=rule.activity), np.ones(len(case), bool)
    elif rule.by == "unit":
        assert unit is not None  # what has no unit is not read by it
        for name, rows in groups(rule.by, unit):
            yield Subject(activity=rule.activity, attribute=rule.by, group=name), rows
    else:
        for name, marked in groups(rule.by, whole.attributes[rule.by]):
            if int(marked.sum()) >= smallest:
                subject = Subject(activity=rule.activity, attribute=rule.by, group=name)
                yield subject, marked[case]


def _days(whole: Whole, start: Int64s, end: Int64s, unit: Coded) -> tuple[Floats, str]:
    """Days from start to end per row, and which days these are."""
    if whole.calendars is None:
        return (end - start) / 1000 / _DAY, "days"
    worked = whole.calendars.office_days(whole.calendars.between(start, end, unit), unit)
    return worked / whole.calendars.working_day_ms, "working days"


def _named(
    whole: Whole, subject: Subject, case: Int64s | Int32s, urgent: Int64s, smallest: int
) -> tuple[str, ...]:
    """The cases that an alert names: of a group none, where too few of its cases are told of."""
    if subject.group is not None and len(np.unique(case)) < smallest:
        return ()
    return _case_ids(whole, case, urgent)


def _case_ids(whole: Whole, case: Int64s | Int32s, urgent: Int64s) -> tuple[str, ...]:
    """The ids of the most urgent cases: those whose moment is earliest."""
    first = case[np.argsort(urgent, kind="stable")[:CASES_NAMED]]
    ids: list[str] = whole.case_ids.take(first).to_pylist()
    return tuple(dict.fromkeys(ids))


def _rules(whole: Whole, rows: Int64s) -> str | None:
    """By which rules the open items were placed, the most frequent first."""
    assert whole.still is not None
    counts = np.bincount(whole.still.rule[rows], minlength=len(RULES))
    order = np.argsort(-counts, kind="stable")
    return ", ".join(RULES[rule] for rule in order.tolist() if counts[rule]) or None


def _passed(moments: Int64s, rule: Alert) -> datetime | None:
    """Since when there have been more than `above` of what is still there now.

    What was there and has left is not looked at, so that the threshold was passed then at the
    latest.
    """
    if rule.above is None or not 0 <= rule.above < len(moments):
        return None
    moment = int(np.sort(moments)[int(rule.above)])
    return datetime.fromtimestamp(moment / 1_000_000, UTC)
