"""What one line of the scorecard holds, and how its target and its trend are judged."""

from dataclasses import dataclass
from typing import Literal

from engine.scorecard.certainty import Change, Sure
from engine.scorecard.ground import Why
from eventlog.definition_parts import Indicator
from eventlog.indicators import INDICATORS

Met = Literal["yes", "no", "too close to tell"]
Told = Literal["better", "worse", "more", "less", "no clear change"]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Of what a line tells: of a unit, of the applications of a group, or of the whole office."""

    unit: str | None = None
    attribute: str | None = None
    group: str | None = None


@dataclass(frozen=True, kw_only=True)
class Month:
    """A calendar month, as 2026-03, the number in it and of how many it is."""

    month: str
    value: float | None
    n: int


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The last three complete months against the three before, and what that says.

    `q_value` is the p-value among all lines of the scorecard, None where they stand alone.
    """

    moved: Change
    told: Told
    q_value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One indicator of one scope.

    `value` is None where `why` says why. `n` is of how many it is told, `cases` of how many
    applications; `counted` marks what is a plain count, which has no limits. `officers` is how many
    do this work, None where the log names none; `hours_known` is of what share of the office's work
    the hours are known, where the number is made of them.
    """

    indicator: str
    scope: Scope
    target: float | None
    measured_in: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    source: str | None = None
    n: int = 0
    cases: int | None = None
    officers: int | None = None
    spread: float | None = None
    hours_known: float | None = None
    met: Met | None = None
    months: tuple[Month, ...] = ()
    trend: Trend | None = None
    why: Why | None = None
    counted: bool = False


def met(asked: Indicator, found: Sure) -> Met | None:
    """Whether the target is met, where the limits of the number say so."""
    if asked.target is None or found.low is None or found.high is None:
        return None
    good, bad = found.high <= asked.target, found.low > asked.target
    if INDICATORS[asked.indicator].better == "higher":
        good, bad = found.low >= asked.target, found.high < asked.target
    return "yes" if good else "no" if bad else "too close to tell"


def direction(name: str, moved: Change) -> Told:
    """What a change says, where its limits say so."""
    if moved.low <= 0 <= moved.high:
        return "no clear change"
    better = INDICATORS[name].better
    if better is None:
        return "more" if moved.change > 0 else "less"
    return "better" if (moved.change > 0) == (better == "higher") else "worse"


def inside(limit: float | None, measured_in: str) -> float | None:
    """A limit within what the number can be."""
    if limit is None or measured_in in {"currency", "change"}:
        return limit
    limit = max(limit, 0.0)
    return min(limit, 1.0) if measured_in == "share" else limit
