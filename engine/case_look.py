"""What each application's events say of its work and its clock, before anything crosses cases."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from engine.opening import OpeningHours
from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Bools, Int64s
from eventlog.log import Log
from miners.cases import closed_at, open_cases, outcomes
from miners.clock import ClockTimes, clock_times
from miners.deadlines import Deadlines, deadlines
from miners.parties import Parties, parties
from miners.standing import Standing, standing_of
from miners.work_items import Instances, Items, seconds, work_items


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseLook:
    """A block of complete cases: the work on them, their clocks, and who had the time.

    Arrays are in the order of the log's cases. `is_open` is None where no activity closes a case;
    `items` where nobody asked for them. `closed` is when a case was, µs UTC (`miners.cases`).
    """

    items: Items | None
    clock: ClockTimes | None
    due: Deadlines | None
    parties: Parties
    standing: Standing | None
    is_open: Bools | None
    closed: Int64s
    outcome: pa.Array
    working_ms: Int64s | None
    calendars: Calendars | None


def look_at(
    log: Log,
    mined: Log | None,
    definition: Definition,
    opening: OpeningHours,
    *,
    now: int,
    instances: Instances | None = None,
) -> CaseLook:
    """Look at complete cases; `now` is in µs UTC.

    `log` has the activities as they came, which clocks go by; `mined` has those of the map, which
    work is told by (None: nobody asks for it).
    """
    calendars = None
    if opening.known:
        ends = (int(log.timestamp.min()), int(log.timestamp.max())) if len(log) else (now, now)
        calendars = opening(min(ends[0], now), max(ends[1], now))
    clock = clock_times(log, definition, calendars, now)
    due = deadlines(log, definition, calendars, clock)
    outcome = outcomes(log, definition.outcome)
    closes = bool(definition.closing)
    is_open = open_cases(log, definition).to_numpy(zero_copy_only=False) if closes else None
    return CaseLook(
        items=None if mined is None else work_items(mined, instances),
        clock=clock,
        due=due,
        parties=parties(log, definition, calendars),
        standing=None if clock is None else standing_of(log, clock, due, outcome, calendars),
        is_open=None if is_open is None else np.asarray(is_open, bool),
        closed=closed_at(log, definition),
        outcome=outcome,
        working_ms=None if calendars is None else calendars.office.between(log.starts, log.ends),
        calendars=calendars,
    )


def uncounted(definition: Definition) -> tuple[str, ...]:
    """Where the process file promises working days and has no calendar to count them by."""
    standard = definition.standard
    if standard is None or "calendar" in definition.model_fields_set:
        return ()
    terms = {
        **({} if standard.term is None else {"standard.term": standard.term}),
        **{
            f"standard.by.{attribute}.{value}": term
            for attribute, by_value in standard.by.items()
            for value, term in by_value.items()
        },
        **{f"{STEPS}.{activity}": term for activity, term in standard.steps.items()},
    }
    return tuple(name for name, term in terms.items() if term.working)


def case_columns(look: CaseLook, cases: int) -> dict[str, Any]:
    """The columns that a look adds to the case table; all of them, null where nothing is known."""
    clock, shares = look.clock, look.parties.elapsed
    columns: dict[str, Int64s | None] = {
        "working_seconds": look.working_ms,
        "clock_seconds": None if clock is None else clock.running_ms,
        "clock_working_seconds": None if clock is None else clock.running_working_ms,
        "applicant_seconds": shares.applicant,
        "external_seconds": shares.external,
        "office_seconds": shares.office,
    }
    if look.items is not None:
        items = look.items
        columns["waiting_seconds"] = items.case_sums(items.waiting_ms, cases)
        columns["service_seconds"] = items.case_sums(items.service_ms, cases)
        if look.calendars is not None:
            working = items.waiting_working_ms(look.calendars)
            columns["waiting_working_seconds"] = items.case_sums(working, cases)
    unknown = np.full(cases, UNKNOWN, np.int64)
    told = {}
    for name in SECONDS:
        column = columns.get(name)
        told[name] = seconds(unknown if column is None else column)
    over = pa.nulls(cases, pa.bool_()) if look.due is None else look.due.over_term
    return {**told, "over_term": over}


STEPS = "standard.steps"
SECONDS = (
    "working_seconds", "clock_seconds", "clock_working_seconds", "applicant_seconds",
    "external_seconds", "office_seconds", "waiting_seconds", "waiting_working_seconds",
    "service_seconds",
)  # fmt: skip
