"""Tells people of alerts by e-mail, Teams, Slack, Telegram and all else that apprise delivers to.

An apprise address holds passwords and tokens: messages show only what it is named.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import apprise

from eventlog.errors import RetryError, UsageError

# From the mildest to the worst.
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
        for service in self._service:
            # What is too long for a service would never be taken: it goes in parts, unless the
            # address says otherwise.
            if "overflow_mode" not in vars(service):
                service.overflow_mode = apprise.OverflowMode.SPLIT

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Deliver messages of interface.md in one notification; RetryError when it was not taken.

        What began and is over among them is told once, as over. The worst comes first.
        """
        news = worst_first(messages)
        if not news:
            return
        taken = self._service.notify(
            title=title(news, process=self._process),
            body=body(news),
            notify_type=apprise.NotifyType.SUCCESS if over(news[0]) else _KINDS[severity(news)],
            body_format=apprise.NotifyFormat.TEXT,
        )
        if not taken:
            raise RetryError(
                f'{self._named} did not take an alert; the logger "apprise" has told why'
            )

    def close(self) -> None:
        """Nothing is kept open: apprise connects for each notification."""


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


def worst_first(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The last that is told of each key: what fires by severity, then what is over.

    Among equals the order in which they came.
    """
    last = {message["key"]: message for message in messages}
    return sorted(last.values(), key=lambda message: (over(message), _rank(message)))


def over(message: Mapping[str, Any]) -> bool:
    """Whether the alert has ended."""
    return bool(message["state"] == "resolved")


def severity(messages: Sequence[Mapping[str, Any]]) -> str:
    """The worst of what still fires, or of all where nothing does."""
    return str(min(messages, key=lambda message: (over(message), _rank(message)))["severity"])


def _rank(message: Mapping[str, Any]) -> int:
    return -list(_KINDS).index(message["severity"])


def title(messages: Sequence[Mapping[str, Any]], *, process: str) -> str:
    """What one notification is about, on one line, of at least one message."""
    ended = sum(map(over, messages))
    state = "over / selesai" if ended == len(messages) else severity(messages)
    what = _name(messages[0]) if len(messages) == 1 else f"{len(messages)} alerts"
    some = f", {ended} over / selesai" if 0 < ended < len(messages) else ""
    return f"{state}: {what}{some} ({process})"


def _name(message: Mapping[str, Any]) -> str:
    """Rule and group; group values come from events and may hold anything."""
    subject = message["subject"]
    parts = [message["alert_id"]]
    if subject["attribute"] is not None:
        parts.append(f"{subject['attribute']}={subject['group']}")
    return " ".join(", ".join(parts).split())


def body(messages: Sequence[Mapping[str, Any]]) -> str:
    """What alerts say, in each language, and where to look; keys tell repeats."""
    if len(messages) == 1:
        return _said(messages[0])
    return "\n\n\n".join(
        f"{number}. {'over / selesai' if over(message) else message['severity']}: "
        f"{_name(message)}\n\n{_said(message)}"
        for number, message in enumerate(messages, start=1)
    )


def _said(message: Mapping[str, Any]) -> str:
    blocks = ["\n".join(message["wording"].values())]
    if message["cases"]:
        blocks.append(f"Cases / permohonan: {', '.join(message['cases'])}")
    blocks.append("\n".join(part for part in (message["url"], message["key"]) if part))
    return "\n\n".join(blocks)
