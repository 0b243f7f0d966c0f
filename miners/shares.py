"""How sure one can be of a share that was counted."""

import numpy as np
import numpy.typing as npt

from eventlog.kernels import Int64s

Floats = npt.NDArray[np.float64]

SURE = 1.959964
"""The standard normal quantile of a 95 % interval."""


def wilson(count: Int64s, of: Int64s) -> tuple[Floats, Floats]:
    """The 95 % interval of Wilson (1927) of shares `count` / `of`; 0 to 1 where `of` is 0.

    >>> low, high = wilson(np.array([95]), np.array([100]))
    >>> (round(float(low[0]), 3), round(float(high[0]), 3))
    (0.888, 0.978)
    """
    n = np.maximum(of, 1).astype(np.float64)
    centre, half = score_interval(count / n, n)
    none = of <= 0
    low = np.where(none, 0.0, np.maximum(centre - half, 0.0))
    return low, np.where(none, 1.0, np.minimum(centre + half, 1.0))


def score_interval(share: Floats, size: Floats) -> tuple[Floats, Floats]:
    """The centre and half the width of Wilson's interval; `size` need not be whole, but above 0."""
    square = SURE * SURE
    centre = (share + square / (2 * size)) / (1 + square / size)
    within = np.maximum(share * (1 - share), 0) / size + square / (4 * size * size)
    return centre, SURE / (1 + square / size) * np.sqrt(within)
