"""What was said in each case: who complained when, and who answered how content they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.happened import happened
from engine.looks import Whole
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from miners.durations import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Heard:
    """Complaints and answers; arrays are [cases] but for the two of [complaints].

    `entered` is when the case came, `closed` when it was over and `complained` when its first
    complaint came, `UNKNOWN` where neither has happened; all in microseconds UTC. `answer` is the
    satisfaction score, NaN where nobody answered. `complaint_case` and `complaint_at` are all
    complaints. Where nothing says when a case is closed (`closing_known` is false), it is over with
    its last event.
    """

    entered: Int64s
    closed: Int64s
    complained: Int64s
    answer: Floats
    complaint_case: Int32s
    complaint_at: Int64s
    closing_known: bool
    now: int

    @property
    def over(self) -> Bools:
        """Which cases are closed: only there one can ask how it was; [cases]."""
        return np.asarray(self.closed != UNKNOWN)

    @property
    def ended(self) -> Int64s:
        """When each case was over, or now; [cases]."""
        return np.where(self.over, self.closed, self.now)

    @property
    def until(self) -> Int64s:
        """Until when things count for a complaint: what came after it cannot have led to it."""
        early = (self.complained != UNKNOWN) & (self.complained < self.ended)
        return np.where(early, self.complained, self.ended)


def heard(whole: Whole, complaints: frozenset[str]) -> Heard:
    """What citizens said, as far as it had happened by now; `whole` must have work items."""
    assert whole.items is not None
    items = happened(whole.items, whole.now)
    labels = items.activity.vocabulary.labels
    wanted = np.array([*(label in complaints for label in labels), False], bool)
    rows = np.flatnonzero(wanted[items.activity.codes] & (items.completed != UNKNOWN))
    case, at = items.case[rows], items.completed[rows]
    never = np.int64(np.iinfo(np.int64).max)
    first = np.full(len(whole.starts), never, np.int64)
    np.minimum.at(first, case, at)
    closed = whole.closed if whole.is_open is not None else whole.ends
    silent = np.full(len(whole.starts), np.nan)
    return Heard(
        entered=whole.starts,
        closed=np.where(closed > whole.now, UNKNOWN, closed),
        complained=np.where(first == never, UNKNOWN, first),
        answer=silent if whole.answers is None else whole.answers,
        complaint_case=case,
        complaint_at=at,
        closing_known=whole.is_open is not None,
        now=whole.now,
    )


def complaint_activities(named: Iterable[str], coarse: Mapping[str, str] | None) -> frozenset[str]:
    """The activities that are complaints, as the map calls them.

    `coarse` is the coarser activity of each label, where the map has any: one is a complaint if all
    that it stands for is.

    >>> sorted(complaint_activities(["a1"], {"a1": "a", "a2": "a", "b": "b"}))
    []
    """
    names = frozenset(named)
    if coarse is None:
        return names
    others = {to for label, to in coarse.items() if label not in names}
    return frozenset({to for label, to in coarse.items() if label in names} - others)
