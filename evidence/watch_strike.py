"""Whether a watch hears of a strike in time, and says when it is over.

Everything that a watch has: a lake into which events come hour by hour, and its evaluations. Only
the clock is the simulation's.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import watch_rules
from measuring import as_written
from watch_hindsight import Hindsight
from watch_office import BEGINS, HOUR, LEARNING, STRIKE, WEEK, process, watched_office
from watch_truth import MINUTE, held

from engine.alerting.readings import read_alerts
from engine.alerting.standing import Reading, Standing
from engine.watching.watch import Watch
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from simulation.running import Simulation, simulate

FROM, UNTIL = 2, 9
"""Weeks after which the watch begins (so that it knows in week 6 what is usual), and ends."""
STRUCK_SPREADS = (4, 5)
# The truth has no files that nobody had taken up when the simulation ended: of the last days it
# says that nothing waits, where the watch rightly says that something does.
_CUT_SHORT = 4 * 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one rule said of the strike, in minutes after the strike began; None: it never did.

    `held` is when its condition began to hold, with the rule's `for` waited out, and `passed` when
    it held no longer, both by the truth (None for rules that go by what is usual); `fired` and
    `over` are the evaluations at which the alert was raised and taken back. `alerts` is how often
    it was raised from the strike on, `before` how often before.
    """

    rule: str
    above: float | None
    held: int | None
    fired: int | None
    passed: int | None
    over: int | None
    alerts: int
    before: int


@dataclass(frozen=True, kw_only=True)
class Struck:
    """What the rules of one office said of its strike, in so many `evaluations`.

    `alike` of the evaluations read to the digit what the truth says.
    """

    seed: int
    evaluations: int
    alike: int
    told: list[Told]


@dataclass(kw_only=True)
class _Clock:
    """Stands at the moment to which the simulation has come."""

    now: int

    def __call__(self, heard: int) -> int:
        del heard
        return self.now


def struck(seed: int) -> Struck:
    """Watch the office of this seed through its strike."""
    simulation = simulate(watched_office(seed, UNTIL), [STRIKE])
    seen = Hindsight.of(simulation, process([]))
    rules = _rules(seen)
    definition = process([*rules, *watch_rules.unusual(STRUCK_SPREADS)])
    with tempfile.TemporaryDirectory() as folder:
        changes, evaluations, alike = _watched(simulation, seen, definition, Path(folder))
    told = [_told(rule.name, rule.above, seen, changes) for rule in definition.alerts]
    return Struck(seed=seed, evaluations=evaluations, alike=alike, told=told)


def _rules(seen: Hindsight) -> list[dict[str, object]]:
    reads = process(watch_rules.untold())
    moments = range(BEGINS, BEGINS + LEARNING * WEEK, HOUR)
    return watch_rules.fixed(watch_rules.highest([read(seen, reads, now) for now in moments]))


def read(seen: Hindsight, definition: Definition, now: int) -> dict[str, Sequence[Reading]]:
    """What the rules read at `now`; RuntimeError where one cannot be read."""
    found = read_alerts(seen.at(now), definition)
    if found.off:
        raise RuntimeError(f"rules that cannot be read: {dict(found.off)}")
    return dict(found.found)


def _watched(
    simulation: Simulation, seen: Hindsight, definition: Definition, folder: Path
) -> tuple[list[Standing], int, int]:
    """Every change of an alert, how many evaluations there were, and how many read the truth."""
    events = as_written(simulation.events, definition)
    moments = np.array(simulation.events["timestamp"].cast(pa.int64()).to_numpy(), np.int64)
    lake = Lake.create(
        folder / "lake", process=definition.process, case_attributes=definition.case_attributes
    )
    writer, nothing = lake.writer("file/evidence"), schema.REJECTS.empty_table()
    clock, done = _Clock(now=BEGINS + FROM * WEEK), 0
    watch: Watch | None = None
    changes: list[Standing] = []
    alike = evaluations = 0
    for now in range(clock.now, BEGINS + UNTIL * WEEK - _CUT_SHORT, HOUR):
        until = int(np.searchsorted(moments, now, "right"))
        if until > done:
            writer.append(events.slice(done, until - done), nothing, start=done, next=until)
        done, clock.now = until, now
        watch = watch or Watch(lake, definition, key=b"evidence", now=clock)
        found = watch.evaluate(lag=0)
        changes += found.changed
        evaluations += 1
        truth = read(seen, definition, now)
        alike += all(
            [one.value for one in found.readings[name]] == [one.value for one in each]
            for name, each in truth.items()
        )
    return changes, evaluations, alike


def _told(name: str, above: float | None, seen: Hindsight, changes: Sequence[Standing]) -> Told:
    began = round(
        datetime(STRIKE.begins.year, STRIKE.begins.month, STRIKE.begins.day, tzinfo=UTC).timestamp()
        - 7 * 3600
    )
    fired = [one for one in changes if one.alert_id == name and one.state == "firing"]
    after = [one for one in fired if one.evaluated.timestamp() >= began]
    over = next(
        (one for one in changes if after and one.key == after[0].key and one.state == "resolved"),
        None,
    )
    true = None if above is None else _held(seen, name, above, began * 1_000_000)
    return Told(
        rule=name,
        above=above,
        held=None if true is None else true[0],
        fired=_minutes(after[0].evaluated, began) if after else None,
        passed=None if true is None else true[1],
        over=None if over is None else _minutes(over.evaluated, began),
        alerts=len({one.key for one in after}),
        before=len({one.key for one in fired}) - len({one.key for one in after}),
    )


def _held(seen: Hindsight, name: str, above: float, began: int) -> tuple[int, int] | None:
    """From when to when the condition held at an evaluation, the first time in the strike."""
    lasts = timedelta(hours=4) if watch_rules.MEASURED[name].get("for") else timedelta(0)
    least = round(lasts.total_seconds()) * 1_000_000
    spans = held(seen, name, above, since=began, until=BEGINS + UNTIL * WEEK)
    for since, until in spans:
        if until // HOUR * HOUR >= since + least:
            return (since + least - began) // MINUTE, (until + MINUTE - began) // MINUTE
    return None


def _minutes(moment: datetime, began: int) -> int:
    return round(moment.timestamp() - began) // 60
