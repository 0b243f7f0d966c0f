"""The tables of a lake: where they lie, and what was agreed when they were made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.fs as pafs
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler
from deltalake.schema import Field, PrimitiveType

from eventlog import schema
from eventlog.errors import StopError, UsageError
from eventlog.lake.verdicts import Conflict, translated

EVENTS = "events"
REJECTS = "rejects"
ALERTS = "alerts"
MEASURES = "measures"
SILENCES = "silences"
# Made when they are first needed; a lake may lack them.
SMALL = (ALERTS, SILENCES, MEASURES)
PROCESS = "runut.process"
# Spark and Parquet refuse these in column names; the lake must stay readable for them.
_NOT_IN_COLUMNS = frozenset(" ,;{}()\n\t=")
# Seen with deltalake 1.6.6: a path with one of these is decoded twice, or panics.
_NOT_IN_PATHS = frozenset("%[]\\")
_ATTEMPTS = 5
# Only these columns prune files. Statistics of all the others would be carried through every
# commit, and cost as much as the rest of it.
STATISTICS = {
    EVENTS: "case_key,timestamp",
    REJECTS: "offset",
    ALERTS: "number",
    MEASURES: "hour",
    SILENCES: "number",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a lake is: an absolute local path or an object store's address, and how to get in."""

    uri: str
    storage_options: Mapping[str, str] | None = None

    @classmethod
    def of(cls, uri: str | Path, storage_options: Mapping[str, str] | None = None) -> "Place":
        """Read an address as people write it: `lake`, `~/lake`, `file:///srv/lake`, `s3://…`."""
        text = str(uri)
        if text.startswith("file://"):
            text = url2pathname(urlsplit(text).path)
        if "://" in text:
            return cls(uri=text.rstrip("/"), storage_options=storage_options)
        path = str(Path(text).expanduser().absolute())
        wrong = sorted(_NOT_IN_PATHS.intersection(path)) + [c for c in path if ord(c) < ord(" ")]
        if wrong:
            raise UsageError(
                f"{path}: a lake's path cannot hold {wrong[0]!r}; name another folder with --lake"
            )
        return cls(uri=path, storage_options=storage_options)

    @property
    def local(self) -> Path | None:
        """The folder, where the lake is on this machine's disks."""
        return None if "://" in self.uri else Path(self.uri)

    def address(self, name: str) -> str:
        """The address of one table."""
        return f"{self.uri}/{name}"

    def options(self) -> dict[str, str] | None:
        """The storage options as the storage library wants them: a fresh dict, or None."""
        return dict(self.storage_options) if self.storage_options else None

    def table(self, name: str, version: int | None = None) -> DeltaTable:
        """A fresh handle on a table, at its newest or a given version; storage errors as they are.

        Never shared between threads.
        """
        return DeltaTable(self.address(name), version=version, storage_options=self.options())

    def filesystem(self, name: str) -> pafs.FileSystem:
        """The files of one table, by their paths relative to it."""
        if self.local is not None:
            return pafs.SubTreeFileSystem(str(self.local / name), pafs.LocalFileSystem())
        handler = DeltaStorageHandler(self.address(name), self.options())
        return pafs.PyFileSystem(handler)


def arrow_schema(table: DeltaTable) -> pa.Schema:
    """A table's columns as pyarrow's schema."""
    return pa.schema(table.schema().to_arrow())


def opened(place: Place) -> tuple[str, tuple[str, ...]]:
    """The process that the lake at `place` holds, and the case attributes that it has columns for.

    StopError where there is no lake, or a table that is not Runut's.
    """
    _no_file(place)
    try:
        with translated(place.uri, "opening the lake"):
            table = _found(place, EVENTS)
            found = _found(place, REJECTS) if table else None
            if table is None or found is None:
                raise StopError(
                    f"{place.uri}: there is no lake here; `runut import FILE --lake {place.uri}` or"
                    " `runut ingest` makes one"
                )
            process = table.metadata().configuration.get(PROCESS)
            columns = arrow_schema(table)
    except Conflict as conflict:  # pragma: no cover - reading commits nothing
        raise StopError(str(conflict)) from conflict
    missing = sorted(schema.RESERVED.difference(columns.names))
    if process is None or missing:
        lacks = f"lacks the column {missing[0]}" if missing else "names no process"
        raise StopError(
            f"{place.address(EVENTS)}: a Delta table that Runut did not make ({lacks}); name"
            " another folder with --lake"
        )
    attributes = tuple(name for name in columns.names if name not in schema.RESERVED)
    return process, attributes


