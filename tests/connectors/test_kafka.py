"""Kafka itself: what goes wrong with it, what it leaves out, and what it takes."""

import socket
import threading
import time
import uuid
from datetime import timedelta
from itertools import pairwise

import psutil
import pytest
from confluent_kafka import Producer
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from connectors.broker import KafkaSettings
from connectors.confluent import ConfluentSource
from connectors.kafka import KafkaSource
from connectors.kafka_sink import KafkaSink
from engine.ingest import Limits, ingest
from eventlog.definition import Definition
from eventlog.errors import RetryError, StopError, UsageError
from eventlog.lake import Lake

SOURCES = [KafkaSource, ConfluentSource]
SOON = timedelta(seconds=1)


class Beginning:
    """A keeper that lets every stream begin at its beginning."""

    def __init__(self):
        self.told = []

    def assigned(self, stream):
        self.told.append(("assigned", stream))

    def revoked(self, stream):
        self.told.append(("revoked", stream))


@pytest.fixture
def opened(broker):
    """Opens sources, and closes what was opened."""
    made = []

    def make(kind, topic, **settings):
        group = f"group-{uuid.uuid4().hex[:8]}"
        source = kind(
            KafkaSettings(bootstrap=broker.bootstrap), topic=topic, group=group, **settings
        )
        made.append(source)
        return source

    yield make
    for source in made:
        source.close()


def read_until_caught_up(source, keeper=None, *, seconds=30):
    batches, give_up = [], time.monotonic() + seconds
    while not source.caught_up():
        assert time.monotonic() < give_up, batches
        batches += source.read(keeper or Beginning(), timeout=0.2)
    return batches


@pytest.mark.parametrize("kind", SOURCES)
def test_where_no_broker_answers_the_message_names_the_address_and_the_way_out(kind):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and nobody listens
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(StopError, match=rf"no Kafka broker answers at {address}.*RUNUT_KAFKA"):
            kind(KafkaSettings(bootstrap=address, patience=SOON), topic="t", group="g")
        assert time.monotonic() - began < 8


def test_what_is_to_be_sent_can_wait_for_a_broker():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(RetryError, match=rf"no Kafka broker answers at {address}.*RUNUT_KAFKA"):
            KafkaSink(KafkaSettings(bootstrap=address, patience=SOON), topic="t")


def test_what_listens_but_is_no_broker_is_said_to_be_that():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(StopError, match="does not answer as a Kafka broker with PLAINTEXT"):
            KafkaSource(KafkaSettings(bootstrap=address, patience=SOON), topic="t", group="g")


