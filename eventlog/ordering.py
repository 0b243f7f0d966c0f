"""Brings events into case order, each once: the one pass that everything else stands on.

Case keys are hashes and therefore even: their top bits cut the log into buckets that fit a
processor's cache; each bucket is grouped, cleaned and ordered by itself, and threads take ranges of
buckets side by side. Against one large hash table and sort this halves the time (docs/benchmarks).
Rows that already stand case by case, as a tidied lake gives them, are only looked over: a case
that is in order, each event once, stays as it is.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np

from eventlog import ordering_loops as loops
from eventlog.errors import StopError
from eventlog.kernels import Int32s, Int64s

_T = TypeVar("_T")

# About this many rows a bucket keep its columns inside a second-level cache.
_BUCKET_ROWS = 4096
_MOST_BITS = 16
# Below this, threads cost more than they bring.
_THREADED_ROWS = 200_000
_MOST_ROWS = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Order:
    """Rows in case order: `rows` [events], `offsets` [cases + 1], `case_key` [cases] ascending.

    `rows` is None where all stay as they stand. `repeats`, `conflicts` and `ties` have shape
    [cases]; see `eventlog.log.Log`.
    """

    case_key: Int64s
    offsets: Int64s
    rows: Int32s | None
    repeats: Int32s
    conflicts: Int32s
    ties: Int32s


def order(
    *,
    case_key: Int64s,
    event_key: Int64s,
    content_key: Callable[[], Int64s],
    timestamp: Int64s,
    sequence: Int64s,
) -> Order:
    """Order rows by (case key, timestamp, sequence, event key), repeats dropped; all [rows].

    Of the rows of a case with one event key the smallest (timestamp, content key) stays, whatever
    came first; `content_key` is asked where that has to be decided. StopError above
    2,147,483,647 rows: use slices.
    """
    total = len(case_key)
    if total > _MOST_ROWS:
        raise StopError(f"{total:,} events are too many for one block; mine with --memory")
    threads = (os.cpu_count() or 1) if total >= _THREADED_ROWS else 1
    runs = loops.runs_of(case_key)
    if len(runs):
        return _stand_together(runs, case_key, timestamp, sequence, event_key, content_key, threads)
    bits = 0
    while total >> bits > _BUCKET_ROWS and bits < _MOST_BITS:
        bits += 1
    bounds, members = loops.bucket(case_key, bits)
    rows = np.empty(total, np.int32)
    columns = (case_key, timestamp, sequence, event_key, content_key())
    cuts = _cuts(np.arange((1 << bits) + 1), threads)
    done = _side_by_side(
        lambda a, b: loops.order_buckets(bounds, members, a, b, *columns, rows), cuts, threads
    )
    sizes = np.concatenate([part[2] for part in done])
    counts = np.concatenate([part[3] for part in done])
    pieces = [
        rows[bounds[cut] : bounds[cut] + part[0]] for cut, part in zip(cuts, done, strict=False)
    ]
    return Order(
        case_key=np.concatenate([part[1] for part in done]),
        offsets=_running(sizes),
        rows=rows if sum(map(len, pieces)) == total else np.concatenate(pieces),
        repeats=counts[:, 0].copy(),
        conflicts=counts[:, 1].copy(),
        ties=counts[:, 2].copy(),
    )


def _stand_together(
    runs: Int64s,
    case_key: Int64s,
    timestamp: Int64s,
    sequence: Int64s,
    event_key: Int64s,
    content_key: Callable[[], Int64s],
    threads: int,
) -> Order:
    """Order rows that stand case by case: only cases that are not as they should be are touched."""
    columns = (timestamp, sequence, event_key)
    cuts = _cuts(runs, threads)
    found = _side_by_side(lambda a, b: loops.look_over(runs, a, b, *columns), cuts, threads)
    states = np.concatenate([np.empty(0, np.int8), *found])
    odd = np.flatnonzero(states)
    counts = np.zeros((len(states), 3), np.int32)
    if not len(odd):
        rows, offsets = None, runs
    else:
        placed = np.arange(len(case_key), dtype=np.int32)
        contents = content_key() if (states == loops.REPEATED).any() else np.empty(0, np.int64)
        _side_by_side(
            lambda a, b: loops.mend(runs, odd[a:b], *columns, contents, placed, counts),
            _cuts(np.arange(len(odd) + 1), threads),
            threads,
        )
        offsets = _running(np.diff(runs) - counts[:, 0].astype(np.int64))
        rows = loops.close_up(runs, offsets, placed) if counts[:, 0].any() else placed
    return Order(
        case_key=case_key[runs[:-1]],
        offsets=offsets,
        rows=rows,
        repeats=counts[:, 0].copy(),
        conflicts=counts[:, 1].copy(),
        ties=counts[:, 2].copy(),
    )


def _running(sizes: Int64s) -> Int64s:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def _cuts(bounds: Int64s, threads: int) -> list[int]:
    """Places in `bounds` that cut what it bounds evenly, into one range at least.

    A few more ranges than threads, so that an uneven one does not keep everybody waiting.
    """
    parts = 4 * threads if threads > 1 else 1
    targets = np.linspace(bounds[0], bounds[-1], parts + 1)
    inner = np.searchsorted(bounds, targets[1:-1]).tolist()
    return sorted({0, *inner, len(bounds) - 1}) if len(bounds) > 1 else [0, 0]


def _side_by_side(work: Callable[[int, int], _T], cuts: Sequence[int], threads: int) -> list[_T]:
    if threads == 1:
        return [work(a, b) for a, b in pairwise(cuts)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, cuts[:-1], cuts[1:]))
