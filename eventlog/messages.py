"""Reads one message in any form that offices send, or says in a sentence why it cannot be used.

This is the exact way, one message at a time; `eventlog/codec.py` takes the fast way for the plain
form and comes here for everything else, so that both give the same answer.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from eventlog.errors import RejectError
from eventlog.event import EARLIEST_YEAR, LATEST_YEAR, LIFECYCLE_WORDS, Event, Lifecycle
from eventlog.moments import microseconds, moment_of

# Larger values are set aside by reference (topic, partition, offset), not copied into the lake.
LARGEST_VALUE = 2**20
# Deeper nesting is nobody's permit; a fixed limit gives the same verdict on every machine.
DEEPEST_NESTING = 64
EARLIEST = microseconds(datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC))
LATEST = microseconds(datetime(LATEST_YEAR + 1, 1, 1, tzinfo=UTC)) - 1

_SEQUENCES = range(-(2**63), 2**63)
_SHOWN = 60
_NAIVE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?")
_STRUCTURED = "application/cloudevents+json"
_ENVELOPE = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "sequence", "datacontenttype"}
)


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message of a topic as it came: bytes, headers, where it lay, when it was read (µs)."""

    value: bytes | None
    key: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    offset: int
    received: int


def read(message: Message) -> Event:
    """The event that `message` carries; `RejectError` with the reason when it carries none.

    Takes plain JSON and CloudEvents 1.0, structured or binary. An unknown field goes to
    `attributes` under its own name, or under `event.<name>` where `attributes` has that name.
    """
    value = message.value
    if value is not None and len(value) > LARGEST_VALUE:
        raise RejectError(f"value is {len(value):,} bytes; at most {LARGEST_VALUE:,} are accepted")
    try:
        return _event(value, {name.lower(): content for name, content in message.headers})
    except RecursionError as error:
        raise RejectError("value is nested too deeply") from error


