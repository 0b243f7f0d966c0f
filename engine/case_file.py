"""Writes the case table slice by slice, and each case's variant once all variants are known."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eventlog.kernels import Int64s

# Row groups of one size, so that the file does not tell in how many slices it was made.
_ROWS = 100_000
_KEYS = ("variant_high", "variant_low")


class CaseFile:
    """`cases.parquet` in the making: append slices in the order of their keys, then finish."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}")
        self._writer: pq.ParquetWriter | None = None

    def append(self, cases: pa.Table, variants: Int64s) -> None:
        """Add the case table of a slice with each case's variant key, shape [cases, 2]."""
        cases = with_keys(cases, variants)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._draft, cases.schema, compression="lz4")
        self._writer.write_table(cases)

    def finish(self, ranked: Int64s) -> None:
        """Write the final file; `ranked` [n, 2] are the variant keys from rank 1 on."""
        assert self._writer is not None
        self._writer.close()
        ranks = Ranks.of(ranked)
        with pq.ParquetFile(self._draft) as draft:
            schema = _without_keys(draft.schema_arrow)
            with pq.ParquetWriter(self._path, schema, compression="zstd") as writer:
                for table in _regrouped(draft):
                    writer.write_table(ranks.filled(table), row_group_size=_ROWS)
        self._draft.unlink()


def with_keys(cases: pa.Table, variants: Int64s) -> pa.Table:
    """The case table with each case's variant key, shape [cases, 2], in columns of their own."""
    for place, name in enumerate(_KEYS):
        cases = cases.append_column(name, pa.array(variants[:, place]))
    return cases


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """Variant keys, sorted, [n, 2], and the place of each in the order of their ranks, [n]."""

    keys: Int64s
    places: Int64s

    @staticmethod
    def of(ranked: Int64s) -> "Ranks":
        """From the keys [n, 2] in the order of their ranks."""
        order = np.lexsort((ranked[:, 1], ranked[:, 0])) if len(ranked) else np.empty(0, np.int64)
        return Ranks(keys=ranked[order], places=order)

    def filled(self, table: pa.Table) -> pa.Table:
        """The case table with `variant` filled in and without the columns of keys."""
        schema = _without_keys(table.schema)
        keys = np.column_stack([table.column(name).to_numpy() for name in _KEYS])
        rank = _ranks(keys, self.keys, self.places)
        place = table.column_names.index("variant")
        known = pa.array(rank, pa.int64(), mask=rank == 0)
        return table.set_column(place, schema.field("variant"), known).select(schema.names)


def _without_keys(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field for field in schema if field.name not in _KEYS])


def _regrouped(draft: pq.ParquetFile) -> Iterator[pa.Table]:
    """The rows of the draft in tables of `_ROWS`, the last one shorter."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in draft.iter_batches(batch_size=_ROWS):
        held.append(batch)
        rows += batch.num_rows
        while rows >= _ROWS:
            table = pa.Table.from_batches(held)
            yield table.slice(0, _ROWS)
            held = table.slice(_ROWS).to_batches()
            rows -= _ROWS
    yield pa.Table.from_batches(held, draft.schema_arrow)


def _ranks(keys: Int64s, ordered: Int64s, order: Int64s) -> Int64s:
    """The rank from 1 of each key [n, 2]; 0 for a case without any execution."""
    if not len(ordered) or not len(keys):
        return np.zeros(len(keys), np.int64)
    # Pairs as one sortable value: the first half decides nearly always, the second rarely.
    place = np.searchsorted(ordered[:, 0], keys[:, 0])
    place = np.minimum(place, len(ordered) - 1)
    while True:
        later = (
            (ordered[place, 0] == keys[:, 0])
            & (ordered[place, 1] < keys[:, 1])
            & (place + 1 < len(ordered))
        )
        if not later.any():
            break
        place = np.where(later, place + 1, place)
    same = (ordered[place] == keys).all(axis=1)
    return np.where(same, order[place] + 1, 0)
