"""What throughput and lateness would be if a detour did not happen, and how sure that is.

A case that takes the detour is given, in place of what its strayed span took, what a straight span
of the same cell took (`miners.detours.matching`), drawn by lot, so that the times vary as those of
straight cases do. Drawing is repeated, each time from a cell that is itself drawn anew (the
approximate Bayesian bootstrap of Rubin and Schenker 1986): the limits hold what is not known of
the straight way, for these cases as they are. A detour that could not be priced is taken to cost
what those of its subject do on average.

Only cases that entered so long ago that nearly all like them are over are looked at, open or
ended: of lately entered ones only the quick are over. The few that are open still count as longer
than all others, and with their time so far in the mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s, UInt64s
from miners.detours.cost import Excess
from miners.detours.episodes import Episodes
from miners.detours.sharing import Shares, share
from miners.survival import Floats, kaplan_meier

FEWEST = 30
"""Cases below which nothing is told."""
_LONG_AGO = 0.95
_DRAWS = 200
_LIMITS = (0.025, 0.975)


@dataclass(frozen=True, kw_only=True, eq=False)
class Times:
    """How long each case ran; each [cases].

    `entered` is when its clock began and `seen` until when it is known, microseconds UTC; `ran`
    the milliseconds that it ran meanwhile, and `term` those that were promised, counted the same
    way (UNKNOWN where none were, or another way). `ended` says that the clock is over; cases that
    are not `counted` (given up, never begun) are left out.
    """

    entered: Int64s
    seen: Int64s
    ran: Int64s
    term: Int64s
    ended: Bools
    counted: Bools

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        columns = (self.seen, self.ran, self.term, self.ended, self.counted)
        if any(len(column) != len(self.entered) for column in columns):
            raise ValueError("the columns of times differ in length")

    def long_ago(self, now: int) -> Bools:
        """Which cases entered so long before `now` that nearly all like them are over; [cases]."""
        mine = self.counted
        took = self.seen[mine] - self.entered[mine]
        over = kaplan_meier(took, self.ended[mine]).quantile(_LONG_AGO)
        longest = took[self.ended[mine]].max(initial=0) if over is None else over.value
        return np.asarray(mine & (self.entered <= now - int(longest)))


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure as it is, and as it would be with its 95 % limits."""

    now: float
    then: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Without:
    """Times in milliseconds, with and without a detour, of `cases`; `detoured` of them took it.

    `median` and `p90` are None where too few cases are over, `over_term` (a share from 0 to 1)
    where none of them has a term.
    """

    cases: int
    detoured: int
    mean: Change
    median: Change | None
    p90: Change | None
    over_term: Change | None


def without(
    subjects: Sequence[int],
    *,
    episodes: Episodes,
    span: Int64s,
    found: Excess,
    times: Times,
    now: int,
    seed: int,
) -> Without | None:
    """Take the detours of these subjects away; None with fewer than `FEWEST` cases, or no price.

    `span` [episodes] is the strayed span that each detour is part of. `found` must be told by the
    clock that `times` goes by (`spans.on_the_clock`), or time would be saved that never counted.
    """
    cohort = times.long_ago(now)
    mine = np.flatnonzero(np.isin(episodes.subject, subjects) & cohort[episodes.case])
    told = share(
        episodes.subject.astype(np.int64), span, found.milliseconds, len(episodes.subjects)
    )
    if int(cohort.sum()) < FEWEST or np.isnan(told.milliseconds[mine]).all():
        return None
    case, at = np.unique(episodes.case[mine], return_inverse=True)
    rest = cohort.copy()
    rest[case] = False
    figures = _Figures(times, np.flatnonzero(rest), case.astype(np.int64))
    lots = _Lots(found, told, mine, episodes.subject[mine], span[mine], seed)
    ran = times.ran[case].astype(np.float64)
    draws = np.empty((_DRAWS, _Figures.MANY))
    for draw in range(_DRAWS):
        saved = np.bincount(at, lots.saved(draw), len(case))
        draws[draw] = figures.of(np.maximum(ran - saved, 0.0))
    usual = figures.of(ran)
    told_at_all = np.isfinite(usual) & np.isfinite(draws).all(axis=0)
    draws = np.where(told_at_all, draws, 0.0)
    then, (low, high) = draws.mean(axis=0), np.quantile(draws, _LIMITS, axis=0)
    mean, median, p90, over_term = (
        Change(now=float(usual[k]), then=float(then[k]), low=float(low[k]), high=float(high[k]))
        if told_at_all[k]
        else None
        for k in range(_Figures.MANY)
    )
    if mean is None:
        return None
    return Without(
        cases=int(cohort.sum()),
        detoured=len(case),
        mean=mean,
        median=median,
        p90=p90,
        over_term=over_term,
    )


