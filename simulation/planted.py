"""Whom each plant touched, and what it cost them: the answer that an analysis should come to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from simulation.applications import Applications
from simulation.chance import Flags
from simulation.hours import Timetable, spans_of_days
from simulation.innocence import (
    Batches,
    BusySeason,
    Concurrent,
    FastLane,
    IncompleteFiles,
    SizeEffect,
    SlowOffice,
    SlowOfficer,
    Strike,
)
from simulation.journal import Journal, Strayed
from simulation.misconduct import (
    Approval,
    BadOfficers,
    ExtraDocuments,
    Favouritism,
    Skipped,
    SlowStep,
    Surcharge,
    Understaffed,
)
from simulation.office import Office
from simulation.officers import officer_names, present_names, singled_out
from simulation.plants import Detour, Plant, described
from simulation.process import ASSESS, INSPECT, REFUSE, SUBMIT, UNIT_OF, ZONING

DAY = 86_400


def planted(
    office: Office,
    plants: Sequence[Plant],
    applications: Applications,
    turned: Mapping[int, Flags],
    journal: Journal,
    hours: Timetable,
) -> list[dict[str, Any]]:
    """For each plant: kind, parameters, `cases` (ids whose log shows it), `counts`, `days`, more.

    `days` is what the plant added, summed over its cases, in `working` and in `elapsed` days, for
    detours, extra documents and slow steps: from the moment that the file strayed (or could have
    been picked) until it was let go on. It is None where only a run without the plant could tell.
    `alone` has these days, and the number of cases, of files that no other plant held up meanwhile.
    Of a strike it is said `from` when `to` when nobody took up which `activities`.
    `officers` names those who are concerned, `money` what was charged too much, `positions` how
    many older files were passed by favoured ones.
    """
    books = _Books(office, plants, applications, turned, journal, hours)
    answer: list[dict[str, Any]] = []
    for k, plant in enumerate(plants):
        entry: dict[str, Any] = {**described(plant), "days": None, **books.entry(k, plant)}
        cases = sorted(set(entry.pop("touched")))
        entry["cases"] = [applications.ids[case] for case in cases]
        entry["counts"] = {"cases": len(cases), **entry.get("counts", {})}
        answer.append(entry)
    return answer


def days_added(journal: Journal, hours: Timetable, day: int) -> dict[str, float]:
    """The `working` and `elapsed` days that all detours added together, each stretch once.

    A file that two detours hold up at the same time waits for both at once: these are fewer days
    than those of the single plants in sum. `day` is the working seconds of a day.
    """
    working = elapsed = 0
    behind: dict[int, int] = {}
    for one in sorted(journal.strayed, key=lambda stray: (stray.case, stray.began)):
        since = max(one.began, behind.get(one.case, one.began))
        behind[one.case] = max(one.released, since)
        working += hours.between(since, behind[one.case])
        elapsed += behind[one.case] - since
    return {"working": working / day, "elapsed": elapsed / DAY}


class _Books:
    """What the journal says about each plant; cases are places."""

    def __init__(
        self,
        office: Office,
        plants: Sequence[Plant],
        applications: Applications,
        turned: Mapping[int, Flags],
        journal: Journal,
        hours: Timetable,
    ) -> None:
        self.office, self.plants, self.applications = office, plants, applications
        self.turned, self.journal, self.hours = turned, journal, hours
        self.officers = singled_out(office, plants)
        self.by_case: dict[int, list[Strayed]] = {}
        for one in journal.strayed:
            self.by_case.setdefault(one.case, []).append(one)

    def entry(self, k: int, plant: Plant) -> dict[str, Any]:
        """What is particular to the plant at place `k`; `touched` holds the places of its cases."""
        match plant:
            case FastLane() | SlowOffice() | BusySeason() | IncompleteFiles():
                found = self._group(plant)
            case SizeEffect() | Batches() | SlowOfficer() | Strike():
                found = self._at_work(k, plant)
            case Understaffed():
                found = self._understaffed(plant)
            case SlowStep():
                found = self._slow_step(plant)
            case Approval():
                refused = self._completed(REFUSE)
                found = {"touched": [i for i in _places(self.turned[k]) if i in refused]}
            case Surcharge():
                found = self._surcharge(k)
            case Favouritism() | BadOfficers():
                found = self._favoured(k)
            case Skipped() | Concurrent():
                found = {"touched": [one.case for one in self.journal.strayed if one.plant == k]}
            case _:
                found = self._strayed(k, plant)
        return found

    def _completed(self, activity: str) -> set[int]:
        return {
            one.case
            for one in self.journal.told
            if one.activity == activity and one.lifecycle == "complete"
        }

    def _started(self, *activities: str) -> list[int]:
        return [one.case for one in self.journal.done if one.activity in activities]

    def _at_work(
        self, k: int, plant: SizeEffect | Batches | SlowOfficer | Strike
    ) -> dict[str, Any]:
        match plant:
            case SizeEffect():
                return {"touched": self._started(ZONING, INSPECT)}
            case Batches():
                return {"touched": self._started(plant.activity)}
            case SlowOfficer():
                return self._slow_officer(k, plant)
            case Strike():
                return self._strike(plant)

    def _understaffed(self, plant: Understaffed) -> dict[str, Any]:
        unit = UNIT_OF[plant.activity]
        meant, present = officer_names(self.office), present_names(self.office, self.plants)
        return {
            "touched": self._started(plant.activity),
            "officers": present[unit],
            "counts": {"officers": len(present[unit]), "officers_meant": len(meant[unit])},
        }

    def _slow_step(self, plant: SlowStep) -> dict[str, Any]:
        group = self.applications.in_group(plant.attribute, plant.group)
        held = [
            one for one in self.journal.done if one.activity == plant.activity and group[one.case]
        ]
        work = round(plant.days * self.office.hours.day)
        elapsed = sum(self.hours.add(one.enabled, work) - one.enabled for one in held)
        return {
            "touched": [one.case for one in held],
            "counts": {"items": len(held)},
            "days": {"working": plant.days * len(held), "elapsed": elapsed / DAY},
        }

    def _surcharge(self, k: int) -> dict[str, Any]:
        more = self.applications.overcharged[k]
        assessed = self._completed(ASSESS)
        touched = [i for i in _places(more != 0) if i in assessed]
        return {"touched": touched, "money": int(more[touched].sum())}

    def _favoured(self, k: int) -> dict[str, Any]:
        picks = [one for one in self.journal.favoured if one.plant == k]
        return {
            "touched": [one.case for one in picks],
            "counts": {"picks": len(picks)},
            "positions": sum(one.passed for one in picks),
            "officers": list(self.officers[k]),
        }

    def _strayed(self, k: int, _: Detour | ExtraDocuments) -> dict[str, Any]:
        strays = [one for one in self.journal.strayed if one.plant == k]
        working = sum(self.hours.between(one.began, one.released) for one in strays)
        elapsed = sum(one.released - one.began for one in strays)
        alone = [one for one in strays if not self._held_by_others(one)]
        return {
            "touched": [one.case for one in strays],
            "days": {"working": working / self.office.hours.day, "elapsed": elapsed / DAY},
            "alone": {
                "cases": len(alone),
                "working": sum(self.hours.between(one.began, one.released) for one in alone)
                / self.office.hours.day,
                "elapsed": sum(one.released - one.began for one in alone) / DAY,
            },
        }

    def _held_by_others(self, one: Strayed) -> bool:
        return any(
            max(other.began, one.began) < min(other.released, one.released)
            for other in self.by_case[one.case]
            if other.plant != one.plant
        )

    def _strike(self, plant: Strike) -> dict[str, Any]:
        days = [plant.begins + timedelta(days=n) for n in range(plant.days)]
        spans = spans_of_days(days, self.office.hours.zone)
        begins, ends = spans[0][0], spans[-1][1]
        waited = [(one.case, one.unit, one.enabled, one.started) for one in self.journal.done] + [
            (one.case, one.unit, one.enabled, ends) for one in self.journal.lying
        ]
        return {
            "touched": [
                case
                for case, unit, enabled, left in waited
                if unit == plant.unit and enabled < ends and left > begins
            ],
            "officers": present_names(self.office, self.plants)[plant.unit],
            "activities": [name for name, unit in UNIT_OF.items() if unit == plant.unit],
            "from": datetime.fromtimestamp(begins, UTC).isoformat(),
            "to": datetime.fromtimestamp(ends, UTC).isoformat(),
        }

    def _slow_officer(self, k: int, plant: SlowOfficer) -> dict[str, Any]:
        slow = self.officers[k]
        cases = [
            one.case
            for one in self.journal.done
            if one.resource in slow and one.activity == plant.activity
        ]
        return {"touched": cases, "officers": list(slow)}

    def _group(self, plant: FastLane | SlowOffice | BusySeason | IncompleteFiles) -> dict[str, Any]:
        match plant:
            case FastLane():
                attribute, group = "permit_type", plant.permit_type
            case SlowOffice():
                attribute, group = "office", plant.office
            case _:
                attribute, group = plant.attribute, plant.group
        seen = self._completed(SUBMIT)
        places = _places(self.applications.in_group(attribute, group))
        return {"touched": [i for i in places if i in seen]}


def _places(flags: Any) -> list[int]:
    return [int(i) for i in np.flatnonzero(flags)]
