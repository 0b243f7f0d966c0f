"""Finds the rows of a few cases without reading the lake: it knows where which cases can be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from eventlog.lake import reading
from eventlog.lake.reading import Int64s
from eventlog.lake.store import Lake
from eventlog.lake.tables import EVENTS
from eventlog.lake.verdicts import translated

# A run of rows whose case keys lie within less than this share of all keys was sorted by case:
# the first and the last key say enough. Of others the keys themselves are kept.
_NARROW = 2**64 // 64


@dataclass(frozen=True, kw_only=True, eq=False)
class _Group:
    """A row group of a file, by its place, and the case keys in it: some, or first and last."""

    place: int
    low: int
    high: int
    keys: Int64s | None


class Finder:
    """Reads the `columns` of the events of a few cases from the files of one version of a lake.

    Kept at hand are where the row groups of each file begin and end, and, for files that are not
    sorted by case, the keys of the cases in them (8 bytes a case and file). Both are looked up when
    they are first needed. `change` tells what later commits added and removed.
    """

    def __init__(self, lake: Lake, *, version: int, columns: Sequence[str]) -> None:
        self._lake = lake
        self._schema = coded_schema(lake, columns)
        self._texts = [f.name for f in self._schema if pa.types.is_dictionary(f.type)]
        self._filesystem: pafs.FileSystem = lake.place.filesystem(EVENTS)
        with translated(lake.uri, "listing files"):
            listed = reading.files(lake.place.table(EVENTS, version))
        self._footers: dict[str, pq.FileMetaData | None] = dict.fromkeys(
            listed.column("path").to_pylist()
        )
        self._groups: dict[str, list[_Group]] = {}

    def change(self, *, added: Iterable[str], removed: Iterable[str]) -> None:
        """Follow commits: files (paths relative to the events) that came and went."""
        self._footers.update(dict.fromkeys(added))
        for path in removed:
            self._footers.pop(path, None)
            self._groups.pop(path, None)

    def rows(self, cases: Int64s) -> pa.Table | None:
        """All rows of these cases (sorted keys, each once), in no order, texts as codes.

        None where a file was deleted meanwhile: then everything has to be read anew.
        """
        found = [self._schema.empty_table()]
        if not len(cases):
            return found[0]
        with translated(self._lake.uri, "reading cases"):
            try:
                for path in self._footers:
                    found += self._rows_in(path, cases)
            except FileNotFoundError:
                return None
        return pa.concat_tables(found)

    def _rows_in(self, path: str, cases: Int64s) -> list[pa.Table]:
        wanted = [group.place for group in self._groups_of(path) if _may_hold(group, cases)]
        if not wanted:
            return []
        with self._open(path) as file:
            present = [name for name in self._schema.names if name in file.schema_arrow.names]
            rows = file.read_row_groups(wanted, columns=present)
        rows = rows.filter(pc.is_in(rows.column("case_key"), pa.array(cases, pa.int64())))
        return [self._aligned(rows)] if rows.num_rows else []

    def _groups_of(self, path: str) -> list[_Group]:
        known = self._groups.get(path)
        if known is None:
            with self._open(path) as file:
                self._footers[path] = file.metadata
                place = file.schema_arrow.names.index("case_key")
                known = [_group(file, number, place) for number in range(file.num_row_groups)]
            self._groups[path] = known
        return known

    def _open(self, path: str) -> pq.ParquetFile:
        """A file; where its footer is known already, it reads texts as codes."""
        footer = self._footers[path]
        present = [] if footer is None else footer.schema.names
        return pq.ParquetFile(
            path,
            metadata=footer,
            filesystem=self._filesystem,
            read_dictionary=[name for name in self._texts if name in present],
        )

    def _aligned(self, rows: pa.Table) -> pa.Table:
        """The columns as asked for; one that is younger than the file is null."""
        arrays = [
            rows.column(field.name).cast(field.type)
            if field.name in rows.column_names
            else pa.nulls(rows.num_rows, field.type)
            for field in self._schema
        ]
        return pa.table(arrays, schema=self._schema)


def coded_schema(lake: Lake, columns: Sequence[str]) -> pa.Schema:
    """The lake's columns of these names, texts as codes; but event ids plain: they never repeat."""
    fields = [lake.schema.field(name) for name in columns]
    return pa.schema(
        field.with_type(pa.dictionary(pa.int32(), field.type))
        if pa.types.is_string(field.type) and field.name != "event_id"
        else field
        for field in fields
    )


def _group(file: pq.ParquetFile, number: int, column: int) -> _Group:
    said = file.metadata.row_group(number).column(column).statistics
    if said is not None and said.has_min_max and said.max - said.min < _NARROW:
        return _Group(place=number, low=said.min, high=said.max, keys=None)
    keys = np.unique(file.read_row_group(number, columns=["case_key"]).column(0).to_numpy())
    low, high = (int(keys[0]), int(keys[-1])) if len(keys) else (0, -1)
    return _Group(place=number, low=low, high=high, keys=np.asarray(keys, np.int64))


def _may_hold(group: _Group, cases: Int64s) -> bool:
    first = int(np.searchsorted(cases, group.low, side="left"))
    past = int(np.searchsorted(cases, group.high, side="right"))
    if first >= past or group.keys is None:
        return bool(first < past)
    inside = cases[first:past]
    place = np.searchsorted(group.keys, inside)
    return bool((group.keys[np.minimum(place, len(group.keys) - 1)] == inside).any())
