"""How each application stands with the clock: since when it runs, how long, whether it ended."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from eventlog.calendar import Calendars
from eventlog.kernels import UNKNOWN, Bools, Int64s
from eventlog.log import Log
from miners.cases import WITHDRAWN
from miners.clock import CLOSED, RUNNING, ClockTimes
from miners.deadlines import Deadlines

__all__ = ["DAY", "SILENCE", "UNKNOWN", "Standing", "standing_of"]

DAY = 86_400_000
"""Milliseconds of a calendar day."""
SILENCE = 180 * DAY * 1000
"""Microseconds without an event after which nobody can be said to work at an open case."""

_COLUMNS = (
    "entered", "seen", "last", "elapsed", "working", "ended", "withdrawn", "term", "in_working",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """Every case (or every item of a step) against its clock; each array has shape [cases].

    `entered` is when the clock began, `seen` until when it is known (its end, or now for an open
    case), `last` the case's last event of any kind, all in microseconds UTC; a case whose clock
    never began has UNKNOWN as `entered` and is left out everywhere. `elapsed` and `working` are
    the milliseconds that the clock ran by `seen`, in elapsed and in working time (None without a
    calendar). `ended` says that the clock is over, by a decision or, where `withdrawn` holds too,
    because the applicant gave up (or the case was closed without a decision). `term` is what was
    promised, in milliseconds of working time where `in_working` holds and of elapsed time
    elsewhere; UNKNOWN where nothing was. `working_day` is one working day in milliseconds.
    """

    entered: Int64s
    seen: Int64s
    last: Int64s
    elapsed: Int64s
    working: Int64s | None
    ended: Bools
    withdrawn: Bools
    term: Int64s
    in_working: Bools
    working_day: int = DAY

    def __post_init__(self) -> None:
        """Refuse what cannot be: unequal lengths, clocks that ran backwards, a day of nothing."""
        for column, name in ((getattr(self, name), name) for name in _COLUMNS):
            if column is not None and column.shape != self.entered.shape:
                raise ValueError(
                    f"{name} has shape {column.shape}; expected {self.entered.shape}, one a case"
                )
        known = self.entered != UNKNOWN
        for name in ("elapsed", "working"):
            column = getattr(self, name)
            if column is not None and bool((column[known] < 0).any()):
                raise ValueError(f"{name} has a clock that ran {column[known].min()} ms")
        if bool((self.seen < self.entered).any()):
            raise ValueError("seen lies before entered; a clock cannot end before it began")
        if bool((self.withdrawn & ~self.ended).any()):
            raise ValueError("a case is withdrawn and not ended; withdrawing ends the clock")
        if bool(self.in_working.any()) and self.working is None:
            raise ValueError("a term counts working days and there is no calendar to count them by")
        if self.working_day <= 0:
            raise ValueError(f"working_day is {self.working_day} ms; expected more than 0")

    def __len__(self) -> int:
        """How many cases there are, with those whose clock never began."""
        return len(self.entered)

    @property
    def started(self) -> Bools:
        """Whose clock began; shape [cases]."""
        return np.asarray(self.entered != UNKNOWN)

    @property
    def against_term(self) -> Int64s:
        """The milliseconds that the clock ran, counted as the case's term counts; [cases]."""
        if self.working is None:
            return self.elapsed
        return np.where(self.in_working, self.working, self.elapsed)

    @property
    def counts_working_days(self) -> bool:
        """Whether times are best told in working days: a calendar, and no term that says else."""
        termed = self.term != UNKNOWN
        return self.working is not None and bool(self.in_working[termed].all())

    @property
    def ran(self) -> Int64s:
        """The milliseconds that the clock ran, all cases counted the same way; [cases]."""
        return (
            self.working
            if self.working is not None and self.counts_working_days
            else (self.elapsed)
        )

    @property
    def day(self) -> int:
        """One day of `ran`, in milliseconds."""
        return self.working_day if self.counts_working_days else DAY

    @property
    def unit(self) -> str:
        """What `ran` is told in: `working days` or `days`."""
        return "working days" if self.counts_working_days else "days"

    @property
    def silent(self) -> Bools:
        """Open cases without an event for SILENCE: over without a record, or forgotten; [cases]."""
        return ~self.ended & (self.seen - np.maximum(self.last, self.entered) > SILENCE)

    def take(self, which: Bools | Int64s | slice) -> "Standing":
        """The standing of some cases: a mark per case, places, or a range of places."""
        return replace(
            self,
            entered=self.entered[which],
            seen=self.seen[which],
            last=self.last[which],
            elapsed=self.elapsed[which],
            working=None if self.working is None else self.working[which],
            ended=self.ended[which],
            withdrawn=self.withdrawn[which],
            term=self.term[which],
            in_working=self.in_working[which],
        )

    def _those(self, marked: Bools) -> "Standing":
        return self if bool(marked.all()) else self.take(marked)

    def followed(self) -> "Standing":
        """The cases whose clock began, silent ones followed only up to their last event."""
        begun = self._those(self.started)
        return begun.until(np.where(begun.silent, begun.last, begun.seen))

    def ran_by(self, moment: int) -> Int64s:
        """How far the clocks had run at `moment` (µs UTC), as `ran` counts; -1 before; [cases]."""
        then = self.until(np.full(len(self), moment)).ran
        return np.where(self.entered <= moment, then, -1)

    def known_by(self, moment: int) -> "Standing":
        """What was known at `moment` (µs UTC): cases entered by then, later ends unknown."""
        then = self._those(self.started & (self.entered <= moment))
        return then.until(np.full(len(then), moment))

    def until(self, moment: Int64s) -> "Standing":
        """The same cases as known up to a moment each (µs UTC), [cases]; whole without a clock.

        How far a clock had run at a moment before its end is taken in proportion between `entered`
        and `seen`. A suspension or a weekend may shift that by days, which only moves when this one
        case enters or leaves the count of those followed.
        """
        moment = np.maximum(moment, self.entered)
        later = self.started & (self.seen > moment)
        span = np.where(later, self.seen - self.entered, 1)
        part = np.where(later, (moment - self.entered) / span, 1.0)

        def run(milliseconds: Int64s) -> Int64s:
            return np.where(later, np.floor(milliseconds * part), milliseconds).astype(np.int64)

        return replace(
            self,
            seen=np.where(later, moment, self.seen),
            last=np.where(later, np.minimum(self.last, moment), self.last),
            elapsed=run(self.elapsed),
            working=None if self.working is None else run(self.working),
            ended=self.ended & ~later,
            withdrawn=self.withdrawn & ~later,
        )


def standing_of(
    log: Log,
    clock: ClockTimes,
    due: Deadlines | None,
    outcome: pa.Array,
    calendars: Calendars | None,
) -> Standing:
    """Where each case of the log stands; `outcome` as `miners.cases.outcomes` tells it, [cases].

    A clock that a withdrawal ended counts as withdrawn, and so does one that was closed without a
    stop where nobody knows how the case ended; a known refusal or approval is a decision, stop or
    not. The clock must have been told with the same `calendars`.
    """
    ended = clock.stands > RUNNING
    words = outcome.to_pylist()
    gave_up = np.array([word == WITHDRAWN for word in words], np.bool_)
    unknown = np.array([word is None for word in words], np.bool_)
    return Standing(
        entered=clock.started,
        seen=clock.seen,
        last=log.ends,
        elapsed=clock.running_ms,
        working=clock.running_working_ms,
        ended=ended,
        withdrawn=ended & (gave_up | (unknown & (clock.stands == CLOSED))),
        term=np.full(log.cases, UNKNOWN) if due is None else due.due_ms,
        in_working=np.zeros(log.cases, bool) if due is None else due.in_working,
        working_day=DAY if calendars is None else calendars.working_day_ms,
    )
