"""The compiled loops for files that come back to what was done before, in circles of any length.

Arrays are as in `miners.detours.finding_loops`. A loop goes from an execution of an activity to the
next execution of it, which is one too many; loops that share a step are one. `earlier` [steps] is
the execution before each step of the same activity, -1 where it is the case's first.
"""

import numba
import numpy as np

from eventlog.kernels import Bools, Int8s, Int32s, Int64s
from miners.detours.marks import AGAIN, CONFORMING, FOREIGN

CASE, KIND, FIRST, LAST, ENDS, UNIT, OTHER_UNIT = range(7)
"""Columns of a detour; units are codes, -1 where they have no part in it."""


@numba.njit(cache=True, nogil=True)
def previous(offsets: Int64s, activity: Int32s, labels: int) -> Int64s:
    """The execution of the same activity before each step in its case; -1: none; [steps]."""
    out = np.full(activity.size, -1, np.int64)
    latest = np.full(labels, -1, np.int64)
    for case in range(offsets.size - 1):
        for row in range(offsets[case], offsets[case + 1]):
            if latest[activity[row]] >= offsets[case]:
                out[row] = latest[activity[row]]
            latest[activity[row]] = row
    return out


@numba.njit(cache=True, nogil=True)
def begin(found: Int64s, size: int, case: int, kind: int, first: int, last: int) -> None:
    """Write a detour without members at row `size`."""
    found[size, CASE], found[size, KIND] = case, kind
    found[size, FIRST], found[size, LAST] = first, last
    found[size, ENDS] = found[size - 1, ENDS] if size else 0


@numba.njit(cache=True, nogil=True)
def tell(found: Int64s, members: Int32s, size: int, activity: int) -> None:
    """Add an activity to what the last detour, at row `size`, is about."""
    members[found[size, ENDS]] = activity
    found[size, ENDS] += 1


@numba.njit(cache=True, nogil=True)
def loops_of(first: int, last: int, earlier: Int64s, stray: Int8s, loops: Int64s) -> int:
    """The (first step, last step) of the loops of a case into `loops`; returns how many."""
    size = 0
    for row in range(first, last):
        if stray[row] == AGAIN:
            since = earlier[row] if earlier[row] >= 0 else np.int64(row)
            # By their ends they come in order, so what this one touches are the latest.
            while size and loops[size - 1, 1] >= since:
                since = min(since, loops[size - 1, 0])
                size -= 1
            loops[size, 0], loops[size, 1] = since, row
            size += 1
    return size


@numba.njit(cache=True, nogil=True)
def within_loop(
    first: int,
    last: int,
    began: Int64s,
    done: Int64s,
    earlier: Int64s,
    stray: Int8s,
    within: Bools,
) -> bool:
    """Mark what belongs to a loop; returns whether the file left an activity and came back to it.

    What is done again belongs to it, before and again, and what was done in between. What merely
    lay beside one of the two, or is not known to the procedure, does not.
    """
    within[first : last + 1] = False
    left = False
    for row in range(first, last + 1):
        since = earlier[row]
        if stray[row] != AGAIN:
            continue
        within[row] = True
        if since < first:
            continue
        within[since] = True
        for between in range(since + 1, row):
            beside = began[between] < done[since] or done[between] > began[row]
            if stray[between] != FOREIGN and not beside:
                within[between] = True
                left = True
    return left


@numba.njit(cache=True, nogil=True)
def tell_loop(
    found: Int64s, members: Int32s, size: int, activity: Int32s, within: Bools, listed: Int64s
) -> int:
    """Tell the activities within a loop in their order; returns how many there are.

    `listed` [labels] becomes the row of the loop for each of them.
    """
    count = 0
    for row in range(found[size, FIRST], found[size, LAST] + 1):
        if within[row] and listed[activity[row]] != size:
            listed[activity[row]] = size
            tell(found, members, size, activity[row])
            count += 1
    return count


@numba.njit(cache=True, nogil=True)
def tell_again(
    found: Int64s,
    members: Int32s,
    size: int,
    first: int,
    last: int,
    activity: Int32s,
    stray: Int8s,
    listed: Int64s,
) -> None:
    """Of what was told of a loop, keep what is done again: the rest lay on the way, once."""
    for row in range(first, last + 1):
        if stray[row] == AGAIN:
            listed[activity[row]] = -1
    ends = found[size, ENDS]
    found[size, ENDS] = found[size - 1, ENDS] if size else 0
    for at in range(found[size, ENDS], ends):
        if listed[members[at]] == -1:
            tell(found, members, size, members[at])


@numba.njit(cache=True, nogil=True)
def other_unit(
    first: int, last: int, unit: Int32s, own: Bools, earlier: Int64s, stray: Int8s
) -> int:
    """The first unit that did again what another had done right before it; -1: none.

    Both are known, and the applicant did nothing in between.
    """
    for row in range(first, last + 1):
        since = earlier[row]
        if stray[row] != AGAIN or since < first or unit[row] < 0 or unit[since] < 0:
            continue
        if unit[row] != unit[since] and not own[since : row + 1].any():
            return int(unit[row])
    return -1


@numba.njit(cache=True, nogil=True)
def two_units(first: int, last: int, unit: Int32s, own: Bools, within: Bools) -> tuple[int, int]:
    """The two units between which a loop goes, the first and back again; (-1, -1) otherwise."""
    one, other, now, changes = -1, -1, -1, 0
    for row in range(first, last + 1):
        if not within[row] or own[row]:
            continue
        here = int(unit[row])
        if here < 0 or (here not in {one, other} and one >= 0 and other >= 0):
            return -1, -1
        if one < 0:
            one = now = here
        elif here != now:
            other = here if here != one else other
            now = here
            changes += 1
    return (one, other) if changes > 1 else (-1, -1)


@numba.njit(cache=True, nogil=True)
def back_and_forth(first: int, last: int, activity: Int32s, within: Bools, stray: Int8s) -> bool:
    """Whether a loop goes back and forth between two activities, whatever lay on the way forth.

    Only these two are done again, by turns, and straight from the second the file comes back to the
    first: inspection, fire brigade, signing, inspection, signing.
    """
    one, other = -1, -1
    for row in range(first, last + 1):
        if stray[row] == AGAIN and activity[row] not in {one, other}:
            if other >= 0:
                return False
            if one < 0:
                one = activity[row]
            else:
                other = activity[row]
    before = -1
    for row in range(first, last + 1):
        if not within[row]:
            continue
        if activity[row] in {one, other}:
            if activity[row] == before:
                return False
            before = activity[row]
        elif before != one:
            return False
    return other >= 0


@numba.njit(cache=True, nogil=True)
def narrow(
    found: Int64s, size: int, last: int, activity: Int32s, stray: Int8s, listed: Int64s
) -> None:
    """From the loop to what strays of it: its first step that is one too many, and the way back.

    What conforms and is done again right behind the loop is the file's way back to where it was.
    `last` is where the case ends.
    """
    first, until = found[size, FIRST], found[size, LAST]
    while stray[first] != AGAIN:
        first += 1
    while (
        until + 1 < last and stray[until + 1] == CONFORMING and listed[activity[until + 1]] == size
    ):
        until += 1
    found[size, FIRST], found[size, LAST] = first, until
