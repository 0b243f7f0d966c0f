"""An event log in memory: every case's events in order, as codes that kernels can run over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from eventlog import following, kernels
from eventlog.coded import Coded, Vocabulary, values
from eventlog.event import COMPLETE, LIFECYCLES
from eventlog.kernels import Int8s, Int32s, Int64s
from eventlog.ordering import Order, order

# A missing sequence sorts before any that a producer can send.
_NO_SEQUENCE = np.iinfo(np.int64).min

# What a log needs of the lake, whatever the miners ask for beside it.
COLUMNS = (
    "case_key",
    "event_key",
    "content_key",
    "timestamp",
    "sequence",
    "activity",
    "lifecycle",
    "resource",
    "unit",
)


# Fetches the ids of events: (case keys [n], event keys [n]) -> n texts.
EventIds = Callable[[Int64s, Int64s], Sequence[str] | pa.Array]
# Fetches the content keys of the rows with these event keys, in the order of the rows.
Contents = Callable[[Int64s], pa.ChunkedArray]

# The ids of so many events are held at once where timestamps tie.
_TIED_AT_ONCE = 500_000

_Values = TypeVar("_Values", Int8s, Int32s, Int64s)


@dataclass(frozen=True, kw_only=True)
class Executions:
    """The completed executions of activities, in case order: what edges and variants join.

    `offsets` has shape [cases + 1]; the others [executions].
    """

    offsets: Int64s
    activity: Int32s
    timestamp: Int64s
    resource: Int32s
    unit: Int32s

    @cached_property
    def gap_bins(self) -> following.Int16s:
        """The duration bin since the execution before it, -1 for a case's first; [executions]."""
        return following.gap_bins(self.offsets, self.timestamp)


@dataclass(frozen=True, kw_only=True)
class Log:
    """Complete cases with their events in the order (timestamp, sequence, event id).

    Cases stand in the order of their keys; `offsets` has shape [cases + 1], event columns have
    shape [events], `timestamp` is in microseconds since 1970 UTC, `lifecycle` is a place in
    `LIFECYCLES`. Repeats are dropped already: `repeats` counts them, `conflicts` those that
    disagreed with the event they repeated, `ties` the neighbours whose order only the event id
    decides; each has shape [cases].
    """

    case_key: Int64s
    offsets: Int64s
    activity: Coded
    timestamp: Int64s
    lifecycle: Int8s
    resource: Coded
    unit: Coded
    event_key: Int64s
    attributes: Mapping[str, Coded]
    repeats: Int32s
    conflicts: Int32s
    ties: Int32s

    def __len__(self) -> int:
        """How many events there are."""
        return len(self.timestamp)

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return len(self.offsets) - 1

    @cached_property
    def executions(self) -> Executions:
        """The complete events: where starts exist too, these are what an execution ends with."""
        keep = self.lifecycle == COMPLETE
        if bool(keep.all()):
            return Executions(
                offsets=self.offsets,
                activity=self.activity.codes,
                timestamp=self.timestamp,
                resource=self.resource.codes,
                unit=self.unit.codes,
            )
        offsets, places = kernels.keep_rows(self.offsets, keep)
        return Executions(
            offsets=offsets,
            activity=self.activity.codes[places],
            timestamp=self.timestamp[places],
            resource=self.resource.codes[places],
            unit=self.unit.codes[places],
        )

    @cached_property
    def starts(self) -> Int64s:
        """The first timestamp of each case, microseconds; shape [cases]."""
        return self.timestamp[self.offsets[:-1]]

    @cached_property
    def ends(self) -> Int64s:
        """The last timestamp of each case, microseconds; shape [cases]."""
        return self.timestamp[self.offsets[1:] - 1]

    def entry_values(self, attribute: str) -> Int32s:
        """The first value of an attribute per case (its value at entry), as codes; [cases]."""
        return kernels.first_values(self.offsets, self.attributes[attribute].codes)

    def current_values(self, attribute: str) -> Int32s:
        """The last value of an attribute per case, as codes; [cases]."""
        return kernels.last_values(self.offsets, self.attributes[attribute].codes)

    def select(self, cases: npt.NDArray[np.bool_]) -> "Log":
        """The log of the cases that are marked; shape [cases]."""
        lengths = np.diff(self.offsets)
        places = np.flatnonzero(np.repeat(cases, lengths))
        offsets = np.zeros(int(cases.sum()) + 1, np.int64)
        np.cumsum(lengths[cases], out=offsets[1:])
        return self._at(places, offsets, cases)

    def keep(self, events: npt.NDArray[np.bool_]) -> "Log":
        """The log of the events that are marked, without cases that have none; shape [events]."""
        offsets, places = kernels.keep_rows(self.offsets, events)
        cases = np.diff(offsets) > 0
        return self._at(places, np.concatenate([offsets[:1], offsets[1:][cases]]), cases)

    def _at(self, places: Int64s, offsets: Int64s, cases: npt.NDArray[np.bool_]) -> "Log":
        """The events at these places, of the cases that are marked, which end at `offsets`."""
        return replace(
            self,
            case_key=self.case_key[cases],
            offsets=offsets,
            activity=self.activity.take(places),
            timestamp=self.timestamp[places],
            lifecycle=self.lifecycle[places],
            resource=self.resource.take(places),
            unit=self.unit.take(places),
            event_key=self.event_key[places],
            attributes={name: column.take(places) for name, column in self.attributes.items()},
            repeats=self.repeats[cases],
            conflicts=self.conflicts[cases],
            ties=self.ties[cases],
        )

    def between(self, first: int, last: int) -> "Log":
        """The log of cases first to last - 1, sharing memory with this one."""
        low, high = int(self.offsets[first]), int(self.offsets[last])
        rows, cases = slice(low, high), slice(first, last)
        return replace(
            self,
            case_key=self.case_key[cases],
            offsets=self.offsets[first : last + 1] - low,
            activity=self.activity.between(rows),
            timestamp=self.timestamp[rows],
            lifecycle=self.lifecycle[rows],
            resource=self.resource.between(rows),
            unit=self.unit.between(rows),
            event_key=self.event_key[rows],
            attributes={name: column.between(rows) for name, column in self.attributes.items()},
            repeats=self.repeats[cases],
            conflicts=self.conflicts[cases],
            ties=self.ties[cases],
        )

    def relabel(self, labels: Sequence[str]) -> "Log":
        """The same log with activity i called labels[i]; equal labels become one activity."""
        distinct = sorted(set(labels))
        place = {label: code for code, label in enumerate(distinct)}
        mapping = np.array([place[label] for label in labels], np.int32)
        codes = mapping[self.activity.codes] if len(self) else self.activity.codes
        vocabulary = Vocabulary(labels=tuple(distinct))
        return replace(self, activity=Coded(codes=codes, vocabulary=vocabulary))

    @staticmethod
    def of(
        table: pa.Table,
        *,
        attributes: Sequence[str] = (),
        event_ids: EventIds | None = None,
        contents: Contents | None = None,
    ) -> "Log":
        """Group, clean and order rows of the lake.

        `table` has the columns of `COLUMNS` and the case `attributes` asked for, rows in any
        order, repeats included; it must hold whole cases. `event_ids` fetches the ids of
        events, asked only where timestamp and sequence tie; without it, an `event_id` column of
        the table serves, or else the event key decides. `contents` fetches the column
        `content_key`, asked only where there are repeats; without it, the table must have that
        column. A table that nobody else holds is given back column by column.
        """
        columns = dict(zip(table.column_names, table.columns, strict=True))
        del table
        timestamp = _integers(columns.pop("timestamp"))
        event_key = _integers(columns.pop("event_key"))
        sequence = _integers(columns.pop("sequence"), null=_NO_SEQUENCE)
        found = order(
            case_key=_integers(columns.pop("case_key")),
            event_key=event_key,
            content_key=lambda: _integers(
                columns["content_key"] if contents is None else contents(event_key)
            ),
            timestamp=timestamp,
            sequence=sequence,
        )
        columns.pop("content_key", None)
        rows = found.rows
        if rows is not None and found.ties.any():
            ids = columns.pop("event_id", None)
            _order_by_id(found, rows, timestamp, sequence, event_key, event_ids, ids)
        del sequence

        def placed(column: _Values) -> _Values:
            return column if rows is None else column[rows]

        def text(name: str) -> Coded:
            column = Coded.of(columns.pop(name))
            return column if rows is None else column.take(rows)

        lifecycle = placed(_lifecycle_codes(columns.pop("lifecycle")))
        timestamp = placed(timestamp)
        event_key = placed(event_key)
        return Log(
            case_key=found.case_key,
            offsets=found.offsets,
            activity=text("activity"),
            timestamp=timestamp,
            lifecycle=lifecycle,
            resource=text("resource"),
            unit=text("unit"),
            event_key=event_key,
            attributes=MappingProxyType({name: text(name) for name in dict.fromkeys(attributes)}),
            repeats=found.repeats,
            conflicts=found.conflicts,
            ties=found.ties,
        )


