"""Puts the lake's files in order without changing what they say, beside writers that go on.

Delta's own compaction is not used: two of them at once (deltalake 1.6.6) both succeed and every
row is there twice. Here a rewrite carries an application transaction of its own, so that of two
only one is let in; appends pass freely, since a rewrite leaves alone what it did not read.
"""

import itertools
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.transaction import AddAction, RemoveAction

from eventlog.lake import reading
from eventlog.lake.tables import (
    ALERTS,
    EVENTS,
    MEASURES,
    REJECTS,
    SILENCES,
    STATISTICS,
    Place,
    arrow_schema,
)
from eventlog.lake.verdicts import Conflict, translated

OURS = "runut:"
_REWRITES = OURS + "rewrites"
# What a file of sorted rows is called tells how it came to be.
_CLUSTERED = "clustered-"
_MERGED = "merged-"
_SORTED_BY = {
    EVENTS: "case_key",
    REJECTS: "offset",
    ALERTS: "number",
    SILENCES: "number",
    MEASURES: "hour",
}
# A slice is sorted in memory, with about 0.5 GB a million events; each slice looks once through
# all that is not clustered yet.
_SLICE_ROWS = 2_000_000
_SLICE_BYTES = 128 * 2**20
_SMALL_BYTES = 8 * 2**20
# Merging goes on beside a watch, so it takes no more than some 150 MB.
_MERGED_ROWS = 250_000
# Whoever wants a few cases reads whole row groups: so many rows take 3 ms. Reading everything is no
# slower than with groups of 131,072; with 8,192 it takes twice as long (measured).
_GROUP_ROWS = 16_384
# The whole is sorted anew when this share of it came in since the last time; what is rewritten
# more often must be kept as often, as long as the past is kept.
_LOOSE_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What a rewrite did: rows written anew, files before and after (of the whole table)."""

    rows: int
    files_before: int
    files_after: int


def merge(place: Place, name: str, *, at_least: int) -> Rewritten:
    """Merge the small files that came in since clustering, where there are `at_least` so many.

    Conflict when another rewrite came first.
    """
    with translated(place.address(name), "merging small files"):
        table = place.table(name)
        listed = reading.files(table)
        loose = _loose(listed)
        small = loose.filter(pc.less(loose.column("size_bytes"), _SMALL_BYTES))
        if small.num_rows < max(at_least, 2):
            return _nothing(listed)
        return _rewrite(place, table, name, listed, small, _MERGED)


def cluster(place: Place, name: str) -> Rewritten:
    """Sort the table (events by case, rejects by place); only merge where little is new.

    Conflict when another rewrite came first.
    """
    with translated(place.address(name), "clustering"):
        table = place.table(name)
        listed = reading.files(table)
        new = _rows(_loose(listed))
        if new and new >= _LOOSE_SHARE * _rows(listed):
            return _rewrite(place, table, name, listed, listed, _CLUSTERED)
    return merge(place, name, at_least=2)


def _loose(listed: pa.Table) -> pa.Table:
    """The files that no clustering has written."""
    return listed.filter(pc.invert(pc.starts_with(listed.column("path"), _CLUSTERED)))


def _nothing(listed: pa.Table) -> Rewritten:
    return Rewritten(rows=0, files_before=listed.num_rows, files_after=listed.num_rows)


def _rows(listed: pa.Table) -> int:
    return int(pc.sum(listed.column("num_records")).as_py() or 0)


def _rewrite(
    place: Place, table: DeltaTable, name: str, listed: pa.Table, old: pa.Table, prefix: str
) -> Rewritten:
    """Write the rows of the `old` files anew, little by little, and swap them in one go."""
    slices = (_groups if prefix == _MERGED else _slices)(place, table, name, old)
    filesystem = place.filesystem(name)
    stamp = uuid.uuid4()
    added: list[AddAction] = []
    for number, rows in enumerate(slices):
        path = f"{prefix}{stamp}-{number:05d}.parquet"
        pq.write_table(
            rows, path, filesystem=filesystem, compression="zstd", row_group_size=_GROUP_ROWS
        )
        added.append(_add(filesystem, path, rows, name))
    written = sum(json.loads(action.stats)["numRecords"] for action in added)
    if written != _rows(old):
        raise AssertionError(f"{name}: {written} rows were written of {_rows(old)}")
    _swap(place, table, name, old, added)
    return Rewritten(
        rows=written,
        files_before=listed.num_rows,
        files_after=listed.num_rows - old.num_rows + len(added),
    )


def _groups(place: Place, table: DeltaTable, name: str, old: pa.Table) -> Iterator[pa.Table]:
    """The old files' rows, some files at a time, each time sorted."""
    group, held = list[str](), 0
    counts = old.column("num_records").to_pylist()
    for path, count in [*zip(old.column("path").to_pylist(), counts, strict=True), (None, 0)]:
        # A file of another program may not say how many rows it has.
        rows = _MERGED_ROWS if count is None else count
        if group and (path is None or held + rows > _MERGED_ROWS):
            found = reading.dataset(place, table, name, dictionaries=[], paths=group).to_table()
            if found.num_rows:
                yield found.sort_by(_SORTED_BY[name])
            group, held = [], 0
        group, held = [*group, path], held + rows


