"""What is usual for a weekday and hour, so that Monday morning is no alert.

From what the rules read every hour of the last eight weeks. Of a slot (`engine.alerting.slots`) the
median of its values is usual. How far values usually lie from it (the spread) comes from all slots
of that kind of day within two hours of the clock: each value against the median of the others of
its slot, so that a value never speaks for itself. Of these distances, counts in roots of what is
usual (as random arrivals vary), are taken

- the median of their sizes times 1.4826, which is the standard deviation where they are normal; for
  counts never less than chance alone makes, for other measures than a small floor;
- on the side on which the rule looks, the one that one in twenty passes, divided by 1.645, where it
  passes as many standard deviations. Queues swell for days and weeks, and their long side is longer
  than the middle tells. It counts up to four times the first, since one week of strike in eight
  would push it up without end. Still a second strike five weeks after the first was not told of at
  5 spreads in 4 of 12 simulated offices, and days later in the others.

What was read while an alert fired is part of the history like all else. Left out, it makes the rest
look calmer than the office is, so that one alert brings on the next; and a shift for good would
never become usual. As it is, it does after four weeks, when most of the last eight have it.

How often a rule against the usual speaks without cause on queues as offices have them is measured
in docs/evidence.md, part "watch". On counts that are all independent, which no queue is, with eight
weeks known (`tests/engine/alerting/test_usual.py`): at 3 spreads in 0.6 % of hours, at 4 in 0.11 %,
at 5 in 0.02 %. A watch looks all the time and not once an hour; `for` lets pass what does not last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from engine.alerting.measured import History
from engine.alerting.slots import CLOSED, HOURS, Slots
from engine.alerting.standing import Reading, Subject
from eventlog.definition import Definition
from eventlog.kernels import Bools, Int64s
from eventlog.moments import microseconds, moment_of
from miners.shares import Floats

LOOKS_BACK = timedelta(weeks=8)
FEWEST = 3
"""Weeks in which a slot must have been read before anything is known to be usual."""
COUNTS = frozenset({"files", "events"})
# What a measure may vary by though it never did: of its usual value, and in its unit.
_FLOOR_SHARE = 0.05
_FLOORS = {"days": 0.1, "working days": 0.1, "hours": 0.5, "working hours": 0.5, "share": 0.01}
_NORMAL = 1.4826
_FAR, _FAR_NORMAL = 0.95, 1.645
_FAR_AT_MOST = 4.0
_NEAR = 2
_FEWEST_DISTANCES = 12


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What is usual at a moment, how far from that values lie, and of how many weeks that is.

    The spread is that of the side on which the rule looks.
    """

    value: float
    spread: float
    weeks: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Values:
    """Values of several series with their slots and weeks, [values], and the series, [series].

    `least` is the smallest spread of a series, where it is no count, `counts` whether it is one,
    `upwards` whether what lies above is looked at.
    """

    series: Int64s
    slot: Int64s
    week: Int64s
    value: Floats
    counts: Bools
    upwards: Bools
    least: Floats


Asked = tuple[str, Subject, str]
"""A rule by its name, a subject and a unit."""


def usual_at(history: History, definition: Definition, now: datetime) -> dict[Asked, Usual]:
    """What is usual at `now`, where it is known, of all that was read in the weeks before.

    What was read in this hour says nothing of what is usual in it, and what a rule read when it
    asked something else says nothing at all. Good for the whole hour.
    """
    slots = Slots(definition)
    rules = {rule.name: rule for rule in definition.alerts}
    hour, slot, questions = slots.hour(now), slots.slot(now), history.questions
    asked = np.array([one.is_of(rules.get(one.alert_id)) for one in questions], bool)
    moments, at = np.unique(history.at, return_inverse=True)
    known = (moments >= microseconds(hour - LOOKS_BACK)) & (moments < microseconds(hour))
    of_moment = np.full(len(moments), -1, np.int64)
    for place in np.flatnonzero(known).tolist():
        of_moment[place] = slots.slot(moment_of(int(moments[place])))
    rows = np.flatnonzero(np.isin(of_moment, _like(slot))[at] & asked[history.question])
    if not len(rows):
        return {}
    found = usual_in(
        slot,
        Values(
            series=history.question[rows],
            slot=of_moment[at[rows]],
            week=Slots.weeks(history.at[rows]),
            value=history.value[rows],
            counts=np.array([one.unit in COUNTS for one in questions], bool),
            upwards=np.array(
                [
                    yes and rules[one.alert_id].upwards
                    for one, yes in zip(questions, asked, strict=True)
                ],
                bool,
            ),
            least=np.array([_FLOORS.get(one.unit, 0.0) for one in questions]),
        ),
    )
    return {
        (one.alert_id, one.subject, one.unit): found[place]
        for place, one in enumerate(questions)
        if place in found
    }


