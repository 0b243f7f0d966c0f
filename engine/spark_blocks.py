"""What one machine of many does with its cases: the same observing as everywhere, told in a row.

Runs in Spark's Python workers; knows Arrow and nothing of Spark.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.abstraction import coarsened
from engine.batch import ids_of
from engine.case_file import Ranks, with_keys
from engine.case_look import case_columns, look_at
from engine.data_checks import checked
from engine.opening import OpeningHours
from engine.seen import Sums
from engine.slices import Slice
from engine.wire_format import packed, unpacked
from eventlog.definition import Definition
from eventlog.errors import StopError
from eventlog.lake import Share
from eventlog.log import COLUMNS, Log
from eventlog.tally import Summary
from miners import Miner, miners_with, variants
from miners.cases import case_table
from miners.labels import count_labels
from miners.quality import Check, unfinished
from miners.work_items import items_table

# Whole cases are observed in blocks of about so many events: some 200 MB a worker.
_BLOCK_ROWS = 500_000
_IDS = ("case_id", "event_id")
# The columns that are numbers on the way; all others are texts.
_NUMBERS = ("case_key", "event_key", "content_key", "timestamp", "sequence")


def travelling(attributes: Sequence[str]) -> pa.Schema:
    """The columns of an event on its way to the machine that has its case; `part` says which.

    Times are microseconds since 1970 UTC, so that no time zone on the way can shift them.
    """
    return pa.schema(
        [
            pa.field("part", pa.int32()),
            *(
                pa.field(name, pa.int64() if name in _NUMBERS else pa.string())
                for name in (*COLUMNS, *_IDS, *attributes)
            ),
        ]
    )


def dealt(
    numbers: Iterator[pa.RecordBatch],
    *,
    shares: Sequence[Share],
    slices: Sequence[Slice],
    columns: pa.Schema,
) -> Iterator[pa.RecordBatch]:
    """The events of the shares whose numbers come in, each with the slice that its case is in."""
    lows = np.array([part.low for part in slices], np.int64)
    names = columns.names[1:]
    for batch in numbers:
        for number in batch.column("id").to_pylist():
            for events in shares[number].batches(names):
                key = events.column("case_key").to_numpy()
                part = np.searchsorted(lows, key, side="right") - 1
                arrays = [pa.array(part, pa.int32())]
                arrays += [events.column(f.name).cast(f.type) for f in list(columns)[1:]]
                yield pa.record_batch(arrays, schema=columns)


def whole_cases(batches: Iterator[pa.RecordBatch], rows: int = _BLOCK_ROWS) -> Iterator[pa.Table]:
    """Tables of whole cases with about `rows` rows, from batches in the order of case keys.

    The last case of a batch may go on in the next one, so it is carried over; a case larger than
    `rows` comes in one piece all the same.
    """
    held: list[pa.RecordBatch] = []
    count, last = 0, None
    for batch in batches:
        if not batch.num_rows:
            continue
        keys = batch.column("case_key").to_numpy()
        if count + len(keys) > rows:
            begins = int(np.searchsorted(keys, keys[-1]))  # where the batch's last case begins
            if begins or (held and last != keys[-1]):
                done = [*held, batch.slice(0, begins)] if begins else held
                yield pa.Table.from_batches(done)
                held, count = [], 0
                batch = batch.slice(begins)  # noqa: PLW2901 (what is left of it)
        held.append(batch)
        count += batch.num_rows
        last = keys[-1]
    if held:
        yield pa.Table.from_batches(held)


# One row for each slice that had events, as Spark hands it to the driver.
TOLD = pa.schema(
    [
        pa.field("part", pa.int32()),
        pa.field("draft", pa.string()),
        pa.field("items", pa.string()),
        pa.field("events", pa.int64()),
        pa.field("executions", pa.int64()),
        pa.field("cases", pa.int64()),
        pa.field("repeats", pa.int64()),
        pa.field("earliest", pa.string()),
        pa.field("latest", pa.string()),
        pa.field("resources", pa.bool_()),
        pa.field("units", pa.bool_()),
        pa.field("checks", pa.string()),
        pa.field("summaries", pa.binary()),
    ]
)
_OPEN_ENDS = "quality"


@dataclass(frozen=True, kw_only=True)
class Observer:
    """Observes the cases of one slice and writes their rows of the case table into `drafts`.

    `coarse` is the coarser activity of each label, where the definition asks for any; `miners`
    are names of `miners_with`; with `work`, the work items are written there too. `now` is as in
    `engine.seeing.Asked`.
    """

    definition: Definition
    coarse: Mapping[str, str] | None
    miners: frozenset[str]
    quality: bool
    work: bool
    now: int
    drafts: Path

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One row of `TOLD` for the slice; none where it has no events."""
        part, table = None, None
        # A machine that failed half-way may have left a file: what counts is what the row names.
        drafts, items = Drafts(folder=self.drafts), Drafts(folder=self.drafts)
        seen, opening = Sums(), OpeningHours(self.definition)
        for table in whole_cases(batches):
            part = table.column("part")[0].as_py()
            cases, work = self.observe(table, seen, opening)
            drafts.append(cases)
            if work is not None:
                items.append(work)
        if table is None:
            return
        row = _row(part, drafts.close(), items.close() if self.work else None, seen)
        yield pa.RecordBatch.from_pylist([row], schema=TOLD)

    def observe(
        self, table: pa.Table, seen: Sums, opening: OpeningHours
    ) -> tuple[pa.Table, pa.Table | None]:
        """Count a block of whole cases in.

        Gives their case table with the variants' keys, and their work items, where asked for.
        """
        attributes = self.definition.case_attributes
        log = Log.of(table, attributes=attributes)
        mined = coarsened(log, self.coarse)
        every = miners_with(opening if opening.known else None)
        chosen: list[Miner] = [miner for miner in every if miner.name in self.miners]
        seen.add({miner.name: miner.observe(mined) for miner in chosen})
        if self.quality:
            seen.doubt(checked(log, self.definition, now=self.now), unfinished(log))
        seen.note(log)
        ids = ids_of(log.case_key, table.select(["case_key", "case_id"]).to_batches())
        look = look_at(log, mined if self.work else None, self.definition, opening, now=self.now)
        cases = case_table(log, self.definition, case_ids=ids, looked=case_columns(look, log.cases))
        items = None
        if look.items is not None:
            items = items_table(look.items, case_ids=ids, calendars=look.calendars)
        return with_keys(cases, variants.keys(mined)), items


