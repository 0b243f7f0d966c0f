"""Where files leave the procedure on the map: the passages and the steps that stray."""

from dataclasses import dataclass

import numpy as np

from eventlog import kernels
from eventlog.kernels import Bools, Int32s, Int64s
from miners.detours.marks import CONFORMING, Marks
from miners.detours.steps import Steps


@dataclass(frozen=True, kw_only=True, eq=False)
class Passages:
    """From which step to which: codes of the activities, how often, and how often it strayed.

    `cases` is in how many cases it strayed. Arrays have shape [edges], in the order of the codes.
    """

    source: Int32s
    target: Int32s
    frequency: Int64s
    straying: Int64s
    cases: Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Tallies:
    """How often each activity was done, how often that strayed, how often it was left out.

    `cases` is in how many cases it strayed. Arrays have shape [labels of `Marks`].
    """

    events: Int64s
    straying: Int64s
    cases: Int64s
    skipped: Int64s


def passages(steps: Steps, marks: Marks) -> Passages:
    """Every passage of the map, and how often it strayed.

    It strays where it leads to a straying step or away from one, or where a step is missing in it.
    The frequencies are those of the directly-follows graph (`miners.dfg`), for `merged` steps too.
    """
    if not len(steps):
        nothing = np.empty(0, np.int64)
        codes = np.empty(0, np.int32)
        return Passages(
            source=codes, target=codes, frequency=nothing, straying=nothing, cases=nothing
        )
    code, labels = steps.activity.codes.astype(np.int64), len(marks.labels)
    astray = marks.stray != CONFORMING
    missing = np.zeros(len(steps), bool)
    missing[marks.skipped_after[marks.skipped_after >= 0]] = True
    on = np.flatnonzero(steps.case[1:] == steps.case[:-1])
    stays = np.flatnonzero(steps.count > 1)
    keys = np.concatenate([code[on] * labels + code[on + 1], code[stays] * (labels + 1)])
    times = np.concatenate([np.ones(len(on), np.int64), steps.count[stays] - 1])
    strays: Bools = np.concatenate([astray[on] | astray[on + 1] | missing[on], astray[stays]])
    places, found = kernels.distinct(keys)
    order = np.argsort(found)
    pair = found[order]
    return Passages(
        source=(pair // labels).astype(np.int32),
        target=(pair % labels).astype(np.int32),
        frequency=_sums(places, times, len(found))[order],
        straying=_sums(places, times * strays, len(found))[order],
        cases=_cases(places, steps.case[np.concatenate([on, stays])], strays, len(found))[order],
    )


def tallies(steps: Steps, marks: Marks) -> Tallies:
    """What was done, strayed and left out, by activity."""
    labels = len(marks.labels)
    codes, astray = steps.activity.codes, marks.stray != CONFORMING
    return Tallies(
        events=_sums(codes, steps.count, labels),
        straying=_sums(codes, steps.count * astray, labels),
        cases=_cases(codes, steps.case, astray, labels),
        skipped=np.bincount(marks.skipped_activity, minlength=labels),
    )


def _cases(places: Int32s, case: Int32s, strays: Bools, size: int) -> Int64s:
    """In how many cases anything strays at each place; shape [size]."""
    rows = np.flatnonzero(strays)
    found = np.unique(case[rows].astype(np.int64) * size + places[rows])
    return np.bincount(found % size, minlength=size) if size else np.empty(0, np.int64)


def _sums(places: Int32s, values: Int64s | Int32s, size: int) -> Int64s:
    """The sum of whole values at each place; shape [size]."""
    out = np.zeros(size, np.int64)
    np.add.at(out, places, values.astype(np.int64))
    return out
