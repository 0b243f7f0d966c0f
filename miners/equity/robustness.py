"""How strong something that nobody recorded would have to be, to explain a gap away."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from miners.equity.adjusting import level_codes
from miners.equity.rows import Grouping, Strata
from miners.equity.within import Amounts, Basis, Within, comparable
from miners.shares import Floats

_TINY = 1e-9
_NOTHING_LEFT = 1e-6
_SURE = 0.05


def robustness_value(t: npt.ArrayLike, freedom: npt.ArrayLike) -> Floats:
    """The share of what is left of both group and score that would explain the whole gap away.

    A confounder that explains less than this of the residual variance of the group and of that of
    the score cannot bring the gap to 0; `t` is the gap over its standard error, with the residual
    degrees of `freedom` of the regression. Cinelli & Hazlett 2020, JRSS B 82:39-67, equation 19.

    >>> round(float(robustness_value(4.18, 783)), 3)
    0.139
    """
    return _robust(np.abs(t) / np.sqrt(freedom))


def robustness_of_limits(t: npt.ArrayLike, freedom: npt.ArrayLike) -> Floats:
    """As `robustness_value`, but to make the gap doubtful at 5 % rather than 0.

    >>> round(float(robustness_of_limits(4.18, 783)), 3)
    0.076
    """
    freedom = np.asarray(freedom, float)
    f = np.abs(t) / np.sqrt(freedom)
    critical = stats.t.isf(_SURE / 2, freedom - 1) / np.sqrt(freedom - 1)
    # Beyond this the share of the score that a confounder explains is no longer what binds it.
    extreme = (f**2 - critical**2) / (1 + f**2)
    return np.where(f > 1 / critical, np.maximum(extreme, 0), _robust(np.maximum(f - critical, 0)))


def _robust(f: Floats) -> Floats:
    return np.asarray((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


@dataclass(frozen=True, kw_only=True, eq=False)
class Benchmark:
    """How much an attribute that is known explains of the group and of the score; [values].

    `of_group` is its partial R2 with the value, `of_score` that with the score beside the value,
    both within strata. `gap`, `error` and `freedom` are of the regression with the attribute, by
    the plain formula of least squares, on which the bounds rest.
    """

    of_group: Floats
    of_score: Floats
    gap: Floats
    error: Floats
    freedom: Floats

    def as_strong(self) -> "Bound":
        """What is left of the gap beside a confounder that is as strong as the attribute.

        Bounds of Cinelli & Hazlett 2020, section 4.4, for k = 1. NaN where nothing could be as
        strong, since the attribute explains half of the group or more.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            group = self.of_group / (1 - self.of_group)
            group = np.where(group < 1, group, np.nan)
            both = group**2
            score = ((1 + np.sqrt(both)) ** 2 / (1 - both)) * self.of_score / (1 - self.of_score)
            score = np.minimum(score, 1)
            unit = self.error * np.sqrt(self.freedom)
            bias = unit * np.sqrt(score * group / (1 - group))
            error = unit * np.sqrt((1 - score) / (1 - group) / (self.freedom - 1))
        value = weakened(self.gap, bias)
        left = Amounts.of(value, error, self.freedom - 1)
        return Bound(of_group=group, of_score=score, bias=bias, left=left)


@dataclass(frozen=True, kw_only=True, eq=False)
class Bound:
    """The most that a confounder so strong can do; arrays [values].

    It explains `of_group` and `of_score` (partial R2) of what is left of the two, and moves the gap
    by `bias` at the most; `left` is the gap of the benchmark's regression after that.
    """

    of_group: Floats
    of_score: Floats
    bias: Floats
    left: Amounts


def weakened(value: Floats, bias: Floats) -> Floats:
    """A gap less a bias in its own direction; beyond 0 it changes its sign."""
    return np.sign(value) * (np.abs(value) - bias)


def benchmark(score: Floats, grouping: Grouping, strata: Strata, known: Grouping) -> Benchmark:
    """How strong the attribute `known` is; `score` [rows].

    `strata` are those made without this attribute: its values, a missing one among them, stand
    beside the group as effects of their own.
    """
    levels = level_codes(known, comparable(score, grouping, strata))
    columns = Within.of(score, grouping, strata, [levels])
    products, (_, values, span) = columns.products, columns.spans
    weights = Basis.of(products[span, span]).weights
    of_value, of_score = weights.T @ products[span, values], weights.T @ products[span, 0]
    own, total = np.diag(products)[values], products[0, 0]
    own = np.where(own > _TINY, own, np.nan)
    left = own - (of_value**2).sum(axis=0)
    left = np.where(left > _NOTHING_LEFT * own, left, np.nan)
    gap = (products[0, values] - of_score @ of_value) / left
    without = total - products[0, values] ** 2 / own
    beside = np.maximum(total - of_score @ of_score - gap**2 * left, 0)
    freedom = np.full(len(own), len(columns.stratum) - len(columns.size) - weights.shape[1] - 1.0)
    freedom = np.where(freedom > 1, freedom, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Benchmark(
            of_group=1 - left / own,
            of_score=np.clip(1 - beside / without, 0, 1),
            gap=gap,
            error=np.sqrt(beside / freedom / left),
            freedom=freedom,
        )


@dataclass(frozen=True, kw_only=True)
class EValue:
    """The E-value of an estimate, and of its limit nearest to no effect (1: it needs nothing)."""

    value: float
    limit: float


def of_risk_ratio(ratio: float, low: float, high: float) -> EValue:
    """How strongly a confounder must go with group and outcome to explain a risk ratio away.

    As a risk ratio itself, with each of the two. VanderWeele & Ding 2017, Annals of Internal
    Medicine 167:268-274.

    >>> told = of_risk_ratio(3.9, 1.8, 8.7)
    >>> round(told.value, 2), round(told.limit, 2)
    (7.26, 3.0)
    """
    if not 0 < low <= ratio <= high:
        raise ValueError(f"a ratio is {ratio} ({low} to {high}); expected above 0, within limits")
    nearest = 1.0 if low <= 1 <= high else low if ratio > 1 else high
    return EValue(value=_e_value(ratio), limit=_e_value(nearest))


def of_hazard_ratio(ratio: float, low: float, high: float) -> EValue:
    """The E-value of a hazard ratio where what is waited for is common (15 % and more by the end).

    By the risk ratio that it is about: (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR)), same source.
    """
    return of_risk_ratio(*(_from_hazards(each) for each in (ratio, low, high)))


def of_means(difference: float, error: float) -> EValue:
    """The E-value of a difference of means in standard deviations, with its standard error.

    By the risk ratio exp(0.91 d) and its limits exp(0.91 d -+ 1.78 se), same source.
    """
    centre, half = 0.91 * difference, 1.78 * error
    return of_risk_ratio(*(float(np.exp(each)) for each in (centre, centre - half, centre + half)))


def _e_value(ratio: float) -> float:
    above = max(ratio, 1 / ratio)
    return above + float(np.sqrt(above * (above - 1)))


def _from_hazards(ratio: float) -> float:
    return float((1 - 0.5 ** np.sqrt(ratio)) / (1 - 0.5 ** np.sqrt(1 / ratio)))
