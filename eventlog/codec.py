"""Turns what lies on a topic into rows of events, and sets aside what cannot be used.

The plain form is decoded and checked by msgspec in one call a message and then only moved column
by column; a message that fails in any way is read again by `eventlog/messages.py`, which knows the
other forms and finds the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventlog import schema
from eventlog.errors import RejectError
from eventlog.event import LIFECYCLE_WORDS, LIFECYCLES, Lifecycle
from eventlog.messages import (
    DEEPEST_NESTING,
    EARLIEST,
    LARGEST_VALUE,
    LATEST,
    Message,
    as_moment,
    as_text,
    free_name,
    read,
)

# What Arrow's parser and the exact way read alike; all else takes the exact way.
_PLAIN_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$"
_WORDS: dict[str | None, str] = {
    None: Lifecycle.COMPLETE.value,
    **{word: word for word in LIFECYCLES},
}

# So many rows stay in the processor's cache between the columns.
_AT_A_TIME = 4096

_Filled = Annotated[str, msgspec.Meta(min_length=1)]
_Scalar = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """What a batch of messages became: every message is a row of exactly one of the two.

    `events` has the columns of `schema.incoming`, `rejects` those of `schema.REJECTS`; both in the
    order of the messages.
    """

    events: pa.Table
    rejects: pa.Table


class _Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The plain form: what msgspec checks while it decodes."""

    case_id: str
    activity: str
    timestamp: str
    event_id: _Filled | None = None
    sequence: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    lifecycle: str | None = None
    resource: _Filled | None = None
    unit: _Filled | None = None
    case: dict[str, _Scalar] | None = None
    attributes: dict[str, Any] | None = None


_decode_row = msgspec.json.Decoder(_Row).decode


def decode(
    messages: Sequence[Message],
    *,
    case_attributes: tuple[str, ...],
    topic: str,
    partition: int,
    source: str,
) -> Decoded:
    """The events among `messages` (all of one partition), and the others with their reasons.

    Case attributes that are not in `case_attributes` go to the `attributes` column under their own
    names, or as `case.<name>` where an attribute has that name. Of a key that a message has twice,
    the last value counts. A rejected value over 1 MB is kept by reference only.
    """
    origin = {"topic": topic, "partition": partition, "source": source}
    parts = [
        _decode_some(messages[at : at + _AT_A_TIME], case_attributes, origin)
        for at in range(0, len(messages), _AT_A_TIME)
    ] or [_decode_some((), case_attributes, origin)]
    return Decoded(
        events=pa.concat_tables(part.events for part in parts),
        rejects=pa.concat_tables(part.rejects for part in parts),
    )


def _decode_some(
    messages: Sequence[Message], case_attributes: tuple[str, ...], origin: dict[str, Any]
) -> Decoded:
    declared = frozenset(case_attributes)
    rows: list[_Row] = []
    kept: list[Message] = []
    rejected: list[tuple[Message, str]] = []
    for message in messages:
        try:
            rows.append(_row(message, declared))
        except RejectError as error:
            rejected.append((message, str(error)))
        else:
            kept.append(message)

    moments, doubtful = _doubted(rows)
    if doubtful:
        sound = set(range(len(rows)))
        for place in doubtful:
            try:
                rows[place] = _exact(kept[place], declared)
            except RejectError as error:
                rejected.append((kept[place], str(error)))
                sound.remove(place)
        rows = [rows[place] for place in sorted(sound)]
        kept = [kept[place] for place in sorted(sound)]
        rejected.sort(key=lambda reject: reject[0].offset)
        moments = pc.cast(pa.array([row.timestamp for row in rows], pa.string()), schema.TIMESTAMP)

    return Decoded(
        events=_events(rows, moments, kept, case_attributes, origin),
        rejects=_rejects(rejected, origin),
    )


