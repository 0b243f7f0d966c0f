"""Compiled loops of what is usual: who repeats what, and which of two steps comes first."""

import numba
import numpy as np

from eventlog.kernels import Bools, Int32s, Int64s

CASES, SINGLE, DONE, FIRST, LAST, HANDED, REPEATS, ANSWERED, INSIDE = range(9)
"""The columns of `habits`."""


@numba.njit(cache=True, nogil=True)
def repeats(offsets: Int64s, activity: Int32s, labels: int) -> Int32s:
    """How many executions of each case are of an activity that it had before; shape [cases]."""
    out = np.zeros(offsets.size - 1, np.int32)
    owner = np.full(labels, -1, np.int64)
    for case in range(offsets.size - 1):
        for step in range(offsets[case], offsets[case + 1]):
            if owner[activity[step]] == case:
                out[case] += 1
            owner[activity[step]] = case
    return out


@numba.njit(cache=True, nogil=True)
def habits(offsets: Int64s, activity: Int32s, theirs: Bools, labels: int, cases: Int64s) -> Int64s:
    """What these `cases` do with each activity; shape [labels, 9]. `theirs`: applicants' steps.

    Columns: cases with it, cases with it once; executions, those that begin a case, that end it,
    that an applicant's step follows at once; repetitions, those with an applicant's step since the
    execution before; executions that lie inside a loop of another activity.
    """
    out = np.zeros((labels, 9), np.int64)
    owner = np.full(labels, -1, np.int64)
    times = np.zeros(labels, np.int64)
    latest = np.zeros(labels, np.int64)
    for case in cases:
        begin, end = offsets[case], offsets[case + 1]
        for step in range(begin, end):
            a = activity[step]
            if owner[a] != case:
                owner[a] = case
                times[a] = 0
            times[a] += 1
            latest[a] = step
        reach, asked = np.int64(-1), np.int64(-1)
        for step in range(begin, end):
            a = activity[step]
            out[a, DONE] += 1
            out[a, FIRST] += step == begin
            out[a, LAST] += step == end - 1
            out[a, HANDED] += step + 1 < end and theirs[step + 1]
            out[a, INSIDE] += reach > step
            reach = max(reach, latest[a])
        for step in range(begin, end):
            a = activity[step]
            if owner[a] == case:
                out[a, CASES] += 1
                out[a, SINGLE] += times[a] == 1
                owner[a] = -2
            else:
                out[a, REPEATS] += 1
                out[a, ANSWERED] += asked > latest[a]
            latest[a] = step
            if theirs[step]:
                asked = np.int64(step)
    return out


@numba.njit(cache=True, nogil=True)
def pairs(
    offsets: Int64s,
    activity: Int32s,
    began: Int64s,
    done: Int64s,
    place: Int32s,
    size: int,
    cases: Int64s,
) -> tuple[Int64s, Int64s, Int64s]:
    """In how many of these `cases` of two activities both are done, one comes first, both at once.

    `place` [labels] is the row of each activity, -1 where nobody asks. Three arrays [size, size]:
    cases with both (with itself: cases with it); cases in which the first execution of the row's
    was finished when that of the column's was begun, not at one and the same moment; cases in
    which they overlap.
    """
    both = np.zeros((size, size), np.int64)
    ahead = np.zeros((size, size), np.int64)
    across = np.zeros((size, size), np.int64)
    owner = np.full(size, -1, np.int64)
    firsts = np.empty(size, np.int64)
    for case in cases:
        many = 0
        for step in range(offsets[case], offsets[case + 1]):
            row = place[activity[step]]
            if row < 0 or owner[row] == case:
                continue
            owner[row] = case
            both[row, row] += 1
            for at in range(many):
                one = firsts[at]
                before = place[activity[one]]
                both[before, row] += 1
                both[row, before] += 1
                if done[one] == done[step]:
                    continue
                if done[one] <= began[step]:
                    ahead[before, row] += 1
                else:
                    across[before, row] += 1
                    across[row, before] += 1
            firsts[many] = step
            many += 1
    return both, ahead, across
