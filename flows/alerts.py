"""What alerts there are, and what people say of them: tell nobody for now, or it was seen."""

import difflib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from engine.alerting.book import Book
from engine.alerting.silences import EVERY, Silence, Silences
from engine.alerting.slots import Slots
from engine.alerting.standing import ENDED, Past, Standing
from engine.alerting.telling import message
from eventlog import schema
from eventlog.definition import Definition
from eventlog.errors import UsageError
from eventlog.lake import Conflict, Lake

# A silence begins, and ends by hand, so long after it was asked for: by then it is in the lake, so
# that whoever is telling of an alert at this moment knows it. And after the last change, whatever
# the clocks of two machines say: what was told stays told, and what was not is told at its end.
MARGIN = timedelta(seconds=3)
RECENT = timedelta(days=7)
_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The alerts that a person may want to see, the newest first, and the silences that hold.

    `over` are those that fired and ended within the last `RECENT` before the last evaluation.
    """

    firing: Sequence[Mapping[str, Any]]
    pending: Sequence[Mapping[str, Any]]
    over: Sequence[Mapping[str, Any]]
    silences: Sequence[Silence]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The alerts of a rule (or of `EVERY` rule) that a silence is for; of one group, or of all."""

    rule: str
    attribute: str | None = None
    group: str | None = None

    @classmethod
    def of(cls, definition: Definition, rule: str, group: str | None) -> "Scope":
        """What a person named; UsageError for a rule or an attribute that there is not."""
        names = [alert.name for alert in definition.alerts]
        if rule != EVERY and rule not in names:
            raise UsageError(_unknown("alert rule", rule, names))
        if group is None:
            return cls(rule=rule)
        attribute, equals, value = group.partition("=")
        told_by = {
            alert.by for alert in definition.alerts if alert.by and rule in {EVERY, alert.name}
        }
        if not equals:
            raise UsageError(f'--group is "{group}"; expected attribute=value, e.g. district=north')
        if attribute not in told_by:
            raise UsageError(
                f'--group names "{attribute}", but {_told_by(rule, told_by)}; nothing would be '
                "silenced"
            )
        return cls(rule=rule, attribute=attribute, group=value)

    def meets(self, span: Silence) -> bool:
        """Whether a silence was asked for with this scope, or with a part of it."""
        return (
            span.alert_id == self.rule
            and self.attribute in {None, span.attribute}
            and self.group in {None, span.group}
        )


def shown(lake: Lake, definition: Definition, *, now: datetime) -> Shown:
    """The alerts as they stand, each as its message (interface.md) and who silenced it."""
    past, silences = Book(lake).look()
    slots = Slots(definition)
    active = [span for span in silences.spans if now + MARGIN < span.until]

    def told(alert: Standing) -> dict[str, Any]:
        seen = silences.acknowledged.get(alert.key)
        found = message(
            alert,
            timezone=definition.timezone,
            url=None,
            seen=seen,
            is_closed=slots.is_closed,
        )
        covering = [span for span in active if span.covers(alert)]
        last = max(covering, key=lambda span: span.until, default=None)
        return {**found, "silenced": None if last is None else fields(last, definition)}

    newest = max((alert.evaluated for alert in past.changes), default=now)
    latest = sorted(past.latest.values(), key=lambda alert: alert.evaluated, reverse=True)
    fired = {alert.key for alert in past.changes if alert.state == "firing"}
    return Shown(
        firing=[told(alert) for alert in latest if alert.state == "firing"],
        pending=[told(alert) for alert in latest if alert.state == "pending"],
        over=[
            told(alert)
            for alert in latest
            if alert.state in ENDED and alert.key in fired and newest - alert.evaluated <= RECENT
        ],
        silences=active,
    )


def fields(span: Silence, definition: Definition) -> dict[str, Any]:
    """A silence for scripts, its times in the office's zone."""
    zone = ZoneInfo(definition.timezone)
    return {
        "id": span.id,
        "rule": span.alert_id,
        "attribute": span.attribute,
        "group": span.group,
        "from": span.since.astimezone(zone).isoformat(),
        "until": span.until.astimezone(zone).isoformat(),
        "by": span.by,
        "reason": span.reason,
    }


