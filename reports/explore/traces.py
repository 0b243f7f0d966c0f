"""Reads the applications of a folder of results, once, into arrays."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from eventlog import schema
from eventlog.errors import StopError
from eventlog.kernels import UNKNOWN, Int8s, Int32s, Int64s
from eventlog.moments import microseconds
from miners.open_items import ONLY_NEXT, RULES
from reports.contents.waiting import AFTER
from reports.explore.arrays import NOT_KNOWN, Attribute, Still, Traces, Work, milliseconds
from reports.explore.order import by_time, settle, tied
from reports.language import say
from reports.maps.graph import Seconds

__all__ = ["Traces", "read_traces"]

_NEEDED = ("run.json", "findings.json", "map.json", "variants.csv", "cases.parquet")
_WORK = "work_items.parquet"
_WORK_COLUMNS = (
    "case_id", "activity", "resource", "unit", "enabled", "started", "completed",
    "waiting_seconds", "service_seconds", "waiting_working_seconds", "service_working_seconds",
)  # fmt: skip
_NAMES = ("case_id", "activity", "resource", "unit")
_CASE_COLUMNS = ("case_id", "start", "open", "variant", "throughput_seconds", "over_term")
_OUTCOME = "outcome"


def read_traces(folder: Path) -> Traces:
    """All cases of a folder that `runut mine` has written.

    Raises `StopError` where a file or a column is missing: the folder is of an earlier version, or
    was mined without the queues.
    """
    for name in _NEEDED:
        _must_exist(folder / name, say("run `runut mine` again"))
    _must_exist(
        folder / _WORK,
        say("run `runut mine` without --only, or with bottlenecks and map among its questions"),
    )
    run = _json(folder / "run.json")
    cases = _columns(folder / "cases.parquet", (*_CASE_COLUMNS, *_known(folder, run)))
    ids = cases.column("case_id").combine_chunks()
    work, activities = _read_work(folder / _WORK, ids)
    variant = _codes_of(cases.column("variant"))
    offsets, activity, completed = _steps(work, activities, variant, folder / "variants.csv")
    start = cases.column("start")
    traces = Traces(
        process=run["process"],
        timezone=run["timezone"],
        smallest_cell=run["smallest_cell"],
        now=microseconds(datetime.fromisoformat(run["as_of"])) if run["as_of"] else 0,
        activities=activities,
        offsets=offsets,
        activity=activity,
        completed=completed,
        entered=_moments(start),
        entered_day=_local_days(start, run["timezone"]),
        throughput_ms=milliseconds(cases.column("throughput_seconds")),
        variant=variant,
        late=_answers(cases.column("over_term")),
        still_open=_answers(cases.column("open")),
        attributes=_attributes(cases, run),
        work=work,
        still=_read_still(folder / "open_items.parquet", ids, activities),
        case_ids=ids,
        findings=tuple(
            (finding["id"], finding["subject"])
            for finding in _json(folder / "findings.json")["findings"]
        ),
        worked=_worked(_json(folder / "map.json")),
    )
    # Who reads pays for what every page needs, so that no page does.
    assert len(traces.moves) >= 0
    assert len(traces.visits.bounds)
    return traces


def _must_exist(path: Path, way_out: str) -> None:
    if not path.exists():
        raise StopError(
            say("%(folder)s has no %(name)s; %(way_out)s", folder=path.parent.name, name=path.name,
                way_out=way_out)
        )  # fmt: skip


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _columns(path: Path, names: Sequence[str], coded: Sequence[str] = ()) -> pa.Table:
    """These columns of a table that is one file, or the folder of parts that Spark wrote."""
    parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    tables = []
    for part in parts:
        with pq.ParquetFile(part, read_dictionary=list(coded)) as file:
            missing = [name for name in names if name not in file.schema_arrow.names]
            if missing:
                raise StopError(
                    say(
                        "%(name)s has no column %(column)s; run `runut mine` again",
                        name=path.name,
                        column=missing[0],
                    )
                )
            tables.append(file.read(columns=list(names)))
    return pa.concat_tables(tables)


def _read_work(path: Path, ids: pa.Array) -> tuple[Work, tuple[str, ...]]:
    """The pieces of work in the order of cases, and the names of activities, sorted."""
    table = _columns(path, _WORK_COLUMNS, _NAMES)
    case = _places(*_encoded(table.column("case_id")), ids)
    if (case < 0).any():
        raise StopError(
            say("work_items.parquet has cases that cases.parquet has not; run `runut mine` again")
        )
    activity, activities = _coded(table.column("activity"))
    resource, resources = _coded(table.column("resource"))
    unit, units = _coded(table.column("unit"))
    work = Work(
        cases=len(ids),
        resources=resources,
        units=units,
        case=case,
        activity=activity,
        resource=resource,
        unit=unit,
        enabled=_moments(table.column("enabled")),
        started=_moments(table.column("started")),
        completed=_moments(table.column("completed")),
        waiting_ms=milliseconds(table.column("waiting_seconds")),
        service_ms=milliseconds(table.column("service_seconds")),
        waiting_worked_ms=milliseconds(table.column("waiting_working_seconds")),
        service_worked_ms=milliseconds(table.column("service_working_seconds")),
    )
    return work, activities


def _read_still(path: Path, ids: pa.Array, activities: tuple[str, ...]) -> Still:
    """Where open cases stand; nowhere, in results of an earlier version."""
    if not path.exists():
        return Still(
            case=np.empty(0, np.int32),
            activity=np.empty(0, np.int32),
            after=np.empty(0, bool),
            since=np.empty(0, np.int64),
            unseen=np.empty(0, bool),
        )
    table = _columns(path, ("case_id", "activity", "rule", "since"))
    case = _places(*_encoded(table.column("case_id")), ids)
    activity = _places(*_encoded(table.column("activity")), pa.array(activities, pa.string()))
    after = pc.equal(table.column("rule"), AFTER).to_numpy()
    known = (case >= 0) & (activity >= 0)
    unseen = pc.equal(table.column("rule"), RULES[ONLY_NEXT]).to_numpy()
    return Still(
        case=case[known],
        activity=activity[known],
        after=np.asarray(after, bool)[known],
        since=_moments(table.column("since"))[known],
        unseen=np.asarray(unseen, bool)[known],
    )


def _coded(column: pa.ChunkedArray) -> tuple[Int32s, tuple[str, ...]]:
    """The place of each row among its own values, sorted; -1 for null. And these values."""
    codes, said = _encoded(column)
    # Only what occurs: a dictionary may hold more.
    used = np.bincount(codes[codes >= 0], minlength=len(said)) > 0
    names = sorted(name for name, here in zip(said.to_pylist(), used, strict=True) if here)
    return _places(codes, said, pa.array(names, pa.string())), tuple(names)


def _encoded(column: pa.ChunkedArray) -> tuple[Int32s, pa.Array]:
    """A column as codes, -1 for null, and what they say."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    column = column.unify_dictionaries()
    said = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
    codes = [np.empty(0, np.int32), *(_filled(chunk.indices) for chunk in column.chunks)]
    return np.concatenate(codes), said


