"""How a command that follows a topic ends, and how it goes on when the broker was away."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

from eventlog.errors import RetryError

T = TypeVar("T")
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


@dataclass
class Stop:
    """Whether a signal has asked us to stop, and which."""

    number: int | None = None

    def __call__(self) -> bool:
        """Asked between two reads."""
        return self.number is not None


def keep_on(
    read: Callable[[], T], stop: Callable[[], bool], waiting: Callable[[RetryError, float], None]
) -> T:
    """Read until stopped; what may heal by itself is waited for with growing pauses.

    `waiting` hears why, and for how many seconds.
    """
    pause = _FIRST_PAUSE
    while True:
        began = time.monotonic()
        try:
            return read()
        except RetryError as error:
            if stop():
                raise
            if time.monotonic() - began > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE  # it had worked for a while: a new trouble
            waiting(error, pause)
            until = time.monotonic() + pause
            while time.monotonic() < until and not stop():
                time.sleep(0.1)
            pause = min(pause * 2, _LONGEST_PAUSE)


@contextmanager
def stop_by_signal() -> Iterator[Stop]:
    """The first Ctrl-C or SIGTERM asks for an orderly end, the second ends at once."""
    stop = Stop()
    before = {}

    def asked(number: int, _frame: FrameType | None) -> None:
        if stop.number is not None:
            raise KeyboardInterrupt
        stop.number = number

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, asked)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
