"""Hands alerts to Prometheus' Alertmanager, which groups, silences and forwards them.

Alertmanager forgets all alerts when it restarts, and takes one for over that nobody repeats: what
still fires is to be sent by every run, not only what is news. Source: its API, version 2
(`POST /api/v2/alerts`, an array of alerts, which is taken or refused as a whole).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.posting import Address, post

_PATH = "/api/v2/alerts"
# No schedule is rarer than once a month, so that a run repeats what fires before this is over.
KEPT = timedelta(days=40)


@dataclass(frozen=True, kw_only=True)
class Alertmanager:
    """An Alertmanager at its base address, e.g. `http://alertmanager:9093`."""

    address: Address
    process: str

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Deliver messages of interface.md in their order; verdicts as of `post`."""
        ends = datetime.now(UTC) + KEPT
        alerts = [as_alert(message, process=self.process, ends=ends) for message in messages]
        base = self.address.url.strip().rstrip("/")
        post(replace(self.address, url=f"{base}{_PATH}"), json.dumps(alerts).encode())


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
