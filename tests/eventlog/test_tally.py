"""Counts add up exactly, whoever did the counting and in whatever order."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from eventlog.errors import StopError
from eventlog.tally import Summary, Tally

rows = st.integers(0, 12)
tallies = rows.flatmap(
    lambda n: st.builds(
        Tally.of,
        nps.arrays(np.int64, (n, 2), elements=st.integers(0, 3)),
        nps.arrays(np.int64, (n, 2), elements=st.integers(0, 2**40)),
    )
)


@given(tallies, tallies, tallies)
def test_adding_does_not_care_for_order(a, b, c):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


@given(tallies, tallies)
def test_what_was_added_can_be_taken_away_without_a_trace(a, b):
    assert a + b - b == a


@given(tallies)
def test_no_key_stands_twice_and_no_row_is_empty(a):
    assert len(np.unique(a.keys, axis=0)) == len(a)
    assert a.counts.any(axis=1).all()


def test_meanings_stay_with_their_keys():
    a = Tally.of(np.array([3, 1]), np.array([1, 1]), pa.array(["three", "one"]))
    b = Tally.of(np.array([2, 3]), np.array([1, 1]), pa.array(["two", "three"]))
    assert (a + b).meanings.to_pylist() == ["one", "two", "three"]
    assert (a + b - a).meanings.to_pylist() == ["two", "three"]


def test_one_key_for_two_texts_is_refused():
    a = Tally.of(np.array([3]), np.array([1]), pa.array(["Check"]))
    b = Tally.of(np.array([3]), np.array([1]), pa.array(["Refuse"]))
    with pytest.raises(StopError, match='"Check" and "Refuse" have the same 64-bit key'):
        _ = a + b


def test_taking_away_what_was_never_seen_is_refused():
    with pytest.raises(ValueError, match="never saw it"):
        _ = Summary() - Summary(tables={"x": Tally.of(np.array([1]), np.array([1]))})
