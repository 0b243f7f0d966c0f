"""Summaries as bytes, so that whoever counted elsewhere can hand over what was seen.

One Arrow table with a row for each tally: reading it executes nothing, and any Arrow can.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from eventlog.errors import StopError
from eventlog.kernels import Int64s
from eventlog.tally import Summary, Tally

_VERSION = b"1"
_SCHEMA = pa.schema(
    [
        pa.field("miner", pa.string(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("key_width", pa.int32(), nullable=False),
        pa.field("keys", pa.large_list(pa.int64()), nullable=False),
        pa.field("count_width", pa.int32(), nullable=False),
        pa.field("counts", pa.large_list(pa.int64()), nullable=False),
        pa.field("texts", pa.large_list(pa.string())),
        pa.field("sequences", pa.large_list(pa.list_(pa.int64()))),
    ],
    metadata={b"runut.summaries": _VERSION},
)


def packed(summaries: Mapping[str, Summary]) -> bytes:
    """What the miners saw, by their names, as an Arrow stream."""
    rows = [
        _row(miner, name, tally)
        for miner, summary in summaries.items()
        for name, tally in summary.tables.items()
    ]
    columns = [
        pa.concat_arrays([row[place] for row in rows]) if rows else pa.array([], field.type)
        for place, field in enumerate(_SCHEMA)
    ]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, _SCHEMA) as stream:
        stream.write_batch(pa.record_batch(columns, schema=_SCHEMA))
    return bytes(sink.getvalue())


def unpacked(content: bytes) -> dict[str, Summary]:
    """The summaries that `packed` made; StopError when another version of Runut made them."""
    with pa.ipc.open_stream(content) as stream:
        version = (stream.schema.metadata or {}).get(b"runut.summaries", b"none")
        if version != _VERSION:
            raise StopError(
                f"the summaries have the form {version.decode()}, this Runut reads "
                f"{_VERSION.decode()}; install the same Runut everywhere"
            )
        batch = stream.read_next_batch()
    found: dict[str, dict[str, Tally]] = {}
    for place in range(batch.num_rows):
        row = {field.name: batch.column(field.name)[place] for field in _SCHEMA}
        meanings = row["texts"] if row["texts"].is_valid else row["sequences"]
        found.setdefault(row["miner"].as_py(), {})[row["table"].as_py()] = Tally(
            keys=_matrix(row["keys"], row["key_width"]),
            counts=_matrix(row["counts"], row["count_width"]),
            meanings=meanings.values if meanings.is_valid else None,
        )
    return {miner: Summary(tables=tables) for miner, tables in found.items()}


def _row(miner: str, name: str, tally: Tally) -> list[pa.Array]:
    texts, sequences = (
        tally.meanings if tally.meanings is not None and fits(tally.meanings.type) else None
        for fits in (pa.types.is_string, pa.types.is_list)
    )
    if tally.meanings is not None and texts is None and sequences is None:
        raise TypeError(f"{miner}.{name}: meanings of type {tally.meanings.type} have no form")
    return [
        pa.array([miner], pa.string()),
        pa.array([name], pa.string()),
        pa.array([tally.keys.shape[1]], pa.int32()),
        _one_list(pa.array(tally.keys.ravel(), pa.int64())),
        pa.array([tally.counts.shape[1]], pa.int32()),
        _one_list(pa.array(tally.counts.ravel(), pa.int64())),
        _one_list(texts) if texts is not None else pa.nulls(1, _SCHEMA.field("texts").type),
        _one_list(sequences)
        if sequences is not None
        else pa.nulls(1, _SCHEMA.field("sequences").type),
    ]


def _one_list(values: pa.Array) -> pa.Array:
    return pa.LargeListArray.from_arrays(pa.array([0, len(values)], pa.int64()), values)


def _matrix(numbers: pa.Scalar, width: pa.Scalar) -> Int64s:
    # A copy: what lies under Arrow cannot be written to, and kernels compile once for what can.
    flat = np.array(numbers.values.to_numpy(), np.int64)
    return flat.reshape(-1, width.as_py())
