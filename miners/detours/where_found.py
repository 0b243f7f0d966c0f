"""How often each detour is taken, whether ever more often, and among which applications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats

from eventlog.coded import Coded
from eventlog.kernels import Bools, Int64s
from eventlog.periods import periods
from miners.detours.chances import NEVER, Followed, chances, followed
from miners.detours.concentration import Compared, Concentration, compare, prepared
from miners.detours.episodes import Episodes, Subject
from miners.detours.steps import Steps
from miners.differences import differences
from miners.shares import wilson
from miners.survival import Estimate

LEAST_HALF = 50
"""Cases in each half of the time without which no trend is told."""
_MONTHS, _QUARTER = 12, 3
_SURE = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """What is known of the cases apart from their steps; arrays [cases].

    `entered` is the first event, µs UTC; `now` the end of what is known. `decided` is by
    `miners.detours.deciding`, `is_open` None where nobody says what closes a case. `attributes` are
    values at entry that may be looked at, `legitimate` those by which cases are made comparable.
    """

    entered: Int64s
    decided: Bools
    is_open: Bools | None
    now: int
    timezone: str
    attributes: Mapping[str, Coded] = field(default_factory=dict)
    legitimate: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        columns = [self.decided, *(values.codes for values in self.attributes.values())]
        if self.is_open is not None:
            columns.append(self.is_open)
        if any(len(column) != len(self.entered) for column in columns):
            raise ValueError("the columns of cases differ in length")


@dataclass(frozen=True, kw_only=True)
class Month:
    """Of the `eligible` that came in a month (`2025-01`, by the office's time), who had it."""

    month: str
    cases: int
    eligible: int


@dataclass(frozen=True, kw_only=True)
class Trend:
    """How much more often the later half of the cases takes the detour than the earlier half.

    `change` is the share of the later half less that of the `earlier`, `since` when the later half
    begins to come (µs UTC); `q_value` is for all trends of the run.
    """

    change: Estimate
    earlier: float
    later: float
    since: int
    p_value: float
    q_value: float

    @property
    def told(self) -> bool:
        """Whether there is a trend."""
        return self.q_value <= _SURE


@dataclass(frozen=True, kw_only=True)
class Found:
    """One detour: `cases` of the `eligible` took it, `times` in all; `share` with its limits.

    `months`, `trend` and `concentrates` are told of cases that were all followed for equally long,
    `window` microseconds from their entry: cases that came lately have not had the time for every
    detour yet, and would look as though detours were on the wane. So months add up to less.
    `concentrates` has every value that was compared; some are `told`.
    """

    subject: Subject
    cases: int
    eligible: int
    times: int
    share: Estimate | None
    window: int
    months: tuple[Month, ...]
    trend: Trend | None
    concentrates: tuple[Concentration, ...]


def where_found(episodes: Episodes, steps: Steps, cases: Cases) -> list[Found]:
    """Each subject of the episodes, in their order.

    Shares have Wilson's limits (1927), trends Newcombe's (1998, method 10). A value of an attribute
    is compared with all other values within strata (Mantel & Haenszel 1959); the false discovery
    rate over all comparisons is controlled (Benjamini & Hochberg 1995), and so is that of trends.
    """
    month = periods(cases.entered, cases.timezone, "month")
    values = prepared(cases.attributes, cases.legitimate, month // _QUARTER)
    closed_only = _closed_only(steps, cases)
    found: list[Found] = []
    trends: list[Trend | None] = []
    compared: list[list[Compared]] = []
    for one in chances(episodes, steps, entered=cases.entered, decided=cases.decided):
        seen = followed(one, entered=cases.entered, now=cases.now, closed_only=closed_only)
        count = int((one.had < NEVER).sum())
        tried = (compare(each, seen) for each in values)
        compared.append([each for each in tried if each is not None])
        trends.append(_trend(seen, cases.entered))
        found.append(
            Found(
                subject=one.subject,
                cases=count,
                eligible=one.eligible,
                times=one.times,
                share=_share(count, one.eligible),
                window=seen.window,
                months=_by_month(seen, month),
                trend=None,
                concentrates=(),
            )
        )
    changes = iter(_q_values([one.p_value for one in trends if one is not None]))
    places = iter(_q_values([p for each in compared for one in each for p in one.found.p_value]))
    return [
        replace(
            one,
            trend=None if trend is None else replace(trend, q_value=next(changes)),
            concentrates=tuple(
                row for each in where for row in each.told([next(places) for _ in each.place])
            ),
        )
        for one, trend, where in zip(found, trends, compared, strict=True)
    ]


def _q_values(p_values: Sequence[float]) -> list[float]:
    """The false discovery rate at which each would be told, in the same order."""
    return stats.false_discovery_control(p_values).tolist() if p_values else []


def _share(count: int, of: int) -> Estimate | None:
    if not of:
        return None
    low, high = wilson(np.array([count]), np.array([of]))
    return Estimate(value=count / of, low=float(low[0]), high=float(high[0]))


def _closed_only(steps: Steps, cases: Cases) -> Int64s | None:
    """How long each case lasted, [cases], where no case is known to be open; else None."""
    if cases.is_open is not None and bool(cases.is_open.any()):
        return None
    lengths = np.diff(steps.offsets)
    some = np.flatnonzero(lengths > 0)
    return steps.done[steps.offsets[some + 1] - 1] - cases.entered[some]


def _by_month(seen: Followed, month: Int64s) -> tuple[Month, ...]:
    """Every month from the first to the last in which eligible cases came."""
    of = month[seen.eligible]
    if not len(of):
        return ()
    first = int(of.min())
    eligible = np.bincount(of - first)
    count = np.bincount(month[seen.had] - first, minlength=len(eligible))
    return tuple(
        Month(month=_name(first + place), cases=int(count[place]), eligible=int(eligible[place]))
        for place in range(len(eligible))
    )


def _name(month: int) -> str:
    return f"{month // _MONTHS:04d}-{month % _MONTHS + 1:02d}"


def _trend(seen: Followed, entered: Int64s) -> Trend | None:
    """The later half of the eligible cases against the earlier half; None where they are few."""
    when, had = entered[seen.eligible], seen.had[seen.eligible]
    if not len(when):
        return None
    since = int(np.quantile(when, 0.5, method="higher"))
    later = when >= since
    halves = (later, ~later)
    if min(int(half.sum()) for half in halves) < LEAST_HALF:
        return None
    (count, other), (of, other_of) = (
        [np.array([[float((half & marked).sum())]]) for half in halves]
        for marked in (had, np.ones(len(had), bool))
    )
    told = differences(count, of, other, other_of)
    p = float(told.p_value[0])
    return Trend(
        change=Estimate(
            value=float(told.value[0]), low=float(told.low[0]), high=float(told.high[0])
        ),
        earlier=float(other[0, 0] / other_of[0, 0]),
        later=float(count[0, 0] / of[0, 0]),
        since=since,
        p_value=1.0 if np.isnan(p) else p,
        q_value=1.0,
    )
