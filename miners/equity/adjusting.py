"""How far apart groups are when they are alike in the other attributes of their applicants too."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from eventlog.kernels import Bools, Int64s
from miners.equity.kernel import FEWEST
from miners.equity.rows import ALONE, CONSTANT, FEW, Gaps, Grouping, Strata
from miners.equity.within import Basis, ClusterSquares, Codes, Within, comparable, widths
from miners.shares import Floats

LEAST_LEFT = 0.1
"""The part of a value that must be left beside another attribute to tell the two apart."""
_RARE = 10
# Less than this part of a value left, and its gap is rounding.
_NOTHING_LEFT = 1e-6
_TINY = 1e-9


def direct(score: Floats, grouping: Grouping, strata: Strata, others: Sequence[Grouping]) -> Gaps:
    """The gap of each value less all other values that is left beside the `others`; `score` [rows].

    Least squares of the score on the value, an effect for each stratum, and an effect for each
    value of the other attributes (a missing one is a value of its own, those of less than 10 rows
    are one value). An attribute that cannot be told apart from the value (`together`) is left out
    for that value: what is found is then the gap of the two together.

    Standard errors are HC2 (MacKinnon & White 1985), summed by applicant where they are known;
    limits and p-values are Student's t with Satterthwaite's degrees of freedom in the simple form
    (sum r^2)^2 / sum r^4 - 1, r being what is left of the value. A value that the others explain
    fully has nobody to be compared with (ALONE).
    """
    columns = _laid_out(score, grouping, strata, others)
    alike = _left(columns) < LEAST_LEFT
    return _gaps(score, grouping, strata, columns, alike)


def beside(score: Floats, grouping: Grouping, strata: Strata, others: Sequence[Grouping]) -> Gaps:
    """As `direct`, but with all the `others`, however much they have in common with the value."""
    columns = _laid_out(score, grouping, strata, others)
    alike = np.zeros((len(grouping.names), len(others)), np.bool_)
    return _gaps(score, grouping, strata, columns, alike)


def tolerances(grouping: Grouping, strata: Strata, others: Sequence[Grouping]) -> Floats:
    """How much of each value is left beside each other attribute; [values, others].

    The part of the variance of the value within strata that the other attribute does not explain: 1
    where they have nothing to do with each other, 0 where one says the other. NaN for a value that
    nobody is compared with.
    """
    nothing = np.zeros(len(grouping.place))
    return _left(_laid_out(nothing, grouping, strata, others))


def together(
    grouping: Grouping, strata: Strata, others: Sequence[Grouping]
) -> tuple[tuple[str, ...], ...]:
    """For each value, the attributes that cannot be told apart from it; [values].

    Those beside which less than a tenth of it is left: only what they do together can be told.
    """
    alike = tolerances(grouping, strata, others) < LEAST_LEFT
    names = [other.attribute for other in others]
    return tuple(
        tuple(name for name, same in zip(names, row, strict=True) if same) for row in alike.tolist()
    )


def level_codes(grouping: Grouping, rows: Bools) -> Codes:
    """An attribute as columns, [rows]: a missing value is one, and so are all rare ones together.

    What is rare is counted among the marked `rows`.
    """
    level = grouping.place + 1
    counts = np.bincount(level[rows], minlength=len(grouping.names) + 1)
    frequent = counts >= _RARE
    anew = np.where(frequent, np.cumsum(frequent) - 1, int(frequent.sum()))
    return Codes(code=anew[level], count=int(frequent.sum()) + int((~frequent).any()))


def _laid_out(
    score: Floats, grouping: Grouping, strata: Strata, others: Sequence[Grouping]
) -> Within:
    """The score, the values, and the values of each other attribute, side by side."""
    rows = comparable(score, grouping, strata)
    return Within.of(score, grouping, strata, [level_codes(other, rows) for other in others])


def _left(columns: Within) -> Floats:
    """The part of each value's variance left beside each other attribute; [values, others]."""
    products, values = columns.products, columns.spans[1]
    own = np.diag(products)[values]
    told = [np.full((len(own), 0), np.nan)]
    for span in columns.spans[2:]:
        weights = Basis.of(products[span, span]).weights
        explained = ((weights.T @ products[span, values]) ** 2).sum(axis=0)
        part = 1 - explained / np.where(own > _TINY, own, np.nan)
        told.append(np.clip(part, 0, 1)[:, None])
    return np.concatenate(told, axis=1)


