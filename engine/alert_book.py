"""Keeps alerts in the lake, sends what people must hear of, and remembers across restarts."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from engine.alerts import Reading, Standing, Subject, evaluate, living, message, worth_sending
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.pseudonym import pseudonym


def raise_alerts(
    lake: Lake,
    definition: Definition,
    readings: Mapping[str, Sequence[Reading]],
    *,
    now: datetime,
    key: bytes,
    url: str | None,
    send: Callable[[Sequence[dict[str, Any]]], None],
) -> list[dict[str, Any]]:
    """Judge the rules of the process file, send what changed, and keep it; what was sent.

    Sent first and kept afterwards: when the process dies between the two the same messages go out
    again under the same keys (at least once), and none is lost. Case ids leave as pseudonyms under
    `key`. Whatever `send` raises goes on to the caller, with nothing kept.
    """
    table = lake.alerts()
    before = living(_standing(row) for row in table.rows().to_pylist())
    local = now.astimezone(ZoneInfo(definition.timezone))
    changed = evaluate(definition.alerts, readings, before, now=local)
    hidden = [replace(alert, cases=_pseudonyms(alert.cases, key)) for alert in changed]
    messages = [
        message(alert, timezone=definition.timezone, url=url)
        for alert in worth_sending(hidden, before)
    ]
    if messages:
        send(messages)
    table.append(pa.Table.from_pylist([_row(alert) for alert in hidden], schema.ALERTS))
    return messages


def encode(found: Mapping[str, Any]) -> bytes:
    """The message as JSON, UTF-8."""
    return json.dumps(found, ensure_ascii=False).encode()


def _pseudonyms(cases: Sequence[str], key: bytes) -> tuple[str, ...]:
    return tuple(pseudonym(case, key) for case in cases)


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
