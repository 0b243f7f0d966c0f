"""A day at the office, again and again: every file walks its route until the log ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import simpy

from simulation.accounting import account
from simulation.applications import Applications, draw_applications
from simulation.arrivals import application_times, closing, opening
from simulation.chance import Flags, stream
from simulation.desks import Favour, Item, Unit
from simulation.durations import Durations, draw_durations
from simulation.hours import Timetable
from simulation.innocence import Batches
from simulation.journal import Journal, Strayed
from simulation.misconduct import BadOfficers, Favouritism
from simulation.office import Office
from simulation.officers import hire, singled_out
from simulation.opinions import Opinions
from simulation.plants import Plant, concern
from simulation.process import SUBMIT, UNIT_OF, Step
from simulation.routes import draw_fates, route
from simulation.tables import events_table, items_table

SPARE = timedelta(days=800)  # room in the timetable for work that outlasts the log


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What the office's log says, and the truth behind it.

    `events`: one row an event in global time order: event_id, case_id, activity, timestamp (UTC),
    sequence, lifecycle, resource, unit and the case attributes as texts. Attributes known at entry
    stand on the first event of a case, the fees on the first `Assess fee`, the outcome on the
    deciding event. `items`: one row an execution by an officer, with the causes of its waiting in
    working milliseconds. `truth`: see `simulation.accounting.account`.
    """

    events: pa.Table
    items: pa.Table
    truth: dict[str, Any]


def simulate(office: Office, plants: Sequence[Plant] = ()) -> Simulation:
    """Run the office with these plants; the same office and plants give the same answer.

    >>> simulate(Office(cases=3)).truth["cases"]
    3
    """
    arrived, last = application_times(office)
    end = closing(office, last)
    days = timedelta(seconds=max(end, last) - opening(office)) + SPARE
    hours = office.hours.timetable(office.start, office.start + days)
    applications = draw_applications(office, plants, arrived)
    fates, turned = draw_fates(office, plants, applications)
    known = {fate: route(office, plants, fate) for fate in set(fates)}
    routes = [known[fate] for fate in fates]
    staff = hire(office, plants, hours, office.start + days)
    journal = Journal(lifecycle=frozenset(office.lifecycle), cases=office.cases)
    env: Any = simpy.Environment(initial_time=opening(office))
    favours = _favours(office, plants, applications)
    units = {
        name: Unit(
            env=env,
            name=name,
            hours=hours,
            officers=officers,
            journal=journal,
            favours=[one for one in favours if UNIT_OF[one.activity] == name],
            batches={
                plant.activity: plant.size
                for plant in plants
                if isinstance(plant, Batches) and UNIT_OF[plant.activity] == name
            },
        )
        for name, officers in staff.items()
    }
    walk = _Walk(
        env=env,
        hours=hours,
        day=office.hours.day,
        units=units,
        durations=draw_durations(office, plants, applications, routes),
        journal=journal,
    )
    for case, at in enumerate(arrived.tolist()):
        if at < end:
            env.process(walk.through(case, at, routes[case]))
    env.run(until=end)
    journal.lying = [item for unit in units.values() for item in unit.lying()]
    opinions = Opinions(office, applications, journal)
    return Simulation(
        events=events_table(applications, journal, opinions),
        items=items_table(applications, journal),
        truth=account(
            office=office,
            plants=plants,
            applications=applications,
            turned=turned,
            journal=journal,
            staff=staff,
            hours=hours,
            window=(opening(office), end),
            opinions=opinions,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Walk:
    """How a file goes from step to step."""

    env: Any
    hours: Timetable
    day: int
    units: Mapping[str, Unit]
    durations: Durations
    journal: Journal

    def through(self, case: int, at: int, steps: Sequence[Step]) -> Iterator[simpy.Event]:
        """Submit at `at` and take the steps; one that ends a detour holds the next one up."""
        env = self.env
        yield env.timeout(at - env.now)
        self.journal.tell(case, SUBMIT, env.now, "complete", None, None)
        released = at
        begun: dict[int, int] = {}
        for step in steps:
            now = env.now
            for one in (step, *step.beside):
                begun.update(dict.fromkeys(one.begins, now))
            if step.unit is None:
                wait = self.durations.applicant(case, step)
                yield env.timeout(max(released - now, 0) + wait)
                self.journal.tell(case, step.activity, env.now, "complete", None, None)
            elif step.beside:
                yield env.all_of([self._join(case, one, released) for one in (step, *step.beside)])
            else:
                yield self._join(case, step, released)
            for one in (step, *step.beside):
                for plant, days in one.ends:
                    began = begun.get(plant, env.now)
                    whole = round(days * self.day)
                    until = self.hours.add(began, whole) if whole else began
                    released = max(released, until, env.now)
                    self.journal.strayed.append(Strayed(plant, case, began, max(until, env.now)))

    def _join(self, case: int, step: Step, released: int) -> simpy.Event:
        assert step.unit is not None
        now = self.env.now
        held = self.durations.held(case, step.activity)
        lies_until = self.hours.add(now, held) if held else now
        item = Item(
            case=case,
            activity=step.activity,
            enabled=now,
            since=self.hours.worked(now),
            service=self.durations.service(case, step),
            rank=self.durations.rank[case],
            done=self.env.event(),
        )
        return self.units[step.unit].join(item, max(released, lies_until))


def _favours(office: Office, plants: Sequence[Plant], applications: Applications) -> list[Favour]:
    chosen = singled_out(office, plants)
    favours: list[Favour] = []
    for k, plant in enumerate(plants):
        if isinstance(plant, Favouritism | BadOfficers):
            whose: Flags = applications.in_group(plant.attribute, plant.group)
            favours.append(
                Favour(
                    plant=k,
                    activity=plant.activity,
                    officers=frozenset(chosen[k]),
                    whose=np.asarray(whose).tolist(),
                    share=plant.share,
                    chance=stream(office.seed, concern(plants, k)),
                )
            )
    return favours
