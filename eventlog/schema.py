"""The columns in which events and rejects are kept, open to anyone's SQL."""

from collections.abc import Iterable

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")

_EVENT = [
    pa.field("event_id", pa.string(), nullable=False),
    pa.field("case_id", pa.string(), nullable=False),
    pa.field("activity", pa.string(), nullable=False),
    pa.field("timestamp", TIMESTAMP, nullable=False),
    pa.field("sequence", pa.int64()),
    pa.field("lifecycle", pa.string(), nullable=False),
    pa.field("resource", pa.string()),
    pa.field("unit", pa.string()),
    pa.field("attributes", pa.string()),
]
_ORIGIN = [
    pa.field("topic", pa.string()),
    pa.field("partition", pa.int32()),
    pa.field("offset", pa.int64()),
    pa.field("source", pa.string()),
]
# Mining works on 64-bit hashes: unifying ten million identifier strings costs seconds and
# gigabytes, reading integers costs a fifth of a second (docs/decisions/0002).
_KEYS = [
    pa.field("case_key", pa.int64(), nullable=False),
    pa.field("event_key", pa.int64(), nullable=False),
    pa.field("content_key", pa.int64(), nullable=False),
]

RESERVED = frozenset(field.name for field in [*_EVENT, *_ORIGIN, *_KEYS])

REJECTS = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("partition", pa.int32()),
        pa.field("offset", pa.int64()),
        pa.field("source", pa.string()),
        pa.field("received", TIMESTAMP),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("value", pa.binary()),
    ]
)

# Every change of an alert, one row each: the last row of an alert says how it stands.
ALERTS = pa.schema(
    [
        pa.field("alert_id", pa.string(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("measure", pa.string(), nullable=False),
        pa.field("activity", pa.string()),
        pa.field("attribute", pa.string()),
        pa.field("group", pa.string()),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("threshold", pa.float64(), nullable=False),
        pa.field("usual", pa.float64()),
        pa.field("since", TIMESTAMP, nullable=False),
        pa.field("evaluated", TIMESTAMP, nullable=False),
        pa.field("cases", pa.list_(pa.string()), nullable=False),
        pa.field("rule", pa.string()),
    ]
)

# Who wants to hear nothing of which alerts, until when; who has seen one; and what ended that.
# "silence" is for the rule (or "*") and, where they are given, activity, group or key;
# "acknowledge" is for a key; "expire" ends the one with its id.
SILENCES = pa.schema(
    [
        pa.field("at", TIMESTAMP, nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("alert_id", pa.string(), nullable=False),
        pa.field("activity", pa.string()),
        pa.field("attribute", pa.string()),
        pa.field("group", pa.string()),
        pa.field("key", pa.string()),
        pa.field("from", TIMESTAMP, nullable=False),
        pa.field("until", TIMESTAMP),
        pa.field("by", pa.string()),
        pa.field("reason", pa.string()),
    ]
)

# What the alert rules read, once an hour. A rule that asks something else now has another
# measure or window (seconds): what it read before says nothing of what is usual then.
MEASURES = pa.schema(
    [
        pa.field("at", TIMESTAMP, nullable=False),
        pa.field("alert_id", pa.string(), nullable=False),
        pa.field("measure", pa.string(), nullable=False),
        pa.field("window", pa.float64()),
        pa.field("activity", pa.string()),
        pa.field("attribute", pa.string()),
        pa.field("group", pa.string()),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
    ]
)


def events(case_attributes: Iterable[str]) -> pa.Schema:
    """The schema of `events`: the fixed columns and one text column per case attribute."""
    attributes = [pa.field(name, pa.string()) for name in case_attributes]
    return pa.schema([*_EVENT, *attributes, *_ORIGIN, *_KEYS])


def incoming(case_attributes: Iterable[str]) -> pa.Schema:
    """What a connector hands over: `events` without the keys, with `event_id` still optional."""
    attributes = [pa.field(name, pa.string()) for name in case_attributes]
    return pa.schema([_EVENT[0].with_nullable(True), *_EVENT[1:], *attributes, *_ORIGIN])
