"""How many times as quickly a value is decided as comparable others: compiled loops.

Rows stand as in `logrank_loops`: stratum by stratum, in each the shortest first.
"""

import numba
import numpy as np
import numpy.typing as npt

from eventlog.kernels import Bools, Int64s
from miners.equity.logrank_loops import tied

Floats = npt.NDArray[np.float64]

_STEPS, _FAR, _NEAR = 40, 2.0, 1e-9
# A ratio beyond exp(25) is none: everybody of one side was decided before the other.
_MOST = 25.0


@numba.njit(cache=True, nogil=True)
def _moments(
    offsets: Int64s, time: Int64s, mine: Bools, count: Int64s, decided: Int64s, out: Int64s
) -> int:
    """How many moments of decisions tell something of a value: it and others are at risk.

    `mine` tells which rows have the value. Its rows at risk, all rows at risk, its decisions and
    all decisions at each such moment are put into out[0] to out[3].
    """
    found = 0
    for stratum in range(offsets.size - 1):
        row, last = offsets[stratum], offsets[stratum + 1]
        left, risk = np.int64(0), np.int64(0)
        for one in range(row, last):
            left += count[one]
            if mine[one]:
                risk += count[one]
        while row < last and 0 < risk < left:
            end, ends = tied(time, decided, row, last)
            if ends > 0:
                out[0, found], out[1, found], out[2, found], out[3, found] = risk, left, 0, ends
            for one in range(row, end):
                left -= count[one]
                if mine[one]:
                    risk -= count[one]
                    if ends > 0:
                        out[2, found] += decided[one]
            if ends > 0:
                found += 1
            row = end
    return found


@numba.njit(cache=True, nogil=True)
def _at_ratio(moments: Int64s, log_ratio: float) -> tuple[float, float, float]:
    """Observed less expected decisions at a ratio, the slope of the expected ones, and variance."""
    ratio = np.exp(log_ratio)
    more, slope, variance = 0.0, 0.0, 0.0
    for one in range(moments.shape[1]):
        mine, left, ends = ratio * moments[0, one], moments[1, one], moments[3, one]
        share = mine / (mine + left - moments[0, one])
        more += moments[2, one] - ends * share
        spread = ends * share * (1 - share)
        slope += spread
        variance += spread * (left - ends) / (left - 1.0)
    return more, slope, variance


@numba.njit(cache=True, nogil=True)
def fit_ratios(
    offsets: Int64s, time: Int64s, place: Int64s, count: Int64s, decided: Int64s, asked: Bools
) -> Floats:
    """The logarithm of the ratio of hazards of each value asked for and its error; [2, values].

    Newton's steps from no gap on the partial likelihood of Cox (1972), ties as Breslow (1974) has
    them. The error is that of the hypergeometric variance at the ratio. NaN for values that are
    not asked for, and where no ratio fits.
    """
    out = np.full((2, asked.size), np.nan)
    moments = np.empty((4, time.size), np.int64)
    mine = np.empty(time.size, np.bool_)
    for value in range(asked.size):
        if not asked[value]:
            continue
        for row in range(time.size):
            mine[row] = place[row] == value
        here = moments[:, : _moments(offsets, time, mine, count, decided, moments)]
        log_ratio = 0.0
        for _ in range(_STEPS):
            more, slope, variance = _at_ratio(here, log_ratio)
            if slope <= 0.0 or abs(log_ratio) > _MOST:
                break
            step = min(max(more / slope, -_FAR), _FAR)
            if abs(step) < _NEAR:
                out[0, value] = log_ratio
                out[1, value] = np.sqrt(variance) / slope
                break
            log_ratio += step
    return out
