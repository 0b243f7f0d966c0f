"""A source whose reader is looked after: that it is alive, and how much it has before it."""

from collections.abc import Callable
from datetime import timedelta

from connectors.contracts import Batch, Keeper, Source


class Listening:
    """Reads `source` as it is, and notes what operations want to know.

    `turned` is called after each read, in the reader's thread. `unread` are the messages on the
    topic that were not read by then (None: not known), for any thread to ask.
    """

    def __init__(self, source: Source, *, turned: Callable[[], None]) -> None:
        self._source = source
        self._turned = turned
        self.unread: int | None = None

    def read(self, keeper: Keeper, *, timeout: float) -> list[Batch]:
        """As `Source` has it."""
        batches = self._source.read(keeper, timeout=timeout)
        self.unread = self._source.lag()
        self._turned()
        return batches

    def seek(self, stream: str, position: int | None) -> None:
        """As `Source` has it."""
        self._source.seek(stream, position)

    def caught_up(self) -> bool:
        """As `Source` has it."""
        return self._source.caught_up()

    def committed(self, stream: str, position: int) -> None:
        """As `Source` has it."""
        self._source.committed(stream, position)

    def lag(self) -> int | None:
        """As `Source` has it."""
        return self._source.lag()

    def behind(self) -> timedelta | None:
        """As `Source` has it."""
        return self._source.behind()

    def close(self) -> None:
        """As `Source` has it."""
        self._source.close()
