"""Who is picked while others wait, counted line by line: compiled loops.

A line is a queue of one service class: files that should be taken up in their turn. Line l has the
items rows[offsets[l]:offsets[l + 1]]. An item waits from `joined` to `left`, both included, and is
`picked` then or still waits (or was dropped); moments are microseconds. What happens at the same
moment happens to all of them at once: no order is invented.
"""

import numba
import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from miners.ascending import ascending
from miners.shares import Floats


@numba.njit(cache=True, nogil=True)
def taken_from(values: Int64s | Int32s, rows: Int64s) -> Int64s:
    """The values of some rows; [rows]."""
    out = np.empty(rows.size, np.int64)
    for place in range(rows.size):
        out[place] = values[rows[place]]
    return out


@numba.njit(cache=True, nogil=True)
def score_lines(
    offsets: Int64s,
    rows: Int64s,
    joined: Int64s,
    left: Int64s,
    picked: Bools,
    score: Floats,
    waiting: Int32s,
) -> None:
    """Write the pick score of each item, and how many waited when it left, itself included.

    Where k of Q are picked at one moment, each of the Q could expect k/Q of a pick.
    """
    for line in range(offsets.size - 1):
        mine = rows[offsets[line] : offsets[line + 1]]
        comes, goes = taken_from(joined, mine), taken_from(left, mine)
        by_coming, by_going = ascending(comes), ascending(goes)
        before = np.empty(mine.size, np.float64)
        expected = 0.0
        came = low = 0
        while low < mine.size:
            moment = goes[by_going[low]]
            while came < mine.size and comes[by_coming[came]] <= moment:
                before[by_coming[came]] = expected
                came += 1
            high, picks = low, 0
            while high < mine.size and goes[by_going[high]] == moment:
                picks += picked[mine[by_going[high]]]
                high += 1
            # Who left earlier stands before `low` in the order of leaving.
            many = came - low
            expected += picks / many
            for place in range(low, high):
                item = mine[by_going[place]]
                score[item] = picked[item] - (expected - before[by_going[place]])
                waiting[item] = many
            low = high


@numba.njit(cache=True, nogil=True)
def _up_to(tree: Int32s, place: int) -> int:
    total = 0
    while place > 0:
        total += tree[place]
        place -= place & -place
    return total


@numba.njit(cache=True, nogil=True)
def _add(tree: Int32s, place: int) -> None:
    while place < tree.size:
        tree[place] += 1
        place += place & -place


@numba.njit(cache=True, nogil=True)
def _seniority(comes: Int64s) -> tuple[Int64s, Int64s]:
    """How many joined before each, and how many before or with it."""
    order = ascending(comes)
    older, as_old = np.empty(comes.size, np.int64), np.empty(comes.size, np.int64)
    low = 0
    while low < comes.size:
        high = low
        while high < comes.size and comes[order[high]] == comes[order[low]]:
            high += 1
        for place in range(low, high):
            older[order[place]], as_old[order[place]] = low, high
        low = high
    return older, as_old


@numba.njit(cache=True, nogil=True)
def overtake_lines(
    offsets: Int64s,
    rows: Int64s,
    joined: Int64s,
    left: Int64s,
    picked: Bools,
    passed: Int32s,
    passed_by: Int32s,
) -> None:
    """Write how many older items each item passed, and how many younger ones passed it.

    Two Fenwick (1994) trees over the order of joining hold who was picked so far and who has left.
    Who is not picked at a moment at which others are was there when these were.
    """
    for line in range(offsets.size - 1):
        mine = rows[offsets[line] : offsets[line + 1]]
        older, as_old = _seniority(taken_from(joined, mine))
        goes = taken_from(left, mine)
        order = ascending(goes)
        taken = np.zeros(mine.size + 1, np.int32)
        gone = np.zeros(mine.size + 1, np.int32)
        picks = low = 0
        while low < mine.size:
            # Those who are picked come first, and count as gone for each other.
            high, many = _picked_first(order, goes, picked, mine, low)
            for place in range(low, many):
                one = order[place]
                passed_by[mine[one]] = picks - _up_to(taken, as_old[one])
            for place in range(low, many):
                _add(taken, older[order[place]] + 1)
                _add(gone, older[order[place]] + 1)
            picks += many - low
            for place in range(low, many):
                one = order[place]
                passed[mine[one]] = older[one] - _up_to(gone, older[one])
            for place in range(many, high):
                one = order[place]
                passed_by[mine[one]] = picks - _up_to(taken, as_old[one])
                _add(gone, older[one] + 1)
            low = high


@numba.njit(cache=True, nogil=True)
def _picked_first(
    order: Int64s, goes: Int64s, picked: Bools, mine: Int64s, low: int
) -> tuple[int, int]:
    """Put those who are picked before the others who leave at the same moment as place `low`.

    Returns where that moment ends, and where the others begin.
    """
    high = many = low
    while high < goes.size and goes[order[high]] == goes[order[low]]:
        if picked[mine[order[high]]]:
            order[high], order[many] = order[many], order[high]
            many += 1
        high += 1
    return high, many


@numba.njit(cache=True, nogil=True)
def came_back(
    case: Int32s, enabled: Int64s, offsets: Int64s, starts: Int64s, ends: Int64s
) -> Int64s:
    """When each item could be taken up: once `enabled` and no longer with its applicant.

    Case c was with its applicant from starts[k] to ends[k], k from offsets[c] to offsets[c + 1].
    """
    out = enabled.copy()
    for item in range(out.size):
        if out[item] == UNKNOWN:
            continue
        for span in range(offsets[case[item]], offsets[case[item] + 1]):
            if starts[span] <= out[item] < ends[span]:
                out[item] = ends[span]
    return out
