"""Walking cases and a procedure side by side, from the first step on: the second half of aligning.

The layers (`miners.move_layers`, which tells the arrays too) say at each fork what every way of
going on will cost, so no walk ever turns back. All states that the same steps may have led to are
held at once: the answer hangs on what the procedure allows, not on how its net is drawn.

On the desk HERE are the states in which the walk may be and OTHER those after its next step, which
are marked by the current STAMP in SEEN. REGION, LEVEL and USEFUL belong to `_ahead`; DONE is, per
activity, the last way in which case and model did it together.
"""

import numba

from eventlog.kernels import Int64s
from miners.move_layers import (
    BLOCK,
    BY_SOURCE,
    DONE,
    FAR,
    HERE,
    LEVEL,
    OTHER,
    REGION,
    SEEN,
    STAMP,
    USEFUL,
    fill_all,
    fill_block,
)

SYNC, LOG = 0, 1


@numba.njit(cache=True, nogil=True)
def _note(state: int, size: int, desk: Int64s) -> int:
    """Add a state to OTHER unless it is there; how many there are."""
    if desk[SEEN, state] == desk[STAMP, 0]:
        return size
    desk[SEEN, state] = desk[STAMP, 0]
    desk[OTHER, size] = state
    return size + 1


@numba.njit(cache=True, nogil=True)
def _take(size: int, layers: Int64s, row: int, begins: Int64s, pairs: Int64s, desk: Int64s) -> int:
    """Go on to OTHER and to where silent arrows lead from there at no cost; how many states."""
    at = 0
    while at < size:
        state = desk[OTHER, at]
        desk[HERE, at] = state
        at += 1
        for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
            then = pairs[BY_SOURCE, arrow, 0]
            if pairs[BY_SOURCE, arrow, 1] < 0 and layers[row, then] == layers[row, state]:
                size = _note(then, size, desk)
    desk[STAMP, 0] += 1
    return size


@numba.njit(cache=True, nogil=True)
def _together(
    count: int, activity: int, left: int, block: Int64s, row: int, begins: Int64s, pairs: Int64s,
    desk: Int64s,
) -> int:  # fmt: skip
    """Do the next step of the case together with the model; how many states then, 0: not here."""
    size = 0
    for at in range(count):
        state = desk[HERE, at]
        for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
            then = pairs[BY_SOURCE, arrow, 0]
            if pairs[BY_SOURCE, arrow, 1] == activity and block[row + 1, then] == left:
                size = _note(then, size, desk)
    return _take(size, block, row + 1, begins, pairs, desk)


@numba.njit(cache=True, nogil=True)
def _case_alone(
    count: int, left: int, block: Int64s, row: int, begins: Int64s, pairs: Int64s, desk: Int64s
) -> int:
    """Let the case do its next step alone; how many states then, 0: not on a cheapest way."""
    size = 0
    for at in range(count):
        if block[row + 1, desk[HERE, at]] == left - 1:
            size = _note(desk[HERE, at], size, desk)
    return _take(size, block, row + 1, begins, pairs, desk)


@numba.njit(cache=True, nogil=True)
def _model_alone(
    count: int, layers: Int64s, row: int, step: int, begins: Int64s, pairs: Int64s, desk: Int64s
) -> tuple[int, int]:
    """Let the model do one step alone, the first by name: (its activity, how many states then).

    With step >= 0 only along what is useful and of that level, with -1 along any cheapest way.
    """
    best, size = -1, 0
    for choosing in (True, False):
        for at in range(count):
            state = desk[HERE, at]
            for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
                then, label = pairs[BY_SOURCE, arrow, 0], pairs[BY_SOURCE, arrow, 1]
                if label < 0 or layers[row, then] != layers[row, state] - 1:
                    continue
                if step >= 0 and not (desk[USEFUL, then] and desk[LEVEL, then] == step):
                    continue
                if choosing and (best < 0 or label < best):
                    best = label
                elif not choosing and label == best:
                    size = _note(then, size, desk)
    return best, _take(size, layers, row, begins, pairs, desk)


