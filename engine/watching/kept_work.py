"""The work on kept cases: what lies there now, and what was done lately."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.watching import of_whole
from engine.watching.columns import Columns, Words
from engine.watching.of_whole import Pair
from engine.watching.watched import OpenWork, Work
from eventlog.kernels import Int64s
from eventlog.log import Log
from miners.open_items import ONLY_NEXT, OpenItems
from miners.work_items import Items

_OPEN: dict[str, type[Any]] = {
    "case": np.int32,
    "activity": np.int32,
    "unit": np.int32,
    "enabled": np.int64,
    "started": np.int64,
    "rule": np.int8,
    "step": np.int32,  # the last one of a case without open work, -1 for other cases
}
_WORK: dict[str, type[Any]] = {
    "case": np.int32,
    "activity": np.int32,
    "resource": np.int32,
    "unit": np.int32,
    "enabled": np.int64,
    "started": np.int64,
    "completed": np.int64,
    "again": np.bool_,
}


class KeptWork:
    """Two tables of rows that belong to cases, which are told by their places."""

    def __init__(self) -> None:
        self._activities = Words()
        self._units = Words()
        self._resources = Words()
        self._open = Columns(_OPEN)
        self._work = Columns(_WORK)

    def __len__(self) -> int:
        """How many work items are kept."""
        return len(self._work)

    @property
    def pieces(self) -> int:
        """How many pieces of open work there are."""
        return len(self._open)

    def replace_open(self, places: Int64s, found: OpenItems, log: Log) -> None:
        """Put what is found in place of the open work of the cases of `log`.

        `places` [cases] are theirs; `log` has the activities of the map.
        """
        _forget(self._open, places)
        done = log.executions
        silent = np.flatnonzero(found.rule >= ONLY_NEXT)
        steps = np.full(len(found), -1, np.int32)
        steps[silent] = done.activity[done.offsets[found.case[silent] + 1] - 1]
        self._open.append(
            {
                "case": places[found.case],
                "activity": self._activities.codes(found.activity),
                "unit": self._units.codes(found.unit),
                "enabled": found.enabled,
                "started": found.started,
                "rule": found.rule,
                "step": self._activities.codes(replace(log.activity, codes=steps)),
            }
        )

    def replace_items(self, places: Int64s, items: Items, since: int) -> None:
        """Put what matters since then of these items in place of those of some cases.

        `places` [cases] are those of the cases of the items, -1 for those that are not kept.
        """
        _forget(self._work, places[places >= 0])
        case = places[items.case]
        latest = _latest(items.enabled, items.started, items.completed)
        matter = np.flatnonzero((case >= 0) & (latest > since))
        told = of_whole.work(items)
        self._work.append(
            {
                "case": case[matter],
                "activity": self._activities.codes(told.activity.take(matter)),
                "resource": self._resources.codes(told.resource.take(matter)),
                "unit": self._units.codes(told.unit.take(matter)),
                "enabled": told.enabled[matter],
                "started": told.started[matter],
                "completed": told.completed[matter],
                "again": told.again[matter],
            }
        )

    def silent_after(self, steps: Sequence[str]) -> Int64s:
        """The places of the cases of which nothing is known but that one of these came last."""
        wanted = [code for code in map(self._activities.code, steps) if code is not None]
        rows = np.isin(self._open["step"], np.array(wanted, np.int32))
        return np.asarray(self._open["case"][rows], np.int64)

    def let_go(self, places: Int64s, since: int) -> None:
        """Follow cases to their new `places` [cases before], -1: gone; forget old work."""
        self._open["case"][:] = places[self._open["case"]]
        rows = self._work
        rows["case"][:] = places[rows["case"]]
        latest = _latest(rows["enabled"], rows["started"], rows["completed"])
        rows.keep((rows["case"] >= 0) & (latest > since))
        rows["resource"][:] = self._resources.forget(rows["resource"])

    def open_work(self, now: int, ever: Mapping[Pair, int]) -> OpenWork:
        """What open cases wait for at `now`; `ever` as `engine.watching.of_whole` has it."""
        rows = self._open
        activity = self._activities.coded(rows["activity"].copy())
        unit, rule = self._units.coded(rows["unit"].copy()), rows["rule"].copy()
        return OpenWork(
            case=rows["case"].copy(),
            activity=activity,
            unit=of_whole.units_of_open(activity, unit, rule, ever),
            # What lies in the future was mistyped: nobody waits for less than no time.
            enabled=np.minimum(rows["enabled"], now),
            started=np.minimum(rows["started"], now),
            rule=rule,
        )

    def work(self) -> Work:
        """The work items that are kept."""
        rows = self._work
        return Work(
            case=rows["case"].copy(),
            activity=self._activities.coded(rows["activity"].copy()),
            resource=self._resources.coded(rows["resource"].copy()),
            unit=self._units.coded(rows["unit"].copy()),
            enabled=rows["enabled"].copy(),
            started=rows["started"].copy(),
            completed=rows["completed"].copy(),
            again=rows["again"].copy(),
        )


def _latest(*moments: Int64s) -> Int64s:
    return np.asarray(np.maximum.reduce(moments))


def _forget(rows: Columns, places: Int64s) -> None:
    """Take out the rows of the cases at these places."""
    if not len(rows) or not len(places):
        return
    case = rows["case"]
    theirs = np.zeros(max(int(case.max()), int(places.max())) + 1, np.bool_)
    theirs[places] = True
    rows.drop(np.flatnonzero(theirs[case]))
