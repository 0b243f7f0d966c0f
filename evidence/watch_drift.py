"""How often drift is told of groups to which nothing happened, and how soon of one that waits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from watch_hindsight import Hindsight
from watch_office import long_office, process

from engine.alerting.drift import drift_readings
from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.kernels import Bools, Int64s
from simulation.running import simulate

DAY = 86_400_000_000
BY = ("affiliation", "applicant_type", "district")
SLOWED, GROUP = "district", "east"
MORE = (0.5, 1.0, 2.0)
"""Working days that files of the slowed group wait longer from one day on."""
# The window and the half year before it, and what the office needs to fill.
_FIRST = 230
_SLOW_FROM = 300
_LOOKS = 120


@dataclass(frozen=True, kw_only=True)
class Drifted:
    """What a daily look at one quiet office told, and how soon a slowed group was told of.

    `raised` are the alerts (by attribute and group) of rules `above: 0` and `told` how many groups
    could be told of, over `days` days; `after` is by `MORE` how many days later the slowed group
    was told of, None if not within four months.
    """

    seed: int
    days: int
    told: int
    raised: list[str]
    after: list[int | None]


def drifted(seed: int) -> Drifted:
    """Look at the office of this seed once a day."""
    rules = [
        {"name": f"drift by {by}", "measure": "disparity_drift", "by": by, "above": 0} for by in BY
    ]
    definition = process([*rules])
    seen = Hindsight.of(simulate(long_office(seed)), definition)
    began, ended = int(seen.events[0]), int(seen.events[-1])
    looks = np.arange(began + _FIRST * DAY, ended, DAY)
    groups: set[str] = set()
    before: set[str] = set()
    raised: list[str] = []
    for now in looks.tolist():
        found = dict(_read(seen, definition, now, BY))
        groups |= set(found)
        on = {name for name, value in found.items() if value > 0}
        raised += sorted(on - before)
        # What cannot be told today is as it was.
        before = on | (before - set(found))
    after = [_after(seen, definition, began + _SLOW_FROM * DAY, more) for more in MORE]
    return Drifted(seed=seed, days=len(looks), told=len(groups), raised=raised, after=after)


def _read(
    seen: Hindsight, definition: Definition, now: int, attributes: tuple[str, ...]
) -> Iterator[tuple[str, float]]:
    watched = seen.at(now)
    for rule in definition.alerts:
        if rule.by in attributes:
            for reading in drift_readings(watched, rule, definition):
                yield f"{rule.by}={reading.subject.group}", reading.value


def _after(seen: Hindsight, definition: Definition, since: int, more: float) -> int | None:
    """Days until it is told that files of the group wait `more` working days longer."""
    values = seen.cases.attributes[SLOWED]
    mine = np.array(values.vocabulary.labels)[values.codes] == GROUP
    work = seen.work
    assert seen.calendars is not None
    slowed: Bools = mine[work.case] & (work.started > since)
    enabled = work.enabled.copy()
    enabled[slowed] = _earlier(seen.calendars, enabled[slowed], more)
    slow = replace(seen, work=replace(work, enabled=enabled))
    for days in range(1, _LOOKS):
        found = dict(_read(slow, definition, since + days * DAY, (SLOWED,)))
        if found.get(f"{SLOWED}={GROUP}", 0) > 0:
            return days
    return None


def _earlier(calendars: Calendars, moments: Int64s, days: float) -> Int64s:
    """The moments that lie so many working days before."""
    office = calendars.office
    goal = office.worked(moments) - round(days * office.day_ms * 1000)
    return np.minimum(office.moment(goal), moments)
