"""What was different before and after a day: who came before it, and who came from it on.

Both sides are as long as each other, and every application on either side has been followed for at
least `horizon` days, so that those who came last are not told by the quick ones alone: times count
up to the horizon. Beside the difference as it came stands that among comparable applications
(`miners.equity.kernel`), no surer than weeks that hang together allow (`before_after_sure`). What
is different after a day need not be so because of it.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil

import numpy as np

from engine.scorecard.certainty import change
from engine.scorecard.rows import Ratio, Rows
from engine.scorecard.rows import rows as rows_of
from eventlog.errors import UsageError
from eventlog.kernels import Bools, Int64s
from miners.durations import Floats
from miners.equity.kernel import compare, unadjusted
from miners.equity.rows import Gaps, Grouping, Strata
from miners.shares import SURE, wilson
from miners.survival import Estimate, kaplan_meier
from reports.contents.terms import Limits
from reports.explore.before_after_cases import Cases
from reports.explore.before_after_found import (
    DETOURS,
    ON_TIME,
    TIME,
    WAITING,
    Asked,
    BeforeAfter,
    Month,
    Side,
)
from reports.language import say

FEWEST = 30
"""Applications that each side needs."""
_LONGEST, _SHORTEST = 365, 28
_HORIZON = (7, 90)
_LONG_HORIZON = 180
_FOLLOWED, _NEARLY_ALL = 0.9, 0.99
_DAY_MS = 86_400_000
_SEED = 4_711
_EPOCH = date(1970, 1, 1)


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
    if asked.measure in {ON_TIME, DETOURS} or not cases.closing_known:
        # What is not over counts up to the horizon in a mean of days. A share cannot be cut off
        # so, nor can days up to a last event of which nobody knows whether it was the last.
        horizon = _long_horizon(cases)
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
    told = _rows(cases, asked, horizon)
    usable = (told.came <= last) & ~np.isnan(told.score)
    every = _every(cases, asked, horizon, last)
    months = _of_all(_months(told, usable, shares=not empty.in_days), every)
    if length < _SHORTEST:
        return replace(empty, months=months, why="near the end")
    inside = usable & (told.came >= day - length) & (told.came < day + length)
    place = np.where(inside, (told.came >= day).astype(np.int64), -1)
    sides = [_side(told, place == side, shares=not empty.in_days) for side in (0, 1)]
    if every is not None:
        spans = ((day - length, day), (day, day + length))
        sides = [
            replace(side, of=int(((every >= since) & (every < until)).sum()))
            for side, (since, until) in zip(sides, spans, strict=True)
        ]
    if min(side.cases for side in sides) < FEWEST:
        return replace(empty, months=months, why="few")
    picked = np.flatnonzero(inside)
    grouping = Grouping(attribute="side", names=("before", "after"), place=place[picked])
    cluster = None if told.cluster is None else told.cluster[picked]
    strata = Strata.of([told.stratum[picked]], cluster)
    score, came = told.score[picked], told.came[picked]
    gaps = compare(score, grouping, strata, seed=_SEED)
    plain = unadjusted(score, grouping, cluster, seed=_SEED)
    after = place[picked] == 1
    return replace(
        empty,
        before=sides[0],
        after=sides[1],
        raw=_gap(plain, score, came, after),
        comparable=_gap(gaps, _beside_comparable(score, strata.stratum), came, after),
        coverage=float(gaps.coverage[1]),
        months=months,
    )


def _beside_comparable(score: Floats, stratum: Int64s) -> Floats:
    """Each score less the mean of its stratum; [rows]."""
    place = stratum + 1  # -1 is a row that is left out
    mean = np.bincount(place, weights=score) / np.maximum(np.bincount(place), 1)
    return np.asarray(score - mean[place], np.float64)


def _gap(found: Gaps, score: Floats, came: Int64s, after: Bools) -> Limits | None:
    """After less before, with the wider of two limits; None where nobody can tell.

    Those of `miners.equity.kernel` take applications for draws of their own; but a queue that is
    long today is long tomorrow, and by them alone nine of ten busy queues in which nothing changed
    seem to have changed. The others are from what stretches of days say (`change`).
    """
    value, low, high = (float(part[1]) for part in (found.value, found.low, found.high))
    if np.isnan(value):
        return None
    sides = [_by_day(score[mine], came[mine]) for mine in (after, ~after)]
    moved = change(Ratio(), sides[0], sides[1])
    if moved is None:
        return None
    half = moved.change - moved.low
    return Limits(value=value, low=min(low, value - half), high=max(high, value + half))


def _by_day(score: Floats, came: Int64s) -> Rows:
    return rows_of(came, np.arange(len(came)), score, np.ones(len(came)))


def horizon_of(cases: Cases) -> int:
    """For how many days everybody is followed: most have ended by then."""
    least, most = _HORIZON
    ended = cases.days[cases.closed]
    if not len(ended):
        return most
    return min(max(ceil(float(np.quantile(ended, _FOLLOWED))), least), most)


def _long_horizon(cases: Cases) -> int:
    """For how many days everybody is followed where only those that are over can be told."""
    ended = cases.days[cases.closed]
    far = ceil(float(np.quantile(ended, _NEARLY_ALL))) if len(ended) else 0
    return min(max(far, horizon_of(cases)), _LONG_HORIZON)


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


def _every(cases: Cases, asked: Asked, horizon: int, last: int) -> Int64s | None:
    """The days on which those came that would be measured without choosing; None where none is."""
    if asked.only is None:
        return None
    every = _rows(cases, replace(asked, only=None), horizon)
    return every.came[(every.came <= last) & ~np.isnan(every.score)]


def _of_all(months: tuple[Month, ...], every: Int64s | None) -> tuple[Month, ...]:
    if every is None:
        return months
    came = np.datetime_as_string(every.astype("datetime64[D]"), unit="M").tolist()
    count = Counter(came)
    return tuple(replace(one, of=count[one.month]) for one in months)


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