def _order_by_id(
    found: Order,
    rows: Int32s,
    timestamp: Int64s,
    sequence: Int64s,
    event_key: Int64s,
    event_ids: EventIds | None,
    column: pa.ChunkedArray | None,
) -> None:
    """Put the `rows` that tie on timestamp and sequence in the order of their ids, in place.

    Whole cases at a time, because texts take much memory.
    """
    if event_ids is None and column is None:
        return
    places = np.flatnonzero(kernels.tied_rows(found.offsets, rows, timestamp, sequence))
    case = np.searchsorted(found.offsets, places, side="right") - 1
    first = 0
    while first < len(places):
        last = min(first + _TIED_AT_ONCE, len(places))
        if last < len(places):  # to the end of its case
            last = int(np.searchsorted(case, case[last - 1], side="right"))
        part = places[first:last]
        tied, of = rows[part], case[first:last]
        if event_ids is not None:
            ids = event_ids(found.case_key[of], event_key[tied])
        else:
            assert column is not None
            ids = column.take(pa.array(tied)).combine_chunks()
        by_id = pc.rank(pa.array(ids, pa.string()), tiebreaker="dense").to_numpy()
        rows[part] = tied[np.lexsort((by_id, sequence[tied], timestamp[tied], of))]
        first = last


def _integers(column: pa.ChunkedArray, null: int = 0) -> Int64s:
    """The column in one piece that may be written to, so that kernels compile once."""
    if column.num_chunks == 1 and not column.null_count:
        own = values(column.chunk(0).view(pa.int64()), np.int64)
        if own is not None:
            return own
    out = np.empty(len(column), np.int64)
    at = 0
    for chunk in column.chunks:
        whole = chunk.cast(pa.int64())
        out[at : at + len(chunk)] = (
            whole.fill_null(null) if whole.null_count else whole
        ).to_numpy()
        at += len(chunk)
    return out


def _lifecycle_codes(column: pa.ChunkedArray) -> Int8s:
    coded = Coded.of(column)
    place = np.array([LIFECYCLES.index(label) for label in coded.vocabulary.labels], np.int8)
    return place[coded.codes] if len(coded.codes) else np.empty(0, np.int8)
