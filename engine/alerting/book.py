"""Keeps alerts in the lake, and tells each channel what it has not heard yet.

Kept first and told afterwards: an alert that nobody could be told of is told later, under the same
key and in its turn, even when it is over by then. Every channel has its own place in the book, so
that one that is away holds up no other. A channel that was told and could not be noted is told
again (at least once).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from engine.alerting.life import (
    Reading,
    Standing,
    Subject,
    beginning,
    evaluate,
    living,
    message,
    worth_telling,
)
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.lake.alert_table import AlertTable
from eventlog.pseudonym import pseudonym

Send = Callable[[Sequence[Mapping[str, Any]]], None]
SendOne = Callable[[Mapping[str, Any]], None]


def judge(
    lake: Lake,
    definition: Definition,
    readings: Mapping[str, Sequence[Reading]],
    *,
    now: datetime,
    key: bytes,
) -> list[Standing]:
    """Judge the rules of the process file, and keep what changed; that is returned.

    Cases are kept under pseudonyms by `key`. Conflict when somebody else judged at the same time:
    then nothing is kept, and it may be done again.
    """
    table = lake.alerts()
    history = _history(table.rows())
    local = now.astimezone(ZoneInfo(definition.timezone))
    changed = [
        replace(alert, cases=tuple(pseudonym(case, key) for case in alert.cases))
        for alert in evaluate(definition.alerts, readings, history, now=local)
    ]
    table.append(pa.Table.from_pylist([_row(alert) for alert in changed], schema.ALERTS))
    return changed


def deliver(
    lake: Lake, definition: Definition, channel: str, *, url: str | None, send: Send
) -> list[dict[str, Any]]:
    """Send what the channel of this name has not heard yet, in its order; the messages sent.

    `send` is called once, when there is something to send, and returns when all of it is safely
    there; what it raises goes on to the caller, and the channel hears the same the next time.
    """
    table, history, heard = _unheard(lake, channel)
    messages = [
        message(alert, timezone=definition.timezone, url=url)
        for _, alert in worth_telling(history, heard)
    ]
    if messages:
        send(messages)
    if heard < len(history):
        table.note(channel, len(history))
    return messages


def deliver_each(
    lake: Lake, definition: Definition, channel: str, *, url: str | None, send: SendOne
) -> list[dict[str, Any]]:
    """As `deliver`, one message at a time: what was sent before `send` raises is not sent again."""
    table, history, heard = _unheard(lake, channel)
    reached, sent = heard, []
    try:
        for place, alert in worth_telling(history, heard):
            sent.append(message(alert, timezone=definition.timezone, url=url))
            send(sent[-1])
            reached = place + 1
        reached = len(history)
    finally:
        if heard < reached:
            table.note(channel, reached)
    return sent


def firing(lake: Lake, definition: Definition, *, url: str | None) -> list[dict[str, Any]]:
    """The messages of all that fires now, whoever has heard of it."""
    return [
        message(alert, timezone=definition.timezone, url=url)
        for alert in living(_history(lake.alerts().rows()))
        if alert.state == "firing"
    ]


def _unheard(lake: Lake, channel: str) -> tuple[AlertTable, list[Standing], int]:
    """The table, its history, and how much of that the channel has heard or may skip."""
    table = lake.alerts()
    history = _history(table.rows())
    heard = table.heard(channel)
    if heard is None:
        heard = beginning(history)
        if history:
            # Written down before it is needed: what happens from here on is not skipped any more.
            table.note(channel, heard)
    return table, history, heard


def encode(found: Mapping[str, Any]) -> bytes:
    """The message as JSON, UTF-8."""
    return json.dumps(found, ensure_ascii=False).encode()


def _history(rows: pa.Table) -> list[Standing]:
    return [_standing(row) for row in rows.to_pylist()]


def _row(alert: Standing) -> dict[str, Any]:
    subject = alert.subject
    fields = {name: getattr(alert, name) for name in schema.ALERTS.names if hasattr(alert, name)}
    return {
        **fields,
        "activity": subject.activity,
        "attribute": subject.attribute,
        "group": subject.group,
        "cases": list(alert.cases),
    }


def _standing(row: Mapping[str, Any]) -> Standing:
    subject = Subject(activity=row["activity"], attribute=row["attribute"], group=row["group"])
    rest = {k: v for k, v in row.items() if k not in {"activity", "attribute", "group", "cases"}}
    return Standing(subject=subject, cases=tuple(row["cases"]), **rest)
