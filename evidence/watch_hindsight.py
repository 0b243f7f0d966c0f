"""A simulated office as a watch should see it at any moment, told from the simulation's own truth.

Not by way of events, lake and mining: what the watch reads is held against this.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from engine.watching.watched import Cases, Ever, Feed, OpenWork, Watched, Work
from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Int64s
from miners.open_items import SCHEDULED
from simulation.process import APPLICANT_STEPS, ENTRY_ATTRIBUTES
from simulation.running import Simulation


@dataclass(frozen=True, kw_only=True, eq=False)
class Hindsight:
    """All work of officers, done or not, and all events of an office; moments are µs UTC."""

    work: Work
    cases: Cases
    ids: pa.Array
    events: Int64s
    ever: Ever
    calendars: Calendars | None

    @staticmethod
    def of(simulation: Simulation, definition: Definition) -> "Hindsight":
        """What the simulation did; every item counts as scheduled when it was enabled."""
        events, items = simulation.events, simulation.items
        ids = events["case_id"].unique()
        moments = np.sort(_moments(events["timestamp"]))
        place = Coded.of(pa.concat_arrays([ids.cast(pa.string())]))
        known = {label: row for row, label in enumerate(place.vocabulary.labels)}
        case = np.array([known[one] for one in items["case_id"].to_pylist()], np.int32)
        work = Work(
            case=case,
            activity=Coded.of(items["activity"]),
            resource=Coded.of(items["resource"]),
            unit=Coded.of(items["unit"]),
            enabled=_moments(items["enabled"]),
            started=_moments(items["started"]),
            completed=_moments(items["completed"]),
            again=np.zeros(len(case), bool),
        )
        cases = Cases(
            key=np.arange(len(ids), dtype=np.int64),
            began=np.zeros(len(ids), np.int64),
            last=np.zeros(len(ids), np.int64),
            closed=np.full(len(ids), UNKNOWN),
            is_open=np.ones(len(ids), bool),
            over=None,
            due=None,
            suspended=None,
            ended=None,
            attributes=_at_entry(events, known),
        )
        return Hindsight(
            work=work,
            cases=cases,
            ids=pa.concat_arrays([ids.cast(pa.string())]),
            events=moments,
            ever=_ever(work, cases),
            calendars=Calendars.of(definition, int(moments[0]), int(moments[-1])),
        )

    def at(self, now: int) -> Watched:
        """What there is to see at `now`."""
        all_work = self.work
        begun = all_work.started <= now
        lies = np.flatnonzero((all_work.enabled <= now) & (all_work.completed > now))
        heard = int(np.searchsorted(self.events, now, side="right"))
        return Watched(
            now=now,
            heard=int(self.events[heard - 1]) if heard else UNKNOWN,
            cases=self.cases,
            ids=lambda places: self.ids.take(pa.array(places)).to_pylist(),
            open=OpenWork(
                case=all_work.case[lies],
                activity=all_work.activity.take(lies),
                unit=all_work.unit.take(lies),
                enabled=all_work.enabled[lies],
                started=np.where(begun[lies], all_work.started[lies], UNKNOWN),
                rule=np.full(len(lies), SCHEDULED, np.int8),
            ),
            work=_taken(all_work, np.flatnonzero(begun), now),
            ever=self.ever,
            standing=lambda: None,
            calendars=self.calendars,
            applicants=frozenset(APPLICANT_STEPS),
            feed=Feed(lag=0, rejects=np.empty(0, np.int64)),
        )


def _taken(work: Work, rows: Int64s, now: int) -> Work:
    completed = work.completed[rows]
    return Work(
        case=work.case[rows],
        activity=work.activity.take(rows),
        resource=work.resource.take(rows),
        unit=work.unit.take(rows),
        enabled=work.enabled[rows],
        started=work.started[rows],
        completed=np.where(completed <= now, completed, UNKNOWN),
        again=work.again[rows],
    )


def _ever(work: Work, cases: Cases) -> Ever:
    units, activities = work.unit.vocabulary.labels, work.activity.vocabulary.labels
    pairs = zip(work.activity.codes.tolist(), work.unit.codes.tolist(), strict=True)
    counts: Counter[tuple[str, str | None]] = Counter()
    for activity, unit in pairs:
        counts[activities[activity], units[unit]] += 1
    return Ever(
        items=counts,
        waited=counts,
        known=counts,
        cases={
            name: Counter(values.vocabulary.labels[code] for code in values.codes.tolist())
            for name, values in cases.attributes.items()
        },
    )


def _at_entry(events: pa.Table, known: dict[str, int]) -> dict[str, Coded]:
    """The attributes that the first event of a case tells."""
    found: dict[str, list[Any]] = {name: [None] * len(known) for name in ENTRY_ATTRIBUTES}
    first = events.filter(pa.compute.is_valid(events["permit_type"]))
    places = [known[one] for one in first["case_id"].to_pylist()]
    for name, values in found.items():
        for place, value in zip(places, first[name].to_pylist(), strict=True):
            values[place] = value
    return {name: Coded.of(pa.array(values, pa.string())) for name, values in found.items()}


def _moments(column: Any) -> Int64s:
    return np.array(column.cast(pa.int64()).to_numpy(), np.int64)
