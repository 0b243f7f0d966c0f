"""Why files waited: for a full folder, behind others, for an officer who was away, or for no one.

The split is that of Lashkevich et al. 2023 (waiting time causes), seen from the officer who took
the file up in the end, from the log alone. At each moment of the waiting the first that applies:

1. *applicant*: the clock of the law stood, because the applicant had the file;
2. *batching*: items taken up together (same officer, activity and moment) wait until the last of
   them is ready;
3. *prioritisation*: the officer had something in hand that was ready later;
4. *contention*: the officer had something else in hand;
5. *unavailability*: the officer had empty hands and was away;
6. *extraneous*: all else, e.g. the file was held back, or lay where nobody who was free saw it.

What cannot be told is not guessed: items without a start, an officer or a known beginning of their
waiting have no cause.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from eventlog.calendar import Calendars
from eventlog.kernels import Bools, Int8s, Int64s
from miners import cause_loops
from miners.desk_clock import Clock, clocks
from miners.hands import Hands
from miners.work_items import Items

CAUSES = (
    "batching",
    "prioritisation",
    "contention",
    "unavailability",
    "extraneous",
    "applicant",
)
# What more officers could shorten.
FOR_OFFICERS = (CAUSES.index("contention"), CAUSES.index("unavailability"))
# Items that one thread looks at together; beside the answer each needs some hundred bytes.
_TOGETHER = 250_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Spans:
    """When each case was with its applicant: case c from start[k] to end[k], microseconds UTC.

    k goes from offsets[c] to offsets[c + 1] in the order of the starts; spans may overlap.
    """

    offsets: Int64s
    start: Int64s
    end: Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Causes:
    """The waiting of each item by cause, in the order of `CAUSES`.

    `milliseconds` [items, 6] is working time with a calendar and elapsed time without, and sums to
    the item's waiting exactly; `known` [items] says for which items it could be told, the others
    have zeros.
    """

    milliseconds: Int64s
    known: Bools

    @property
    def main(self) -> Int8s:
        """The place in `CAUSES` of what took longest, the first of equals; -1 unknown or none."""
        return np.asarray(cause_loops.longest(self.milliseconds), np.int8)


def split(
    items: Items,
    hands: Hands,
    *,
    calendars: Calendars | None,
    now: int,
    applicant: Spans | None = None,
    vague: Bools | None = None,
) -> Causes:
    """Split the waiting of every item by cause; `now` is the end of the log, microseconds UTC.

    `hands` says what officers had in hand. Who was away is not in the log, and is inferred:
    with a calendar, an officer with empty hands is *away* on every working day on which nothing
    was taken up, the rest of a day on which something was only finished included where a whole day
    away follows (a shorter stretch may as well be idleness); without a calendar, in any
    stretch of eight hours or more with empty hands, nights and weekends included. A completion
    without a start shows that the officer was there on that day.

    `vague` marks items whose times are dates without a time (`miners.quality.midnights`): what
    happened within a day is not told from these. Time O(n log n); memory beside the answer is
    bounded by the items of the busiest officer of each thread.
    """
    known = items.waited & (items.resource.codes >= 0)
    if vague is not None:
        known &= ~vague
    out = np.zeros((len(known), len(CAUSES)), np.int64)
    if known.any():
        offered = np.append(known, np.zeros(len(hands.item) - len(items), bool))
        found, places = clocks(calendars, items.unit, (int(items.enabled[known].min()), now))
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            asked = [offered]
            if len(found) > 1:
                place = places[items.unit.codes[hands.item]]
                asked = [offered & (place == number) for number in range(len(found))]
            for one, clock in zip(asked, found, strict=True):
                waiting = [
                    threads.submit(_split_part, items, hands, officers, one, clock, applicant, out)
                    for officers in _parts(hands, one)
                ]
                for part in waiting:
                    part.result()
    return Causes(milliseconds=out, known=known)


def _parts(hands: Hands, asked: Bools) -> Iterator[Int64s]:
    """The officers who have a row that is asked for, some at a time."""
    offsets, rows = hands.offsets, hands.rows
    concerned = np.add.reduceat(np.append(asked[rows], False), offsets[:-1]) > 0
    concerned &= np.diff(offsets) > 0
    officers = np.flatnonzero(concerned)
    sizes = np.diff(offsets)[officers]
    if len(officers):
        batch = (np.cumsum(sizes) - sizes) // _TOGETHER
        yield from np.split(officers, np.flatnonzero(np.diff(batch)) + 1)


def _rows_of(hands: Hands, officers: Int64s) -> tuple[Int64s, Int64s]:
    """The spells of these officers, officer by officer, and where those of each begin."""
    sizes = np.diff(hands.offsets)[officers]
    bounds = np.zeros(len(officers) + 1, np.int64)
    np.cumsum(sizes, out=bounds[1:])
    places = np.arange(bounds[-1]) + np.repeat(hands.offsets[officers] - bounds[:-1], sizes)
    return hands.rows[places], bounds


def _split_part(
    items: Items,
    hands: Hands,
    officers: Int64s,
    offered: Bools,
    clock: Clock,
    applicant: Spans | None,
    out: Int64s,
) -> None:
    """Write the milliseconds of the spells that are asked for of some officers into `out`."""
    part, bounds = _rows_of(hands, officers)
    asked = offered[part]
    item = hands.item[part]
    since, begun = items.enabled[item], hands.begun[part]
    since_clock, begun_clock = clock.read(since), clock.read(begun)
    if applicant is None:
        windows = np.zeros(len(part) + 1, np.int64)
        np.cumsum(asked, out=windows[1:])
        low, high = since_clock[asked], begun_clock[asked]
    else:
        windows, low, high = cause_loops.subtract(
            items.case[item],
            np.where(asked, since, 0),
            np.where(asked, begun, 0),
            applicant.offsets,
            applicant.start,
            applicant.end,
        )
        low, high = clock.read(low), clock.read(high)
    cause_loops.split_officers(
        bounds,
        hands.activity[part],
        since,
        since_clock,
        begun,
        begun_clock,
        clock.read(hands.done[part]),
        windows,
        low,
        high,
        clock.days if clock.working is not None else np.empty(0, np.int64),
        len(items.activity.vocabulary),
        item,
        asked,
        out,
    )
