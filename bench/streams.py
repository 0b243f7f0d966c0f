"""Ingest from Kafka into a committed lake, beside what the bare client reads and decodes.

The bare client is the same library with its own defaults: it joins a group, reads the topic to its
end and decodes every message into a struct with msgspec; nothing is kept. Runut does that with
`runut ingest --once`, and also checks, tells repeats by their keys, and commits to the lake.
"""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.compute as pc

# What a case does, timed; it gives what is asked for only afterwards, untimed.
Told = Callable[[], dict[str, Any]]
Work = Callable[[], Told]
CLIENTS = ("kafka-python", "confluent-kafka")
PARTITIONS = 6  # as the message for a missing topic proposes
EVENTS = 400_000
_WARMING = 5_000
_AT_ONCE = 5_000
_CASE = {"office": "North", "type": "building", "area": "low"}


class Wire(msgspec.Struct, gc=False):
    """A message of the plain form, its time read too."""

    case_id: str
    activity: str
    timestamp: datetime
    event_id: str | None = None
    sequence: int | None = None
    lifecycle: str | None = None
    resource: str | None = None
    unit: str | None = None
    case: dict[str, Any] | None = None
    attributes: dict[str, Any] | None = None


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """Apache Kafka as the tests start it; gives its address. Raises NoBrokerError without Java."""
    from tests.broker.apache import ApacheBroker

    running = ApacheBroker(folder)
    try:
        yield running.bootstrap
    finally:
        running.close()


def fill(bootstrap: str, topic: str, events: int) -> None:
    """Send `events` events to a new topic, keyed by case; a case's first event tells about it."""
    from confluent_kafka import Producer
    from generate import blocks
    from kafka import KafkaAdminClient

    from eventlog.sending import encode, events_of

    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        wanted = {"num_partitions": PARTITIONS, "replication_factor": 1}
        admin.create_topics({topic: wanted}, wait_for_metadata=True)
    finally:
        admin.close()
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    left = events
    for block in blocks(events, cases_per_block=2_000):
        for event in events_of(block.slice(0, left)):
            told = msgspec.structs.replace(
                event,
                unit=f"Unit {int(event.event_id or '0', 16) % 7}",
                case=_CASE if event.sequence == 0 else {},
            )
            producer.produce(topic, encode(told), key=event.case_id.encode())
        producer.flush()
        left -= min(left, block.num_rows)


def bare(client: str, bootstrap: str, topic: str, warming: str) -> Work:
    """Read and decode with the client alone."""
    read = {"kafka-python": _bare_kafka_python, "confluent-kafka": _bare_confluent}[client]
    read(bootstrap, warming)

    def work() -> Told:
        count = read(bootstrap, topic)
        return lambda: {"events": count}

    return work


def _bare_kafka_python(bootstrap: str, topic: str) -> int:
    from kafka import KafkaConsumer

    decode = msgspec.json.Decoder(Wire).decode
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=uuid.uuid4().hex,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=_AT_ONCE,
    )
    count, ends = 0, None
    while ends is None or count < ends:
        for found in consumer.poll(timeout_ms=200).values():
            for one in found:
                decode(one.value)
            count += len(found)
        if ends is None and consumer.assignment():
            ends = sum(consumer.end_offsets(consumer.assignment()).values())
    consumer.close(autocommit=False)
    return count


def _bare_confluent(bootstrap: str, topic: str) -> int:
    from confluent_kafka import Consumer, TopicPartition

    decode = msgspec.json.Decoder(Wire).decode
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": uuid.uuid4().hex,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends = sum(consumer.get_watermark_offsets(place, 10)[1] for place in places)
    count = 0
    while count < ends:
        found = consumer.consume(_AT_ONCE, 0.2)
        for one in found:
            if one.error():
                raise SystemExit(str(one.error()))
            decode(one.value())
        count += len(found)
    consumer.close()
    return count


def ingested(client: str, bootstrap: str, topic: str, warming: str) -> Work:
    """Read into a lake of its own, as the command does it."""
    temporary = tempfile.TemporaryDirectory()  # removed when the process ends
    folder = Path(temporary.name)
    _ingest(client, bootstrap, warming, folder / "warming")

    def work() -> Told:
        report = _ingest(client, bootstrap, topic, folder / "lake")

        def told() -> dict[str, Any]:
            from eventlog.lake import Lake

            read = Lake.open(folder / "lake").read(["event_id"])
            temporary.cleanup()
            if report.rejects or report.conflicts or report.events != read.num_rows:
                raise SystemExit(f"not all of the topic is in the lake: {report}")
            return {
                "events": pc.count_distinct(read.column("event_id")).as_py(),
                "note": f"{report.batches} commits",
            }

        return told

    return work


def _ingest(client: str, bootstrap: str, topic: str, lake: Path) -> Any:
    from flows.ingest import ingest
    from flows.settings import Settings

    process = lake.with_suffix(".yaml")
    names = ", ".join(_CASE)
    process.write_text(
        f"process: bench\nsource: {{topic: {topic}, group: {uuid.uuid4().hex}}}\n"
        f"case_attributes: [{names}]\n",
        encoding="utf-8",
    )
    settings = Settings(kafka=bootstrap, kafka_client=client, lake=str(lake), process=str(process))  # type: ignore[arg-type]  # a client's name that was checked above
    return ingest(
        settings, here=lake.parent, once=True, stop=lambda: False, progress=lambda _: None
    )