def _slices(place: Place, table: DeltaTable, name: str, old: pa.Table) -> Iterator[pa.Table]:
    """The old files' rows in ranges of their key, each sorted and small enough for memory."""
    key, paths = _SORTED_BY[name], old.column("path").to_pylist()
    keys = reading.rows(place, table, name, [key], None, paths).column(key)
    size = int(pc.sum(old.column("size_bytes")).as_py() or 0)
    parts = max(1, -(-len(keys) // _SLICE_ROWS), -(-size // _SLICE_BYTES))
    whole = reading.dataset(place, table, name, dictionaries=[], paths=paths)
    for where in _ranges(keys, key, parts):
        rows = whole.to_table(filter=where)
        if rows.num_rows:
            yield rows.sort_by(key)


def _ranges(keys: pa.ChunkedArray, key: str, parts: int) -> Sequence[pc.Expression | None]:
    """`parts` conditions that split the rows into about equal slices and leave none out."""
    present = np.sort(keys.drop_null().to_numpy())
    if parts == 1 or not len(present):
        return [None]
    cuts = np.unique(present[[len(present) * part // parts for part in range(1, parts)]])
    column = pc.field(key)
    scalars = [pa.scalar(int(cut), pa.int64()) for cut in cuts]
    between = [(column >= low) & (column < high) for low, high in itertools.pairwise(scalars)]
    return [(column < scalars[0]) | column.is_null(), *between, column >= scalars[-1]]


def _add(filesystem: object, path: str, rows: pa.Table, name: str) -> AddAction:
    """What the log says of a new file; the same statistics that appends keep."""
    low, high, absent = dict[str, object](), dict[str, object](), dict[str, int]()
    for column in STATISTICS[name].split(","):
        absent[column] = rows.column(column).null_count
        least, most = pc.min_max(rows.column(column)).as_py().values()
        if least is not None:
            low[column], high[column] = _told(least), _told(most)
    stats = {
        "numRecords": rows.num_rows,
        "minValues": low,
        "maxValues": high,
        "nullCount": absent,
    }
    size = filesystem.get_file_info(path).size  # type: ignore[attr-defined] # pyarrow is untyped
    return AddAction(path, size, {}, _now(), False, json.dumps(stats))


def _told(bound: int | datetime) -> int | str:
    """A bound as the log spells it."""
    if isinstance(bound, int):
        return bound
    return bound.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _swap(
    place: Place, table: DeltaTable, name: str, old: pa.Table, added: list[AddAction]
) -> None:
    """Exchange old files for new in one commit, unless another rewrite came first."""
    # Against rewrites of other programs, which carry no mark of ours, one last look.
    current = set(reading.files(place.table(name)).column("path").to_pylist())
    if not current.issuperset(old.column("path").to_pylist()):
        raise Conflict(f"{place.address(name)}: another rewrite came first; nothing was changed")
    removed = [
        RemoveAction(path, False, _now(), size, {})
        for path, size in zip(
            old.column("path").to_pylist(), old.column("size_bytes").to_pylist(), strict=True
        )
    ]
    table.create_write_transaction(
        [*added, *removed], "append", arrow_schema(table), commit_properties=_guard(table)
    )


def _guard(table: DeltaTable) -> CommitProperties:
    """What makes Delta refuse a commit when another rewrite came in since `table` was opened."""
    turn = (table.transaction_version(_REWRITES) or 0) + 1
    return CommitProperties(app_transactions=[Transaction(_REWRITES, turn)])


def _now() -> int:
    return time.time_ns() // 1_000_000