class _Figures:
    """The mean, the median, the 90th percentile and the share over term, when some cases change.

    The cases that stay as they are, `rest`, are sorted once. Open cases count as longer than all
    others in the quantiles, which are inf where they fall among these.
    """

    MANY = 4
    _SHARES = (0.5, 0.9)

    def __init__(self, times: Times, rest: Int64s, changing: Int64s) -> None:
        self._size = len(rest) + len(changing)
        self._sum = float(times.ran[rest].sum())
        self._rest = np.sort(np.where(times.ended[rest], times.ran[rest], np.inf))
        self._open = ~times.ended[changing]
        self._term = times.term[changing]
        known = times.term[rest] != UNKNOWN
        self._over = int((times.ran[rest] > times.term[rest])[known].sum())
        self._termed = int(known.sum()) + int((self._term != UNKNOWN).sum())

    def of(self, ran: Floats) -> Floats:
        """The four figures, if the changing cases ran for so many milliseconds."""
        mine = np.sort(np.where(self._open, np.inf, ran))
        rank = np.arange(len(mine)) + np.searchsorted(self._rest, mine)
        quantiles = []
        for part in self._SHARES:
            wanted = max(int(np.ceil(part * self._size)) - 1, 0)
            place = int(np.searchsorted(rank, wanted))
            inside = place < len(rank) and rank[place] == wanted
            quantiles.append(mine[place] if inside else self._rest[wanted - place])
        over = self._over + int(((ran > self._term) & (self._term != UNKNOWN)).sum())
        share_over = over / self._termed if self._termed else np.inf
        return np.array([(self._sum + ran.sum()) / self._size, *quantiles, share_over])


class _Lots:
    """Draws, for some detours, what would be saved: by their share of what their spans took."""

    def __init__(
        self,
        found: Excess,
        told: Shares,
        rows: Int64s,
        subjects: Int32s,
        spans: Int64s,
        seed: int,
    ) -> None:
        matching, told_ms = found.matching, told.milliseconds[rows]
        priced = ~np.isnan(told_ms)
        many = np.maximum(np.bincount(subjects[priced], minlength=int(subjects.max()) + 1), 1)
        usual = np.bincount(subjects[priced], told_ms[priced], len(many)) / many
        self._expected = np.where(priced, told_ms, usual[subjects])
        self._part, self._off = told.part[rows], found.off
        self._priced = np.flatnonzero(matching.cell[spans] >= 0)
        _, self._lot = np.unique(spans[self._priced], return_inverse=True)
        cell = matching.cell[spans[self._priced]]
        self._first, self._size = matching.offsets[cell], np.diff(matching.offsets)[cell]
        self._seed = np.uint64(seed)

    def saved(self, draw: int) -> Floats:
        """The milliseconds that each detour would have saved in one draw; [detours].

        A lot is a place in a cell drawn with replacement: the hash of the place and the draw says
        what stands there, so a place that is drawn twice shows the same span.
        """
        key = _scattered(np.array([draw], np.uint64) ^ (self._seed << np.uint64(32)))
        size = self._size.astype(np.uint64)
        place = (_scattered(self._lot.astype(np.uint64) ^ key) >> np.uint64(11)) % size
        spot = self._first.astype(np.uint64) + place
        shown = (_scattered(spot ^ ~key) >> np.uint64(11)) % size
        out = self._expected.copy()
        out[self._priced] -= (
            self._part[self._priced] * self._off[self._first + shown.astype(np.int64)]
        )
        return out


def _scattered(numbers: UInt64s) -> UInt64s:
    """The finaliser of SplitMix64: neighbours become numbers without any order."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))
