"""How the clocks of kept cases stand at any moment, without looking at their events again.

Between two events of a case its clock runs or stands still, so what it shows follows from a few
moments. The figures are those of `miners.clock`, `miners.deadlines` and `miners.standing`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.case_look import CaseLook
from engine.watching.columns import Column, Columns
from eventlog.calendar import Calendars
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners import clock_loops as loops
from miners.clock import RUNNING
from miners.standing import DAY, Standing

CLOCK: dict[str, type[Any]] = {
    "stands": np.int8,  # as in `miners.clock`
    "started": np.int64,
    "stopped": np.int64,  # UNKNOWN for a clock that runs
    "elapsed": np.int64,  # ms that an ended clock ran
    "working": np.int64,  # the same in working time
    "still_since": np.int64,  # since when a running clock stands still; UNKNOWN: it does not
    "still": np.int64,  # µs of the suspensions before that
    "still_working": np.int64,  # the same in working time
    "term": np.int64,  # ms; UNKNOWN without one
    "in_working": np.bool_,  # whether the term counts working time
    "room": np.int64,  # µs from the start to the term as it counts, past suspensions let out
    "due": np.int64,  # for a clock that does not stand still
    "over": np.bool_,  # for an ended clock
    "withdrawn": np.bool_,
}
"""What is kept of the clock of a case; moments are µs UTC, `UNKNOWN` without a clock."""


def clock_columns(look: CaseLook) -> dict[str, Column]:
    """The columns of `CLOCK` for cases that were looked at; each [cases]."""
    clock, due, standing = look.clock, look.due, look.standing
    assert clock is not None
    assert standing is not None
    cases = len(clock.started)
    offsets, begins = clock.suspensions.offsets, clock.suspensions.since
    since, ends = _lasting(look)
    calendars = look.calendars
    unknown = np.full(cases, UNKNOWN)
    term = unknown if due is None else due.due_ms
    in_working = np.zeros(cases, bool) if due is None else due.in_working
    elapsed_term = np.where(in_working | (term == UNKNOWN), UNKNOWN, term * 1000)
    goal = loops.goals(offsets, begins, ends, clock.started, elapsed_term)
    room = np.where(goal != UNKNOWN, goal - clock.started, UNKNOWN)
    still_working = np.zeros(cases, np.int64)
    if calendars is not None:
        worked = calendars.office.worked
        told = offsets, worked(begins), worked(ends)
        still_working = loops.sums_between(*told)
        started = worked(clock.started)
        goal = loops.goals(*told, started, np.where(in_working, term * 1000, UNKNOWN))
        room = np.where(goal != UNKNOWN, goal - started, room)
    return {
        "stands": clock.stands,
        "started": clock.started,
        "stopped": clock.stopped,
        "elapsed": clock.running_ms,
        "working": unknown if clock.running_working_ms is None else clock.running_working_ms,
        "still_since": since,
        "still": loops.sums_between(offsets, begins, ends),
        "still_working": still_working,
        "term": term,
        "in_working": in_working,
        "room": room,
        "due": unknown if due is None else due.due,
        "over": np.zeros(cases, bool) if due is None else due.over,
        "withdrawn": standing.withdrawn,
    }


def _lasting(look: CaseLook) -> tuple[Int64s, Int64s]:
    """Since when each clock stands still, [cases], and when the suspensions before that ended.

    The latter are [intervals], the one that lasts being made empty. One that was resumed now and
    began again is one that lasts: the time is the same.
    """
    clock = look.clock
    assert clock is not None
    offsets, until = clock.suspensions.offsets, clock.suspensions.until.copy()
    since = np.where(clock.suspended_now, clock.now, UNKNOWN)
    own = np.flatnonzero(clock.suspended_now & (np.diff(offsets) > 0))
    last = offsets[own + 1] - 1
    lasts = until[last] == clock.now
    own, last = own[lasts], last[lasts]
    since[own] = clock.suspensions.since[last]
    until[last] = since[own]
    return since, until


@dataclass(frozen=True, kw_only=True, eq=False)
class ClocksNow:
    """The clocks at one moment; arrays have shape [cases], durations are milliseconds.

    `elapsed` and `working` (None without a calendar) are how long each ran, `over` whether it
    passed its term, and `due` when it did or will, as `miners.deadlines` tells them.
    """

    elapsed: Int64s
    working: Int64s | None
    over: Bools
    due: Int64s


def clocks_at(kept: Columns, now: int, calendars: Calendars | None) -> ClocksNow:
    """The clocks of kept cases at `now`; no event of them may lie between their look and then."""
    rows = np.flatnonzero(kept["stands"] == RUNNING)
    started, since = kept["started"][rows], kept["still_since"][rows]
    stands_still = since != UNKNOWN
    until = np.where(stands_still, since, now)
    elapsed, over, due = (kept[name].copy() for name in ("elapsed", "over", "due"))
    elapsed[rows] = (until - started - kept["still"][rows]) // 1000
    term, room, in_working = (kept[name][rows] for name in ("term", "room", "in_working"))
    goal = started + room
    goal += np.where(since < goal, now - until, 0)
    working = None
    if calendars is not None:
        worked = calendars.office.worked
        then, begun = worked(until), worked(started)
        working = kept["working"].copy()
        working[rows] = (then - begun - kept["still_working"][rows]) // 1000
        reached = begun + room
        reached += np.where(then < reached, worked(np.array([now])) - then, 0)
        shown = stands_still & in_working
        goal[shown] = calendars.office.moment(reached[shown])
    against = (
        elapsed[rows] if working is None else np.where(in_working, working[rows], elapsed[rows])
    )
    over[rows] = (term != UNKNOWN) & (against > term)
    moved = stands_still & (term != UNKNOWN)
    due[rows[moved]] = goal[moved]
    return ClocksNow(elapsed=elapsed, working=working, over=over, due=due)


def standing_at(kept: Columns, now: int, calendars: Calendars | None) -> Standing:
    """How kept cases stand at `now`, as `clocks_at` has it; arrays are [cases]."""
    clocks, stands = clocks_at(kept, now, calendars), kept["stands"]
    return Standing(
        entered=kept["started"].copy(),
        seen=np.where(stands == RUNNING, now, kept["stopped"]),
        last=kept["last"].copy(),
        elapsed=clocks.elapsed,
        working=clocks.working,
        ended=ended(kept),
        withdrawn=kept["withdrawn"].copy(),
        term=kept["term"].copy(),
        in_working=kept["in_working"].copy(),
        working_day=DAY if calendars is None else calendars.working_day_ms,
    )


def ended(kept: Columns) -> Bools:
    """Whose clock is over; [cases]."""
    return np.asarray(kept["stands"] > RUNNING)


def suspended(kept: Columns) -> Bools:
    """Whose clock runs and stands still; [cases]."""
    return np.asarray(kept["still_since"] != UNKNOWN)
