"""What to keep in mind of a queue's figures: dates without times, and the applicant's own time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eventlog.calendar import Calendars
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.cause_loops import subtract
from miners.causes import Spans
from miners.durations import Floats
from miners.work_items import Items

Place = tuple[str, str | None]
"""An activity, and the unit that does it."""


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """Shares of 0 to 1 of one queue.

    `dated` is that of its items which have a date without a time at either end; `applicant` that
    of the time from enabled to completed in which the applicant had the file, of items without a
    start: of the others the causes tell.
    """

    dated: float = 0.0
    applicant: float = 0.0


def queue_doubts(
    items: Items, vague: Bools, applicant: Spans | None, calendars: Calendars | None
) -> Mapping[Place, Doubts]:
    """The doubts by activity and unit, of items whose beginning is known.

    `vague` [items] marks dates without a time; `applicant` is when each case was with its
    applicant. Time is working time with `calendars`.
    """
    names, units = items.activity.vocabulary.labels, (*items.unit.vocabulary.labels, None)
    size = len(names) * len(units)
    unit = np.where(items.unit.codes < 0, len(units) - 1, items.unit.codes)
    key = items.activity.codes.astype(np.int64) * len(units) + unit
    begun = np.flatnonzero(items.enabled != UNKNOWN)
    every = np.bincount(key[begun], minlength=size)
    dated = np.bincount(key[begun[vague[begun]]], minlength=size)
    whole: Floats = np.zeros(size)
    left: Floats = np.zeros(size)
    bare = np.flatnonzero(
        (items.enabled != UNKNOWN) & (items.started == UNKNOWN) & (items.completed != UNKNOWN)
    )
    if applicant is not None and len(applicant.start) and len(bare):
        spent, others = _shared(items, bare, applicant, calendars)
        whole, left = (_sums(key[bare], amounts, size) for amounts in (spent, others))
    return {
        (names[place // len(units)], units[place % len(units)]): Doubts(
            dated=float(dated[place] / every[place]),
            applicant=float(1 - left[place] / whole[place]) if whole[place] else 0.0,
        )
        for place in np.flatnonzero(every).tolist()
    }


def _sums(key: Int64s, amounts: Int64s, size: int) -> Floats:
    return np.asarray(np.bincount(key, amounts.astype(np.float64), size), np.float64)


def _shared(
    items: Items, rows: Int64s, applicant: Spans, calendars: Calendars | None
) -> tuple[Int64s, Int64s]:
    """Milliseconds from enabled to completed of these items, and without the applicant's part."""
    low, high = items.enabled[rows], items.completed[rows]
    offsets, since, until = subtract(
        items.case[rows], low, high, applicant.offsets, applicant.start, applicant.end
    )
    owner = np.repeat(np.arange(len(rows)), np.diff(offsets))
    if calendars is None:
        spent, pieces = (high - low) // 1000, (until - since) // 1000
    else:
        spent = calendars.between(low, high, items.unit.take(rows))
        pieces = calendars.between(since, until, items.unit.take(rows[owner]))
    left = np.zeros(len(rows), np.int64)
    np.add.at(left, owner, pieces)
    return spent, left
