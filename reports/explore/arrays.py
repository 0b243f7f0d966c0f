"""What happened in every application, as arrays that a page can be counted from in a moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from reports.maps.graph import Seconds

NOT_KNOWN = -1
"""A code or an answer that nobody told."""
_SPAN_BITS = 42  # milliseconds of 139 years


@dataclass(frozen=True, kw_only=True, eq=False)
class Attribute:
    """What the applications are by one attribute: its values, and the place of each case's [cases].

    A case without a value has -1. `person`: the values stand for somebody; `sensitive`: they need
    a basis to be looked at; `preset`: applications may be sorted by them in front of everybody.
    """

    name: str
    values: tuple[str, ...]
    codes: Int32s
    person: bool
    sensitive: bool
    preset: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """Every piece of work, done or under way; each column has shape [items].

    `case` is a place among the cases and ascends; `activity`, `resource` and `unit` are places in
    the lists of their names, -1 where nobody told. Moments are µs UTC, lengths milliseconds, and
    `UNKNOWN` where nobody told. `waiting_worked_ms` counts the working time of the unit.
    """

    cases: int
    resources: tuple[str, ...]
    units: tuple[str, ...]
    case: Int32s
    activity: Int32s
    resource: Int32s
    unit: Int32s
    enabled: Int64s
    started: Int64s
    completed: Int64s
    waiting_ms: Int64s
    service_ms: Int64s
    waiting_worked_ms: Int64s
    service_worked_ms: Int64s

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(self.case)

    @cached_property
    def bounds(self) -> Int64s:
        """The pieces of case c are the rows `bounds[c]` to `bounds[c + 1]`; [cases + 1]."""
        return np.searchsorted(self.case, np.arange(self.cases + 1, dtype=np.int32))


@dataclass(frozen=True, kw_only=True, eq=False)
class Still:
    """What open cases stand before now: the case and the activity of each piece, [pieces].

    `after` says that the activity is done and nobody knows what comes next; `since` is since when
    it has stood there, µs UTC, and `unseen` that no event of this work has come yet.
    """

    case: Int32s
    activity: Int32s
    after: Bools
    since: Int64s
    unseen: Bools


@dataclass(frozen=True, kw_only=True, eq=False)
class Moves:
    """All moves from one step to the next, sorted by edge and then by how long they took.

    Edge e leads from `source[e]` to `target[e]`; its moves are the rows `bounds[e]` to
    `bounds[e + 1]` of `case` and `spans` (milliseconds). Its cases, each once and ascending, are
    the rows `case_bounds[e]` to `case_bounds[e + 1]` of `cases`.
    """

    source: Int32s
    target: Int32s
    bounds: Int64s
    case: Int32s
    spans: Int64s
    case_bounds: Int64s
    cases: Int32s

    def __len__(self) -> int:
        """How many edges there are."""
        return len(self.source)

    def of(self, edge: int) -> Int32s:
        """The cases that took the edge, ascending."""
        return self.cases[self.case_bounds[edge] : self.case_bounds[edge + 1]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Visits:
    """The cases that did each activity, each once: activity a has rows `bounds[a]` to the next.

    `repeated` says which of these did it more than once.
    """

    bounds: Int64s
    cases: Int32s
    repeated: Bools

    def of(self, activity: int) -> Int32s:
        """The cases that did it, ascending."""
        return self.cases[self.bounds[activity] : self.bounds[activity + 1]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Traces:
    """All cases of a folder of results.

    Case c did the steps `offsets[c]` to `offsets[c + 1]` of `activity` (places in `activities`,
    which are sorted by name) and `completed` (µs UTC). `entered_day` is the day of its first event
    by the office's clock, in days since 1970; `variant` its rank, 0 without any step; `late` and
    `still_open` are 1, 0, or -1 where nobody knows. `case_ids` are for auditors only.
    `findings` are the id and the subject of each; `worked` is the working time on the edges of
    all cases together, as far as it is known. `now` is the latest event, µs UTC.
    """

    process: str
    timezone: str
    smallest_cell: int
    now: int
    activities: tuple[str, ...]
    offsets: Int64s
    activity: Int32s
    completed: Int64s
    entered: Int64s
    entered_day: Int32s
    throughput_ms: Int64s
    variant: Int32s
    late: Int8s
    still_open: Int8s
    attributes: Mapping[str, Attribute]
    work: Work
    still: Still
    case_ids: pa.Array
    findings: tuple[tuple[str, Mapping[str, Any]], ...]
    worked: Mapping[tuple[str, str], Seconds]

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return len(self.offsets) - 1

    @property
    def everything(self) -> Bools:
        """All cases, chosen; [cases]."""
        return np.ones(self.cases, bool)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each activity by its name."""
        return {name: place for place, name in enumerate(self.activities)}

    @cached_property
    def owner(self) -> Int32s:
        """The case of each step; [steps]."""
        return np.repeat(np.arange(self.cases, dtype=np.int32), np.diff(self.offsets))

    @cached_property
    def first(self) -> Int32s:
        """The activity that each case began with, -1 without any step; [cases]."""
        return self._at(self.offsets[:-1])

    @cached_property
    def last(self) -> Int32s:
        """The activity that each case did last, -1 without any step; [cases]."""
        return self._at(self.offsets[1:] - 1)

    def _at(self, rows: Int64s) -> Int32s:
        out = np.full(self.cases, NOT_KNOWN, np.int32)
        filled = np.flatnonzero(np.diff(self.offsets))
        out[filled] = self.activity[rows[filled]]
        return out

    @cached_property
    def visits(self) -> Visits:
        """Which cases did what, each once."""
        pairs = np.sort(self.activity.astype(np.int64) * max(self.cases, 1) + self.owner)
        first = _new(pairs)
        activity, case = np.divmod(pairs[first], max(self.cases, 1))
        bounds = np.searchsorted(activity, np.arange(len(self.activities) + 1))
        many = np.diff(np.append(np.flatnonzero(first), len(pairs)))
        return Visits(bounds=bounds, cases=case.astype(np.int32), repeated=many > 1)

    @cached_property
    def moves(self) -> Moves:
        """All moves from step to step, in the order that quantiles are taken from."""
        inside = np.ones(len(self.activity), bool)
        inside[self.offsets[:-1][np.diff(self.offsets) > 0]] = False
        rows = np.flatnonzero(inside)
        labels, cases = max(len(self.activities), 1), max(self.cases, 1)
        pair = self.activity[rows - 1].astype(np.int64) * labels + self.activity[rows]
        spans = (self.completed[rows] - self.completed[rows - 1]) // 1000
        owner = self.owner[rows]
        taken = once(pair) if labels * labels > len(pair) else _taken(pair, labels * labels)
        edge = np.searchsorted(taken, pair)
        order = _by_span(edge, spans)
        bounds = np.zeros(len(taken) + 1, np.int64)
        np.cumsum(np.bincount(edge, minlength=len(taken)), out=bounds[1:])
        of_edge, of_case = np.divmod(once(edge * cases + owner), cases)
        source, target = np.divmod(taken, labels)
        return Moves(
            source=source.astype(np.int32),
            target=target.astype(np.int32),
            bounds=bounds,
            case=owner[order],
            spans=spans[order],
            case_bounds=np.searchsorted(of_edge, np.arange(len(taken) + 1)),
            cases=of_case.astype(np.int32),
        )

    @cached_property
    def edge_place(self) -> Mapping[tuple[int, int], int]:
        """The place of each edge among the `moves` by the places of its activities."""
        moves = self.moves
        ends = zip(moves.source.tolist(), moves.target.tolist(), strict=True)
        return {pair: place for place, pair in enumerate(ends)}

    def route(self, case: int) -> tuple[str, ...]:
        """What the case did, step by step."""
        steps = self.activity[self.offsets[case] : self.offsets[case + 1]]
        return tuple(self.activities[code] for code in steps.tolist())


