"""Brings event logs from files into the lake, once each, and says what is in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors import files, text, times
from connectors.tabular import Reading
from engine.progress import Progress
from eventlog.definition import Definition
from eventlog.errors import RetryError, StopError
from eventlog.identity import finish
from eventlog.lake import Conflict, Lake
from eventlog.pseudonym import pseudonymise

Int64s = npt.NDArray[np.int64]

# Rows a commit: a file of ten million events survives a crash with at most this much to do again.
CHUNK = 1_000_000
# A file's position is the number of its reading times this, plus its rows that are in: so that
# both are known together, in one commit, or neither is.
_ROWS = 2**36
_READINGS = 2**27
_WHO_DID_WHAT_WHEN = ("case_id", "activity", "timestamp", "lifecycle", "resource", "unit")
_MINUTE = "%Y-%m-%d %H:%M %Z"
_TIES = "there the order in the file decides"


@dataclass(frozen=True, kw_only=True)
class FileImport:
    """What became of one file: rows added by this run, and rows that the lake had already."""

    source: str
    stream: str
    events: int
    rejects: int
    already: int
    columns: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        if not self.events:
            return f"{self.source} is in the lake already ({self.already:,} events); nothing added"
        rest = f", {self.already:,} were there from a run that stopped" if self.already else ""
        rows = "row" if self.rejects == 1 else "rows"
        bad = f"; {self.rejects:,} {rows} set aside" if self.rejects else ""
        return f"{self.source}: {self.events:,} events added{rest}{bad}"


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of all files of an import, in the order in which they were given."""

    files: tuple[FileImport, ...]

    @property
    def events(self) -> int:
        """Events added by this run."""
        return sum(file.events for file in self.files)

    @property
    def rejects(self) -> int:
        """Rows set aside by this run."""
        return sum(file.rejects for file in self.files)


def import_files(
    paths: Sequence[Path],
    lake: Lake,
    definition: Definition,
    *,
    key: bytes,
    progress: Progress,
    chunk: int = CHUNK,
) -> ImportReport:
    """Add the events of each file to the lake; a file that is there already adds nothing.

    A file is known by the SHA-256 of its bytes, under whatever name it comes. An import that was
    interrupted goes on where it stopped. StopError or UsageError for a file that cannot be read,
    StopError for one that is in the lake as another definition read it (which row would be which?),
    RetryError when another import of the same file is under way; files before it are in.
    """
    return ImportReport(
        files=tuple(_import(path, lake, definition, key, progress, chunk) for path in paths)
    )


def _import(
    path: Path, lake: Lake, definition: Definition, key: bytes, progress: Progress, chunk: int
) -> FileImport:
    stream = f"file/{files.fingerprint(path)}"
    with progress.stage(f"read {path.name}"):
        reading = files.read(path, definition)
        hidden = pseudonymise(reading.events, definition.privacy.pseudonymise, key)
        # Over the whole file at once: identical rows are numbered by their occurrence in it.
        events = finish(hidden, numbered_by_reader="sequence" not in reading.columns)
    writer = lake.writer(stream)
    base = _number(reading, definition) * _ROWS
    done = 0 if writer.position is None else writer.position - base
    if not 0 <= done <= events.num_rows:
        raise StopError(
            f"{path.name} is in the lake already, read with another process definition (columns, "
            "time zone or pseudonyms differ); nothing added. Import into a new lake with --lake"
        )
    rejects = reading.rejects if done == 0 else reading.rejects.slice(0, 0)
    with progress.stage(f"import {path.name}", total=events.num_rows - done) as stage:
        for start in range(done, events.num_rows, chunk):
            rows = events.slice(start, chunk)
            try:
                # Rejects go with the first rows: they are few, and no position counts them.
                set_aside = rejects if start == 0 else rejects.slice(0, 0)
                begin = base + start
                writer.append(rows, set_aside, start=begin, next=begin + rows.num_rows)
            except Conflict as error:
                raise RetryError(
                    f"{path.name}: another import of the same file is under way; run the command "
                    "again when it has ended, it then adds what is missing"
                ) from error
            stage.advance(rows.num_rows)
    return FileImport(
        source=path.name,
        stream=stream,
        events=events.num_rows - done,
        rejects=rejects.num_rows,
        already=done,
        columns=reading.columns,
        notes=reading.notes,
    )


