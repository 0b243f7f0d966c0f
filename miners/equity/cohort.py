"""How long applications took that have all been watched for equally long, and what became of them.

A cohort of a fixed horizon: whoever entered at least that long before now, each watched until it
ended or until the horizon. Cases that are still open count with the whole horizon, so slow cases
are not lost; what came later than the horizon does not count for anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.shares import Floats
from miners.standing import DAY, Standing

NEVER_BEGAN, TOO_RECENT, SILENT, WITHDRAWN = "never began", "too recent", "silent", "withdrawn"
"""Why a case tells no days: no clock, entered after now less the horizon, nobody knows, given up.

Silent are open cases without an event for half a year (`miners.standing.SILENCE`) whose last event
lies before their horizon: they are over without a record. One that fell silent later was still
open at its horizon, and counts.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cohort:
    """What is known of each case at its horizon; arrays have shape [cases].

    `days` are those that the clock ran until the case ended or until the horizon, in `unit`; NaN
    for the cases of `left_out`, which counts them by reason (each case under the first that
    holds). `decided`, `withdrawn` and `still_open` are 1 or 0 at the horizon; NaN outside the
    cohort and for silent cases, known for withdrawn ones. They can be averaged, and compared as
    scores.
    """

    in_cohort: Bools
    days: Floats
    decided: Floats
    withdrawn: Floats
    still_open: Floats
    left_out: Mapping[str, int]
    horizon_ms: int
    unit: str

    def __post_init__(self) -> None:
        """Refuse unequal lengths, and cases outside the cohort of which something is told."""
        for name in ("days", "decided", "withdrawn", "still_open"):
            column = getattr(self, name)
            if column.shape != self.in_cohort.shape:
                raise ValueError(f"{name} has shape {column.shape}; not {self.in_cohort.shape}")
            if not np.isnan(column[~self.in_cohort]).all():
                raise ValueError(f"{name} is told of cases outside the cohort; expected NaN")

    @property
    def cases(self) -> int:
        """How many cases are in the cohort, silent and withdrawn ones too."""
        return int(self.in_cohort.sum())


def cohort_of(standing: Standing, *, now: int, horizon_ms: int) -> Cohort:
    """The cases that entered `horizon_ms` or longer before `now` (µs UTC), as of their horizons.

    The horizon is elapsed time, the same for all, while days are those of the clock. How far the
    clock of a case had run at the horizon that it outlasts is taken in proportion between its
    beginning and its end (`Standing.until`).

    >>> since = np.array([0, 0, 200]) * DAY * 1000
    >>> office = without_clock(
    ...     entered=since, seen=since + np.array([10, 250, 50]) * DAY * 1000, last=since + 10,
    ...     ended=np.array([True, True, False]), withdrawn=np.zeros(3, bool),
    ... )
    >>> found = cohort_of(office, now=250 * DAY * 1000, horizon_ms=90 * DAY)
    >>> found.days.tolist(), found.decided.tolist()
    ([10.0, 90.0, nan], [1.0, 0.0, nan])
    """
    if horizon_ms <= 0:
        raise ValueError(f"horizon_ms is {horizon_ms}; expected more than 0")
    began = standing.started
    inside = began & (standing.entered <= now - horizon_ms * 1000)
    due = np.where(inside, standing.entered + horizon_ms * 1000, standing.seen)
    then = standing.until(due)
    followed = np.where(standing.silent, standing.last, standing.seen)
    lost = inside & ~standing.ended & (followed < due)
    gone = inside & then.withdrawn
    told = inside & ~lost

    def where(marked: Bools) -> Floats:
        return np.where(told, marked.astype(np.float64), np.nan)

    return Cohort(
        in_cohort=inside,
        days=np.where(told & ~gone, then.ran / standing.day, np.nan),
        decided=where(then.ended & ~then.withdrawn),
        withdrawn=where(then.withdrawn),
        still_open=where(~then.ended),
        left_out={
            NEVER_BEGAN: int((~began).sum()),
            TOO_RECENT: int((began & ~inside).sum()),
            SILENT: int(lost.sum()),
            WITHDRAWN: int(gone.sum()),
        },
        horizon_ms=horizon_ms,
        unit=standing.unit,
    )


def without_clock(
    *,
    entered: Int64s,
    seen: Int64s,
    last: Int64s,
    ended: Bools,
    withdrawn: Bools,
    working: Int64s | None = None,
    working_day: int = DAY,
) -> Standing:
    """How cases stand in a process that names no clock, from their first event to their end.

    Arrays have shape [cases]: `entered` is the first event (UNKNOWN for a case that is to be left
    out), `seen` the end, or now for an open case, `last` the last event, all in microseconds UTC;
    `working` the office's working milliseconds between `entered` and `seen`, None where there is
    no calendar; `working_day` one working day in milliseconds. What comes out is taken by
    `cohort_of` and, by `Standing.followed`, by the log-rank like a clock.
    """
    known = entered != UNKNOWN
    return Standing(
        entered=entered,
        seen=seen,
        last=last,
        elapsed=np.where(known, seen - np.where(known, entered, seen), 0) // 1000,
        working=working,
        ended=ended,
        withdrawn=withdrawn,
        term=np.full(len(entered), UNKNOWN),
        in_working=np.zeros(len(entered), np.bool_),
        working_day=working_day if working is not None else DAY,
    )
