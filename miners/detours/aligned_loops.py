"""What kind of straying each step is, read from the moves of a case beside the procedure.

`begins`, `pairs` and `desk` are those of `miners.move_layers`. What is known of steps and of what
the procedure did alone stands in the rows of one array each, for the same reason as there:

- `steps` [5, steps]: CODE (a place in the states' labels, -1: unknown), KIND (SYNC or LOG), PAIR
  (the column of `alone` that is the same activity done elsewhere, -1: none), STRAY, PARTNER;
- `alone` [3, alone]: CODE, AFTER (the step of the way behind which it is missing), PAIR (the step).
"""

import numba

from eventlog.kernels import Int8s, Int32s, Int64s
from miners.detours.marks import AGAIN, CONFORMING, EARLY, FOREIGN
from miners.move_layers import BY_SOURCE, DONE, HERE, OTHER, SEEN, STAMP
from miners.move_loops import SYNC

CODE, KIND, PAIR, STRAY, PARTNER = range(5)
AFTER = 1


@numba.njit(cache=True, nogil=True)
def _pair(steps: Int64s, first: int, last: int, alone: Int64s, low: int, high: int) -> None:
    """Pair what the procedure did alone with the first lonely step of the same activity."""
    for row in range(low, high):
        for step in range(first, last):
            if (
                steps[KIND, step] != SYNC
                and steps[CODE, step] == alone[CODE, row]
                and steps[PAIR, step] < 0
            ):
                steps[PAIR, step], alone[PAIR, row] = row, step
                break


@numba.njit(cache=True, nogil=True)
def _stray(way: int, step: int, first: int, steps: Int64s, alone: Int64s, desk: Int64s) -> int:
    """How a step that the case did alone strays.

    EARLY without a pair is a guess: it may fit in later, where the procedure leaves it open.
    """
    code, row = steps[CODE, step], steps[PAIR, step]
    if row >= 0:
        return EARLY if step <= first + alone[AFTER, row] else CONFORMING
    if code >= 0 and desk[DONE, code] == way:
        return AGAIN
    if code < 0:
        return FOREIGN
    desk[DONE, code] = way
    return EARLY


@numba.njit(cache=True, nogil=True)
def _mark(
    way: int, steps: Int64s, first: int, last: int, alone: Int64s, low: int, high: int, desk: Int64s
) -> None:
    """Mark the steps of a way; partners of what was early are still to be found."""
    for step in range(first, last):
        if (steps[KIND, step] == SYNC or steps[PAIR, step] >= 0) and steps[CODE, step] >= 0:
            desk[DONE, steps[CODE, step]] = way
    for step in range(first, last):
        if steps[KIND, step] != SYNC:
            steps[STRAY, step] = _stray(way, step, first, steps, alone, desk)
    for row in range(low, high):
        # Done too late: the step that needs it and came before it was too early.
        then = first + alone[AFTER, row] + 1
        if alone[PAIR, row] >= then and steps[STRAY, then] != EARLY:
            steps[STRAY, then], steps[PARTNER, then] = EARLY, alone[CODE, row]


@numba.njit(cache=True, nogil=True)
def _follow(label: int, size: int, begins: Int64s, pairs: Int64s, desk: Int64s) -> int:
    """All states that an activity and then silent arrows lead to from HERE; how many.

    With label -1 those at the start, before any activity.
    """
    stamp = desk[STAMP, 0]
    desk[STAMP, 0] += 1
    count = 0
    if label < 0:
        desk[OTHER, 0], desk[SEEN, 0], count, size = 0, stamp, 1, 0
    for at in range(size):
        state = desk[HERE, at]
        for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
            then = pairs[BY_SOURCE, arrow, 0]
            if pairs[BY_SOURCE, arrow, 1] == label and desk[SEEN, then] != stamp:
                desk[SEEN, then] = stamp
                desk[OTHER, count] = then
                count += 1
    at = 0
    while at < count:
        state = desk[OTHER, at]
        desk[HERE, at] = state
        at += 1
        for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
            then = pairs[BY_SOURCE, arrow, 0]
            if pairs[BY_SOURCE, arrow, 1] < 0 and desk[SEEN, then] != stamp:
                desk[SEEN, then] = stamp
                desk[OTHER, count] = then
                count += 1
    return count


