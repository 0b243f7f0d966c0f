"""What will happen to a file, step by step, before anybody knows how long it takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulation.applications import Applications
from simulation.chance import Flags, Floats, drawn, stream
from simulation.detours import DETOURS, detoured, side_by_side
from simulation.innocence import Concurrent
from simulation.misconduct import Approval, ExtraDocuments
from simulation.office import Office
from simulation.plants import Plant, concern
from simulation.process import (
    CHECK,
    COMPLAIN,
    GATES,
    PAY,
    REFUSE,
    REQUEST,
    RESUBMIT,
    SIGN,
    WITHDRAW,
    Step,
    step,
)

REFUSED = {"house": 0.08, "shop": 0.12, "warehouse": 0.15}
REFUSED_IF_INCOMPLETE = 0.04
GATE_SHARES = (0.4, 0.35, 0.25)
WITHDRAWN = 0.03
COMPLAINT, COMPLAINT_IF_REFUSED = 0.01, 0.06


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What is decided about one case ahead of time: everything but how long things take."""

    permit_type: str
    requests: int = 0
    extra: tuple[int, ...] = ()  # plants that ask for documents once more
    gate: str | None = None  # where it fails
    gives_up: bool = False
    complains: bool = False
    detours: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


def draw_fates(
    office: Office, plants: Sequence[Plant], applications: Applications
) -> tuple[list[Fate], dict[int, Flags]]:
    """The fate of every case, and for each `Approval` plant by place whom it turns down."""
    n = office.cases
    chance = stream(office.seed, "fates")
    kinds = applications.attributes["permit_type"]
    lacking = applications.in_group("docs_complete", "no")
    first, second = chance.random(n), chance.random(n)
    requests = np.where(lacking, 1 + (second < 0.15 * office.incomplete), 0)
    requests = np.where(lacking & (first > 0.92), 0, requests)  # noqa: PLR2004
    requests = np.where(~lacking & (first < 0.05 * office.incomplete), 1, requests)
    gates, turned = _gates(office, plants, applications, lacking)
    gives_up = chance.random(n) < WITHDRAWN * office.withdrawn
    grumble = chance.random(n)
    chosen: dict[int, Flags] = {
        k: _lot(office, plants, k, n) & _touched(plant, applications, n)
        for k, plant in enumerate(plants)
        if isinstance(plant, (*DETOURS, ExtraDocuments, Concurrent))
    }
    fates = [
        Fate(
            permit_type=str(kinds[i]),
            requests=int(requests[i]),
            gate=gates[i],
            gives_up=bool(gives_up[i]),
            complains=bool(grumble[i] < (COMPLAINT_IF_REFUSED if gates[i] else COMPLAINT)),
        )
        for i in range(n)
    ]
    for k, flags in chosen.items():
        for i in np.flatnonzero(flags).tolist():
            fates[i] = _with(fates[i], plants[k], k)
    return fates, turned


def _with(fate: Fate, plant: Plant, k: int) -> Fate:
    if isinstance(plant, ExtraDocuments):
        return replace(fate, extra=(*fate.extra, k))
    if isinstance(plant, Concurrent):
        return replace(fate, beside=(*fate.beside, k))
    return replace(fate, detours=(*fate.detours, k))


def _lot(office: Office, plants: Sequence[Plant], k: int, n: int) -> Flags:
    """Drawn by lot: the same cases for the same kind of plant, whatever else is planted."""
    plant = plants[k]
    uniform: Floats = stream(office.seed, concern(plants, k)).random(n)
    odds = plant.points if isinstance(plant, ExtraDocuments) else getattr(plant, "share", 1.0)
    return np.asarray(uniform < odds, np.bool_)


def _touched(plant: Plant, applications: Applications, n: int) -> Flags:
    if isinstance(plant, ExtraDocuments):
        return applications.in_group(plant.attribute, plant.group)
    return np.ones(n, np.bool_)


def _gates(
    office: Office, plants: Sequence[Plant], applications: Applications, lacking: Flags
) -> tuple[list[str | None], dict[int, Flags]]:
    chance = stream(office.seed, "decisions")
    n = office.cases
    kinds = applications.attributes["permit_type"]
    odds = np.array([REFUSED[str(kind)] for kind in kinds]) + REFUSED_IF_INCOMPLETE * lacking
    odds *= office.refused
    luck = chance.random(n)
    where = drawn(chance.random(n), GATE_SHARES)
    gates: list[str | None] = [GATES[where[i]] if luck[i] < odds[i] else None for i in range(n)]
    turned: dict[int, Flags] = {}
    for k, plant in enumerate(plants):
        if isinstance(plant, Approval):
            group = applications.in_group(plant.attribute, plant.group)
            hit = group & (luck >= odds) & (luck < odds + plant.points)
            odds = odds + plant.points * group
            for i in np.flatnonzero(hit).tolist():
                gates[i] = plant.gate
            turned[k] = hit
    return gates, turned


def route(office: Office, plants: Sequence[Plant], fate: Fate) -> list[Step]:
    """The steps that a case takes after its submission, in order, detours and all."""
    steps = _plain(office.routes[fate.permit_type], fate)
    for k in fate.detours:
        plant = plants[k]
        assert isinstance(plant, DETOURS)
        steps = detoured(steps, plant, k, fate.gate)
    for k in fate.beside:
        plant = plants[k]
        assert isinstance(plant, Concurrent)
        steps = side_by_side(steps, plant, k)
    return _numbered(steps)


def _plain(activities: Sequence[str], fate: Fate) -> list[Step]:
    steps: list[Step] = []
    for activity in activities:
        if activity == PAY and fate.gives_up:
            return [*steps, step(WITHDRAW)]
        steps.append(step(activity))
        if activity == CHECK:
            for n in range(fate.requests):
                steps.append(step(REQUEST))
                if fate.gives_up and n == 0:
                    return [*steps, step(WITHDRAW)]
                steps += [step(RESUBMIT), step(CHECK)]
            for k in fate.extra:
                asked = step(REQUEST)._replace(begins=(k,))
                steps += [asked, step(RESUBMIT), step(CHECK)._replace(ends=((k, 0.0),))]
        if activity == fate.gate:
            steps += [step(REFUSE)] if activity == SIGN else [step(SIGN), step(REFUSE)]
            break
    if fate.complains:
        steps.append(step(COMPLAIN))
    return steps


def _numbered(steps: Sequence[Step]) -> list[Step]:
    seen: dict[str, int] = {}
    numbered: list[Step] = []
    for one in steps:
        beside = []
        for other in (one, *one.beside):
            visit = seen.get(other.activity, 0)
            seen[other.activity] = visit + 1
            beside.append(other._replace(visit=visit, beside=()))
        numbered.append(beside[0]._replace(beside=tuple(beside[1:])))
    return numbered
