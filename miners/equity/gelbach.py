"""How much of a gap is carried by what the process did: more requests, other officers, rework.

Gelbach 2016, Journal of Labor Economics 34:509-543. The gap beside strata alone ("base") less the
gap beside all that the process did as well ("full") is a sum over the process variables of how much
more of each the group got, times what one more of it goes with. No order is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from miners.equity.rows import Grouping, Strata
from miners.equity.within import Amounts, Basis, ClusterSquares, Columns, Within
from miners.shares import Floats

_NOTHING_LEFT = 1e-6
_TINY = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Decomposition:
    """The gap of each value against all others of its attribute, and what carries it.

    `base` and `full` have shape [values], `parts` [blocks, values]; base = full + sum of parts.
    `full` is what no block explains. All are NaN for a value that nobody is compared with, `full`
    and `parts` also where the blocks say who has the value.
    """

    blocks: tuple[str, ...]
    base: Amounts
    full: Amounts
    parts: Amounts


def decompose(
    score: Floats, grouping: Grouping, strata: Strata, blocks: Mapping[str, Columns]
) -> Decomposition:
    """Split the gap of each value of a grouping over blocks of process variables; `score` [rows].

    A block is `Numbers` (whether or how often something happened; a row with one that is not known
    is left out) or `Codes` (which of the most frequent officers; -1 for any other). A column that
    columns before it add up to carries nothing, so what two blocks both say counts for the first.
    Limits are 95 %, by the influence of each row on the estimate (the delta method with what the
    group got more, and what that goes with, estimated together), scaled as HC2 and summed by
    applicant where they are known; Student's t with degrees of freedom as `adjusting.direct`.
    """
    columns = Within.of(score, grouping, strata, list(blocks.values()))
    return _limits(tuple(blocks), columns, _Split.of(columns))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Split:
    """The figures of all values; arrays [values] unless said otherwise.

    With Z the process columns: `share` [columns, values] is how much more of each the group got,
    `worth` [columns, values] what one more goes with, `blocks` [columns, blocks] which columns are
    whose, `weights` a basis of Z and `of_value` [rank, values] the value in it.
    """

    base: Floats
    full: Floats
    own: Floats
    left: Floats
    share: Floats
    worth: Floats
    weights: Floats
    of_value: Floats
    blocks: Floats

    @staticmethod
    def of(columns: Within) -> "_Split":
        products, (_, values, *spans) = columns.products, columns.spans
        process = slice(values.stop, columns.count)
        weights = Basis.of(products[process, process]).weights
        of_value = weights.T @ products[process, values]
        of_score = weights.T @ products[process, 0]
        own = np.diag(products)[values]
        own = np.where(own > _TINY, own, np.nan)
        left = own - (of_value**2).sum(axis=0)
        left = np.where(left > _NOTHING_LEFT * own, left, np.nan)
        full = (products[0, values] - of_score @ of_value) / left
        blocks = np.zeros((columns.count - values.stop, len(spans)))
        for number, span in enumerate(spans):
            blocks[span.start - values.stop : span.stop - values.stop, number] = 1
        return _Split(
            base=products[0, values] / own,
            full=full,
            own=own,
            left=left,
            share=products[process, values] / own,
            worth=weights @ (of_score[:, None] - of_value * full),
            weights=weights,
            of_value=of_value,
            blocks=blocks,
        )

    @property
    def parts(self) -> Floats:
        """How much of the gap each block carries; [blocks, values]."""
        return self.blocks.T @ (self.share * self.worth)

    def by_block(self, amounts: Floats) -> Floats:
        """Amounts [columns, values], apart by block; [columns, blocks * values]."""
        spread = self.blocks[:, :, None] * amounts[:, None, :]
        return spread.reshape(len(amounts), spread.shape[1] * spread.shape[2])


def _limits(names: tuple[str, ...], columns: Within, split: _Split) -> Decomposition:
    """The figures with their limits, from what each row adds to them."""
    values = columns.spans[1]
    many, process = values.stop - values.start, slice(values.stop, columns.count)
    squares = ClusterSquares(width=(len(names) + 2) * many)
    fourth = ClusterSquares(width=many)
    cuts = np.cumsum([split.weights.shape[1], many, many, many, many, len(names) * many])
    for rows, table in columns.times(_linear(columns, split, values, process)):
        new, own, rest, base_rest, full_rest, got, goes = np.split(table, cuts, axis=1)
        one = 1 / columns.size[columns.stratum[rows]]
        base_scale = _scale(one[:, None] + own**2 / split.own) * own / split.own
        one += np.einsum("ij,ij->i", new, new)
        full_scale = _scale(one[:, None] + rest**2 / split.left) * full_rest
        shape = (len(own), len(names), many)
        part = got.reshape(shape) * base_scale[:, None, :]
        part += goes.reshape(shape) * full_scale[:, None, :]
        told = [base_rest * base_scale, full_scale * rest / split.left]
        cluster = None if columns.cluster is None else columns.cluster[rows]
        squares.add(np.concatenate([*told, part.reshape(len(own), got.shape[1])], axis=1), cluster)
        fourth.add(own**2, cluster)
    most = len(columns.stratum) - len(columns.size) - split.weights.shape[1] - 1
    freedom = np.minimum(split.own**2 / np.maximum(fourth.total(), _TINY) - 1, most)
    error = np.sqrt(squares.total()).reshape(-1, many)
    return Decomposition(
        blocks=names,
        base=Amounts.of(split.base, error[0], freedom),
        full=Amounts.of(split.full, error[1], freedom),
        parts=Amounts.of(split.parts, error[2:], np.broadcast_to(freedom, error[2:].shape)),
    )


def _linear(columns: Within, split: _Split, values: slice, process: slice) -> Floats:
    """Weights of the columns for all that the limits need of a row; [columns, some].

    The basis; the value; what is left of it; what is left of the score without and with the
    process; how much more of each block the row got than the gap says, priced; and how its residual
    moves what the block's columns go with (by the inverse of a matrix in blocks).
    """
    share, worth = split.by_block(split.share), split.by_block(split.worth)
    blocks, many = split.blocks.shape[1], len(split.own)
    basis = columns.spread(process, split.weights)
    own, score = columns.unit(values), columns.unit(slice(0, 1))
    rest = own - basis @ split.of_value
    common = (share.T @ split.weights).reshape(blocks, many, split.weights.shape[1])
    common = np.einsum("bvr,rv->bv", common, split.of_value) / split.left
    got, goes = (
        columns.spread(process, each)
        - (part[None] * mark[:, None]).reshape(len(mark), worth.shape[1])
        for each, part, mark in (
            (worth, split.parts, own),
            (split.weights @ (split.weights.T @ share), common, rest),
        )
    )
    full_rest = score - columns.spread(process, split.worth) - own * split.full
    parts = [basis, own, rest, score - own * split.base, full_rest, got, goes]
    return np.concatenate(parts, axis=1)


def _scale(lever: Floats) -> Floats:
    """By how much a residual is short of its error, for the leverage of its row (HC2)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(1 - lever > _TINY, 1 / np.sqrt(1 - lever), 0.0)
