"""The compiled loops of `eventlog.pairing`: queues of what waits and of what is in hand.

`items` [n, 8] and `groups` [groups, 8] are what is kept while a case is read; `moment` [events] is
in microseconds, `row` the place of an event in the log.
"""

import numba
import numpy as np

from eventlog.event import COMPLETE, LIFECYCLES, START, Lifecycle
from eventlog.kernels import UNKNOWN, Int8s, Int32s, Int64s

SCHEDULE = LIFECYCLES.index(Lifecycle.SCHEDULE)
SUSPEND = LIFECYCLES.index(Lifecycle.SUSPEND)
RESUME = LIFECYCLES.index(Lifecycle.RESUME)


# What is kept of an item while its case is read: the rows of its events (-1: none), the moment
# that enabled it, the item behind it in its queue, since when it rests, whether it is dropped.
_FIRST, _SCHEDULED, _STARTED, _COMPLETED, _ENABLED, _BEHIND, _RESTS, _DROPPED = range(8)
# What is kept of a group: the case it speaks of; first and last item that wait to be started, and
# that are started; the item touched last; whether those that wait may be mere handings on.
_CASE, _WAITING, _WAITING_LAST, _OPEN, _OPEN_LAST, _TOUCHED, _SPARE, _UNUSED = range(8)

# Gaps of a shell sort (Ciura 2001): cases are short and nearly sorted, a long one must not hang.
_GAPS = (1_750_000, 350_000, 70_000, 14_000, 3_937, 1_750, 701, 301, 132, 57, 23, 10, 4, 1)


@numba.njit(cache=True, nogil=True)
def _append(items: Int64s, groups: Int64s, g: int, queue: int, item: int) -> None:
    """Put an item behind the others in a queue (`_WAITING` or `_OPEN`) of group g."""
    items[item, _BEHIND] = -1
    if groups[g, queue] < 0:
        groups[g, queue] = item
    else:
        items[groups[g, queue + 1], _BEHIND] = item
    groups[g, queue + 1] = item


@numba.njit(cache=True, nogil=True)
def _take(items: Int64s, groups: Int64s, g: int, queue: int) -> int:
    """Take the first item out of a queue of group g; -1 where it is empty."""
    item = int(groups[g, queue])
    if item >= 0:
        groups[g, queue] = items[item, _BEHIND]
    return item


@numba.njit(cache=True, nogil=True)
def _take_waiting(items: Int64s, groups: Int64s, g: int) -> int:
    """The item of group g that waits longest to be started; those left behind become spare."""
    item = _take(items, groups, g, _WAITING)
    if item >= 0:
        groups[g, _SPARE] = np.int64(groups[g, _WAITING] >= 0)
    return item


@numba.njit(cache=True, nogil=True)
def _new(items: Int64s, size: int, row: int, enabled: int) -> int:
    """Begin an item with the event at `row`; returns its number."""
    items[size, _FIRST] = row
    items[size, _SCHEDULED] = items[size, _STARTED] = items[size, _COMPLETED] = -1
    items[size, _ENABLED] = enabled
    items[size, _RESTS] = -1
    items[size, _DROPPED] = 0
    return size


@numba.njit(cache=True, nogil=True)
def _schedule(items: Int64s, groups: Int64s, g: int, size: int, row: int, moment: Int64s) -> int:
    """Somebody is given the work; returns how many items there are now."""
    item = groups[g, _TOUCHED]
    if item >= 0 and items[item, _SCHEDULED] < 0 and moment[items[item, _FIRST]] == moment[row]:
        items[item, _SCHEDULED] = row  # told behind its own start, at the same moment
        items[item, _ENABLED] = moment[row]
        return size
    if groups[g, _SPARE]:
        while groups[g, _WAITING] >= 0:
            items[_take(items, groups, g, _WAITING), _DROPPED] = 1
        groups[g, _SPARE] = 0
    item = _new(items, size, row, moment[row])
    items[item, _SCHEDULED] = row
    _append(items, groups, g, _WAITING, item)
    return size + 1


