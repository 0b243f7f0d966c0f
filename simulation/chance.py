"""Chance in separate streams: what is drawn for one concern never moves what another draws."""

from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def stream(seed: int, concern: str) -> np.random.Generator:
    """The stream of a concern, the same for a seed whatever else is simulated.

    >>> bool(stream(1, "arrivals").random() == stream(1, "arrivals").random())
    True
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(crc32(concern.encode()),))
    return np.random.Generator(np.random.PCG64(sequence))


def drawn(uniform: Floats, shares: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """One of k choices for each of n uniform numbers; shares (n, k) or (k,) are made to sum to 1.

    >>> drawn(np.array([0.1, 0.9]), [1.0, 3.0]).tolist()
    [0, 1]
    """
    weights = np.atleast_2d(np.asarray(shares, np.float64))
    bounds = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    chosen: npt.NDArray[np.intp] = (uniform[:, None] >= bounds).sum(axis=1)
    return chosen
