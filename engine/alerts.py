"""When an alert of the process file fires, and when it is over.

A rule reads a measure for one or more subjects; an alert lives from the evaluation at which the
measure passed the threshold to the one at which it no longer does. Nothing here knows where
alerts are kept or sent, so the scheduled run and a live watch judge alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine import alert_wording
from eventlog.definition_parts import Alert

State = Literal["pending", "firing", "resolved"]
# An alert names the cases to look at first; who needs all of them looks at the results.
CASES_NAMED = 20


@dataclass(frozen=True, kw_only=True, order=True)
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
    """An alert as it stands; times have an offset, `key` is the same as long as it lives."""

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


def evaluate(
    rules: Sequence[Alert],
    readings: Mapping[str, Sequence[Reading]],
    before: Sequence[Standing],
    *,
    now: datetime,
) -> list[Standing]:
    """What changes at `now`: alerts that begin to wait, that fire, and that are over.

    `readings` are by the rule's name; a rule without an entry could not be read, and its alerts
    stay as they are. `before` are the alerts that were pending or firing. An alert that was still
    pending when it ended is given as resolved too, and it is for the caller not to send it: it
    never fired. A rule that is gone ends its alerts. An evaluation that lies before the last one
    changes nothing. `now` is in the office's time zone; the result is in the order of (rule,
    subject).
    """
    standing = {(alert.alert_id, alert.subject): alert for alert in before}
    changed: list[Standing] = []
    for rule in rules:
        if rule.name not in readings:
            for key in [key for key in standing if key[0] == rule.name]:
                del standing[key]
            continue
        for reading in sorted(readings[rule.name], key=lambda r: _order(r.subject)):
            alert = standing.pop((rule.name, reading.subject), None)
            changed += _judged(rule, reading, alert, now)
    # Subjects without a reading any more (an empty queue), and rules that are gone.
    changed += [
        replace(alert, state="resolved", value=0.0, evaluated=now, cases=())
        for alert in standing.values()
        if now >= alert.evaluated
    ]
    return sorted(changed, key=lambda alert: (alert.alert_id, _order(alert.subject)))


def _judged(rule: Alert, reading: Reading, alert: Standing | None, now: datetime) -> list[Standing]:
    """The alert of one rule and subject after this reading; nothing when it stays as it is."""
    if alert is not None and now < alert.evaluated:
        return []
    threshold = rule.above if rule.above is not None else rule.below
    assert threshold is not None  # a rule has one of the two
    beyond = reading.value > threshold if rule.above is not None else reading.value < threshold
    if not beyond:
        if alert is None:
            return []
        return [replace(alert, state="resolved", value=reading.value, evaluated=now, cases=())]
    since = alert.since if alert is not None else min(reading.since or now, now)
    state: State = "firing" if now - since >= rule.for_ else "pending"
    if alert is not None and alert.state == "firing":
        state = "firing"
    found = Standing(
        alert_id=rule.name,
        key=alert.key
        if alert is not None
        else _key(rule, reading.subject, since.astimezone(now.tzinfo)),
        state=state,
        severity=rule.severity,
        measure=rule.measure,
        subject=reading.subject,
        value=reading.value,
        unit=reading.unit,
        threshold=threshold,
        usual=reading.usual,
        since=since,
        evaluated=now,
        cases=reading.cases[:CASES_NAMED],
        rule=reading.rule,
    )
    return [] if alert is not None and alert.state == state else [found]


def _key(rule: Alert, subject: Subject, since: datetime) -> str:
    parts = [rule.name]
    if subject.attribute is not None:
        parts.append(f"{subject.attribute}={subject.group}")
    return "/".join([*parts, since.isoformat()])


def _order(subject: Subject) -> tuple[str, str, str]:
    return subject.activity or "", subject.attribute or "", subject.group or ""


def living(history: Iterable[Standing]) -> list[Standing]:
    """The alerts that are pending or firing after all that is told, in the order it happened."""
    latest: dict[tuple[str, Subject], Standing] = {}
    for alert in history:
        latest[alert.alert_id, alert.subject] = alert
    return [alert for alert in latest.values() if alert.state != "resolved"]


def worth_sending(changed: Iterable[Standing], before: Iterable[Standing]) -> list[Standing]:
    """What people must hear of: alerts that fire, and those that had fired and are over."""
    fired = {alert.key for alert in before if alert.state == "firing"}
    return [
        alert
        for alert in changed
        if alert.state == "firing" or (alert.state == "resolved" and alert.key in fired)
    ]


def message(alert: Standing, *, timezone: str, url: str | None) -> dict[str, Any]:
    """The alert as it is sent to `permit.alerts` (interface.md), times in the office's zone."""
    zone = ZoneInfo(timezone)
    return {
        "alert_id": alert.alert_id,
        "key": alert.key,
        "state": alert.state,
        "severity": alert.severity,
        "measure": alert.measure,
        "subject": {
            "activity": alert.subject.activity,
            "attribute": alert.subject.attribute,
            "group": alert.subject.group,
        },
        "value": alert.value,
        "unit": alert.unit,
        "threshold": alert.threshold,
        "usual": alert.usual,
        "since": alert.since.astimezone(zone).isoformat(),
        "evaluated": alert.evaluated.astimezone(zone).isoformat(),
        "cases": list(alert.cases),
        "rule": alert.rule,
        "url": url,
        "wording": alert_wording.worded(
            measure=alert.measure,
            resolved=alert.state == "resolved",
            value=alert.value,
            unit=alert.unit,
            threshold=alert.threshold,
            since=alert.since.astimezone(zone),
            activity=alert.subject.activity,
            group=alert.subject.group,
        ),
    }