@numba.njit(cache=True, nogil=True)
def _start(
    items: Int64s, groups: Int64s, g: int, size: int, row: int, moment: Int64s, before: int
) -> int:
    """The work is taken up; returns how many items there are now."""
    item = groups[g, _TOUCHED]
    if item >= 0 and items[item, _STARTED] < 0 and moment[items[item, _COMPLETED]] == moment[row]:
        items[item, _STARTED] = row  # told behind its own completion, at the same moment
        return size
    item = _take_waiting(items, groups, g)
    if item < 0:
        item = _new(items, size, row, before)
        size += 1
    items[item, _STARTED] = row
    _append(items, groups, g, _OPEN, item)
    groups[g, _TOUCHED] = item
    return size


@numba.njit(cache=True, nogil=True)
def _complete(
    items: Int64s, groups: Int64s, g: int, size: int, row: int, before: int
) -> tuple[int, int]:
    """The work is done; returns which item it was, and how many there are now."""
    item = _take(items, groups, g, _OPEN)
    if item < 0:
        item = _take_waiting(items, groups, g)
        if item < 0:
            item = _new(items, size, row, before)
            size += 1
        groups[g, _TOUCHED] = item
    items[item, _COMPLETED] = row
    return item, size


@numba.njit(cache=True, nogil=True)
def _enable_tied(items: Int64s, known: int, size: int, row: int, moment: Int64s) -> None:
    """A completion at the very moment at which items were started came before them, not after.

    Those below `known` have been told so already.
    """
    for item in range(size - 1, known - 1, -1):
        if moment[items[item, _FIRST]] != moment[row]:
            break
        if items[item, _SCHEDULED] < 0 and items[item, _STARTED] == items[item, _FIRST]:
            items[item, _ENABLED] = moment[row]


@numba.njit(cache=True, nogil=True)
def _settle(
    items: Int64s, groups: Int64s, group: Int32s, size: int, moment: Int64s, order: Int64s
) -> int:
    """Drop what nobody took up after a handing on, put the rest in order; returns how many stay."""
    kept = 0
    sorted_ = True
    for item in range(size):
        row = items[item, _SCHEDULED]
        if row >= 0 and items[item, _STARTED] < 0 and items[item, _COMPLETED] < 0:
            g = group[row]
            if groups[g, _SPARE] or groups[g, _WAITING] != item:
                items[item, _DROPPED] = 1
        if items[item, _DROPPED]:
            continue
        if items[item, _ENABLED] == UNKNOWN:  # its first moment stands in while it is sorted
            items[item, _BEHIND] = moment[items[item, _FIRST]]
        else:
            items[item, _BEHIND] = items[item, _ENABLED]
        if kept and items[item, _BEHIND] < items[order[kept - 1], _BEHIND]:
            sorted_ = False
        order[kept] = item
        kept += 1
    if not sorted_:
        _sort(order, kept, items)
    return kept


@numba.njit(cache=True, nogil=True)
def _sort(order: Int64s, size: int, items: Int64s) -> None:
    """Order items by moment (kept in `_BEHIND`), then by number, in place."""
    for gap in _GAPS:
        for index in range(gap, size):
            item = order[index]
            moment = items[item, _BEHIND]
            place = index
            while place >= gap:
                other = order[place - gap]
                when = items[other, _BEHIND]
                if when < moment or (when == moment and other < item):
                    break
                order[place] = other
                place -= gap
            order[place] = item


@numba.njit(cache=True, nogil=True)
def _rest(items: Int64s, item: int, at: int, pauses: Int64s, paused: int) -> int:
    """An item's suspension ends; returns how many pauses there are now."""
    if item >= 0 and items[item, _RESTS] >= 0:
        pauses[paused, 0] = item
        pauses[paused, 1] = items[item, _RESTS]
        pauses[paused, 2] = at
        items[item, _RESTS] = -1
        paused += 1
    return paused


