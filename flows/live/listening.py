"""A source whose reader is looked after: that it is alive, and how much it has before it."""

from collections.abc import Callable
from datetime import timedelta

from connectors.contracts import Batch, Keeper, Source


class Listening:
    """Reads `source` as it is, and notes what operations want to know.

    `turned` is called after each read, in the reader's thread, with the messages on the topic that
    are not read (None: not known) and for how long the oldest of them has lain there (as well).
    """

    def __init__(
        self, source: Source, *, turned: Callable[[int | None, timedelta | None], None]
    ) -> None:
        self._source = source
        self._turned = turned

    def read(self, keeper: Keeper, *, timeout: float) -> list[Batch]:
        """As `Source` has it."""
        batches = self._source.read(keeper, timeout=timeout)
        self._turned(self.lag(), self.behind())
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
