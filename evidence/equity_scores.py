"""What the drawn worlds come to: how often each test cries wolf, what it sees, what limits hold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import equity_plan as plan
import numpy as np
from equity_plan import Block
from equity_trials import (
    ALPHA,
    EVERY,
    MATERIAL,
    MEASURES,
    NAMED,
    Setting,
    Trial,
    Tried,
    told,
    truth,
)

from miners.shares import wilson


@dataclass(frozen=True, kw_only=True)
class Share:
    """`hits` of `of`, with the 95 % limits of Wilson."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.hits / self.of if self.of else float("nan")

    @property
    def limits(self) -> tuple[float, float]:
        """The limits of the share."""
        low, high = wilson(np.array([self.hits]), np.array([self.of]))
        return float(low[0]), float(high[0])

    @staticmethod
    def among(flags: Iterable[bool]) -> "Share":
        """The share of those that are true."""
        known = [bool(flag) for flag in flags]
        return Share(hits=sum(known), of=len(known))


class Worlds:
    """All worlds that were drawn, by the name of their setting."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        """Gather the blocks of each setting; seeds come in order."""
        self._known: dict[str, list[Tried]] = {}
        for block in blocks:
            self._known.setdefault(block.setting, []).extend(block.worlds)
        for worlds in self._known.values():
            worlds.sort(key=lambda one: one.seed)

    def of(self, setting: Setting) -> Sequence[Tried]:
        """The worlds of a setting; none if it was not drawn."""
        return self._known.get(setting.name, ())

    @property
    def seeds(self) -> tuple[int, int]:
        """The first and the last seed of the worlds without any treatment."""
        drawn = self.of(plan.NULL)
        return (drawn[0].seed, drawn[-1].seed)

    def p_values(self, setting: Setting, measure: str, group: str = NAMED) -> list[float]:
        """The p-values of a measure of one group, ascending."""
        return sorted(one.p for one in self._trials(setting, measure, group) if one.p is not None)

    def flagged(self, setting: Setting, measure: str, group: str = NAMED) -> Share:
        """How often the test alone is significant."""
        return Share.among(p <= ALPHA for p in self.p_values(setting, measure, group))

    def any_told(self, setting: Setting, *, material: bool) -> Share:
        """In how many worlds anything is told; without `material` however small it is."""
        least = MATERIAL if material else dict.fromkeys(EVERY, 0.0)
        return Share.among(bool(told(one.trials, least)) for one in self.of(setting))

    def any_significant(self, setting: Setting) -> Share:
        """In how many worlds any test is significant by itself."""
        return Share.among(
            any(one.p is not None and one.p <= ALPHA for one in world.trials)
            for world in self.of(setting)
        )

    def naive_p_values(self, setting: Setting, name: str) -> list[float]:
        """The p-values of a naive test, ascending."""
        return sorted(world.naive[name] for world in self.of(setting) if name in world.naive)

    def naive(self, setting: Setting, name: str) -> Share:
        """How often a naive test accuses."""
        return Share.among(p <= ALPHA for p in self.naive_p_values(setting, name))

    def held(self, setting: Setting, measure: str, group: str = NAMED) -> Share:
        """How often the limits hold the planted gap; a share of none where it is not known."""
        planted = truth(measure, setting.treatment) if group == NAMED else 0.0
        if planted is None:
            return Share(hits=0, of=0)
        return Share.among(
            one.low <= planted <= one.high
            for one in self._trials(setting, measure, group)
            if one.low is not None and one.high is not None
        )

    def off(self, setting: Setting, measure: str) -> tuple[float, float] | None:
        """How far estimates are from the planted gap on the average, and the mean width."""
        planted = truth(measure, setting.treatment)
        found = [
            (one.value - planted, one.high - one.low)
            for one in self._trials(setting, measure, NAMED)
            if None not in (planted, one.value, one.low, one.high)
        ]
        if not found:
            return None
        away, width = np.mean(found, axis=0)
        return float(away), float(width)

    def _trials(self, setting: Setting, measure: str, group: str) -> Iterator[Trial]:
        for world in self.of(setting):
            for one in world.trials:
                if one.measure == measure and one.group == group:
                    yield one


def covered(worlds: Worlds) -> dict[str, list[tuple[float, Share]]]:
    """For each measure with a gap: what was planted, and how often the limits held it."""
    found: dict[str, list[tuple[float, Share]]] = {
        name: [(0.0, worlds.held(plan.NULL, name))] for name in MEASURES
    }
    for curve in plan.CURVES.values():
        for setting in curve:
            (measure,) = setting.measures
            found[measure].append((plan.planted(setting), worlds.held(setting, measure)))
    return {name: [one for one in told if one[1].of] for name, told in found.items()}
