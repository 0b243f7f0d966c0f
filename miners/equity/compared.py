"""Which rows count in a comparison: those whose score, value and stratum are known."""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Int64s
from miners.equity.cells import Cells
from miners.equity.kernel_loops import repeated
from miners.equity.rows import Grouping, Strata
from miners.shares import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """The rows that count, numbered anew: score, value and stratum known; arrays [rows].

    `score` is centred in its stratum. `applicant` numbers those with more than one row from 0, and
    is -1 for a row that stands alone; `repeats` are the rows of the others, `repeaters` how many.
    """

    score: Floats
    place: Int64s
    stratum: Int64s
    applicant: Int64s
    repeats: Int64s
    repeaters: int


def compared_rows(score: Floats, grouping: Grouping, strata: Strata) -> tuple[Compared, Cells]:
    """The rows that count, and their cells."""
    cluster = strata.cluster
    lengths = {len(score), len(grouping.place), len(strata.stratum)}
    if cluster is not None:
        lengths.add(len(cluster))
    if len(lengths) > 1:
        raise ValueError(
            f"{grouping.attribute}: arrays of {sorted(lengths)} rows; expected as many"
        )
    known = ~np.isnan(score) & (grouping.place >= 0) & (strata.stratum >= 0)
    if not known.all():
        score, grouping, strata = score[known], grouping.take(known), strata.take(known)
        cluster = strata.cluster
    origin = float(score.mean()) if len(score) else 0.0
    if not np.isfinite(origin):
        raise ValueError(f"{grouping.attribute}: a score is infinite; give NaN where it is unknown")
    cells = Cells.of(score, grouping, strata, origin=origin)
    applicant, repeats, repeaters = np.full(len(score), -1), np.empty(0, np.int64), 0
    if cluster is not None:
        repeats, applicant, repeaters = repeated(cluster, int(cluster.max(initial=-1)) + 1)
    rows = Compared(
        score=score - (cells.mean[:, 0] + origin)[strata.stratum],
        place=grouping.place,
        stratum=strata.stratum,
        applicant=applicant,
        repeats=repeats,
        repeaters=repeaters,
    )
    return rows, cells
