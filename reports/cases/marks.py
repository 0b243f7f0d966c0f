"""What is known of cases beside their steps: where they stand, which detours they took."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from reports.contents.waiting import AFTER
from reports.explore.arrays import Traces, milliseconds

NOBODY = -1
IN_HAND = "started"
"""The rule of an open case of which the work has begun (`miners.open_items`)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """Where cases stand and which detours they took; arrays [cases] as in `Traces`.

    `at` is a place in `steps`: the step that an open case waits for or that is in hand, by `rule`
    (a place in `rules`) the one that it did last, -1 for closed ones; `unit` is a place in `units`
    or -1. `since` is when it came to stand there, µs UTC. `more` is how many further steps it
    stands at. `worked_ms` is its working time so far, `UNKNOWN` without a calendar, of which
    `day_ms` are one day. Case c took the detours `taken[bounds[c]:bounds[c + 1]]`, places in
    `detours` (ids of findings).
    """

    steps: tuple[str, ...]
    rules: tuple[str, ...]
    units: tuple[str, ...]
    at: Int32s
    rule: Int8s
    unit: Int32s
    since: Int64s
    more: Int32s
    worked_ms: Int64s
    day_ms: int | None
    detours: tuple[str, ...]
    bounds: Int64s
    taken: Int32s

    def detours_of(self, case: int) -> tuple[str, ...]:
        """The ids of the detours that a case took."""
        codes = self.taken[self.bounds[case] : self.bounds[case + 1]]
        return tuple(self.detours[code] for code in codes.tolist())

    def took(self, detour: str) -> Bools:
        """Which cases took this detour; [cases]. None did one that is not known."""
        out = np.zeros(len(self.at), bool)
        if detour in self.detours:
            rows = np.flatnonzero(self.taken == self.detours.index(detour))
            out[np.searchsorted(self.bounds, rows, side="right") - 1] = True
        return out

    def standing(self, step: str) -> Bools:
        """Which open cases stand at this step (or did it last); [cases]."""
        code = self.steps.index(step) if step in self.steps else NOBODY - 1
        return np.asarray(self.at == code)


def read_marks(folder: Path, traces: Traces) -> Marks:
    """The marks of the cases of this folder.

    Where a run of an earlier version, or without these questions, left no file: open cases stand
    after what they did last, and no detours are known.
    """
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    steps, units = traces.activities, tuple[str, ...]()
    rules: tuple[str, ...] = (AFTER,)
    is_open = traces.still_open == 1
    at = np.where(is_open, traces.last, NOBODY).astype(np.int32)
    rule = np.where(is_open, 0, NOBODY).astype(np.int8)
    unit, more = np.full(traces.cases, NOBODY, np.int32), np.zeros(traces.cases, np.int32)
    since = _last_moment(traces)
    worked = _worked(folder / "cases.parquet", traces)
    found = _table(folder / "open_items.parquet")
    if found is not None and len(found):
        case = _places(found, traces)
        opened = _moments(found.column("since"))
        # The step at which it has stood for longest speaks for the case.
        order = np.lexsort((opened, case))
        first = order[np.unique(case[order], return_index=True)[1]]
        rows = case[first]
        there, codes = _coded(found.column("activity"))
        # A step at which nobody stands now may be asked for all the same.
        steps = (*there, *(name for name in traces.activities if name not in there))
        at[rows] = codes[first]
        rules, codes = _coded(found.column("rule"))
        rule[rows] = codes[first]
        units, codes = _coded(found.column("unit"))
        unit[rows] = codes[first]
        since[rows] = opened[first]
        more[rows] = np.bincount(case, minlength=traces.cases)[rows] - 1
        worked[rows] = milliseconds(found.column("age_working_seconds"))[first]
    detours, bounds, taken = _detours(_table(folder / "detour_cases.parquet"), traces)
    day = run.get("working_day_seconds")
    return Marks(
        steps=steps,
        rules=rules,
        units=units,
        at=at,
        rule=rule,
        unit=unit,
        since=since,
        more=more,
        worked_ms=worked,
        day_ms=None if day is None else 1000 * day,
        detours=detours,
        bounds=bounds,
        taken=taken,
    )


def _last_moment(traces: Traces) -> Int64s:
    """When each case did its last step; when it came in, if it did none."""
    out = traces.entered.copy()
    filled = np.flatnonzero(np.diff(traces.offsets))
    out[filled] = traces.completed[traces.offsets[1:][filled] - 1]
    return out


def _worked(path: Path, traces: Traces) -> Int64s:
    """Working milliseconds from the first to the last event, `UNKNOWN` without a calendar."""
    table = _table(path, ["working_seconds"])
    if table is None or table.column(0).null_count == len(table):
        return np.full(traces.cases, UNKNOWN, np.int64)
    return milliseconds(table.column(0))


def _detours(table: pa.Table | None, traces: Traces) -> tuple[tuple[str, ...], Int64s, Int32s]:
    """The ids of all detours, and which of them each case took, case by case."""
    if table is None:
        return (), np.zeros(traces.cases + 1, np.int64), np.empty(0, np.int32)
    case = _places(table, traces)
    detours, codes = _coded(table.column("detour"))
    order = np.argsort(case, kind="stable")
    bounds = np.searchsorted(case[order], np.arange(traces.cases + 1))
    return detours, bounds, codes[order]


def _table(path: Path, columns: list[str] | None = None) -> pa.Table | None:
    """A table that is one file or a folder of parts; None where it or a column is missing."""
    if not path.exists():
        return None
    known = pq.ParquetDataset(path).schema.names
    if columns is not None and not set(columns) <= set(known):
        return None
    return pq.read_table(path, columns=columns)


def _places(table: pa.Table, traces: Traces) -> Int64s:
    """The place of each row's case among all cases."""
    ids = table.column("case_id").combine_chunks()
    return np.asarray(pc.index_in(ids, traces.case_ids).to_numpy(zero_copy_only=False), np.int64)


def _moments(column: pa.ChunkedArray) -> Int64s:
    return np.asarray(column.cast(pa.int64()).fill_null(0).to_numpy(), np.int64)


def _coded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Int32s]:
    """The texts of a column, sorted, and the place of each row among them, -1 for null."""
    texts = column.cast(pa.string())
    names = pa.array(sorted(texts.drop_null().unique().to_pylist()), pa.string())
    codes = pc.index_in(texts, names).fill_null(NOBODY)
    return tuple(names.to_pylist()), np.asarray(codes.to_numpy(), np.int32)


def told_detours(findings: tuple[Mapping[str, Any], ...]) -> Mapping[str, Mapping[str, Any]]:
    """The findings about detours that may be told, by their ids."""
    return {str(one["id"]): one for one in findings if one.get("kind") == "detour"}
