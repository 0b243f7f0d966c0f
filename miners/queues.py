"""Whose queue is how long: what waits at each step and unit, how fast it comes in and is done.

A queue is all items of one activity in one unit. An item joins it when it is enabled and leaves it
when it is taken up; where an activity has no start events, waiting and service cannot be told
apart and are reported as one (`service_known` is False), and nothing is said of utilisation.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from scipy import stats

from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.kernels import Bools, Int8s, Int32s, Int64s
from miners import queue_loops
from miners.causes import CAUSES, FOR_OFFICERS, Causes
from miners.desk_clock import Clock, clocks
from miners.desks import HOUR, Crew, Desks, Span, crews_of, desks, owners_of, stays_of
from miners.durations import Floats
from miners.hands import Hands, by_owner
from miners.open_items import RULES, OpenItems
from miners.placed import placed
from miners.staffing import Estimate
from miners.work_items import Items

_TREND_DAYS = 20
_STRETCHES = 20
_FEWEST_STRETCHES = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Queue:
    """One activity in one unit (None where the log names none); days as `Queues.unit` says.

    - `items` of `cases` joined, `taken` of them left the queue; `waiting` is their time in it, in
      case-days, open items until now, `share` its part of that of all queues; `mean` (with `low`
      and `high`, a 95 % confidence interval, None where the log is too short), `median` and `p90`
      are days an item. The interval comes from the means of up to 20 equal stretches of time
      (batch means), because neighbours in a queue wait alike.
    - `causes` are case-days by cause; what could not be told is in none of them.
    - `arrivals` an hour, `service_rate` items an officer's hour in hand; `officers` on the roster
      (from first to last sign of life, averaged over time), `present` of them on a day;
      `utilisation` is the share of the roster's time with this work in hand, `load` that of the
      unit's present officers with any work in hand.
    - `length` is the mean number waiting over time, `longest` the most; `little` is arrivals times
      the mean wait of items that left, over `length`, less 1: far from 0 where the queue grew or
      shrank. `day` are the days (microseconds UTC), `daily` and `daily_most` their mean and
      greatest lengths; `trend` is the mean length of the last 20 days less that of the 20 before.
    - `open_now` wait now, the oldest for `oldest` days and half of them longer than `open_median`;
      `open_by_rule` counts them by how it is known that they belong here.
    """

    activity: str
    unit: str | None
    service_known: bool
    cases: int
    items: int
    taken: int
    waiting: float
    share: float
    mean: float
    low: float | None
    high: float | None
    median: float
    p90: float
    causes: Mapping[str, float]
    arrivals: float
    service_rate: float | None
    officers: float
    present: float
    utilisation: float | None
    load: float | None
    length: float
    longest: int
    little: float | None
    day: Int64s
    daily: Floats
    daily_most: Int64s
    trend: float | None
    open_now: int
    oldest: float | None
    open_median: float | None
    open_by_rule: Mapping[str, int]
    estimate: Estimate | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Queues:
    """All queues, most waiting first; `waiting` sums them, `unit` is `working days` or `days`."""

    queues: Sequence[Queue]
    waiting: float
    unit: str


def queues(
    items: Items,
    hands: Hands,
    causes: Causes,
    *,
    calendars: Calendars | None,
    began: int,
    now: int,
    open_items: OpenItems | None = None,
    applicant_steps: frozenset[str] = frozenset(),
) -> Queues:
    """Every queue of the office; the log goes from `began` until `now`, microseconds UTC.

    Steps of the applicant are nobody's queue, nor, where the log names officers at all, is an
    activity that nobody of the office was ever seen to do. `open_items` says what waits now (see
    `placed`), and waits until now. Sorting decides the time: O(n log n).
    """
    items, rule = placed(items, open_items)
    found, places = clocks(calendars, items.unit, (began, now))
    owners = owners_of(items, applicant_steps)
    if not len(owners.pairs):
        return Queues(queues=(), waiting=0.0, unit=found[0].unit)
    clock_of = places[owners.pairs[:, 1]]
    stays = stays_of(items, rule, owners, found, places, now)
    spans = [Span.of(clock, began, now) for clock in found]
    count = len(owners.pairs)
    offsets, rows = by_owner(stays.queue, count)
    # A day of a queue is one of its unit's own: a shelf that is open all night is no worse for it.
    day = np.array([clock.day_ms * 1000 for clock in found], np.int64)[clock_of]
    inside = stays.queue >= 0
    waits = np.bincount(
        stays.queue[inside], (stays.left - stays.joined)[inside].astype(np.float64), count
    )
    total = float((waits / day).sum())
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        working = threads.submit(desks, hands, owners.queue, count, found, clock_of, spans)
        counted = threads.submit(queue_loops.different, offsets, rows, items.case)
        summed = threads.submit(
            queue_loops.cause_sums, causes.milliseconds, owners.queue[: len(causes.known)], count
        )
        crews = crews_of(items, hands, causes, stays, owners, found, clock_of, spans, threads)
        own, cases, sums = working.result(), counted.result(), summed.result() * 1000 / day[:, None]

        def queue_of(q: int) -> Queue:
            mine = rows[offsets[q] : offsets[q + 1]]
            return _queue(
                names=(items.activity, items.unit, owners.pairs[q]),
                service_known=bool(owners.told[q]),
                cases=int(cases[q]),
                joined=stays.joined[mine],
                left=stays.left[mine],
                still_open=stays.open[mine],
                rule=rule[mine],
                span=spans[clock_of[q]],
                clock=found[clock_of[q]],
                day=int(day[q]),
                total=total,
                causes=sums[q],
                desk=own,
                number=q,
                crew=crews[owners.crew[q]],
            )

        answer = list(threads.map(queue_of, np.flatnonzero(np.diff(offsets)).tolist()))
    answer.sort(key=lambda one: (-one.waiting, one.activity, one.unit or ""))
    return Queues(queues=tuple(answer), waiting=total, unit=found[0].unit)


def _queue(
    *,
    names: tuple[Coded, Coded, Int32s],
    service_known: bool,
    cases: int,
    joined: Int64s,
    left: Int64s,
    still_open: Bools,
    rule: Int8s,
    span: Span,
    clock: Clock,
    day: int,
    total: float,
    causes: Floats,
    desk: Desks,
    number: int,
    crew: Crew,
) -> Queue:
    activity, unit, (activity_code, unit_code) = names
    wait = left - joined
    waiting, items, taken = float(wait.sum() / day), len(wait), int((~still_open).sum())
    arrivals = items / span.hours if span.hours else 0.0
    daily, most = queue_loops.daily_lengths(np.sort(joined), np.sort(left), clock.days, span.end)
    length = float(wait.sum() / (span.end - span.start)) if span.end > span.start else 0.0
    low, high = _interval(joined, wait / day, span)
    told = float(causes.sum())
    able = float(causes[list(FOR_OFFICERS)].sum() / told) if told else 0.0
    known = service_known and desk.served[number] > 0
    age = np.sort(wait[still_open] / day)
    return Queue(
        activity=activity.vocabulary.labels[activity_code],
        unit=unit.vocabulary.labels[unit_code] if unit_code >= 0 else None,
        service_known=service_known,
        cases=cases,
        items=items,
        taken=taken,
        waiting=waiting,
        share=waiting / total if total else 0.0,
        mean=waiting / items,
        low=low,
        high=high,
        median=_nearest_rank(wait, 0.5) / day,
        p90=_nearest_rank(wait, 0.9) / day,
        causes=MappingProxyType(dict(zip(CAUSES, causes.tolist(), strict=True))),
        arrivals=arrivals,
        service_rate=float(desk.served[number] / (desk.service[number] / HOUR))
        if known and desk.service[number]
        else None,
        officers=float(desk.officers[number]),
        present=float(desk.present[number]),
        utilisation=float(desk.utilisation[number]) if known else None,
        load=crew.load if known else None,
        length=length,
        longest=int(most.max(initial=0)),
        little=arrivals * float(wait[~still_open].mean() / HOUR) / length - 1
        if taken and length
        else None,
        day=clock.mornings,
        daily=daily,
        daily_most=most,
        trend=_trend(daily),
        open_now=len(age),
        oldest=float(age[-1]) if len(age) else None,
        open_median=float(age[(len(age) - 1) // 2]) if len(age) else None,
        open_by_rule=MappingProxyType(
            {
                name: count
                for number, name in enumerate(RULES)
                if (count := int((still_open & (rule == number)).sum()))
            }
        ),
        estimate=crew.again.applied(waiting / items, able) if known else None,
    )


def _interval(joined: Int64s, days: Floats, span: Span) -> tuple[float | None, float | None]:
    """A 95 % interval for the mean, from the sums over equal stretches of time (batch means).

    The mean is a ratio of sums over stretches, its error that of a ratio estimator clustered by
    stretch, with Student's t.
    """
    width = max(1, (span.end - span.start) // _STRETCHES + 1)
    stretch = (joined - span.start) // width
    counts = np.bincount(stretch, minlength=_STRETCHES).astype(np.float64)
    sums = np.bincount(stretch, weights=days, minlength=_STRETCHES)
    used = counts > 0
    n = int(used.sum())
    if n < _FEWEST_STRETCHES:
        return None, None
    mean = sums.sum() / counts.sum()
    spread = ((sums - mean * counts)[used] ** 2).sum() * n / (n - 1)
    error = float(_student(n - 1) * np.sqrt(spread) / counts.sum())
    return max(0.0, float(mean) - error), float(mean) + error


@cache
def _student(freedom: int) -> float:
    return float(stats.t.ppf(0.975, freedom))


def _nearest_rank(wait: Int64s, share: float) -> float:
    place = max(0, int(np.ceil(share * len(wait))) - 1)
    return float(np.partition(wait, place)[place])


def _trend(daily: Floats) -> float | None:
    if len(daily) < 2 * _TREND_DAYS:
        return None
    return float(daily[-_TREND_DAYS:].mean() - daily[-2 * _TREND_DAYS : -_TREND_DAYS].mean())
