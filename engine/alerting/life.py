"""When an alert of the process file begins, fires, is told again, and is over.

A rule reads a measure for one or more subjects; an alert lives from the evaluation at which the
measure passed the threshold to the one at which it has come back. Nothing here knows where alerts
are kept or sent, so the scheduled run and a live watch judge alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, count
from typing import Protocol

from engine.alerting.limits import Limits, beyond, learning, limits, threshold
from engine.alerting.standing import (
    CASES_NAMED,
    ENDED,
    Past,
    Reading,
    Standing,
    State,
    Subject,
    living,
)
from eventlog.definition_alert import Alert

# What belongs to the life of an alert, in one place for those who only use it.
__all__ = [
    "CASES_NAMED", "ENDED", "LOUD", "Keeping", "Past", "Quiet", "Reading", "Standing", "State",
    "Subject", "beyond", "evaluate", "judged", "learning", "living", "threshold",
]  # fmt: skip

# A subject of which nothing was read has none of these. Of the other measures nothing is known
# then, e.g. how long files wait where none was taken up for a month: their alerts stay.
_COUNTED = frozenset({"queue_length", "oldest_item", "overdue_cases", "soon_overdue_cases"})


class Quiet(Protocol):
    """Who wants to hear nothing for a time, and who has seen what (`engine.alerting.silences`)."""

    def mutes(self, alert: Standing, at: datetime) -> bool:
        """Whether nobody is told of the alert then."""

    def ended(self, alert: Standing, after: datetime, until: datetime) -> bool:
        """Whether a silence of the alert ended in (after, until]."""

    def acknowledges(self, key: str) -> bool:
        """Whether somebody has said to have seen the alert of this key."""


class _Nobody:
    """Nobody wants quiet, and nobody has seen anything."""

    def mutes(self, alert: Standing, at: datetime) -> bool:
        del alert, at
        return False

    def ended(self, alert: Standing, after: datetime, until: datetime) -> bool:
        del alert, after, until
        return False

    def acknowledges(self, key: str) -> bool:
        del key
        return False


LOUD: Quiet = _Nobody()


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How long a measure must have been back before its alert is over.

    `unless_told` holds for rules without `keep_firing_for`; `calm` is since when the measures of
    firing alerts have been back, by key (`engine.alerting.calm`). A key that is not there has been
    calm since this evaluation.
    """

    unless_told: timedelta
    calm: Mapping[str, datetime] = field(default_factory=dict)


def evaluate(
    rules: Sequence[Alert],
    readings: Mapping[str, Sequence[Reading]],
    history: Iterable[Standing] | Past,
    *,
    now: datetime,
    keeping: Keeping | None = None,
    quiet: Quiet = LOUD,
) -> list[Standing]:
    """What changes at `now`: alerts that begin, that fire, that are told again, and that are over.

    `readings` are by the rule's name; a rule without an entry could not be read, and its alerts
    stay as they are, as do those of a rule that still learns. `history` is every change so far, in
    the order it happened. A rule that is gone, or has another measure or subject now, withdraws its
    alerts. An evaluation that lies before the last change of a subject changes nothing about it:
    a mining run may judge beside a watch.

    An alert is over when its measure has been back for as long as `keeping` says; without it at
    once: a mining run does not know what lay between. A firing alert gets another row, by which it
    is told again, when its rule's `remind` has passed or a silence ended, nobody has acknowledged
    it, and the measure is not back. `now` is in the office's time zone; the result is in the order
    of (rule, subject).
    """
    past = history if isinstance(history, Past) else Past(history)
    by_name = {rule.name: rule for rule in rules}
    changed = [
        replace(alert, state="withdrawn", evaluated=now, cases=())
        for alert in past.living()
        if now >= alert.evaluated and not _asks_for(by_name.get(alert.alert_id), alert)
    ]
    for rule, reading, alert in judged(rules, readings, past, now=now):
        found = limits(rule, reading)
        if found is None:
            continue
        if alert is not None and alert.state == "firing":
            after = _of_firing(rule, reading, found, alert, now, keeping, quiet)
        else:
            after = _of_pending(rule, reading, found, alert, now, past)
        changed += [] if after is None else [after]
    # Stable: what is withdrawn comes before what the same rule begins.
    return sorted(changed, key=lambda alert: (alert.alert_id, alert.subject.order))