def _taken(pair: Int64s, size: int) -> Int64s:
    """The values that occur among those below `size`, ascending."""
    return np.flatnonzero(np.bincount(pair, minlength=size))


def once(numbers: Int64s) -> Int64s:
    """Each number once, ascending; many times as fast as `np.unique`, which hashes (measured)."""
    ordered = np.sort(numbers)
    return np.asarray(ordered[_new(ordered)], np.int64)


def _new(ordered: Int64s) -> Bools:
    """Which of ascending numbers differ from the one before."""
    new = np.ones(len(ordered), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return new


def _by_span(edge: Int64s, spans: Int64s) -> Int64s:
    """The order of rows by edge, then span; one sort where both fit into a number (measured)."""
    edges = int(edge.max(initial=0)) + 1
    fits = edges < 1 << (63 - _SPAN_BITS) and int(spans.max(initial=0)) < 1 << _SPAN_BITS
    if fits and int(spans.min(initial=0)) >= 0:
        return np.argsort((edge << _SPAN_BITS) | spans)
    return np.lexsort((spans, edge))


def milliseconds(seconds: pa.ChunkedArray) -> Int64s:
    """A column of seconds as whole milliseconds, `UNKNOWN` where it is null."""
    values = seconds.to_numpy()
    known = ~np.isnan(values)
    out = np.full(len(values), UNKNOWN, np.int64)
    out[known] = np.rint(values[known] * 1000).astype(np.int64)
    return out
