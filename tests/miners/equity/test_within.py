"""Deviations from the means of strata, and sums by applicant, however they are cut in pieces."""

import numpy as np
import pytest

from miners.equity.rows import Grouping, Strata
from miners.equity.within import Basis, ClusterSquares, Codes, Numbers, Within


def test_products_are_those_of_what_is_left_after_the_means():
    chance = np.random.default_rng(21)
    n = 200
    stratum, place = chance.integers(0, 6, n), chance.integers(0, 3, n)
    score, more = chance.normal(size=n), chance.normal(size=(n, 2))
    group = Grouping(attribute="group", names=("a", "b", "c"), place=place)
    columns = Within.of(score, group, Strata(stratum=stratum, count=6), [Numbers(values=more)])
    table = np.column_stack([score, np.eye(3)[place], more])
    for each in range(6):
        table[stratum == each] -= table[stratum == each].mean(axis=0)
    assert columns.products == pytest.approx(table.T @ table)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
def test_an_applicant_may_go_over_the_edge_of_a_piece(step):
    chance = np.random.default_rng(22)
    scores, cluster = chance.normal(size=(100, 2)), np.sort(chance.integers(0, 12, 100))
    squares = ClusterSquares(width=2)
    for start in range(0, 100, step):
        rows = slice(start, start + step)
        squares.add(scores[rows], cluster[rows])
    sums = np.array([scores[cluster == each].sum(axis=0) for each in range(12)])
    assert squares.total() == pytest.approx((sums**2).sum(axis=0))


def test_a_basis_explains_what_its_columns_do_and_leaves_out_what_adds_up():
    chance = np.random.default_rng(23)
    columns = chance.normal(size=(50, 3)) * [1, 1e4, 1e-4]
    columns = np.column_stack([columns, columns[:, 0] + columns[:, 1], np.zeros(50)])
    weights = Basis.of(columns.T @ columns).weights
    new = columns @ weights
    assert new.T @ new == pytest.approx(np.eye(3), abs=1e-9)
    target = chance.normal(size=50)
    best = columns @ np.linalg.lstsq(columns, target, rcond=None)[0]
    assert new @ (new.T @ target) == pytest.approx(best)
    assert not weights[3:].any()


def test_codes_beyond_their_count_and_numbers_that_are_no_table_are_refused():
    with pytest.raises(ValueError, match="expected -1 to 1"):
        Codes(code=np.array([0, 2]), count=2)
    with pytest.raises(ValueError, match="columns"):
        Numbers(values=np.zeros(3))
