"""When events were set aside lately, looked up now and then."""

import time
from datetime import timedelta

import numpy as np

from eventlog.kernels import Int64s
from eventlog.lake import Lake

_EVERY = 5.0


class RecentRejects:
    """The rejects of the lake in the last `window` of real time, asked for every few seconds.

    Another process may set events aside as well, so the lake is what is asked.
    """

    def __init__(self, lake: Lake, *, window: timedelta) -> None:
        self._lake = lake
        self._window = int(window.total_seconds() * 1_000_000)
        self._asked = -np.inf
        self._found = np.empty(0, np.int64)

    def __call__(self, now: int) -> Int64s:
        """Their moments as if `now` (µs UTC) were the real time; ascending, [rejects].

        A log that is replayed has a time of its own, and rejects are dated by the real one.
        """
        real = time.time_ns() // 1000
        if time.monotonic() - self._asked >= _EVERY:
            self._found = self._lake.rejected_since(real - self._window)
            self._asked = time.monotonic()
        return self._found + (now - real)
