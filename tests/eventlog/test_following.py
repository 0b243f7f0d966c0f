"""Durations fall into the right bin, and pairs are numbered alike by either way of counting."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventlog import following
from eventlog.following import BINS, BOUNDS


@given(st.integers(0, 300 * 366 * 86_400_000))
def test_a_duration_is_in_the_bin_whose_bounds_hold_it(milliseconds):
    found = following.duration_bin(milliseconds)
    assert BOUNDS[found] <= milliseconds < BOUNDS[found + 1]


def test_the_bounds_of_every_bin_fall_into_it():
    for bound in BOUNDS[:-1].tolist():
        for milliseconds in (bound - 1, bound, bound + 1):
            if milliseconds >= 0:
                expected = int(np.searchsorted(BOUNDS, milliseconds, side="right")) - 1
                assert following.duration_bin(milliseconds) == min(expected, BINS)


def test_many_codes_are_numbered_as_few_are():
    rng = np.random.default_rng(3)
    codes = rng.integers(-1, 30, 2000).astype(np.int32)
    offsets = np.arange(0, 2001, 10)
    few = following.number_pairs(offsets, codes, 30)
    many = following.number_pairs(offsets, codes, 600)
    named = [
        [(int(s[p]), int(t[p])) if p >= 0 else None for p in pair] for pair, s, t in (few, many)
    ]
    assert named[0] == named[1]


def test_the_first_row_of_a_case_follows_nothing():
    offsets = np.array([0, 2, 3])
    pair, source, target = following.number_pairs(offsets, np.array([0, 1, 1], np.int32), 2)
    assert pair.tolist() == [-1, 0, -1]
    assert (source.tolist(), target.tolist()) == ([0], [1])
    bins = following.gap_bins(offsets, np.array([0, 5_000_000, 9_000_000]))
    assert bins.tolist() == [-1, following.duration_bin(5000), -1]
