"""What a source of events and a sink for them promise to the rest of Runut."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eventlog.messages import Message

__all__ = ["Batch", "Keeper", "Message", "Sink", "Source"]


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
