"""Reads permit events from Kafka, from positions that the lake keeps (client: kafka-python)."""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import kafka.errors
from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition

from connectors.broker import KafkaSettings, no_position, reach, translated
from connectors.contracts import Batch, Keeper, Message
from connectors.unread import Unread
from eventlog.errors import RetryError, StopError

_MOST_AT_ONCE = 5000
_CLOSING_MS = 5000
_JOINING_SECONDS = 10.0


class _Pausing(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Notes who gave and took what; all real work waits for the main thread.

    The client calls this on its network thread, where only the client's memory may be touched: a
    new partition is paused, and put at a position of no meaning so that the client does not go
    and ask the broker for one.
    """

    def __init__(self) -> None:
        self.consumer: KafkaConsumer | None = None
        self.settled = False  # False while the group is sorting out who reads what
        self.news: list[tuple[bool, set[TopicPartition]]] = []  # (given?, partitions)

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        assert self.consumer is not None
        for partition in assigned:
            self.consumer.pause(partition)
            self.consumer.seek(partition, 0)
        self.news.append((True, set(assigned)))
        self.settled = True

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        assert self.consumer is not None
        # kafka-python 3.0.12 forgets a join that is still under way when `poll` ends, if only
        # new metadata had asked for it, and then never reads again: so we ask for it too.
        self.consumer._coordinator.request_rejoin()  # noqa: SLF001 - there is no public way
        self.news.append((False, set(revoked)))
        self.settled = False

    def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        self.news.append((False, set(lost)))
        self.settled = False


class KafkaSource:
    """One reader of a consumer group on one topic.

    `session` is how long the broker waits for a sign of life before it gives our partitions to
    another reader, `longest_pause` how long we may be busy between two reads.
    """

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
        self._next: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._unread = Unread()
        self._heard = time.monotonic()
        self._listener = _Pausing()
        session_ms = session // timedelta(milliseconds=1)
        try:
            self._consumer = KafkaConsumer(
                **settings.for_kafka_python(),
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="none",  # a lost position is for a person to decide
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                session_timeout_ms=session_ms,
                heartbeat_interval_ms=session_ms // 4,
                max_poll_interval_ms=longest_pause // timedelta(milliseconds=1),
                fetch_max_bytes=2**24,
                max_poll_records=_MOST_AT_ONCE,
                metrics_enabled=False,
            )
        except kafka.errors.KafkaError as error:
            raise translated(error, settings, topic) from error
        self._listener.consumer = self._consumer
        self._consumer.subscribe([topic], listener=self._listener)
        # Waits until the topic's partitions are known: a group leader that knows nothing of them
        # would give nothing to anybody, and begin anew a moment later.
        self._consumer.topics()

    def read(self, keeper: Keeper, *, timeout: float) -> list[Batch]:
        """What has come, waiting at most `timeout` seconds."""
        try:
            polled = self._poll(int(timeout * 1000))
            if self._listener.news:
                self._settle(keeper)
            batches = [
                self._batch(partition, found, found[-1].offset + 1)
                for partition, found in polled.items()
                if partition in self._next
            ]
            batches = batches or self._gaps()
            self._see(polled)
            self._watch(heard=bool(batches))
        except kafka.errors.OffsetOutOfRangeError as error:
            raise self._lost(error.args[0]) from error
        except kafka.errors.KafkaError as error:
            raise translated(error, self._settings, self._topic) from error
        return batches

    def _see(self, polled: dict[TopicPartition, list[Any]]) -> None:
        """Note where our partitions end, as the answers told that came last."""
        for partition, position in self._next.items():
            found = polled.get(partition)
            written = found[-1].timestamp if found else None
            end = self._consumer.highwater(partition)
            self._unread.see(partition.partition, position, end, written)

    def _poll(self, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        """Poll once, or for as long as the group is being sorted out.

        A join that completes between two polls is thrown away by kafka-python 3.0.12 and begun
        anew, for all readers: nothing may come between them.
        """
        give_up = time.monotonic() + _JOINING_SECONDS
        while True:
            polled: dict[TopicPartition, list[Any]] = self._consumer.poll(timeout_ms=timeout_ms)
            if self._listener.settled or time.monotonic() > give_up:
                return polled

    def _batch(self, partition: TopicPartition, found: Sequence[Any], position: int) -> Batch:
        received = time.time_ns() // 1000
        start, self._next[partition] = self._next[partition], position
        return Batch(
            stream=self._stream(partition),
            source=self._cluster,
            topic=self._topic,
            partition=partition.partition,
            start=start,
            next=position,
            messages=[
                Message(one.value, one.key, tuple(one.headers), one.offset, received)
                for one in found
            ],
        )

    def _gaps(self) -> list[Batch]:
        """Pass by the offsets at the end that the broker uses for itself or has cleared."""
        passed = []
        for partition, known in self._next.items():
            position = self._consumer.position(partition, timeout_ms=1000)
            if position is not None and position > known:
                passed.append((partition, position))
        return [self._batch(partition, [], position) for partition, position in passed]

    def _settle(self, keeper: Keeper) -> None:
        """Act on what the listener noted, in the order in which it happened."""
        while self._listener.news:
            given, partitions = self._listener.news[0]
            if given:
                self._joined = True
                self._assign(keeper, partitions & self._consumer.assignment())
            else:
                self._joined = False
                for partition in partitions & self._next.keys():
                    del self._next[partition]
                    self._unread.drop(partition.partition)
                    keeper.revoked(self._stream(partition))
            # Only now: what fails half-way is done again by the next read.
            self._listener.news.pop(0)

    def _assign(self, keeper: Keeper, partitions: Iterable[TopicPartition]) -> None:
        given = sorted(partitions)
        patience = self._settings.patience // timedelta(milliseconds=1)
        beginnings = self._consumer.beginning_offsets(given, timeout_ms=patience) if given else {}
        ends = self._consumer.end_offsets(given, timeout_ms=patience) if given else {}
        for partition in given:
            position = keeper.assigned(self._stream(partition))
            start = beginnings[partition] if position is None else position
            if not beginnings[partition] <= start <= ends[partition]:
                raise no_position(
                    self._stream(partition), start, beginnings[partition], ends[partition]
                )
            self._next[partition] = start
            self._ends[partition] = ends[partition]
            self._unread.begin(partition.partition, start, ends[partition])
            self._consumer.seek(partition, start)
            self._consumer.resume(partition)

    def _lost(self, positions: dict[TopicPartition, int]) -> StopError:
        partition, position = next(iter(positions.items()))
        beginning = self._consumer.beginning_offsets([partition])[partition]
        end = self._consumer.end_offsets([partition])[partition]
        return no_position(self._stream(partition), position, beginning, end)

    def _watch(self, *, heard: bool) -> None:
        """Ask a broker that has long said nothing whether it is still there."""
        now = time.monotonic()
        if heard or now - self._heard < self._settings.patience.total_seconds():
            self._heard = now if heard else self._heard
            return
        patience = self._settings.patience // timedelta(milliseconds=1)
        try:
            self._consumer.beginning_offsets([TopicPartition(self._topic, 0)], timeout_ms=patience)
        except kafka.errors.KafkaTimeoutError as error:
            silent = time.monotonic() - self._heard
            raise RetryError(
                f"the broker at {self._settings.bootstrap} has not answered for {silent:.0f} s"
            ) from error
        self._heard = time.monotonic()

    def seek(self, stream: str, position: int | None) -> None:
        """Go on from `position` (None: the beginning)."""
        for partition in self._next:
            if self._stream(partition) == stream:
                start = position
                if start is None:
                    start = self._consumer.beginning_offsets([partition])[partition]
                self._next[partition] = start
                self._consumer.seek(partition, start)

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
        for partition in self._next:
            if self._stream(partition) == stream:
                self._consumer.commit_async({partition: OffsetAndMetadata(position, "", -1)})

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close(autocommit=False, timeout_ms=_CLOSING_MS)

    def _stream(self, partition: TopicPartition) -> str:
        return f"{self._cluster}/{partition.topic}/{partition.partition}"
