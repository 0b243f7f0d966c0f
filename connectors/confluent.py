"""Reads permit events from Kafka with the fast client confluent-kafka, an optional extra.

The same contract and the same promises as `connectors/kafka.py`, several times as fast.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.broker import KafkaSettings, no_position, reach
from connectors.contracts import Batch, Keeper, Message
from connectors.unread import Unread
from eventlog.errors import RetryError, StopError, UsageError

try:
    from confluent_kafka import (
        TIMESTAMP_NOT_AVAILABLE,
        Consumer,
        KafkaError,
        KafkaException,
        TopicPartition,
    )
except ImportError as missing:
    raise UsageError(
        "confluent-kafka is not installed; install runut[confluent], or use the client kafka-python"
    ) from missing

_MOST_AT_ONCE = 5000


class ConfluentSource:
    """One reader of a consumer group on one topic; see `KafkaSource` for what the terms mean."""

    def __init__(
        self,
        settings: KafkaSettings,
        *,
        topic: str,
        group: str,
        session: timedelta = timedelta(seconds=10),
        longest_pause: timedelta = timedelta(minutes=5),
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._cluster = reach(settings, topic)
        self._joined = False
        self._news: list[tuple[bool, list[int]]] = []  # (given?, partitions)
        self._next: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._unread = Unread()
        self._heard = time.monotonic()
        self._patience = settings.patience.total_seconds()
        self._consumer = Consumer(
            {
                **settings.for_librdkafka(),
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",  # a lost position is for a person to decide
                "isolation.level": "read_committed",
                "allow.auto.create.topics": False,
                "session.timeout.ms": session // timedelta(milliseconds=1),
                "heartbeat.interval.ms": session // timedelta(milliseconds=1) // 4,
                "max.poll.interval.ms": longest_pause // timedelta(milliseconds=1),
                "fetch.max.bytes": 2**24,
                "queued.max.messages.kbytes": 2**14,
                "log_level": 2,  # what matters comes as an error of `consume`
                "error_cb": _hear_nothing,
            }
        )
        self._consumer.subscribe(
            [topic], on_assign=self._given, on_revoke=self._taken, on_lost=self._taken
        )

    def _given(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        # Nothing is read until the keeper has said from where, which is no work for a callback.
        consumer.assign([])
        self._news.append((True, [one.partition for one in partitions]))

    def _taken(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        consumer.unassign()
        self._news.append((False, [one.partition for one in partitions]))

    def read(self, keeper: Keeper, *, timeout: float) -> list[Batch]:
        """What has come, waiting at most `timeout` seconds."""
        try:
            polled: list[Any] = self._consumer.consume(_MOST_AT_ONCE, timeout)
            if self._news:
                self._settle(keeper)
                return []  # what was polled came before the news, and is read again
            found: dict[int, list[Any]] = {}
            ends: dict[int, int] = {}
            for one in polled:
                error = one.error()
                if error is None:
                    found.setdefault(one.partition(), []).append(one)
                elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 (its name)
                    ends[one.partition()] = one.offset()
                else:
                    self._refuse(error, one)
            batches = self._batches(found, ends)
            self._see(found)
            self._watch(heard=bool(batches))
        except KafkaException as failure:
            raise self._translated(failure.args[0]) from failure
        return batches

    def _see(self, found: dict[int, list[Any]]) -> None:
        """Note where our partitions end, as the answers told that came last."""
        for partition, position in self._next.items():
            one = TopicPartition(self._topic, partition)
            _, end = self._consumer.get_watermark_offsets(one, cached=True)
            kind, written = found[partition][-1].timestamp() if partition in found else (0, 0)
            self._unread.see(
                partition,
                position,
                end if end >= 0 else None,
                written if kind != TIMESTAMP_NOT_AVAILABLE else None,
            )

    def _batches(self, found: dict[int, list[Any]], ends: dict[int, int]) -> list[Batch]:
        received = time.time_ns() // 1000
        batches = []
        for partition in sorted((found.keys() | ends.keys()) & self._next.keys()):
            messages = [
                Message(one.value(), one.key(), tuple(one.headers() or ()), one.offset(), received)
                for one in found.get(partition, ())
            ]
            start = position = self._next[partition]
            if messages:
                position = messages[-1].offset + 1
            if partition in ends:
                # The end itself may lie behind offsets that the broker uses for itself, or before
                # messages of a transaction that is still open.
                position = max(position, ends[partition])
                self._ends[partition] = min(self._ends[partition], position)
            if position > start:
                self._next[partition] = position
                batches.append(
                    Batch(
                        stream=self._stream(partition),
                        source=self._cluster,
                        topic=self._topic,
                        partition=partition,
                        start=start,
                        next=position,
                        messages=messages,
                    )
                )
        return batches

    def _settle(self, keeper: Keeper) -> None:
        while self._news:
            given, partitions = self._news[0]
            if given:
                self._joined = True
                for partition in partitions:
                    position = keeper.assigned(self._stream(partition))
                    beginning, end = self._range(partition)
                    start = beginning if position is None else position
                    if not beginning <= start <= end:
                        raise no_position(self._stream(partition), start, beginning, end)
                    self._next[partition], self._ends[partition] = start, end
                    self._unread.begin(partition, start, end)
                self._place()
            else:
                self._joined = False
                for partition in partitions:
                    self._unread.drop(partition)
                    if self._next.pop(partition, None) is not None:
                        keeper.revoked(self._stream(partition))
            # Only now: what fails half-way is done again by the next read.
            self._news.pop(0)

    def _place(self) -> None:
        self._consumer.assign(
            [TopicPartition(self._topic, place, start) for place, start in self._next.items()]
        )

    def _range(self, partition: int) -> tuple[int, int]:
        one = TopicPartition(self._topic, partition)
        found: tuple[int, int] | None = self._consumer.get_watermark_offsets(one, self._patience)
        if found is None:
            raise RetryError(f"{self._stream(partition)}: no answer within {self._patience:g} s")
        return found

    def _watch(self, *, heard: bool) -> None:
        """Ask a broker that has long said nothing whether it is still there."""
        now = time.monotonic()
        if not heard and now - self._heard < self._patience:
            return
        if not heard:
            self._range(0)
        self._heard = time.monotonic()

    def _refuse(self, error: KafkaError, one: Any) -> None:
        if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 (its name)
            partition = one.partition()
            beginning, end = self._range(partition)
            raise no_position(
                self._stream(partition), self._next.get(partition, end), beginning, end
            )
        # _MAX_POLL_EXCEEDED: the partitions are lost, and the callbacks have said or will say so.
        if error.code() != KafkaError._MAX_POLL_EXCEEDED:  # noqa: SLF001 (its name)
            raise self._translated(error)

    def _translated(self, error: KafkaError) -> StopError | RetryError:
        where = f'topic "{self._topic}" on {self._settings.bootstrap}'
        passing = error.retriable() or error.code() in {
            KafkaError._TRANSPORT,  # noqa: SLF001 (its name)
            KafkaError._TIMED_OUT,  # noqa: SLF001 (its name)
            KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 (its name)
        }
        return (RetryError if passing else StopError)(f"{where}: {error.str()}")

    def seek(self, stream: str, position: int | None) -> None:
        """Go on from `position` (None: the beginning)."""
        for partition in self._next:
            if self._stream(partition) == stream:
                start = self._range(partition)[0] if position is None else position
                self._next[partition] = start
                # `seek` fails on a partition that was assigned a moment ago; this never does.
                self._place()

    def caught_up(self) -> bool:
        """Whether our partitions have been read to where they ended when we were given them."""
        return self._joined and all(
            position >= self._ends[partition] for partition, position in self._next.items()
        )

    def lag(self) -> int | None:
        """How many messages of our partitions have not been read; None where that is not known."""
        return self._unread.lag()

    def behind(self) -> timedelta | None:
        """For how long the oldest unread message has lain there, at most; None: not known."""
        return self._unread.behind()

    def committed(self, stream: str, position: int) -> None:
        """Tell the consumer group, so that lag tools see how far we are; a failure is no matter."""
        offsets = [
            TopicPartition(self._topic, partition, position)
            for partition in self._next
            if self._stream(partition) == stream
        ]
        if offsets:
            self._consumer.commit(offsets=offsets, asynchronous=True)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _stream(self, partition: int) -> str:
        return f"{self._cluster}/{self._topic}/{partition}"


def _hear_nothing(error: KafkaError) -> None:
    """Lost connections are made again by the client; `_watch` notices when none comes back."""