@pytest.mark.parametrize("make", [*SOURCES, KafkaSink])
def test_a_topic_that_does_not_exist_is_named_and_not_created(broker, make):
    settings = KafkaSettings(bootstrap=broker.bootstrap)
    group = {} if make is KafkaSink else {"group": "g"}
    with pytest.raises(StopError, match=r'topic "permit\.evnts" does not exist.*--create'):
        make(settings, topic="permit.evnts", **group)
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    assert "permit.evnts" not in admin.list_topics()
    admin.close()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bootstrap": "localhost"}, 'RUNUT_KAFKA is "localhost"; expected host:port'),
        ({"bootstrap": "a:1,,b:2"}, "expected host:port"),
        ({"security_protocol": "TLS"}, "RUNUT_KAFKA_SECURITY_PROTOCOL is TLS; expected one of"),
        ({"security_protocol": "SASL_SSL"}, "RUNUT_KAFKA_SASL_MECHANISM is None; expected one of"),
        (
            {"security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_username": "u"},
            "needs RUNUT_KAFKA_SASL_USERNAME and RUNUT_KAFKA_SASL_PASSWORD",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(wrong, said):
    with pytest.raises(UsageError, match=said):
        KafkaSettings(**{"bootstrap": "localhost:9092", **wrong})


def test_settings_do_not_show_their_secrets():
    settings = KafkaSettings(
        bootstrap="[::1]:9092, broker:9093",
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="runut",
        sasl_password="hunter2",
        ssl_password="hunter3",
    )
    assert "hunter" not in repr(settings)
    assert "runut" in repr(settings)
    assert settings.for_librdkafka()["sasl.password"] == "hunter2"
    assert settings.for_kafka_python()["sasl_plain_password"] == "hunter2"
    assert settings.addresses == ["[::1]:9092", "broker:9093"]


@pytest.mark.kafka
@pytest.mark.parametrize("kind", SOURCES)
def test_only_committed_transactions_are_read_and_their_markers_are_passed_by(
    broker, new_topic, opened, kind
):
    topic = new_topic(partitions=1)
    producer = Producer(
        {"bootstrap.servers": broker.bootstrap, "transactional.id": uuid.uuid4().hex}
    )
    producer.init_transactions()
    for value, end in ((b"kept", "commit"), (b"dropped", "abort"), (b"kept too", "commit")):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.flush()
        getattr(producer, f"{end}_transaction")()
    batches = read_until_caught_up(opened(kind, topic))
    assert [m.value for batch in batches for m in batch.messages] == [b"kept", b"kept too"]
    assert batches[0].start == 0
    assert batches[-1].next == 6  # three messages, three markers
    for earlier, later in pairwise(batches):
        assert earlier.next == later.start


@pytest.mark.kafka
@pytest.mark.parametrize("kind", SOURCES)
def test_a_topic_that_ends_in_deleted_messages_is_caught_up_with(broker, new_topic, opened, kind):
    topic = new_topic(partitions=1)
    with_settings(broker, topic, [b"%d" % n for n in range(10)])
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.delete_records({TopicPartition(topic, 0): 10})
    admin.close()
    assert read_until_caught_up(opened(kind, topic)) == []


@pytest.mark.parametrize("kind", SOURCES)
def test_a_source_knows_how_much_is_unread_and_since_when(broker, new_topic, opened, kind):
    topic = new_topic(partitions=2)
    with_settings(broker, topic, [b"%d" % n for n in range(10)])
    source = opened(kind, topic)
    assert (source.lag(), source.behind()) == (None, None)
    read_until_caught_up(source)
    assert (source.lag(), source.behind()) == (0, timedelta(0))

    with_settings(broker, topic, [b"more"] * 12_000)  # more than one read brings
    seen, give_up = [], time.monotonic() + 30
    while not any(seen) or seen[-1] > 0:
        assert time.monotonic() < give_up, seen
        source.read(Beginning(), timeout=0.2)
        seen.append(source.lag())
        assert (seen[-1] == 0) == (source.behind() == timedelta(0))
        assert source.behind() < timedelta(minutes=1)
    assert max(seen) > 1000
    assert (seen[-1], source.behind()) == (0, timedelta(0))


def with_settings(broker, topic, values):
    sink = KafkaSink(KafkaSettings(bootstrap=broker.bootstrap), topic=topic)
    for value in values:
        sink.publish("PBG-1", value)
    sink.close()


def test_the_sink_keeps_the_order_of_a_case_and_knows_that_all_arrived(broker, new_topic):
    topic = new_topic(partitions=3)
    sink = KafkaSink(KafkaSettings(bootstrap=broker.bootstrap), topic=topic)
    for number in range(3000):
        sink.publish(f"PBG-{number % 50}", b"%d" % number)
    sink.flush()
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap)
    partitions = [TopicPartition(topic, p) for p in range(3)]
    assert sum(consumer.end_offsets(partitions).values()) == 3000
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    found = {}
    while sum(map(len, found.values())) < 3000:
        for partition, records in consumer.poll(timeout_ms=500).items():
            for record in records:
                found.setdefault(record.key, []).append((partition.partition, int(record.value)))
    consumer.close()
    sink.close()
    assert len(found) == 50
    for places in found.values():
        assert len({partition for partition, _ in places}) == 1
        assert [number for _, number in places] == sorted(number for _, number in places)


