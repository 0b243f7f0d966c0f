"""The broker of the tests does what tests will rely on."""

import time

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaTimeoutError, MessageSizeTooLargeError


def send(broker, topic, values, **options):
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, **options)
    try:
        for sent in [producer.send(topic, value, key=b"case-1") for value in values]:
            sent.get(timeout=30)
    finally:
        producer.close()


def read(broker, topic, count, **options):
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, **options)
    try:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        values, give_up = [], time.monotonic() + 30
        while len(values) < count and time.monotonic() < give_up:
            for batch in consumer.poll(timeout_ms=200).values():
                values += [message.value for message in batch]
        return values
    finally:
        consumer.close()


def test_what_is_sent_is_read_back_in_order(broker, new_topic):
    topic = new_topic()
    values = [f"event {n}".encode() for n in range(100)]
    send(broker, topic, values)
    assert read(broker, topic, 100) == values


@pytest.mark.kafka
@pytest.mark.long
def test_messages_outlive_a_restart_and_a_kill(broker, new_topic):
    topic = new_topic()
    address = broker.bootstrap
    send(broker, topic, [b"before the restart"])
    broker.restart()
    send(broker, topic, [b"before the kill"])
    broker.kill()
    broker.start()
    assert broker.bootstrap == address
    assert read(broker, topic, 2) == [b"before the restart", b"before the kill"]


@pytest.mark.kafka
def test_a_paused_broker_is_silent_and_then_goes_on(broker, new_topic):
    topic = new_topic()
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    try:
        producer.send(topic, b"heard at once").get(timeout=30)
        broker.pause()
        try:
            sent = producer.send(topic, b"heard late")
            with pytest.raises(KafkaTimeoutError):
                sent.get(timeout=0.5)
        finally:
            broker.resume()
        sent.get(timeout=30)
    finally:
        producer.close()
    assert read(broker, topic, 2) == [b"heard at once", b"heard late"]


@pytest.mark.kafka
def test_a_message_of_20_megabytes_passes(broker, new_topic):
    topic = new_topic()
    large = b"x" * 20_000_000
    send(broker, topic, [large], max_request_size=25_000_000)
    assert read(broker, topic, 1, max_partition_fetch_bytes=25_000_000) == [large]


@pytest.mark.kafka
def test_a_topic_takes_its_own_settings(broker, new_topic):
    topic = new_topic(partitions=3, max_message_bytes=1000)
    with pytest.raises(MessageSizeTooLargeError):
        send(broker, topic, [b"x" * 5000])
