"""How likely a gap as large is by chance: values are dealt anew among those who could have them.

Within a stratum every row could have had the value of any other. Rows of one applicant go as a
whole: among applicants with rows in the same strata (Good 2005). Who has no such equal counts with
a random sign, as in the wild bootstrap (Wu 1986); those without the value all together, by the
normal curve. How far apart is told in standard errors, so that a value whose scores only vary more
is not found different (Janssen 1997). Draws end early where the p-value is plainly
large (Besag & Clifford 1991); otherwise the true deal is counted as one of the draws.
"""

import numpy as np

from miners.equity import permutation_loops as loops
from miners.equity.cells import Cells
from miners.equity.compared import Compared
from miners.equity.kernel_loops import by_key, repeated

_MOST = 99_999
_LEAST = 9_999
_ROUNDING = 1e-9
_ENOUGH = 1_000
# So many steps take about a second.
_STEPS = 200_000_000


def permuted_p_value(rows: Compared, cells: Cells, *, place: int, seed: int) -> float:
    """The two-sided p-value of no gap between the value at `place` and comparable others."""
    keep = np.flatnonzero(cells.compared[:, place][rows.stratum])
    stratum, score = rows.stratum[keep], rows.score[keep]
    has, share = rows.place[keep] == place, cells.share[stratum, place]
    if 2 * int(has.sum()) > len(has):  # dealing the others' places is the same, and quicker
        has, share = ~has, 1 - share
    strata, length = len(cells.rows), len(keep)
    _, unit, repeaters = repeated(rows.applicant[keep], rows.repeaters)
    alone = np.flatnonzero(unit < 0)
    unit[alone] = np.arange(repeaters, repeaters + len(alone))
    units = repeaters + len(alone)
    order, _ = by_key(stratum, strata, np.arange(length))
    order, offsets = by_key(unit, units, order)
    kind = np.empty(units, np.int64)
    found = loops.signatures(order, offsets, np.arange(repeaters), stratum)
    alike, kind[:repeaters] = np.unique(found, return_inverse=True)
    kind[repeaters:] = stratum[alone] + len(alike)
    lacks = ~loops.carriers(order, offsets, has)
    by_kind, classes = by_key(2 * kind + lacks, 2 * (len(alike) + strata), np.arange(units))
    stratum, score, has, share = stratum[order], score[order], has[order], share[order]
    every, own, usual, whole = loops.parts_of_units(offsets, score, has, share)
    mixing = loops.mixing_classes(by_kind, classes, whole)
    mixes = mixing[kind]
    free = loops.freedom_of_units(offsets, stratum, has, share, cells.size[:, 0])
    signed = own / np.sqrt(free)
    rest = float((signed[~mixes] ** 2).sum())
    surplus = abs(float(own.sum())) - _ROUNDING * float(np.sqrt(cells.variance[place]))
    steps = int(np.diff(offsets)[~lacks].sum()) + strata + len(alike)
    far, draws = loops.deal(
        by_kind,
        classes,
        np.flatnonzero(mixing),
        offsets,
        score,
        has,
        (every, usual, whole),
        (-float(usual[mixes].sum()), float((usual[mixes] ** 2).sum()) + rest),
        signed[~mixes & ~lacks],
        float(np.sqrt((signed[~mixes & lacks] ** 2).sum())),
        (max(surplus, 0.0), float((own[mixes] ** 2).sum()) + rest),
        int(np.clip(_STEPS // steps, _LEAST, _MOST)),
        _ENOUGH,
        np.uint64(seed % 2**64),
    )
    return far / draws if far == _ENOUGH else (far + 1) / (draws + 1)
