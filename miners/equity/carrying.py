"""Which steps carry the days of a gap: scores that add up to a total, each with its own gap.

The gap is linear in the score and the weights of the rows are the same for each part, so the gaps
of the parts add up to the gap of the total, to the last digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Int64s
from miners.equity import carrying_loops as loops
from miners.equity.rows import Grouping, Strata
from miners.equity.within import Amounts, apart
from miners.shares import Floats

_TINY = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """Scores of rows in parts, those that are not zero: arrays [entries].

    `amount` of a row falls on a `part`, counted from 0 to `count` - 1; where a row and a part come
    twice, they are added.
    """

    row: Int64s
    part: Int64s
    amount: Floats
    count: int

    def __post_init__(self) -> None:
        """Refuses parts beyond the count and amounts that are not known."""
        if len(self.part) and not 0 <= self.part.min() <= self.part.max() < self.count:
            found = f"{self.part.min()} to {self.part.max()}"
            raise ValueError(f"parts are {found}; expected 0 to {self.count - 1}")
        if not np.isfinite(self.amount).all():
            raise ValueError(
                "an amount is not a number; leave rows with unknown parts out of strata"
            )


def carried(
    parts: Parts, grouping: Grouping, strata: Strata, values: Sequence[int] | None = None
) -> Amounts:
    """The gap of each value less all others in each part; [parts, values].

    Of the `values` (places) alone, if they are given. The sum over parts is the gap of the rows'
    totals, a row without entries having 0; rows whose total is not known belong in no stratum.
    Errors are HC2 (MacKinnon & White 1985), scaled row by row and then summed by applicant where
    they are known; a table of strata by parts is held, never one of rows by parts. NaN for a value
    that nobody is compared with.
    """
    table = _Table.of(parts, grouping, strata)
    asked = range(len(grouping.names)) if values is None else values
    shape = (parts.count, len(asked))
    value, error, freedom = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for place, each in enumerate(asked):
        mark = (table.place == each).astype(np.float64)
        mark -= (np.bincount(table.stratum, mark, len(table.size)) / table.size)[table.stratum]
        worth = float(mark @ mark)
        if worth > _TINY:
            value[:, place] = np.bincount(
                table.part, np.repeat(mark, np.diff(table.offsets)) * table.amount, parts.count
            )
            value[:, place] /= worth
            squares, fourth = table.squares(mark, worth, value[:, place].copy())
            error[:, place] = np.sqrt(squares) / worth
            most = len(mark) - len(table.size) - 1
            freedom[:, place] = min(worth**2 / fourth - 1, most)
    return Amounts.of(value, error, freedom)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    """The rows that have others in their stratum, applicant by applicant, and their entries.

    `place`, `stratum` [rows]; the rows of an applicant lie between two `applicants`, the entries of
    a row, `part` and `amount`, between two `offsets`; `mean` [strata, parts], `size` [strata].
    """

    place: Int64s
    stratum: Int64s
    applicants: Int64s
    offsets: Int64s
    part: Int64s
    amount: Floats
    mean: Floats
    size: Floats

    @staticmethod
    def of(parts: Parts, grouping: Grouping, strata: Strata) -> "_Table":
        known = (grouping.place >= 0) & (strata.stratum >= 0)
        size = np.bincount(strata.stratum[known], minlength=strata.count)
        met = size > 1
        rows = np.flatnonzero(known)
        rows = rows[met[strata.stratum[rows]]]
        applicants = np.arange(len(rows) + 1)
        if strata.cluster is not None:
            cluster = apart(strata.cluster)[rows]
            order = np.argsort(cluster, kind="stable")
            rows, cluster = rows[order], cluster[order]
            starts = np.flatnonzero(np.diff(cluster, prepend=-1))
            applicants = np.append(starts, len(rows))
        stratum, sizes = (np.cumsum(met) - 1)[strata.stratum[rows]], size[met].astype(np.float64)
        row = np.full(len(known), -1)
        row[rows] = np.arange(len(rows))
        row = row[parts.row]
        mine = np.flatnonzero(row >= 0)
        mine = mine[np.argsort(row[mine], kind="stable")]
        row, part, amount = row[mine], parts.part[mine].astype(np.int64), parts.amount[mine]
        cell, cells = stratum[row] * parts.count + part, len(sizes) * parts.count
        return _Table(
            place=grouping.place[rows],
            stratum=stratum,
            applicants=applicants,
            offsets=np.searchsorted(row, np.arange(len(rows) + 1)),
            part=part,
            amount=amount.astype(np.float64),
            mean=np.bincount(cell, amount, cells).reshape(len(sizes), parts.count) / sizes[:, None],
            size=sizes,
        )

    def squares(self, mark: Floats, worth: float, gap: Floats) -> tuple[Floats, float]:
        """Applicants' sums of scaled residuals squared [parts], and of marks to the fourth."""
        left = 1 - 1 / self.size[self.stratum] - mark**2 / worth
        scale = np.where(left > _TINY, mark / np.sqrt(np.maximum(left, _TINY)), 0.0)
        entries = self.offsets, self.part, self.amount
        found = loops.squares(self.applicants, *entries, self.stratum, mark, scale, self.mean, gap)
        fourth = np.add.reduceat(mark**2, self.applicants[:-1])
        return found, float(fourth @ fourth)
