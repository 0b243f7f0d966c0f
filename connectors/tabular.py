"""Turns a file's own columns into events, and sets aside the rows that cannot be one."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors import text, times
from connectors.times import Bools, Int64s
from eventlog import schema
from eventlog.definition import Definition
from eventlog.errors import StopError, UsageError
from eventlog.event import LIFECYCLE_WORDS, LIFECYCLES

REQUIRED = ("case_id", "activity", "timestamp")
OPTIONAL = ("event_id", "sequence", "lifecycle", "resource", "unit")
# Where nobody says otherwise: the name that the XES standard gives, or our own. Where both are
# there (pm4py keeps a "resource" beside "org:resource"), the standard says what is meant.
_USUAL: dict[str, tuple[str, ...]] = {
    "case_id": ("case:concept:name", "case_id"),
    "activity": ("concept:name", "activity"),
    "timestamp": ("time:timestamp", "timestamp"),
    "event_id": ("event_id",),
    "sequence": ("sequence",),
    "lifecycle": ("lifecycle:transition", "lifecycle"),
    "resource": ("org:resource", "resource"),
    "unit": ("org:group", "unit"),
}
CASE = "case:"
ATTRIBUTE = "attributes:"
# pm4py numbers rows in columns of its own and writes them into the files that it exports.
_BOOKKEEPING = "@@"
_SHOWN = 30
_CHUNK = 65_536


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A file as its reader found it: its own columns, and the rows that have no columns.

    `rows` is each row's number in the file (from 0, without the header), shape [n]. `rejects` are
    (row number, reason, the row's bytes).
    """

    source: str
    table: pa.Table
    rows: Int64s
    rejects: Sequence[tuple[int, str, bytes]] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Every row has its number."""
        if len(self.rows) != self.table.num_rows:
            raise ValueError(f"{len(self.rows)} numbers for {self.table.num_rows} rows")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file says: `events` (`schema.incoming`) and `rejects` (`schema.REJECTS`).

    `columns` maps our names to the file's columns that were used, `notes` are sentences.
    """

    events: pa.Table
    rejects: pa.Table
    columns: Mapping[str, str]
    notes: tuple[str, ...]


def arrange(raw: Raw, definition: Definition) -> Reading:
    """Map columns, read times, number the rows of each case and set bad rows aside.

    UsageError names a mapped column that the file does not have; StopError when no row at all can
    be read, because then the file is not what the process definition takes it for.
    """
    columns, notes = resolve(raw.table.column_names, definition, source=raw.source)
    table, size = raw.table, raw.table.num_rows
    nothing = pa.chunked_array([pa.nulls(size, pa.string())])

    def said(name: str) -> pa.ChunkedArray:
        if name not in columns:
            return nothing
        column = text.as_text(table.column(columns[name]))
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)

    case_id, activity = said("case_id"), said("activity")
    zone = ZoneInfo(definition.timezone)
    moments = _times(table.column(columns["timestamp"]), zone, columns["timestamp"])
    lifecycle, lifecycle_known = _lifecycle(said("lifecycle"))
    sequence, sequence_known = _integers(said("sequence"))
    reasons = np.full(size, "", object)
    for bad, reason in (
        (~sequence_known, "sequence is not a whole number"),
        (~lifecycle_known, f"lifecycle is none of {', '.join(LIFECYCLES)}"),
        *((moments.problem == at, times.PROBLEMS[at]) for at in range(1, len(times.PROBLEMS))),
        (_blank(activity), "activity is empty"),
        (_blank(case_id), "case_id is empty"),
    ):
        reasons[bad] = reason  # the last one written is the first that a person should mend
    kept = reasons == ""
    rejects = _rejects(raw, reasons)
    if not kept.any():
        raise StopError(_nothing_left(raw, columns, reasons))
    case_id = case_id.filter(pa.array(kept))
    events = {
        "event_id": said("event_id").filter(pa.array(kept)),
        "case_id": case_id,
        "activity": activity.filter(pa.array(kept)),
        "timestamp": pa.array(moments.utc[kept]).cast(pa.timestamp("us")).cast(schema.TIMESTAMP),
        "sequence": (
            pa.array(sequence[kept]) if "sequence" in columns else pa.array(place_in_case(case_id))
        ),
        "lifecycle": lifecycle.filter(pa.array(kept)),
        "resource": said("resource").filter(pa.array(kept)),
        "unit": said("unit").filter(pa.array(kept)),
        "attributes": _attributes(table, columns).filter(pa.array(kept)),
        **{name: said(name).filter(pa.array(kept)) for name in definition.case_attributes},
        "source": pa.array([raw.source], pa.string()).take(pa.array(np.zeros(kept.sum(), int))),
    }
    wanted = schema.incoming(definition.case_attributes)
    for name in ("topic", "partition", "offset"):
        events[name] = pa.nulls(int(kept.sum()), wanted.field(name).type)
    return Reading(
        events=pa.table({name: events[name] for name in wanted.names}).cast(wanted),
        rejects=rejects,
        columns=columns,
        notes=(*raw.notes, *notes, *moments.notes),
    )


