"""The cases that still move, kept in memory; and the keys of all cases, to know a new one by."""

from dataclasses import dataclass
from datetime import timedelta

import numba
import numpy as np
import pyarrow as pa

from eventlog import kernels
from eventlog.kernels import Bools, Int64s, mix
from eventlog.moments import MICROSECOND

# The moment after which nearly nothing happened: the latest event alone may be a typing error that
# lies in the future, and would make every case look long asleep.
_NEARLY_ALL = 0.99


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How long after its last event a case is kept in memory, in the time of the events.

    `closed` holds for cases in which a closing activity was completed, `open` for the others, and
    `idle` for all cases of a process that names no closing activities. Who may go is looked up when
    a quarter and `slack` rows more are in memory than last time. What is kept decides how often the
    lake is asked, never what the answer is.
    """

    closed: timedelta = timedelta(days=14)
    open: timedelta = timedelta(days=365)
    idle: timedelta = timedelta(days=60)
    slack: int = 50_000

    def __post_init__(self) -> None:
        """Refuse to forget what has not happened yet."""
        if min(self.closed, self.open, self.idle) < timedelta(0) or self.slack < 0:
            raise ValueError(f"cases cannot be kept for less than no time: {self}")

    def limit(self, rows: int) -> int:
        """How many rows there may be before cases are let go again, after `rows` were left."""
        return rows + rows // 4 + self.slack

    def asleep(self, case_key: Int64s, timestamp: Int64s, closes: Bools | None) -> Int64s:
        """The keys of the cases that need not be kept, sorted.

        One row an event, or a case told by its latest: case, time in microseconds, whether it
        closes the case (None: nothing says what does); each [rows].
        """
        code, found = kernels.distinct(case_key)
        if not len(found):
            return found
        last = np.full(len(found), np.iinfo(np.int64).min)
        np.maximum.at(last, code, timestamp)
        grace = np.full(len(found), (self.idle if closes is None else self.open) // MICROSECOND)
        if closes is not None:
            grace[code[closes]] = self.closed // MICROSECOND
        now = np.sort(last)[int(_NEARLY_ALL * (len(last) - 1))]
        return np.sort(found[now - last > grace])


class KnownKeys:
    """Every case key that was ever seen, eight bytes a case."""

    def __init__(self, keys: Int64s) -> None:
        self._parts = [np.sort(keys)]

    def __len__(self) -> int:
        """How many keys are known."""
        return sum(map(len, self._parts))

    def among(self, keys: Int64s) -> Bools:
        """Which of `keys` are known; shape as `keys`."""
        hit = np.zeros(len(keys), bool)
        for part in self._parts:
            place = np.searchsorted(part, keys)
            inside = place < len(part)
            hit[inside] |= part[place[inside]] == keys[inside]
        return hit

    def add(self, keys: Int64s) -> None:
        """Take keys that are not known yet, sorted."""
        self._parts.append(keys)
        while len(self._parts) > 1 and len(self._parts[-1]) >= len(self._parts[-2]):
            last = self._parts.pop()
            # This sort finds the two runs that are sorted already and only merges them.
            self._parts[-1] = np.sort(np.concatenate([self._parts[-1], last]), kind="stable")


class AtHand:
    """The lake's rows of the cases in memory, repeats included, in no order.

    Rows stand in parts of shrinking size, so that a new batch is joined to small ones first.
    """

    def __init__(self, rows: pa.Table) -> None:
        self._parts = [_Part(rows)]

    def __len__(self) -> int:
        """How many rows are kept."""
        return sum(len(part.case_key) for part in self._parts)

    def rows_of(self, cases: Int64s) -> tuple[pa.Table, Bools]:
        """All rows of these cases (sorted keys, each once), and which cases are at hand."""
        here = np.zeros(len(cases), bool)
        tables = [part.rows_of(cases, here) for part in self._parts]
        return pa.concat_tables(tables), here

    def add(self, rows: pa.Table) -> None:
        """Take rows; all rows of a case, or those that came to a case at hand."""
        self._parts.append(_Part(rows))
        while len(self._parts) > 1 and (
            len(self._parts[-1].case_key) >= len(self._parts[-2].case_key)
        ):
            last = self._parts.pop()
            self._parts[-1] = _Part(pa.concat_tables([self._parts[-1].rows, last.rows]))

    def rows(self) -> pa.Table:
        """Everything at hand."""
        return pa.concat_tables([part.rows for part in self._parts])

    def drop(self, cases: Int64s) -> None:
        """Forget these cases (sorted keys)."""
        rows = self.rows()
        keep = np.ones(rows.num_rows, bool)
        keep[places_of(_case_keys(rows), cases, np.zeros(len(cases), bool))] = False
        self._parts = [_Part(rows.filter(pa.array(keep)))]


class _Part:
    """Some rows, with their case keys as an array to search through."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows.unify_dictionaries().combine_chunks()
        self.case_key = _case_keys(self.rows)

    def rows_of(self, cases: Int64s, here: Bools) -> pa.Table:
        return self.rows.take(pa.array(places_of(self.case_key, cases, here)))


def _case_keys(rows: pa.Table) -> Int64s:
    return np.array(rows.column("case_key").to_numpy(), np.int64)


@numba.njit(cache=True, nogil=True)
def places_of(case_key: Int64s, wanted: Int64s, here: Bools) -> Int64s:
    """The rows whose key is among `wanted`; marks in `here` the wanted keys that have rows."""
    slots = np.int64(8)
    while slots < 4 * wanted.size:
        slots *= 2
    mask = slots - 1
    holder = np.full(slots, -1, np.int64)
    for index in range(wanted.size):
        slot = np.int64(mix(np.uint64(wanted[index])) & np.uint64(mask))
        while holder[slot] >= 0:
            slot = (slot + 1) & mask
        holder[slot] = index
    out = np.empty(case_key.size, np.int64)
    at = 0
    for row in range(case_key.size):
        slot = np.int64(mix(np.uint64(case_key[row])) & np.uint64(mask))
        while holder[slot] >= 0:
            if wanted[holder[slot]] == case_key[row]:
                here[holder[slot]] = True
                out[at] = row
                at += 1
                break
            slot = (slot + 1) & mask
    return out[:at]
