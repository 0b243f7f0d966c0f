"""Which steps stray from what should happen, step by step, before anybody says of what kind."""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Int8s, Int32s, Int64s

CONFORMING = 0
"""The step is as the procedure (or the usual route) has it."""
AGAIN = 1
"""Done once more, though once is enough."""
FOREIGN = 2
"""The procedure does not know this step."""
EARLY = 3
"""Done ahead of a step that should come first."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What should happen, told by rules over activities.

    `mandatory` must be done in every case that is decided; `once` at most once; each pair of
    `order` in this order, where both are done. `known` are all activities that the procedure has,
    None where it does not list them all, so that none can be called foreign.
    """

    mandatory: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    order: tuple[tuple[str, str], ...] = ()
    known: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """What strays in `Steps`, by whichever means it was found (rules, alignment).

    `stray` [steps] is CONFORMING, AGAIN, FOREIGN or EARLY. `partner` [steps] is the code of the
    activity that should have come before an EARLY step, -1 elsewhere. A step that was left out is
    a row of `skipped_*` [skipped], in the order of cases: its case, the code of the activity, and
    the place in `Steps` of the step behind which it is missing (-1: it is missing ahead of the
    first). Codes are places in `labels`, which begin with those of `Steps.activity`; an activity
    that nobody ever did stands behind them. `beside` are pairs of the rules' order that were not
    judged: the office does the two side by side.
    """

    stray: Int8s
    partner: Int32s
    skipped_case: Int32s
    skipped_activity: Int32s
    skipped_after: Int64s
    labels: tuple[str, ...]
    beside: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        if len(self.stray) != len(self.partner):
            raise ValueError("the columns of marks differ in length")
        if not len(self.skipped_case) == len(self.skipped_activity) == len(self.skipped_after):
            raise ValueError("the columns of what was left out differ in length")

    @staticmethod
    def none(steps: int, labels: tuple[str, ...]) -> "Marks":
        """Nothing strays."""
        return Marks(
            stray=np.zeros(steps, np.int8),
            partner=np.full(steps, -1, np.int32),
            skipped_case=np.empty(0, np.int32),
            skipped_activity=np.empty(0, np.int32),
            skipped_after=np.empty(0, np.int64),
            labels=labels,
        )
