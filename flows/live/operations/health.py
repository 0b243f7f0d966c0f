"""Whether the watch still turns, and whether it has begun to judge."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Seconds = Callable[[], float]


@dataclass
class Beat:
    """The sign of life of one loop: called each time it comes round.

    `within` is how many seconds may pass between two calls, `due` until when the next must come.
    """

    within: float
    seconds: Seconds
    last: float
    due: float

    def __call__(self) -> None:
        """The loop turns."""
        self.next_within(self.within)

    def next_within(self, seconds: float) -> None:
        """The loop turns, and begins what may take so long, e.g. to read a whole lake."""
        self.last = self.seconds()
        self.due = self.last + seconds


class Heartbeats:
    """The loops of the process; one that is late is stuck, and only a restart will help.

    What a loop waits for (a broker, a mail server) is no matter: while it waits it beats.
    """

    def __init__(self, seconds: Seconds = time.monotonic) -> None:
        self._seconds = seconds
        self._beats: dict[str, Beat] = {}

    def expect(self, loop: str, *, within: float) -> Beat:
        """A loop begins, and will beat at least every `within` seconds."""
        now = self._seconds()
        beat = Beat(within=within, seconds=self._seconds, last=now, due=now + within)
        self._beats = {**self._beats, loop: beat}  # whoever asks meanwhile sees a whole one
        return beat

    def ended(self, loop: str) -> None:
        """The loop has come to its proper end: nobody waits for it any more."""
        self._beats = {name: beat for name, beat in self._beats.items() if name != loop}

    def quiet(self) -> dict[str, float]:
        """For how many seconds each loop has not been heard of."""
        now = self._seconds()
        return {loop: max(now - beat.last, 0.0) for loop, beat in self._beats.items()}

    def stuck(self) -> list[str]:
        """The loops that should have been heard of by now."""
        now = self._seconds()
        return [loop for loop, beat in self._beats.items() if now > beat.due]


class Readiness:
    """What must have happened before the watch can be relied on, e.g. its first evaluation."""

    def __init__(self, *needed: str) -> None:
        self._missing = dict.fromkeys(needed)

    def reached(self, what: str) -> None:
        """This has happened."""
        self._missing = {name: None for name in self._missing if name != what}

    def lost(self, what: str) -> None:
        """This does not hold any more, e.g. the broker went away."""
        self._missing = {**self._missing, what: None}

    def missing(self) -> list[str]:
        """What has not happened yet; nothing: ready."""
        return list(self._missing)
