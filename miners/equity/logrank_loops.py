"""How many decisions each value would have had by chance, stratum by stratum: compiled loops.

Rows stand stratum by stratum, in each stratum in the order of their times; stratum s owns the rows
offsets[s] to offsets[s + 1]. A row may stand for several (`count`, of which `decided`). `place` is
the row's value, from 0 to `values` - 1. Arrays are one-dimensional unless told.
"""

import numba
import numpy as np
import numpy.typing as npt

from eventlog.kernels import Bools, Int64s

Floats = npt.NDArray[np.float64]

ROWS, DECISIONS, MET, COMPARED, COMPARED_DECISIONS, OTHERS, OTHERS_DECISIONS = range(7)
"""Rows of the counts: all of a value; those with others in their stratum; those in strata that
tell something, with their decisions; and the others there, with theirs."""
OBSERVED, EXPECTED, VARIANCE = range(3)


@numba.njit(cache=True, nogil=True)
def by_stratum(order: Int64s, stratum: Int64s, strata: int) -> tuple[Int64s, Int64s]:
    """The rows of `order` stratum by stratum, else as they came, and the strata's offsets."""
    offsets = np.zeros(strata + 1, np.int64)
    for row in order:
        offsets[stratum[row] + 1] += 1
    for one in range(strata):
        offsets[one + 1] += offsets[one]
    at = offsets[:-1].copy()
    out = np.empty(order.size, np.int64)
    for row in order:
        out[at[stratum[row]]] = row
        at[stratum[row]] += 1
    return out, offsets


@numba.njit(cache=True, nogil=True)
def tied(time: Int64s, decided: Int64s, first: int, last: int) -> tuple[int, np.int64]:
    """The row after those with the time of `first`, before `last`, and how many are decided."""
    end, ends = first, np.int64(0)
    while end < last and time[end] == time[first]:
        ends += decided[end]
        end += 1
    return end, ends


@numba.njit(cache=True, nogil=True)
def score_rows(offsets: Int64s, time: Int64s, decided: Int64s, out: Floats) -> None:
    """Decided or not less the hazard of the stratum summed up to the row's time; rows of one."""
    for stratum in range(offsets.size - 1):
        row, last = offsets[stratum], offsets[stratum + 1]
        hazard = 0.0
        while row < last:
            end, ends = tied(time, decided, row, last)
            hazard += ends / (last - row)
            for one in range(row, end):
                out[one] = decided[one] - hazard
            row = end


@numba.njit(cache=True, nogil=True)
def _meet(
    place: Int64s, count: Int64s, decided: Int64s, here: Int64s, met: Int64s
) -> tuple[int, np.int64, np.int64]:
    """Count the rows of a stratum: how many values, rows and decisions; values go to `met`.

    What each value has here is added to here[0] (rows) and here[1] (decisions).
    """
    found, size, ends = 0, np.int64(0), np.int64(0)
    for row in range(place.size):
        value = place[row]
        if here[0, value] == 0:
            met[found] = value
            found += 1
        here[0, value] += count[row]
        here[1, value] += decided[row]
        size += count[row]
        ends += decided[row]
    return found, size, ends


@numba.njit(cache=True, nogil=True)
def _tell_who(met: Int64s, risk: Int64s, left: np.int64, ends: np.int64, telling: Bools) -> None:
    """Mark the values that a stratum tells something of, at its first decision.

    Who has no others then never has; and where all that are left are decided at once, nobody is
    decided sooner than another.
    """
    for value in met:
        telling[value] = 0 < risk[value] < left and ends < left


@numba.njit(cache=True, nogil=True)
def _leave(
    rows: tuple[Int64s, Int64s, Int64s, Int64s],
    met: Int64s,
    left: np.int64,
    risk: Int64s,
    telling: Bools,
    sums: Floats,
) -> None:
    """Let the rows of a stratum leave in the order of their times, and add what that tells."""
    time, place, count, decided = rows
    hazard, whole, square = 0.0, 0.0, 0.0
    row = 0
    while row < time.size:
        end, ends = tied(time, decided, row, time.size)
        if ends > 0:
            if hazard == 0.0:
                _tell_who(met, risk, left, ends, telling)
            hazard += ends / left
            spread = ends * (left - ends) / max(left - 1.0, 1.0)
            whole += spread / left
            square += spread / left / left
        for one in range(row, end):
            value, several = place[one], count[one]
            sums[EXPECTED, value] += several * hazard
            fewer = risk[value] - several
            if telling[value]:
                squares = risk[value] * risk[value] - fewer * fewer
                sums[VARIANCE, value] += several * whole - squares * square
            risk[value] = fewer
            left -= several
        row = end


