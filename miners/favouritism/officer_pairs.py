"""Officers by values: what stands out most for each officer, and the rest without it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Bools, Int32s, Int64s
from miners.favouritism.officer_sums import Apart, Desk, Signals, signals

FEWEST_PICKS = 20
"""An officer with fewer picks at an activity is not tested, nor a value picked less often there."""
FEWEST_EXPECTED = 2.0
"""Nor a pair of them where an officer who picks blindly would not meet the value so often."""
FEWEST_EACH = 3
"""Picks of the value, and others, that an officer needs to have picked one of them early."""
# Who picked one value this surely ahead must have picked the others less.
_SCREEN = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """What is known of all pairs at one activity, attribute by attribute.

    `tested` [attributes][officers, values] marks the pairs that can be tested, `apart` those told
    without the value that stands out most for the officer; `sizes` is how many values there are.
    """

    sizes: Sequence[int]
    signals: Sequence[Signals]
    tested: Sequence[Bools]
    apart: Sequence[Bools]

    @staticmethod
    def of(desk: Desk, places: Sequence[Int32s], sizes: Sequence[int]) -> "Told":
        """Tell all pairs; `places` [attributes][rows] are values, `sizes` how many there are."""
        told = [
            signals(desk, place, size, None, FEWEST_EACH)
            for place, size in zip(places, sizes, strict=True)
        ]
        usual = [
            tested(desk, one, place, size)
            for one, place, size in zip(told, places, sizes, strict=True)
        ]
        attributes, values = _stars(told, usual)
        moved = [np.zeros_like(one) for one in usual]
        for attribute in np.unique(attributes[attributes >= 0]).tolist():
            concerned = attributes == attribute
            value = np.where(concerned, values, -1).astype(np.int32)
            apart = Apart(place=places[attribute], of=value)
            own = desk.only(concerned)
            for place, (other, size) in enumerate(zip(places, sizes, strict=True)):
                changed = np.repeat(concerned[:, None], size, axis=1)
                if place == attribute:
                    changed[np.flatnonzero(concerned), value[concerned]] = False
                again = signals(own, other, size, apart, FEWEST_EACH)
                told[place] = told[place].where(changed, again)
                moved[place] |= changed
        return Told(sizes=sizes, signals=told, tested=usual, apart=moved)

    def where(self, officers: Bools, other: "Told") -> "Told":
        """These, but those of `other` for some [officers]; what is tested stays."""
        changed = [np.repeat(officers[:, None], size, axis=1) for size in self.sizes]
        return Told(
            sizes=self.sizes,
            signals=[
                one.where(rows, theirs)
                for one, rows, theirs in zip(self.signals, changed, other.signals, strict=True)
            ],
            tested=self.tested,
            apart=[
                np.where(rows, theirs, mine)
                for mine, rows, theirs in zip(self.apart, changed, other.apart, strict=True)
            ],
        )


def tested(desk: Desk, told: Signals, place: Int32s, size: int) -> Bools:
    """Which officers and values are met often enough; [officers, values].

    That does not depend on what the officer picked. Of two values, one is the mirror of the
    other, so that only the rarer one is tested.
    """
    counted = place[desk.officer >= 0]
    many = np.bincount(counted[counted >= 0], minlength=size)
    share = many / max(1, len(counted))
    usual = many >= FEWEST_PICKS
    if (many > 0).sum() == 2 and not (counted < 0).any():  # noqa: PLR2004  (a value, its mirror)
        usual[np.argmax(many)] = False
    enough = told.picks * share >= FEWEST_EXPECTED
    return np.asarray(enough & usual & (told.picks >= FEWEST_PICKS))


def _stars(told: Sequence[Signals], tested: Sequence[Bools]) -> tuple[Int64s, Int64s]:
    """For each officer the attribute and the value that stand out most, -1 where none does."""
    officers = len(tested[0]) if tested else 0
    best, attribute = np.zeros(officers), np.full(officers, -1, np.int64)
    value = np.full(officers, -1, np.int64)
    for place, (one, usual) in enumerate(zip(told, tested, strict=True)):
        if not usual.size:
            continue
        out = np.where(usual & (one.p_value <= _SCREEN), np.abs(one.z), 0)
        most = out.argmax(axis=1)
        height = out[np.arange(officers), most]
        higher = height > best
        best = np.where(higher, height, best)
        attribute, value = np.where(higher, place, attribute), np.where(higher, most, value)
    return attribute, value