def _found(place: Place, name: str) -> DeltaTable | None:
    try:
        return place.table(name)
    except TableNotFoundError:
        return None


def _no_file(place: Place) -> None:
    if place.local is None:
        return
    for path in (place.local, place.local / EVENTS, place.local / REJECTS):
        if path.exists() and not path.is_dir():
            raise StopError(f"{path}: a file, where a lake needs a folder; name one with --lake")


def made(place: Place, *, process: str, case_attributes: Sequence[str]) -> tuple[str, ...]:
    """Make the tables that are not there and the columns that they lack; gives the attributes.

    To be called before anything is ingested: a writer that holds the table open while a column is
    added meets a Conflict once, and has to open it again.
    """
    _check_names(case_attributes)
    _no_file(place)
    with translated(place.uri, "making the lake"):
        # Rejects first: where events are, the lake is complete.
        _make(place, REJECTS, process, schema.REJECTS)
        _make(place, EVENTS, process, schema.events(case_attributes))
    for attempt in range(_ATTEMPTS):
        held, present = opened(place)
        if held != process:
            raise UsageError(
                f"{place.uri}: this lake holds the process {held!r}, not {process!r}; one lake"
                " holds one process, so name another folder with --lake"
            )
        missing = [name for name in case_attributes if name not in present]
        if not missing:
            return present
        clash = {name.lower() for name in present}.intersection(map(str.lower, missing))
        if clash:
            raise UsageError(
                f"{place.uri}: case attribute {min(clash)!r} differs from a column of this"
                " lake only in upper and lower case; spell it as the lake does"
            )
        fields = [Field(name, PrimitiveType("string")) for name in missing]
        try:
            with translated(place.uri, "adding columns"):
                place.table(EVENTS).alter.add_columns(fields)
        except Conflict:  # an append came between, or another process adds the same columns
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("columns that were added are there")


def make_small(place: Place, name: str, *, process: str, columns: pa.Schema) -> None:
    """Make a table of alerts, silences or measures, where it is not there yet."""
    with translated(place.uri, f"making the table of {name}"):
        _make(place, name, process, columns)


def small(place: Place) -> list[str]:
    """Those of the tables of alerts, silences and measures that are there."""
    with translated(place.uri, "looking for tables"):
        return [name for name in SMALL if _found(place, name) is not None]


def _make(place: Place, name: str, process: str, columns: pa.Schema) -> None:
    if _found(place, name) is not None:
        return
    # How long the past is kept is tidy's to decide: until it ran, nothing of it is dropped.
    configuration = {
        PROCESS: process,
        "delta.dataSkippingStatsColumns": STATISTICS[name],
        "delta.enableExpiredLogCleanup": "false",
        "delta.logRetentionDuration": "interval 36500 days",
        "delta.deletedFileRetentionDuration": "interval 36500 days",
    }
    try:
        DeltaTable.create(
            place.address(name),
            columns,
            mode="error",
            name=name,
            description=f"{name} of {process}, kept by Runut",
            configuration=configuration,
            storage_options=place.options(),
            raise_if_key_not_exists=False,  # `runut.process` is not one of Delta's keys
        )
    except DeltaError:
        # Another process made it in the same moment, which has two names here: a commit that
        # failed, or a table that exists already. What it made is looked at next.
        if _found(place, name) is None:
            raise


def _check_names(case_attributes: Sequence[str]) -> None:
    seen: set[str] = {name.lower() for name in schema.RESERVED}
    for name in case_attributes:
        if name.lower() in seen:
            raise UsageError(
                f"case attribute {name!r} is named twice, or is one of the lake's own columns"
                f" ({', '.join(sorted(schema.RESERVED))}); give it another name"
            )
        if not name or _NOT_IN_COLUMNS.intersection(name):
            raise UsageError(
                f"case attribute {name!r} cannot be a column: no spaces or any of ,;{{}}()= in a"
                " name; map it in `columns`, e.g. permit_type: 'permit type'"
            )
        seen.add(name.lower())
