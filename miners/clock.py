"""How long the statutory clock of each application ran, and when it stood still.

The law gives an office so many days from the application to the decision, and takes out the time
in which the applicant has the file. What is counted here:

- The clock **starts** when an activity of `clock.starts` first completes. Without one it never
  ran: all of its times are unknown.
- It **ends** at the first activity of `clock.stops` after that. A decision that is sent or
  corrected once more does not lengthen it, and a clock that is started again after its end (an
  objection, an application renewed under its old number) stays ended: that is another procedure,
  told by `restarted`.
- A case that was closed without any stop (withdrawn, aborted) ends its clock at the first closing
  activity, so that it does not run for ever.
- It **stands still** from an activity of `clock.suspended` to the next one that ends that
  suspension; overlapping ones count once. What nobody ends lasts until the clock does, or until
  now.

Only completed activities count, in the order of the log. What is dated after now has not happened
yet (a year mistyped): it starts, ends and suspends nothing.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventlog.calendar import Calendars
from eventlog.coded import Vocabulary
from eventlog.definition import Definition
from eventlog.errors import UsageError
from eventlog.kernels import UNKNOWN, Bools, Int8s, Int64s, UInt8s, UInt64s
from eventlog.log import Log
from miners import clock_loops as loops
from miners.clock_loops import CLOSED, NEVER, RUNNING, STOPPED

__all__ = ["CLOSED", "NEVER", "RUNNING", "STOPPED", "ClockTimes", "Suspensions", "clock_times"]

_PAIRS = 64  # what fits the bits of one number; statutes know two or three


@dataclass(frozen=True, kw_only=True, eq=False)
class Suspensions:
    """When clocks stood still: case i owns the intervals `offsets[i]` to `offsets[i + 1]`.

    `since` and `until` [intervals] are microseconds UTC, within a case ascending and disjoint.
    """

    offsets: Int64s
    since: Int64s
    until: Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class ClockTimes:
    """The statutory clock of each case, in the order of the log; every array has shape [cases].

    `started` and `stopped` are microseconds UTC; `stopped` is `UNKNOWN` for a clock that runs.
    `stands` is `NEVER` (no start: all else is `UNKNOWN`), `RUNNING`, `STOPPED` or `CLOSED` (the
    case was closed without a stop). `running_ms` is how long the clock ran until it ended or until
    `now`, elapsed time less `suspended_ms`; `running_working_ms` is the same in the office's
    working time, None without a calendar. `suspended_now` says that a running clock stands still;
    `restarted` that the case started again after its clock had ended.
    """

    now: int
    started: Int64s
    stopped: Int64s
    stands: Int8s
    running_ms: Int64s
    running_working_ms: Int64s | None
    suspended_ms: Int64s
    suspended_now: Bools
    restarted: Bools
    suspensions: Suspensions

    @cached_property
    def seen(self) -> Int64s:
        """Until when each clock is known: its end, or `now`; `UNKNOWN` for one that never ran."""
        return np.where(self.stands == RUNNING, self.now, self.stopped)


def missing(definition: Definition) -> tuple[str, ...]:
    """What the process file lacks for a clock; nothing when there is one."""
    clock = definition.clock
    needed = {"clock.starts": clock.starts, "clock.stops": definition.closing}
    return tuple(name for name, said in needed.items() if not said)


def never_started(started: Int64s) -> bool:
    """Whether there are cases and no clock of any began: a name is misspelt, or nothing is told.

    `started` [cases] is as in `ClockTimes`.
    """
    return bool(len(started)) and not bool((started != UNKNOWN).any())


def clock_times(
    log: Log, definition: Definition, calendars: Calendars | None, now: int | None = None
) -> ClockTimes | None:
    """The clock of each case at `now` (µs UTC; the latest event of the log where it is not given).

    `log` has the activities as they came, before any abstraction. None where the process file
    does not say what starts and what ends the clock, see `missing`. The calendars must reach
    from the first event to `now`.

    Of events dated after `now` none counts: a case whose only stop lies there still runs, one
    whose only start does never began.

    >>> from eventlog.letters import log
    >>> said = Definition.bare(clock={"starts": ["a"], "stops": ["d"],
    ...                               "suspended": [{"from": "b", "until": "c"}]})
    >>> times = clock_times(log("P: a b c d"), said, None)
    >>> times.running_ms.tolist(), times.suspended_ms.tolist()
    ([7200000], [3600000])
    """
    if missing(definition):
        return None
    if now is None:
        now = int(log.timestamp.max()) if len(log) else 0
    marks = Marks.of(definition, log.activity.vocabulary)
    columns = (log.offsets, _happened(log, now), log.activity.codes)
    start, end, stands, restarted = loops.clock_rows(*columns, marks.role)
    still = loops.still_rows(*columns, marks.suspends, marks.resumes, end)
    offsets, since, until, suspended_now = loops.suspensions(
        log.offsets, log.timestamp, still, start, end, now
    )
    started, stopped = _moments(log, start), _moments(log, end)
    latest = np.where(stands == RUNNING, now, stopped)
    suspended = loops.sums_between(offsets, since, until)
    ran = stands != NEVER
    working = None
    if calendars is not None:
        worked = calendars.office.worked
        out = loops.sums_between(offsets, worked(since), worked(until))
        working = np.where(ran, (worked(latest) - worked(started) - out) // 1000, UNKNOWN)
    return ClockTimes(
        now=now,
        started=started,
        stopped=stopped,
        stands=stands,
        running_ms=np.where(ran, (latest - started - suspended) // 1000, UNKNOWN),
        running_working_ms=working,
        suspended_ms=np.where(ran, suspended // 1000, UNKNOWN),
        suspended_now=suspended_now,
        restarted=restarted,
        suspensions=Suspensions(offsets=offsets, since=since, until=until),
    )


def suspended_rows(log: Log, definition: Definition) -> Bools:
    """Whether a suspension lasts from each event on, clock or no clock; shape [events]."""
    marks = Marks.of(definition, log.activity.vocabulary)
    columns = (log.offsets, log.lifecycle, log.activity.codes)
    end = loops.clock_rows(*columns, marks.role)[1]
    lasts: Bools = loops.still_rows(*columns, marks.suspends, marks.resumes, end)
    return lasts


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """What each activity means to the clock, as `miners.clock_loops` reads it; [activities]."""

    role: UInt8s
    suspends: UInt64s
    resumes: UInt64s

    @staticmethod
    def of(definition: Definition, activities: Vocabulary) -> "Marks":
        """The marks of the labels of a log; UsageError where suspensions are too many."""
        clock = definition.clock
        if len(clock.suspended) > _PAIRS:
            raise UsageError(
                f"clock.suspended has {len(clock.suspended)} pairs; expected at most {_PAIRS}"
            )
        role = np.zeros(len(activities), np.uint8)
        suspends, resumes = (np.zeros(len(activities), np.uint64) for _ in range(2))
        for code, label in enumerate(activities.labels):
            role[code] = (
                loops.STARTS * (label in clock.starts)
                + loops.STOPS * (label in clock.stops)
                + loops.CLOSES * (label in definition.closing)
            )
            for place, pair in enumerate(clock.suspended):
                suspends[code] |= np.uint64((label == pair.from_) << place)
                resumes[code] |= np.uint64((label == pair.until) << place)
        return Marks(role=role, suspends=suspends, resumes=resumes)


def _happened(log: Log, now: int) -> Int8s:
    """The lifecycle of each event, `NOT_YET` where it is dated after `now`; shape [events]."""
    return np.where(log.timestamp > now, loops.NOT_YET, log.lifecycle).astype(np.int8)


def _moments(log: Log, rows: Int64s) -> Int64s:
    """The timestamps of rows, `UNKNOWN` where the row is -1."""
    if not len(log):
        return np.full(len(rows), UNKNOWN, np.int64)
    return np.where(rows >= 0, log.timestamp[rows], UNKNOWN)
