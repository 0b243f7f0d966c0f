"""What is usual for a weekday and hour, so that Monday morning is no alert.

From what the rules read every hour of the last eight weeks. Of a slot (`engine.alerting.slots`) the
median of its values is usual. How far values usually lie from it comes from all slots of that kind
of day within two hours of the clock: each value against the median of the others of its slot (so
that a value never speaks for itself), the median of these distances times 1.4826, which is the
standard deviation where they are normal. Counts are taken to vary with the root of what is usual,
as random arrivals do, and never by less; other measures by a small floor. Medians, because a strike
of three weeks out of eight must not become usual.

How often a rule against the usual speaks without cause, for one subject: simulated counts of 400
offices around a profile of weekdays and hours (2 to 60 files), eight weeks known, and whole hours
that are independent of each other (`tests/engine/alerting/test_usual.py`):

| above_usual | of hours | about | with three weeks known |
| --- | --- | --- | --- |
| 3 | 1.0 % | twice a week | 1.3 % |
| 4 | 0.23 % | once in three weeks | 0.30 % |
| 5 | 0.04 % | once in four months | 0.07 % |

Three spreads would be 0.13 % if counts were normal and their median known: they are skewed, and it
is not. Below the usual it is a hundredth of that. A watch looks all the time and not once an hour,
and queues go up and down in waves; `for` lets pass what does not last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

import numpy as np

from engine.alerting.slots import CLOSED, HOURS, Slots
from engine.alerting.standing import Reading, Subject
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.kernels import Int64s
from miners.shares import Floats

LOOKS_BACK = timedelta(weeks=8)
FEWEST = 3
"""Weeks in which a slot must have been read before anything is known to be usual."""
COUNTS = frozenset({"files", "events"})
# What a measure may vary by though it never did: of its usual value, and in its unit.
_FLOOR_SHARE = 0.05
_FLOORS = {"days": 0.1, "working days": 0.1, "hours": 0.5, "working hours": 0.5, "share": 0.01}
_NORMAL = 1.4826
_NEAR = 2
_FEWEST_DISTANCES = 12


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a rule read at a moment; `measure` and `window` (seconds) are what it asked then."""

    at: datetime
    alert_id: str
    measure: str
    window: float | None
    subject: Subject
    value: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What is usual at a moment, how far from that values lie, and of how many weeks that is."""

    value: float
    spread: float
    weeks: int


Asked = tuple[str, Subject, str]
"""A rule by its name, a subject and a unit."""


def usual_at(
    history: Sequence[Measured], definition: Definition, now: datetime
) -> dict[Asked, Usual]:
    """What is usual at `now`, where it is known, of all that was read in the weeks before.

    What was read in this hour says nothing of what is usual in it, and what a rule read when it
    asked something else says nothing at all. Good for the whole hour.
    """
    slots = Slots(definition)
    rules = {rule.name: rule for rule in definition.alerts}
    hour = slots.hour(now)
    kept = [
        each
        for each in history
        if hour - LOOKS_BACK <= each.at < hour and _asked(rules.get(each.alert_id), each)
    ]
    by = attrgetter("alert_id", "subject.order", "unit")
    found: dict[Asked, Usual] = {}
    for _, group in groupby(sorted(kept, key=by), key=by):
        of_one = list(group)
        values = np.array([each.value for each in of_one])
        slot = np.array([slots.slot(each.at) for each in of_one], np.int64)
        week = np.array([Slots.week(each.at) for each in of_one], np.int64)
        one = usual_in(slots.slot(now), values, slot, week, counts=of_one[0].unit in COUNTS)
        if one is not None:
            first = of_one[0]
            floor = max(_FLOORS.get(first.unit, 0.0), _FLOOR_SHARE * abs(one.value))
            spread = one.spread if first.unit in COUNTS else max(one.spread, floor)
            found[first.alert_id, first.subject, first.unit] = replace(one, spread=spread)
    return found


def with_usual(
    readings: Mapping[str, Sequence[Reading]], usual: Mapping[Asked, Usual]
) -> dict[str, list[Reading]]:
    """The readings with what is usual for each, where that is known."""
    return {
        name: [_with(reading, usual.get((name, reading.subject, reading.unit))) for reading in each]
        for name, each in readings.items()
    }


def usual_in(
    slot: int, values: Floats, slots: Int64s, weeks: Int64s, *, counts: bool
) -> Usual | None:
    """What is usual in a slot, of values with their slots and weeks, each [n]; None: not known yet.

    >>> hours, weeks = np.full(4, 10), np.arange(4)
    >>> usual_in(10, np.array([9.0, 12.0, 11.0, 90.0]), hours, weeks, counts=True)
    Usual(value=11.5, spread=3.391164991562634, weeks=4)
    """
    here = slots == slot
    seen = len(np.unique(weeks[here]))
    if seen < FEWEST:
        return None
    middle = float(np.median(values[here]))
    near = np.flatnonzero(np.isin(slots, _like(slot)))
    near = near[np.lexsort((values[near], slots[near]))]
    each_slot = np.split(values[near], np.flatnonzero(np.diff(slots[near])) + 1)
    distances = [
        _from_others(each) / (_root(each) if counts else 1.0)
        for each in each_slot
        if len(each) >= FEWEST
    ]
    apart = np.concatenate(distances)
    spread = _NORMAL * float(np.median(np.abs(apart))) if len(apart) >= _FEWEST_DISTANCES else 0.0
    if counts:
        spread = max(spread, 1.0) * float(np.sqrt(max(middle, 1.0)))
    return Usual(value=middle, spread=spread, weeks=seen)


def _like(slot: int) -> list[int]:
    """The slots of the same kind of day, within two hours of the clock."""
    day, hour = divmod(slot, HOURS)
    days = [CLOSED] if day == CLOSED else range(CLOSED)
    near = [(hour + more) % HOURS for more in range(-_NEAR, _NEAR + 1)]
    return [other * HOURS + at for other in days for at in near]


def _root(ordered: Floats) -> float:
    """How far counts as these would vary by chance, of values in ascending order; 1 at least."""
    count = len(ordered)
    middle = float(ordered[count // 2] + ordered[(count - 1) // 2]) / 2
    return float(np.sqrt(max(middle, 1.0)))


def _from_others(ordered: Floats) -> Floats:
    """How far each value lies from the median of the others; ascending, [n], n > 1.

    >>> _from_others(np.array([1.0, 2.0, 5.0, 9.0])).tolist()
    [-4.0, -3.0, 3.0, 7.0]
    """
    place = np.arange(len(ordered))
    # Without the value at a place, all that comes after it moves up.
    low, high = (len(ordered) - 2) // 2, (len(ordered) - 1) // 2
    middle = ordered[low + (place <= low)] + ordered[high + (place <= high)]
    return np.asarray(ordered - middle / 2)


def _asked(rule: Alert | None, read: Measured) -> bool:
    """Whether the rule still asks what it asked then."""
    if rule is None:
        return False
    window = None if rule.window is None else rule.window.total_seconds()
    return (rule.measure, window) == (read.measure, read.window)


def _with(reading: Reading, usual: Usual | None) -> Reading:
    if usual is None:
        return reading
    return replace(reading, usual=usual.value, spread=usual.spread)
