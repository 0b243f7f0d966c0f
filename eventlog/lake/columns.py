"""Reads columns out of many files, each into one piece, with little memory beside the answer.

pyarrow's own scanner decodes whole row groups ahead, several at once, and joins what it found in
the end: twice the answer at its peak, however few rows pass the filter, and twice the processor's
time. Here the footers say first how many rows there will be; then small batches are decoded side
by side, each straight to its place.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from eventlog import kernels
from eventlog.kernels import Bools, Int32s, Int64s

# From the first key to the last, both included.
Keys = tuple[int, int]

KEY = "case_key"
# A column of a batch of so many rows fits a processor's cache.
_BATCH_ROWS = 65_536
# A vocabulary so small costs nothing to hold.
_FEW_LABELS = 1000
# For fewer files, or row groups, threads cost more than they bring.
_THREADED = 4

_T = TypeVar("_T")
_U = TypeVar("_U")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files of one table, in the order in which their rows shall come.

    `schema` is the table's; a column that a file lacks is null there. `ahead`: fetch the columns
    of a row group side by side, as an object store far away needs it.
    """

    filesystem: pafs.FileSystem
    paths: Sequence[str]
    schema: pa.Schema
    ahead: bool

    def opened(
        self, path: str, texts: Sequence[str], footer: pq.FileMetaData = None
    ) -> pq.ParquetFile:
        """One file, these of its columns as codes; `footer`, where it has been read already."""
        return pq.ParquetFile(
            self.filesystem.open_input_file(path),
            metadata=footer,
            read_dictionary=list(texts),
            pre_buffer=self.ahead,
        )


@dataclass(frozen=True, kw_only=True)
class _Group:
    """One row group of a file; `whole`: all of its rows are wanted, as far as is known."""

    path: str
    footer: pq.FileMetaData
    number: int
    whole: bool


def read(
    source: Source, columns: Sequence[str], texts: Sequence[str], between: Keys | None
) -> pa.Table:
    """These columns of all rows, or of those whose key lies `between` two.

    Whole numbers, times and the `texts`, which come as codes with one vocabulary each, are one
    chunk; others come as they were read. The order is that of the files and of the rows in them.
    FileNotFoundError where a file is gone.
    """
    groups = _groups(source, between)
    places = np.zeros(len(groups) + 1, np.int64)
    np.cumsum(_side_by_side(lambda g: _wanted(source, g, between), groups), out=places[1:])
    total = int(places[-1])
    held = [_column(source.schema.field(name), name in texts, total) for name in columns]

    def fill(number: int) -> None:
        at = int(places[number])
        for batch, rows in _batches(source, groups[number], columns, texts, between):
            count = batch.num_rows if rows is None else len(rows)
            for column in held:
                name = column.of.name
                found = batch.column(name) if name in batch.schema.names else None
                column.put(at, count, found, rows)
            at += count
        if at != places[number + 1]:
            raise AssertionError(f"{groups[number].path}: other rows than were counted")

    _side_by_side(fill, np.flatnonzero(np.diff(places)).tolist())
    names, done = list(columns), []
    while held:  # one after another, so that each gives back what it no longer needs
        done.append(held.pop(0).finished())
    return pa.table(done, names=names)


def batches(
    source: Source, columns: Sequence[str], texts: Sequence[str], between: Keys | None
) -> Iterator[pa.RecordBatch]:
    """The same rows little by little, each batch with a vocabulary of its own.

    Every file must have these columns.
    """
    for group in _groups(source, between):
        for batch, rows in _batches(source, group, columns, texts, between):
            asked = batch.select(columns)
            yield asked if rows is None else asked.take(pa.array(rows))


def _groups(source: Source, between: Keys | None) -> list[_Group]:
    """The row groups that may have a row `between`."""
    found = []
    footers = _side_by_side(lambda path: source.opened(path, []).metadata, source.paths)
    for path, footer in zip(source.paths, footers, strict=True):
        ranges = [None] * footer.num_row_groups if between is None else _ranges(footer)
        for number, told in enumerate(ranges):
            whole = between is None
            if between is not None and told is not None:
                if told[0] > between[1] or told[1] < between[0]:
                    continue
                whole = between[0] <= told[0] and told[1] <= between[1]
            found.append(_Group(path=path, footer=footer, number=number, whole=whole))
    return found


def _ranges(footer: pq.FileMetaData) -> list[Keys | None]:
    """The smallest and largest key of each row group, where the footer tells."""
    column = next(i for i in range(footer.num_columns) if footer.schema.column(i).path == KEY)
    told = [footer.row_group(g).column(column).statistics for g in range(footer.num_row_groups)]
    return [(s.min, s.max) if s is not None and s.has_min_max else None for s in told]


def _wanted(source: Source, group: _Group, between: Keys | None) -> int:
    """How many rows of a row group are wanted."""
    if group.whole:
        return int(group.footer.row_group(group.number).num_rows)
    found = _batches(source, group, [KEY], [], between)
    return sum(batch.num_rows if rows is None else len(rows) for batch, rows in found)


def _batches(
    source: Source,
    group: _Group,
    columns: Sequence[str],
    texts: Sequence[str],
    between: Keys | None,
) -> Iterator[tuple[pa.RecordBatch, Int64s | None]]:
    """A row group's rows little by little, with the places of those wanted; None: all of them."""
    present = [group.footer.schema.column(i).path for i in range(group.footer.num_columns)]
    # The key decides what is wanted; and where there is no column to read, it counts rows.
    asked = {name for name in columns if name in present} | (set() if group.whole else {KEY})
    coded = [name for name in texts if name in asked]
    with source.opened(group.path, coded, group.footer) as file:
        for batch in file.iter_batches(
            _BATCH_ROWS,
            row_groups=[group.number],
            columns=sorted(asked or {KEY}),
            use_threads=False,
        ):
            if group.whole or between is None:
                yield batch, None
                continue
            keys = batch.column(KEY).to_numpy()
            rows = np.flatnonzero((keys >= between[0]) & (keys <= between[1]))
            if len(rows):
                yield batch, None if len(rows) == len(keys) else rows