@numba.njit(cache=True, nogil=True)
def sum_values(
    offsets: Int64s, time: Int64s, place: Int64s, count: Int64s, decided: Int64s, values: int
) -> tuple[Int64s, Floats]:
    """Counts [7, values] (see ROWS) and sums [3, values] (see OBSERVED) of every value.

    Each row is visited a few times, however many values there are. What a value is expected to
    have is the sum over its rows of the hazard up to their times. In the variance
    sum of c (r/n - r²/n²), c = d(n - d)/(n - 1), r at risk of a value: r is a sum over its rows
    still there, and r² is the sum of r² - (r - 1)² over them as they leave.
    """
    counts = np.zeros((7, values), np.int64)
    sums = np.zeros((3, values), np.float64)
    here = np.zeros((2, values), np.int64)
    risk = np.zeros(values, np.int64)
    telling = np.zeros(values, np.bool_)
    names = np.empty(values, np.int64)
    for stratum in range(offsets.size - 1):
        own = slice(offsets[stratum], offsets[stratum + 1])
        found, size, ends = _meet(place[own], count[own], decided[own], here, names)
        met = names[:found]
        for value in met:
            risk[value] = here[0, value]
        rows = (time[own], place[own], count[own], decided[own])
        _leave(rows, met, size, risk, telling, sums)
        for value in met:
            counts[ROWS, value] += here[0, value]
            counts[DECISIONS, value] += here[1, value]
            if here[0, value] < size:
                counts[MET, value] += here[0, value]
            if telling[value]:
                counts[COMPARED, value] += here[0, value]
                counts[COMPARED_DECISIONS, value] += here[1, value]
                counts[OTHERS, value] += size - here[0, value]
                counts[OTHERS_DECISIONS, value] += ends - here[1, value]
            here[:, value] = 0
            telling[value] = False
    sums[OBSERVED] = counts[DECISIONS]
    return counts, sums


@numba.njit(cache=True, nogil=True)
def _give(
    time: Int64s, mine: Bools, decided: Int64s, cluster: Int64s, risk: np.int64, given: Floats
) -> None:
    """Add the residuals of the rows of one stratum, of which `risk` are of the value, to `given`.

    given[c, 0] sums those of a cluster and given[c, 1] their squares.
    """
    row, left = 0, time.size
    scale = np.sqrt(left / (left - 1.0))
    hazard, share_of_hazard = 0.0, 0.0
    while row < time.size:
        end, ends = tied(time, decided, row, time.size)
        share = risk / left
        hazard += ends / left
        share_of_hazard += share * ends / left
        for one in range(row, end):
            risk -= mine[one]
            if cluster[one] >= 0:
                residual = share_of_hazard - decided[one] * share
                if mine[one]:
                    residual += decided[one] - hazard
                residual *= scale
                given[cluster[one], 0] += residual
                given[cluster[one], 1] += residual * residual
        left -= end - row
        row = end


@numba.njit(cache=True, nogil=True)
def sums_within(
    offsets: Int64s,
    time: Int64s,
    place: Int64s,
    decided: Int64s,
    cluster: Int64s,
    clusters: int,
    asked: Bools,
) -> Floats:
    """What rows of one cluster add to the variance of values, and how sure that is; [2, values].

    A row gives a value its score residual (Lin & Wei 1989, at no gap): the sum over times of
    (whether it has the value - r/n)(whether it is decided then - d/n), which is zero in the mean
    and adds up to observed less expected. First comes the sum over clusters of the products of any
    two rows (i with j and j with i), each residual over sqrt(1 - 1/n) of its stratum; second the
    sum of the squares of what the clusters give. `cluster` is -1 for a row that stands alone. One
    pass over the rows for each value that is `asked` for; zeros for the others.
    """
    out = np.zeros((2, asked.size), np.float64)
    repeats = np.zeros(offsets.size - 1, np.bool_)
    for stratum in range(offsets.size - 1):
        for row in range(offsets[stratum], offsets[stratum + 1]):
            repeats[stratum] |= cluster[row] >= 0
    given = np.empty((clusters, 2), np.float64)
    for value in np.flatnonzero(asked):
        given[:] = 0.0
        mine = place == value
        for stratum in range(offsets.size - 1):
            own = slice(offsets[stratum], offsets[stratum + 1])
            risk = mine[own].sum()
            if repeats[stratum] and 0 < risk < mine[own].size:
                _give(time[own], mine[own], decided[own], cluster[own], risk, given)
        for one in range(clusters):
            products = given[one, 0] * given[one, 0] - given[one, 1]
            out[0, value] += products
            out[1, value] += products * products
    return out
