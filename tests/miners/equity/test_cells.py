"""Cells add up, values mirror each other, and names and origins mean nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miners.equity.cells import Cells
from miners.equity.rows import Grouping, Strata

row = st.tuples(st.integers(0, 3), st.integers(-1, 2), st.integers(-20, 20), st.booleans())
rows = st.lists(row, min_size=1, max_size=60)
FOUND = ("surplus", "weight", "variance", "gap", "error", "null_variance", "coverage")


def arrays(told):
    stratum, place, score, known = (np.array(part) for part in zip(*told, strict=True))
    grouping = Grouping(attribute="kind", names=("a", "b", "c"), place=place)
    return np.where(known, score, np.nan), grouping, Strata(stratum=stratum, count=4)


@given(rows, st.integers(0, 2**60 - 1))
def test_cells_of_parts_add_up_to_those_of_the_whole(told, bits):
    score, grouping, strata = arrays(told)
    part = np.array([bits >> at & 1 for at in range(len(told))], bool)
    halves = [
        Cells.of(score[some], grouping.take(some), strata.take(some)) for some in (part, ~part)
    ]
    whole = Cells.of(score, grouping, strata)
    for name in ("rows", "total", "squares"):
        np.testing.assert_array_equal(
            getattr(halves[0].plus(halves[1]), name), getattr(whole, name)
        )


@given(rows)
def test_of_two_values_each_mirrors_the_other(told):
    score, grouping, strata = arrays(told)
    two = replace(grouping, names=("a", "b"), place=np.minimum(grouping.place, 1))
    cells = Cells.of(score, two, strata)
    np.testing.assert_allclose(cells.gap[0], -cells.gap[1], rtol=1e-9, atol=1e-9)
    for name in ("weight", "variance", "error", "null_variance"):
        first, second = getattr(cells, name)
        assert first == pytest.approx(second, rel=1e-7, abs=1e-7, nan_ok=True)


@given(rows, st.permutations(range(4)), st.permutations(range(3)))
def test_numbers_of_strata_and_values_mean_nothing(told, new_stratum, new_place):
    score, grouping, strata = arrays(told)
    place = np.where(grouping.place >= 0, np.array(new_place)[grouping.place], -1)
    renamed = Cells.of(
        score,
        replace(grouping, place=place),
        replace(strata, stratum=np.array(new_stratum)[strata.stratum]),
    )
    cells = Cells.of(score, grouping, strata)
    for name in FOUND:
        np.testing.assert_allclose(
            getattr(renamed, name)[list(new_place)], getattr(cells, name), rtol=1e-7, atol=1e-7
        )


@given(rows, st.integers(-100, 100))
def test_a_constant_added_to_all_scores_changes_nothing(told, more):
    score, grouping, strata = arrays(told)
    cells = Cells.of(score, grouping, strata)
    for moved in (
        Cells.of(score + more, grouping, strata),
        Cells.of(score, grouping, strata, origin=float(more)),
    ):
        for name in FOUND:
            np.testing.assert_allclose(
                getattr(moved, name), getattr(cells, name), rtol=1e-5, atol=1e-4, err_msg=name
            )


def test_by_hand():
    """Two strata: of 1 and 2 against 3 (weight 2/3), and of 4 against 8 (weight 1/2)."""
    score = np.array([1.0, 2, 3, 4, 8, 99])
    grouping = Grouping(attribute="kind", names=("a", "b"), place=np.array([0, 0, 1, 0, 1, 0]))
    cells = Cells.of(score, grouping, Strata(stratum=np.array([0, 0, 0, 1, 1, 2]), count=3))
    assert cells.gap[0] == pytest.approx((2 / 3 * -1.5 + 1 / 2 * -4) / (2 / 3 + 1 / 2))
    assert cells.variance[0] == pytest.approx(2 / 3 / 2 * 2 + 1 / 2 * 8)
    assert cells.coverage.tolist() == [0.75, 1.0]
    assert [used.tolist() for used in cells.used] == [[3, 2], [2, 3]]


def test_cells_of_different_tables_do_not_add_up():
    score, grouping, strata = arrays([(0, 0, 1, True)])
    cells = Cells.of(score, grouping, strata)
    with pytest.raises(ValueError, match="do not add up"):
        cells.plus(Cells.of(score, grouping, strata, origin=1.0))
    with pytest.raises(ValueError, match="expected one"):
        replace(cells, total=np.zeros((1, 2)))
