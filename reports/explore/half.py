"""Within how long half of the chosen applications are over, open ones counted."""

from dataclasses import replace

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.standing import SILENCE
from reports.explore.arrays import Traces
from reports.explore.facts import vague
from reports.explore.medians import Median, censored_median, lengths, median
from reports.explore.protected import ToldMap
from reports.withheld.totals import nearest, tellable


def throughput(traces: Traces, cases: Bools, told: ToldMap) -> Median | None:
    """From the first to the last event of the chosen cases, open ones counted as lasting longer.

    Of those that are over alone, the median of recent months would be that of the quick ones. None
    where few are over; where few are not, how many there are is rounded.
    """
    least = traces.smallest_cell
    mine = np.flatnonzero(cases)
    over = traces.still_open[mine] != 1
    if told.cases is None or int(over.sum()) < least:
        return None
    found = _within(traces, mine, over)
    if found is not None and not tellable(int(over.sum()), len(mine), least):
        found = replace(found, n=nearest(found.n, least))
    return vague(found, 2 * least) if found is not None and told.about else found


def _within(traces: Traces, mine: Int64s, over: Bools) -> Median | None:
    """Half end within it (Kaplan & Meier 1958); None where fewer than half are known to."""
    took, day = traces.throughput_ms[mine], traces.entered_day[mine]
    if bool(over.all()):
        return median(lengths(took, day, cases=len(mine)))
    so_far = np.maximum((traces.now - traces.entered[mine]) // 1000, took)
    # Without an event for half a year, nobody can be said to work at it.
    silent = so_far - took > SILENCE // 1000
    ran = np.where(over | silent, took, so_far)
    return censored_median(lengths(ran, day, cases=len(mine)), over[np.argsort(ran, kind="stable")])