@numba.njit(cache=True, nogil=True)
def _joins(
    state: int, activity: int, block: Int64s, row: int, begins: Int64s, pairs: Int64s
) -> bool:
    """Whether case and model do the step together here on a cheapest way."""
    for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
        then = pairs[BY_SOURCE, arrow, 0]
        if pairs[BY_SOURCE, arrow, 1] == activity and block[row + 1, then] == block[row, state]:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _reach(
    first: int, last: int, cost: int, block: Int64s, row: int, begins: Int64s, pairs: Int64s,
    desk: Int64s,
) -> int:  # fmt: skip
    """Add to REGION what its states first to last lead to at this cost; how many it holds then.

    With cost 0 (silent arrows) what is added is gone on from as well.
    """
    size, at = last, first
    while at < (size if cost == 0 else last):
        state = desk[REGION, at]
        at += 1
        for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
            then = pairs[BY_SOURCE, arrow, 0]
            if (
                (pairs[BY_SOURCE, arrow, 1] >= 0) == (cost == 1)
                and block[row, then] == block[row, state] - cost
                and desk[LEVEL, then] < 0
            ):
                desk[LEVEL, then] = desk[LEVEL, state] + cost
                desk[REGION, size] = then
                size += 1
    return size


@numba.njit(cache=True, nogil=True)
def _trace_back(
    size: int, block: Int64s, row: int, begins: Int64s, pairs: Int64s, desk: Int64s
) -> None:
    """Spread what is useful to all states of REGION that lead to it step by step."""
    again = True
    while again:
        again = False
        for at in range(size - 1, -1, -1):
            state = desk[REGION, at]
            for arrow in range(begins[BY_SOURCE, state], begins[BY_SOURCE, state + 1]):
                then = pairs[BY_SOURCE, arrow, 0]
                cost = 1 if pairs[BY_SOURCE, arrow, 1] >= 0 else 0
                if (
                    desk[USEFUL, then] > desk[USEFUL, state]
                    and desk[LEVEL, then] == desk[LEVEL, state] + cost
                    and block[row, then] == block[row, state] - cost
                ):
                    desk[USEFUL, state] = 1
                    again = True


@numba.njit(cache=True, nogil=True)
def _ahead(
    count: int, activity: int, block: Int64s, row: int, begins: Int64s, pairs: Int64s,
    desk: Int64s,
) -> tuple[int, int]:  # fmt: skip
    """Find the fewest steps of the model alone after which it joins the case in its next step.

    Gives (how many steps, how many states REGION holds), 0 steps where it cannot. LEVEL and USEFUL
    say of these after how many steps they are reached and whether they lead there.
    """
    for at in range(count):
        desk[REGION, at] = desk[HERE, at]
        desk[LEVEL, desk[HERE, at]] = 0
    first, size, steps, found = 0, count, 0, False
    while first < size:
        for at in range(first, size):
            if _joins(desk[REGION, at], activity, block, row, begins, pairs):
                desk[USEFUL, desk[REGION, at]] = 1
                found = True
        if found:
            _trace_back(size, block, row, begins, pairs, desk)
            return steps, size
        steps += 1
        last = size
        size = _reach(first, last, 1, block, row, begins, pairs, desk)
        size = _reach(last, size, 0, block, row, begins, pairs, desk)
        first = last
    return 0, size


@numba.njit(cache=True, nogil=True)
def _go_ahead(
    count: int, activity: int, block: Int64s, row: int, lonely: int, alone: Int64s,
    begins: Int64s, pairs: Int64s, desk: Int64s,
) -> tuple[int, int]:  # fmt: skip
    """Let the model alone go to where it joins the case: (steps, states); noted from lonely on."""
    steps, size = _ahead(count, activity, block, row, begins, pairs, desk)
    for step in range(steps):
        alone[0, lonely + step], count = _model_alone(
            count, block, row, step + 1, begins, pairs, desk
        )
    for at in range(size):
        desk[LEVEL, desk[REGION, at]] = -1
        desk[USEFUL, desk[REGION, at]] = 0
    return steps, count


