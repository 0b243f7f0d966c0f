"""The simulated offices of a seed: with all kinds of detours, with one kind, and with none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

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
from simulation.misconduct import (
    DuplicateApproval,
    Inserted,
    PingPong,
    Repeated,
    Skipped,
    WrongOrder,
)
from simulation.office import Office
from simulation.plants import Detour, Innocent
from simulation.process import ASSESS, CHECK, FIRE, INSPECT, SIGN, ZONING

TOGETHER, ALONE, CLEAN = "together", "alone", "clean"
"""The offices of a seed, by what is planted in them."""

# Where the detours lie. Within an office no two of them do the same step again: of a step that was
# done again for two reasons nobody could say which of the two it was.
_PLACES: Sequence[Sequence[Detour]] = (
    (
        Skipped(activity=ZONING),
        WrongOrder(activities=(INSPECT, FIRE)),
        Repeated(activity=ASSESS),
        PingPong(activities=(ZONING, INSPECT)),
        DuplicateApproval(activity=SIGN, unit="finance"),
        Inserted(before=SIGN, unit="head office"),
    ),
    (
        Skipped(activity=CHECK),
        WrongOrder(activities=(ZONING, INSPECT)),
        Repeated(activity=ZONING),
        PingPong(activities=(INSPECT, SIGN)),
        DuplicateApproval(activity=ASSESS, unit="head office"),
        Inserted(activity="Hear neighbours", before=ZONING, unit="counter"),
    ),
    (
        Skipped(activity=SIGN),
        WrongOrder(activities=(INSPECT, FIRE)),
        Repeated(activity=SIGN),
        PingPong(activities=(ZONING, INSPECT)),
        DuplicateApproval(activity=ASSESS, unit="counter"),
        Inserted(activity="Check debts", before=INSPECT, unit="finance"),
    ),
)
KINDS = tuple(plant.kind for plant in _PLACES[0])
"""The planted kinds, as `miners.detours.episodes.KINDS` names them."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One office to simulate: its `detours`, and the innocent reasons for delay beside them."""

    name: str
    office: Office
    detours: tuple[Detour, ...]
    innocent: tuple[Innocent, ...]


def offices(seed: int, cases: int) -> Sequence[Case]:
    """Three offices of so many applications; the same seed gives the same offices.

    With all kinds together (every second time without left out steps, which save days: then the
    days that were added can be summed), with one kind alone, and clean ones. Shares are from 4 to
    15 %, days from 1 to 8. In the first and the last there are innocent reasons for delay, about
    half of those that the simulator knows; in one clean office of ten there are none.
    """
    places = _PLACES[seed % len(_PLACES)]
    chosen = places if seed % 2 == 0 else [one for one in places if not isinstance(one, Skipped)]
    alone = _PLACES[seed // len(KINDS) % len(_PLACES)][seed % len(KINDS)]
    chance = [np.random.default_rng([seed, part]) for part in range(4)]

    def office(part: int) -> Office:
        return Office(cases=cases, seed=3 * seed + part)

    return (
        Case(
            name=TOGETHER,
            office=office(0),
            detours=tuple(_sized(one, chance[0]) for one in chosen),
            innocent=tuple(
                one for one in _innocent(office(0), chance[1]) if not _hides(one, chosen)
            ),
        ),
        Case(name=ALONE, office=office(1), detours=(_sized(alone, chance[2]),), innocent=()),
        Case(
            name=CLEAN,
            office=office(2),
            detours=(),
            innocent=_innocent(office(2), chance[3]) if seed % 10 else (),
        ),
    )


def _sized(plant: Detour, chance: np.random.Generator) -> Detour:
    """The plant with a share and days by lot."""
    share, days = round(chance.uniform(0.04, 0.15), 3), round(chance.uniform(1.0, 8.0), 1)
    match plant:
        case Skipped():
            return replace(plant, share=share)
        case WrongOrder() if FIRE in plant.activities:
            # Only warehouses see the fire brigade: one application in six.
            return replace(plant, share=2 * share, days=days)
        case _:
            return replace(plant, share=share, days=days)


def _hides(innocent: Innocent, detours: Sequence[Detour]) -> bool:
    """Whether a detour could not be told, or not be priced, by anybody beside this.

    What a detour holds up during a strike would have lain there without it too. Of two steps that
    are done side by side, neither is done too early.
    """
    pairs = {one.activities for one in detours if isinstance(one, WrongOrder)}
    return isinstance(innocent, Strike) or (
        isinstance(innocent, Concurrent) and innocent.activities in pairs
    )


def _innocent(office: Office, chance: np.random.Generator) -> tuple[Innocent, ...]:
    strike = office.start + timedelta(days=int(chance.integers(14, 70)))
    every: Mapping[str, Innocent] = {
        one.kind: one
        for one in (
            FastLane(),
            SizeEffect(),
            SlowOffice(factor=round(chance.uniform(1.1, 1.5), 2)),
            SlowOfficer(),
            BusySeason(),
            IncompleteFiles(),
            Strike(begins=strike, days=7),
            Batches(),
            Concurrent(share=round(chance.uniform(0.3, 1.0), 2)),
        )
    }
    return tuple(one for one in every.values() if chance.random() < 0.5)
