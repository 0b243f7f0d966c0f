"""Sums over rows that a comparison needs: one pass each, compiled.

Rows are numbered alike in all arrays; `place` and `stratum` are never -1 here. Tables have shape
[strata, values].
"""

import numba
import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.shares import Floats

MOMENTS = 5
"""Powers 0 to 4 of the scores are summed."""
(
    ROBUST,
    ROBUST_SQUARED,
    CUBED,
    NULL,
    NULL_SQUARED,
    LEAD,
    CROSS,
    EXPECTED_SQUARED,
    OF_VALUE,
    OF_OTHERS,
) = range(10)
"""What `add_applicants` sums; see there."""
SUMS = 10
_TINY = 1e-9
_SORTED_AT_ONCE = 32


@numba.njit(cache=True, nogil=True)
def add_rows(
    score: Floats, place: Int64s, stratum: Int64s, rows: Int64s, total: Floats, squares: Floats
) -> None:
    """Adds each row to the tables of its stratum and value; rows with a -1 are left out."""
    for row in range(score.size):
        if place[row] >= 0 and stratum[row] >= 0 and not np.isnan(score[row]):
            s, v = stratum[row], place[row]
            rows[s, v] += 1
            total[s, v] += score[row]
            squares[s, v] += score[row] * score[row]


@numba.njit(cache=True, nogil=True)
def add_moments(
    score: Floats, place: Int64s, stratum: Int64s, alone: Bools, moments: Floats
) -> None:
    """Adds powers 0 to 4 of the scores of the rows that are `alone` to [strata, values, 5]."""
    for row in range(score.size):
        if alone[row]:
            power = 1.0
            for degree in range(MOMENTS):
                moments[stratum[row], place[row], degree] += power
                power *= score[row]


@numba.njit(cache=True, nogil=True)
def by_key(key: Int64s, keys: int, rows: Int64s) -> tuple[Int64s, Int64s]:
    """The rows ordered by key[row], equals as they came, and where each key begins; [keys + 1]."""
    offsets = np.zeros(keys + 1, np.int64)
    for row in rows:
        offsets[key[row] + 1] += 1
    for one in range(keys):
        offsets[one + 1] += offsets[one]
    at = offsets.copy()
    out = np.empty(rows.size, np.int64)
    for row in rows:
        out[at[key[row]]] = row
        at[key[row]] += 1
    return out, offsets


@numba.njit(cache=True, nogil=True)
def repeated(applicant: Int64s, applicants: int) -> tuple[Int64s, Int64s, int]:
    """Rows of applicants with more than one row; numbers of those applicants from 0; how many.

    The numbers are of shape [rows], -1 for a row that is its applicant's only one.
    """
    seen = np.zeros(applicants, np.int64)
    for one in applicant:
        if one >= 0:
            seen[one] += 1
    count, many = 0, 0
    for one in range(applicants):
        if seen[one] > 1:
            many += seen[one]
            seen[one] = count
            count += 1
        else:
            seen[one] = -1
    rows = np.empty(many, np.int64)
    number = np.full(applicant.size, -1, np.int64)
    at = 0
    for row in range(applicant.size):
        if applicant[row] >= 0 and seen[applicant[row]] >= 0:
            number[row] = seen[applicant[row]]
            rows[at] = row
            at += 1
    return rows, number, count


@numba.njit(cache=True, nogil=True)
def by_applicant(
    score: Floats, place: Int64s, stratum: Int64s, applicant: Int64s, rows: Int64s, count: int
) -> tuple[Int64s, Floats, Int64s, Int64s]:
    """Where each of `count` applicants begins, and the rows' scores, places and strata in order.

    Ordered are the given rows, by applicant and within that by stratum. Applicants have few rows as
    a rule, so each is sorted by itself.
    """
    offsets = np.zeros(count + 1, np.int64)
    for row in rows:
        offsets[applicant[row] + 1] += 1
    for one in range(count):
        offsets[one + 1] += offsets[one]
    scores = np.empty(rows.size)
    places, strata = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    end = offsets[:-1].copy()
    for row in rows:
        one = applicant[row]
        at = end[one]
        end[one] += 1
        if at - offsets[one] < _SORTED_AT_ONCE:
            while at > offsets[one] and strata[at - 1] > stratum[row]:
                scores[at], places[at], strata[at] = scores[at - 1], places[at - 1], strata[at - 1]
                at -= 1
        scores[at], places[at], strata[at] = score[row], place[row], stratum[row]
    for one in range(count):
        low, high = offsets[one], offsets[one + 1]
        if high - low > _SORTED_AT_ONCE:
            order = np.argsort(strata[low:high], kind="mergesort")
            scores[low:high] = scores[low:high][order]
            places[low:high] = places[low:high][order]
            strata[low:high] = strata[low:high][order]
    return offsets, scores, places, strata


