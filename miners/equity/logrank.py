"""Whether some wait longer for a decision than comparable others, those still waiting included.

The stratified log-rank test (Mantel 1966; Peto & Peto 1972): at every moment at which somebody is
decided, the decisions of a value are held against its share in those who still wait in the same
stratum. Open cases count for as long as they are watched, withdrawn ones until they withdrew.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.ascending import ascending
from miners.equity import logrank_loops as loops
from miners.equity.hazard_loops import fit_ratios
from miners.equity.rows import ALONE, CONSTANT, FEW, Grouping, Strata
from miners.shares import Floats

LEAST_ROWS, LEAST_DECISIONS = 50, 20
"""Compared rows and decisions without which, of a value or of the others, nothing is told."""
_TAIL = 0.975


@dataclass(frozen=True, kw_only=True, eq=False)
class LogRank:
    """For each value of a grouping: its decisions against those of comparable others.

    Arrays have shape [values]. `rows` and `others` are how many rows have the value and any other,
    in all strata, `decisions` and `others_decisions` how many of them were decided. `observed`
    decisions of the value are held against the `expected` ones, with the hypergeometric `variance`
    of no gap (ties counted as they are). `clustered` is that variance with what repeat applicants
    add, never less, and `freedom` the degrees of freedom that it has (inf: normal).

    `hazard_ratio` is Cox's, with 95 % limits `low` and `high`: below 1, the value is decided later.
    Its first step from no gap is Peto's exp((observed - expected) / variance), which is a few per
    cent off where there is a gap: too much, among many cases, for the limits to hold what is true.
    `coverage` is the share of the value's rows in strata that tell something: somebody is decided
    while the value and others wait. `z`, `p_value` and the ratio are NaN where the value cannot be
    told, and `why` says why (ALONE, CONSTANT or FEW; empty where it can).
    """

    rows: Int64s
    others: Int64s
    decisions: Int64s
    others_decisions: Int64s
    observed: Floats
    expected: Floats
    variance: Floats
    clustered: Floats
    freedom: Floats
    z: Floats
    p_value: Floats
    hazard_ratio: Floats
    low: Floats
    high: Floats
    coverage: Floats
    why: tuple[str, ...]

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.z)

    @cached_property
    def told(self) -> Bools:
        """Which values can be told."""
        return ~np.isnan(self.p_value)


def logrank(ran: Int64s, decided: Bools, grouping: Grouping, strata: Strata) -> LogRank:
    """Every value against all others of its stratum; `ran` ms and whether it was `decided`, [rows].

    A row that is not decided was watched for `ran`: open ones until now, withdrawn ones until they
    withdrew. Rows without a value, a stratum or a duration (UNKNOWN) are left out.

    Repeat applicants (`strata.cluster`): Lin & Wei's (1989) residuals at no gap are summed within
    applicants; the products of two rows of one are added to the variance where that makes it
    larger. How few applicants that rests on is told by Satterthwaite's degrees of freedom.

    >>> ran, decided = np.array([1, 4, 6, 2, 3, 5]), np.ones(6, bool)
    >>> kind = Grouping(attribute="kind", names=("a", "b"), place=np.array([0, 0, 0, 1, 1, 1]))
    >>> found = logrank(ran, decided, kind, Strata.of([np.zeros(6, np.int64)]))
    >>> found.observed.tolist(), found.expected.round(3).tolist(), found.why[0]
    ([3.0, 3.0], [3.567, 2.433], 'few')
    """
    _refuse(ran, decided, strata, grouping.place)
    used = (strata.stratum >= 0) & (grouping.place >= 0) & (ran != UNKNOWN)
    order, offsets = _in_order(ran, used, strata)
    time, place, ends = ran[order], grouping.place[order], decided[order].astype(np.int64)
    cluster = None if strata.cluster is None else strata.cluster[order]
    rows = (time, place, np.ones_like(time), ends)
    return of_sorted(offsets, *rows, cluster, values=len(grouping.names))


def of_sorted(
    offsets: Int64s,
    time: Int64s,
    place: Int64s,
    count: Int64s,
    decided: Int64s,
    cluster: Int64s | None,
    *,
    values: int,
) -> LogRank:
    """The test of rows that stand as `logrank_loops` has them; of one case each with `cluster`."""
    counts, sums = loops.sum_values(offsets, time, place, count, decided, values)
    observed, expected, variance = sums
    rows, decisions = counts[loops.ROWS], counts[loops.DECISIONS]
    few = (
        (counts[[loops.COMPARED, loops.OTHERS]].min(axis=0) < LEAST_ROWS)
        | (counts[[loops.COMPARED_DECISIONS, loops.OTHERS_DECISIONS]].min(axis=0) < LEAST_DECISIONS)
    )  # fmt: skip
    why = np.select(
        [counts[loops.MET] == 0, counts[loops.COMPARED] == 0, few], [ALONE, CONSTANT, FEW], ""
    )
    told = why == ""
    more = squares = np.zeros(values)
    numbered, repeated = (None, 0) if cluster is None else _repeated(cluster)
    if numbered is not None and repeated:
        more, squares = loops.sums_within(offsets, time, place, decided, numbered, repeated, told)
    clustered = variance + np.maximum(more, 0)
    ratio, error = fit_ratios(offsets, time, place, count, decided, told)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(told, (observed - expected) / np.sqrt(clustered), np.nan)
        freedom = np.where(squares > 0, 2 * clustered**2 / squares, np.inf)
        p_value: Floats = np.asarray(2 * stats.t.sf(np.abs(z), freedom))
        half = stats.t.ppf(_TAIL, freedom) * error * np.sqrt(clustered / variance)
        coverage = counts[loops.COMPARED] / rows
    return LogRank(
        rows=rows,
        others=rows.sum() - rows,
        decisions=decisions,
        others_decisions=decisions.sum() - decisions,
        observed=observed,
        expected=expected,
        variance=variance,
        clustered=clustered,
        freedom=freedom,
        z=z,
        p_value=p_value,
        hazard_ratio=np.exp(ratio),
        low=np.exp(ratio - half),
        high=np.exp(ratio + half),
        coverage=coverage,
        why=tuple(why.tolist()),
    )


def scores(ran: Int64s, decided: Bools, strata: Strata) -> Floats:
    """The log-rank score of each row: decided or not, less the hazard up to `ran`; shape [rows].

    The hazard is Nelson & Aalen's of all rows of the stratum, so the scores of a stratum sum to
    0, and those of one value to its observed less its expected decisions. Above 0: decided sooner
    than to be expected. NaN without a stratum or a duration. Give rows without a value of the
    attribute that is compared no stratum, or they count among those who wait. Permuting scores
    within strata is a fair test as long as the values are watched and withdrawn alike.

    >>> scores(np.array([1, 2]), np.array([True, True]), Strata.of([np.zeros(2, np.int64)]))
    array([ 0.5, -0.5])
    """
    _refuse(ran, decided, strata, ran)
    order, offsets = _in_order(ran, (strata.stratum >= 0) & (ran != UNKNOWN), strata)
    in_order = np.empty(len(order))
    loops.score_rows(offsets, ran[order], decided[order].astype(np.int64), in_order)
    out = np.full(len(ran), np.nan)
    out[order] = in_order
    return out


def _refuse(ran: Int64s, decided: Bools, strata: Strata, place: Int64s) -> None:
    lengths = {len(column) for column in (ran, decided, place, strata.stratum)}
    if len(lengths) > 1:
        raise ValueError(f"columns have {sorted(lengths)} rows; expected one length")
    known = ran[ran != UNKNOWN]
    if len(known) and known.min() < 0:
        raise ValueError(f"a duration is {known.min()} ms; expected 0 or more")


def _in_order(ran: Int64s, used: Bools, strata: Strata) -> tuple[Int64s, Int64s]:
    """The used rows stratum by stratum, shortest first; and where each stratum begins."""
    rows = np.flatnonzero(used)
    return loops.by_stratum(rows[ascending(ran[rows])], strata.stratum, strata.count)


def _repeated(cluster: Int64s) -> tuple[Int64s, int]:
    """Numbers from 0 for those who have several rows, -1 for all others; and how many they are."""
    times = np.bincount(cluster[cluster >= 0])
    number = np.where(times > 1, np.cumsum(times > 1) - 1, -1)
    return np.append(number, -1)[cluster], int((times > 1).sum())
