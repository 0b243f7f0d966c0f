"""What lies open, now and at the end of each month: counted, so that there are no limits to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine.scorecard.ground import LONGEST, Ground, Untold
from engine.watching.of_whole import of_whole
from eventlog.kernels import UNKNOWN, Bools, Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Open:
    """Pieces of open work: their case, since when, for how long (ms), and when all of it lay open.

    `since` and `until` are of everything that ever lay open, [ever], µs UTC, until UNKNOWN where
    it still does; `ever_case` its case; `now` [ever] marks it. `ran` ms is how long what lies open
    now does, [ever], 0 elsewhere.
    """

    ever_case: Int64s
    since: Int64s
    until: Int64s
    ran: Int64s
    day: int
    measured_in: str

    @property
    def now(self) -> Bools:
        """What lies open now; [ever]."""
        return np.asarray(self.until == UNKNOWN)

    def of(self, marked: Bools) -> "Open":
        """Some of it: a mark each, [ever]."""
        return Open(
            ever_case=self.ever_case[marked],
            since=self.since[marked],
            until=self.until[marked],
            ran=self.ran[marked],
            day=self.day,
            measured_in=self.measured_in,
        )

    @property
    def cases(self) -> int:
        """How many applications lie open."""
        return len(np.unique(self.ever_case[self.now]))

    @property
    def oldest(self) -> float | None:
        """Days that the oldest has been open; None where nothing is."""
        return float(self.ran[self.now].max()) / self.day if bool(self.now.any()) else None

    def at_ends(self, ground: Ground) -> list[tuple[int, int]]:
        """How many applications lay open at the end of each complete month: (month, count)."""
        since = ground.month(self.since)
        until = ground.month(np.where(self.now, ground.whole.now, self.until))
        until = np.where(self.now, 1, until)
        first = max(ground.first_month, -LONGEST)
        told = []
        for month in range(first, 0):
            lay = (since <= month) & (until > month)
            told.append((month, len(np.unique(self.ever_case[lay]))))
        return told


def open_cases(ground: Ground) -> Open | Untold:
    """Applications that nothing has closed."""
    whole, standing, time = ground.whole, ground.whole.standing, ground.time
    if whole.is_open is None:
        return Untold(why="no closing step")
    if standing is not None:
        ran, day = standing.ran, standing.day
        counts = standing.counts_working_days
    else:
        ran = time.between(whole.starts, np.full(len(whole.starts), whole.now))
        day, counts = time.day, time.unit == "working days"
    return Open(
        ever_case=np.arange(len(whole.starts)),
        since=whole.starts,
        until=np.where(whole.is_open, UNKNOWN, ground.over_at),
        ran=np.where(whole.is_open & (ran >= 0), ran, 0),
        day=day,
        measured_in="working days" if counts else "days",
    )


def open_work(ground: Ground, unit: int) -> Open | Untold:
    """Work that lies with a unit: what lay there in the past, and what still does."""
    whole, items, time = ground.whole, ground.items, ground.time
    if whole.still is None:
        return Untold(why="no closing step")
    name = items.unit.vocabulary.labels[unit]
    mine = (items.unit.codes == unit) & (items.enabled != UNKNOWN) & (items.completed != UNKNOWN)
    still = of_whole(whole, ground.definition).open
    assert still is not None
    labels = still.unit.vocabulary.labels
    code = labels.index(name) if name in labels else -2
    lies = still.unit.codes == code
    since, case = still.enabled[lies], still.case[lies].astype(np.int64)
    ran = time.between(since, np.full(len(since), whole.now))
    past = int(mine.sum())
    return Open(
        ever_case=np.concatenate([items.case[mine].astype(np.int64), case]),
        since=np.concatenate([items.enabled[mine], since]),
        until=np.concatenate([items.completed[mine], np.full(len(since), UNKNOWN)]),
        ran=np.concatenate([np.zeros(past, np.int64), ran]),
        day=time.day,
        measured_in="working days" if time.unit == "working days" else "days",
    )


def _lie(found: Open) -> float | None:
    return float(found.cases)


def _oldest(found: Open) -> float | None:
    return found.oldest


OPEN: Mapping[str, Callable[[Open], float | None]] = MappingProxyType(
    {"open_now": _lie, "oldest_open_days": _oldest}
)
"""What is told of open work, by the name of the indicator."""
