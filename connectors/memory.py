"""A topic in memory, and a source that pauses, loses streams and crashes on cue: for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from connectors.contracts import Batch, Keeper, Message
from eventlog.errors import StopError


@dataclass(kw_only=True)
class MemoryTopic:
    """A topic with its messages in memory; offsets may have gaps, and old messages may be gone."""

    name: str = "permit.events"
    cluster: str = "memory"
    partitions: list[list[Message]] = field(default_factory=lambda: [[]])
    beginnings: dict[int, int] = field(default_factory=dict)

    def publish(self, value: bytes | None, *, partition: int = 0, key: bytes | None = None) -> None:
        """Append one message after the last of `partition`."""
        end = self.end(partition)
        self.partitions[partition].append(Message(value, key, (), end, 0))

    def stream(self, partition: int) -> str:
        """The name under which the position of `partition` is kept."""
        return f"{self.cluster}/{self.name}/{partition}"

    def beginning(self, partition: int) -> int:
        """The first offset that can still be read."""
        return self.beginnings.get(partition, 0)

    def end(self, partition: int) -> int:
        """The offset of the next message to come."""
        messages = self.partitions[partition]
        return messages[-1].offset + 1 if messages else self.beginning(partition)


@dataclass(frozen=True)
class Pause:
    """This read brings nothing, although there is more."""


@dataclass(frozen=True)
class Crash:
    """This read fails."""

    error: Exception


@dataclass(frozen=True)
class Rebalance:
    """Before this read, the reader loses all streams and is given those of `partitions`."""

    partitions: tuple[int, ...]


Cue = Pause | Crash | Rebalance


class MemorySource:
    """Reads a `MemoryTopic`, at most `most` messages of a partition at a time.

    `cues` says what happens at which read, counted from 0. Without cues it reads to the end.
    """

    def __init__(
        self,
        topic: MemoryTopic,
        *,
        partitions: Sequence[int] | None = None,
        most: int = 3,
        cues: Mapping[int, Cue] | None = None,
    ) -> None:
        self._topic = topic
        self._most = most
        self._cues = dict(cues or {})
        self._reads = 0
        self._given = tuple(range(len(topic.partitions)) if partitions is None else partitions)
        self._next: dict[int, int] | None = None
        self._ends: dict[int, int] = {}
        self.told: dict[str, int] = {}  # what `committed` was told
        self.closed = False

    def read(self, keeper: Keeper, *, timeout: float) -> list[Batch]:
        """The next few messages of every partition; never waits."""
        del timeout
        cue = self._cues.get(self._reads)
        self._reads += 1
        if isinstance(cue, Crash):
            raise cue.error
        if self._next is None:
            self._assign(keeper, self._given)
        if isinstance(cue, Rebalance):
            for partition in self._next or {}:
                keeper.revoked(self._topic.stream(partition))
            self._assign(keeper, cue.partitions)
        if cue is not None:
            return []
        assert self._next is not None
        batches = (self._batch(partition, start) for partition, start in list(self._next.items()))
        return [batch for batch in batches if batch is not None]

    def _assign(self, keeper: Keeper, partitions: Sequence[int]) -> None:
        self._next = {}
        for partition in partitions:
            stream = self._topic.stream(partition)
            beginning, end = self._topic.beginning(partition), self._topic.end(partition)
            position = keeper.assigned(stream)
            start = beginning if position is None else position
            if not beginning <= start <= end:
                raise StopError(f"{stream} has {beginning} to {end}, and not position {start}")
            self._next[partition] = start
            self._ends[partition] = end

    def _batch(self, partition: int, start: int) -> Batch | None:
        messages = [m for m in self._topic.partitions[partition] if m.offset >= start][: self._most]
        if not messages:
            return None
        assert self._next is not None
        self._next[partition] = messages[-1].offset + 1
        return Batch(
            stream=self._topic.stream(partition),
            source=self._topic.cluster,
            topic=self._topic.name,
            partition=partition,
            start=start,
            next=self._next[partition],
            messages=messages,
        )

    def seek(self, stream: str, position: int | None) -> None:
        """Go on from `position`."""
        for partition in self._next or {}:
            if self._topic.stream(partition) == stream:
                beginning = self._topic.beginning(partition)
                assert self._next is not None
                self._next[partition] = beginning if position is None else position

    def caught_up(self) -> bool:
        """Whether every partition was read to where it ended at assignment."""
        return self._next is not None and all(
            position >= self._ends[partition] for partition, position in self._next.items()
        )

    def lag(self) -> int | None:
        """How many offsets have not been read; None before the first read."""
        if self._next is None:
            return None
        return sum(self._topic.end(partition) - start for partition, start in self._next.items())

    def behind(self) -> timedelta | None:
        """Nothing when all has been read, else not known: messages here have no times."""
        return timedelta(0) if self.lag() == 0 else None

    def committed(self, stream: str, position: int) -> None:
        """Remembered in `told`, for tests to see."""
        self.told[stream] = position

    def close(self) -> None:
        """Remembered in `closed`, for tests to see."""
        self.closed = True
