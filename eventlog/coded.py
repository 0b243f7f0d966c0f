"""Columns of texts as whole numbers: a vocabulary of the distinct labels, and a code per event."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from eventlog.identity import hash_strings
from eventlog.kernels import Int32s, Int64s

_Number = TypeVar("_Number", np.int32, np.int64)


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The distinct labels of a column; a code is a place in `labels`, -1 is null."""

    labels: tuple[str, ...]

    @cached_property
    def keys(self) -> Int64s:
        """A stable 64-bit key per label, the same in every block and every process."""
        return hash_strings(self.labels) if self.labels else np.empty(0, np.int64)

    def __len__(self) -> int:
        """How many labels there are."""
        return len(self.labels)


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A text column as codes into its vocabulary; shape [events]."""

    codes: Int32s
    vocabulary: Vocabulary

    def take(self, places: Int64s | Int32s) -> "Coded":
        """The same column at these places."""
        return replace(self, codes=self.codes[places])

    def between(self, rows: slice) -> "Coded":
        """The same column in a range of rows, sharing memory."""
        return replace(self, codes=self.codes[rows])

    @staticmethod
    def of(column: pa.ChunkedArray | pa.Array) -> "Coded":
        """Code a text column, dictionary-encoded or plain."""
        if isinstance(column, pa.Array):
            column = pa.chunked_array([column])
        if not pa.types.is_dictionary(column.type):
            column = pc.dictionary_encode(column)
        column = column.unify_dictionaries()
        codes = _codes(column)
        labels = column.chunk(0).dictionary.to_pylist() if column.num_chunks else ()
        return Coded(codes=codes, vocabulary=Vocabulary(labels=tuple(labels)))


def _codes(column: pa.ChunkedArray) -> Int32s:
    if column.num_chunks == 1 and column.type.index_type == pa.int32():
        codes = column.chunk(0).indices
        own = values(codes.fill_null(-1) if codes.null_count else codes, np.int32)
        if own is not None:
            return own
    out = np.empty(len(column), np.int32)
    at = 0
    for chunk in column.chunks:
        out[at : at + len(chunk)] = chunk.indices.fill_null(-1).to_numpy()
        at += len(chunk)
    return out


def values(array: pa.Array, of: type[_Number]) -> npt.NDArray[_Number] | None:
    """The numbers of an array without nulls where they lie; None where that cannot be.

    They lie together and may be written to, as the compiled loops are made for.
    """
    buffer = array.buffers()[1]
    if not len(array) or buffer is None or not buffer.is_mutable:
        return None
    found = np.frombuffer(buffer, of)[array.offset : array.offset + len(array)]
    return found if found.flags.aligned else None