def _gaps(score: Floats, grouping: Grouping, strata: Strata, columns: Within, alike: Bools) -> Gaps:
    """The gaps of all values, each beside the attributes that are not `alike` [values, others]."""
    values = len(grouping.names)
    gap, error, freedom = (np.full(values, np.nan) for _ in range(3))
    why = np.full(values, ALONE, object)
    patterns, which = np.unique(alike, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        chosen = np.flatnonzero(which.ravel() == number)
        found = _fit(columns, chosen, [not same for same in pattern.tolist()])
        gap[chosen], error[chosen], freedom[chosen], why[chosen] = found
    rows, others, coverage = _compared(score, grouping, strata)
    why[(why == "") & ((np.minimum(rows, others) < FEWEST) | ~(freedom >= 1))] = FEW
    told = why == ""
    gap, error, freedom = (np.where(told, part, np.nan) for part in (gap, error, freedom))
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = np.asarray(2 * stats.t.sf(np.abs(gap / error), freedom))
    half = widths(freedom) * error
    return Gaps(
        rows=rows,
        others=others,
        value=gap,
        error=error,
        freedom=freedom,
        low=gap - half,
        high=gap + half,
        p_value=p_value,
        coverage=coverage,
        permuted=np.zeros(values, np.bool_),
        why=tuple(why.tolist()),
    )


def _fit(columns: Within, chosen: Int64s, kept: Sequence[bool]) -> tuple[Floats, ...]:
    """Gap, standard error, freedom and why not of the values `chosen`, beside the `kept` others."""
    spans, products = columns.spans, columns.products
    own = spans[1].start + chosen
    held = [span for span, keep in zip(spans[2:], kept, strict=True) if keep]
    beside = np.concatenate([np.arange(0), *(np.arange(s.start, s.stop) for s in held)])
    weights = Basis.of(products[np.ix_(beside, beside)]).weights
    of_value, of_score = weights.T @ products[np.ix_(beside, own)], weights.T @ products[beside, 0]
    full = np.diag(products)[own]
    left = full - (of_value**2).sum(axis=0)
    apart = (full > _TINY) & (left > _NOTHING_LEFT * full)
    left = np.where(apart, left, np.nan)
    gap = (products[0, own] - of_value.T @ of_score) / left
    squared, fourth = ClusterSquares(width=len(own)), ClusterSquares(width=len(own))
    rank = weights.shape[1]
    basis = columns.spread(beside, weights)
    rests = columns.unit(np.append(own, 0)) - basis @ np.column_stack([of_value, of_score])
    for rows, table in columns.times(np.concatenate([basis, rests], axis=1)):
        new, rest, score = table[:, :rank], table[:, rank:-1], table[:, -1:]
        squares = rest**2
        lever = 1 / columns.size[columns.stratum[rows]] + np.einsum("ij,ij->i", new, new)
        lever = 1 - lever[:, None] - squares / left
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(lever > _TINY, rest * (score - rest * gap) / np.sqrt(lever), 0)
        cluster = None if columns.cluster is None else columns.cluster[rows]
        squared.add(part, cluster)
        fourth.add(squares, cluster)
    error = np.sqrt(squared.total()) / left
    most = len(columns.stratum) - len(columns.size) - rank - 1
    freedom = np.minimum(left**2 / np.maximum(fourth.total(), _TINY) - 1, most)
    # A score that is the same in all strata where the value meets others, but for rounding.
    constant = np.abs(gap) + error <= _TINY * np.sqrt(products[0, 0] / left)
    why = np.select([~apart, constant], [ALONE, CONSTANT], "").astype(object)
    return gap, error, freedom, why


def _compared(score: Floats, grouping: Grouping, strata: Strata) -> tuple[Int64s, Int64s, Floats]:
    """Rows with the value and with any other, and the share of them that meet; [values]."""
    known = comparable(score, grouping, strata)
    values = len(grouping.names)
    cell = strata.stratum[known] * values + grouping.place[known]
    table = np.bincount(cell, minlength=strata.count * values).reshape(strata.count, values)
    rows = table.sum(axis=0)
    meeting = np.where(table < table.sum(axis=1, keepdims=True), table, 0).sum(axis=0)
    return rows, rows.sum() - rows, meeting / np.maximum(rows, 1)
