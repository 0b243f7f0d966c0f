"""What is told of single cases beside the case table: where they stand, which detours they took."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.detours import finding_id
from engine.looks import Whole
from eventlog import schema
from eventlog.kernels import UNKNOWN, Int32s, Int64s
from miners.detours.episodes import Episodes
from miners.open_items import RULES
from miners.work_items import seconds


def write_open(whole: Whole, path: Path) -> None:
    """`open_items.parquet`: what every open case waits for, or what is in hand; none where unknown.

    A row is one piece of work: `case_id, activity, unit, rule, since, age_working_seconds`.
    `rule` is one of `miners.open_items.RULES`, `since` when it came to stand there, and
    `age_working_seconds` the working time since the case was entered, null without a calendar.
    """
    still = whole.still
    rows = np.empty(0, np.int32) if still is None else still.case
    table = {
        "case_id": whole.case_ids.take(pa.array(rows)),
        "activity": pa.array([], pa.string()),
        "unit": pa.array([], pa.string()),
        "rule": pa.array([], pa.string()),
        "since": pa.array([], schema.TIMESTAMP),
    }
    if still is not None:
        table |= {
            "activity": _texts(still.activity.vocabulary.labels, still.activity.codes),
            "unit": _texts(still.unit.vocabulary.labels, still.unit.codes),
            "rule": pa.array(RULES, pa.string()).take(pa.array(still.rule)),
            "since": pa.array(still.since, schema.TIMESTAMP, mask=still.since == UNKNOWN),
        }
    pq.write_table(
        pa.table({**table, "age_working_seconds": seconds(_age(whole, rows))}),
        path,
        compression="zstd",
    )


def _age(whole: Whole, rows: Int32s) -> Int64s:
    """Working milliseconds since these cases were entered; UNKNOWN without a calendar."""
    if whole.calendars is None or not len(rows):
        return np.full(len(rows), UNKNOWN, np.int64)
    entered = whole.starts[rows]
    return whole.calendars.office.between(
        entered, np.maximum(entered, np.full(len(rows), whole.now, np.int64))
    )


def write_taken(whole: Whole, episodes: Episodes, path: Path) -> None:
    """`detour_cases.parquet`: which case took which detour, and how often.

    A row is one case and one detour: `case_id, detour, times`; `detour` is the id of its finding,
    which is in `findings.json` where it is worth telling.
    """
    many = max(len(episodes.subjects), 1)
    pairs, times = np.unique(
        episodes.case.astype(np.int64) * many + episodes.subject, return_counts=True
    )
    case, subject = np.divmod(pairs, many)
    names = tuple(finding_id(one) for one in episodes.subjects)
    pq.write_table(
        pa.table(
            {
                "case_id": whole.case_ids.take(pa.array(case)),
                "detour": _texts(names, subject),
                "times": pa.array(times, pa.int64()),
            }
        ),
        path,
        compression="zstd",
    )


def _texts(labels: tuple[str, ...], codes: Int32s | Int64s) -> pa.Array:
    """Labels by codes, null for codes below zero."""
    code = pa.array(codes.astype(np.int32), pa.int32(), mask=codes < 0)
    return pa.array(labels, pa.string()).take(code)
