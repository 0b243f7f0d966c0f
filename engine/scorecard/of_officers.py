"""How work is shared out, who can stand in for whom, and how newcomers learn: never of one person.

Officers are only counted here, and what is told of a unit is told of three or more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine.scorecard.ground import QUARTER, Counted, Ground, Untold
from engine.scorecard.of_cases import Builder
from engine.scorecard.rows import Ratio, Rows, rows
from eventlog.kernels import Int32s, Int64s
from eventlog.periods import periods
from miners.shares import Floats

LEAST_DONE = 10
"""Pieces of an activity in a quarter without which an officer is not trained in it."""
_ENOUGH = 2
_NEWCOMER_US = 90 * 86_400_000_000
_NEWCOMERS, _LEAST_PIECES = 3, 10


def items_per_officer_week(ground: Ground, *, units: Int32s | None = None) -> Counted | Untold:
    """Pieces of work that an officer finishes in a week in which he or she works at all.

    With the `units` [items] at which work is done, an officer of two has a row for each of these.
    """
    if not ground.names_officers:
        return Untold(why="no officers")
    items = ground.items
    places = np.flatnonzero(ground.office_work & (items.resource.codes >= 0))
    at = items.completed[places]
    zone = ground.definition.timezone
    week = periods(at, zone, "week")
    running = int(periods(np.array([ground.whole.now]), zone, "week")[0])
    begun = int(periods(np.array([ground.whole.began]), zone, "week")[0])
    whole = (week > begun) & (week < running)
    places, at, week = places[whole], at[whole], week[whole]
    who = items.resource.codes[places]
    unit = np.full(len(places), -1, np.int32) if units is None else units[places]
    keys = np.column_stack([who, week, unit]).astype(np.int64)
    distinct, place, times = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    first = np.full(len(distinct), np.iinfo(np.int64).max)
    np.minimum.at(first, place.ravel(), at)
    return Counted(
        rows=rows(
            first,
            distinct[:, 0],
            times.astype(np.float64),
            np.ones(len(distinct)),
            unit=distinct[:, 2],
        ),
        statistic=Ratio(source="t, by officer"),
        measured_in="pieces a week",
    )


def spread(counted: Rows) -> float | None:
    """How differently officers are loaded: the standard deviation of their means over its mean.

    None for fewer than three officers.
    """
    _, place = np.unique(counted.case, return_inverse=True)
    weeks = np.bincount(place)
    if len(weeks) < 3:  # noqa: PLR2004 (of two, each could work out the other)
        return None
    means = np.bincount(place, counted.top) / weeks
    return float(means.std(ddof=1) / means.mean())


@dataclass(frozen=True)
class Doubling:
    """By which part work gets quicker (below 0) each time an officer's practice doubles.

    A line through the logarithms of time and practice, with an intercept of its own for each
    officer and activity (Wright 1936): `top` is the product of the two deviations, `bottom` the
    square of practice's, so the slope is a ratio. Limits: t, by officer.
    """

    source: str = "t, by officer"

    def value(self, counted: Rows) -> float | None:
        """2 to the slope, less one."""
        slope = Ratio().value(counted)
        return None if slope is None else float(2.0**slope - 1)

    def limits(self, counted: Rows) -> tuple[float, float] | None:
        """Those of the slope."""
        found = Ratio().limits(counted)
        return None if found is None else (float(2.0 ** found[0] - 1), float(2.0 ** found[1] - 1))

    def n(self, counted: Rows) -> int:
        """The pieces of work."""
        return len(counted)


def learning_curve(ground: Ground) -> Counted | Untold:
    """How much quicker newcomers get: officers who began an activity 90 days into the log or later.

    Whoever was there before has practice that the log does not tell.
    """
    items, calendars = ground.items, ground.whole.calendars
    if not ground.names_officers:
        return Untold(why="no officers")
    known = ground.office_work & items.served & (items.resource.codes >= 0)
    took = items.service_ms if calendars is None else items.service_working_ms(calendars)
    places = np.flatnonzero(known & (took > 0))
    if not len(places):
        return Untold(why="no service times")
    places = places[np.lexsort((places, items.started[places]))]
    many = len(items.activity.vocabulary) + 1
    pair = items.resource.codes[places].astype(np.int64) * many + items.activity.codes[places]
    counted = _learning(pair, items.started[places], np.log2(took[places]), ground.whole.began)
    at, officer, top, bottom, kept = counted
    if len(np.unique(officer // many)) < _NEWCOMERS:
        return Untold(why="few newcomers")
    unit = items.unit.codes[places[kept]].astype(np.int64)
    return Counted(
        rows=rows(at, officer // many, top, bottom, unit=unit),
        statistic=Doubling(),
        measured_in="change",
        span="log",
    )


def _learning(
    pair: Int64s, started: Int64s, took: Floats, began: int
) -> tuple[Int64s, Int64s, Floats, Floats, Int64s]:
    """Deviations of newcomers' pieces from their own means; all [pieces], ordered by `started`."""
    order = np.argsort(pair, kind="stable")
    heads = np.flatnonzero(np.diff(pair[order], prepend=-1))
    lengths = np.diff(np.append(heads, len(order)))
    practice = np.log2(np.arange(len(order)) - np.repeat(heads, lengths) + 1)
    new = (started[order][heads] - began > _NEWCOMER_US) & (lengths >= _LEAST_PIECES)
    kept = np.repeat(new, lengths)
    place = np.repeat(np.arange(len(heads)), lengths)

    def centred(numbers: Floats) -> Floats:
        means = np.bincount(place, numbers, minlength=len(heads)) / lengths
        return np.asarray((numbers - means[place])[kept], np.float64)

    x, y = centred(practice), centred(took[order])
    places = order[kept]
    return started[places], pair[places], x * y, x * x, places.astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """Of so many activities, how many at least two officers do."""

    activities: int
    shared: int


def cross_training(ground: Ground, unit: int | None, last: int) -> Trained | Untold:
    """Of the activities done in the three months up to `last` (-1: the latest), by two or more.

    An officer counts as trained in it with ten pieces in that time. What was done so seldom that
    two could not each have done ten is not counted.
    """
    if not ground.names_officers:
        return Untold(why="no officers")
    items = ground.items
    chosen = ground.office_work & (items.resource.codes >= 0)
    if unit is not None:
        chosen &= items.unit.codes == unit
    places = np.flatnonzero(chosen)
    month = ground.month(items.completed[places])
    places = places[(month <= last) & (month > last - QUARTER)]
    many = len(items.activity.vocabulary) + 1
    activity = items.activity.codes[places]
    common = np.bincount(activity, minlength=many) >= _ENOUGH * LEAST_DONE
    pair = items.resource.codes[places].astype(np.int64) * many + activity
    distinct, times = np.unique(pair, return_counts=True)
    trained = np.bincount(distinct[times >= LEAST_DONE] % many, minlength=many)
    if not bool(common.any()):
        return Untold(why="no events")
    return Trained(activities=int(common.sum()), shared=int((common & (trained >= _ENOUGH)).sum()))


def _of_units(ground: Ground) -> Counted | Untold:
    return items_per_officer_week(ground, units=ground.items.unit.codes)


OF_OFFICERS: Mapping[str, Builder] = MappingProxyType(
    {"items_per_officer_week": items_per_officer_week, "learning_curve": learning_curve}
)
"""Indicators of how officers work, of the whole office."""
OF_OFFICERS_BY_UNIT: Mapping[str, Builder] = MappingProxyType(
    {"items_per_officer_week": _of_units, "learning_curve": learning_curve}
)
"""The same of units: their rows say which."""
