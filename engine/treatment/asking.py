"""What questions about treatment are asked of, and what a question is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.detour_times import OfficeTime
from engine.judging import Judged
from engine.looks import Whole
from engine.treatment.frame import Frame, Off
from engine.treatment.gap import REFUSED, Question
from engine.treatment.process import Process
from eventlog.definition import Definition
from eventlog.definition_parts import Equity, Material
from eventlog.kernels import Bools, Int64s
from miners.cases import FAVOURABLE, UNFAVOURABLE
from miners.detours.deciding import ended_as
from miners.equity.cohort import Cohort
from miners.equity.route_features import REQUESTS, REQUESTS_AGAIN, features, requests_of
from miners.equity.rows import Grouping, Strata
from miners.shares import Floats

LEAST_ARM = 50
"""Applications that a group and its others need each (methods.md, section 1)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """A question, and which of its rows are comparable when an attribute's values are compared."""

    question: Question
    comparable: Callable[[Grouping], Strata]


@dataclass(frozen=True, kw_only=True, eq=False)
class Asking:
    """What all questions are asked of.

    `cohort` are the applications that were followed for the whole horizon of `horizon_ms`, and
    `process` is what happened to each up to then; None where nothing says what closes a case.
    """

    whole: Whole
    definition: Definition
    frame: Frame
    judged: Judged
    time: OfficeTime
    cohort: Cohort | None
    process: Process | None
    horizon_ms: int
    off: list[Off]

    @cached_property
    def followed(self) -> Bools:
        """Which cases came early enough to be followed for the whole horizon; [cases]."""
        return np.asarray(self.whole.starts <= self.whole.now - self.horizon_ms * 1000)

    @cached_property
    def until(self) -> Int64s:
        """Up to when each case is followed (µs UTC): its end, or the horizon; [cases]."""
        whole = self.whole
        end = np.full(len(whole.starts), whole.now)
        if whole.is_open is not None:
            end = np.where(whole.is_open, end, whole.ends)
        until: Int64s = np.minimum(end, whole.starts + self.horizon_ms * 1000)
        return until

    @property
    def material(self) -> Material:
        """The smallest gaps worth telling."""
        return (self.definition.equity or Equity()).material

    @cached_property
    def features(self) -> dict[str, Floats]:
        """What the office had each case go through, 1 or 0, by name; NaN where not known."""
        judged, whole = self.judged, self.whole
        suspending = frozenset(pair.from_ for pair in self.definition.clock.suspended)
        requests = requests_of(judged.steps, suspending, whole.applicants, judged.decided)
        found = features(
            judged.steps,
            judged.episodes,
            requests=requests,
            applicants=whole.applicants,
            cohort=self.followed,
            until=self.until,
            decided=judged.decided,
        )
        untold = frozenset() if requests else frozenset({REQUESTS, REQUESTS_AGAIN})
        return {name: score for name, score in found.items() if name not in untold}

    def of_cases(self, **parts: Any) -> Asked:
        """A question with one row a case."""
        every = np.arange(len(self.whole.case_ids))
        question = Question(rows=every, entered=self.frame.entered, **parts)
        return Asked(
            question=question,
            comparable=lambda grouping: self.frame.strata(grouping.attribute),
        )

    def but_refused(self, score: Floats, case: Int64s | None = None) -> dict[str, Any]:
        """The same score of those who were not refused: a refusal may end a file early."""
        good, bad = (ended_as(self.whole.outcome, how) for how in (FAVOURABLE, UNFAVOURABLE))
        if not (bool(good.any()) and bool(bad.any())):
            return {}
        refused = bad if case is None else bad[case]
        return {"also": (np.where(refused, np.nan, score),), "doubt": REFUSED}
