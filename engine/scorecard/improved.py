"""Which units got quicker, and which only look so among so many."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.scorecard.certainty import Change
from engine.scorecard.ground import Untold
from engine.scorecard.line import Scope
from engine.scorecard.lines import Teller

MEASURE = "p80_working_days"
"""By what units are ranked: the days within which 80 % of the work that reaches them is done."""
_SURE = 0.05


@dataclass(frozen=True, kw_only=True)
class Improved:
    """A unit that got quicker; `q_value` is the p-value after Holm (1979) over all units."""

    unit: str
    moved: Change
    q_value: float


@dataclass(frozen=True, kw_only=True)
class MostImproved:
    """The units that clearly got quicker, most first; of `compared` units with enough work."""

    measured_in: str
    compared: int
    units: tuple[Improved, ...]


def most_improved(teller: Teller) -> MostImproved | None:
    """Rank the units by how much quicker they got; None where no unit has enough work.

    A unit is told only where the change holds after Holm (1979) over all units.
    """
    moved, measured_in = list[tuple[str, Change]](), ""
    for name in teller.ground.units:
        counted = teller.counted(MEASURE, Scope(unit=name))
        if isinstance(counted, Untold):
            continue
        measured_in = counted.measured_in
        found = teller.trend(counted)
        if found is not None:
            moved.append((name, found))
    if not moved:
        return None
    adjusted = holm([change.p_value for _, change in moved])
    better = [
        Improved(unit=name, moved=change, q_value=q)
        for (name, change), q in zip(moved, adjusted, strict=True)
        if change.change < 0 and q <= _SURE
    ]
    return MostImproved(
        measured_in=measured_in,
        compared=len(moved),
        units=tuple(sorted(better, key=lambda one: (one.moved.change, one.unit))),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values after Holm (1979), in the order given.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, most = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = most
    return adjusted
