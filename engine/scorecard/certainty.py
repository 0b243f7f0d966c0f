"""How sure a number is when one week's work hangs on the next: limits, and what has changed.

An office that is busy today is busy tomorrow, so cases beside each other in time are no draws of
their own, and limits that take them for such are too narrow. So the rows are cut into stretches of
time with about equally many rows, and the number is told again without each stretch (delete-a-group
jackknife: Kott 2001; Shao & Wu 1989 for quantiles; the stretches are the batches of Schmeiser
1982). Where a stretch still leans on the one before it, the spread is widened as for an
autoregression of that strength. Of these limits and the textbook's, the wider hold.
"""

from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from scipy import special

from engine.scorecard.rows import SURE, Rows, Statistic
from eventlog.kernels import Int64s
from miners.shares import Floats

_STRETCHES, _OF_A_QUARTER = 20, 6
LEAST = 30
"""Rows without which no change is told; in stretches of fewer than five nothing is told either."""
_LEAST_IN_STRETCH = 5
_MOST_LEANING = 0.8
_Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Sure:
    """A number with its limits, and where these come from; None where nobody can tell."""

    value: float
    low: float | None
    high: float | None
    source: str | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a number moved from `before` to `now`, with 95 % limits and the p-value of no change."""

    now: float
    before: float
    change: float
    low: float
    high: float
    p_value: float
    n_now: int
    n_before: int


def sure(statistic: Statistic, counted: Rows) -> Sure | None:
    """The number of the rows with its limits; None where they do not tell it."""
    value = statistic.value(counted)
    if value is None or not isfinite(value):
        return None
    book = statistic.limits(counted)
    many = min(_STRETCHES, len(counted) // _LEAST_IN_STRETCH)
    told = _stretch_values(statistic, counted, many) if len(counted) >= 2 * LEAST else None
    if told is None:
        low, high = (None, None) if book is None else book
        return Sure(value=value, low=low, high=high, source=book and statistic.source)
    error = _error(told) * sqrt(_widened(told))
    half = error * float(special.stdtrit(len(told) - 1, SURE))
    low, high = value - half, value + half
    if book is None:
        return Sure(value=value, low=low, high=high, source="stretches of time")
    wider = high - low > book[1] - book[0]
    return Sure(
        value=value,
        low=min(low, book[0]),
        high=max(high, book[1]),
        source="stretches of time" if wider else statistic.source,
    )


def change(statistic: Statistic, now: Rows, before: Rows) -> Change | None:
    """What changed between two spans of time; None where either tells too little.

    The two are told apart by Welch's t (1947) with the spread of the six stretches of each.
    """
    value, earlier = statistic.value(now), statistic.value(before)
    if min(len(now), len(before)) < LEAST or value is None or earlier is None:
        return None
    sides = [_stretch_values(statistic, counted, _OF_A_QUARTER) for counted in (now, before)]
    if sides[0] is None or sides[1] is None:
        return None
    wider = _widened(sides[0], sides[1])
    variance, other = (
        max(wider * _error(side) ** 2, _textbook(statistic, counted) ** 2)
        for side, counted in zip((sides[0], sides[1]), (now, before), strict=True)
    )
    both = variance + other
    if both <= 0:
        return None
    free = both**2 / (variance**2 / (len(sides[0]) - 1) + other**2 / (len(sides[1]) - 1))
    moved, half = value - earlier, float(special.stdtrit(free, SURE)) * sqrt(both)
    return Change(
        now=value,
        before=earlier,
        change=moved,
        low=moved - half,
        high=moved + half,
        p_value=float(2 * special.stdtr(free, -abs(moved) / sqrt(both))),
        n_now=statistic.n(now),
        n_before=statistic.n(before),
    )


def _textbook(statistic: Statistic, counted: Rows) -> float:
    """The standard error that the textbook's limits stand for; 0 without any."""
    book = statistic.limits(counted)
    return 0.0 if book is None else (book[1] - book[0]) / (2 * _Z)


def _stretch_values(statistic: Statistic, counted: Rows, many: int) -> Floats | None:
    """What each stretch, in order, says of the number (the jackknife's pseudo-values); [stretches].

    None where the number cannot be told without one of them, or there are fewer than six.
    """
    stretch = stretches(counted.at, many)
    kept = [number for number in range(many) if bool((stretch == number).any())]
    whole = statistic.value(counted)
    if len(kept) < _OF_A_QUARTER or whole is None:
        return None
    without = [statistic.value(counted.take(stretch != number)) for number in kept]
    told = [value for value in without if value is not None]
    if len(told) < len(without):
        return None
    return len(told) * whole - (len(told) - 1) * np.array(told)


def _error(told: Floats) -> float:
    """The standard error of the number, from what each stretch says; they may hang together."""
    return float(told.std(ddof=1)) / sqrt(len(told))


def _widened(*sides: Floats) -> float:
    """By how much the variance is larger because stretches lean on those before them; 1 or more.

    The correlation of neighbours, pooled over the sides and freed of its bias in short series
    (Kendall 1954); as strong a one as 0.8 is the most that is believed.
    """
    rests = [side - side.mean() for side in sides]
    below = sum(float((rest**2).sum()) for rest in rests)
    many = len(sides[0])
    if below <= 0:
        return 1.0
    beside = sum(float((rest[1:] * rest[:-1]).sum()) for rest in rests)
    seen = beside / below * many / (many - 1)
    leaning = min(max((seen + 1 / many) / (1 - 3 / many), 0.0), _MOST_LEANING)
    return (1 + leaning) / (1 - leaning)


def stretches(at: Int64s, many: int) -> Int64s:
    """The stretch, from 0, of each moment: consecutive ones with about equally many; [rows].

    What happened at the same moment is in the same stretch, in whatever order it comes.

    >>> stretches(np.array([5, 1, 2, 9, 9, 3]), 3).tolist()
    [1, 0, 0, 2, 2, 1]
    """
    if not len(at):
        return np.empty(0, np.int64)
    inside = np.sort(at)[[part * len(at) // many for part in range(1, many)]]
    return np.searchsorted(inside, at, side="right").astype(np.int64)
