"""Texts and JSON of whole columns at once, so that no event is touched one by one.

A column's type says what it is: text, or JSON as its producer wrote it (`pa.json_`), or a number,
a date and the like from Parquet.
"""

import math
from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Int64s = npt.NDArray[np.int64]

JSON = pa.json_(pa.string())
_CONTROL = [chr(code) for code in range(0x20)]


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """What the column says as plain text, shape [n]; a JSON string loses its quotes.

    A column of bytes that are not all UTF-8 (a picture, a shape on a map) is given in hexadecimal.
    """
    kind = column.type
    if kind == JSON:
        return _unquoted(_storage(column))
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return as_text(column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        return pa.chunked_array([_plain_json(column)], pa.string())
    if _is_bytes(kind):
        return _read_bytes(column)
    return column.cast(pa.string())


def as_json(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """What the column says as JSON texts, shape [n]; null where it says nothing."""
    kind = column.type
    if kind == JSON:
        return _storage(column)
    if pa.types.is_dictionary(kind):
        return as_json(column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        return pa.chunked_array([_plain_json(column)], pa.string())
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), column, None).cast(pa.string())
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column.cast(pa.string())
    return _quoted(as_text(column))


def codes(column: pa.ChunkedArray) -> Int64s:
    """A number per distinct text, the same in all chunks, -1 for null; shape [n]."""
    encoded = pc.dictionary_encode(as_text(column)).unify_dictionaries()
    parts = [chunk.indices.fill_null(-1).to_numpy() for chunk in encoded.chunks]
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)


def objects(columns: Mapping[str, pa.ChunkedArray], size: int) -> pa.ChunkedArray:
    """One JSON object per row from columns of any type, keys in order; null where all are silent.

    >>> objects({"note": pa.chunked_array([["site plan", None]])}, 2).to_pylist()
    ['{"note":"site plan"}', None]
    """
    if not columns:
        return pa.chunked_array([pa.nulls(size, pa.string())])
    members = []
    for name in sorted(columns):
        key = f",{msgspec.json.encode(name).decode()}:"
        member = pc.binary_join_element_wise(key, as_json(columns[name]), "")
        # Arrow's own way of skipping nulls loses the rows where all are null (pyarrow 26).
        members.append(pc.fill_null(member, ""))
    joined = pc.binary_join_element_wise(*members, "")
    whole = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 1), "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), whole)


def _quoted(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = pc.replace_substring(texts, "\\", "\\\\")
    texts = pc.replace_substring(texts, '"', '\\"')
    if pc.any(pc.match_substring_regex(texts, r"[\x00-\x1f]")).as_py():
        for character in _CONTROL:
            written = msgspec.json.encode(character).decode()[1:-1]
            texts = pc.replace_substring(texts, character, written)
    return pc.binary_join_element_wise('"', texts, '"', "")


def _unquoted(values: pa.ChunkedArray) -> pa.ChunkedArray:
    strings = pc.starts_with(values, '"')
    inner = pc.utf8_slice_codeunits(values, 1, -1)
    if pc.any(pc.and_(strings, pc.match_substring(inner, "\\"))).as_py():
        distinct = pc.unique(values)
        plain = [
            msgspec.json.decode(value) if value is not None and value.startswith('"') else value
            for value in distinct.to_pylist()
        ]
        return pa.chunked_array(
            [pa.array(plain, pa.string()).take(pc.index_in(values, distinct).combine_chunks())]
        )
    return pc.if_else(strings, inner, values)


def _is_bytes(kind: pa.DataType) -> bool:
    sized = pa.types.is_fixed_size_binary(kind)
    return bool(sized or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _read_bytes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Bytes as the UTF-8 text that they are, or the whole column in hexadecimal digits."""
    try:
        return column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        values = [None if value is None else value.hex() for value in column.to_pylist()]
        return pa.chunked_array([values], pa.string())


def _storage(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([chunk.storage for chunk in column.chunks], pa.string())


def _plain_json(column: pa.ChunkedArray) -> pa.Array:
    def finite(value: object) -> object:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    texts = [
        None if value is None else msgspec.json.encode(finite(value)).decode()
        for value in column.to_pylist()
    ]
    return pa.array(texts, pa.string())
