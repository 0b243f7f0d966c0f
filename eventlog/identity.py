"""Gives every event the number by which it is known again, however often it is sent.

Identifiers are stored as text for people and as 64-bit keys for mining. The keys are FNV-1a over
the UTF-8 bytes, finished with the mixer of SplitMix64 (Steele, Lea, Flood 2014), written here so
that a key in the lake means the same in every later version of every library.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventlog import kernels, schema
from eventlog.kernels import Int64s, UInt64s

# Where an event came from is not what it says; the keys are made here.
_NOT_CONTENT = frozenset(
    {"topic", "partition", "offset", "source", "event_id", "case_key", "event_key", "content_key"}
)
_NULL = np.uint64(0x9E3779B97F4A7C15)


def hash_strings(texts: pa.Array | pa.ChunkedArray | Sequence[str]) -> Int64s:
    """A stable 64-bit key per text, shape [n]; nulls share one key of their own.

    Dictionary-encoded input is hashed once per distinct value.

    >>> hash_strings(["PBG-1", "PBG-1"])[0] == hash_strings(["PBG-1"])[0]
    np.True_
    """
    if isinstance(texts, pa.ChunkedArray):
        parts = [hash_strings(chunk) for chunk in texts.chunks]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)
    array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    if pa.types.is_dictionary(array.type):
        keys = hash_strings(array.dictionary)
        codes = array.indices
        taken = keys[codes.fill_null(0).to_numpy(zero_copy_only=False)] if len(keys) else None
        out = np.zeros(len(array), np.int64) if taken is None else taken
    else:
        array = array.cast(pa.large_string())
        out_bits = np.empty(len(array), np.uint64)
        _, offsets, content = array.buffers()
        starts = np.frombuffer(offsets, np.int64)[
            array.offset : array.offset + len(array) + 1
        ].copy()
        text = np.frombuffer(content if content is not None else b"", np.uint8)
        if len(array):
            kernels.hash_bytes(starts, text, out_bits)
        out = out_bits.view(np.int64)
    if array.null_count:
        out = np.where(pc.is_null(array).to_numpy(zero_copy_only=False), _NULL.view(np.int64), out)
    return out


def _bits(column: pa.ChunkedArray) -> UInt64s:
    """A 64-bit fingerprint per row of any column of the schema."""
    if pa.types.is_timestamp(column.type) or pa.types.is_integer(column.type):
        whole = column.cast(pa.int64())
        numbers = np.asarray(whole.fill_null(0).to_numpy(), np.int64).view(np.uint64).copy()
        if whole.null_count:
            numbers[np.asarray(pc.is_null(whole).to_numpy(), bool)] = _NULL
        return numbers
    return hash_strings(column).view(np.uint64)


def _fingerprint(table: pa.Table, names: Sequence[str], seed: np.uint64) -> UInt64s:
    state = np.full(table.num_rows, seed, np.uint64)
    for name in names:
        # The column's name goes in too, so that a null column added later changes nothing but
        # a value that moves to another column does.
        column = table.column(name)
        if column.null_count == len(column):
            continue
        name_bits = hash_strings([name]).view(np.uint64)[0]
        state_before = state.copy()
        kernels.fold(state, _bits(column) ^ name_bits)
        if column.null_count:
            null = np.asarray(pc.is_null(column).to_numpy(), bool)
            state[null] = state_before[null]
    return state


def _content_columns(table: pa.Table) -> list[str]:
    return sorted(set(table.column_names) - _NOT_CONTENT)


def finish(
    table: pa.Table, *, numbered_by_reader: bool = False, from_stream: bool = False
) -> pa.Table:
    """Turn what a connector hands over (`schema.incoming`) into rows of the lake.

    A missing event id is derived from the content, the same every time, together with the
    occurrence number among identical rows of the case within this table, so that a file's exact
    duplicates stay two events and a second import of the file adds nothing. With
    `numbered_by_reader` the `sequence` was set by the reader (a row's place in its case) and is
    not part of the content. With `from_stream` an identical row is the same event sent again: a
    stream is cut into tables anywhere, and elsewhere after a crash, so nothing may depend on it.
    Adds `case_key`, `event_key` and `content_key`.
    """
    names = _content_columns(table)
    attributes = [f.name for f in table.schema if f.name not in schema.RESERVED]
    content = _fingerprint(table, names, kernels.FNV_BASIS)
    event_ids = table.column("event_id")
    if event_ids.null_count:
        event_ids = _with_derived_ids(
            table, event_ids, numbered_by_reader=numbered_by_reader, from_stream=from_stream
        )
    return (
        pa.table(
            {
                **{name: table.column(name) for name in table.column_names},
                "event_id": event_ids,
                "case_key": hash_strings(table.column("case_id")),
                "event_key": hash_strings(event_ids),
                "content_key": content.view(np.int64),
            }
        )
        .select(schema.events(attributes).names)
        .cast(schema.events(attributes))
    )


def _with_derived_ids(
    table: pa.Table, event_ids: pa.ChunkedArray, *, numbered_by_reader: bool, from_stream: bool
) -> pa.ChunkedArray:
    names = [
        name for name in _content_columns(table) if not (numbered_by_reader and name == "sequence")
    ]
    missing = np.flatnonzero(np.asarray(pc.is_null(event_ids).to_numpy(), bool))
    rows = table.take(missing)
    first = _fingerprint(rows, names, kernels.FNV_BASIS)
    second = _fingerprint(rows, names, kernels.SECOND_BASIS)
    occurrence = np.zeros(len(first), np.uint64) if from_stream else _occurrence(first, second)
    kernels.fold(first, occurrence)
    kernels.fold(second, occurrence)
    high, low = first.astype(">u8"), second.astype(">u8")
    digits = np.stack([high, low], axis=1).tobytes().hex()
    derived = [digits[at : at + 32] for at in range(0, len(digits), 32)]
    if len(missing) == table.num_rows:
        return pa.chunked_array([pa.array(derived, pa.string())])
    whole = np.asarray(event_ids.to_pandas(), object)
    whole[missing] = derived
    return pa.chunked_array([pa.array(whole, pa.string())])


def _occurrence(first: UInt64s, second: UInt64s) -> UInt64s:
    """0, 1, 2 … among equal pairs, in row order."""
    order = np.lexsort((second, first))
    a, b = first[order], second[order]
    starts = np.ones(len(order), bool)
    starts[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    position = np.arange(len(order))
    group_start = np.maximum.accumulate(np.where(starts, position, 0)) if len(order) else position
    out = np.empty(len(order), np.uint64)
    out[order] = (position - group_start).astype(np.uint64)
    return out
