"""How long things take when some are not finished yet: an open case has lasted at least this long.

Kaplan & Meier 1958 with Greenwood's variance and log-log limits (Kalbfleisch & Prentice 1980), and
Aalen & Johansen 1978 where there is more than one way to end.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eventlog.kernels import Bools, Int64s

Floats = npt.NDArray[np.float64]
# The 97.5 % point of the normal distribution: limits are for 95 %.
_Z = 1.959963984540054
_TAIL = 0.025
# Products of fractions miss a share like 0.2 in the last digit; a rank must not depend on that.
_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its 95 % limits; a limit that the cases cannot tell is None."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Survival:
    """The share of cases that last longer than each time; arrays have shape [times].

    `times` are the distinct durations at which cases ended, ascending, in milliseconds; `beyond`
    is the share that lasts longer than that, `greenwood` Greenwood's sum (the relative variance of
    `beyond`), `at_risk` how many were followed up to the time. `longest` is the longest duration
    seen, ended or open (-1 without any case), `cases` how many there are.
    """

    times: Int64s
    beyond: Floats
    greenwood: Floats
    at_risk: Int64s
    longest: int
    cases: int

    def share_beyond(self, time: int) -> Estimate | None:
        """The share of cases that last longer than `time` ms; None where nobody is followed so far.

        Where all or none do, the limit is the exact binomial one of those followed up to there.
        """
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if not self.cases or (time > self.longest and not self._all_ended):
            return None
        if place < 0:
            return Estimate(value=1.0, low=_TAIL ** (1 / self.cases), high=1.0)
        low, high = self._limits
        return Estimate(
            value=float(self.beyond[place]), low=float(low[place]), high=float(high[place])
        )

    def relative_variance(self, time: int) -> float:
        """Greenwood's sum up to `time`: the variance of the share beyond it, over its square."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return float(self.greenwood[place]) if place >= 0 else 0.0

    def quantile(self, share: float) -> Estimate | None:
        """The time, in ms, by which `share` of the cases end; None where too few have ended to say.

        Without open cases this is the nearest-rank quantile. Limits: the times at which the limits
        of the curve cross the share (Brookmeyer & Crowley 1982).
        """
        low, high = self._limits
        at = [_first_below(curve, 1.0 - share) for curve in (self.beyond, low, high)]
        told = [None if place is None else float(self.times[place]) for place in at]
        return None if told[0] is None else Estimate(value=told[0], low=told[1], high=told[2])

    @property
    def _all_ended(self) -> bool:
        return len(self.beyond) > 0 and self.beyond[-1] <= _SLACK

    @cached_property
    def _limits(self) -> tuple[Floats, Floats]:
        """The 95 % limits of `beyond`, each [times]."""
        low, high = np.zeros(len(self.times)), np.ones(len(self.times))
        inside = self.beyond > _SLACK
        share = self.beyond[inside]
        spread = np.exp(_Z * np.sqrt(self.greenwood[inside]) / -np.log(share))
        low[inside], high[inside] = share**spread, share ** (1 / spread)
        if not inside.all():  # the last time, by which everybody has ended
            known = inside.any()
            high[~inside] = high[inside][-1] if known else 1 - _TAIL ** (1 / self.cases)
        return low, high


def kaplan_meier(ran: Int64s, ended: Bools, *, joined: Int64s | None = None) -> Survival:
    """How many last longer than each time; `ran` ms and whether it `ended`, both [cases].

    Open cases count as lasting longer than they have so far, which is right as long as being open
    still is a matter of when a case came, not of how long it would take. `joined` [cases] is how
    long a case had run when it came into view (left truncation), -1 for one seen from its first
    moment; without it, all are.

    >>> done = kaplan_meier(np.array([2, 3, 3, 5]), np.array([True, True, False, True]))
    >>> done.beyond.tolist()
    [0.75, 0.5, 0.0]
    """
    if len(ran) and ran.min() < 0:
        raise ValueError(f"a duration is {ran.min()} ms; expected 0 or more")
    leaving = np.sort(ran)
    times, ends = np.unique(ran[ended], return_counts=True)
    at_risk = len(ran) - np.searchsorted(leaving, times, side="left")
    if joined is not None:
        at_risk -= len(ran) - np.searchsorted(np.sort(joined), times, side="left")
    left = at_risk - ends
    # When the last one ends, the sum is infinite and the share 0; nothing there uses the sum.
    terms = np.divide(ends, at_risk * left.astype(float), out=np.zeros(len(ends)), where=left > 0)
    return Survival(
        times=times.astype(np.int64),
        beyond=np.cumprod(np.divide(left, at_risk, dtype=np.float64)),
        greenwood=np.cumsum(terms),
        at_risk=at_risk.astype(np.int64),
        longest=int(leaving[-1]) if len(leaving) else -1,
        cases=len(ran),
    )


