"""How many files that had waited longer each file passed, and how many passed it."""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Int32s, Int64s
from miners.favouritism import pick_loops
from miners.favouritism.picks import Waits, by_lines
from miners.shares import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Overtakes:
    """Overtaking within lines; shape [items], 0 for items in no line.

    `passed` counts the older items of its line that waited still when an item was picked,
    `passed_by` the younger ones that were picked while it waited. Items of one age do not pass each
    other, nor do those that are picked at the same moment.
    """

    passed: Int32s
    passed_by: Int32s

    @property
    def net(self) -> Floats:
        """Positions gained: passed less passed by; [items]."""
        return np.asarray(self.passed, np.float64) - self.passed_by


def overtakes_of(waits: Waits) -> Overtakes:
    """Count who passed whom, without looking at pairs: time O(n log n).

    >>> two = np.zeros(2, np.int32)
    >>> line = Waits(line=two, lines=1, queue=np.zeros(1, np.int64), joined=np.array([1, 2]),
    ...              left=np.array([8, 5]), picked=np.ones(2, bool), officer=two)
    >>> overtakes_of(line).net.tolist()
    [-1.0, 1.0]
    """
    passed, passed_by = np.zeros(len(waits), np.int32), np.zeros(len(waits), np.int32)

    def some(offsets: Int64s, rows: Int64s) -> None:
        pick_loops.overtake_lines(
            offsets, rows, waits.joined, waits.left, waits.picked, passed, passed_by
        )

    by_lines(waits, some)
    return Overtakes(passed=passed, passed_by=passed_by)
