"""Which files in line are comparable: those that joined it at about the same time."""

import numpy as np

from eventlog.kernels import Int64s
from miners.equity.rows import Strata, numbered
from miners.favouritism.picks import Waits

_DAY = 86_400_000_000
# A line with so many arrivals on a day with any is compared day by day, and over two or three
# days with fewer: enough others to compare with, little time for the queue to change in.
_MANY, _SOME = 10, 5


def strata_of_items(waits: Waits, cluster: Int64s | None = None) -> Strata:
    """What is comparable: items of one line that joined within one to three days; [items].

    `cluster` [items] numbers applicants. Items in no line are in no stratum.
    """
    rows = np.flatnonzero(waits.line >= 0)
    line, day = waits.line[rows].astype(np.int64), waits.joined[rows] // _DAY
    first = int(day.min(initial=0))
    width = int(day.max(initial=0)) - first + 1
    arrival = numbered(line * width + day - first)
    on_day: Int64s = np.zeros(int(arrival.max(initial=-1)) + 1, np.int64)
    on_day[arrival] = line
    a_day = np.bincount(line, minlength=waits.lines) / np.maximum(
        np.bincount(on_day, minlength=waits.lines), 1
    )
    length = np.where(a_day >= _MANY, 1, np.where(a_day >= _SOME, 2, 3))
    found = numbered(line * width + (day - first) // length[line])
    stratum: Int64s = np.full(len(waits), -1, np.int64)
    stratum[rows] = found
    return Strata(stratum=stratum, count=int(found.max(initial=-1)) + 1, cluster=cluster)
