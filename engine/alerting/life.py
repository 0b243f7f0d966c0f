"""When an alert of the process file fires, and when it is over.

A rule reads a measure for one or more subjects; an alert lives from the evaluation at which the
measure passed the threshold to the one at which it no longer does. Nothing here knows where
alerts are kept or sent, so the scheduled run and a live watch judge alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.alerting import wording
from eventlog.definition_alert import Alert

# "withdrawn": its rule is gone or asks something else now; it is sent as resolved.
State = Literal["pending", "firing", "resolved", "withdrawn"]
ENDED = frozenset({"resolved", "withdrawn"})
# A subject of which nothing was read has none of these. Of the other measures nothing is known
# then, e.g. how long files wait where none was taken up for a month: their alerts stay.
_COUNTED = frozenset({"queue_length", "oldest_item", "overdue_cases", "soon_overdue_cases"})
# An alert names the cases to look at first; who needs all of them looks at the results.
CASES_NAMED = 20


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a measure was read for: an activity, or a group that shares a value, or everything."""

    activity: str | None = None
    attribute: str | None = None
    group: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One measure for one subject at one moment.

    `unit` is "files", "days", "working days" or "share"; `cases` are the ids of the cases behind
    it, the most urgent first; `rule` says by which rule open items were counted (interface.md);
    `since` is when the threshold was passed, where the events tell, and `usual` what is normal,
    where that is known.
    """

    subject: Subject
    value: float
    unit: str
    cases: tuple[str, ...] = ()
    rule: str | None = None
    since: datetime | None = None
    usual: float | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An alert as it stands; times have an offset, `key` is its own as long as it lives."""

    alert_id: str
    key: str
    state: State
    severity: str
    measure: str
    subject: Subject
    value: float
    unit: str
    threshold: float
    usual: float | None
    since: datetime
    evaluated: datetime
    cases: tuple[str, ...]
    rule: str | None


def beyond(
    rules: Iterable[Alert], readings: Mapping[str, Sequence[Reading]]
) -> list[tuple[Alert, Reading]]:
    """What is beyond its threshold now, however long it has been: by rule, then by subject."""
    return [
        (rule, reading)
        for rule in rules
        for reading in _in_order(readings.get(rule.name, ()))
        if _is_beyond(rule, reading)
    ]


def evaluate(
    rules: Sequence[Alert],
    readings: Mapping[str, Sequence[Reading]],
    history: Sequence[Standing],
    *,
    now: datetime,
) -> list[Standing]:
    """What changes at `now`: alerts that begin to wait, that fire, and that are over.

    `readings` are by the rule's name; a rule without an entry could not be read, and its alerts
    stay as they are. `history` is every change so far, in the order it happened. A rule that is
    gone, or has another measure or subject now, withdraws its alerts. An evaluation that lies
    before an alert's last one changes nothing about it. `now` is in the office's time zone; the
    result is in the order of (rule, subject).
    """
    by_name = {rule.name: rule for rule in rules}
    used = frozenset(alert.key for alert in history)
    changed: list[Standing] = []
    standing: dict[tuple[str, Subject], Standing] = {}
    for alert in living(history):
        if _asks_for(by_name.get(alert.alert_id), alert):
            standing[alert.alert_id, alert.subject] = alert
        elif now >= alert.evaluated:
            changed.append(replace(alert, state="withdrawn", evaluated=now, cases=()))
    for rule in rules:
        if rule.name not in readings:
            continue
        for reading in readings[rule.name]:
            alive = standing.pop((rule.name, reading.subject), None)
            changed += _judged(rule, reading, alive, now, used)
        if rule.measure in _COUNTED:
            for alert in [alert for alert in standing.values() if alert.alert_id == rule.name]:
                none = Reading(subject=alert.subject, value=0.0, unit=alert.unit)
                changed += _judged(rule, none, alert, now, used)
    # Stable: what is withdrawn comes before what the same rule begins.
    return sorted(changed, key=lambda alert: (alert.alert_id, _order(alert.subject)))


def _asks_for(rule: Alert | None, alert: Standing) -> bool:
    """Whether the rule still asks what the alert was raised for."""
    return rule is not None and (rule.measure, rule.activity, rule.by) == (
        alert.measure,
        alert.subject.activity,
        alert.subject.attribute,
    )


def threshold(rule: Alert) -> float:
    """What the measure must not pass: upwards (`above`) or downwards (`below`)."""
    limit = rule.above if rule.above is not None else rule.below
    assert limit is not None  # a rule has one of the two
    return limit


def _is_beyond(rule: Alert, reading: Reading) -> bool:
    if rule.above is not None:
        return reading.value > rule.above
    return reading.value < threshold(rule)