def with_usual(
    readings: Mapping[str, Sequence[Reading]], usual: Mapping[Asked, Usual]
) -> dict[str, list[Reading]]:
    """The readings with what is usual for each, where that is known."""
    return {
        name: [_with(reading, usual.get((name, reading.subject, reading.unit))) for reading in each]
        for name, each in readings.items()
    }


def usual_in(slot: int, values: Values) -> dict[int, Usual]:
    """What is usual in a slot, by series, where it is known; of slots like it (at least one value).

    >>> four, once = np.full(4, 10), np.ones(1, bool)
    >>> usual_in(10, Values(
    ...     series=four * 0, slot=four, week=np.arange(4), value=np.array([9.0, 12.0, 11.0, 90.0]),
    ...     counts=once, upwards=once, least=np.zeros(1),
    ... ))
    {0: Usual(value=11.5, spread=3.391164991562634, weeks=4)}
    """
    order = np.lexsort((values.value, values.slot, values.series))
    series, slots, value = values.series[order], values.slot[order], values.value[order]
    new = np.diff(series, prepend=-1) | np.diff(slots, prepend=-1)
    first = np.flatnonzero(new)
    many = np.diff(np.append(first, len(value)))
    middle = (value[first + many // 2] + value[first + (many - 1) // 2]) / 2
    told = np.repeat(many >= FEWEST, many)
    apart = (value - _of_others(value, first, many))[told]
    root = np.repeat(np.sqrt(np.maximum(middle, 1.0)), many)[told]
    of, counts = series[told], values.counts
    apart /= np.where(counts[of], root, 1.0)
    apart *= np.where(values.upwards[of], 1.0, -1.0)
    enough = np.bincount(of, minlength=len(counts)) >= _FEWEST_DISTANCES
    near = np.where(enough, _NORMAL * _passed(of, np.abs(apart), 0.5, len(counts)), 0.0)
    far = np.where(enough, _passed(of, apart, _FAR, len(counts)) / _FAR_NORMAL, 0.0)
    seen = _weeks(values, slot)
    found: dict[int, Usual] = {}
    for place in np.flatnonzero(slots[first] == slot).tolist():
        one, usually = int(series[first[place]]), float(middle[place])
        if seen[one] >= FEWEST:
            least = 1.0 if counts[one] else max(values.least[one], _FLOOR_SHARE * abs(usually))
            spread = max(float(near[one]), float(least))
            spread = min(max(spread, float(far[one])), _FAR_AT_MOST * spread)
            spread *= float(np.sqrt(max(usually, 1.0))) if counts[one] else 1.0
            found[one] = Usual(value=usually, spread=spread, weeks=int(seen[one]))
    return found


def _weeks(values: Values, slot: int) -> Int64s:
    """In how many weeks each series was read in the slot; [series]."""
    here = values.slot == slot
    pairs = np.unique(np.stack([values.series[here], values.week[here]]), axis=1)
    return np.bincount(pairs[0], minlength=len(values.counts))


def _like(slot: int) -> list[int]:
    """The slots of the same kind of day, within two hours of the clock."""
    day, hour = divmod(slot, HOURS)
    days = [CLOSED] if day == CLOSED else range(CLOSED)
    near = [(hour + more) % HOURS for more in range(-_NEAR, _NEAR + 1)]
    return [other * HOURS + at for other in days for at in near]


def _of_others(value: Floats, first: Int64s, many: Int64s) -> Floats:
    """For each value the median of the others of its slot, where there are any; [values].

    Values ascend within each slot, that begins at `first` and has so `many`, [slots].

    >>> _of_others(np.array([1.0, 2.0, 5.0, 9.0]), np.array([0]), np.array([4])).tolist()
    [5.0, 5.0, 2.0, 2.0]
    """
    begins, count = np.repeat(first, many), np.repeat(many, many)
    place = np.arange(len(value)) - begins
    # Without the value at a place, all that comes after it moves up.
    low, high = np.maximum(count - 2, 0) // 2, (count - 1) // 2
    last = count - 1
    below = value[begins + np.minimum(low + (place <= low), last)]
    above = value[begins + np.minimum(high + (place <= high), last)]
    return np.asarray((below + above) / 2)


def _passed(series: Int64s, value: Floats, share: float, count: int) -> Floats:
    """What this share of the values of each series does not pass, between two if so; [count]."""
    order = np.lexsort((value, series))
    ordered = np.append(value[order], 0.0)
    many = np.bincount(series, minlength=count)
    first = np.cumsum(many) - many
    place = np.maximum(many - 1, 0) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(many - 1, 0))
    below, above = ordered[first + low], ordered[first + high]
    return np.asarray(below + (above - below) * (place - low))


def _with(reading: Reading, usual: Usual | None) -> Reading:
    if usual is None:
        return reading
    return replace(reading, usual=usual.value, spread=usual.spread)
