"""Tells people of alerts by e-mail, Teams, Slack, Telegram and all else that apprise delivers to.

An apprise address holds passwords and tokens: messages show only what it is named.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import apprise

from eventlog.errors import RetryError, UsageError

_KINDS = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}


class AppriseChannel:
    """One address of apprise's, `service://…`, and how it is `named` in messages.

    UsageError when apprise does not understand the address.
    """

    def __init__(self, url: str, *, process: str, named: str) -> None:
        self._process = process
        self._named = named
        self._service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Runut"))
        with _silent():
            understood = self._service.add(url)
        if not understood:
            raise UsageError(
                f"the address of {named} is none that apprise understands; its documentation "
                "shows how those of each service are written"
            )

    def send(self, message: Mapping[str, Any]) -> None:
        """Deliver one message of interface.md; RetryError when the service did not take it."""
        over = message["state"] == "resolved"
        taken = self._service.notify(
            title=title(message, process=self._process),
            body=body(message),
            notify_type=apprise.NotifyType.SUCCESS if over else _KINDS[message["severity"]],
            body_format=apprise.NotifyFormat.TEXT,
        )
        if not taken:
            raise RetryError(
                f'{self._named} did not take an alert; the logger "apprise" has told why'
            )


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing of apprise's log: of an address that it cannot read it shows all but the middle."""

    def nothing(_said: logging.LogRecord) -> bool:
        return False

    apprise.logger.addFilter(nothing)
    try:
        yield
    finally:
        apprise.logger.removeFilter(nothing)


def title(message: Mapping[str, Any], *, process: str) -> str:
    """What an alert is about, on one line; group values come from events and may hold anything."""
    subject = message["subject"]
    parts = [message["alert_id"]]
    if subject["attribute"] is not None:
        parts.append(f"{subject['attribute']}={subject['group']}")
    state = "over / selesai" if message["state"] == "resolved" else message["severity"]
    return " ".join(f"{state}: {', '.join(parts)} ({process})".split())


def body(message: Mapping[str, Any]) -> str:
    """What an alert says, in each language, and where to look; its key tells repeats."""
    blocks = ["\n".join(message["wording"].values())]
    if message["cases"]:
        blocks.append(f"Cases / permohonan: {', '.join(message['cases'])}")
    blocks.append("\n".join(part for part in (message["url"], message["key"]) if part))
    return "\n\n".join(blocks)