def _places(codes: Int32s, said: pa.Array, labels: pa.Array) -> Int32s:
    """Codes of what is `said` as places in `labels`, -1 where they are not there."""
    place = np.append(_filled(pc.index_in(said, labels)), np.int32(NOT_KNOWN))
    return np.asarray(place[codes], np.int32)


def _filled(places: pa.Array) -> Int32s:
    return np.asarray(places.fill_null(NOT_KNOWN).to_numpy(zero_copy_only=False), np.int32)


def _steps(
    work: Work, activities: tuple[str, ...], variant: Int32s, routes: Path
) -> tuple[Int64s, Int32s, Int64s]:
    """What was completed, in order: offsets [cases + 1], activity and moment [steps]."""
    done = np.flatnonzero(work.completed != UNKNOWN)
    case, activity, completed = work.case[done], work.activity[done], work.completed[done]
    order = by_time(case, completed)
    if order is not None:
        activity, completed = activity[order], completed[order]
    offsets = np.zeros(len(variant) + 1, np.int64)
    np.cumsum(np.bincount(case, minlength=len(variant)), out=offsets[1:])
    doubtful = np.flatnonzero(tied(offsets, activity, completed))
    if len(doubtful):
        # What else is in work_items.parquet does not tell the order; the variant does.
        activity = settle(
            offsets, activity, completed,
            cases=doubtful, rank=variant, routes=_routes(routes), names=activities,
        )  # fmt: skip
    return offsets, activity, completed


