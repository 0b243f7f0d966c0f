"""Judges the alert rules in a thread of its own: after every commit, and by the clock."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from engine.watching.watch import Evaluated, Watch
from eventlog.errors import RetryError
from eventlog.lake import Conflict
from flows.live.operations.health import Beat

# Rules are judged at least so often, also when no event comes.
_EVERY = 2.0
# As long as this share of the time at the most: the ingest needs the processor too.
_SHARE = 0.5
_LONGEST_PAUSE = 30.0
# After somebody else judged at the same time.
_RACE = 0.1
# Within which a turn of the loop must come to its end, and within which reading the whole lake.
TURN, BUILD = 120.0, 4 * 3600.0


class Hearer(Protocol):
    """Who hears what the judging found; called in its thread."""

    def evaluated(self, found: Evaluated) -> None:
        """The rules were judged."""

    def waiting(self, error: Exception, seconds: float) -> None:
        """It cannot go on just now, and tries again in so many seconds."""


class Judging:
    """The loop that judges, from `start` to `finish`.

    `make` reads the lake and gives the watch; it is asked anew when something went wrong. `lag` is
    asked at each turn how many events on the topic are not in the lake. What cannot heal by itself
    ends the loop: then `broken` holds, and `finish` raises it.
    """

    def __init__(
        self,
        make: Callable[[], Watch],
        *,
        hearer: Hearer,
        beat: Beat,
        lag: Callable[[], int | None],
    ) -> None:
        self._make = make
        self._hearer = hearer
        self._beat = beat
        self._lag = lag
        self._watch: Watch | None = None
        self._signal = threading.Condition()
        self._asked, self._judged = 0, 0
        self._leaving = self._waited_for = False
        self._pause = 1.0
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="judge", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def committed(self, events: int) -> None:
        """So many events have been committed since the start: judge soon."""
        with self._signal:
            self._asked = events
            self._signal.notify_all()

    @property
    def broken(self) -> bool:
        """Whether the loop has come to an end that it should not have."""
        return self._error is not None

    @property
    def behind(self) -> int:
        """How many committed events have not been judged yet."""
        return self._asked - self._judged

    def wait(self, seconds: float) -> None:
        """Wait until more is judged or the loop ends, but no longer than that; it does not rest."""
        with self._signal:
            self._waited_for = True
            self._signal.notify_all()
            self._signal.wait(seconds)
            self._waited_for = False

    def finish(self) -> None:
        """Judge once more, end, and raise what broke the loop, or kept it from judging at last."""
        with self._signal:
            self._leaving = True
            self._signal.notify_all()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            leaving = False
            while not leaving:
                leaving = self._leaving
                began = time.monotonic()
                rest = self._turn()
                took = time.monotonic() - began
                self._beat()
                # Who only lost a race to another process tries again before it ends.
                leaving = leaving and rest != _RACE
                with self._signal:
                    self._signal.notify_all()
                    self._signal.wait_for(lambda: self._leaving, rest)
                    self._signal.wait_for(
                        lambda: self._leaving or self._waited_for, took / _SHARE - took - rest
                    )
                    self._signal.wait_for(lambda: self._leaving or self.behind > 0, _EVERY)
        except BaseException as error:  # noqa: BLE001 (`finish` raises it, in the thread that asked)
            self._error = error
            with self._signal:
                self._signal.notify_all()

    def _turn(self) -> float:
        """Judge once; for how many seconds to rest at least."""
        asked = self._asked
        try:
            if self._watch is None:
                self._beat.next_within(BUILD)
                self._watch = self._make()
            self._beat()
            found = self._watch.evaluate(lag=self._lag())
        except Conflict:
            return _RACE
        except RetryError as error:
            if self._leaving:
                raise  # nobody tries again: that the last events were not judged must be told
            # What was kept may be half changed: the lake is read anew.
            self._watch = None
            pause, self._pause = self._pause, min(self._pause * 2, _LONGEST_PAUSE)
            self._hearer.waiting(error, pause)
            return pause
        self._judged, self._pause = asked, 1.0
        self._hearer.evaluated(found)
        return 0.0
