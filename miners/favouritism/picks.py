"""Whether a file was picked sooner than by chance among those that waited beside it."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from miners.causes import Spans
from miners.desks import Owners
from miners.favouritism import pick_loops
from miners.hands import by_owner
from miners.shares import Floats
from miners.work_items import Items

# Lines are given to threads in parts of about so many items.
_TOGETHER = 250_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Waits:
    """Who waited in which line, from when until when; columns have shape [items].

    A *line* is a queue (an activity in a unit) of one service class: in it, files should be taken
    up in their turn. `line` goes from 0 to `lines` - 1, -1 for an item that was in none or of which
    that is not known; `queue` is the queue of each line, shape [lines]. An item waits from `joined`
    to `left` (microseconds UTC) and was `picked` then by `officer` (-1: nobody knows), or waits
    still, or was dropped with its case.
    """

    line: Int32s
    lines: int
    queue: Int64s
    joined: Int64s
    left: Int64s
    picked: Bools
    officer: Int32s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, and who leaves before joining."""
        columns = (self.joined, self.left, self.picked, self.officer)
        if any(len(column) != len(self) for column in columns) or len(self.queue) != self.lines:
            raise ValueError("the columns of waits differ in length")
        if ((self.line >= 0) & (self.left < self.joined)).any():
            raise ValueError("an item leaves its line before it joins")

    def __len__(self) -> int:
        """How many items there are, those in no line included."""
        return len(self.line)

    def take(self, rows: Int64s) -> "Waits":
        """The waits of some items, in lines that are numbered anew."""
        line, found = self.line[rows], np.zeros(self.lines, bool)
        found[line[line >= 0]] = True
        number = np.append(np.cumsum(found) - 1, -1).astype(np.int32)
        return Waits(
            line=number[line],
            lines=int(found.sum()),
            queue=self.queue[found],
            joined=self.joined[rows],
            left=self.left[rows],
            picked=self.picked[rows],
            officer=self.officer[rows],
        )

    def split(self, value: Int32s) -> "Waits":
        """The same with a line for each value in each line; `value` [items] may be -1."""
        line, parent = _lines(self.line, value.astype(np.int64))
        return replace(self, line=line, lines=len(parent), queue=self.queue[parent])


def waits_of(
    items: Items,
    rule: Int8s,
    owners: Owners,
    service_class: Int64s,
    *,
    ends: Int64s,
    now: int,
    applicant: Spans | None = None,
) -> Waits:
    """The wait of each item in its line; `items` and `rule` as `miners.placed.placed` gives them.

    `service_class` [cases] are codes (-1, unknown, is a class of its own); `ends` [cases] is when
    each case ended, for items that were dropped with theirs. A pick is a start; in a queue most of
    whose items have none (`owners.told`) it is a completion, so that files are compared in the
    order in which they were finished. What has no known pick, or no known beginning, is in no line.
    A file that came up while its applicant had it (`applicant`) joins when it came back.
    """
    told = owners.told[owners.queue] if len(owners.pairs) else np.zeros(len(items), bool)
    moment = np.where(told, items.started, items.completed)
    picked = moment != UNKNOWN
    untold = ~picked & (items.completed != UNKNOWN)  # it was picked, and nobody knows when
    dropped = ~picked & (rule < 0)
    left = np.where(picked, moment, np.where(dropped, np.minimum(ends[items.case], now), now))
    known = (owners.queue >= 0) & (items.enabled != UNKNOWN) & ~untold
    joined = items.enabled
    if applicant is not None:
        joined = pick_loops.came_back(
            items.case, joined, applicant.offsets, applicant.start, applicant.end
        )
    line, queue = _lines(np.where(known, owners.queue, np.int32(-1)), service_class[items.case])
    picked &= known
    return Waits(
        line=line,
        lines=len(queue),
        queue=queue,
        joined=np.where(known, np.minimum(joined, left), 0),
        left=np.where(known, left, 0),
        picked=picked,
        officer=np.where(picked, items.resource.codes, -1).astype(np.int32),
    )


def _lines(queue: Int32s, service_class: Int64s) -> tuple[Int32s, Int64s]:
    """The line of each item, -1 without a queue, and the queue of each line."""
    classes, code = np.unique(service_class, return_inverse=True)
    many = max(1, len(classes))
    rows = np.flatnonzero(queue >= 0)
    key = queue[rows].astype(np.int64) * many + code[rows]
    exists = np.bincount(key) > 0
    line = np.full(len(queue), -1, np.int32)
    line[rows] = (np.cumsum(exists) - 1)[key]
    return line, np.flatnonzero(exists) // many


@dataclass(frozen=True, kw_only=True, eq=False)
class Picks:
    """How soon each item was picked; shape [items], `score` NaN and the others 0 in no line.

    `score` is 1 (picked) or 0 (not yet) less the picks that chance would have given the item
    while it waited: 1/Q at each pick from its line while Q waited there, itself included. Above 0:
    picked sooner than by chance; how many officers there are, holidays and load make no
    difference. The scores of a line sum to 0. `waiting` is that Q when the item left.
    """

    score: Floats
    waiting: Int32s


def picks_of(waits: Waits) -> Picks:
    """The pick score of each item; time O(n log n).

    It is the martingale residual of a log-rank test whose events are picks (Peto & Peto 1972),
    with picks at one moment, e.g. of a folder, drawn at once.

    >>> two = np.zeros(2, np.int32)
    >>> line = Waits(line=two, lines=1, queue=np.zeros(1, np.int64), joined=np.array([1, 2]),
    ...              left=np.array([8, 5]), picked=np.ones(2, bool), officer=two)
    >>> picks_of(line).score.tolist()
    [-0.5, 0.5]
    """
    score = np.full(len(waits), np.nan)
    waiting = np.zeros(len(waits), np.int32)

    def some(offsets: Int64s, rows: Int64s) -> None:
        pick_loops.score_lines(
            offsets, rows, waits.joined, waits.left, waits.picked, score, waiting
        )

    by_lines(waits, some)
    return Picks(score=score, waiting=waiting)


def by_lines(waits: Waits, some: Callable[[Int64s, Int64s], None]) -> None:
    """Call `some` with offsets and rows, for all lines in parts; parts run side by side."""
    offsets, rows = by_owner(waits.line, waits.lines)
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        part = offsets[:-1] // _TOGETHER
        bounds = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), waits.lines]
        waiting = [
            threads.submit(some, offsets[first : last + 1], rows)
            for first, last in pairwise(bounds)
        ]
        for one in waiting:
            one.result()
