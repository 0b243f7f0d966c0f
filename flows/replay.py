"""Sends a log back onto a Kafka topic, in the rhythm in which it happened."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors import files
from connectors.contracts import Sink
from engine.progress import Progress
from eventlog import sending
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.pseudonym import pseudonymise

_ROWS_AT_ONCE = 10_000
_LONGEST_SLEEP = 0.5


@dataclass(frozen=True, kw_only=True)
class Timed:
    """One message of the topic: its key, its value, and when it happened (µs since 1970, UTC)."""

    at: int
    key: str
    value: bytes


def read_events(path: Path, process: Definition, *, key: bytes) -> pa.Table:
    """The events of a file in the order in which they happened, as `schema.incoming`.

    `event_id` and `sequence` are those that an import of the file gives, so that a replayed log
    and an imported one are the same events; that is why the pseudonym key is needed, although
    names are sent as they stand in the file.
    """
    reading = files.read(path, process)
    hidden = pseudonymise(reading.events, process.privacy.pseudonymise, key)
    numbered = process.columns.get("sequence") is None and "sequence" not in reading.columns
    ids = finish(hidden, numbered_by_reader=numbered).column("event_id")
    at = reading.events.schema.get_field_index("event_id")
    events = reading.events.set_column(at, reading.events.schema.field(at), ids)
    # equal times stay in the order of the file
    rows = pa.array(range(events.num_rows), pa.int64())
    order = pc.sort_indices(
        pa.table({"at": events.column("timestamp"), "row": rows}),
        sort_keys=[("at", "ascending"), ("row", "ascending")],
    )
    return events.take(order)


def messages(events: pa.Table) -> Iterator[Timed]:
    """Each event as the topic carries it (interface.md), in the order of the rows."""
    for start in range(0, events.num_rows, _ROWS_AT_ONCE):
        for event in sending.events_of(events.slice(start, _ROWS_AT_ONCE)):
            yield Timed(at=event.timestamp, key=event.case_id, value=sending.encode(event))


def replay(
    timed: Iterable[Timed], sink: Sink, *, speed: float | None, total: int, progress: Progress
) -> int:
    """Publish the messages, `speed` times faster than they happened (None: at once); how many.

    Everything that was published is safely stored when this returns, also after an interruption.
    """
    sent, began, first = 0, time.monotonic(), None
    try:
        with progress.stage("replay", total=total) as stage:
            for message in timed:
                first = message.at if first is None else first
                if speed is not None:
                    _wait_until(began + (message.at - first) / 1e6 / speed)
                sink.publish(message.key, message.value)
                sent += 1
                stage.advance(1)
    finally:
        sink.flush()
    return sent


def _wait_until(moment: float) -> None:
    while (left := moment - time.monotonic()) > 0:
        time.sleep(min(left, _LONGEST_SLEEP))
