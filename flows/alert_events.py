"""Alerts as Prefect events, which automations can wait for."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event

_KIND = "runut.alert"


def emit(message: Mapping[str, Any], *, process: str, lake: str) -> None:
    """Emit one message of interface.md as `runut.alert.firing` or `runut.alert.resolved`.

    The event's resource is the rule and whom it was read for, the same for every alert of it; its
    labels tell process, severity, measure and subject for automations to match. An event that is
    emitted twice, for the same alert of the same lake, has the same id, so that it counts once.
    """
    subject = {name: value for name, value in message["subject"].items() if value is not None}
    emit_event(
        event=f"{_KIND}.{message['state']}",
        resource={
            "prefect.resource.id": resource_id(message, process=process),
            "prefect.resource.name": str(message["alert_id"]),
            "runut.process": process,
            "runut.severity": str(message["severity"]),
            "runut.measure": str(message["measure"]),
            **{f"runut.{name}": str(value) for name, value in subject.items()},
        },
        payload=dict(message),
        id=uuid5(NAMESPACE_URL, f"{lake}#{message['key']}#{message['state']}"),
    )


def resource_id(message: Mapping[str, Any], *, process: str) -> str:
    """What stays the same from alert to alert of one rule and subject, percent-encoded.

    >>> subject = {"activity": "Pay", "attribute": "district", "group": "north east"}
    >>> resource_id({"alert_id": "long queue", "subject": subject}, process="building-permit")
    'runut.alert/building-permit/long%20queue/district=north%20east'
    """
    subject = message["subject"]
    parts = [_KIND, _plain(process), _plain(message["alert_id"])]
    if subject["attribute"] is not None:
        parts.append(f"{_plain(subject['attribute'])}={_plain(subject['group'])}")
    return "/".join(parts)


def _plain(text: str) -> str:
    return quote(text, safe="")
