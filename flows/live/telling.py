"""Tells every channel of alerts while a watch runs: each at its own pace, none holds up another.

A thread for each channel, woken when alerts have changed, and now and then by itself. What it does
not take stays in the book of alerts, and is tried again after a pause of its own.
"""

import os
import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from eventlog.definition import Definition
from eventlog.errors import RetryError, RunutError
from eventlog.lake import Lake
from flows.channels import Channel, channels, scheduler
from flows.settings import Settings


class Listener(Protocol):
    """Who wants to know what becomes of messages; called in the threads of the channels."""

    def delivered(self, channel: str, *, messages: int) -> None:
        """The channel took so many messages."""

    def undelivered(self, channel: str, error: Exception, *, again: float | None) -> None:
        """The channel could not be told; it is tried again in `again` seconds."""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How one channel does, since the start: its name holds no secret.

    `delivered` counts messages, `failed` attempts; `last` is when a message was last taken, in
    seconds since 1970 (None: not yet). `waiting` are the messages that it has not heard, and
    `trouble` why (None: the last attempt went well).
    """

    channel: str
    delivered: int = 0
    failed: int = 0
    last: float | None = None
    waiting: int = 0
    trouble: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """How long a channel is left alone.

    After the n-th failure in a row `first` * 2^(n-1), at most `longest`; at once `longest` where a
    person must act. A random share of up to a half is taken off, so that not all come back at once.
    Where nothing fails, it is looked after `between` also when nobody woke it. `leaving` is how
    long the end waits for what is under way.
    """

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)
    between: timedelta = timedelta(minutes=1)
    leaving: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        """Refuse pauses that are none."""
        if not timedelta(0) < self.first <= self.longest or self.between <= timedelta(0):
            raise ValueError(f"pauses must be longer than nothing, and grow: {self}")

    def after(self, failures: int, error: Exception, chance: random.Random) -> float:
        """Seconds until the next attempt, after so many failures in a row."""
        longest = self.longest.total_seconds()
        # 2^30 seconds are longer than any pause.
        grown = self.first.total_seconds() * 2.0 ** min(failures - 1, 30)
        pause = min(grown, longest) if isinstance(error, RetryError) else longest
        return pause * (1 - chance.random() / 2)


class Teller:
    """Tells one channel, in a thread of its own."""

    def __init__(self, channel: Channel, listener: Listener, pauses: Pauses) -> None:
        self._channel = channel
        self._listener = listener
        self._pauses = pauses
        self._chance = random.Random()  # noqa: S311 (no secret hangs on it)
        self._signal = threading.Condition()
        self._woken = True
        self._leaving = False
        self._failures = 0
        self._due = time.monotonic()
        self._telling = Telling(channel=channel.name)
        # Whoever hangs must not keep the watch from ending.
        self._thread = threading.Thread(target=self._run, name=f"tell {channel.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look now whether there is something to tell; a pause after a failure is kept."""
        with self._signal:
            self._woken = True
            self._signal.notify()

    def leave(self) -> None:
        """End, once what it was woken for has been tried."""
        with self._signal:
            self._leaving = True
            self._signal.notify()

    def left(self, seconds: float) -> bool:
        """Whether it has ended, waiting at most so long for that."""
        self._thread.join(max(seconds, 0.0))
        return not self._thread.is_alive()

    def snapshot(self) -> Telling:
        """How the channel does."""
        return self._telling

    def _run(self) -> None:
        leaving = False
        while not leaving:
            with self._signal:
                pause = max(self._due - time.monotonic(), 0.0)
                self._signal.wait_for(lambda: self._woken or self._leaving, pause)
                woken, self._woken = self._woken, False
                leaving = self._leaving
            if self._failures and time.monotonic() < self._due:
                self._count()
            elif woken or not leaving:
                self._tell()
        self._channel.close()

    def _tell(self) -> None:
        """Try to tell all that waits, and say how that went."""
        before, error = self._channel.delivered, None
        try:
            # First what is known of it is looked at, which takes its place in the book: nothing
            # from then on is skipped. Then, where there was nothing to tell, a connection is made
            # ready: that of the first alert would take a second, and now is when to find it wrong.
            self._channel.tell()
            self._channel.open()
        except Exception as caught:  # noqa: BLE001 (one channel's bug must not silence it for good)
            error = caught
        messages = self._channel.delivered - before
        told = self._telling
        if messages:
            told = replace(told, delivered=self._channel.delivered, last=time.time())
            self._listener.delivered(told.channel, messages=messages)
        if error is None:
            self._failures = 0
            pause = self._pauses.between.total_seconds()
            self._telling = replace(told, waiting=0, trouble=None)
        else:
            self._failures += 1
            pause = self._pauses.after(self._failures, error, self._chance)
            self._telling = replace(told, failed=told.failed + 1, trouble=_trouble(error))
            self._count()
            self._listener.undelivered(told.channel, error, again=pause)
        self._due = time.monotonic() + pause

    def _count(self) -> None:
        """See how much waits for a channel that rests."""
        # What keeps the book from being read is told when the channel's turn comes.
        with suppress(RunutError):
            self._telling = replace(self._telling, waiting=self._channel.waiting())


class Tellers:
    """All channels of a watch."""

    def __init__(self, found: Iterable[Channel], listener: Listener, pauses: Pauses) -> None:
        self._leaving = pauses.leaving.total_seconds()
        self._tellers = [Teller(channel, listener, pauses) for channel in found]

    def wake(self) -> None:
        """Alerts have changed: tell those who have not heard."""
        for teller in self._tellers:
            teller.wake()

    def snapshot(self) -> tuple[Telling, ...]:
        """How each channel does, in an order that stays."""
        return tuple(teller.snapshot() for teller in self._tellers)

    def close(self) -> None:
        """Wait for what is under way, for some seconds; what is left is told by the next watch."""
        for teller in self._tellers:
            teller.leave()
        until = time.monotonic() + self._leaving
        for teller in self._tellers:
            teller.left(until - time.monotonic())


@contextmanager
def tellers(
    settings: Settings,
    lake: Lake,
    process: Definition,
    *,
    on_event: Listener,
    environment: Mapping[str, str] = os.environ,
    pauses: Pauses = Pauses(),
) -> Iterator[Tellers]:
    """The channels that the settings name, told as long as this is open.

    The Prefect server is one of them where `environment` names it, in PREFECT_API_URL.
    """
    found = list(channels(settings, lake, process))
    if environment.get("PREFECT_API_URL"):
        found.append(scheduler(settings, lake, process))
    with closing(Tellers(found, on_event, pauses)) as telling:
        yield telling


def _trouble(error: Exception) -> str:
    """What went wrong, in words that may be shown: foreign ones may repeat an address."""
    return str(error) if isinstance(error, RunutError) else f"unexpected {type(error).__name__}"
