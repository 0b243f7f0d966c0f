"""What is still to come, step by step from the last: the first half of aligning (`miners.moves`).

A procedure is its reachability graph. A layer holds, per state, how many deviations are still to
come when so many steps of the way have been read. Silent arrows are free, those of an activity cost
one deviation where the model goes alone.

The loops take few arrays, each with several things in its rows: compiling them takes far longer
for every array that is handed on, and again for every type of number. Nothing is allocated in them.

- `begins` [3, places + 1] and `pairs` [3, arrows, 2] are the arrows in three orders. BY_SOURCE: the
  arrows that leave state s are pairs[BY_SOURCE, begins[BY_SOURCE, s]:begins[BY_SOURCE, s + 1]], as
  (state they lead to, label; -1: silent). BY_LABEL: (from, to). BY_TARGET: (from, cost).
- `desk` [DESK_ROWS, places + 1] is room to work in, with zeros at first but for LEVEL and DONE.
"""

import numba

from eventlog.kernels import Int64s

BY_SOURCE, BY_LABEL, BY_TARGET = range(3)
QUEUE, QUEUED, HERE, OTHER, REGION, LEVEL, USEFUL, SEEN, DONE, STAMP = range(10)
DESK_ROWS = 10

FAR = 1 << 29
"""More deviations than there can be: from there the end is not reached."""
BLOCK = 64
"""Layers that are held at a time; of the others only every so many, and these are found again."""


@numba.njit(cache=True, nogil=True)
def relax(
    layers: Int64s, row: int, count: int, begins: Int64s, pairs: Int64s, desk: Int64s
) -> None:
    """Let what layers[row] knows of the states in QUEUE lower what it knows of those before."""
    head, size = 0, desk.shape[1]
    while count > 0:
        state = desk[QUEUE, head]
        head = (head + 1) % size
        count -= 1
        desk[QUEUED, state] = 0
        for at in range(begins[BY_TARGET, state], begins[BY_TARGET, state + 1]):
            found = layers[row, state] + pairs[BY_TARGET, at, 1]
            before = pairs[BY_TARGET, at, 0]
            if found < layers[row, before]:
                layers[row, before] = found
                if not desk[QUEUED, before]:
                    desk[QUEUED, before] = 1
                    desk[QUEUE, (head + count) % size] = before
                    count += 1


@numba.njit(cache=True, nogil=True)
def _step_back(
    block: Int64s, row: int, activity: int, begins: Int64s, pairs: Int64s, desk: Int64s
) -> None:
    """Fill block[row] from block[row + 1], when the step between them is of this activity."""
    for state in range(block.shape[1]):
        block[row, state] = block[row + 1, state] + 1
    if activity < 0:
        return
    count = 0
    for at in range(begins[BY_LABEL, activity], begins[BY_LABEL, activity + 1]):
        state, found = pairs[BY_LABEL, at, 0], block[row + 1, pairs[BY_LABEL, at, 1]]
        if found < block[row, state]:
            block[row, state] = found
            if not desk[QUEUED, state]:
                desk[QUEUED, state] = 1
                desk[QUEUE, count] = state
                count += 1
    relax(block, row, count, begins, pairs, desk)


@numba.njit(cache=True, nogil=True)
def fill_block(
    number: int,
    codes: Int64s,
    first: int,
    length: int,
    kept: Int64s,
    block: Int64s,
    begins: Int64s,
    pairs: Int64s,
    desk: Int64s,
) -> None:
    """Fill block [BLOCK + 1, states] with the layers of a way from step number * BLOCK on.

    `kept` [blocks + 1, states] has the layer at which each block begins, the last one's end behind.
    """
    steps = min(length - number * BLOCK, BLOCK)
    for state in range(block.shape[1]):
        block[steps, state] = kept[number + 1, state]
    for row in range(steps - 1, -1, -1):
        activity = codes[first + number * BLOCK + row]
        _step_back(block, row, activity, begins, pairs, desk)


@numba.njit(cache=True, nogil=True)
def fill_all(
    codes: Int64s,
    first: int,
    length: int,
    ends: Int64s,
    ending: int,
    kept: Int64s,
    block: Int64s,
    begins: Int64s,
    pairs: Int64s,
    desk: Int64s,
) -> int:
    """Go from the end of a way to its start; the fewest deviations of the way.

    ends[ending] is what stopping in a state costs. Leaves the first block filled.
    """
    blocks = max(1, (length + BLOCK - 1) // BLOCK)
    for state in range(block.shape[1]):
        kept[blocks, state] = ends[ending, state]
    for number in range(blocks - 1, -1, -1):
        fill_block(number, codes, first, length, kept, block, begins, pairs, desk)
        for state in range(block.shape[1]):
            kept[number, state] = block[0, state]
    return int(block[0, 0])
