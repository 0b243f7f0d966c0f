"""Officers: who is there, who is away, and what each has had in hand so far."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter
from types import MappingProxyType

from simulation.chance import stream
from simulation.hours import Timetable, spans_of_days
from simulation.innocence import SlowOfficer, Strike
from simulation.misconduct import BadOfficers, Favouritism, Understaffed
from simulation.office import Office
from simulation.plants import Plant, concern
from simulation.process import UNIT_OF, UNITS

MEAN_ABSENCE = 3.0  # days on end


@dataclass(kw_only=True, slots=True)
class Officer:
    """One officer of a unit.

    `away` are the spans in which nothing new is taken up: what lies on the desk is finished first.
    `pace` multiplies the time that an activity takes this officer. All but `away` is kept on the
    office's working clock, which stands at night: seconds worked since the simulation began.
    """

    name: str
    hours: Timetable
    away: Timetable
    pace: Mapping[str, float] = field(default_factory=dict)
    missed: list[tuple[int, int]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    works: list[int] = field(default_factory=list)
    total: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        """Put the absences on the working clock, those at night and on holidays left out."""
        spans = zip(self.away.starts, self.away.ends, strict=True)
        missed = [(self.hours.worked(start), self.hours.worked(end)) for start, end in spans]
        self.missed = [(start, end) for start, end in missed if start < end]

    def begin(self, at: int, work: int) -> None:
        """Take up something that needs `work` working seconds."""
        self.starts.append(at)
        self.works.append(work)
        self.total.append(self.total[-1] + work)

    def busy_before(self, at: int) -> int:
        """Working seconds spent with files in hand before `at`."""
        k = bisect_right(self.starts, at) - 1
        if k < 0:
            return 0
        return self.total[k] + min(self.works[k], at - self.starts[k])

    def busy(self, start: int, end: int) -> int:
        """Working seconds with files in hand from `start` to `end`."""
        return self.busy_before(end) - self.busy_before(start)

    def absent(self, start: int, end: int) -> int:
        """Working seconds from `start` to `end` that this officer was away with empty hands."""
        total = 0
        for n in range(bisect_right(self.missed, start, key=itemgetter(1)), len(self.missed)):
            a, b = self.missed[n]
            if a >= end:
                break
            a, b = max(a, start), min(b, end)
            total += b - a - self.busy(a, b)
        return total


def officer_names(office: Office) -> dict[str, list[str]]:
    """The officers that each unit is meant to have, numbered through the whole office."""
    names: dict[str, list[str]] = {}
    number = 0
    for unit in UNITS:
        count = office.staffing[unit]
        names[unit] = [f"officer-{number + k + 1}" for k in range(count)]
        number += count
    return names


def present_names(office: Office, plants: Sequence[Plant]) -> dict[str, list[str]]:
    """The officers that each unit really has."""
    names = officer_names(office)
    for plant in plants:
        if isinstance(plant, Understaffed):
            unit = UNIT_OF[plant.activity]
            left = max(1, round(len(names[unit]) * plant.factor))
            names[unit] = names[unit][:left]
    return names


def singled_out(office: Office, plants: Sequence[Plant]) -> dict[int, tuple[str, ...]]:
    """For each plant that concerns certain officers, by place: who they are."""
    names = present_names(office, plants)
    chosen: dict[int, tuple[str, ...]] = {}
    for k, plant in enumerate(plants):
        if isinstance(plant, BadOfficers | SlowOfficer):
            staff = names[UNIT_OF[plant.activity]]
            lot = stream(office.seed, f"officers of {concern(plants, k)}").permutation(len(staff))[
                : plant.officers
            ]
            chosen[k] = tuple(staff[n] for n in sorted(lot.tolist()))
        elif isinstance(plant, Favouritism):
            staff = names[UNIT_OF[plant.activity]]
            chosen[k] = tuple(name for name in staff if plant.resource in {"", name})
    return chosen


def hire(
    office: Office, plants: Sequence[Plant], hours: Timetable, last: date
) -> dict[str, list[Officer]]:
    """The officers of each unit with their absences until `last`, strikes included."""
    paces: dict[str, dict[str, float]] = {}
    for k, chosen in singled_out(office, plants).items():
        plant = plants[k]
        if isinstance(plant, SlowOfficer):
            for name in chosen:
                paces.setdefault(name, {})[plant.activity] = plant.factor
    return {
        unit: [
            Officer(
                name=name,
                hours=hours,
                away=_away(office, plants, unit, name, last),
                pace=MappingProxyType(paces.get(name, {})),
            )
            for name in names
        ]
        for unit, names in present_names(office, plants).items()
    }


def _away(office: Office, plants: Sequence[Plant], unit: str, name: str, last: date) -> Timetable:
    days = [office.start + timedelta(days=n) for n in range((last - office.start).days + 1)]
    chance = stream(office.seed, f"absence of {name}")
    leaves = chance.random(len(days)) < office.absence / MEAN_ABSENCE
    lengths = chance.geometric(1 / MEAN_ABSENCE, len(days))
    missed = {
        day + timedelta(days=n)
        for day, leaves_now, length in zip(days, leaves, lengths.tolist(), strict=True)
        if leaves_now
        for n in range(length)
    }
    for plant in plants:
        if isinstance(plant, Strike) and plant.unit == unit:
            missed |= {plant.begins + timedelta(days=n) for n in range(plant.days)}
    return Timetable(spans_of_days(sorted(missed), office.hours.zone))