def _routes(path: Path) -> pa.Array:
    """The column `activities` of variants.csv, by rank."""
    table = pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=["activities"],
            column_types={"activities": pa.string()},
            strings_can_be_null=False,
        ),
    )
    return table.column("activities").combine_chunks()


def _moments(column: pa.ChunkedArray) -> Int64s:
    """µs UTC, `UNKNOWN` where null."""
    whole = column.cast(schema.TIMESTAMP).cast(pa.int64()).fill_null(UNKNOWN)
    return np.asarray(whole.to_numpy(), np.int64)


def _codes_of(column: pa.ChunkedArray) -> Int32s:
    """Ranks, 0 where null."""
    return np.asarray(column.cast(pa.int32()).fill_null(0).to_numpy(), np.int32)


def _local_days(column: pa.ChunkedArray, timezone: str) -> Int32s:
    local = column.cast(pa.timestamp("us", tz=timezone))
    days = pc.local_timestamp(local).cast(pa.date32()).cast(pa.int32())
    return np.asarray(days.to_numpy(), np.int32)


def _answers(column: pa.ChunkedArray) -> Int8s:
    """Yes and no as 1 and 0, -1 where nobody knows."""
    known = column.cast(pa.bool_()).cast(pa.int8()).fill_null(NOT_KNOWN)
    return np.asarray(known.to_numpy(), np.int8)


def _known(folder: Path, run: Mapping[str, Any]) -> list[str]:
    """The attributes of which run.json says who may see them, as far as the case table has them."""
    path = folder / "cases.parquet"
    part = min(path.glob("*.parquet")) if path.is_dir() else path
    there = set(pq.read_schema(part).names)
    named = [_OUTCOME, *(entry["name"] for entry in run.get("attributes") or ())]
    return [name for name in dict.fromkeys(named) if name in there and name not in _CASE_COLUMNS]


def _attributes(cases: pa.Table, run: Mapping[str, Any]) -> Mapping[str, Attribute]:
    told = {entry["name"]: entry for entry in run.get("attributes") or ()}
    kinds = {_OUTCOME: {"person": False, "sensitive": False, "preset": False}, **told}
    found = {}
    for name, kind in kinds.items():
        if name not in cases.column_names or name in _CASE_COLUMNS:
            continue
        codes, values = _coded(_not_empty(cases.column(name)))
        if not values:
            continue  # nobody told, so there is nothing to choose from
        found[name] = Attribute(
            name=name,
            values=values,
            codes=codes,
            person=kind["person"],
            sensitive=kind["sensitive"],
            preset=kind["preset"],
        )
    return found


def _not_empty(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """An empty text says nothing; a form that leaves a choice open sends one."""
    texts = column.cast(pa.string())
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _worked(content: Mapping[str, Any]) -> Mapping[tuple[str, str], Seconds]:
    found = {}
    for edge in content["edges"]:
        told = edge.get("working_seconds")
        if told and told["p50"] is not None:
            found[edge["source"], edge["target"]] = Seconds(
                mean=float(told["mean"]), p50=float(told["p50"]), p90=float(told["p90"])
            )
    return found
