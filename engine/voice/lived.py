"""What applications went through, and since when: detours, waits, lateness and refusal."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.detour_times import OfficeTime
from engine.happened import happened
from engine.judging import Judged
from engine.looks import Whole
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.cases import FAVOURABLE, UNFAVOURABLE
from miners.detours.deciding import ended_as
from miners.detours.episodes import KINDS, SKIPPED

# A kind of detour is told of when so many applications took it.
_FEWEST_DETOURED = 10
DETOUR, LATE, REFUSED, LONGEST, TOTAL = "detour", "late", "refused", "longest wait", "waiting"
"""What can have happened; a kind of detour is named as in interface.md."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Event:
    """Something that happens to some cases: since when, and of which it can be said; [cases].

    `since` is in microseconds UTC, `UNKNOWN`: never. `limit` is the waiting from which on it counts
    as long, in days of `OfficeTime`; None where it is no waiting.
    """

    name: str
    since: Int64s
    known: Bools
    limit: float | None = None

    def before(self, moment: Int64s) -> Bools:
        """Whether it had happened by a moment of each case; [cases]."""
        return np.asarray((self.since != UNKNOWN) & (self.since <= moment))


@dataclass(frozen=True, kw_only=True, eq=False)
class Waits:
    """Every wait for the office, in the order of cases and of `start`; arrays [waits].

    From `start` to `end`, microseconds UTC.
    """

    case: Int64s
    start: Int64s
    end: Int64s
    cases: int
    time: OfficeTime

    def until(self, moment: Int64s) -> tuple[Int64s, Int64s]:
        """The longest wait and all waits together until a moment of each case, ms; [cases] each."""
        stop = np.maximum(np.minimum(self.end, moment[self.case]), self.start)
        spent = self.time.between(self.start, stop)
        longest, total = np.zeros(self.cases, np.int64), np.zeros(self.cases, np.int64)
        np.maximum.at(longest, self.case, spent)
        np.add.at(total, self.case, spent)
        return longest, total

    def longest_reached(self, ms: int) -> Int64s:
        """When a single wait had first lasted so long, µs UTC; `UNKNOWN`: none did; [cases]."""
        spent = self.time.between(self.start, self.end)
        return self._first(np.flatnonzero(spent >= ms), np.full(len(spent), ms, np.int64))

    def total_reached(self, ms: int) -> Int64s:
        """When all waits together had first lasted so long, µs UTC; `UNKNOWN`: never; [cases]."""
        spent = self.time.between(self.start, self.end)
        running = np.cumsum(spent)
        heads = np.searchsorted(self.case, np.arange(self.cases), side="left")
        before = running - spent
        own = before - np.append(before, 0)[np.minimum(heads, len(before))][self.case]
        rows = np.flatnonzero((own < ms) & (own + spent >= ms))
        return self._first(rows, ms - own)

    def _first(self, rows: Int64s, wanted: Int64s) -> Int64s:
        never = np.iinfo(np.int64).max
        out = np.full(self.cases, never, np.int64)
        calendars = self.time.whole.calendars
        start, lasted = self.start[rows], wanted[rows]
        moment = start + lasted * 1000
        if calendars is not None:
            moment = calendars.office.later(start, lasted)
        np.minimum.at(out, self.case[rows], moment)
        return np.where(out == never, UNKNOWN, out)


def waits_of(whole: Whole, time: OfficeTime) -> Waits:
    """The waits for the office until now; the applicants' own steps are no waits for it.

    Where nothing says when work was taken up, it has waited until it was finished.
    """
    assert whole.items is not None
    items = happened(whole.items, whole.now)
    theirs = [label in whole.applicants for label in items.activity.vocabulary.labels]
    own = np.array([*theirs, False], bool)[items.activity.codes]
    end = np.where(items.started != UNKNOWN, items.started, items.completed)
    told = (items.enabled != UNKNOWN) & (end != UNKNOWN) & ~own
    case, start, end = items.case[told], items.enabled[told], end[told]
    still = whole.still
    if still is not None:
        theirs = [label in whole.applicants for label in still.activity.vocabulary.labels]
        own = np.array([*theirs, False], bool)[still.activity.codes]
        mine = (still.enabled != UNKNOWN) & (still.started == UNKNOWN) & ~own
        case = np.concatenate([case, still.case[mine]])
        start = np.concatenate([start, still.enabled[mine]])
        end = np.concatenate([end, np.full(int(mine.sum()), whole.now, np.int64)])
    order = np.lexsort((start, case))
    return Waits(
        case=case[order].astype(np.int64),
        start=start[order],
        end=np.maximum(end, start)[order],
        cases=len(whole.starts),
        time=time,
    )


