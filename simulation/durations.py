"""How long everything takes: work at the desk, applicants who answer late, files that are held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from simulation.applications import AREA, Applications
from simulation.chance import Floats, stream
from simulation.innocence import FastLane, SizeEffect, SlowOffice
from simulation.misconduct import SlowStep
from simulation.office import Office
from simulation.plants import Plant
from simulation.process import COMPLAIN, INSPECT, PAY, RESUBMIT, WITHDRAW, ZONING, Step

HOUR, DAY = 3600, 86_400
UNUSUAL_SERVICE = 0.5  # hours, for activities that the office does not know
VISITS = 6  # executions of one activity in one case that have a draw of their own
# Median days and spread (of the logarithm) until an applicant acts.
ANSWERS = MappingProxyType(
    {RESUBMIT: (9.0, 0.7), PAY: (7.0, 0.6), WITHDRAW: (25.0, 0.4), COMPLAIN: (4.0, 0.6)}
)


@dataclass(frozen=True, kw_only=True)
class Durations:
    """All durations in whole seconds, drawn ahead so that no plant moves another's draws.

    Work and holding count in working time, applicants in elapsed time. `rank` is the service class
    of each case: 0 goes ahead of 1.
    """

    rank: Sequence[int]
    _service: Mapping[str, Sequence[Sequence[int]]]
    _answers: Mapping[str, Sequence[Sequence[int]]]
    _held: Mapping[str, Sequence[int]]

    def service(self, case: int, step: Step) -> int:
        """Working seconds at the desk."""
        return self._service[step.activity][case][min(step.visit, VISITS - 1)]

    def applicant(self, case: int, step: Step) -> int:
        """Seconds until the applicant acts."""
        return self._answers[step.activity][case][min(step.visit, VISITS - 1)]

    def held(self, case: int, activity: str) -> int:
        """Working seconds for which the file is not to be picked up."""
        held = self._held.get(activity)
        return held[case] if held else 0


def draw_durations(
    office: Office,
    plants: Sequence[Plant],
    applications: Applications,
    routes: Sequence[Sequence[Step]],
) -> Durations:
    """Draw every duration that the routes may need."""
    n = office.cases
    desk = {one.activity for steps in routes for step in steps for one in (step, *step.beside)}
    desk -= set(ANSWERS)
    service: dict[str, list[list[int]]] = {}
    for activity in sorted(desk):
        mean = office.service.get(activity, UNUSUAL_SERVICE) * HOUR
        factor = _factor(plants, applications, activity)
        draws = _gamma(office, activity) * (mean * factor)[:, None]
        service[activity] = np.maximum(1, draws.round()).astype(np.int64).tolist()
    answers: dict[str, list[list[int]]] = {}
    for activity, (median, spread) in ANSWERS.items():
        normal = stream(office.seed, f"answer {activity}").standard_normal((n, VISITS))
        seconds = median * DAY * np.exp(spread * normal)
        answers[activity] = seconds.round().astype(np.int64).tolist()
    held: dict[str, list[int]] = {}
    for plant in plants:
        if isinstance(plant, SlowStep):
            group = applications.in_group(plant.attribute, plant.group)
            more = group * round(plant.days * office.hours.day)
            earlier = np.asarray(held.get(plant.activity, [0] * n))
            held[plant.activity] = (earlier + more).tolist()
    fast = {plant.permit_type for plant in plants if isinstance(plant, FastLane)}
    rank = [int(kind not in fast) for kind in applications.attributes["permit_type"]]
    return Durations(rank=rank, _service=service, _answers=answers, _held=held)


def _gamma(office: Office, activity: str) -> Floats:
    """Draws with mean 1 and the office's coefficient of variation."""
    size = (office.cases, VISITS)
    if office.variation == 0:
        return np.ones(size)
    shape = 1 / office.variation**2
    return stream(office.seed, f"service {activity}").gamma(shape, 1 / shape, size)


def _factor(plants: Sequence[Plant], applications: Applications, activity: str) -> Floats:
    factor = np.ones(len(applications.ids))
    for plant in plants:
        if isinstance(plant, SlowOffice):
            factor[applications.in_group("office", plant.office)] *= plant.factor
        if isinstance(plant, SizeEffect) and activity in {ZONING, INSPECT}:
            usual = np.exp(np.log(list(AREA.values())).mean())
            factor *= (applications.area / usual) ** plant.power
    return factor
