"""Sorting moments by their digits."""

import numpy as np
import pytest

from eventlog.kernels import UNKNOWN
from miners.ascending import ascending


@pytest.mark.parametrize("size", [0, 1, 200, 3000])
@pytest.mark.parametrize("reach", [1, 5, 3_000_000, 2**62])
def test_moments_are_sorted_with_equals_as_they_came_and_the_unknown_first(size, reach):
    chance = np.random.default_rng(size)
    moments = chance.integers(-reach, reach, size)
    moments[chance.random(size) < 0.1] = UNKNOWN
    for some in (moments, np.sort(moments), moments[::-1].copy(), np.full(size, UNKNOWN)):
        assert ascending(some).tolist() == np.argsort(some, kind="stable").tolist()