def as_text(value: object) -> str | None:
    """A case attribute's value as text: text as it is, all else as JSON prints it; null stays."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value, order="sorted").decode()


def _event(value: bytes | None, headers: Mapping[str, bytes | None]) -> Event:
    content_type = _header(headers, "content-type").partition(";")[0].strip().lower()
    if content_type.startswith("application/cloudevents-batch"):
        raise RejectError("content-type is a batch of CloudEvents; expected one event a message")
    if "ce_specversion" in headers and content_type != _STRUCTURED:
        envelope: dict[str, Any] = {
            name.removeprefix("ce_"): _header(headers, name)
            for name in headers
            if name.startswith("ce_")
        }
        if value is not None:
            envelope["data"] = _json(value)
        return _plain(_opened(envelope))
    if value is None:
        raise RejectError("value is missing (a tombstone)")
    content = _json(value)
    if not isinstance(content, dict):
        raise RejectError(f"value is {_shown(content)}; expected a JSON object")
    # No CloudEvents attribute has an underscore, so a plain event is never taken for one.
    if content_type == _STRUCTURED or ("specversion" in content and "case_id" not in content):
        return _plain(_opened(content))
    return _plain(content)


def _header(headers: Mapping[str, bytes | None], name: str) -> str:
    content = headers.get(name) or b""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise RejectError(f"header {name} is not UTF-8") from error


def _json(value: bytes) -> Any:
    if value[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in value[:2]:
        raise RejectError("value looks like UTF-16; expected UTF-8")
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        byte = value[error.start]
        raise RejectError(f"value is not UTF-8: byte 0x{byte:02x} at {error.start}") from error
    try:
        content = msgspec.json.decode(text.removeprefix("\ufeff"))
    except msgspec.ValidationError as error:
        raise RejectError(f"value cannot be kept: {error}") from error
    except msgspec.DecodeError as error:
        whole = str(error) == "Input data was truncated" and text.rstrip().endswith("}")
        reason = "a \\u escape stands for no character" if whole else str(error)
        raise RejectError(f"value is not JSON: {reason}") from error
    if _depth_may_exceed(value) and _depth(content) > DEEPEST_NESTING:
        raise RejectError(f"value is nested too deeply; at most {DEEPEST_NESTING} levels are kept")
    return content


def _depth_may_exceed(value: bytes) -> bool:
    return value.count(b"{") + value.count(b"[") > DEEPEST_NESTING


def _depth(content: object) -> int:
    level, depth = [content], 0
    while level := [v for v in level if isinstance(v, dict | list)]:
        depth += 1
        level = [w for v in level for w in (v.values() if isinstance(v, dict) else v)]
    return depth


def _opened(envelope: dict[str, Any]) -> dict[str, Any]:
    """A CloudEvent as a plain event: `source` and `id` name it, `data` holds the rest."""
    version = envelope.get("specversion")
    if version != "1.0":
        raise RejectError(f"specversion is {_shown(version)}; expected CloudEvents 1.0")
    data = envelope.pop("data", None)
    if "data_base64" in envelope:
        data = _base64(envelope.pop("data_base64"))
    content = dict(data) if isinstance(data, dict) else {}
    attributes = _object(content, "attributes")
    if data is not None and not isinstance(data, dict):
        _keep(attributes, "data", data, "ce")
    names = {
        # An RFC 3986 reference has no spaces, so the two parts can be told apart again.
        "event_id": f"{_text(envelope, 'source')} {_text(envelope, 'id')}",
        "activity": _text(envelope, "type"),
        "case_id": envelope.get("subject"),
        "timestamp": envelope.get("time"),
        "sequence": _number(envelope.get("sequence")),
    }
    for name, value in names.items():
        if value is None or value == "":
            continue
        if name in content and content[name] != value:
            _keep(attributes, name, content[name], "data")
        content[name] = value
    for name, value in envelope.items():
        if name not in _ENVELOPE:
            _keep(attributes, name, value, "ce")
    return {**content, "attributes": attributes}


def _base64(text: object) -> Any:
    try:
        value = base64.b64decode(text if isinstance(text, str) else "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RejectError(f"data_base64 is {_shown(text)}; expected base64") from error
    return _json(value)


def _number(sequence: object) -> object:
    """CloudEvents carries a sequence as text; what is no number is refused later, by its name."""
    if isinstance(sequence, str) and re.fullmatch(r"[+-]?[0-9]{1,19}", sequence):
        return int(sequence)
    return sequence


def _plain(content: dict[str, Any]) -> Event:
    case = _object(content, "case")
    attributes = _object(content, "attributes")
    event = Event(
        case_id=_text(content, "case_id"),
        activity=_text(content, "activity"),
        timestamp=_timestamp(content.get("timestamp")),
        event_id=_optional_text(content, "event_id"),
        sequence=_sequence(content.get("sequence")),
        lifecycle=_lifecycle(content.get("lifecycle")),
        resource=_optional_text(content, "resource"),
        unit=_optional_text(content, "unit"),
        case={name: as_text(value) for name, value in case.items()},
        attributes=attributes,
    )
    for name, value in content.items():
        if name not in Event.__struct_fields__:
            _keep(attributes, name, value, "event")
    return event


def _keep(attributes: dict[str, object], name: str, value: object, origin: str) -> None:
    attributes[free_name(attributes, name, origin)] = value


def free_name(taken: Mapping[str, object], name: str, origin: str) -> str:
    """`name`, or `<origin>.<name>` where `taken` has it already, so that both are kept."""
    if name in taken:
        name = f"{origin}.{name}"
    while name in taken:
        name += "_"
    return name


def _object(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RejectError(f"{name} is {_shown(value)}; expected an object")
    return dict(value)


def _text(content: Mapping[str, Any], name: str) -> str:
    if name not in content:
        raise RejectError(f"{name} is missing")
    value = content[name]
    if not isinstance(value, str):
        raise RejectError(f"{name} is {_shown(value)}; expected text")
    if not value.strip():
        raise RejectError(f"{name} is empty")
    return value


def _optional_text(content: Mapping[str, Any], name: str) -> str | None:
    value = content.get(name)
    if value is not None and not isinstance(value, str):
        raise RejectError(f"{name} is {_shown(value)}; expected text")
    return value or None


def _sequence(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise RejectError(f"sequence is {_shown(value)}; expected a whole number")
    if value not in _SEQUENCES:
        raise RejectError(f"sequence is {_shown(value)}; expected at most 64 bits")
    return value


def _lifecycle(value: object) -> str:
    if value is None:
        return Lifecycle.COMPLETE.value
    word = LIFECYCLE_WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if word is None:
        expected = ", ".join(Lifecycle)
        raise RejectError(f"lifecycle is {_shown(value)}; expected one of {expected}")
    return word


def _timestamp(value: object) -> int:
    """Microseconds since 1970 UTC; digits beyond the microsecond are rounded."""
    if value is None:
        raise RejectError("timestamp is missing")
    example = "e.g. 2026-03-02T09:14:00+07:00"
    if not isinstance(value, str):
        raise RejectError(f"timestamp is {_shown(value)}; expected text, {example}")
    try:
        moment = msgspec.convert(value, datetime)
    except msgspec.ValidationError as error:
        if _NAIVE.fullmatch(value):
            raise _naive(value) from error
        raise RejectError(f"timestamp is {_shown(value)}; expected RFC 3339, {example}") from error
    if moment.tzinfo is None:
        raise _naive(value)
    timestamp = microseconds(moment)
    if not EARLIEST <= timestamp <= LATEST:
        raise RejectError(
            f"timestamp is {_shown(value)}; expected the years {EARLIEST_YEAR} to {LATEST_YEAR}"
        )
    return timestamp


def _naive(value: str) -> RejectError:
    return RejectError(f"timestamp is {_shown(value)}; expected an offset such as +07:00 or Z")


def _shown(value: object) -> str:
    shown = msgspec.json.encode(value).decode()
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


def as_moment(timestamp: int) -> str:
    """A time in microseconds as the text that a message carries: RFC 3339, UTC."""
    return moment_of(timestamp).isoformat().replace("+00:00", "Z")
