"""When the conditions of the rules held in a simulated office: told by the minute, with no engine.

From what the simulation did, in the simplest way that serves.
"""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from watch_hindsight import Hindsight
from watch_rules import QUEUE, SILENCE, WAITING

from eventlog.kernels import Int64s
from miners.shares import Floats
from simulation.process import ZONING

MINUTE = 60_000_000
_WEEK = 7 * 24 * 60 * MINUTE
_FEWEST = 10


def held(
    seen: Hindsight, name: str, above: float, *, since: int, until: int
) -> list[tuple[int, int]]:
    """From when to when (µs; the last minute of each) the measure was above the threshold."""
    minutes = np.arange(since, until + 1, MINUTE)
    told = values(seen, name, minutes)
    spans: list[tuple[int, int]] = []
    pairs: Iterator[tuple[int, bool]] = zip(minutes.tolist(), (told > above).tolist(), strict=True)
    for beyond, group in groupby(pairs, key=lambda pair: pair[1]):
        if beyond:
            span = [minute for minute, _ in group]
            spans.append((span[0], span[-1]))
    return spans


def values(seen: Hindsight, name: str, moments: Int64s) -> Floats:
    """What there is to read at each moment (ascending, µs), by word; NaN where it is not known."""
    return _VALUES[name](seen, moments)


def _items(seen: Hindsight) -> tuple[Int64s, Int64s, Int64s]:
    """When the reviews of the zoning were enabled, started and completed."""
    work = seen.work
    rows = np.array(work.activity.vocabulary.labels)[work.activity.codes] == ZONING
    return work.enabled[rows], work.started[rows], work.completed[rows]


def _queue(seen: Hindsight, minutes: Int64s) -> Floats:
    came, taken, _ = (np.sort(column) for column in _items(seen))
    waiting = np.searchsorted(came, minutes, "right") - np.searchsorted(taken, minutes, "right")
    return waiting.astype(np.float64)


def _silence(seen: Hindsight, minutes: Int64s) -> Floats:
    """Working hours since the latest completion."""
    assert seen.calendars is not None
    done = np.sort(_items(seen)[2])
    latest = done[np.maximum(np.searchsorted(done, minutes, "right") - 1, 0)]
    return seen.calendars.office.between(latest, minutes) / 3_600_000


def _waiting(seen: Hindsight, minutes: Int64s) -> Floats:
    """The working days that nine of ten files waited at most of those taken up in seven days."""
    assert seen.calendars is not None
    came, taken, _ = _items(seen)
    order = np.argsort(taken, kind="stable")
    came, taken = came[order], taken[order]
    waited = seen.calendars.office.between(came, taken) / seen.calendars.working_day_ms
    first = np.searchsorted(taken, minutes - _WEEK, "right")
    last = np.searchsorted(taken, minutes, "right")
    values = np.full(len(minutes), np.nan)
    same = np.flatnonzero(np.diff(first, prepend=-1) | np.diff(last, prepend=-1))
    for place, until in zip(same.tolist(), [*same[1:].tolist(), len(minutes)], strict=True):
        some = np.sort(waited[first[place] : last[place]])
        if len(some) >= _FEWEST:
            values[place:until] = some[int(np.ceil(0.9 * len(some))) - 1]
    return values


_VALUES = {QUEUE: _queue, SILENCE: _silence, WAITING: _waiting}
