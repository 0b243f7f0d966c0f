"""Sends messages to a Kafka topic and knows that they are safe there (client: kafka-python)."""

from collections import deque
from typing import Any

import kafka.errors
from kafka import KafkaProducer

from connectors.broker import IN_PROCESS_FILE, KafkaSettings, NobodyAnswers, reach, translated
from eventlog.errors import RetryError

# A replay is far faster than the broker: so many messages may be under way, then we wait.
_UNDER_WAY = 20_000


class KafkaSink:
    """Sends to one topic; every message is acknowledged by all replicas, and sent once.

    Messages of one key go to one partition, in order: a replay keys them by case. `named_in` is
    where a person gave the topic its name, to say so when it is not there. `RetryError` when no
    broker answers: what is to be sent can wait.
    """

    def __init__(
        self, settings: KafkaSettings, *, topic: str, named_in: str = IN_PROCESS_FILE
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._sent: deque[Any] = deque()
        try:
            reach(settings, topic, named_in=named_in)
        except NobodyAnswers as error:
            raise RetryError(str(error)) from error
        try:
            self._producer = KafkaProducer(
                **settings.for_kafka_python(),
                acks="all",
                enable_idempotence=True,
                linger_ms=20,
                max_request_size=2**25,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
            # Now, and not with the first message, which somebody may be waiting for.
            self._producer.partitions_for(topic)
        except kafka.errors.KafkaError as error:
            raise translated(error, settings, topic) from error

    def publish(self, key: str | None, value: bytes) -> None:
        """Send one message; it may still be under way when this returns."""
        try:
            sent = self._producer.send(
                self._topic, value=value, key=None if key is None else key.encode()
            )
            self._sent.append(sent)
            if len(self._sent) >= _UNDER_WAY:
                self._await(len(self._sent) // 2)
        except kafka.errors.KafkaError as error:
            raise translated(error, self._settings, self._topic) from error

    def flush(self) -> None:
        """Wait until all is safely stored; `RetryError` or `StopError` when some is not."""
        try:
            self._producer.flush(timeout=self._settings.patience.total_seconds())
            self._await(len(self._sent))
        except kafka.errors.KafkaError as error:
            raise translated(error, self._settings, self._topic) from error

    def _await(self, oldest: int) -> None:
        for _ in range(oldest):
            self._sent.popleft().get(timeout=self._settings.patience.total_seconds())

    def close(self) -> None:
        """Flush, and let go of the connection."""
        try:
            self.flush()
        finally:
            self._producer.close(timeout=self._settings.patience.total_seconds())

    def drop(self) -> None:
        """Let go of the connection at once; what is under way may arrive or not."""
        self._sent.clear()
        try:
            self._producer.close(timeout=0)
        except kafka.errors.KafkaError:
            # Something is under way: kafka-python 3.0.12 would leave its thread to it for minutes.
            self._producer._sender.force_close()  # noqa: SLF001 - there is no public way
