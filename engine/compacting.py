"""Keeps the lake quick now and then, beside the commits that make it slow."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from eventlog.errors import RunutError
from eventlog.lake import Lake

# Of each hour only versions with a checkpoint are kept, and checkpoints are looked after here.
_AT_LEAST_EVERY = 1800.0


class Compacting:
    """Has small files joined and the log thinned out, one time after the other.

    After each `every` commits, and with the first one after half an hour.
    """

    def __init__(self, lake: Lake, compactor: ThreadPoolExecutor, *, every: int) -> None:
        self._lake = lake
        self._compactor = compactor
        self._every = every
        self._commits = 0
        self._since = time.monotonic()
        self._under_way: Future[bool] | None = None

    def committed(self) -> int:
        """Count a commit; how many times files were joined since the one before."""
        self._commits += 1
        joined = 0
        if self._under_way is not None and self._under_way.done():
            joined = int(self._under_way.result())
            self._under_way = None
        now = time.monotonic()
        due = self._commits >= self._every or now - self._since >= _AT_LEAST_EVERY
        if due and self._under_way is None:
            self._commits, self._since = 0, now
            self._under_way = self._compactor.submit(self._join)
        return joined

    def _join(self) -> bool:
        try:
            return self._lake.compact()
        except RunutError:
            # Somebody else was rewriting, or the disk is in trouble: ingest will say so if it
            # meets it. Files are joined after the next commits.
            return False