def _row(message: Message, declared: frozenset[str]) -> _Row:
    value = message.value
    if value is None or message.headers or len(value) > LARGEST_VALUE:
        return _exact(message, declared)
    try:
        row = _decode_row(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _exact(message, declared)
    if row.attributes and value.count(b"{") + value.count(b"[") > DEEPEST_NESTING:
        return _exact(message, declared)
    if row.case and not declared.issuperset(row.case):
        row.attributes = _with_undeclared(row.attributes or {}, row.case, declared)
    return row


def _exact(message: Message, declared: frozenset[str]) -> _Row:
    """The row of a message that took the exact way, spelt so that no doubt is left."""
    event = read(message)
    return _Row(
        case_id=event.case_id,
        activity=event.activity,
        timestamp=as_moment(event.timestamp),
        event_id=event.event_id,
        sequence=event.sequence,
        lifecycle=event.lifecycle,
        resource=event.resource,
        unit=event.unit,
        case=dict(event.case),
        attributes=_with_undeclared(event.attributes, event.case, declared),
    )


def _with_undeclared(
    attributes: dict[str, Any], case: Mapping[str, _Scalar], declared: frozenset[str]
) -> dict[str, Any]:
    more = {name: value for name, value in case.items() if name not in declared}
    for name, value in more.items():
        attributes[free_name(attributes, name, "case")] = as_text(value)
    return attributes


def _doubted(rows: Sequence[_Row]) -> tuple[pa.Array | None, list[int]]:
    """The times of rows that msgspec let pass, and the places of those that may be wrong.

    Or right, in other words than the plain form's; the times are only good where there are none.
    """
    doubtful: set[int] = set()
    for texts in ([row.case_id for row in rows], [row.activity for row in rows]):
        if not all(map(str.strip, texts)):
            doubtful.update(place for place, text in enumerate(texts) if not text.strip())
    words = [row.lifecycle for row in rows]
    for word in set(words):
        if word not in _WORDS and str(word).strip().lower() not in LIFECYCLE_WORDS:
            doubtful.update(place for place, other in enumerate(words) if other == word)
    written = pa.array([row.timestamp for row in rows], pa.string())
    plain = pc.match_substring_regex(written, _PLAIN_TIME)
    if not pc.all(plain).as_py():
        doubtful.update(pc.indices_nonzero(pc.invert(plain)).to_pylist())
        written = pc.if_else(plain, written, "1970-01-01T00:00:00Z")
    moments = None
    try:
        moments = pc.cast(written, schema.TIMESTAMP)
    except pa.ArrowInvalid:
        # One impossible date (30 February) spoils the whole column: look for it singly.
        doubtful.update(place for place, text in enumerate(written) if not _is_moment(text))
    else:
        micros = moments.cast(pa.int64())
        outside = pc.or_(pc.less(micros, EARLIEST), pc.greater(micros, LATEST))
        doubtful.update(pc.indices_nonzero(outside).to_pylist())
    return moments, sorted(doubtful)


def _is_moment(text: pa.Scalar) -> bool:
    try:
        micros = text.cast(schema.TIMESTAMP).cast(pa.int64()).as_py()
    except pa.ArrowInvalid:
        return False
    return bool(EARLIEST <= micros <= LATEST)


def _events(
    rows: Sequence[_Row],
    moments: pa.Array,
    kept: Sequence[Message],
    case_attributes: tuple[str, ...],
    origin: dict[str, Any],
) -> pa.Table:
    words = [row.lifecycle for row in rows]
    spelt = {
        word: _WORDS.get(word) or LIFECYCLE_WORDS[str(word).strip().lower()] for word in set(words)
    }
    columns = {
        "event_id": pa.array([row.event_id for row in rows], pa.string()),
        "case_id": pa.array([row.case_id for row in rows], pa.string()),
        "activity": pa.array([row.activity for row in rows], pa.string()),
        "timestamp": moments,
        "sequence": pa.array([row.sequence for row in rows], pa.int64()),
        "lifecycle": pa.array([spelt[word] for word in words], pa.string()),
        "resource": pa.array([row.resource for row in rows], pa.string()),
        "unit": pa.array([row.unit for row in rows], pa.string()),
        "attributes": _json_texts([row.attributes for row in rows]),
        **_case_columns([row.case for row in rows], case_attributes),
        **_origin([message.offset for message in kept], origin),
    }
    wanted = schema.incoming(case_attributes)
    return pa.table([columns[name] for name in wanted.names], schema=wanted)


def _case_columns(
    cases: Sequence[dict[str, _Scalar] | None], case_attributes: tuple[str, ...]
) -> dict[str, pa.Array]:
    # Many sources send the case attributes with the first event of a case only: the columns are
    # made from the rows that have some, and spread over the others by position.
    said = [case for case in cases if case]
    if not said:
        return {name: pa.nulls(len(cases), pa.string()) for name in case_attributes}
    columns = {name: _texts([case.get(name) for case in said]) for name in case_attributes}
    if len(said) == len(cases):
        return columns
    present = np.fromiter(map(bool, cases), bool, len(cases))
    places = pa.array(np.cumsum(present) - 1, mask=~present)
    return {name: column.take(places) for name, column in columns.items()}


def _texts(values: list[_Scalar]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except pa.ArrowTypeError:  # a number or a truth among them
        return pa.array([as_text(value) for value in values], pa.string())


def _json_texts(attributes: Sequence[dict[str, Any] | None]) -> pa.Array:
    if not any(attributes):
        return pa.nulls(len(attributes), pa.string())
    encode = msgspec.json.encode
    return pa.array(
        [encode(some, order="sorted").decode() if some else None for some in attributes],
        pa.string(),
    )


def _origin(offsets: list[int], origin: dict[str, Any]) -> dict[str, pa.Array]:
    rows = len(offsets)
    return {
        "topic": pa.repeat(pa.scalar(origin["topic"], pa.string()), rows),
        "partition": pa.repeat(pa.scalar(origin["partition"], pa.int32()), rows),
        "offset": pa.array(offsets, pa.int64()),
        "source": pa.repeat(pa.scalar(origin["source"], pa.string()), rows),
    }


def _rejects(rejected: Sequence[tuple[Message, str]], origin: dict[str, Any]) -> pa.Table:
    values = [
        None if message.value is None or len(message.value) > LARGEST_VALUE else message.value
        for message, _ in rejected
    ]
    columns = {
        **_origin([message.offset for message, _ in rejected], origin),
        "received": pa.array([message.received for message, _ in rejected], schema.TIMESTAMP),
        "reason": pa.array([reason for _, reason in rejected], pa.string()),
        "value": pa.array(values, pa.binary()),
    }
    return pa.table([columns[name] for name in schema.REJECTS.names], schema=schema.REJECTS)
