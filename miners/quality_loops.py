"""The compiled loop of `miners.quality` that walks over events one by one."""

import numba
import numpy as np

from eventlog.event import COMPLETE, START
from eventlog.kernels import Bools, Int8s, Int32s, Int64s


@numba.njit(cache=True, nogil=True)
def never_started(
    offsets: Int64s, lifecycle: Int8s, activity: Int32s, asked: Bools
) -> tuple[int, int, int]:
    """Completions without a start before them: how many, of how many, and in how many cases.

    Starts and completions of one activity in one case are paired first in, first out. `asked`
    [activities] marks those that are looked at; the other columns are as in `eventlog.log`.
    """
    begun = np.zeros(asked.size, np.int64)
    without, completed, cases = 0, 0, 0
    for case in range(offsets.size - 1):
        before = without
        for row in range(offsets[case], offsets[case + 1]):
            code = activity[row]
            if not asked[code]:
                continue
            if lifecycle[row] == START:
                begun[code] += 1
            elif lifecycle[row] == COMPLETE:
                completed += 1
                if begun[code] > 0:
                    begun[code] -= 1
                else:
                    without += 1
        cases += without > before
        for row in range(offsets[case], offsets[case + 1]):
            begun[activity[row]] = 0
    return without, completed, cases
