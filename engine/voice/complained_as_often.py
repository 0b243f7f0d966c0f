"""How many times as often those complain to whom something has happened, among comparable ones.

A complaint can only be about what came before it. So each complaint in a running case is compared
with comparable cases that were as old and still running, and whatever had happened to them by that
age; each complaint after the decision with comparable cases that had been decided for as long at
least: who was decided yesterday has not had the time to complain. All these small tables are
pooled after Mantel and Haenszel (1959), with the variance of Greenland and Robins (1985).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from engine.voice.heard import Heard
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.durations import Floats
from miners.shares import SURE

# So many complaints are compared at least, and so far may the count of the exposed ones vary.
FEWEST, _LEAST_VARIANCE = 10, 2.0
_NEVER = np.iinfo(np.int64).max
FEW = "few complaints"
"""Why nothing can be told."""


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times as often (`value`, with 95 % limits), from so many complaints.

    `p_value` is that of no difference; all three figures are None where `why` says why.
    """

    complaints: int
    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    why: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tables:
    """Small tables: the exposed and the others, and how many of each complained; [tables]."""

    exposed: Floats
    others: Floats
    exposed_complained: Floats
    others_complained: Floats


def complained_as_often(heard: Heard, *, since: Int64s, known: Bools, stratum: Int64s) -> Ratio:
    """Those to whom it had happened, against comparable ones to whom it had not.

    `since` is the moment (µs UTC) at which it happened, `UNKNOWN`: never; `known` marks the cases
    of which that can be said; `stratum` is the same number for comparable cases; all [cases].
    """
    running, decided = (
        _running(heard, since, known, stratum),
        _decided(heard, since, known, stratum),
    )
    a, b, n1, n0 = (
        np.concatenate([getattr(part, name) for part in (running, decided)])
        for name in ("exposed_complained", "others_complained", "exposed", "others")
    )
    of, complained = n1 + n0, a + b
    told = (n1 > 0) & (n0 > 0) & (complained > 0)
    a, b, n1, n0, of, complained = (part[told] for part in (a, b, n1, n0, of, complained))
    told_of = int(complained.sum())
    spread = n1 * n0 * complained * (of - complained) / (of**2 * np.maximum(of - 1, 1))
    up, down = float((a * n0 / of).sum()), float((b * n1 / of).sum())
    if told_of < FEWEST or float(spread.sum()) < _LEAST_VARIANCE or not (up and down):
        return Ratio(complaints=told_of, value=None, low=None, high=None, p_value=None, why=FEW)
    surplus = float((a - n1 * complained / of).sum())
    variance = float(((n1 * n0 * complained - a * b * of) / of**2).sum()) / (up * down)
    reach = np.exp(SURE * np.sqrt(variance))
    return Ratio(
        complaints=told_of,
        value=up / down,
        low=float(up / down / reach),
        high=float(up / down * reach),
        p_value=float(2 * stats.norm.sf(abs(surplus) / np.sqrt(spread.sum()))),
    )


def _decided(heard: Heard, since: Int64s, known: Bools, stratum: Int64s) -> _Tables:
    """One table a complaint: the cases of its stratum that had been decided for as long.

    Nobody counts who had complained before the decision.
    """
    complained = heard.complained != UNKNOWN
    kept = heard.over & known & ~(complained & (heard.complained < heard.closed))
    exposed = (since != UNKNOWN) & (since <= heard.closed)
    left = np.where(complained, heard.complained, heard.now) - heard.closed
    begun = np.where(exposed, -1, _NEVER)
    return _at_risk(kept, kept & complained, left, begun, stratum)


def _running(heard: Heard, since: Int64s, known: Bools, stratum: Int64s) -> _Tables:
    """One table a complaint: the cases of its stratum that were running at its age."""
    complained = heard.complained != UNKNOWN
    early = complained & (~heard.over | (heard.complained < heard.closed)) & known
    left = np.where(early, heard.complained, heard.ended) - heard.entered
    begun = np.where(since == UNKNOWN, _NEVER, since - heard.entered)
    return _at_risk(known, early, left, begun, stratum)


def _at_risk(
    known: Bools, complained: Bools, left: Int64s, begun: Int64s, stratum: Int64s
) -> _Tables:
    """One table for each case that `complained`: those of its stratum that were there as long.

    `left` is how long a case was there, until its complaint too, and `begun` after how long it was
    exposed; microseconds, all [cases].
    """
    parts: list[tuple[Floats, Floats, Floats]] = []
    for number in np.unique(stratum[complained]).tolist():
        mine = known & (stratum == number)
        ages = left[mine & complained]
        leaving = np.sort(left[mine])
        starting, both = np.sort(begun[mine]), np.sort(np.maximum(begun, left)[mine])
        at_risk = len(leaving) - np.searchsorted(leaving, ages, side="left")
        # Exposed before that age and not gone before it.
        exposed = np.searchsorted(starting, ages, side="left") - np.searchsorted(
            both, ages, side="left"
        )
        parts.append((at_risk, exposed, (begun < left)[mine & complained]))
    if not parts:
        nothing = np.empty(0)
        return _Tables(
            exposed=nothing, others=nothing, exposed_complained=nothing, others_complained=nothing
        )
    at_risk, exposed, mine_exposed = (
        np.concatenate(part).astype(np.float64) for part in zip(*parts, strict=True)
    )
    return _Tables(
        exposed=exposed,
        others=at_risk - exposed,
        exposed_complained=mine_exposed,
        others_complained=1 - mine_exposed,
    )
