"""What a source of events and a sink for them promise to the rest of Runut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from eventlog.messages import Message

__all__ = ["Batch", "Keeper", "Message", "Receiver", "Sink", "Source"]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Consecutive messages of one stream: all that lies from position `start` to before `next`.

    Positions are offsets and may have gaps: fewer messages than `next - start`, even none, when
    the broker has removed some (compaction) or uses offsets for itself (transactions).
    """

    stream: str  # "<cluster>/<topic>/<partition>"
    source: str  # the cluster
    topic: str
    partition: int
    start: int
    next: int
    messages: Sequence[Message]

    def __post_init__(self) -> None:
        """Refuse a batch that goes backwards."""
        if not 0 <= self.start <= self.next:
            raise ValueError(f"batch of {self.stream} from {self.start} to {self.next}")


class Keeper(Protocol):
    """Who keeps the position of every stream; a source only asks and tells."""

    def assigned(self, stream: str) -> int | None:
        """This reader has been given `stream`: where to go on, None for its beginning."""

    def revoked(self, stream: str) -> None:
        """This reader has lost `stream`: forget what is not committed yet."""


class Source(Protocol):
    """Streams of messages that are read from positions which somebody else keeps.

    Everything happens in the caller's thread, and `keeper` is only called from within `read`. A
    position that the source does not have any more is a `StopError`, a silent source a
    `RetryError`.
    """

    def read(self, keeper: Keeper, *, timeout: float) -> list[Batch]:
        """What has come, waiting at most `timeout` seconds; each stream's batches join up."""

    def seek(self, stream: str, position: int | None) -> None:
        """Go on from `position` (None: the beginning); a stream that is not ours is left alone."""

    def caught_up(self) -> bool:
        """Whether all has been read that lay in our streams when they were assigned."""

    def lag(self) -> int | None:
        """How many messages of our streams have not been read; None where that is not known.

        Never waits for a broker. Offsets that hold no message count as one until they are passed.
        """

    def behind(self) -> timedelta | None:
        """For how long the oldest unread message has lain there, at most; None: not known."""

    def committed(self, stream: str, position: int) -> None:
        """Tell the source's own tools how far we are; nothing depends on it."""

    def close(self) -> None:
        """Give the streams back."""


class Sink(Protocol):
    """Where messages are sent; those of one key keep their order."""

    def publish(self, key: str | None, value: bytes) -> None:
        """Send one message; it may still be under way when this returns."""

    def flush(self) -> None:
        """Wait until all is safely stored; `RetryError` or `StopError` when some is not."""

    def close(self) -> None:
        """Flush, and let go of the connection."""

    def drop(self) -> None:
        """Let go of the connection at once; what is under way may arrive or not."""


class Receiver(Protocol):
    """Where alerts are delivered; it may stay connected from one delivery to the next."""

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Deliver messages of interface.md in their order, all or an error.

        `RetryError` when the same may succeed later, `StopError` when a person must act; some may
        have arrived then, and repeats share their key.
        """

    def close(self) -> None:
        """Let go of the connection; it fails for nothing."""
