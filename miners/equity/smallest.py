"""How small a gap a comparison would still have seen."""

import numpy as np
from scipy import stats

from miners.shares import Floats

_POWER = 0.8


def smallest_seen(error: Floats, freedom: Floats, *, alpha: float = 0.05) -> Floats:
    """The gap that would be told four times of five, two-sided at `alpha`; in the gap's unit.

    `error` and `freedom` (inf: normal) are those of gaps; NaN where nothing is told. The t curve
    stands in for the non-central one (Bloom 1995).

    >>> smallest_seen(np.array([1.0]), np.array([np.inf])).round(2).tolist()
    [2.8]
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; expected a share between 0 and 1, such as 0.05")
    factor = stats.t.isf(alpha / 2, freedom) + stats.t.ppf(_POWER, freedom)
    return np.asarray(factor * error, np.float64)
