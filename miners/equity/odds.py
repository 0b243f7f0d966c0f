"""How many times the odds of a group are those of comparable others, for scores of 0 and 1."""

from dataclasses import dataclass

import numpy as np

from miners.equity.cells import Cells
from miners.shares import SURE, Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class OddsRatios:
    """For each value its odds of a 1 over those of comparable others, with 95 % limits; [values].

    NaN where no stratum tells both who has a 1 and who has none.
    """

    value: Floats
    low: Floats
    high: Floats


def odds_ratios(cells: Cells) -> OddsRatios:
    """Mantel & Haenszel's (1959) ratio with the limits of Robins, Breslow & Greenland (1986).

    The cells are of scores of 0 and 1 with an origin of 0.

    >>> cells = Cells(rows=np.array([[10, 20]]), total=np.array([[5.0, 4]]),
    ...     squares=np.array([[5.0, 4]]))
    >>> odds_ratios(cells).value.tolist()
    [4.0, 0.25]
    """
    if cells.origin != 0 or not np.array_equal(cells.total, cells.squares):
        raise ValueError("odds are told of scores of 0 and 1 alone; give cells of such, origin 0")
    size = np.maximum(cells.size, 1)
    one, none = cells.total, cells.rows - cells.total
    other_one = one.sum(axis=1, keepdims=True) - one
    other_none = none.sum(axis=1, keepdims=True) - none
    up, down = one * other_none / size, none * other_one / size
    agree, differ = (one + other_none) / size, (none + other_one) / size
    for_all, against = up.sum(axis=0), down.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where((for_all > 0) & (against > 0), for_all / against, np.nan)
        variance = (
            (agree * up).sum(axis=0) / (2 * for_all**2)
            + (agree * down + differ * up).sum(axis=0) / (2 * for_all * against)
            + (differ * down).sum(axis=0) / (2 * against**2)
        )
    spread = np.exp(SURE * np.sqrt(np.where(np.isnan(value), np.nan, variance)))
    return OddsRatios(value=value, low=value / spread, high=value * spread)
