"""How far apart the shares of two groups are among comparable cases, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

from miners.shares import Floats, score_interval

# Below so many cases expected in a cell of the two-by-two table the normal curve is not trusted.
_FEW = 50.0
# Comparisons that the normal curve says are as good as equal need no exact answer.
_DOUBTFUL = 0.1


@dataclass(frozen=True, kw_only=True, eq=False)
class Differences:
    """Shares of groups less the shares of others in the same strata; arrays [comparisons].

    `value` is the Mantel-Haenszel risk difference (Greenland & Robins 1985), with the 95 % limits
    `low` and `high`; `p_value` is that of no difference in any stratum. `coverage` is the part of
    the group that has others to be compared with. All but `coverage` are NaN where nobody can be
    compared, `p_value` also where all or none have what is counted.
    """

    value: Floats
    low: Floats
    high: Floats
    p_value: Floats
    coverage: Floats


def differences(count: Floats, of: Floats, other_count: Floats, other_of: Floats) -> Differences:
    """How much more often a group has something than others in its stratum.

    `count` of the `of` in a group have it, and `other_count` of `other_of` others; all of shape
    [strata, comparisons]. Limits are Newcombe's (1998, method 10), carried over to strata as by
    Yan & Su (2010) with the number of cases that the weights leave; they are his own where there
    is one stratum. The p-value is that of Cochran, Mantel & Haenszel (1959) without correction for
    continuity; where few cases are expected it is exact, twice the smaller tail.

    >>> one = [np.array([[n]], float) for n in (56, 70, 48, 80)]
    >>> found = differences(*one)
    >>> [round(float(x[0]), 4) for x in (found.value, found.low, found.high)]
    [0.2, 0.0524, 0.3339]
    """
    both, having = of + other_of, count + other_count
    met = (of > 0) & (other_of > 0)
    weight = np.where(met, of * other_of / np.maximum(both, 1), 0)
    total = weight.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = weight / total
        coverage = np.where(met, of, 0).sum(axis=0) / of.sum(axis=0)
    share, size = _standardised(weight, count, of)
    other_share, other_size = _standardised(weight, other_count, other_of)
    low, high = _wilson(share, size)
    other_low, other_high = _wilson(other_share, other_size)
    value = share - other_share
    return Differences(
        value=value,
        low=value - np.hypot(share - low, other_high - other_share),
        high=value + np.hypot(high - share, other_share - other_low),
        p_value=_p_values(count, of, having, both),
        coverage=coverage,
    )


def _standardised(weight: Floats, count: Floats, of: Floats) -> tuple[Floats, Floats]:
    """The weighted share, and how many cases of one stratum would tell it as well."""
    present = np.maximum(of, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (weight * count / present).sum(axis=0), 1 / (weight**2 / present).sum(axis=0)


def _wilson(share: Floats, size: Floats) -> tuple[Floats, Floats]:
    """The limits of Wilson (1927) of shares of a number of cases that need not be whole."""
    centre, half = score_interval(share, size)
    return np.minimum(centre - half, share), np.maximum(centre + half, share)


def _p_values(count: Floats, of: Floats, having: Floats, both: Floats) -> Floats:
    expected = of * having / np.maximum(both, 1)
    spread = expected * (both - of) * (both - having)
    variance = spread / np.maximum(both * (both - 1), 1)
    more, sigma = (count - expected).sum(axis=0), np.sqrt(variance.sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(sigma > 0, more / sigma, np.nan)
    p: Floats = 2 * stats.norm.sf(np.abs(z))
    cells = (
        *(expected, of - expected, having - expected),
        both - of - having + expected,
    )
    fewest = np.min([np.where(variance > 0, cell, 0).sum(axis=0) for cell in cells], axis=0)
    for place in np.flatnonzero((p < _DOUBTFUL) & (fewest < _FEW)).tolist():
        told = variance[:, place] > 0
        p[place] = _exact(*(part[told, place] for part in (count, of, having, both)))
    return p


def _exact(count: Floats, of: Floats, having: Floats, both: Floats) -> float:
    """Twice the smaller tail of a sum of hypergeometric counts, one a stratum; at most 1."""
    chances, least = np.ones(1), 0.0
    for group, those, everyone in zip(of, having, both, strict=True):
        start = max(0.0, group + those - everyone)
        possible = np.arange(start, min(group, those) + 1)
        logs = (
            _choose(those, possible)
            + _choose(everyone - those, group - possible)
            - _choose(everyone, np.array(group))
        )
        chances, least = np.convolve(chances, np.exp(logs)), least + start
    place = round(float(count.sum() - least))
    return min(1.0, 2 * min(float(chances[: place + 1].sum()), float(chances[place:].sum())))


def _choose(n: float, k: Floats) -> Floats:
    """The logarithm of the number of ways to choose k of n."""
    ways: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return ways
