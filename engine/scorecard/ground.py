"""What the scorecard stands on: all cases, the office's own work on them, and the months told."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from engine.detour_times import OfficeTime, closed
from engine.happened import happened
from engine.judging import Judged
from engine.looks import Whole
from engine.scorecard.rows import Rows, Statistic
from eventlog.definition import Definition
from eventlog.indicators import Measured
from eventlog.kernels import UNKNOWN, Bools, Int64s
from eventlog.moments import moment_of
from eventlog.periods import periods
from miners.survival import kaplan_meier
from miners.work_items import Items

Why = Literal[
    "no events", "no closing step", "no term", "no applicant steps", "no satisfaction",
    "no complaints", "no procedure", "no service times", "no costs", "no fees", "no officers",
    "few officers", "few newcomers", "no units", "unknown unit", "attribute hidden", "too early",
]  # fmt: skip
"""Why a line of the scorecard has no number."""
YEAR, QUARTER, LONGEST = 12, 3, 24
"""Months of a value, of either side of a trend, and of the longest curve."""
_MOST = 0.9
FEWEST_OFFICERS = 3
LEAST_PIECES = 10
"""Pieces of work in a year without which nobody counts as an officer of a unit."""


@dataclass(frozen=True, kw_only=True)
class Untold:
    """Why an indicator has no number."""

    why: Why


@dataclass(frozen=True, kw_only=True, eq=False)
class Counted:
    """The rows of an indicator and what is told of them.

    `span`: a year's rows make the value and quarters its trend, or all rows of the log make the
    value and there is no trend. Rows count when something `entered`, or when it was `finished`.
    """

    rows: Rows
    statistic: Statistic
    measured_in: Measured | Literal["days"]
    span: Literal["year", "log"] = "year"
    counts: Literal["entered", "finished"] = "finished"


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """All that the indicators are counted from; arrays are [cases] or [items]."""

    whole: Whole
    definition: Definition
    judged: Judged
    items: Items

    @staticmethod
    def of(whole: Whole, definition: Definition, judged: Judged) -> "Ground":
        """Only what had happened by now; `whole` must have work items."""
        assert whole.items is not None
        return Ground(
            whole=whole,
            definition=definition,
            judged=judged,
            items=happened(whole.items, whole.now),
        )

    @cached_property
    def over(self) -> Bools:
        """Which cases are closed; [cases]."""
        return closed(self.whole)

    @cached_property
    def over_at(self) -> Int64s:
        """When they were, µs UTC: by a closing step, else with the last event; [cases]."""
        known = self.whole.closed != UNKNOWN
        return np.where(known, self.whole.closed, self.whole.ends)

    @cached_property
    def time(self) -> OfficeTime:
        """Working days where there is a calendar."""
        return OfficeTime.of(self.whole)

    @cached_property
    def office_work(self) -> Bools:
        """Which items are finished, and not the applicant's own; [items]."""
        labels = self.items.activity.vocabulary.labels
        own = np.array([*(name not in self.whole.applicants for name in labels), False], bool)
        return np.asarray(own[self.items.activity.codes] & (self.items.completed != UNKNOWN))

    @property
    def names_officers(self) -> bool:
        """Whether any finished work of the office names who did it."""
        return bool((self.items.resource.codes[self.office_work] >= 0).any())

    def month(self, at: Int64s) -> Int64s:
        """The calendar month of each moment, before (below 0) the one that runs now (0)."""
        zone = self.definition.timezone
        return periods(at, zone, "month") - self._running

    @cached_property
    def _running(self) -> int:
        return int(periods(np.array([self.whole.now]), self.definition.timezone, "month")[0])

    @cached_property
    def first_month(self) -> int:
        """The first month of which the log knows everything."""
        return int(self.month(np.array([self.whole.began]))[0]) + 1

    @cached_property
    def settled_month(self) -> int:
        """The first month in which the slow are among those that are finished, too.

        A log begins with applications that come; what is finished in its first months was quick,
        and less often had a detour. Nine of ten are over by then (Kaplan & Meier 1958).
        """
        whole = self.whole
        seen = np.where(self.over, self.over_at, whole.now)
        ran = np.maximum(seen - whole.starts, 0) // 1000
        most = kaplan_meier(ran, self.over).quantile(_MOST)
        if most is None:
            return 1
        return int(self.month(np.array([whole.began + int(most.value) * 1000]))[0]) + 1

    def name_of_month(self, place: int) -> str:
        """A month that `month` numbers, as 2026-03."""
        year, month = divmod(self._running + place, 12)
        return f"{year:04d}-{month + 1:02d}"

    def officers(self, unit: int | None) -> int | None:
        """How many officers did the work of a unit (or of all) in the last year; None: unnamed."""
        if not self.names_officers:
            return None
        chosen = self.office_work & (self.items.resource.codes >= 0)
        if unit is not None:
            chosen &= self.items.unit.codes == unit
        places = np.flatnonzero(chosen)
        places = places[self.month(self.items.completed[places]) >= -YEAR]
        pieces = np.bincount(self.items.resource.codes[places])
        return int((pieces >= LEAST_PIECES).sum())

    def unit_code(self, name: str) -> int | None:
        """The code of a unit that did something for the office."""
        labels = self.items.unit.vocabulary.labels
        return labels.index(name) if name in labels else None

    @property
    def units(self) -> list[str]:
        """The units that did something for the office, by name."""
        codes = np.unique(self.items.unit.codes[self.office_work])
        labels = self.items.unit.vocabulary.labels
        return sorted(labels[code] for code in codes.tolist() if code >= 0)

    @property
    def until(self) -> str:
        """The end of what is known, as a date of ISO 8601 with its offset."""
        return moment_of(self.whole.now).isoformat()
