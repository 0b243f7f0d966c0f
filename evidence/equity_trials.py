"""Compares the groups of drawn worlds: with Runut's tests, and with the naive ones beside them."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np
from equity_naive import p_values
from equity_worlds import DECIDED, HORIZON, OTHER, WITHDRAWN, Size, Treatment, World, draw
from scipy import stats

from miners.equity.kernel import compare
from miners.equity.logrank import logrank
from miners.equity.rows import Grouping
from miners.shares import Floats

GROUP = "affiliation"
NAMED = "other"
COVERED = 0.6
ALPHA = 0.05
_DAY_MS = 86_400_000


def _known(where: object, score: object) -> Floats:
    return np.where(where, score, np.nan).astype(np.float64)


def _time(world: World) -> Floats:
    lasted = np.minimum(world.ran, HORIZON)
    return _known(world.cohort & (world.ended != WITHDRAWN), lasted)


MEASURES: Mapping[str, Callable[[World], Floats]] = MappingProxyType(
    {
        "time": _time,
        "outcome": lambda world: _known(world.ended == DECIDED, world.approved),
        "withdrawn": lambda world: _known(world.cohort, world.ended == WITHDRAWN),
        "gate": lambda world: _known(world.cohort & world.reached, world.passed),
        "requests": lambda world: _known(True, world.requested),
        "waiting": lambda world: _known(True, world.waited),
        "fee": lambda world: _known(True, world.excess),
    }
)
"""The scores that are compared, as the results name the measures; [cases], NaN: not known."""
DECISION = "decision"
"""The log-rank test, which takes open and withdrawn cases as they are."""
EVERY = (DECISION, *MEASURES)

MATERIAL: Mapping[str, float] = MappingProxyType(
    {name: 1.0 if name in {"time", "waiting"} else 0.05 for name in EVERY}
)
"""The smallest gaps worth a finding, as the shipped process file has them."""


def truth(measure: str, treatment: Treatment) -> float | None:
    """The gap that a treatment makes in a measure; None where it is not the same for all."""
    planted: dict[str, float | None] = {
        DECISION: None,
        "time": None if treatment.approval else treatment.days,
        "outcome": None if treatment.approval else 0.0,
        "withdrawn": None if treatment.days or treatment.approval else 0.0,
        "gate": -treatment.approval,
        "requests": treatment.requests,
        "waiting": treatment.step,
        "fee": treatment.fee,
    }
    return planted[measure]


class Trial(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One gap as it was measured; NaN figures of what could not be told are left out (None)."""

    measure: str
    attribute: str
    group: str
    p: float | None
    value: float | None
    low: float | None
    high: float | None
    coverage: float | None


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured in one world; `naive` has p-values (or 0 and 1 for a rule of thumb)."""

    seed: int
    trials: list[Trial]
    naive: dict[str, float]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of world to draw again and again: how large, what is planted, what is asked.

    `measures` empty: all; `naive`: the naive tests beside them.
    """

    name: str
    size: Size
    treatment: Treatment
    measures: tuple[str, ...] = ()
    naive: bool = False


def tried(setting: Setting, seed: int) -> Tried:
    """Draw the world of a seed and compare its groups."""
    world = draw(seed, setting.size, setting.treatment)
    wanted = setting.measures or EVERY
    trials = [one for name in wanted for one in _trials(world, name, seed)]
    return Tried(seed=seed, trials=trials, naive=_naive(world) if setting.naive else {})


def _trials(world: World, measure: str, seed: int) -> list[Trial]:
    found = []
    for grouping in (world.affiliation, world.applicant_type):
        # Of two values the second mirrors the first.
        names = grouping.names if len(grouping.names) > 2 else grouping.names[:1]
        columns = _compared(world, measure, grouping, seed)
        for place, name in enumerate(names):
            p, value, low, high, coverage = (_figure(column[place]) for column in columns)
            found.append(
                Trial(
                    measure=measure,
                    attribute=grouping.attribute,
                    group=name,
                    p=p,
                    value=value,
                    low=low,
                    high=high,
                    coverage=coverage,
                )
            )
    return found


def _compared(
    world: World, measure: str, grouping: Grouping, seed: int
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """P-values, gaps, lower and upper limits, and coverage by value; the log-rank has no gap."""
    if measure == DECISION:
        ran = np.round(world.ran * _DAY_MS).astype(np.int64)
        test = logrank(ran, world.ended == DECIDED, grouping, world.strata)
        nothing = np.full(len(test), np.nan)
        return test.p_value, nothing, nothing, nothing, test.coverage
    gaps = compare(MEASURES[measure](world), grouping, world.strata, seed=seed)
    return gaps.p_value, gaps.value, gaps.low, gaps.high, gaps.coverage


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.6g}")


def _naive(world: World) -> dict[str, float]:
    way = 4 * world.kind + 2 * world.requested + world.approved
    found = p_values(
        group=world.affiliation.place == OTHER,
        ran=world.ran,
        decided=world.ended == DECIDED,
        approved=world.approved,
        way=way.astype(np.int64),
    )
    return {name: float(f"{p:.4g}") for name, p in found.items()}


def told(trials: Sequence[Trial], material: Mapping[str, float]) -> list[Trial]:
    """The trials that all conditions let through: one family of q-values, size, interval, cover."""
    tested = [one for one in trials if one.p is not None]
    if not tested:
        return []
    q = stats.false_discovery_control([one.p for one in tested if one.p is not None])
    return [
        one
        for one, each in zip(tested, q, strict=True)
        if each <= ALPHA
        and one.value is not None
        and abs(one.value) >= material[one.measure]
        and one.low is not None
        and one.high is not None
        and not one.low <= 0 <= one.high
        and (one.coverage or 0.0) >= COVERED
    ]