def _judged(
    rule: Alert, reading: Reading, alert: Standing | None, now: datetime, used: frozenset[str]
) -> list[Standing]:
    """The alert of one rule and subject after this reading; nothing when it stays as it is."""
    if alert is not None and now < alert.evaluated:
        return []
    if not _is_beyond(rule, reading):
        if alert is None:
            return []
        over = replace(
            alert,
            state="resolved",
            value=reading.value,
            unit=reading.unit,
            threshold=threshold(rule),
            evaluated=now,
            cases=(),
        )
        return [over]
    since = alert.since if alert is not None else min(reading.since or now, now)
    fires = now - since >= rule.for_ or (alert is not None and alert.state == "firing")
    state: State = "firing" if fires else "pending"
    if alert is not None and alert.state == state:
        return []
    found = Standing(
        alert_id=rule.name,
        key=_key(rule, reading.subject, now, used) if alert is None else alert.key,
        state=state,
        severity=rule.severity,
        measure=rule.measure,
        subject=reading.subject,
        value=reading.value,
        unit=reading.unit,
        threshold=threshold(rule),
        usual=reading.usual,
        since=since,
        evaluated=now,
        cases=reading.cases[:CASES_NAMED],
        rule=reading.rule,
    )
    return [found]


def _key(rule: Alert, subject: Subject, began: datetime, used: frozenset[str]) -> str:
    """The rule, the subject and the evaluation at which the alert began; never a key twice.

    Not `since`, which the events may tell alike of two firings. Evaluations of the same events are
    at the same moment; what begins anew at one is numbered.
    """
    parts = [rule.name]
    if subject.attribute is not None:
        parts.append(f"{subject.attribute}={subject.group}")
    key = "/".join([*parts, began.isoformat()])
    again = (f"{key}/{number}" for number in count(2))
    return next(name for name in chain([key], again) if name not in used)


def _order(subject: Subject) -> tuple[str, str, str]:
    return subject.activity or "", subject.attribute or "", subject.group or ""


def _in_order(readings: Iterable[Reading]) -> list[Reading]:
    return sorted(readings, key=lambda reading: _order(reading.subject))


def living(history: Iterable[Standing]) -> list[Standing]:
    """The alerts that are pending or firing after all that is told, in the order it happened."""
    latest: dict[tuple[str, Subject], Standing] = {}
    for alert in history:
        latest[alert.alert_id, alert.subject] = alert
    return [alert for alert in latest.values() if alert.state not in ENDED]


def beginning(history: Sequence[Standing]) -> int:
    """How much of the history somebody may skip who is told of alerts for the first time.

    All before the first of those that fire now: what is long over is no news.
    """
    firing = {alert.key for alert in living(history) if alert.state == "firing"}
    places = (place for place, alert in enumerate(history) if alert.key in firing)
    return next(places, len(history))


def worth_telling(history: Sequence[Standing], heard: int) -> list[tuple[int, Standing]]:
    """What people must hear of, who have heard the first `heard` changes, each with its place.

    That are alerts that fire, and those that had fired and are over. What ended while it was still
    pending never fired, and nobody hears of it.
    """
    fired: set[str] = set()
    told: list[tuple[int, Standing]] = []
    for place, alert in enumerate(history):
        news = alert.state == "firing" or (alert.state in ENDED and alert.key in fired)
        if alert.state == "firing":
            fired.add(alert.key)
        if news and place >= heard:
            told.append((place, alert))
    return told


def message(alert: Standing, *, timezone: str, url: str | None) -> dict[str, Any]:
    """The alert as it is sent to `permit.alerts` (interface.md), times in the office's zone."""
    zone = ZoneInfo(timezone)
    return {
        "alert_id": alert.alert_id,
        "key": alert.key,
        "state": "resolved" if alert.state in ENDED else alert.state,
        "severity": alert.severity,
        "measure": alert.measure,
        "subject": {
            "activity": alert.subject.activity,
            "attribute": alert.subject.attribute,
            "group": alert.subject.group,
        },
        "value": _figure(alert.value),
        "unit": alert.unit,
        "threshold": _figure(alert.threshold),
        "usual": None if alert.usual is None else _figure(alert.usual),
        "since": alert.since.astimezone(zone).isoformat(),
        "evaluated": alert.evaluated.astimezone(zone).isoformat(),
        "cases": list(alert.cases),
        "rule": alert.rule,
        "url": url,
        "wording": wording.worded(
            measure=alert.measure,
            state=alert.state,
            value=alert.value,
            unit=alert.unit,
            threshold=alert.threshold,
            since=alert.since.astimezone(zone),
            activity=alert.subject.activity,
            group=alert.subject.group,
        ),
    }


def _figure(value: float) -> float | int:
    """A count as a whole number, as people and the contract write it."""
    return int(value) if float(value).is_integer() else value