def judged(
    rules: Iterable[Alert],
    readings: Mapping[str, Sequence[Reading]],
    past: Past,
    *,
    now: datetime,
) -> Iterator[tuple[Alert, Reading, Standing | None]]:
    """Each reading that may change something, with its rule and the alert that lives, if any.

    Where nothing was counted for the subject of an alert any more, that is a reading of none.
    """
    alive: dict[str, dict[Subject, Standing]] = {}
    for alert in past.living():
        alive.setdefault(alert.alert_id, {})[alert.subject] = alert
    for rule in rules:
        if rule.name not in readings:
            continue
        of_rule = {
            subject: alert
            for subject, alert in alive.get(rule.name, {}).items()
            if _asks_for(rule, alert)
        }
        pairs = [(reading, of_rule.pop(reading.subject, None)) for reading in readings[rule.name]]
        if rule.measure in _COUNTED:
            pairs += [(_none_for(alert), alert) for alert in of_rule.values()]
        for reading, found in pairs:
            last = past.latest.get((rule.name, reading.subject))
            if last is None or now >= last.evaluated:
                yield rule, reading, found


def _none_for(alert: Standing) -> Reading:
    return Reading(
        subject=alert.subject, value=0.0, unit=alert.unit, usual=alert.usual or 0.0, spread=0.0
    )


def _asks_for(rule: Alert | None, alert: Standing) -> bool:
    """Whether the rule still asks what the alert was raised for."""
    return rule is not None and (rule.measure, rule.activity, rule.by) == (
        alert.measure,
        alert.subject.activity,
        alert.subject.attribute,
    )


def _of_pending(
    rule: Alert,
    reading: Reading,
    found: Limits,
    alert: Standing | None,
    now: datetime,
    past: Past,
) -> Standing | None:
    """What becomes of what does not fire yet, or is not there yet."""
    if not found.passed(reading.value):
        return None if alert is None else _over(alert, reading, found, now)
    since = alert.since if alert is not None else min(reading.since or now, now)
    # What the events tell is not all: what was seen to be over has not lasted.
    over = past.resolved.get((rule.name, reading.subject), since)
    state: State = "firing" if now - max(since, over) >= rule.for_ else "pending"
    if alert is not None and alert.state == state:
        return None
    return Standing(
        alert_id=rule.name,
        key=_key(rule, reading.subject, now, past.keys) if alert is None else alert.key,
        state=state,
        severity=rule.severity,
        measure=rule.measure,
        subject=reading.subject,
        value=reading.value,
        unit=reading.unit,
        threshold=found.threshold,
        usual=reading.usual,
        since=since,
        evaluated=now,
        cases=reading.cases[:CASES_NAMED],
        rule=reading.rule,
    )


def _of_firing(
    rule: Alert,
    reading: Reading,
    found: Limits,
    alert: Standing,
    now: datetime,
    keeping: Keeping | None,
    quiet: Quiet,
) -> Standing | None:
    """What becomes of what fires: it is over, it is told again, or it stays as it is."""
    if found.back(reading.value):
        return _over(alert, reading, found, now) if _kept(rule, alert, now, keeping) else None
    if quiet.acknowledges(alert.key) or quiet.mutes(alert, now):
        return None
    overdue = rule.remind is not None and now - alert.evaluated >= rule.remind
    if not overdue and not quiet.ended(alert, alert.evaluated, now):
        return None
    return replace(
        _measured(alert, reading, found, now),
        severity=rule.severity,
        cases=reading.cases[:CASES_NAMED],
        rule=reading.rule,
    )


def _kept(rule: Alert, alert: Standing, now: datetime, keeping: Keeping | None) -> bool:
    """Whether the measure has been back for long enough."""
    if keeping is None:
        return True
    long = keeping.unless_told if rule.keep_firing_for is None else rule.keep_firing_for
    return now - keeping.calm.get(alert.key, now) >= long


def _over(alert: Standing, reading: Reading, found: Limits, now: datetime) -> Standing:
    return replace(_measured(alert, reading, found, now), state="resolved", cases=())


def _measured(alert: Standing, reading: Reading, found: Limits, now: datetime) -> Standing:
    return replace(
        alert,
        value=reading.value,
        unit=reading.unit,
        threshold=found.threshold,
        usual=reading.usual,
        evaluated=now,
    )


def _key(rule: Alert, subject: Subject, began: datetime, used: set[str]) -> str:
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
