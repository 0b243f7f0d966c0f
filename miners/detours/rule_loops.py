"""The compiled loops of `miners.detours.rules`: each case against the rules of its stratum.

`offsets` [cases + 1], `activity`, `began` and `done` [steps] are those of `Steps`. Rules are told
by `once` and `known` [strata, labels], and by lists of activities: those of key k stand in `names`
from `bounds[k]` to `bounds[k + 1]`.
"""

import numba
import numpy as np

from eventlog.kernels import Bools, Int8s, Int32s, Int64s
from miners.detours.marks import AGAIN, EARLY, FOREIGN

# What is kept of an activity while a case is read: the case it speaks of, its first and its last
# step there, when it was first taken up, whether that was told apart from when it was done, and the
# case in which it waits or is in hand.
_CASE, _FIRST, _LAST, _BEGAN, _TOLD, _OPEN = range(6)
_KEPT = 6


# Who keeps two steps apart never has both in hand: a few cases in hand together tell more than
# as many that were done the other way round.
_FEW, _TELLS = 5, 6


@numba.njit(cache=True, nogil=True)
def side_by_side(
    offsets: Int64s,
    activity: Int32s,
    began: Int64s,
    done: Int64s,
    stratum: Int32s,
    labels: int,
    bounds: Int64s,
    names: Int32s,
) -> Bools:
    """Which pairs of the order are in hand together about as often as done against it; [names].

    At least as often; or in five cases and a sixth as often.

    Lists: what comes before stratum * labels + activity.
    """
    together, against = np.zeros(names.size, np.int64), np.zeros(names.size, np.int64)
    state = np.full((labels, _KEPT), -1, np.int64)
    for case in range(offsets.size - 1):
        first, last, of = offsets[case], offsets[case + 1], stratum[case]
        if of < 0:
            continue
        _read(case, first, last, activity, began, done, state)
        for row in range(first, last):
            a = activity[row]
            if state[a, _FIRST] != row:
                continue
            for index in range(bounds[of * labels + a], bounds[of * labels + a + 1]):
                other = names[index]
                if state[other, _CASE] != case:
                    continue
                if _over(done[row], state, other):
                    against[index] += 1
                elif state[other, _BEGAN] < done[row] and began[row] < done[state[other, _FIRST]]:
                    together[index] += 1
    often = (together >= _FEW) & (_TELLS * together >= against)
    return ((together >= against) & (together > 0)) | often


@numba.njit(cache=True, nogil=True)
def stray_steps(
    offsets: Int64s,
    activity: Int32s,
    began: Int64s,
    done: Int64s,
    stratum: Int32s,
    once: Bools,
    known: Bools,
    bounds: Int64s,
    names: Int32s,
) -> tuple[Int8s, Int32s]:
    """`stray` and `partner` of `Marks`; lists: what comes before stratum * labels + activity."""
    labels = once.shape[1]
    stray = np.zeros(activity.size, np.int8)
    partner = np.full(activity.size, -1, np.int32)
    state = np.full((labels, _KEPT), -1, np.int64)
    for case in range(offsets.size - 1):
        first, last, of = offsets[case], offsets[case + 1], stratum[case]
        if of < 0:
            continue
        _read(case, first, last, activity, began, done, state)
        for row in range(first, last):
            a = activity[row]
            if not known[of, a]:
                stray[row] = FOREIGN
            elif state[a, _FIRST] != row:
                if once[of, a]:
                    stray[row] = AGAIN
            else:
                for index in range(bounds[of * labels + a], bounds[of * labels + a + 1]):
                    other, now = names[index], partner[row]
                    if state[other, _CASE] != case or not _over(done[row], state, other):
                        continue
                    if now < 0 or state[other, _BEGAN] > state[now, _BEGAN]:
                        stray[row] = EARLY
                        partner[row] = other
    return stray, partner


