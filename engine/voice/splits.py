"""By what cases are told apart, for what was said: each way with its groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.voice.lived import LONGEST, TOTAL, Event, Waits
from eventlog.coded import Coded
from eventlog.kernels import Int64s

YES, NO = "yes", "no"
OUTCOME = "outcome"
_MOST_VALUES = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """One way to tell cases apart: the `groups` by name, and of which each case is.

    `place` [cases] is a place in `groups`, -1 for a case that has none. `kind` is `event` (groups
    no and yes), `waiting` (quarters, `limits` in days between them), `outcome` or `attribute`.
    """

    name: str
    kind: str
    groups: tuple[str, ...]
    place: Int64s
    limits: tuple[float, ...] = ()


def split_by_event(event: Event, moment: Int64s) -> Split:
    """Whether it had happened by a moment of each case."""
    place = np.where(event.known, event.before(moment).astype(np.int64), -1)
    return Split(name=event.name, kind="event", groups=(NO, YES), place=place)


def split_by_waiting(waits: Waits, limits: Mapping[str, Int64s], moment: Int64s) -> list[Split]:
    """The quarters of the longest wait, and of all waits together, until a moment of each case.

    The first group waited least.
    """
    longest, total = waits.until(moment)
    return [
        Split(
            name=name,
            kind="waiting",
            groups=tuple(str(number + 1) for number in range(len(limits[name]) + 1)),
            place=np.searchsorted(limits[name], spent, side="right").astype(np.int64),
            limits=tuple(round(limit / waits.time.day, 4) for limit in limits[name].tolist()),
        )
        for name, spent in ((LONGEST, longest), (TOTAL, total))
        if len(limits[name])
    ]


def split_by_value(name: str, values: Coded, *, kind: str) -> Split | None:
    """The values of an attribute that occur; None where there is one, or too many to compare."""
    used = np.unique(values.codes[values.codes >= 0]).tolist()
    if not 1 < len(used) <= _MOST_VALUES:
        return None
    ranked = sorted(used, key=lambda code: values.vocabulary.labels[code])
    of_code = np.full(len(values.vocabulary) + 1, -1, np.int64)
    of_code[ranked] = np.arange(len(ranked))
    groups = tuple(values.vocabulary.labels[code] for code in ranked)
    return Split(name=name, kind=kind, groups=groups, place=of_code[values.codes])


def counts(split: Split, which: Int64s) -> Sequence[int]:
    """How many of the cases (places) are in each group."""
    place = split.place[which]
    return [int(n) for n in np.bincount(place[place >= 0], minlength=len(split.groups))]
