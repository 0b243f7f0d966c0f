"""Whose files are picked ahead of comparable ones, activity by activity."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Int64s
from miners.desks import Owners
from miners.equity.kernel import compare
from miners.equity.rows import Gaps, Grouping, Strata
from miners.favouritism.overtakes import Overtakes
from miners.favouritism.picks import Picks, Waits
from miners.shares import Floats
from miners.work_items import Items

_DAY = 86_400_000_000
# A line with so many arrivals on a day with any is compared day by day, and over two or three
# days with fewer: enough others to compare with, little time for the queue to change in.
_MANY, _SOME = 10, 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Favoured:
    """How an activity picks the files of each value of one attribute; arrays [values].

    `score` compares pick scores, which decide; `positions` compares how many places in the line
    an item gained net, which is what to tell. Overtakes are means of a value's items: how
    many older ones each passed, and how many younger ones passed it. NaN without items.
    """

    activity: str
    grouping: Grouping
    items: Int64s
    score: Gaps
    positions: Gaps
    overtakes: Floats
    overtaken: Floats


def strata_of_items(waits: Waits, cluster: Int64s | None = None) -> Strata:
    """What is comparable: items of one line that joined within one to three days; [items].

    `cluster` [items] numbers applicants. Items in no line are in no stratum.
    """
    rows = np.flatnonzero(waits.line >= 0)
    line, day = waits.line[rows].astype(np.int64), waits.joined[rows] // _DAY
    first = int(day.min(initial=0))
    width = int(day.max(initial=0)) - first + 1
    days = np.unique(line * width + day - first) // width
    a_day = np.bincount(line, minlength=waits.lines) / np.maximum(
        np.bincount(days, minlength=waits.lines), 1
    )
    length = np.where(a_day >= _MANY, 1, np.where(a_day >= _SOME, 2, 3))
    found = np.unique(line * width + (day - first) // length[line], return_inverse=True)
    stratum = np.full(len(waits), -1, np.int64)
    stratum[rows] = found[1]
    return Strata(stratum=stratum, count=len(found[0]), cluster=cluster)


def favoured(
    items: Items,
    waits: Waits,
    picks: Picks,
    overtakes: Overtakes,
    owners: Owners,
    groupings: Sequence[Grouping],
    *,
    cluster: Int64s | None,
    seed: int,
) -> list[Favoured]:
    """Every activity with a line and every attribute of `groupings`, whose rows are cases.

    `cluster` [cases] numbers applicants, None where nobody knows them. Items that wait still count
    with the picks that they did not get. What one value gains others in its line lose: a gap
    tells of both. `seed` fixes permutations.
    """
    strata = strata_of_items(waits, None if cluster is None else cluster[items.case])
    of_line = owners.pairs[waits.queue, 0].astype(np.int64)
    activity = np.where(waits.line >= 0, of_line[waits.line] if waits.lines else -1, -1)
    net = overtakes.net
    found = []
    for code in np.unique(of_line).tolist():
        rows = np.flatnonzero(activity == code)
        here = strata.take(rows)
        # Strata are numbered anew, so that each activity costs no more than it has.
        own = Strata.of([here.stratum], here.cluster)
        for grouping in groupings:
            mine = grouping.take(items.case[rows].astype(np.int64))
            found.append(
                Favoured(
                    activity=items.activity.vocabulary.labels[code],
                    grouping=mine,
                    items=_counts(mine),
                    score=compare(picks.score[rows], mine, own, seed=seed),
                    positions=compare(net[rows], mine, own, seed=seed),
                    overtakes=_means(overtakes.passed[rows].astype(np.float64), mine),
                    overtaken=_means(overtakes.passed_by[rows].astype(np.float64), mine),
                )
            )
    return found


def _counts(grouping: Grouping) -> Int64s:
    place = grouping.place
    return np.bincount(place[place >= 0], minlength=len(grouping.names))


def _means(values: Floats, grouping: Grouping) -> Floats:
    """The mean of each value's items; NaN without any; [values]."""
    known = grouping.place >= 0
    sums = np.bincount(grouping.place[known], values[known], minlength=len(grouping.names))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / _counts(grouping))
