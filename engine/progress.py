"""Tells whoever waits how far the work is; the engine does not know who that is."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Stage(Protocol):
    """One stage of work under way."""

    def advance(self, amount: int) -> None:
        """Say that `amount` more of it is done."""


class Progress(Protocol):
    """Where stages of work are announced."""

    def stage(self, name: str, total: int | None = None) -> AbstractContextManager[Stage]:
        """Begin a stage; `total` is how much there is to do, where that is known."""


class Silent:
    """Progress that nobody watches."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:  # noqa: ARG002 (the contract's)
        """Begin a stage in silence."""
        yield self

    def advance(self, amount: int) -> None:
        """Go on in silence."""
