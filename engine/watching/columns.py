"""Tables that rows come to and leave all the time, without being built anew each time."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from eventlog.coded import Coded, Vocabulary
from eventlog.kernels import Bools, Int32s, Int64s

Column = npt.NDArray[Any]


class Columns:
    """Columns of equal length, in no promised order of rows.

    Rows are put at the end; those that leave give their places to the last ones, so that no row is
    ever a dead one and columns can be read as they stand. `types` are the columns and what is in
    them.
    """

    def __init__(self, types: Mapping[str, type[Any]]) -> None:
        self._columns = {name: np.empty(0, of) for name, of in types.items()}
        self._rows = 0

    def __len__(self) -> int:
        """How many rows there are."""
        return self._rows

    def __getitem__(self, name: str) -> Column:
        """A column as it stands; shape [rows]. It changes with the table."""
        return self._columns[name][: self._rows]

    def append(self, rows: Mapping[str, Column]) -> None:
        """Put rows at the end; every column of the table, all of one length."""
        many = {len(column) for column in rows.values()}
        if rows.keys() != self._columns.keys() or len(many) != 1:
            raise ValueError(f"expected {', '.join(self._columns)}, all of one length")
        end = self._rows + many.pop()
        for name, column in self._columns.items():
            if end > len(column):
                grown = np.empty(end + end // 4, column.dtype)
                grown[: self._rows] = column[: self._rows]
                self._columns[name] = grown
            self._columns[name][self._rows : end] = rows[name]
        self._rows = end

    def put(self, places: Int64s, rows: Mapping[str, Column]) -> None:
        """Write over what stands at these places, in the columns that are given."""
        for name, column in rows.items():
            self[name][places] = column

    def drop(self, places: Int64s) -> None:
        """Take rows out; `places` are ascending, each once."""
        left = self._rows - len(places)
        last = np.ones(len(places), bool)
        last[places[places >= left] - left] = False
        holes = places[places < left]
        movers = left + np.flatnonzero(last)
        for column in self._columns.values():
            column[holes] = column[movers]
            if column.dtype == object:
                column[left : self._rows] = None  # or what was there would be held
        self._rows = left

    def keep(self, marked: Bools) -> None:
        """Leave only the rows that are marked, in their order, and give back the room."""
        for name in self._columns:
            self._columns[name] = self[name][marked]
        self._rows = int(marked.sum())


class Words:
    """A vocabulary that grows: what texts of any column are coded in."""

    def __init__(self) -> None:
        self._place: dict[str, int] = {}
        self._vocabulary = Vocabulary(labels=())

    @property
    def vocabulary(self) -> Vocabulary:
        """All words so far."""
        if len(self._vocabulary) != len(self._place):
            self._vocabulary = Vocabulary(labels=tuple(self._place))
        return self._vocabulary

    def codes(self, column: Coded) -> Int32s:
        """The column in the codes of this vocabulary, -1 is null; shape as given."""
        labels = column.vocabulary.labels
        used = np.flatnonzero(np.bincount(column.codes + 1, minlength=len(labels) + 1)[1:])
        codes = np.full(len(labels) + 1, -1, np.int32)
        place = self._place
        codes[used] = [place.setdefault(labels[code], len(place)) for code in used.tolist()]
        return codes[column.codes]

    def code(self, word: str) -> int | None:
        """The code of a word; None for one that never came."""
        return self._place.get(word)

    def coded(self, codes: Int32s) -> Coded:
        """Codes that came from here, with their words."""
        return Coded(codes=codes, vocabulary=self.vocabulary)

    def forget(self, codes: Int32s) -> Int32s:
        """Keep only the words that these codes use; gives the new codes; shape as given."""
        labels = self.vocabulary.labels
        used = np.unique(codes[codes >= 0])
        self._place = {labels[code]: place for place, code in enumerate(used.tolist())}
        self._vocabulary = Vocabulary(labels=tuple(self._place))
        new = np.full(len(labels) + 1, -1, np.int32)
        new[used] = np.arange(len(used))
        return new[codes]