@numba.njit(cache=True, nogil=True)
def _read(
    case: int,
    first: int,
    last: int,
    activity: Int32s,
    began: Int64s,
    done: Int64s,
    state: Int64s,
) -> None:
    """Keep when each activity of a case was done first and last, and when it was taken up."""
    for row in range(first, last):
        a = activity[row]
        if state[a, _CASE] != case:
            state[a, _CASE] = case
            state[a, _FIRST] = row
            state[a, _BEGAN] = began[row]
            state[a, _TOLD] = began[row] < done[row]
        elif began[row] < state[a, _BEGAN]:  # what ends as it begins stands ahead of equals
            state[a, _BEGAN] = began[row]
            state[a, _TOLD] = began[row] < done[row]
        state[a, _LAST] = row


@numba.njit(cache=True, nogil=True)
def _over(done: int, state: Int64s, other: int) -> bool:
    """Whether what was over at `done` was so before the other was taken up.

    A tie leaves that open where only the end of the other is told, as by two dates.
    """
    return bool(
        done < state[other, _BEGAN] or (done == state[other, _BEGAN] and state[other, _TOLD])
    )


@numba.njit(cache=True, nogil=True)
def left_out(
    offsets: Int64s,
    activity: Int32s,
    began: Int64s,
    done: Int64s,
    open_case: Int32s,
    open_activity: Int32s,
    stratum: Int32s,
    decided: Bools,
    labels: int,
    mandatory: tuple[Int64s, Int32s],
    before: tuple[Int64s, Int32s],
    after: tuple[Int64s, Int32s],
) -> tuple[Int32s, Int32s, Int64s]:
    """The `skipped_*` columns of `Marks`.

    Lists (bounds, names): what is `mandatory` in a stratum, and what comes `before` and `after`
    stratum * labels + activity. What waits or is in hand is left out only once the case is decided.
    """
    state = np.full((labels, _KEPT), -1, np.int64)
    most = 0
    for case in range(offsets.size - 1):
        if stratum[case] >= 0:
            most += mandatory[0][stratum[case] + 1] - mandatory[0][stratum[case]]
    # Untouched memory costs nothing, so "all of them in every case" is a fair size.
    of, what = np.empty(most, np.int32), np.empty(most, np.int32)
    behind = np.empty(most, np.int64)
    size = at = 0
    for case in range(offsets.size - 1):
        while at < open_case.size and open_case[at] <= case:
            state[open_activity[at], _OPEN] = open_case[at]
            at += 1
        first, last, cell = offsets[case], offsets[case + 1], stratum[case]
        if cell < 0:
            continue
        _read(case, first, last, activity, began, done, state)
        for index in range(mandatory[0][cell], mandatory[0][cell + 1]):
            a = mandatory[1][index]
            if state[a, _CASE] == case:
                continue
            key = cell * labels + a
            passed = _first_of(case, after[1][after[0][key] : after[0][key + 1]], state)
            if decided[case] or (passed >= 0 and state[a, _OPEN] != case):
                of[size], what[size] = case, a
                if passed >= 0:
                    behind[size] = passed - 1 if passed > first else -1
                else:
                    names = before[1][before[0][key] : before[0][key + 1]]
                    behind[size] = _last_of(case, first, last, names, state)
                size += 1
    return of[:size], what[:size], behind[:size]


@numba.njit(cache=True, nogil=True)
def _first_of(case: int, names: Int32s, state: Int64s) -> int:
    """The first step of any of the activities in the case; -1 without any."""
    found = -1
    for index in range(names.size):
        name = names[index]
        if state[name, _CASE] == case and (found < 0 or state[name, _FIRST] < found):
            found = state[name, _FIRST]
    return found


@numba.njit(cache=True, nogil=True)
def _last_of(case: int, first: int, last: int, names: Int32s, state: Int64s) -> int:
    """The last step of the activities in the case, or else the case's last; -1 without steps."""
    found = -1
    for index in range(names.size):
        if state[names[index], _CASE] == case:
            found = max(found, int(state[names[index], _LAST]))
    if found < 0 and last > first:
        return int(last - 1)
    return found
