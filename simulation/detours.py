"""How a planted detour bends the route of a file."""

from collections.abc import Sequence
from itertools import pairwise

from simulation.innocence import Concurrent
from simulation.misconduct import (
    DuplicateApproval,
    Inserted,
    PingPong,
    Repeated,
    Skipped,
    WrongOrder,
)
from simulation.plants import Detour
from simulation.process import Step, step

DETOURS = (Skipped, WrongOrder, Repeated, PingPong, DuplicateApproval, Inserted)


def detoured(steps: list[Step], plant: Detour, k: int, gate: str | None) -> list[Step]:
    """The route with one detour more; as it was, where the detour has no place in it.

    `k` is the place of the plant, `gate` the activity at which the case fails.
    """
    match plant:
        case Skipped():
            return _skipped(steps, plant, k, gate)
        case WrongOrder():
            return _swapped(steps, plant, k)
        case _:
            return _lengthened(steps, plant, k)


def side_by_side(steps: list[Step], plant: Concurrent, k: int) -> list[Step]:
    """The route with the two activities open at the same time, where they follow each other."""
    for at, (one, other) in enumerate(pairwise(steps)):
        if (one.activity, other.activity) == plant.activities and not (one.ends or other.ends):
            pair = one._replace(beside=(other._replace(ends=((k, 0.0),)),))
            return [*steps[:at], pair, *steps[at + 2 :]]
    return steps


def _skipped(steps: list[Step], plant: Skipped, k: int, gate: str | None) -> list[Step]:
    """Without the step, if it comes once, is not the last and not where the case fails."""
    names = [one.activity for one in steps]
    if names.count(plant.activity) != 1 or plant.activity == gate:
        return steps
    at = names.index(plant.activity)
    if at == len(steps) - 1 or steps[at].begins or steps[at].ends:
        return steps
    after = steps[at + 1]
    after = after._replace(ends=(*after.ends, (k, 0.0)))
    return [*steps[:at], after, *steps[at + 2 :]]


def _swapped(steps: list[Step], plant: WrongOrder, k: int) -> list[Step]:
    """The later step ahead of the earlier one, if each comes once."""
    names = [one.activity for one in steps]
    early, late = plant.activities
    if names.count(early) != 1 or names.count(late) != 1:
        return steps
    a, b = names.index(early), names.index(late)
    if a > b:
        return steps
    moved = steps[a]._replace(ends=(*steps[a].ends, (k, plant.days)))
    return [*steps[:a], steps[b], moved, *steps[a + 1 : b], *steps[b + 1 :]]


def _lengthened(
    steps: list[Step], plant: Repeated | PingPong | DuplicateApproval | Inserted, k: int
) -> list[Step]:
    """With steps more, after (or ahead of) the last execution of the plant's activity."""
    names = [one.activity for one in steps]
    match plant:
        case Inserted():
            more, anchor, shift = [Step(plant.activity, plant.unit)], plant.before, 0
        case DuplicateApproval():
            more, anchor, shift = [Step(plant.activity, plant.unit)], plant.activity, 1
        case Repeated():
            more, anchor, shift = [step(plant.activity)], plant.activity, 1
        case PingPong():
            more, anchor, shift = [step(name) for name in plant.activities], plant.activities[1], 1
    place = _last(names, anchor)
    if place < 0 or (isinstance(plant, PingPong) and plant.activities[0] not in names[:place]):
        return steps
    more[0] = more[0]._replace(begins=(k,))
    more[-1] = more[-1]._replace(ends=((k, plant.days),))
    return [*steps[: place + shift], *more, *steps[place + shift :]]


def _last(names: Sequence[str], activity: str) -> int:
    """The last place of an activity; -1 where it does not occur."""
    places = [at for at, name in enumerate(names) if name == activity]
    return places[-1] if places else -1