@numba.njit(cache=True, nogil=True)
def _read_case(
    first: int,
    last: int,
    case: int,
    group: Int32s,
    lifecycle: Int8s,
    moment: Int64s,
    items: Int64s,
    groups: Int64s,
    pauses: Int64s,
    paused: int,
) -> tuple[int, int]:
    """Make items of the rows first..last of a case; returns how many, and how many pauses now.

    Pauses hold rows where `pair` will have moments.
    """
    size = known = 0
    before = UNKNOWN
    for row in range(first, last):
        g, word = group[row], lifecycle[row]
        if groups[g, _CASE] != case:
            groups[g, _CASE] = case
            groups[g, _WAITING] = groups[g, _OPEN] = groups[g, _TOUCHED] = -1
            groups[g, _SPARE] = 0
        if word == COMPLETE:
            item, size = _complete(items, groups, g, size, row, before)
            paused = _rest(items, item, row, pauses, paused)
            start = items[item, _STARTED]
            if start >= 0 and moment[start] < moment[row]:
                _enable_tied(items, known, size, row, moment)
                known = size
            before = int(moment[row])
        elif word == START:
            size = _start(items, groups, g, size, row, moment, before)
        elif word == SCHEDULE:
            size = _schedule(items, groups, g, size, row, moment)
        elif word == RESUME:
            paused = _rest(items, groups[g, _OPEN], row, pauses, paused)
        elif groups[g, _OPEN] >= 0 and items[groups[g, _OPEN], _RESTS] < 0:
            items[groups[g, _OPEN], _RESTS] = row
    return size, paused


@numba.njit(cache=True, nogil=True)
def pair_queued(
    offsets: Int64s, group: Int32s, many: int, lifecycle: Int8s, moment: Int64s
) -> tuple[Int32s, Int32s, Int64s, Int32s, Int32s, Int32s, Int64s]:
    """The columns of `eventlog.pairing.Pairs`."""
    largest = np.int64(1)
    for case in range(offsets.size - 1):
        largest = max(largest, offsets[case + 1] - offsets[case])
    most = rests = 0
    for row in range(lifecycle.size):
        most += lifecycle[row] != SUSPEND and lifecycle[row] != RESUME
        rests += lifecycle[row] == SUSPEND
    items, order = np.empty((largest, 8), np.int64), np.empty(largest, np.int64)
    place = np.empty(largest, np.int64)
    groups = np.full((many, 8), -1, np.int64)
    # Untouched memory costs nothing, so "as many items as events" is a fair size.
    of, position = np.empty(most, np.int32), np.empty(most, np.int32)
    enabled = np.empty(most, np.int64)
    scheduled, started = np.empty(most, np.int32), np.empty(most, np.int32)
    completed = np.empty(most, np.int32)
    pauses = np.empty((rests, 3), np.int64)
    total = paused = 0
    for case in range(offsets.size - 1):
        already = paused
        size, paused = _read_case(
            offsets[case], offsets[case + 1], case, group, lifecycle, moment, items, groups,
            pauses, paused,
        )  # fmt: skip
        kept = _settle(items, groups, group, size, moment, order)
        for at in range(kept):
            item = order[at]
            of[total + at], position[total + at] = case, at
            enabled[total + at] = items[item, _ENABLED]
            scheduled[total + at] = items[item, _SCHEDULED]
            started[total + at] = items[item, _STARTED]
            completed[total + at] = items[item, _COMPLETED]
            place[item] = total + at
        for at in range(already, paused):
            pauses[at, 0] = place[pauses[at, 0]]
            pauses[at, 1], pauses[at, 2] = moment[pauses[at, 1]], moment[pauses[at, 2]]
        total += kept
    return (
        of[:total], position[:total], enabled[:total], scheduled[:total], started[:total],
        completed[:total], pauses[:paused],
    )  # fmt: skip