@numba.njit(cache=True, nogil=True)
def _most_strata(offsets: Int64s, stratum: Int64s) -> int:
    """In how many strata the applicant with the most has rows."""
    most = 0
    for one in range(offsets.size - 1):
        runs = 0
        for at in range(offsets[one], offsets[one + 1]):
            if at == offsets[one] or stratum[at] != stratum[at - 1]:
                runs += 1
        most = max(most, runs)
    return most


@numba.njit(cache=True, nogil=True)
def add_applicants(  # noqa: PLR0915 - one pass; parts of it would hand a dozen arrays around
    offsets: Int64s,
    score: Floats,
    place: Int64s,
    stratum: Int64s,
    share: Floats,
    size: Floats,
    gap: Floats,
    weight: Floats,
    within: Floats,
    across: Floats,
) -> Floats:
    """What applicants with several rows add to the variance of every value's gap; [values, 10].

    Rows offsets[c] to offsets[c + 1] are those of applicant c, ordered by stratum; `score` is
    centred in its stratum. `share` is the value's share of the stratum, 0 where nothing is
    compared; `size` [strata] the rows there; `gap` and `weight` [values] the effect and the sum of
    weights. With q = g - share, Q the sum of an applicant's q², B the sum over strata of
    (sum of q)² / size, r = 1 - B/Q - Q/weight (1 - B/Q under no gap), and u the applicant's sum of
    q times residual, the sums over applicants are: u²/r; its square; (u²/r)^1.5 with the sign of
    u; u²/r under no gap; its square; Q²(1 - (1-r)²/r²); Q²/r; Q²; how many have the value; how many
    have another. To the tables `within` and `across` it adds (sum of q in the stratum)²/r and
    (sum of q)Q/r.
    """
    values = gap.size
    sums = np.zeros((values, SUMS))
    runs_of = np.zeros((_most_strata(offsets, stratum), values))
    at_stratum = np.zeros(runs_of.shape[0], np.int64)
    # What is summed up is set back to nothing where it is read, which is quicker than at the start.
    count, score_of = np.zeros(values), np.zeros(values)
    surplus, squared, shared = np.zeros(values), np.zeros(values), np.zeros(values)
    has, lacks = np.zeros(values, np.bool_), np.zeros(values, np.bool_)
    for one in range(offsets.size - 1):
        runs, at, end = 0, offsets[one], offsets[one + 1]
        while at < end:
            s = stratum[at]
            many, scores = 0.0, 0.0
            while at < end and stratum[at] == s:
                count[place[at]] += 1
                score_of[place[at]] += score[at]
                many += 1
                scores += score[at]
                at += 1
            at_stratum[runs] = s
            part = 1 / size[s]
            for v in range(values):
                p, n = share[s, v], count[v]
                q = 0.0
                if p > 0:
                    q = n - many * p
                    surplus[v] += score_of[v] - p * scores
                    squared[v] += n * (1 - 2 * p) + many * p * p
                    shared[v] += q * q * part
                    has[v] |= n > 0
                    lacks[v] |= n < many
                runs_of[runs, v] = q
                count[v] = score_of[v] = 0.0
            runs += 1
        for v in range(values):
            q2 = squared[v]
            if q2 <= 0:
                continue
            free = max(1 - shared[v] / q2, _TINY)
            r = max(free - q2 / weight[v], _TINY)
            left, q2_left = 1 / r, q2 / r
            found = (surplus[v] - gap[v] * q2) * np.sqrt(left)
            null = surplus[v] * surplus[v] / free
            bent = (1 - r) * q2_left
            sums[v, ROBUST] += found * found
            sums[v, ROBUST_SQUARED] += found * found * found * found
            sums[v, CUBED] += found * found * found
            sums[v, NULL] += null
            sums[v, NULL_SQUARED] += null * null
            sums[v, LEAD] += q2 * q2 - bent * bent
            sums[v, CROSS] += q2 * q2_left
            sums[v, EXPECTED_SQUARED] += q2 * q2
            sums[v, OF_VALUE] += has[v]
            sums[v, OF_OTHERS] += lacks[v]
            for run in range(runs):
                q = runs_of[run, v]
                within[at_stratum[run], v] += q * q * left
                across[at_stratum[run], v] += q * q2_left
            surplus[v] = squared[v] = shared[v] = 0.0
            has[v] = lacks[v] = False
    return sums
