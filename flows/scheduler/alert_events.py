"""Alerts and finished runs as Prefect events, which automations can wait for."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event

_KIND = "runut.alert"
_RUN = "runut.run"


def emit(message: Mapping[str, Any], *, process: str, lake: str) -> None:
    """Emit one message of interface.md, as the event that it is by `as_event`."""
    emit_event(**as_event(message, process=process, lake=lake))


def as_event(message: Mapping[str, Any], *, process: str, lake: str) -> dict[str, Any]:
    """A message as `runut.alert.firing` or `runut.alert.resolved`, by the fields of an event.

    The event's resource is the rule and whom it was read for, the same for every alert of it; its
    labels tell process, severity, measure and subject for automations to match. An event that is
    emitted twice, for the same alert of the same lake, has the same id, so that it counts once.
    """
    subject = {name: value for name, value in message["subject"].items() if value is not None}
    return {
        "event": f"{_KIND}.{message['state']}",
        "resource": {
            "prefect.resource.id": resource_id(message, process=process),
            "prefect.resource.name": str(message["alert_id"]),
            "runut.process": process,
            "runut.severity": str(message["severity"]),
            "runut.measure": str(message["measure"]),
            **{f"runut.{name}": str(value) for name, value in subject.items()},
        },
        "payload": dict(message),
        "id": uuid5(NAMESPACE_URL, f"{lake}#{message['key']}#{message['state']}"),
    }


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


def matching(process: str) -> str:
    """The resources of all alerts of a process, as automations match them.

    >>> matching("building permit")
    'runut.alert/building%20permit/*'
    """
    return f"{_KIND}/{_plain(process)}/*"


def emit_finished(*, process: str, flow: str, run: str, counts: Mapping[str, int]) -> None:
    """Emit `runut.run.finished`: which flow of which process, and how much it did, in numbers.

    `run` is the id of the run. The resource is the same from run to run of one flow; the event's
    id is the run's own, so that a run counts once.
    """
    emit_event(
        event=f"{_RUN}.finished",
        resource={
            "prefect.resource.id": "/".join([_RUN, _plain(process), _plain(flow)]),
            "prefect.resource.name": flow,
            "runut.process": process,
            "runut.flow": flow,
        },
        payload={"process": process, "flow": flow, "counts": dict(counts)},
        id=uuid5(NAMESPACE_URL, f"{run}#finished"),
    )


def _plain(text: str) -> str:
    return quote(text, safe="")
