"""How often rules raise an alert in offices in which nothing happens.

What is read is told from what the simulation did (`watch_truth`); in how many evaluations a watch
reads the same, `watch_strike` counts. What is usual and what is judged is the engine's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import watch_rules
from watch_hindsight import Hindsight
from watch_office import BEGINS, HOUR, LEARNING, WEEK, WEEKS, process, watched_office
from watch_truth import values

from engine.alerting.calm import Judge
from engine.alerting.life import Past, Reading
from engine.alerting.measured import History, measured
from engine.alerting.usual import usual_at, with_usual
from engine.watching.watch import CALM
from eventlog.moments import moment_of
from simulation.running import simulate

# What is usual at an hour is told from the hours around it: of the rest nothing need be looked at.
_AROUND, _HOURS = range(-2, 3), 24


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """The alerts of each rule in an office in which nothing happened, in so many `weeks`.

    `above` are the fixed thresholds, chosen from the weeks before.
    """

    seed: int
    weeks: int
    above: dict[str, float]
    alerts: dict[str, int]


def quiet(seed: int) -> Quiet:
    """Watch the office of this seed hour by hour; nothing is planted in it."""
    seen = Hindsight.of(simulate(watched_office(seed)), process([]))
    hours = range(BEGINS, BEGINS + WEEKS * WEEK, HOUR)
    read = readings(seen, hours)
    learnt = read[: LEARNING * WEEK // HOUR]
    rules = watch_rules.fixed(watch_rules.highest(learnt))
    definition = process([*rules, *watch_rules.unusual()])
    usually = _Usually(dict(zip(hours, read, strict=True)))
    judge, past = Judge(unless_told=CALM), Past()
    for now, found in list(zip(hours, read, strict=True))[len(learnt) :]:
        usual = usually.at(now, found)
        for k in watch_rules.SPREADS:
            found |= {watch_rules.above_usual(name, k): each for name, each in usual.items()}
        past.add(judge.evaluate(definition.alerts, found, past, now=moment_of(now)))
    alerts = Counter({rule.name: 0 for rule in definition.alerts})
    alerts.update(alert.alert_id for alert in past.changes if alert.state == "firing")
    return Quiet(
        seed=seed,
        weeks=WEEKS - LEARNING,
        above={rule.name: rule.above for rule in definition.alerts if rule.above is not None},
        alerts=dict(alerts),
    )


def readings(seen: Hindsight, moments: Sequence[int]) -> list[dict[str, Sequence[Reading]]]:
    """What there is to read at each moment, by word; nothing where nothing can be told."""
    told = {name: values(seen, name, np.array(moments)) for name in watch_rules.MEASURED}
    return [
        {
            name: [Reading(subject=watch_rules.SUBJECT, value=float(value), unit=unit)]
            if not np.isnan(value := told[name][place])
            else []
            for name, unit in watch_rules.UNITS.items()
        }
        for place in range(len(moments))
    ]


class _Usually:
    """What is usual, hour after hour; the same as `engine.alerting.remembered`, without a lake."""

    def __init__(self, read: Mapping[int, Mapping[str, Sequence[Reading]]]) -> None:
        known = {rule["name"]: rule for rule in watch_rules.untold()}
        self._definition = process([known[name] for name in watch_rules.USUALLY])
        tables = [
            measured({name: found[name] for name in watch_rules.USUALLY}, self._definition, at)
            for at, found in ((moment_of(now), found) for now, found in read.items())
        ]
        every = History.of(pa.concat_tables(tables))
        hour = every.at // HOUR % _HOURS
        self._near = [every.where(np.isin(hour, _around(at))) for at in range(_HOURS)]

    def at(
        self, now: int, found: Mapping[str, Sequence[Reading]]
    ) -> Mapping[str, Sequence[Reading]]:
        """What was found with what is usual, by word, of what was read before."""
        usual = usual_at(self._near[now // HOUR % _HOURS], self._definition, moment_of(now))
        return with_usual({name: found[name] for name in watch_rules.USUALLY}, usual)


def _around(hour: int) -> list[int]:
    return [(hour + more) % _HOURS for more in _AROUND]
