"""Reads events out of the lake: only the columns asked for, and texts as codes."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from deltalake import DeltaTable

from eventlog import schema
from eventlog.lake import columns as columns_of
from eventlog.lake.tables import REJECTS, Place, arrow_schema

Int64s = np.ndarray[tuple[int], np.dtype[np.int64]]


def files(table: DeltaTable) -> pa.Table:
    """The table's files, one a row: `path` (relative), `size_bytes`, `num_records`, `min.…`."""
    return pa.table(table.get_add_actions(flatten=True))


def rows(
    place: Place,
    table: DeltaTable,
    name: str,
    columns: Sequence[str],
    where: pc.Expression | None,
    paths: Sequence[str] | None = None,
) -> pa.Table:
    """The rows of table `name` that `where` lets through, in no promised order.

    A column that a file does not have, because it was written before the column was added, is
    null there.
    """
    found = dataset(place, table, name, dictionaries=[], paths=paths)
    return found.to_table(columns=list(columns), filter=where)


def rejected_since(place: Place, table: DeltaTable, moment: int) -> Int64s:
    """When the rejects of `table` were set aside that were after `moment`; µs UTC, ascending."""
    later = pc.field("received") > pa.scalar(moment, schema.TIMESTAMP)
    found = rows(place, table, REJECTS, ["received"], later).column("received")
    return np.sort(found.cast(pa.int64()).to_numpy())


def dataset(
    place: Place,
    table: DeltaTable,
    name: str,
    *,
    dictionaries: Sequence[str],
    paths: Sequence[str] | None = None,
) -> pads.Dataset:
    """The table's files (or some of them) for pyarrow, the named text columns as codes."""
    fields = [
        field.with_type(pa.dictionary(pa.int32(), field.type))
        if field.name in dictionaries
        else field
        for field in arrow_schema(table)
    ]
    options = pads.ParquetReadOptions(dictionary_columns=list(dictionaries))
    return pads.dataset(
        files(table).column("path").to_pylist() if paths is None else list(paths),
        schema=pa.schema(fields),
        format=pads.ParquetFileFormat(read_options=options),
        filesystem=place.filesystem(name),
    )


def events(
    place: Place,
    table: DeltaTable,
    name: str,
    columns: Sequence[str],
    cases: Int64s | None,
    between: tuple[int, int] | None,
) -> pa.Table:
    """Columns of all events, or of those whose `case_key` is among `cases`, shape [k].

    With `between` only case keys from the first to the second, both included, are read. Texts are
    dictionary-encoded, each with one vocabulary for the whole answer; event ids are plain, since a
    vocabulary of texts that never repeat costs four times the reading. Row order means nothing.
    """
    texts = _texts(table, columns)
    if cases is None:
        return columns_of.read(source(place, table, name, between), columns, texts, between)
    keys = np.unique(cases)
    chosen = _holding(files(table), keys)
    where = pc.field("case_key").isin(pa.array(keys, pa.int64()))
    if len(keys):  # a range lets pyarrow skip whole row groups, `isin` does not
        where &= _within((int(keys[0]), int(keys[-1])))
    found = dataset(place, table, name, dictionaries=texts, paths=chosen).to_table(
        columns=list(columns), filter=where
    )
    return found.unify_dictionaries()


def batches(
    place: Place,
    table: DeltaTable,
    name: str,
    columns: Sequence[str],
    between: tuple[int, int] | None,
) -> Iterator[pa.RecordBatch]:
    """The same little by little, of columns that every file has; each with its own vocabulary."""
    found = source(place, table, name, between)
    return columns_of.batches(found, columns, _texts(table, columns), between)


def _texts(table: DeltaTable, columns: Sequence[str]) -> list[str]:
    """The columns that are read as codes: all texts that repeat."""
    schema = arrow_schema(table)
    return [
        column
        for column in columns
        if column != "event_id" and pa.types.is_string(schema.field(column).type)
    ]


def _within(between: tuple[int, int]) -> pc.Expression:
    low, high = (pa.scalar(bound, pa.int64()) for bound in between)
    return (pc.field("case_key") >= low) & (pc.field("case_key") <= high)


def key_ranges(listed: pa.Table) -> tuple[Int64s, Int64s] | None:
    """The smallest and largest case key of each file; None where a file does not say."""
    names = ("min.case_key", "max.case_key")
    if any(name not in listed.column_names for name in names) or not listed.num_rows:
        return None
    low, high = (listed.column(name) for name in names)
    if low.null_count or high.null_count:
        return None
    return np.asarray(low.to_numpy(), np.int64), np.asarray(high.to_numpy(), np.int64)


def source(
    place: Place, table: DeltaTable, name: str, between: tuple[int, int] | None
) -> columns_of.Source:
    """The table's files that may have a case key `between` two, those with the lowest first.

    So the rows of a tidied lake come case by case.
    """
    listed = files(table)
    paths: list[str] = listed.column("path").to_pylist()
    ranges = key_ranges(listed)
    if ranges is not None:
        low, high = ranges
        meets = np.ones(len(low), bool)
        if between is not None:
            meets = (low <= between[1]) & (high >= between[0])
        order = np.argsort(low, kind="stable")
        paths = [paths[at] for at in order[meets[order]].tolist()]
    return columns_of.Source(
        filesystem=place.filesystem(name),
        paths=paths,
        schema=arrow_schema(table),
        ahead=place.local is None,
    )


def _holding(listed: pa.Table, keys: Int64s) -> list[str]:
    """The files whose range of case keys has one of `keys` (sorted) in it."""
    if "min.case_key" not in listed.column_names or not listed.num_rows:
        paths: list[str] = listed.column("path").to_pylist()
        return paths
    lowest = listed.column("min.case_key")
    highest = listed.column("max.case_key")
    unknown = np.asarray(pc.or_(pc.is_null(lowest), pc.is_null(highest)).to_numpy(), bool)
    first = np.searchsorted(keys, lowest.fill_null(0).to_numpy(), side="left")
    past = np.searchsorted(keys, highest.fill_null(0).to_numpy(), side="right")
    wanted = pa.array((first < past) | unknown)
    chosen: list[str] = listed.column("path").filter(wanted).to_pylist()
    return chosen
