"""How often rules raise an alarm in offices in which nothing happens."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import watch_rules
from watch_hindsight import Hindsight
from watch_office import BEGINS, HOUR, LEARNING, WEEK, WEEKS, process, watched_office

from engine.alerting.calm import Judge
from engine.alerting.life import Past, Reading
from engine.alerting.readings import read_alerts
from engine.alerting.usual import Measured, Usual, usual_at, with_usual
from engine.watching.watch import CALM
from eventlog.definition import Definition
from simulation.running import simulate

# What is usual at an hour is told from the hours around it: of the rest nothing need be looked at.
_AROUND, _HOURS = range(-2, 3), 24


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """The alarms of each rule in an office in which nothing happened, in so many `weeks`.

    `above` are the fixed thresholds, chosen from the weeks before.
    """

    seed: int
    weeks: int
    above: dict[str, float]
    alarms: dict[str, int]


def quiet(seed: int) -> Quiet:
    """Watch the office of this seed hour by hour; nothing is planted in it."""
    seen = Hindsight.of(simulate(watched_office(seed)), process([]))
    began = BEGINS + LEARNING * WEEK
    reads = process(watch_rules.untold())
    first = [(now, read(seen, reads, now)) for now in range(BEGINS, began, HOUR)]
    rules = watch_rules.fixed(watch_rules.highest([each for _, each in first]))
    definition = process([*rules, *watch_rules.unusual()])
    usually = _Usually(first)
    told, judge, past = process(rules), Judge(unless_told=CALM), Past()
    for now in range(began, BEGINS + WEEKS * WEEK, HOUR):
        found = read(seen, told, now)
        usual = usually.at(now, found)
        for k in watch_rules.SPREADS:
            found |= {watch_rules.above_usual(name, k): each for name, each in usual.items()}
        past.add(judge.evaluate(definition.alerts, found, past, now=moment(now)))
    alarms = Counter({rule.name: 0 for rule in definition.alerts})
    alarms.update(alert.alert_id for alert in past.changes if alert.state == "firing")
    return Quiet(
        seed=seed,
        weeks=WEEKS - LEARNING,
        above={rule.name: rule.above for rule in told.alerts if rule.above is not None},
        alarms=dict(alarms),
    )


class _Usually:
    """What is usual, hour after hour; the same as `engine.watching.remembered`, without a lake."""

    def __init__(self, before: Sequence[tuple[int, Mapping[str, Sequence[Reading]]]]) -> None:
        rules = [rule for rule in watch_rules.untold() if rule["name"] in watch_rules.USUALLY]
        self._definition = process(rules)
        self._read: list[list[Measured]] = [[] for _ in range(_HOURS)]
        for now, found in before:
            self._keep(now, found)

    def at(
        self, now: int, found: Mapping[str, Sequence[Reading]]
    ) -> Mapping[str, Sequence[Reading]]:
        """What was found with what is usual, by word; it is remembered."""
        hour = moment(now)
        near = [one for more in _AROUND for one in self._read[(hour.hour + more) % _HOURS]]
        usual: Mapping[tuple[str, object, str], Usual] = usual_at(near, self._definition, hour)
        self._keep(now, found)
        # The moment at which a fixed threshold was passed says nothing of one by what is usual.
        return with_usual({name: _bare(found[name]) for name in watch_rules.USUALLY}, usual)

    def _keep(self, now: int, found: Mapping[str, Sequence[Reading]]) -> None:
        for rule in self._definition.alerts:
            window = None if rule.window is None else rule.window.total_seconds()
            self._read[moment(now).hour] += [
                Measured(
                    at=moment(now),
                    alert_id=rule.name,
                    measure=rule.measure,
                    window=window,
                    subject=one.subject,
                    value=one.value,
                    unit=one.unit,
                )
                for one in found[rule.name]
            ]


def _bare(readings: Sequence[Reading]) -> list[Reading]:
    return [
        Reading(subject=one.subject, value=one.value, unit=one.unit, cases=one.cases, rule=one.rule)
        for one in readings
    ]


def read(seen: Hindsight, definition: Definition, now: int) -> dict[str, Sequence[Reading]]:
    """What the rules read at `now`; RuntimeError where one cannot be read."""
    found = read_alerts(seen.at(now), definition)
    if found.off:
        raise RuntimeError(f"rules that cannot be read: {dict(found.off)}")
    return dict(found.found)


def moment(now: int) -> datetime:
    """µs as a moment."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)