def detours_taken(whole: Whole, judged: Judged, complaints: frozenset[str]) -> list[Event]:
    """Any detour, and each kind that enough took; a complaint itself is none."""
    episodes, steps = judged.episodes, judged.steps
    taken = np.array([not complaints >= {*one.activities} for one in episodes.subjects], bool)
    moment = steps.done[np.maximum(episodes.first, 0)] if len(episodes) else episodes.first
    # That a step was left out shows when the next one is done.
    left_out = episodes.kind == SKIPPED
    shown = np.where(
        episodes.after >= 0,
        steps.done[np.maximum(episodes.after, 0)] if len(episodes) else episodes.after,
        whole.ends[episodes.case],
    )
    moment = np.where(left_out, shown, moment)
    every = np.ones(len(whole.starts), bool)
    counted = taken[episodes.subject] if len(episodes) else np.empty(0, bool)
    found = []
    for name in (DETOUR, *KINDS):
        which = counted if name == DETOUR else counted & (episodes.kind == KINDS.index(name))
        first = np.full(len(whole.starts), np.iinfo(np.int64).max, np.int64)
        np.minimum.at(first, episodes.case[which], moment[which])
        since = np.where(first == np.iinfo(np.int64).max, UNKNOWN, first)
        if name == DETOUR or int((since != UNKNOWN).sum()) >= _FEWEST_DETOURED:
            found.append(Event(name=name, since=since, known=every))
    return found


def quarters(values: Int64s) -> Int64s:
    """The limits of the quarters of values, ascending, without repetitions; at most three.

    >>> quarters(np.array([1, 2, 3, 4])).tolist(), quarters(np.array([0, 0, 0, 5])).tolist()
    ([2, 3, 4], [5])
    """
    if not len(values):
        return np.empty(0, np.int64)
    ranked = np.sort(values)
    limits = ranked[[len(ranked) * part // 4 for part in (1, 2, 3)]]
    return np.unique(limits[limits > ranked[0]])


def long_waits(waits: Waits, limits: Mapping[str, Int64s]) -> list[Event]:
    """Having waited as long as the quarter that waited longest, once or in all."""
    every = np.ones(waits.cases, bool)
    found = []
    for name, reached in ((LONGEST, waits.longest_reached), (TOTAL, waits.total_reached)):
        if len(limits[name]) and (limit := int(limits[name][-1])) > 0:
            days = limit / waits.time.day
            found.append(Event(name=name, since=reached(limit), known=every, limit=days))
    return found


def late(whole: Whole) -> Event | None:
    """Having gone over the term; None where nothing is promised."""
    if whole.over is None or whole.due is None or not bool((whole.due != UNKNOWN).any()):
        return None
    since = np.where(whole.over & (whole.due != UNKNOWN), whole.due, UNKNOWN)
    return Event(name=LATE, since=since, known=np.asarray(whole.due != UNKNOWN))


def refused(whole: Whole, closed: Int64s) -> Event | None:
    """Having been refused rather than approved; None where nothing says how cases end."""
    bad, good = ended_as(whole.outcome, UNFAVOURABLE), ended_as(whole.outcome, FAVOURABLE)
    if not bad.any() or not good.any():
        return None
    return Event(
        name=REFUSED,
        since=np.where(bad, closed, UNKNOWN),
        known=np.asarray((bad | good) & (closed != UNKNOWN)),
    )