def no_events(attributes: Sequence[str]) -> pa.Table:
    """A block without events: what every sum begins with."""
    return travelling(attributes).empty_table()


def count_activities(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Events per activity of one slice, each counted once however often it was sent."""
    total = Summary()
    for table in whole_cases(batches):
        activity = Log.of(table).activity
        counts = np.bincount(activity.codes, minlength=len(activity.vocabulary))
        total += Summary(tables={"labels": count_labels(activity.vocabulary, counts)})
    yield pa.record_batch([pa.array([packed({"map": total})], pa.binary())], schema=COUNTED)


COUNTED = pa.schema([pa.field("summaries", pa.binary())])


def rank_drafts(
    numbers: Iterator[pa.RecordBatch], *, drafts: Sequence[Path], ranks: Ranks
) -> Iterator[pa.RecordBatch]:
    """Fill the variants into the drafts whose numbers come in; tells where each result is."""
    for batch in numbers:
        for number in batch.column("id").to_pylist():
            cases = ranks.filled(pq.read_table(drafts[number]))
            path = drafts[number].with_name(f"ranked-{number:05d}-{uuid.uuid4().hex}")
            pq.write_table(cases, path, compression="zstd")
            yield pa.record_batch(
                [pa.array([number], pa.int64()), pa.array([str(path)])], schema=RANKED
            )


RANKED = pa.schema([pa.field("id", pa.int64()), pa.field("path", pa.string())])


class Drafts:
    """One slice's part of the case table in the making, under a name that nobody else takes."""

    def __init__(self, *, folder: Path) -> None:
        self._path = folder / f"draft-{uuid.uuid4().hex}"
        self._writer: pq.ParquetWriter | None = None

    def append(self, cases: pa.Table) -> None:
        """Write the cases of a block; StopError where this machine cannot see the folder."""
        if self._writer is None:
            folder = self._path.parent
            if not folder.is_dir():
                raise StopError(
                    f"{folder}: not on this machine; each machine writes its part of the case table"
                    " there, so --out must be a folder that all of them share"
                )
            self._writer = pq.ParquetWriter(self._path, cases.schema, compression="lz4")
        self._writer.write_table(cases)

    def close(self) -> Path:
        """The finished file."""
        assert self._writer is not None
        self._writer.close()
        return self._path


def _row(part: int | None, draft: Path, items: Path | None, seen: Sums) -> Mapping[str, object]:
    return {
        "part": part,
        "draft": str(draft),
        "items": None if items is None else str(items),
        "events": seen.events,
        "executions": seen.executions,
        "cases": seen.cases,
        "repeats": seen.repeats,
        "earliest": seen.earliest.isoformat() if seen.earliest else None,
        "latest": seen.latest.isoformat() if seen.latest else None,
        "resources": seen.resources,
        "units": seen.units,
        "checks": json.dumps([asdict(check) for check in seen.checks]),
        "summaries": packed({**seen.summaries, _OPEN_ENDS: seen.unfinished}),
    }


def joined(seen: Sums, row: Mapping[str, Any]) -> None:
    """Count in what one slice told."""
    told = unpacked(row["summaries"])
    open_ends = told.pop(_OPEN_ENDS, Summary())
    seen.add(told)
    checks = [Check(**check) for check in json.loads(row["checks"])]
    if checks:
        seen.doubt(checks, open_ends)
    for name in ("events", "executions", "cases", "repeats"):
        setattr(seen, name, getattr(seen, name) + row[name])
    seen.resources |= row["resources"]
    seen.units |= row["units"]
    for name, better in (("earliest", min), ("latest", max)):
        told_time = datetime.fromisoformat(row[name])
        setattr(seen, name, better(told_time, getattr(seen, name) or told_time))
