"""What every source promises, held against each of them: memory, kafka-python, confluent-kafka."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from connectors.broker import KafkaSettings, reach
from connectors.confluent import ConfluentSource
from connectors.kafka import KafkaSource
from connectors.memory import MemorySource, MemoryTopic, Rebalance
from eventlog.errors import StopError
from eventlog.messages import Message


class Positions:
    """A keeper that notes what it is told, and says where each stream goes on."""

    def __init__(self, **known):
        self.known = known
        self.owned = set()
        self.told = []
        self.threads = set()

    def assigned(self, stream):
        self.threads.add(threading.current_thread())
        self.told.append(("assigned", stream))
        self.owned.add(stream)
        return self.known.get(stream)

    def revoked(self, stream):
        self.threads.add(threading.current_thread())
        self.told.append(("revoked", stream))
        self.owned.discard(stream)


class MemoryRig:
    def __init__(self, partitions):
        self.topic = MemoryTopic(partitions=[[] for _ in range(partitions)])

    def send(self, values, partition=0):
        for value in values:
            self.topic.publish(value, partition=partition, key=b"k")

    def stream(self, partition):
        return self.topic.stream(partition)

    def open(self):
        return MemorySource(self.topic, most=7)

    def delete_before(self, partition, offset):
        self.topic.beginnings[partition] = offset

    def close(self):
        pass


class KafkaRig:
    def __init__(self, broker, topic, kind):
        self.settings = KafkaSettings(bootstrap=broker.bootstrap)
        self.name = topic
        self.kind = kind
        self.group = f"group-{uuid.uuid4().hex[:8]}"
        self.producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
        self.admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        self.cluster = reach(self.settings, topic)

    def send(self, values, partition=0):
        sent = [
            self.producer.send(
                self.name, value, key=b"k", partition=partition, headers=[("ce_x", b"\xff")]
            )
            for value in values
        ]
        self.producer.flush()
        for one in sent:
            one.get(timeout=10)

    def stream(self, partition):
        return f"{self.cluster}/{self.name}/{partition}"

    def open(self):
        return self.kind(
            self.settings, topic=self.name, group=self.group, session=timedelta(seconds=6)
        )

    def delete_before(self, partition, offset):
        self.admin.delete_records({TopicPartition(self.name, partition): offset})

    def close(self):
        self.producer.close()
        self.admin.close()


@pytest.fixture(params=["memory", "kafka-python", "confluent"])
def rig(request):
    """Makes a topic with so many partitions, and what is needed to fill and to read it."""
    made = []

    def make(partitions=1):
        if request.param == "memory":
            made.append(MemoryRig(partitions))
        else:
            kind = KafkaSource if request.param == "kafka-python" else ConfluentSource
            topic = request.getfixturevalue("new_topic")(partitions)
            made.append(KafkaRig(request.getfixturevalue("broker"), topic, kind))
        return made[-1]

    yield make
    for one in made:
        one.close()


def read_all(source, keeper, *, seconds=30.0):
    """Every batch until the source says that it has caught up."""
    batches, give_up = [], time.monotonic() + seconds
    while not source.caught_up():
        assert time.monotonic() < give_up, f"not caught up: {batches}"
        batches += source.read(keeper, timeout=0.2)
    return batches


def values(batches, stream):
    return [m.value for batch in batches if batch.stream == stream for m in batch.messages]


def numbered(first, last):
    return [b"%d" % number for number in range(first, last)]


def test_what_was_sent_is_read_once_in_order_and_batches_join_up(rig):
    topic = rig(partitions=2)
    topic.send(numbered(0, 40), partition=0)
    topic.send(numbered(40, 60), partition=1)
    source = topic.open()
    try:
        batches = read_all(source, Positions())
    finally:
        source.close()
    assert values(batches, topic.stream(0)) == numbered(0, 40)
    assert values(batches, topic.stream(1)) == numbered(40, 60)
    for stream in (topic.stream(0), topic.stream(1)):
        position = 0
        for batch in batches:
            if batch.stream == stream:
                assert batch.start == position
                assert all(batch.start <= m.offset < batch.next for m in batch.messages)
                position = batch.next


def test_reading_goes_on_from_the_keepers_position(rig):
    topic = rig()
    topic.send(numbered(0, 30))
    source = topic.open()
    try:
        batches = read_all(source, Positions(**{topic.stream(0): 20}))
    finally:
        source.close()
    assert values(batches, topic.stream(0)) == numbered(20, 30)
    assert batches[0].start == 20


def test_the_keeper_is_asked_before_anything_comes_and_in_the_readers_thread(rig):
    topic = rig()
    topic.send(numbered(0, 5))
    keeper = Positions()
    source = topic.open()
    try:
        batches = read_all(source, keeper)
    finally:
        source.close()
    assert batches
    assert keeper.told[0] == ("assigned", topic.stream(0))
    assert keeper.threads == {threading.current_thread()}


def test_an_empty_topic_is_caught_up_with_at_once_but_not_before_it_was_assigned(rig):
    topic = rig()
    source = topic.open()
    try:
        assert not source.caught_up()
        assert read_all(source, Positions()) == []
    finally:
        source.close()


def test_a_seek_backwards_brings_the_same_messages_again(rig):
    topic = rig()
    topic.send(numbered(0, 20))
    source, keeper = topic.open(), Positions()
    try:
        read_all(source, keeper)
        source.seek(topic.stream(0), 5)
        assert not source.caught_up()
        again = read_all(source, keeper)
        source.seek(topic.stream(0), None)
        from_beginning = read_all(source, keeper)
        source.seek("somebody/else/7", 3)  # a stream that is not ours is left alone
        assert source.caught_up()
    finally:
        source.close()
    assert values(again, topic.stream(0)) == numbered(5, 20)
    assert again[0].start == 5
    assert values(from_beginning, topic.stream(0)) == numbered(0, 20)


def test_bytes_keys_and_missing_values_come_through_as_they_are(rig):
    topic = rig()
    topic.send([b"\xff\x00", None, b""])
    source = topic.open()
    try:
        batches = read_all(source, Positions())
    finally:
        source.close()
    found = [m for batch in batches for m in batch.messages]
    assert [m.value for m in found] == [b"\xff\x00", None, b""]
    assert all(isinstance(m, Message) and m.key == b"k" for m in found)
    if not isinstance(topic, MemoryRig):
        assert {m.headers for m in found} == {(("ce_x", b"\xff"),)}


@pytest.mark.parametrize("position", [3, 99])
def test_a_position_that_the_source_has_not_is_for_a_person_to_decide(rig, position):
    topic = rig()
    topic.send(numbered(0, 20))
    topic.delete_before(0, 10)
    source = topic.open()
    try:
        with pytest.raises(StopError, match=rf"{topic.stream(0)}.* {position}\b"):
            read_all(source, Positions(**{topic.stream(0): position}))
    finally:
        source.close()


def test_without_a_position_reading_begins_with_the_first_message_that_is_left(rig):
    topic = rig()
    topic.send(numbered(0, 20))
    topic.delete_before(0, 10)
    source = topic.open()
    try:
        batches = read_all(source, Positions())
    finally:
        source.close()
    assert values(batches, topic.stream(0)) == numbered(10, 20)
    assert batches[0].start == 10


def test_what_comes_after_catching_up_is_read_too(rig):
    topic = rig()
    source, keeper = topic.open(), Positions()
    try:
        read_all(source, keeper)
        topic.send(numbered(0, 10))
        found, give_up = [], time.monotonic() + 20
        while len(found) < 10 and time.monotonic() < give_up:
            found += values(source.read(keeper, timeout=0.2), topic.stream(0))
        source.committed(topic.stream(0), 10)
    finally:
        source.close()
    assert found == numbered(0, 10)


def test_a_lost_stream_is_told_and_reads_on_from_the_keeper_when_it_comes_back():
    topic = MemoryTopic(partitions=[[], []])
    for number in range(10):
        topic.publish(b"%d" % number, partition=number % 2)
    keeper = Positions()
    source = MemorySource(topic, cues={1: Rebalance((1,)), 2: Rebalance((0, 1))})
    first = source.read(keeper, timeout=0)
    assert {batch.partition for batch in first} == {0, 1}
    assert source.read(keeper, timeout=0) == []
    assert keeper.owned == {topic.stream(1)}
    keeper.known = {topic.stream(0): 3, topic.stream(1): 0}
    rest = read_all(source, keeper)
    assert values(rest, topic.stream(0)) == [b"6", b"8"]
    assert values(rest, topic.stream(1)) == [b"1", b"3", b"5", b"7", b"9"]


class Reader(threading.Thread):
    """One member of a group, in a thread of its own: clients join by reading."""

    def __init__(self, source):
        super().__init__()
        self.source = source
        self.keeper = Positions()
        self.values = []
        self.leaving = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.leaving.is_set():
                for batch in self.source.read(self.keeper, timeout=0.1):
                    self.values += [m.value for m in batch.messages]
        finally:
            self.source.close()

    def leave(self):
        self.leaving.set()
        self.join()


def until(condition, *, seconds=40.0):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_two_readers_of_one_group_share_the_streams_and_one_takes_over(rig):
    """Each stream has one owner at a time, and whoever is left goes on with all of them."""
    topic = rig(partitions=4)
    if isinstance(topic, MemoryRig):
        pytest.skip("the memory source has no groups; its rebalance is told above")
    one, two = Reader(topic.open()), Reader(topic.open())
    try:
        until(lambda: len(one.keeper.owned) == len(two.keeper.owned) == 2)
        assert len(one.keeper.owned | two.keeper.owned) == 4
        two.leave()
        until(lambda: len(one.keeper.owned) == 4)
        for partition in range(4):
            topic.send([b"%d" % partition], partition=partition)
        until(lambda: len(one.values) == 4)
        assert set(one.values) == {b"0", b"1", b"2", b"3"}
    finally:
        one.leave()
        two.leave()
