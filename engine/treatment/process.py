"""What the process did with each application: where its days went, and what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.judging import Judged
from engine.looks import Whole
from eventlog.kernels import UNKNOWN, Int64s
from miners.detours.steps import applicant_steps
from miners.equity.carrying import Parts
from miners.equity.edge_times import EdgeTimes, edge_times, elapsed
from miners.equity.route_features import FEATURES, REQUESTS, REQUESTS_AGAIN, REWORK
from miners.equity.within import Codes, Columns, Numbers
from miners.shares import Floats
from miners.standing import Standing

REQUESTED, DONE_AGAIN, ROUTE, OFFICERS = "requests", "rework", "route", "officers"
"""What of the process a gap may go along with."""
_MOST_OFFICERS = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class Process:
    """The process behind each case; `standing` is the clock that days are counted by.

    Cases are looked at up to `horizon_ms` after their entry.
    """

    whole: Whole
    judged: Judged
    standing: Standing
    horizon_ms: int

    @cached_property
    def days(self) -> EdgeTimes:
        """The clock time of each case by the steps between which it went by, up to its horizon."""
        standing, horizon = self.standing, self.horizon_ms * 1000
        known = standing.entered != UNKNOWN
        until = np.where(known, np.minimum(standing.seen, standing.entered + horizon), UNKNOWN)
        calendars = self.whole.calendars
        in_work = calendars is not None and standing.counts_working_days
        assert calendars is not None or not in_work
        return edge_times(
            self.judged.steps,
            worked=calendars.office.worked if calendars is not None and in_work else elapsed,
            entered=standing.entered,
            until=until,
            suspended=self.whole.applicant,
        )

    @property
    def spent(self) -> Floats:
        """The days of each case up to its horizon, as `days` adds them up; [cases]."""
        return self.days.total / self.standing.day

    def parts(self) -> Parts:
        """The days of each case on each edge of the map."""
        days = self.days
        return Parts(
            row=days.case.astype(np.int64),
            part=days.edge.astype(np.int64),
            amount=days.milliseconds / self.standing.day,
            count=len(days.edges),
        )

    def blocks(self, features: Mapping[str, Floats]) -> dict[str, Columns]:
        """What happened to each case on its way, by what it is called; columns of [cases]."""
        route = [name for name in FEATURES if name not in {REQUESTS, REQUESTS_AGAIN, REWORK}]

        def columns(*names: str) -> Numbers:
            told = [np.nan_to_num(features[name]) for name in names if name in features]
            nothing = np.zeros((self.judged.steps.cases, 0))
            return Numbers(values=np.stack(told, axis=1) if told else nothing)

        return {
            REQUESTED: columns(REQUESTS, REQUESTS_AGAIN),
            DONE_AGAIN: columns(REWORK),
            ROUTE: columns(*route),
            OFFICERS: self._officers(),
        }

    def _officers(self) -> Codes:
        """Who did the office step at which files spend most time; the most frequent of them."""
        whole, steps = self.whole, self.judged.steps
        items = whole.items
        assert items is not None
        nobody = Codes(code=np.full(steps.cases, -1), count=0)
        office = ~applicant_steps(steps, whole.applicants)
        who = items.resource.codes[steps.item]
        told = office & (who >= 0)
        if not bool(told.any()):
            return nobody
        spent = (steps.done - items.enabled[steps.item]).astype(np.float64)
        spent[items.enabled[steps.item] == UNKNOWN] = 0
        by_step = np.bincount(steps.activity.codes[told], np.maximum(spent[told], 0))
        at = np.flatnonzero(told & (steps.activity.codes == int(by_step.argmax())))
        counts = np.bincount(who[at])
        frequent: Int64s = np.argsort(-counts, kind="stable")[:_MOST_OFFICERS]
        frequent = frequent[counts[frequent] > 0]
        number = np.full(len(counts), -1)
        number[frequent] = np.arange(len(frequent))
        code = np.full(steps.cases, -1)
        code[steps.case[at]] = number[who[at]]
        return Codes(code=code, count=len(frequent))
