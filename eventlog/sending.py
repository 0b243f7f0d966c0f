"""Turns events into messages of the topic, as a source system would send them."""

from typing import cast

import msgspec
import pyarrow as pa

from eventlog import schema
from eventlog.event import Event
from eventlog.messages import as_moment


def encode(event: Event) -> bytes:
    """The event as one message of the topic, in the plain form of interface.md.

    >>> encode(Event(case_id="P", activity="a", timestamp=0))
    b'{"case_id":"P","activity":"a","timestamp":"1970-01-01T00:00:00Z","lifecycle":"complete"}'
    """
    content = {
        "event_id": event.event_id,
        "case_id": event.case_id,
        "activity": event.activity,
        "timestamp": as_moment(event.timestamp),
        "sequence": event.sequence,
        "lifecycle": event.lifecycle,
        "resource": event.resource,
        "unit": event.unit,
        "case": event.case or None,
        "attributes": event.attributes or None,
    }
    return msgspec.json.encode({name: part for name, part in content.items() if part is not None})


def events_of(table: pa.Table) -> list[Event]:
    """The rows of a table with `schema.incoming` or `schema.events` as events, in row order."""
    names = [name for name in table.column_names if name not in schema.RESERVED]
    plain = table.select([name for name in Event.__struct_fields__ if name in table.column_names])
    plain = plain.set_column(
        plain.schema.get_field_index("timestamp"),
        "timestamp",
        plain.column("timestamp").cast(pa.int64()),
    )
    cases = table.select(names).to_pylist() if names else [{}] * table.num_rows
    return [
        Event(
            **{**row, "attributes": _parsed(row["attributes"])},
            case={name: value for name, value in case.items() if value is not None},
        )
        for row, case in zip(plain.to_pylist(), cases, strict=True)
    ]


def _parsed(attributes: str | None) -> dict[str, object]:
    return cast("dict[str, object]", msgspec.json.decode(attributes)) if attributes else {}