def _number(reading: Reading, definition: Definition) -> int:
    """A number for how a file was read: the same for the same columns, time zone and pseudonyms."""
    how = [dict(reading.columns), definition.timezone, sorted(definition.privacy.pseudonymise)]
    digest = sha256(msgspec.json.encode(how, order="sorted")).digest()
    return int.from_bytes(digest[:8], "big") % _READINGS


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What is in a file, in numbers that bear on whether its map can be trusted.

    `ties` and `neighbours` count pairs of events next to each other in a case; `backwards` those
    that stand in the file in the other order than their times. `duplicates` are events that repeat
    another of their case in everything, `repeats` at least in activity, time, resource and unit.
    """

    source: str
    rows: int
    events: int
    rejects: Mapping[str, int]
    columns: Mapping[str, str]
    notes: tuple[str, ...]
    earliest: datetime
    latest: datetime
    cases: int
    midnights: int
    duplicates: int
    repeats: int
    ties: int
    neighbours: int
    backwards: int
    single_event_cases: int
    without_resource: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each number, for a person; times in the process's time zone."""
        columns = ", ".join(f'{ours} from "{theirs}"' for ours, theirs in self.columns.items())
        dated = self.midnights < self.events / 20
        times_kept = "times of day are mostly kept" if dated else "many are dates without a time"
        said = [
            f"{self.source} has {self.rows:,} rows: {self.events:,} events, {self.cases:,} cases.",
            *(f"Set aside: {reason} ({count:,})." for reason, count in self.rejects.items()),
            f"Columns: {columns}.",
            f"The events are from {self.earliest:{_MINUTE}} to {self.latest:{_MINUTE}}.",
            f"{_share(self.midnights, self.events)} of the events are at midnight: {times_kept}.",
            f"{_share(self.ties, self.neighbours)} of neighbours in a case tie in time; {_TIES}.",
            f"{_share(self.backwards, self.neighbours)} of neighbours in the file go back in time.",
            (
                f"{self.repeats:,} events repeat activity, time, resource and unit of another of "
                f"their case, {self.duplicates:,} of them in everything; all are kept."
            ),
            f"{_share(self.single_event_cases, self.cases)} of the cases have one event only.",
            f"{_share(self.without_resource, self.events)} of the events do not say who did them.",
        ]
        return (*said, *self.notes)


def inspect(path: Path, definition: Definition) -> FileReport:
    """Read a file as `import_files` would and report on it; the lake is not touched."""
    return report(files.read(path, definition), definition, source=path.name)


def report(reading: Reading, definition: Definition, *, source: str) -> FileReport:
    """The figures of what was read; the errors of reading have been raised before."""
    events, zone = reading.events, ZoneInfo(definition.timezone)
    utc: Int64s = events.column("timestamp").cast(pa.int64()).to_numpy()
    case = text.codes(events.column("case_id"))
    sizes = np.bincount(case)
    in_file = np.argsort(case, kind="stable")
    same_case = case[in_file][1:] == case[in_file][:-1]
    steps = np.diff(utc[in_file])[same_case]
    in_time = np.lexsort((utc, case))
    ties = (np.diff(utc[in_time]) == 0) & (case[in_time][1:] == case[in_time][:-1])
    reasons = pc.value_counts(reading.rejects.column("reason").combine_chunks()).to_pylist()
    reasons.sort(key=lambda pair: (-pair["counts"], pair["values"]))
    return FileReport(
        source=source,
        rows=events.num_rows + reading.rejects.num_rows,
        events=events.num_rows,
        rejects={pair["values"]: pair["counts"] for pair in reasons},
        columns=reading.columns,
        notes=reading.notes,
        earliest=times.local(int(utc.min()), zone),
        latest=times.local(int(utc.max()), zone),
        cases=len(sizes),
        midnights=times.midnights(utc, zone),
        duplicates=_repeats(events, [n for n in events.column_names if n != "sequence"]),
        repeats=_repeats(events, _WHO_DID_WHAT_WHEN),
        ties=int(ties.sum()),
        neighbours=len(steps),
        backwards=int((steps < 0).sum()),
        single_event_cases=int((sizes == 1).sum()),
        without_resource=events.column("resource").null_count,
    )


def _repeats(events: pa.Table, names: Sequence[str]) -> int:
    """How many events say in the columns `names` what another has said."""
    schema = events.schema
    seen = [
        events.column(field.name)
        if field.name in names
        else pa.nulls(len(events), field.type)
        if field.nullable
        else pa.repeat(pa.scalar("", pa.string()), len(events))
        for field in schema
    ]
    contents = finish(pa.table(seen, schema=schema)).column("content_key")
    return len(events) - int(pc.count_distinct(contents).as_py())


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.1%})" if whole else "None"
