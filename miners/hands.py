"""Who had what in hand, and from when until when."""

from dataclasses import dataclass

import numba
import numpy as np

from eventlog.kernels import UNKNOWN, Int32s, Int64s
from miners.ascending import ascending
from miners.work_items import Items


@dataclass(frozen=True, kw_only=True, eq=False)
class Hands:
    """Spells in hand: one an item, and one more after each pause; columns have shape [spells].

    `item` is the place of the item (spell i < items is that of item i), `activity` its activity, -1
    after a pause, `resource` the officer's code or -1. `begun` is UNKNOWN where there is no start,
    `done` where neither an end nor a start is known; both microseconds UTC. Officer o has the
    spells rows[offsets[o]:offsets[o + 1]], in the order of `begun`.
    """

    item: Int64s
    activity: Int32s
    resource: Int32s
    begun: Int64s
    done: Int64s
    offsets: Int64s
    rows: Int64s


def in_hand(items: Items, now: int) -> Hands:
    """The spells of all items; `now` is the end of the log, microseconds UTC.

    An item holds its officer from start to completion, pauses aside. One that is not completed
    counts until the officer takes up another, or else until now.
    """
    item = np.arange(len(items))
    activity, begun, done = items.activity.codes, items.started, items.completed.copy()
    pauses = items.pauses
    if len(pauses.item):
        order = np.lexsort((pauses.start, pauses.item))
        paused, start, end = pauses.item[order], pauses.start[order], pauses.end[order]
        first = np.ones(len(paused), bool)
        first[1:] = paused[1:] != paused[:-1]
        until = done[paused]
        until[:-1] = np.where(first[1:], until[:-1], start[1:])
        done[paused[first]] = start[first]
        item = np.concatenate([item, paused])
        activity = np.concatenate([activity, np.full(len(paused), -1, np.int32)])
        begun = np.concatenate([begun, end])
        done = np.concatenate([done, np.maximum(until, end)])
    resource = items.resource.codes
    if len(pauses.item):
        resource = resource[item]
    offsets, rows = by_owner(resource, len(items.resource.vocabulary))
    sort_within(offsets, rows, begun)
    end_unfinished(offsets, rows, begun, done, now)
    return Hands(
        item=item,
        activity=activity,
        resource=resource,
        begun=begun,
        done=done,
        offsets=offsets,
        rows=rows,
    )


@numba.njit(cache=True, nogil=True)
def by_owner(owner: Int32s, owners: int) -> tuple[Int64s, Int64s]:
    """Group rows by owner, in their order: offsets [owners + 1] and rows; -1 is left out."""
    offsets = np.zeros(owners + 1, np.int64)
    for row in range(owner.size):
        if owner[row] >= 0:
            offsets[owner[row] + 1] += 1
    for one in range(owners):
        offsets[one + 1] += offsets[one]
    at = np.empty(owners, np.int64)
    for one in range(owners):
        at[one] = offsets[one]
    rows = np.empty(offsets[owners], np.int64)
    for row in range(owner.size):
        if owner[row] >= 0:
            rows[at[owner[row]]] = row
            at[owner[row]] += 1
    return offsets, rows


@numba.njit(cache=True, nogil=True)
def sort_within(offsets: Int64s, rows: Int64s, moment: Int64s) -> None:
    """Put the rows of each owner in the order of their moments, equals as they came, in place."""
    for one in range(offsets.size - 1):
        first = offsets[one]
        mine = np.empty(offsets[one + 1] - first, np.int64)
        moments = np.empty(mine.size, np.int64)
        for place in range(mine.size):
            mine[place] = rows[first + place]
            moments[place] = moment[mine[place]]
        order = ascending(moments)
        for place in range(mine.size):
            rows[first + place] = mine[order[place]]


@numba.njit(cache=True, nogil=True)
def end_unfinished(offsets: Int64s, rows: Int64s, begun: Int64s, done: Int64s, now: int) -> None:
    """Let what is not finished end when its owner takes up another, or else now; in place.

    The rows of each owner stand in the order of `begun`.
    """
    for one in range(offsets.size - 1):
        following = np.int64(now)
        for place in range(offsets[one + 1] - 1, offsets[one] - 1, -1):
            row = rows[place]
            if begun[row] == UNKNOWN:
                break
            after = place + 1
            if after < offsets[one + 1] and begun[rows[after]] > begun[row]:
                following = begun[rows[after]]
            if done[row] == UNKNOWN:
                done[row] = max(begun[row], following)