class _Column(Protocol):
    """A column in the making; parts of it are put to their places in any order, side by side."""

    of: pa.Field

    def put(self, at: int, count: int, found: pa.Array | None, rows: Int64s | None) -> None:
        """Take the `rows` of what was `found` (None: all; nothing found: null) from `at` on."""

    def finished(self) -> pa.Array | pa.ChunkedArray:
        """The whole column."""


def _column(told: pa.Field, coded: bool, rows: int) -> _Column:  # noqa: FBT001 (what the column is, not a choice)
    if coded:
        return _Codes(of=told, codes=np.empty(rows, np.int32))
    if told.type == pa.int64() or told.type == pa.timestamp("us", tz="UTC"):
        return _Numbers(of=told, values=np.empty(rows, np.int64))
    return _Others(of=told)


@dataclass(kw_only=True)
class _Numbers:
    """Whole numbers and times."""

    of: pa.Field
    values: Int64s
    missing: Bools | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, at: int, count: int, found: pa.Array | None, rows: Int64s | None) -> None:
        """As `_Column` has it."""
        place = slice(at, at + count)
        if found is None:
            self._absent()[place] = True
            self.values[place] = 0
            return
        if found.null_count:
            absent = found.is_null().to_numpy(zero_copy_only=False)
            self._absent()[place] = absent if rows is None else absent[rows]
        numbers = found.cast(self.of.type).view(pa.int64())
        filled = (numbers.fill_null(0) if numbers.null_count else numbers).to_numpy()
        self.values[place] = filled if rows is None else filled[rows]

    def _absent(self) -> Bools:
        with self.lock:
            if self.missing is None:
                self.missing = np.zeros(len(self.values), np.bool_)
            return self.missing

    def finished(self) -> pa.Array:
        """As `_Column` has it."""
        validity = None if self.missing is None else _validity(self.missing)
        return pa.Array.from_buffers(
            self.of.type, len(self.values), [validity, pa.py_buffer(self.values)]
        )


@dataclass(kw_only=True)
class _Codes:
    """Texts as codes: those of each batch first, those of one vocabulary in the end."""

    of: pa.Field
    codes: Int32s
    missing: bool = False
    parts: list[tuple[int, int, pa.Array]] = field(default_factory=list)

    def put(self, at: int, count: int, found: pa.Array | None, rows: Int64s | None) -> None:
        """As `_Column` has it."""
        place = slice(at, at + count)
        if found is None:
            self.missing = True
            self.codes[place] = -1
            return
        self.missing |= found.null_count > 0
        filled = found.indices.fill_null(-1) if found.null_count else found.indices
        codes, labels = filled.to_numpy(), found.dictionary
        codes = codes if rows is None else codes[rows]
        if len(labels) > _FEW_LABELS and rows is not None:
            # Texts that hardly repeat: of each batch's many, only those in use are held.
            used, codes = np.unique(codes, return_inverse=True)
            absent = int(used.size > 0 and used[0] < 0)
            codes, labels = codes - absent, labels.take(pa.array(used[absent:]))
        self.codes[place] = codes
        self.parts.append((at, count, labels))

    def finished(self) -> pa.Array:
        """As `_Column` has it."""
        self.parts.sort(key=lambda part: part[0])
        distinct: list[pa.Array] = []
        numbers = []
        for _, _, labels in self.parts:  # neighbours are mostly of one row group
            if not distinct or not labels.equals(distinct[-1]):
                distinct.append(labels)
            numbers.append(len(distinct) - 1)
        joined = pa.concat_arrays(distinct) if distinct else pa.array([], self.of.type)
        joined = pc.dictionary_encode(joined.cast(self.of.type))
        places = joined.indices.to_numpy()
        ends = np.cumsum([len(labels) for labels in distinct])
        for (at, count, labels), number in zip(self.parts, numbers, strict=True):
            new = places[ends[number] - len(labels) : ends[number]]
            if not np.array_equal(new, np.arange(len(new))):
                kernels.recode(self.codes[at : at + count], new.astype(np.int32))
        validity = _validity(self.codes < 0) if self.missing else None
        codes = pa.Array.from_buffers(
            pa.int32(), len(self.codes), [validity, pa.py_buffer(self.codes)]
        )
        return pa.DictionaryArray.from_arrays(codes, joined.dictionary)


@dataclass(kw_only=True)
class _Others:
    """Whatever else, as it is read."""

    of: pa.Field
    parts: list[tuple[int, pa.Array]] = field(default_factory=list)

    def put(self, at: int, count: int, found: pa.Array | None, rows: Int64s | None) -> None:
        """As `_Column` has it."""
        if found is None:
            found, rows = pa.nulls(count, self.of.type), None
        part = found.cast(self.of.type)
        self.parts.append((at, part if rows is None else part.take(pa.array(rows))))

    def finished(self) -> pa.ChunkedArray:
        """As `_Column` has it."""
        self.parts.sort(key=lambda part: part[0])
        return pa.chunked_array([part for _, part in self.parts], self.of.type)


def _validity(missing: Bools) -> pa.Buffer:
    return pa.py_buffer(np.packbits(~missing, bitorder="little"))


def _side_by_side(work: Callable[[_T], _U], on: Sequence[_T]) -> list[_U]:
    """What `work` gives for each, in their order."""
    if len(on) < _THREADED:
        return [work(one) for one in on]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(work, on))