@numba.njit(cache=True, nogil=True)
def _next(
    count: int, activity: int, left: int, way: int, block: Int64s, row: int, lonely: int,
    alone: Int64s, begins: Int64s, pairs: Int64s, desk: Int64s,
) -> tuple[int, int, int]:  # fmt: skip
    """Go on by one step of the case, or by what the model has to do before it alone.

    Gives (SYNC or LOG, -1: the step is still to be done; steps of the model alone; states then).
    """
    if activity >= 0:
        size = _together(count, activity, left, block, row, begins, pairs, desk)
        if size:
            desk[DONE, activity] = way
            return SYNC, 0, size
        if desk[DONE, activity] != way:
            steps, size = _go_ahead(count, activity, block, row, lonely, alone, begins, pairs, desk)
            if steps:
                return -1, steps, size
    size = _case_alone(count, left, block, row, begins, pairs, desk)
    if size:
        return LOG, 0, size
    steps, size = _go_ahead(count, activity, block, row, lonely, alone, begins, pairs, desk)
    if not steps:
        raise AssertionError("no cheapest way goes on from here")
    return -1, steps, size


@numba.njit(cache=True, nogil=True)
def _walk_way(
    way: int, codes: Int64s, first: int, length: int, ends: Int64s, ending: int, kept: Int64s,
    block: Int64s, left: int, kinds: Int64s, lonely: int, alone: Int64s, begins: Int64s,
    pairs: Int64s, desk: Int64s,
) -> int:  # fmt: skip
    """Align one way that is `left` deviations from the model; how many rows of alone there are."""
    count, at = _take(_note(0, 0, desk), kept, 0, begins, pairs, desk), 0
    while at < length:
        row = at % BLOCK
        if row == 0 and at > 0:
            fill_block(at // BLOCK, codes, first, length, kept, block, begins, pairs, desk)
        kind, steps, count = _next(
            count, codes[first + at], left, way, block, row, lonely, alone, begins, pairs, desk
        )
        for step in range(steps):
            alone[1, lonely + step] = at - 1
        lonely += steps
        left -= steps
        if kind >= 0:
            kinds[first + at] = kind
            left -= kind
            at += 1
    while left > 0:
        alone[0, lonely], count = _model_alone(count, ends, ending, -1, begins, pairs, desk)
        alone[1, lonely] = length - 1
        lonely += 1
        left -= 1
    return lonely


@numba.njit(cache=True, nogil=True)
def walk(
    offsets: Int64s, codes: Int64s, ending: Int64s, ends: Int64s, kept: Int64s, block: Int64s,
    begins: Int64s, pairs: Int64s, desk: Int64s, kinds: Int64s, alone_offsets: Int64s,
    alone: Int64s, deviations: Int64s,
) -> None:  # fmt: skip
    """Align ways, each on the cheapest alignment that `miners.moves` describes.

    `ends` [endings, states] are the deviations that stopping in a state costs, `ending` [ways] the
    row that counts. Fills, over all ways: kinds [steps]; where each way's steps of the model alone
    begin [ways + 1]; alone[0], their activities, and alone[1], the step that each comes behind; and
    deviations [ways], from FAR on where the model has no way to its end.
    """
    lonely = 0
    for way in range(offsets.size - 1):
        first, length = offsets[way], offsets[way + 1] - offsets[way]
        left = fill_all(codes, first, length, ends, ending[way], kept, block, begins, pairs, desk)
        deviations[way] = left
        if left < FAR:
            lonely = _walk_way(
                way, codes, first, length, ends, ending[way], kept, block, left, kinds, lonely,
                alone, begins, pairs, desk,
            )  # fmt: skip
        alone_offsets[way + 1] = lonely
