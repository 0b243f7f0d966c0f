"""The compiled loops of `miners.detours.finding`: from straying steps to detours.

`offsets` [cases + 1] and the columns [steps] are those of `Steps` and `Marks`; `own` [steps] says
which steps are the applicant's. A detour is a row of `found` [detours, 10]; the activities that it
is about stand in `members`, where those of the detour before it end.
"""

import numba
import numpy as np

from eventlog.kernels import FNV_BASIS, FNV_PRIME, Bools, Int8s, Int32s, Int64s, mix
from miners.detours import circling_loops as circling
from miners.detours.circling_loops import CASE, ENDS, FIRST, KIND, LAST, OTHER_UNIT, UNIT
from miners.detours.episodes import (
    APPLICANT,
    DUPLICATE,
    INSERTED,
    OFFICE,
    PING_PONG,
    REPEATED,
    SKIPPED,
    WRONG_ORDER,
)
from miners.detours.marks import CONFORMING, EARLY, FOREIGN

BEFORE, AFTER, CAUSE = 7, 8, 9
_COLUMNS = 10


@numba.njit(cache=True, nogil=True)
def neighbours(offsets: Int64s, stray: Int8s) -> tuple[Int64s, Int64s]:
    """The last conforming step ahead of each step and the first behind it; -1: none; [steps]."""
    before, after = np.empty(stray.size, np.int64), np.empty(stray.size, np.int64)
    for case in range(offsets.size - 1):
        last = -1
        for row in range(offsets[case], offsets[case + 1]):
            before[row] = last
            if stray[row] == CONFORMING:
                last = row
        last = -1
        for row in range(offsets[case + 1] - 1, offsets[case] - 1, -1):
            after[row] = last
            if stray[row] == CONFORMING:
                last = row
    return before, after


@numba.njit(cache=True, nogil=True)
def detours(
    offsets: Int64s,
    activity: Int32s,
    unit: Int32s,
    began: Int64s,
    done: Int64s,
    own: Bools,
    stray: Int8s,
    partner: Int32s,
    skipped: tuple[Int32s, Int32s, Int64s],
    labels: int,
) -> tuple[Int64s, Int32s]:
    """`found` (all columns but the last three) and `members`, case by case.

    `skipped` are the columns of that name in `Marks`. FIRST and LAST of what is left out are the
    step behind which it is missing.
    """
    earlier = circling.previous(offsets, activity, labels)
    straying = np.count_nonzero(stray)
    found = np.full((straying + skipped[0].size, _COLUMNS), -1, np.int64)
    members = np.empty(activity.size + 2 * straying + skipped[0].size, np.int32)
    inserted = np.full((labels, 2), -1, np.int64)
    listed = np.full(labels, -1, np.int64)
    within = np.zeros(activity.size, np.bool_)
    loops = np.empty((straying, 2), np.int64)
    size = at = 0
    for case in range(offsets.size - 1):
        first, last = offsets[case], offsets[case + 1]
        while at < skipped[0].size and skipped[0][at] == case:
            circling.begin(found, size, case, SKIPPED, skipped[2][at], skipped[2][at])
            circling.tell(found, members, size, skipped[1][at])
            size += 1
            at += 1
        size = _single(
            case, first, last, activity, stray, partner, inserted, found, members, size
        )  # fmt: skip
        for index in range(circling.loops_of(first, last, earlier, stray, loops)):
            begins, ends = loops[index, 0], loops[index, 1]
            passed = circling.within_loop(begins, ends, began, done, earlier, stray, within)
            circling.begin(found, size, case, REPEATED, begins, ends)
            kinds = circling.tell_loop(found, members, size, activity, within, listed)
            if kinds == 1:
                other = circling.other_unit(begins, ends, unit, own, earlier, stray)
                if other >= 0:
                    found[size, KIND], found[size, UNIT] = DUPLICATE, other
            elif passed and (
                kinds == 2  # noqa: PLR2004 (back and forth is between two)
                or circling.back_and_forth(begins, ends, activity, within, stray)
            ):
                found[size, KIND] = PING_PONG
            elif passed:
                one, two = circling.two_units(begins, ends, unit, own, within)
                if two >= 0:
                    found[size, KIND] = PING_PONG
                    found[size, UNIT], found[size, OTHER_UNIT] = one, two
            circling.narrow(found, size, last, activity, stray, listed)
            if kinds > 2 or not passed:  # noqa: PLR2004 (back and forth is between two)
                circling.tell_again(found, members, size, begins, ends, activity, stray, listed)
            size += 1
    return found[:size], members


