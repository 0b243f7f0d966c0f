"""Hands alerts to Prometheus' Alertmanager, which groups, silences and forwards them.

Alertmanager forgets all alerts when it restarts, and takes one for over that nobody repeats: what
still fires is to be sent by every run, not only what is news. Source: its API, version 2
(`POST /api/v2/alerts`, an array of alerts, which is taken or refused as a whole).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.posting import Address, Line

_PATH = "/api/v2/alerts"
# No schedule is rarer than once a month, so that a run repeats what fires before this is over.
KEPT = timedelta(days=40)


class Alertmanager:
    """An Alertmanager at its base address, e.g. `http://alertmanager:9093`."""

    def __init__(self, *, address: Address, process: str) -> None:
        base = address.url.strip().rstrip("/")
        self._line = Line(replace(address, url=f"{base}{_PATH}"))
        self._process = process

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Deliver messages of interface.md in their order; verdicts as of `Line`."""
        ends = datetime.now(UTC) + KEPT
        alerts = [as_alert(message, process=self._process, ends=ends) for message in messages]
        self._line.post(json.dumps(alerts).encode())

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def as_alert(message: Mapping[str, Any], *, process: str, ends: datetime) -> dict[str, Any]:
    """A message as Alertmanager wants it.

    The labels are the alert's identity there: the same when it fires and when it is over. What
    fires is taken to last until `ends`, unless it is told to be over before.
    """
    subject = {name: value for name, value in message["subject"].items() if value}
    over = message["state"] == "resolved"
    alert = {
        "labels": {
            "alertname": message["alert_id"],
            "severity": message["severity"],
            "process": process,
            "measure": message["measure"],
            **subject,
        },
        "annotations": {
            "summary": message["wording"]["en"],
            "summary_id": message["wording"]["id"],
            "key": message["key"],
            "cases": ", ".join(message["cases"]),
        },
        "startsAt": message["since"],
        "endsAt": message["evaluated"] if over else ends.isoformat(),
    }
    return alert if message["url"] is None else {**alert, "generatorURL": message["url"]}
