"""Whether two amounts go together among comparable rows, whatever their scales."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from eventlog.kernels import Int64s
from miners.equity.rows import Strata
from miners.shares import SURE, Floats

LEAST_ROWS = 50
"""Rows in strata with others without which nothing is told."""
_TINY = 1e-12


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """Spearman's rho within strata with its 95 % limits; `rows` have others in their stratum.

    All but `rows` are NaN where nothing can be told: too few rows, or nothing that differs.
    """

    rho: float
    low: float
    high: float
    p_value: float
    rows: int


def correlated(one: Floats, other: Floats, strata: Strata) -> Correlation:
    """How the ranks of two scores within strata go together; both [rows], NaN unknown.

    Ranks are divided by the size of the stratum, so that a large one does not outweigh the rest;
    ties share the middle rank. The p-value is that of permutations within strata by the normal
    curve (Mantel 1963), or of applicants' sums where these vary more; limits are Fisher's.

    >>> same = Strata.of([np.zeros(60, np.int64)])
    >>> found = correlated(np.arange(60.0), np.arange(60.0) ** 2, same)
    >>> round(found.rho, 6), found.rows
    (1.0, 60)
    """
    known = np.isfinite(one) & np.isfinite(other) & (strata.stratum >= 0)
    _, stratum = np.unique(strata.stratum[known], return_inverse=True)
    size = np.bincount(stratum)
    many = size[stratum] > 1
    rows = np.flatnonzero(known)[many]
    _, stratum = np.unique(strata.stratum[rows], return_inverse=True)
    if len(rows) < LEAST_ROWS:
        return Correlation(rho=np.nan, low=np.nan, high=np.nan, p_value=np.nan, rows=len(rows))
    x, y = _ranks(one[rows], stratum), _ranks(other[rows], stratum)
    xx, yy = (np.bincount(stratum, part**2) for part in (x, y))
    spread = np.sqrt(xx.sum() * yy.sum())
    size = np.bincount(stratum)
    variance = float((xx * yy / (size - 1)).sum())
    if spread <= _TINY or variance <= _TINY:
        return Correlation(rho=np.nan, low=np.nan, high=np.nan, p_value=np.nan, rows=len(rows))
    product = x * y
    if strata.cluster is not None:
        variance = max(variance, _by_applicant(product, strata.cluster[rows]))
    rho = float(np.clip(product.sum() / spread, -1, 1))
    error = np.sqrt(variance) / spread
    # Fisher's z with the standard error that the permutations give, at no correlation.
    centre = np.arctanh(np.clip(rho, -1 + _TINY, 1 - _TINY))
    return Correlation(
        rho=rho,
        low=float(np.tanh(centre - SURE * error)),
        high=float(np.tanh(centre + SURE * error)),
        p_value=float(2 * stats.norm.sf(abs(product.sum()) / np.sqrt(variance))),
        rows=len(rows),
    )


def _ranks(score: Floats, stratum: Int64s) -> Floats:
    """Middle ranks within strata over their size, less their mean; [rows]."""
    order = np.lexsort((score, stratum))
    ordered = np.stack([stratum[order].astype(np.float64), score[order]])
    first = np.ones(len(score), bool)
    first[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    tie = np.cumsum(first) - 1
    middle = np.bincount(tie, np.arange(len(score))) / np.bincount(tie)
    rank = np.empty(len(score))
    rank[order] = middle[tie]
    size = np.bincount(stratum)
    start = np.cumsum(size) - size
    centred = rank - start[stratum] - (size[stratum] - 1) / 2
    return np.asarray(centred / size[stratum])


def _by_applicant(product: Floats, cluster: Int64s) -> float:
    """The sum of squares of what each applicant adds; those nobody knows stand alone."""
    unknown = cluster < 0
    sums = np.bincount(cluster[~unknown], product[~unknown])
    return float((sums**2).sum() + (product[unknown] ** 2).sum())
