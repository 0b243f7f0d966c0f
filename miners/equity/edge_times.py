"""Between which two steps the time of each application went by."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventlog import kernels
from eventlog.kernels import UNKNOWN, Int32s, Int64s
from miners.causes import Spans
from miners.detours.steps import Steps
from miners.equity import edge_loops as loops

Edge = tuple[str | None, str | None]
"""Two steps one after the other; None ahead of the first step, and behind the last one so far."""
Worked = Callable[[Int64s], Int64s]
"""The reading of a clock in microseconds at moments (µs UTC), both [n]; only differences count.

`WorkingTime.worked` of the office's calendar, or `elapsed`; UNKNOWN stays UNKNOWN.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class EdgeTimes:
    """How long each case was on its way between steps; sparse, one row a case and edge.

    `case`, `edge` (a place in `edges`) and `milliseconds` have shape [parts], in the order of
    cases; no part is 0. `total` [cases] is what the clock of each case showed in the end, and what
    its parts add up to, to the millisecond.
    """

    case: Int32s
    edge: Int32s
    milliseconds: Int64s
    edges: tuple[Edge, ...]
    total: Int64s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, and parts without a time."""
        if not len(self.case) == len(self.edge) == len(self.milliseconds):
            raise ValueError("the columns of edge times differ in length")
        if bool((self.milliseconds <= 0).any()):
            raise ValueError(f"a part took {self.milliseconds.min()} ms; expected more than 0")

    def between(self, edge: int) -> Int64s:
        """Milliseconds of every case on one edge, 0 for those that never took it; [cases]."""
        out = np.zeros(len(self.total), np.int64)
        rows = self.edge == edge
        out[self.case[rows]] = self.milliseconds[rows]
        return out

    def sums(self) -> Int64s:
        """Milliseconds of all cases by edge; [edges]."""
        out = np.zeros(len(self.edges), np.int64)
        np.add.at(out, self.edge, self.milliseconds)
        return out


def elapsed(moments: Int64s) -> Int64s:
    """The clock on the wall."""
    return moments


def edge_times(
    steps: Steps,
    *,
    worked: Worked,
    entered: Int64s,
    until: Int64s,
    suspended: Spans | None,
) -> EdgeTimes:
    """Split the clock time of each case by the edges that it went over.

    The clock of a case runs from `entered` (UNKNOWN: never) to `until`, each [cases] in µs UTC, by
    the readings of `worked`, less what was `suspended`. An edge reaches from the completion of a
    step to that of the next; the first one from `entered`. Where the next step was done after
    `until`, the time up to then is the edge's; where none was done yet, the edge leads to None.
    With `until` as `Standing.seen`, `total` is exactly what the clock ran (`Standing.ran`).

    >>> from eventlog.letters import log
    >>> from miners.detours.steps import steps_of
    >>> from miners.work_items import work_items
    >>> seen = log("P: a b a b")
    >>> found = edge_times(steps_of(work_items(seen), 1), worked=elapsed, entered=seen.starts,
    ...                    until=seen.ends, suspended=None)
    >>> dict(zip(found.edges, (found.sums() // 3_600_000).tolist(), strict=True))
    {('a', 'b'): 2, ('b', 'a'): 1}
    """
    for name, moments in (("entered", entered), ("until", until)):
        if len(moments) != steps.cases:
            raise ValueError(f"{name} has {len(moments)} rows; expected {steps.cases}, one a case")
    # A clock that never began stays UNKNOWN in all of its moments, and no time passes by it.
    ends = np.where(entered == UNKNOWN, UNKNOWN, np.maximum(until, entered))
    at = worked(loops.clipped(steps.offsets, steps.done, entered, ends))
    still, since, over = _within(suspended, entered, ends)
    labels = steps.activity.vocabulary.labels
    case, keys, milliseconds, total = loops.parts(
        *(steps.offsets, steps.activity.codes, at, worked(entered), worked(ends)),
        *(still, worked(since), worked(over)),
        len(labels),
    )
    codes, keys = kernels.distinct(keys)
    case, edge, milliseconds = loops.merged(case, codes, milliseconds, len(keys))
    named: list[str | None] = [None, *labels]
    ways = [divmod(key, len(named)) for key in keys.tolist()]
    return EdgeTimes(
        case=case,
        edge=edge,
        milliseconds=milliseconds,
        edges=tuple((named[source], named[target]) for source, target in ways),
        total=total,
    )


def _within(suspended: Spans | None, begins: Int64s, ends: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """When clocks stood still, cut to the time in which they ran: offsets, beginnings, ends."""
    if suspended is None:
        nothing = np.empty(0, np.int64)
        return np.zeros(len(begins) + 1, np.int64), nothing, nothing
    start = loops.clipped(suspended.offsets, suspended.start, begins, ends)
    return suspended.offsets, start, loops.clipped(suspended.offsets, suspended.end, begins, ends)
