"""Medians and how sure they are, whatever the shape of what is measured."""

from dataclasses import dataclass
from math import floor, hypot, sqrt
from statistics import NormalDist

from eventlog.kernels import Int64s

SURE = 0.95
"""How often limits hold."""


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


def rank(part: int, whole: int, n: int) -> int:
    """The nearest rank, from 1, of the quantile part/whole of n values, reckoned in integers.

    >>> rank(1, 2, 4), rank(9, 10, 11)
    (2, 10)
    """
    return max(-(-n * part // whole), 1)


def median(ordered: Int64s, *, cases: int) -> Median | None:
    """The median of ascending milliseconds that come from so many `cases`; None without any.

    The limits are order statistics (Conover 1999, Practical Nonparametric Statistics, 3.2), which
    need no shape. Several lengths of one case may be alike, so they count as one: ranks lie as far
    apart as for so many cases.
    """
    n = len(ordered)
    if not n:
        return None
    limits = _limits(ordered, cases, z=_z(1))
    return Median(
        n=n,
        value=_middle(ordered) / 1000,
        low=None if limits is None else limits[0] / 1000,
        high=None if limits is None else limits[1] / 1000,
        p90=float(ordered[rank(9, 10, n) - 1]) / 1000,
    )


def difference(
    one: Int64s, other: Int64s, *, cases: tuple[int, int], among: int
) -> tuple[float, float, float] | None:
    """How much larger the median of `one` is than that of `other`, with its limits, in seconds.

    Both are ascending milliseconds and come from so many `cases`. The limits hold in 95 of 100
    maps for all of the `among` comparisons on it at once (Bonferroni). None where there are too
    few. Method: the limits of both medians are put together as if they were at right angles
    (MOVER; Zou & Donner 2008, Statistics in Medicine 27), which holds for whole days and for two
    humps too, where the better known one of Price & Bonett (2002) errs twice as often (measured).
    """
    z = _z(among)
    limits = [_limits(ordered, n, z=z) for ordered, n in zip((one, other), cases, strict=True)]
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


def _z(among: int) -> float:
    return NormalDist().inv_cdf(1 - (1 - SURE) / (2 * max(among, 1)))


def _middle(ordered: Int64s) -> float:
    return float(ordered[rank(1, 2, len(ordered)) - 1])


def _limits(ordered: Int64s, cases: int, *, z: float) -> tuple[float, float] | None:
    """The values between which the median lies, so sure; None where there are too few."""
    n = len(ordered)
    alike = max(n / max(cases, 1), 1.0)
    low = floor((n - z * sqrt(n * alike)) / 2)
    return (float(ordered[low - 1]), float(ordered[n - low])) if low >= 1 else None
