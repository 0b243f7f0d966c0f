"""Medians and how sure they are, whatever the shape of what is measured.

Limits are order statistics (Conover 1999, Practical Nonparametric Statistics, 3.2), which need no
shape. How far apart their ranks lie depends on what hangs together (`hanging`): lengths of one
application, and applications that came at about the same time.
"""

from dataclasses import dataclass
from math import floor, hypot, sqrt

import numpy as np

from eventlog.kernels import Bools, Int32s, Int64s
from miners.survival import kaplan_meier
from reports.explore.hanging import Apart, apart, textbook

SURE = 0.95
"""How often limits hold."""
_HALF, _SLACK = 0.5, 1e-9
FEWEST = 30
"""Applications that each side of a difference needs."""


@dataclass(frozen=True, kw_only=True)
class Median:
    """The median of n lengths of time with its 95 % limits, and the P90; in seconds.

    Limits are None where so few do not allow any.
    """

    n: int
    value: float
    low: float | None
    high: float | None
    p90: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Lengths:
    """Ascending milliseconds, and the day on which the application of each came; both [lengths].

    They come from so many `cases`.
    """

    ordered: Int64s
    day: Int32s
    cases: int

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ordered)


def lengths(spans: Int64s, day: Int32s, *, cases: int) -> Lengths:
    """The same of milliseconds in any order."""
    order = np.argsort(spans, kind="stable")
    return Lengths(ordered=spans[order], day=day[order], cases=cases)


def rank(part: int, whole: int, n: int) -> int:
    """The nearest rank, from 1, of the quantile part/whole of n values, reckoned in integers.

    >>> rank(1, 2, 4), rank(9, 10, 11)
    (2, 10)
    """
    return max(-(-n * part // whole), 1)


def median(told: Lengths) -> Median | None:
    """The median with its limits; None without any lengths."""
    n = len(told)
    if not n:
        return None
    # Where limits would lie beyond the ends, though not if applications were independent, they are
    # the ends.
    most = sqrt(n) - 2 / sqrt(n)
    fewest = textbook(SURE) * sqrt(max(n / max(told.cases, 1), 1.0))
    reach = apart([_side(told)], sure=SURE)[0]
    limits = _limits(told, min(reach, most) if fewest <= most else reach)
    return Median(
        n=n,
        value=_middle(told) / 1000,
        low=None if limits is None else limits[0] / 1000,
        high=None if limits is None else limits[1] / 1000,
        p90=float(told.ordered[rank(9, 10, n) - 1]) / 1000,
    )


def censored_median(told: Lengths, over: Bools) -> Median | None:
    """The median where some have only lasted so long so far; `over` [lengths] says which have not.

    By the curve of Kaplan & Meier (1958); the limits are where it crosses shares as far from a half
    as order statistics would lie, or where its own limits do (Brookmeyer & Crowley 1982), whichever
    lie farther apart. None where fewer than half are known to be over. Where nobody knows within
    how long nine of ten are, the P90 is the longest that was seen.
    """
    curve = kaplan_meier(told.ordered, over)
    half, most = curve.quantile(0.5), curve.quantile(0.9)
    if half is None:
        return None
    off = apart([_side(told)], sure=SURE)[0] / (2 * sqrt(len(told)))
    ends: list[float | None] = [None, None]
    if off < _HALF:
        below, above = curve.quantile(_HALF - off), curve.quantile(_HALF + off)
        if below and above and half.low is not None and half.high is not None:
            ends = [min(below.value, half.low) / 1000, max(above.value, half.high) / 1000]
    return Median(
        n=len(told),
        value=half.value / 1000,
        low=ends[0],
        high=ends[1],
        p90=(float(told.ordered[-1]) if most is None else most.value) / 1000,
    )


def difference(one: Lengths, other: Lengths, *, among: int) -> tuple[float, float, float] | None:
    """How much larger the median of `one` is than that of `other`, with its limits, in seconds.

    The limits hold in 95 of 100 maps for all of the `among` comparisons on it at once (Bonferroni).
    None where there are too few. Method: the limits of both medians are put together as if they
    were at right angles (MOVER; Zou & Donner 2008, Statistics in Medicine 27), which holds for
    whole days and for two humps too, where the better known one of Price & Bonett (2002) errs twice
    as often (measured).
    """
    if min(one.cases, other.cases) < FEWEST:
        return None
    sure = 1 - (1 - SURE) / max(among, 1)
    reach = apart([_side(one), _side(other)], sure=sure)
    limits = [_limits(told, off) for told, off in zip((one, other), reach, strict=True)]
    if limits[0] is None or limits[1] is None:
        return None
    (low, high), (other_low, other_high) = limits[0], limits[1]
    middle, other_middle = _middle(one), _middle(other)
    value = middle - other_middle
    return (
        value / 1000,
        (value - hypot(middle - low, other_high - other_middle)) / 1000,
        (value + hypot(high - middle, other_middle - other_low)) / 1000,
    )


def _side(told: Lengths) -> Apart:
    """Which lengths are shorter than the median (below 0), and which longer (above)."""
    middle = _middle(told)
    below = np.searchsorted(told.ordered, middle, side="left")
    above = np.searchsorted(told.ordered, middle, side="right")
    signs = np.zeros(len(told))
    signs[:below], signs[above:] = -1.0, 1.0
    return Apart(signs=signs, day=told.day, alike=max(len(told) / max(told.cases, 1), 1.0))


def _middle(told: Lengths) -> float:
    return float(told.ordered[rank(1, 2, len(told)) - 1])


def _limits(told: Lengths, reach: float) -> tuple[float, float] | None:
    """The values between which the median lies; None where there are too few.

    `reach` is how many standard errors of independent lengths the ranks lie apart.
    """
    n = len(told)
    low = floor((n - reach * sqrt(n)) / 2 + _SLACK)
    return (float(told.ordered[low - 1]), float(told.ordered[n - low])) if low >= 1 else None