def ended_by(ran: Int64s, causes: Int64s, time: int) -> Floats:
    """The share of cases that ended by `time` ms for each cause; shape [largest cause].

    `ran` ms and `causes` have shape [cases]; cause 0 is an open case. The shares and the share that
    lasts longer make 1 (Aalen & Johansen 1978), unlike one Kaplan-Meier curve a cause, which tells
    what would happen if nobody ended for another.

    >>> ended_by(np.array([2, 3, 4, 5]), np.array([1, 2, 0, 1]), 4).tolist()
    [0.25, 0.25]
    """
    anything = kaplan_meier(ran, causes > 0)
    before = np.concatenate([[1.0], anything.beyond[:-1]]) if len(anything.times) else np.empty(0)
    shares = np.zeros(int(causes.max(initial=0)))
    counted = anything.times <= time
    for cause in range(1, len(shares) + 1):
        ends = np.searchsorted(np.sort(ran[causes == cause]), anything.times, side="right")
        steps = np.diff(ends, prepend=0) / np.maximum(anything.at_risk, 1)
        shares[cause - 1] = float((before * steps)[counted].sum())
    return shares


@dataclass(frozen=True, kw_only=True)
class Beyond:
    """The share of cases that last longer than their own limit, and of how many it is told.

    `left_out` are cases whose limit nobody with that limit has been followed up to.
    """

    share: Estimate
    cases: int
    left_out: int


def beyond_own_limit(ran: Int64s, ended: Bools, limits: Int64s) -> Beyond | None:
    """The share of cases that last longer than a limit of their own; all arrays [cases], in ms.

    One curve for each distinct limit, weighted by its cases; the variance is the larger of the
    stratified and the binomial one, because strata of a few cases look more certain than they are.
    None where no limit can be judged.
    """
    order = np.argsort(limits, kind="stable")
    heads = np.flatnonzero(np.diff(limits[order], prepend=limits.min(initial=0) - 1))
    total = share = variance = 0.0
    followed = 0
    for rows in np.split(order, heads[1:]) if len(order) else []:
        limit = int(limits[rows[0]])
        curve = kaplan_meier(ran[rows], ended[rows])
        found = curve.share_beyond(limit)
        if found is None:
            continue
        total += len(rows)
        share += len(rows) * found.value
        variance += (len(rows) * found.value) ** 2 * curve.relative_variance(limit)
        followed += int((ended[rows] | (ran[rows] > limit)).sum())
    if not total or not followed:
        return None
    share /= total
    return Beyond(
        share=_with_limits(share, variance / total**2, followed),
        cases=int(total),
        left_out=len(ran) - int(total),
    )


def _with_limits(share: float, variance: float, followed: int) -> Estimate:
    """Log-log limits of a share; the exact binomial ones where all or none were beyond."""
    if share <= _SLACK:
        return Estimate(value=0.0, low=0.0, high=1 - _TAIL ** (1 / followed))
    if share >= 1 - _SLACK:
        return Estimate(value=1.0, low=_TAIL ** (1 / followed), high=1.0)
    variance = max(variance, share * (1 - share) / followed)
    spread = float(np.exp(_Z * np.sqrt(variance) / (share * -np.log(share))))
    return Estimate(value=share, low=share**spread, high=share ** (1 / spread))


def _first_below(curve: Floats, share: float) -> int | None:
    """The first place where the curve is at or below the share."""
    below = curve <= share + _SLACK
    return int(below.argmax()) if bool(below.any()) else None
