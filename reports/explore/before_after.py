"""What was different before and after a day: who came before it, and who came from it on.

Both sides are as long as each other, and every application on either side has been followed for at
least `horizon` days, so that those who came last are not told by the quick ones alone: times count
up to the horizon. Beside the difference as it came stands that among comparable applications
(`miners.equity.kernel`). What is different after a day need not be so because of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

import numpy as np

from eventlog.errors import UsageError
from eventlog.kernels import Bools, Int64s
from miners.durations import Floats
from miners.equity.kernel import compare, unadjusted
from miners.equity.rows import Grouping, Strata
from miners.shares import SURE, wilson
from miners.survival import Estimate, kaplan_meier
from reports.explore.before_after_cases import Cases
from reports.language import mark, say
from reports.terms import Limits

TIME, WAITING, ON_TIME, DETOURS = "time", "waiting", "on-time", "detours"
MEASURES: Mapping[str, str] = {
    TIME: mark("Time from the first event to the end"),
    WAITING: mark("Waiting at a step"),
    ON_TIME: mark("Share on time"),
    DETOURS: mark("Share with a detour"),
}
"""What can be compared, and what it is called."""
FEWEST = 30
"""Applications that each side needs."""
_LONGEST, _SHORTEST = 365, 28
_HORIZON = (7, 90)
_FOLLOWED = 0.9
_DAY_MS = 86_400_000
_SEED = 4_711
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The day that parts before and after, what is measured, and of which applications.

    `step` is the activity of WAITING; `only` an attribute and its value, None for all.
    """

    day: date
    measure: str = TIME
    step: str | None = None
    only: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        if self.measure not in MEASURES:
            raise UsageError(
                say(
                    "measure is %(value)s; expected one of %(known)s",
                    value=self.measure,
                    known=", ".join(MEASURES),
                )
            )
        if (self.step is not None) != (self.measure == WAITING):
            raise UsageError(say("a step is given with the measure waiting, and only with it"))


@dataclass(frozen=True, kw_only=True)
class Side:
    """The applications (or waits) on one side: how many, and their figure.

    `value` is a mean in days up to the horizon, or a share of which there are `hits`; `median` and
    `p80` are days, open ones counted. `open` is how many are not over yet. What is None is not
    known or may not be told.
    """

    cases: int
    open: int | None
    value: Limits | None
    hits: int | None = None
    median: float | None = None
    p80: float | None = None


@dataclass(frozen=True, kw_only=True)
class Month:
    """Those that came in one month; `month` as `2025-01`."""

    month: str
    cases: int
    value: Limits | None
    hits: int | None = None


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """What came out; `why` says why nothing did.

    Both sides are `length` days long, before and from `asked.day` on, and followed for `horizon`
    days. `raw` and `comparable` are after less before, `coverage` the share of those after that had
    comparable ones before. `earliest` and `latest` are the days that can be asked for.
    """

    asked: Asked
    length: int
    horizon: int
    earliest: date
    latest: date
    before: Side | None = None
    after: Side | None = None
    raw: Limits | None = None
    comparable: Limits | None = None
    coverage: float = 0.0
    months: tuple[Month, ...] = ()
    why: str | None = None

    @property
    def in_days(self) -> bool:
        """Whether values are days; else they are shares."""
        return self.asked.measure in {TIME, WAITING}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """What is measured: a row an application or a wait; arrays [rows].

    `came` is the day, `score` the figure (NaN: not known), `days` and `over` are for quantiles.
    """

    came: Int64s
    score: Floats
    days: Floats | None
    over: Bools
    stratum: Int64s
    cluster: Int64s | None


def before_after(cases: Cases, asked: Asked) -> BeforeAfter:
    """Compare those who came before the day with those who came from it on."""
    horizon = horizon_of(cases)
    last = cases.today - horizon
    day = (asked.day - _EPOCH).days
    length = min(day - cases.first, last - day + 1, _LONGEST)
    empty = BeforeAfter(
        asked=asked,
        length=max(length, 0),
        horizon=horizon,
        earliest=_EPOCH + timedelta(days=cases.first + _SHORTEST),
        latest=_EPOCH + timedelta(days=last - _SHORTEST + 1),
    )
    rows = _rows(cases, asked, horizon)
    usable = (rows.came <= last) & ~np.isnan(rows.score)
    months = _months(rows, usable, shares=not empty.in_days)
    if length < _SHORTEST:
        return _with(empty, months=months, why="near the end")
    inside = usable & (rows.came >= day - length) & (rows.came < day + length)
    place = np.where(inside, (rows.came >= day).astype(np.int64), -1)
    sides = [_side(rows, place == side, shares=not empty.in_days) for side in (0, 1)]
    if min(side.cases for side in sides) < FEWEST:
        return _with(empty, months=months, why="few")
    picked = np.flatnonzero(inside)
    grouping = Grouping(attribute="side", names=("before", "after"), place=place[picked])
    cluster = None if rows.cluster is None else rows.cluster[picked]
    strata = Strata.of([rows.stratum[picked]], cluster)
    score = rows.score[picked]
    gaps = compare(score, grouping, strata, seed=_SEED)
    plain = unadjusted(score, grouping, cluster, seed=_SEED)
    return BeforeAfter(
        asked=asked,
        length=length,
        horizon=horizon,
        earliest=empty.earliest,
        latest=empty.latest,
        before=sides[0],
        after=sides[1],
        raw=_gap(plain.value[1], plain.low[1], plain.high[1]),
        comparable=_gap(gaps.value[1], gaps.low[1], gaps.high[1]),
        coverage=float(gaps.coverage[1]),
        months=months,
    )


