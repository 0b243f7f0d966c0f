"""How many rows have somebody of another group beside them."""

from collections.abc import Iterable

import numpy as np

from eventlog.kernels import Int64s
from miners.equity.rows import Strata, numbered

_ENOUGH = 0.8


def enough(choices: Iterable[Strata], place: Int64s) -> Strata:
    """The first strata in which enough rows have somebody to compare with, else the last ones.

    `choices` are from fine to coarse, and made one by one; `place` [rows] is the value of each.
    """
    for strata in choices:
        if covered(strata.stratum, place) >= _ENOUGH:
            break
    return strata


def covered(stratum: Int64s, place: Int64s) -> float:
    """The share of the rows with a value that stand beside a row with another value."""
    known = place >= 0
    if not bool(known.any()):
        return 0.0
    stratum, place = numbered(stratum[known]), place[known]
    size = int(stratum.max()) + 1
    least, most = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(least, stratum, place)
    np.maximum.at(most, stratum, place)
    return float((least < most)[stratum].mean())
