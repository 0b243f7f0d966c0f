"""How many rows have somebody of another group beside them."""

import numpy as np

from eventlog.kernels import Int64s
from miners.equity.rows import numbered


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
