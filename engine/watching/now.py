"""What time it is for the office: by the wall clock, or by the events of a log that is replayed."""

import time
from collections.abc import Callable
from typing import Protocol

from eventlog.kernels import UNKNOWN

Seconds = Callable[[], float]


class Now(Protocol):
    """The moment at which alert rules are judged."""

    def __call__(self, heard: int) -> int:
        """Now, in µs UTC; `heard` is the latest event that is known, `UNKNOWN` without one.

        `UNKNOWN` while nobody can tell.
        """


class WallClock:
    """The time of day, for events that come as they happen."""

    def __init__(self, seconds: Seconds = time.time) -> None:
        self._seconds = seconds

    def __call__(self, heard: int) -> int:
        """As `Now` has it; the events do not matter."""
        del heard
        return int(self._seconds() * 1_000_000)


class EventClock:
    """The latest event and the real time since it was heard of, for a log that is replayed.

    Never goes back: an event that comes late does not make it earlier.
    """

    def __init__(self, seconds: Seconds = time.monotonic) -> None:
        self._seconds = seconds
        self._heard = UNKNOWN
        self._since = seconds()

    def __call__(self, heard: int) -> int:
        """As `Now` has it; `UNKNOWN` before the first event."""
        moment = self._seconds()
        if heard == UNKNOWN and self._heard == UNKNOWN:
            return UNKNOWN
        passed = 0 if self._heard == UNKNOWN else int((moment - self._since) * 1_000_000)
        if self._heard == UNKNOWN or heard > self._heard + passed:
            self._heard, self._since, passed = heard, moment, 0
        return self._heard + passed