def silence(
    lake: Lake,
    scope: Scope,
    *,
    long: timedelta,
    reason: str,
    by: str | None,
    clock: Callable[[], datetime],
) -> Silence:
    """Tell nobody of these alerts for so `long`; they are judged and kept all the same."""

    def rows(past: Past, _silences: Silences) -> list[dict[str, Any]]:
        now = clock()
        begins = _next(now, past)
        return [
            _row(
                now,
                "silence",
                begins,
                alert_id=scope.rule,
                attribute=scope.attribute,
                group=scope.group,
                until=max(now + long, begins),
                by=by,
                reason=reason,
            )
        ]

    name = _said(lake, rows)[0]["id"]
    return next(span for span in Book(lake).look()[1].spans if span.id == name)


def unsilence(lake: Lake, scope: Scope, *, clock: Callable[[], datetime]) -> list[Silence]:
    """End the silences of this scope; UsageError where there are none."""
    ended: list[Silence] = []

    def rows(past: Past, silences: Silences) -> list[dict[str, Any]]:
        now = clock()
        ends = _next(now, past)
        active = [span for span in silences.spans if now + MARGIN < span.until]
        ended[:] = [span for span in active if scope.meets(span)]
        if not ended:
            others = ", ".join(sorted({f'"{span.alert_id}"' for span in active}))
            raise UsageError(
                f'no such silence holds for "{scope.rule}"; '
                + (f"silenced are {others}" if others else "nothing is silenced")
            )
        return [_row(now, "expire", ends, name=span.id, alert_id=span.alert_id) for span in ended]

    _said(lake, rows)
    return ended


def acknowledge(lake: Lake, key: str, *, by: str | None, clock: Callable[[], datetime]) -> Standing:
    """Note that somebody has seen the alert of this key: nobody is reminded of it any more.

    UsageError for the key of no alert that is pending or firing.
    """
    found: list[Standing] = []

    def rows(past: Past, _silences: Silences) -> list[dict[str, Any]]:
        alive = {alert.key: alert for alert in past.living()}
        if key not in alive:
            raise UsageError(_unknown("alert pending or firing with the key", key, list(alive)))
        found[:] = [alive[key]]
        now = clock()
        return [_row(now, "acknowledge", now, alert_id=alive[key].alert_id, key=key, by=by)]

    _said(lake, rows)
    return found[0]


def _said(
    lake: Lake, made: Callable[[Past, Silences], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Keep the rows that are made of what stands now; tried anew when somebody else came first."""
    for attempt in range(_ATTEMPTS):
        table = lake.silences()
        rows = made(*Book(lake).look())
        try:
            table.append(pa.Table.from_pylist(rows, schema.SILENCES))
        except Conflict:
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            return rows
    raise AssertionError("the last attempt raises or returns")


def _next(now: datetime, past: Past) -> datetime:
    """From when on something may hold that is said now."""
    told = (alert.evaluated + timedelta(microseconds=1) for alert in past.latest.values())
    return max([now + MARGIN, *told])


def _row(
    now: datetime,
    kind: str,
    begins: datetime,
    *,
    name: str | None = None,
    alert_id: str,
    **more: Any,
) -> dict[str, Any]:
    return {
        **dict.fromkeys(schema.SILENCES.names),
        "at": now,
        "kind": kind,
        "id": name or secrets.token_hex(4),
        "alert_id": alert_id,
        "from": begins,
        **more,
    }


def _told_by(rule: str, attributes: set[str]) -> str:
    whose = "the rules are" if rule == EVERY else f'"{rule}" is'
    return f"{whose} told by {', '.join(sorted(attributes)) or 'no attribute'}"


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    there = ", ".join(f'"{each}"' for each in known)
    others = f"; there are {there}" if there else "; there is none at all"
    return f'there is no {what} "{name}"{hint or others}'