@numba.njit(cache=True, nogil=True)
def _fits(
    early: int, behind: int, steps: Int64s, first: int, last: int, alone: Int64s, low: int,
    high: int, final: int, begins: Int64s, pairs: Int64s, desk: Int64s,
) -> bool:  # fmt: skip
    """Whether the procedure's run allows an early step right behind a step that both did.

    It is not done a second time where the run had it. `final` is -1 for a run that may stop
    anywhere.
    """
    size, row = _follow(-1, 0, begins, pairs, desk), low
    for step in range(first - 1, last):
        if step >= first and steps[KIND, step] == SYNC:
            size = _follow(steps[CODE, step], size, begins, pairs, desk)
        if step == behind:
            size = _follow(steps[CODE, early], size, begins, pairs, desk)
        while row < high and first + alone[AFTER, row] == step:
            if row != steps[PAIR, early]:
                size = _follow(alone[CODE, row], size, begins, pairs, desk)
            row += 1
        if not size:
            return False
    for at in range(size):  # noqa: SIM110 (numba compiles no generators)
        if final < 0 or desk[HERE, at] == final:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _find_partners(
    steps: Int64s, first: int, last: int, alone: Int64s, low: int, high: int, final: int,
    begins: Int64s, pairs: Int64s, desk: Int64s,
) -> None:  # fmt: skip
    """Give each early step the activity behind which it would have been right.

    What the procedure only might have done later, and fits in nowhere, is called foreign.
    """
    for early in range(first, last):
        if steps[STRAY, early] != EARLY or steps[KIND, early] == SYNC:
            continue
        row, otherwise = steps[PAIR, early], -1
        until = last if row < 0 else first + alone[AFTER, row] + 1
        for step in range(early + 1, until):
            if steps[KIND, step] != SYNC:
                continue
            if row >= 0 and otherwise < 0:
                otherwise = steps[CODE, step]
            if _fits(early, step, steps, first, last, alone, low, high, final, begins, pairs, desk):
                otherwise = steps[CODE, step]
                break
        steps[PARTNER, early] = otherwise
        for step in range(first, last):
            if otherwise < 0 and steps[CODE, step] == steps[CODE, early]:
                steps[STRAY, step] = FOREIGN


@numba.njit(cache=True, nogil=True)
def mark_ways(
    offsets: Int64s, steps: Int64s, alone_offsets: Int64s, alone: Int64s, finals: Int64s,
    begins: Int64s, pairs: Int64s, desk: Int64s,
) -> None:  # fmt: skip
    """Find how each step of each way strays, with its partner, and pair it; in place.

    CODE, KIND and AFTER are told, PAIR and PARTNER are -1 and STRAY is CONFORMING before. `finals`
    [ways] is the state in which a way ends, -1 for those that may stop anywhere.
    """
    for way in range(offsets.size - 1):
        first, last = offsets[way], offsets[way + 1]
        low, high = alone_offsets[way], alone_offsets[way + 1]
        _pair(steps, first, last, alone, low, high)
        _mark(way, steps, first, last, alone, low, high, desk)
        _find_partners(steps, first, last, alone, low, high, finals[way], begins, pairs, desk)


@numba.njit(cache=True, nogil=True)
def side_by_side(
    offsets: Int64s, activity: Int32s, began: Int64s, done: Int64s, stray: Int8s, partner: Int32s,
    following: Int64s,
) -> None:  # fmt: skip
    """Let early steps conform that may not have been early, in place; [steps] as in `Steps`.

    They may not where the partner had been taken up before they were over; nor where both were over
    at the same moment and nobody told when the partner was taken up, as with dates only.
    `following` [labels] is room to work in, with -1.
    """
    for case in range(offsets.size - 1):
        for row in range(offsets[case + 1] - 1, offsets[case] - 1, -1):
            if stray[row] == EARLY and partner[row] >= 0:
                other = following[partner[row]]
                if row < other < offsets[case + 1] and (
                    began[other] < done[row]
                    or (began[other] == done[row] and began[other] == done[other])
                ):
                    stray[row], partner[row] = CONFORMING, -1
            following[activity[row]] = row
