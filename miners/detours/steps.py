"""What was done on each application, one step after another, as detours are looked for in it."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from miners.work_items import Items


@dataclass(frozen=True, kw_only=True, eq=False)
class Steps:
    """The finished executions of every case, in the order in which they were finished.

    `offsets` has shape [cases + 1], the others [steps]. `began` is when the step was taken up, or
    when it was finished where nobody told; `done` is when it was finished; microseconds UTC.
    `item` is its (first) place among the work items, and `count` how many executions in a row it
    stands for: one, except in `merged` steps. `open_case` and `open_activity` [open] are the cases
    and activities of what waits or is in hand: not done, but nobody left it out either.
    """

    offsets: Int64s
    activity: Coded
    unit: Coded
    began: Int64s
    done: Int64s
    item: Int64s
    count: Int32s
    open_case: Int32s = field(default_factory=lambda: np.empty(0, np.int32))
    open_activity: Int32s = field(default_factory=lambda: np.empty(0, np.int32))

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self.done)

    @property
    def cases(self) -> int:
        """How many cases there are, with those in which nothing was finished."""
        return len(self.offsets) - 1

    @cached_property
    def case(self) -> Int32s:
        """The place of each step's case; shape [steps]."""
        return np.repeat(np.arange(self.cases, dtype=np.int32), np.diff(self.offsets))

    def merged(self) -> "Steps":
        """The same with executions of one activity right after each other as one step.

        For activities that stand for many finer ones: there, twice in a row is no repetition.
        """
        if not len(self):
            return self
        code, case = self.activity.codes, self.case
        first = np.ones(len(self), bool)
        first[1:] = (code[1:] != code[:-1]) | (case[1:] != case[:-1])
        places = np.flatnonzero(first)
        last = np.append(places[1:], len(self)) - 1
        lengths = np.bincount(case[places], minlength=self.cases)
        return replace(
            self,
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            activity=self.activity.take(places),
            unit=self.unit.take(places),
            began=np.minimum.reduceat(self.began, places),
            done=self.done[last],
            item=self.item[places],
            count=np.add.reduceat(self.count, places).astype(np.int32),
        )


def steps_of(items: Items, cases: int) -> Steps:
    """The steps of work items; those that were not finished are `open`.

    Steps that were finished at the same moment keep the order in which they came.
    """
    unfinished = items.completed == UNKNOWN
    rows = np.flatnonzero(~unfinished)
    rows = rows[np.lexsort((items.completed[rows], items.case[rows]))]
    done, started = items.completed[rows], items.started[rows]
    lengths = np.bincount(items.case[rows], minlength=cases)
    return Steps(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        activity=items.activity.take(rows),
        unit=items.unit.take(rows),
        began=np.where(started == UNKNOWN, done, started),
        done=done,
        item=rows.astype(np.int64),
        count=np.ones(len(rows), np.int32),
        open_case=items.case[unfinished],
        open_activity=items.activity.codes[unfinished],
    )


def applicant_steps(steps: Steps, applicants: frozenset[str]) -> Bools:
    """Which steps the applicant did; shape [steps]."""
    labels = steps.activity.vocabulary.labels
    theirs = np.array([*(label in applicants for label in labels), False], bool)
    return np.asarray(theirs[steps.activity.codes])
