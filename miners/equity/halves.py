"""Whether a gap is there in both halves of the time, so that it is no whim of one season."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.equity.rows import Gaps, Grouping, Strata
from miners.equity.within import comparable
from miners.shares import Floats

Comparing = Callable[[Floats, Grouping, Strata], Gaps]
"""What compares the values of a grouping: the kernel, or anything that is called as it is."""

_SURE = 0.05


@dataclass(frozen=True, kw_only=True)
class Half:
    """The gap among applications that came from `began` to `ended` (microseconds UTC, both incl.).

    `value` and `p_value` are NaN where it cannot be told.
    """

    began: int
    ended: int
    value: float
    p_value: float


def in_halves(
    score: Floats,
    grouping: Grouping,
    strata: Strata,
    *,
    value: int,
    entered: Int64s,
    period: Int64s,
    compare: Comparing,
) -> tuple[Half, Half] | None:
    """The gap of one value (its place) in the earlier and the later half; all arrays [rows].

    Time is cut at the boundary of two `period`s (numbers that grow with time; the entry periods of
    the strata, so that no stratum is cut) which parts the rows of the value most evenly. `entered`
    is when each row came. None where all rows of the value came in one period.
    """
    used = comparable(score, grouping, strata)
    mine = used & (grouping.place == value)
    last = _last_of_first_half(period[mine])
    if last is None:
        return None
    against = Grouping(
        attribute=grouping.attribute,
        names=(grouping.names[value], ""),
        place=np.where(grouping.place < 0, -1, (grouping.place != value).astype(np.int64)),
    )
    early = period <= last

    def half(rows: Bools) -> Half:
        found = compare(score[rows], against.take(rows), strata.take(rows))
        return Half(
            began=int(entered[rows].min()),
            ended=int(entered[rows].max()),
            value=float(found.value[0]),
            p_value=float(found.p_value[0]),
        )

    return half(used & early), half(used & ~early)


def replicates(halves: tuple[Half, Half] | None) -> bool:
    """Whether both halves tell a gap of the same sign, each at 5 %."""
    if halves is None:
        return False
    same_sign = halves[0].value * halves[1].value > 0
    return same_sign and all(half.p_value <= _SURE for half in halves)


def _last_of_first_half(period: Int64s) -> int | None:
    """The period after which the rows are parted most evenly; None where there is but one."""
    periods, counts = np.unique(period, return_counts=True)
    if len(periods) <= 1:
        return None
    before = np.cumsum(counts)[:-1]
    return int(periods[np.argmin(np.abs(2 * before - len(period)))])
