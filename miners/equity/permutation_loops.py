"""Dealing values anew among applicants who could have had them: compiled loops."""

import numba
import numpy as np

from eventlog.kernels import FNV_BASIS, FNV_PRIME, Bools, Int64s, UInt64s, mix
from miners.shares import Floats

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_HALF, _SPARE, _SIGN = np.uint64(32), np.uint64(11), np.uint64(63)
_GRAINS = 2.0**53
_LEAST_FREE = 1e-9


@numba.njit(cache=True, nogil=True)
def signatures(order: Int64s, offsets: Int64s, units: Int64s, stratum: Int64s) -> UInt64s:
    """A hash of the strata in which each of the units has rows, one after the other; [units].

    order[offsets[u]:offsets[u + 1]] are the rows of unit u, ordered by stratum.
    """
    out = np.empty(units.size, np.uint64)
    for at in range(units.size):
        h = FNV_BASIS
        for row in range(offsets[units[at]], offsets[units[at] + 1]):
            h = mix((h ^ np.uint64(stratum[order[row]])) * FNV_PRIME + np.uint64(1))
        out[at] = h
    return out


@numba.njit(cache=True, nogil=True)
def carriers(order: Int64s, offsets: Int64s, has: Bools) -> Bools:
    """Which units have a row with the value."""
    out = np.zeros(offsets.size - 1, np.bool_)
    for unit in range(out.size):
        for at in range(offsets[unit], offsets[unit + 1]):
            out[unit] |= has[order[at]]
    return out


@numba.njit(cache=True, nogil=True, inline="always")
def _below(bits: np.uint64, n: int) -> np.int64:
    """A number from 0 to n - 1, of n up to 2**32."""
    return np.int64(((bits >> _HALF) * np.uint64(n)) >> _HALF)


@numba.njit(cache=True, nogil=True)
def _free(low: int, high: int, stratum: Int64s, size: Floats, part: Floats) -> float:
    """What leverage leaves of 1 for a unit with these rows, under no gap; see `add_applicants`."""
    squared, shared, at = 0.0, 0.0, low
    while at < high:
        first, together = at, 0.0
        while at < high and stratum[at] == stratum[first]:
            together += part[at]
            squared += part[at] ** 2
            at += 1
        shared += together**2 / size[stratum[first]]
    return max(1 - shared / squared, _LEAST_FREE) if squared > 0 else 1.0


@numba.njit(cache=True, nogil=True)
def parts_of_units(
    offsets: Int64s, score: Floats, has: Bools, share: Floats
) -> tuple[Floats, Floats, Floats, Bools]:
    """Per unit: the sums of score, (has - share) score, share score; whether all rows have it.

    Rows offsets[u] to offsets[u + 1] are those of unit u.
    """
    units = offsets.size - 1
    every, own, usual = np.zeros(units), np.zeros(units), np.zeros(units)
    whole = np.ones(units, np.bool_)
    for unit in range(units):
        for at in range(offsets[unit], offsets[unit + 1]):
            every[unit] += score[at]
            own[unit] += (has[at] - share[at]) * score[at]
            usual[unit] += share[at] * score[at]
            whole[unit] &= has[at]
    return every, own, usual, whole


@numba.njit(cache=True, nogil=True)
def mixing_classes(units: Int64s, classes: Int64s, whole: Bools) -> Bools:
    """In which classes something changes when values are dealt anew; see `deal`."""
    out = np.zeros(classes.size // 2, np.bool_)
    for k in range(out.size):
        low, middle, high = classes[2 * k], classes[2 * k + 1], classes[2 * k + 2]
        out[k] = low < middle < high
        if middle == high and high - low > 1:
            for place in range(low, high):
                out[k] |= not whole[units[place]]
    return out


@numba.njit(cache=True, nogil=True)
def freedom_of_units(
    offsets: Int64s, stratum: Int64s, has: Bools, share: Floats, size: Floats
) -> Floats:
    """What leverage leaves of 1 for each unit if there is no gap; see `add_applicants`."""
    out = np.ones(offsets.size - 1)
    for unit in range(out.size):
        squared, shared, at = 0.0, 0.0, offsets[unit]
        while at < offsets[unit + 1]:
            first, together = at, 0.0
            while at < offsets[unit + 1] and stratum[at] == stratum[first]:
                together += has[at] - share[at]
                squared += (has[at] - share[at]) ** 2
                at += 1
            shared += together**2 / size[stratum[first]]
        if squared > 0:
            out[unit] = max(1 - shared / squared, _LEAST_FREE)
    return out


@numba.njit(cache=True, nogil=True, inline="always")
def _normal(one: np.uint64, other: np.uint64) -> np.float64:
    """A standard normal number of 128 random bits (Box & Muller 1958)."""
    radius = np.sqrt(-2 * np.log((np.float64(one >> _SPARE) + 1) / _GRAINS))
    return np.float64(radius * np.cos(2 * np.pi * np.float64(other >> _SPARE) / _GRAINS))


@numba.njit(cache=True, nogil=True)
def deal(
    units: Int64s,
    classes: Int64s,
    mixing: Int64s,
    offsets: Int64s,
    score: Floats,
    has: Bools,
    parts: tuple[Floats, Floats, Bools],
    fixed: tuple[float, float],
    flipped: Floats,
    together: float,
    true: tuple[float, float],
    most: int,
    enough: int,
    seed: np.uint64,
) -> tuple[int, int]:
    """How often dealt values are as far apart as the true ones are, and of how many deals.

    Rows offsets[u] to offsets[u + 1] are those of unit u. `units` are ordered by class, those that
    have the value first: in class k they stand from classes[2k] to classes[2k + 1], the others up
    to classes[2k + 2]. In the classes `mixing` the values of all rows of a unit go to another of
    the class as a whole; `parts` are the units' sums of scores, of share times score, and whether
    all of their rows have the value. To the surplus that this gives, and to its sum of squares, are
    added the `fixed` ones; to the surplus, numbers that are `flipped` at random and a normal one
    with the deviation `together`. How far apart: surplus² / sum of squares, `true` for the true
    values. Ends after `enough` that are as far, at the latest after `most`.
    """
    order = units.copy()
    every, usual, whole = parts
    state, draws, far = mix(seed), 0, 0
    while draws < most and far < enough:
        total, squares = fixed
        for k in mixing:
            for place in range(classes[2 * k], classes[2 * k + 1]):
                state += _GOLDEN
                other = place + _below(mix(state), classes[2 * k + 2] - place)
                order[place], order[other] = order[other], order[place]
                giver, taker = units[place], order[place]
                gain = every[taker]
                if not whole[giver]:
                    gain, shift = 0.0, offsets[taker] - offsets[giver]
                    for at in range(offsets[giver], offsets[giver + 1]):
                        if has[at]:
                            gain += score[at + shift]
                total += gain
                squares += gain * (gain - 2 * usual[taker])
        for flip in flipped:
            state += _GOLDEN
            total += flip if mix(state) >> _SIGN else -flip
        if together > 0:
            one = state + _GOLDEN
            state = one + _GOLDEN
            total += together * _normal(mix(one), mix(state))
        far += total * total * true[1] >= true[0] * true[0] * squares
        draws += 1
    return far, draws
