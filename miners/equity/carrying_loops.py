"""A loop over applicants: what the parts of their rows add up to beyond what was to be expected."""

import numba
import numpy as np

from eventlog.kernels import Int64s
from miners.shares import Floats


@numba.njit(cache=True, nogil=True)
def squares(
    applicants: Int64s,
    offsets: Int64s,
    part: Int64s,
    amount: Floats,
    stratum: Int64s,
    mark: Floats,
    scale: Floats,
    mean: Floats,
    gap: Floats,
) -> Floats:
    """The sum over applicants of (sum over rows of scale * residual)^2 for each part; [parts].

    The rows of one applicant are those from `applicants`[k] to `applicants`[k + 1], the entries of
    a row those between its `offsets`. The residual is amount - mean [strata, parts] - mark * gap.
    """
    out, sums = np.zeros(gap.size), np.zeros(gap.size)
    for who in range(applicants.size - 1):
        sums[:] = 0.0
        for row in range(applicants[who], applicants[who + 1]):
            usual, much = mean[stratum[row]], scale[row]
            more = much * mark[row]
            for place in range(gap.size):
                sums[place] -= much * usual[place] + more * gap[place]
            for entry in range(offsets[row], offsets[row + 1]):
                sums[part[entry]] += much * amount[entry]
        for place in range(gap.size):
            out[place] += sums[place] * sums[place]
    return out