def resolve(
    names: Sequence[str], definition: Definition, *, source: str
) -> tuple[dict[str, str], list[str]]:
    """Our names -> the file's columns, and notes about attributes that the file does not have."""
    found: dict[str, str] = {}
    notes: list[str] = []
    for ours in (*REQUIRED, *OPTIONAL, *definition.case_attributes):
        mapped = definition.columns.get(ours)
        tried = (mapped,) if mapped else _USUAL.get(ours, (CASE + ours, ours))
        theirs = next((name for name in tried if name in names), None)
        if theirs is not None:
            found[ours] = theirs
        elif mapped or ours in REQUIRED:
            raise UsageError(_missing(ours, tried, names, source=source, mapped=bool(mapped)))
        elif ours in definition.case_attributes:
            notes.append(f"case attribute {ours} is empty: {source} has no such column")
    return found, notes


def place_in_case(case_id: pa.ChunkedArray) -> Int64s:
    """Each row's place among the rows of its case, 0, 1, 2 … in file order; shape [n]."""
    series = pd.Series(text.codes(case_id))
    return series.groupby(series, sort=False).cumcount().to_numpy().astype(np.int64)


def _missing(
    ours: str, tried: Sequence[str], names: Sequence[str], *, source: str, mapped: bool
) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:_SHOWN])
    shown += f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(tried[-1].lower(), lower, n=1)
    hint = f'; did you mean "{lower[near[0]]}"?' if near else ""
    asked = f'"{tried[0]}"' if mapped else " or ".join(f'"{name}"' for name in reversed(tried))
    why = (
        f"which the process definition names under columns.{ours}"
        if mapped
        else f"which holds the {ours}; name the right one under `columns` in the process file"
    )
    return f"{source} has no column {asked}, {why}. Its columns are {shown}{hint}"


def _times(column: pa.ChunkedArray, zone: ZoneInfo, name: str) -> times.Times:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        micros = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
        # Written out and read again, so that what is out of range is judged in one place.
        column = micros.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    return times.parse(text.as_text(column), zone=zone, column=name)


def _lifecycle(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Bools]:
    words = pc.fill_null(pc.utf8_lower(pc.utf8_trim_whitespace(column)), "")
    at = pc.index_in(words, pa.array(list(LIFECYCLE_WORDS)))
    known = np.asarray(pc.is_valid(at).to_numpy(), bool)
    ours = pa.array(list(LIFECYCLE_WORDS.values())).take(pc.fill_null(at, 0).combine_chunks())
    return pa.chunked_array([ours]), known


def _integers(column: pa.ChunkedArray) -> tuple[Int64s, Bools]:
    trimmed = pc.utf8_trim_whitespace(column)
    whole = pc.match_substring_regex(trimmed, r"^[+-]?\d{1,18}$")
    known = np.asarray(pc.fill_null(whole, True).to_numpy(), bool)
    digits = pc.if_else(pc.fill_null(whole, False), pc.utf8_ltrim(trimmed, "+"), "0")
    return np.asarray(digits.cast(pa.int64()).to_numpy(), np.int64), known


def _blank(column: pa.ChunkedArray) -> Bools:
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True)
    return np.asarray(blank.to_numpy(), bool)


def _attributes(table: pa.Table, columns: Mapping[str, str]) -> pa.ChunkedArray:
    used = set(columns.values())
    rest = {
        name.removeprefix(ATTRIBUTE): table.column(name)
        for name in table.column_names
        if name not in used and not name.removeprefix(CASE).startswith(_BOOKKEEPING)
    }
    return text.objects(rest, table.num_rows)


def _rejects(raw: Raw, reasons: np.ndarray[tuple[int], np.dtype[np.object_]]) -> pa.Table:
    bad = np.flatnonzero(reasons != "")
    rows = raw.table.take(pa.array(bad))
    whole = text.objects({name: rows.column(name) for name in rows.column_names}, len(bad))
    values = [(value or "{}").encode() for value in whole.to_pylist()]
    found = [*raw.rejects, *zip(raw.rows[bad].tolist(), reasons[bad], values, strict=True)]
    found.sort(key=lambda reject: reject[0])
    return rejects_table(found, source=raw.source)


def rejects_table(found: Sequence[tuple[int, str, bytes]], *, source: str) -> pa.Table:
    """Rows set aside (row number, reason, bytes) as `schema.REJECTS`."""
    size = len(found)
    return pa.table(
        {
            "topic": pa.nulls(size, pa.string()),
            "partition": pa.nulls(size, pa.int32()),
            "offset": pa.array([row for row, _, _ in found], pa.int64()),
            "source": pa.array([source] * size, pa.string()),
            "received": pa.nulls(size, schema.TIMESTAMP),
            "reason": pa.array([reason for _, reason, _ in found], pa.string()),
            "value": pa.array([value for _, _, value in found], pa.binary()),
        },
        schema=schema.REJECTS,
    )


def _nothing_left(
    raw: Raw,
    columns: Mapping[str, str],
    reasons: np.ndarray[tuple[int], np.dtype[np.object_]],
) -> str:
    if not len(reasons):
        if raw.rejects:
            row, reason, _ = raw.rejects[0]
            return f"{raw.source}: none of its rows can be read; row {row}: {reason}"
        return f"{raw.source} holds no events, only column names; is it the right file?"
    reason = str(reasons[0])
    ours = reason.split(" ", 1)[0]
    value = text.as_text(raw.table.column(columns[ours]))[0].as_py() if ours in columns else None
    forms = f"; forms that can be read: {times.FORMS}" if reason == times.UNREADABLE else ""
    return (
        f"{raw.source}: none of its {len(reasons):,} rows can be an event; the first one's {reason}"
        f' ("{columns.get(ours, ours)}" is "{value if value is not None else ""}"){forms}'
    )