@numba.njit(cache=True, nogil=True)
def _single(
    case: int,
    first: int,
    last: int,
    activity: Int32s,
    stray: Int8s,
    partner: Int32s,
    inserted: Int64s,
    found: Int64s,
    members: Int32s,
    size: int,
) -> int:
    """Tell the steps of a case that are inserted or early; returns how many detours there are.

    A step that is inserted again before anything conforming was done is one detour with the first.
    """
    since = first  # where the file strayed last; no two cases share it
    for row in range(first, last):
        a = activity[row]
        if stray[row] == CONFORMING:
            since = row + 1
        elif stray[row] == FOREIGN:
            if inserted[a, 0] == since:
                found[inserted[a, 1], LAST] = row
                continue
            circling.begin(found, size, case, INSERTED, row, row)
            circling.tell(found, members, size, a)
            inserted[a, 0], inserted[a, 1] = since, size
            size += 1
        elif stray[row] == EARLY:
            until = row
            for later in range(row + 1, last):
                if activity[later] == partner[row]:
                    until = later
                    break
            circling.begin(found, size, case, WRONG_ORDER, row, until)
            circling.tell(found, members, size, partner[row])
            circling.tell(found, members, size, a)
            size += 1
    return size


@numba.njit(cache=True, nogil=True)
def surround(
    found: Int64s,
    members: Int32s,
    offsets: Int64s,
    stray: Int8s,
    own: Bools,
    theirs: Bools,
) -> None:
    """Fill in BEFORE, AFTER and CAUSE; `theirs` [labels] are the activities that applicants do."""
    before, after = neighbours(offsets, stray)
    for row in range(found.shape[0]):
        kind, first, last = found[row, KIND], found[row, FIRST], found[row, LAST]
        begins, ends = offsets[found[row, CASE]], offsets[found[row, CASE] + 1]
        if kind == SKIPPED:
            if first < 0:
                behind = np.int64(-1)
                ahead = begins if begins < ends else np.int64(-1)
                if ahead >= 0 and stray[ahead] != CONFORMING:
                    ahead = after[ahead]
            else:
                behind = first if stray[first] == CONFORMING else before[first]
                ahead = after[first]
            found[row, FIRST] = found[row, LAST] = found[row, BEFORE] = behind
            found[row, AFTER] = ahead
            by_applicant = theirs[members[found[row, ENDS] - 1]]
        else:
            found[row, BEFORE], found[row, AFTER] = before[first], after[last]
            since = before[first]
            # A file that comes back right behind the applicant's step comes back because of it.
            if since < 0:
                since = begins
            elif kind in (INSERTED, WRONG_ORDER):
                since += 1
            by_applicant = bool(own[since : last + 1].any())
        found[row, CAUSE] = APPLICANT if by_applicant else OFFICE


@numba.njit(cache=True, nogil=True)
def fingerprints(found: Int64s, members: Int32s) -> Int64s:
    """A number per detour, the same for those about the same: kind, members and units."""
    out = np.empty(found.shape[0], np.int64)
    begins = np.int64(0)
    for row in range(found.shape[0]):
        h = FNV_BASIS
        for column in (KIND, UNIT, OTHER_UNIT):
            h = mix((h ^ np.uint64(found[row, column])) * FNV_PRIME + np.uint64(1))
        for at in range(begins, found[row, ENDS]):
            h = mix((h ^ np.uint64(members[at])) * FNV_PRIME + np.uint64(1))
        begins = found[row, ENDS]
        out[row] = np.int64(h)
    return out
