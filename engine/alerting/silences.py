"""For how long nobody is told of which alerts, and which alerts somebody has seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.alerting.standing import Standing

EVERY = "*"
"""Stands for all rules."""


@dataclass(frozen=True, kw_only=True)
class Silence:
    """From `since` up to `until` nobody is told of the alerts that this covers.

    `alert_id` is a rule, or `EVERY`; of activity, group and key each narrows it where it is given.
    `by` and `reason` are what the person gave who asked for it.
    """

    id: str
    alert_id: str
    activity: str | None = None
    attribute: str | None = None
    group: str | None = None
    key: str | None = None
    since: datetime
    until: datetime
    by: str | None = None
    reason: str | None = None

    def covers(self, alert: Standing) -> bool:
        """Whether the alert is one of those that it is for."""
        subject = alert.subject
        return (
            self.alert_id in {EVERY, alert.alert_id}
            and self.activity in {None, subject.activity}
            and self.attribute in {None, subject.attribute}
            and self.group in {None, subject.group}
            and self.key in {None, alert.key}
        )

    def holds(self, at: datetime) -> bool:
        """Whether it is then."""
        return self.since <= at < self.until


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """Somebody has seen the alert of this key; `by` is the name or code that was given."""

    id: str
    key: str
    at: datetime
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Silences:
    """All silences there ever were, and what was acknowledged, by key.

    Whether anybody was told of a change is decided by when that was evaluated and by these spans
    alone: so it is the same for every channel, now and after a restart.
    """

    spans: Sequence[Silence] = ()
    acknowledged: Mapping[str, Acknowledgement] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> "Silences":
        """What rows of `schema.SILENCES` say, in the order in which they came.

        A silence that was cut short counts up to its end. What is said of an alert last holds.
        """
        spans: dict[str, Silence] = {}
        seen: dict[str, Acknowledgement] = {}
        for row in rows:
            name = row["id"]
            if row["kind"] == "silence":
                spans[name] = _silence(row)
            elif row["kind"] == "acknowledge":
                seen[row["key"]] = Acknowledgement(
                    id=name, key=row["key"], at=row["from"], by=row["by"], reason=row["reason"]
                )
            elif name in spans:
                until = max(min(spans[name].until, row["from"]), spans[name].since)
                spans[name] = replace(spans[name], until=until)
            else:
                seen = {key: each for key, each in seen.items() if each.id != name}
        return cls(spans=tuple(spans.values()), acknowledged=seen)

    def mutes(self, alert: Standing, at: datetime) -> bool:
        """Whether nobody is told of the alert then."""
        return any(span.holds(at) and span.covers(alert) for span in self.spans)

    def ended(self, alert: Standing, after: datetime, until: datetime) -> bool:
        """Whether a silence of the alert ended in (after, until]."""
        return any(
            after < span.until <= until and span.since < span.until and span.covers(alert)
            for span in self.spans
        )

    def acknowledges(self, key: str) -> bool:
        """Whether somebody has said to have seen the alert of this key."""
        return key in self.acknowledged

    def seen_by(self, alert: Standing) -> Acknowledgement | None:
        """Who had seen the alert by the time that it was evaluated."""
        found = self.acknowledged.get(alert.key)
        return found if found is not None and found.at <= alert.evaluated else None


def _silence(row: Mapping[str, Any]) -> Silence:
    names = ("id", "alert_id", "activity", "attribute", "group", "key", "until", "by", "reason")
    return Silence(since=row["from"], **{name: row[name] for name in names})