@pytest.mark.kafka
def test_the_sink_says_which_message_was_too_large(broker, new_topic):
    sink = KafkaSink(
        KafkaSettings(bootstrap=broker.bootstrap), topic=new_topic(max_message_bytes=2000)
    )
    sink.publish("PBG-1", b"x" * 5000)
    with pytest.raises(StopError, match="MessageSizeTooLarge"):
        sink.flush()
    sink.close()


@pytest.mark.kafka
@pytest.mark.parametrize("kind", SOURCES)
def test_a_reader_that_was_busy_too_long_loses_its_streams_and_is_told(
    broker, new_topic, opened, kind
):
    topic = new_topic(partitions=1)
    with_settings(broker, topic, [b"1"])
    source = opened(kind, topic, session=timedelta(seconds=1), longest_pause=timedelta(seconds=2))
    keeper = Beginning()
    read_until_caught_up(source, keeper)
    time.sleep(4)
    give_up = time.monotonic() + 20
    while len(keeper.told) < 3:
        assert time.monotonic() < give_up, keeper.told
        source.read(keeper, timeout=0.2)
    assert [what for what, _ in keeper.told] == ["assigned", "revoked", "assigned"]


@pytest.mark.kafka
@pytest.mark.parametrize("kind", SOURCES)
def test_a_broker_that_falls_silent_is_an_error_that_may_pass(broker, new_topic, kind):
    topic = new_topic(partitions=1)
    source = kind(
        KafkaSettings(bootstrap=broker.bootstrap, patience=timedelta(seconds=2)),
        topic=topic,
        group=f"group-{uuid.uuid4().hex[:8]}",
    )
    read_until_caught_up(source)
    broker.pause()
    try:
        began = time.monotonic()
        with pytest.raises(RetryError):  # noqa: PT012 (it comes after some reads)
            while time.monotonic() - began < 30:
                source.read(Beginning(), timeout=0.2)
    finally:
        broker.resume()
        source.close()


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("kind", "megabytes"),
    # kafka-python alone takes 100 to 160 MB to receive a message of 20 MB (measured): it copies it
    # from list to list. What matters beyond that is that a second one does not add to the first.
    [(ConfluentSource, 70), (KafkaSource, 220)],
)
def test_messages_of_20_mb_are_rejected_by_reference_and_do_not_pile_up(
    broker, new_topic, tmp_path, kind, megabytes
):
    topic = new_topic(partitions=1)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "message.max.bytes": 2**25})
    lake = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])

    def run(*values):
        for value in values:
            producer.produce(topic, value)
        assert producer.flush(60) == 0
        settings = KafkaSettings(bootstrap=broker.bootstrap)
        source = kind(settings, topic=topic, group="large", session=timedelta(seconds=2))
        with Watch() as watch:
            report = ingest(
                source,
                lake,
                Definition.bare(),
                key=None,
                once=True,
                stop=lambda: False,
                progress=lambda _: None,
                limits=Limits(),
            )
        assert (report.events, report.rejects) == (0, len(values))
        return watch.growth

    large = b"x" * (20 * 2**20)
    run(*[b"{}"] * 5000)  # what a first run takes anyway
    growth = [run(b"{}", large, b"{}") for _ in range(3)]
    assert max(growth) < megabytes * 2**20, growth
    rejects = lake.rejects(limit=10_000).sort_by("offset").slice(5001)
    assert rejects.column("value").to_pylist()[:5] == [None, b"{}", b"{}", None, b"{}"]
    assert "20,971,520 bytes" in rejects.column("reason")[0].as_py()
    assert rejects.column("offset")[0].as_py() == 5001


class Watch(threading.Thread):
    """Looks at this process's memory a hundred times a second; `growth` is in bytes."""

    def __enter__(self):
        self.process = psutil.Process()
        self.before = self.peak = self.process.memory_info().rss
        self.over = threading.Event()
        self.start()
        return self

    def run(self):
        while not self.over.wait(0.01):
            self.peak = max(self.peak, self.process.memory_info().rss)

    def __exit__(self, *_):
        self.over.set()
        self.join()
        self.growth = self.peak - self.before
