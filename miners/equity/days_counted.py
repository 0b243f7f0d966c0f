"""What a slice of the cases adds to the log-rank test: who was watched for how many days.

With whole days instead of milliseconds the test is a matter of counts per stratum, day and value;
counts of slices that share no case add up to those of all.
"""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.equity.logrank import LogRank, of_sorted
from miners.equity.rows import Grouping, Strata

_CELLS = ("stratum", "day", "place", "rows", "decided")


@dataclass(frozen=True, kw_only=True, eq=False)
class DaysCounted:
    """How many rows were watched for how many whole days, and how many of them were decided then.

    Arrays have shape [cells]: one cell for each `stratum`, `day` and value (`place`) that occurs,
    in that order. Numbers of strata and values must mean the same in all slices.
    """

    stratum: Int64s
    day: Int64s
    place: Int64s
    rows: Int64s
    decided: Int64s
    strata: int
    values: int

    def __post_init__(self) -> None:
        """Refuse unequal lengths, and more decisions than rows."""
        lengths = {len(getattr(self, name)) for name in _CELLS}
        if len(lengths) > 1:
            raise ValueError(f"columns have {sorted(lengths)} cells; expected one length")
        if bool((self.decided > self.rows).any()):
            raise ValueError("a cell has more decisions than rows; a row is decided at most once")

    def plus(self, other: "DaysCounted") -> "DaysCounted":
        """The counts of both slices."""
        if (self.strata, self.values) != (other.strata, other.values):
            mine, theirs = (self.strata, self.values), (other.strata, other.values)
            raise ValueError(f"strata and values are {mine} and {theirs}; expected the same")
        both = [np.concatenate([getattr(self, name), getattr(other, name)]) for name in _CELLS]
        return _summed(both, self.strata, self.values)

    def logrank(self) -> LogRank:
        """Every value against all others of its stratum, ties by day; of one case an applicant."""
        heads = np.searchsorted(self.stratum, np.arange(self.strata + 1))
        cells = (self.day, self.place, self.rows, self.decided)
        return of_sorted(heads, *cells, None, values=self.values)

    @staticmethod
    def of(
        ran: Int64s, decided: Bools, grouping: Grouping, strata: Strata, *, day: int
    ) -> "DaysCounted":
        """The counts of some rows; `ran` and `day` in milliseconds, as `logrank` takes them."""
        used = (strata.stratum >= 0) & (grouping.place >= 0) & (ran != UNKNOWN)
        cells = [
            strata.stratum[used],
            ran[used] // day,
            grouping.place[used],
            np.ones(int(used.sum()), np.int64),
            decided[used].astype(np.int64),
        ]
        return _summed(cells, strata.count, len(grouping.names))


def _summed(cells: list[Int64s], strata: int, values: int) -> DaysCounted:
    order = np.lexsort((cells[2], cells[1], cells[0]))
    stratum, day, place, rows, decided = (column[order] for column in cells)
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (np.diff(stratum) != 0) | (np.diff(day) != 0) | (np.diff(place) != 0)
    heads = np.flatnonzero(fresh)
    return DaysCounted(
        stratum=stratum[heads],
        day=day[heads],
        place=place[heads],
        rows=np.add.reduceat(rows, heads) if len(heads) else rows,
        decided=np.add.reduceat(decided, heads) if len(heads) else decided,
        strata=strata,
        values=values,
    )