def horizon_of(cases: Cases) -> int:
    """For how many days everybody is followed: most have ended by then."""
    least, most = _HORIZON
    ended = cases.days[cases.closed]
    if not len(ended):
        return most
    return min(max(ceil(float(np.quantile(ended, _FOLLOWED))), least), most)


def _with(found: BeforeAfter, *, months: tuple[Month, ...], why: str) -> BeforeAfter:
    return BeforeAfter(
        asked=found.asked, length=found.length, horizon=found.horizon, earliest=found.earliest,
        latest=found.latest, months=months, why=why,
    )  # fmt: skip


def _rows(cases: Cases, asked: Asked, horizon: int) -> _Rows:
    wanted = _only(cases, asked.only)
    if asked.measure == WAITING:
        waits = cases.waits
        at = waits.activities.index(asked.step) if asked.step in waits.activities else -1
        mine = np.flatnonzero((waits.activity == at) & wanted[waits.case])
        case = waits.case[mine]
        return _Rows(
            came=waits.day[mine].astype(np.int64),
            score=np.minimum(waits.days[mine], horizon),
            days=waits.days[mine],
            over=waits.started[mine],
            stratum=cases.stratum[case],
            cluster=case.astype(np.int64),
        )
    if asked.measure == TIME:
        score, days = np.minimum(cases.days, horizon), cases.days
    else:
        told = 1 - cases.late if asked.measure == ON_TIME else cases.detoured
        known = cases.late >= 0 if asked.measure == ON_TIME else cases.detoured >= 0
        score, days = np.where(known, told.astype(np.float64), np.nan), None
    mine = np.flatnonzero(wanted)
    return _Rows(
        came=cases.entered[mine].astype(np.int64),
        score=score[mine],
        days=None if days is None else days[mine],
        over=cases.closed[mine],
        stratum=cases.stratum[mine],
        cluster=None,
    )


def _only(cases: Cases, only: tuple[str, str] | None) -> Bools:
    if only is None:
        return np.ones(len(cases), bool)
    name, value = only
    labels, codes = cases.values.get(name, ((), np.empty(0, np.int32)))
    if value not in labels:
        raise UsageError(
            say(
                "only is %(value)s; expected one of %(known)s",
                value=f"{name}={value}",
                known=", ".join(
                    f"{each}={label}"
                    for each, (known, _) in cases.values.items()
                    for label in known
                ),
            )
        )
    return np.asarray(codes == labels.index(value))


def _side(rows: _Rows, mine: Bools, *, shares: bool) -> Side:
    score = rows.score[mine]
    still = int((~rows.over[mine]).sum())
    if shares:
        hits = int(score.sum())
        return Side(cases=len(score), open=still, value=_share(hits, len(score)), hits=hits)
    median = p80 = None
    if rows.days is not None and len(score):
        ran = np.maximum(rows.days[mine] * _DAY_MS, 0).round().astype(np.int64)
        curve = kaplan_meier(ran, rows.over[mine])
        median, p80 = (_days(curve.quantile(share)) for share in (0.5, 0.8))
    return Side(
        cases=len(score),
        open=still,
        value=_mean(score.sum(), (score**2).sum(), len(score)),
        median=median,
        p80=p80,
    )


def _months(rows: _Rows, usable: Bools, *, shares: bool) -> tuple[Month, ...]:
    came = rows.came[usable]
    if not len(came):
        return ()
    month = came.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first, score = int(month.min()), rows.score[usable]
    place = month - first
    count = np.bincount(place)
    total = np.bincount(place, weights=score)
    square = np.bincount(place, weights=score**2)
    return tuple(
        Month(
            month=str(np.datetime64(first + at, "M")),
            cases=int(n),
            value=_share(round(float(total[at])), int(n))
            if shares
            else _mean(float(total[at]), float(square[at]), int(n)),
            hits=round(float(total[at])) if shares else None,
        )
        for at, n in enumerate(count.tolist())
    )


def _mean(total: float, square: float, count: int) -> Limits | None:
    if not count:
        return None
    mean = float(total / count)
    if count == 1:
        return Limits(value=mean, low=None, high=None)
    spread = max(square - count * mean**2, 0.0) / (count - 1)
    reach = SURE * float(np.sqrt(spread / count))
    return Limits(value=mean, low=mean - reach, high=mean + reach)


def _share(hits: int, count: int) -> Limits | None:
    if not count:
        return None
    low, high = wilson(np.array([hits], np.int64), np.array([count], np.int64))
    return Limits(value=hits / count, low=float(low[0]), high=float(high[0]))


def _days(told: Estimate | None) -> float | None:
    return None if told is None else told.value / _DAY_MS


def _gap(value: float, low: float, high: float) -> Limits | None:
    if np.isnan(value):
        return None
    return Limits(value=float(value), low=float(low), high=float(high))
