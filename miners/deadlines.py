"""Which applications are over their term, and when the term of the others ends.

The term is that of `standard.by` for the case's value at entry, else `standard.term`. Where
`standard.by` names several attributes, the first in the file that has a term for the case decides;
values are compared without regard to capitals. The term is compared with the time that the
statutory clock ran, so the applicant's time is not held against the office: in working time for
"14 working days", in elapsed time for "8 weeks".

"14 working days" are 14 times one working day of the office: a clock that started on Monday at
noon reaches "1 working day" on Tuesday at noon. Exactly at the term is in time.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.definition_parts import Standard
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from eventlog.log import Log
from eventlog.terms import Term
from miners import clock_loops as loops
from miners.clock import NEVER, RUNNING, ClockTimes


@dataclass(frozen=True, kw_only=True, eq=False)
class Deadlines:
    """Each case against its term, in the order of the log; every array has shape [cases].

    `due_ms` is the term and `ran_ms` how long the clock ran, both counted as the term counts:
    working milliseconds where `in_working` holds, elapsed ones elsewhere; `UNKNOWN` where there is
    no term or no clock. `due` is the moment (µs UTC) at which the clock reached its term or would
    reach it if nothing stopped it from now on; for a clock that stands still now it is the
    earliest, if the file came back at once. `over` holds where the clock passed its term, ended or
    not; `judged` where it is known whether it did: an open case that is still in time may yet be
    late, and is not judged. `uncounted` are the cases that have a term in working days and no
    calendar to count them by.
    """

    due_ms: Int64s
    ran_ms: Int64s
    in_working: Bools
    due: Int64s
    over: Bools
    judged: Bools
    uncounted: int

    @property
    def over_term(self) -> pa.Array:
        """Whether each case passed its term; null where that is not known."""
        return pa.array(self.over, pa.bool_(), mask=~self.judged)


def deadlines(
    log: Log, definition: Definition, calendars: Calendars | None, clock: ClockTimes | None
) -> Deadlines | None:
    """Hold the clock of each case against its term.

    None where the process file has no clock or promises no term for whole cases.

    >>> from eventlog.letters import log
    >>> from miners.clock import clock_times
    >>> said = Definition.bare(clock={"starts": ["a"], "stops": ["b"]}, standard={"term": "2h"})
    >>> found = log("P: a b+150")
    >>> deadlines(found, said, None, clock_times(found, said, None)).over_term.to_pylist()
    [True]
    """
    standard = definition.standard
    if clock is None or standard is None or not (standard.term or standard.by):
        return None
    terms, which = _terms(log, standard)
    which = np.where(clock.stands == NEVER, -1, which)
    counts_work = np.array([*(term.working for term in terms), False], np.bool_)[which]
    lengths = np.array([*(_length(term, calendars) for term in terms), UNKNOWN], np.int64)[which]
    known = lengths != UNKNOWN
    in_working = counts_work & known
    ran = clock.running_ms
    due = _reached(clock, np.where(in_working, UNKNOWN, lengths))
    if calendars is not None and clock.running_working_ms is not None:
        ran = np.where(in_working, clock.running_working_ms, ran)
        in_time = _reached_working(clock, calendars, np.where(in_working, lengths, UNKNOWN))
        due = np.where(in_working, in_time, due)
    ran = np.where(known, ran, UNKNOWN)
    over = known & (ran > lengths)
    return Deadlines(
        due_ms=lengths,
        ran_ms=ran,
        in_working=in_working,
        due=due,
        over=over,
        judged=known & (over | (clock.stands != RUNNING)),
        uncounted=int((counts_work & ~known).sum()),
    )


def _terms(log: Log, standard: Standard) -> tuple[list[Term], Int32s]:
    """The terms that there are, and which of them each case has (-1: none); shape [cases]."""
    terms = [] if standard.term is None else [standard.term]
    which = np.full(log.cases, len(terms) - 1, np.int32)
    decided = np.zeros(log.cases, np.bool_)
    for attribute, by_value in standard.by.items():
        place = {}
        for value, term in by_value.items():
            place[value.lower()] = len(terms)
            terms.append(term)
        labels = log.attributes[attribute].vocabulary.labels
        of_code = np.array([*(place.get(label.lower(), -1) for label in labels), -1], np.int32)
        found = of_code[log.entry_values(attribute)]
        named = (found >= 0) & ~decided
        which[named] = found[named]
        decided |= named
    return terms, which


def _length(term: Term, calendars: Calendars | None) -> int:
    """A term in milliseconds of what it counts; `UNKNOWN` for working days without a calendar."""
    if not term.working:
        return round(term.elapsed.total_seconds() * 1000)
    return UNKNOWN if calendars is None else round(term.amount * calendars.working_day_ms)


def _reached(clock: ClockTimes, term_ms: Int64s) -> Int64s:
    """The moment at which each clock is at its term, in elapsed time; shape [cases]."""
    still = clock.suspensions
    found: Int64s = loops.goals(
        still.offsets, still.since, still.until, clock.started, _microseconds(term_ms)
    )
    return found


def _reached_working(clock: ClockTimes, calendars: Calendars, term_ms: Int64s) -> Int64s:
    """The same in the office's working time."""
    still, worked = clock.suspensions, calendars.office.worked
    goal = loops.goals(
        still.offsets,
        worked(still.since),
        worked(still.until),
        worked(clock.started),
        _microseconds(term_ms),
    )
    return calendars.office.moment(goal)


def _microseconds(milliseconds: Int64s) -> Int64s:
    return np.where(milliseconds == UNKNOWN, UNKNOWN, milliseconds * 1000)
