"""What was done on each application, piece by piece: enabled, taken up, finished, and by whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import msgspec
import numpy as np
import pyarrow as pa

from eventlog import pairing, schema
from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from eventlog.log import Log

# Fetches what tells pieces of the same work apart: (case keys [n], event keys [n]) -> n texts.
Instances = Callable[[Int64s, Int64s], Sequence[str | None]]

INSTANCE = "concept:instance"
"""The attribute in which XES says which execution of an activity an event belongs to."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pauses:
    """When items were suspended: the place of the item, from when until when; shape [pauses]."""

    item: Int64s = field(default_factory=lambda: np.empty(0, np.int64))
    start: Int64s = field(default_factory=lambda: np.empty(0, np.int64))
    end: Int64s = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, and pauses that end before they begin."""
        if not len(self.item) == len(self.start) == len(self.end):
            raise ValueError("the columns of pauses differ in length")
        if (self.end < self.start).any():
            raise ValueError("a pause ends before it begins")


@dataclass(frozen=True, kw_only=True, eq=False)
class Items:
    """One row per execution of an activity; every column has shape [items].

    Cases stand in the order of the log (`case` is the place in it), `position` counts from 0
    within a case in the order in which the items were enabled (or first heard of), then as they
    came. `resource` is who completed the item, or started it where that is not known; so is
    `unit`, and where neither is known, it is the unit to which it was scheduled. `enabled`,
    `started` and `completed` are microseconds UTC, `UNKNOWN` where nobody told; `scheduled` says
    that an event told when the item was enabled, and not a rule. `pauses` is when items that were
    completed had been suspended.
    """

    case: Int32s
    position: Int32s
    activity: Coded
    resource: Coded
    unit: Coded
    enabled: Int64s
    started: Int64s
    completed: Int64s
    scheduled: Bools
    pauses: Pauses = field(default_factory=Pauses)

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, and what was finished before it was taken up."""
        columns = (
            *(self.position, self.enabled, self.started, self.completed, self.scheduled),
            *(self.activity.codes, self.resource.codes, self.unit.codes),
        )
        if any(len(column) != len(self) for column in columns):
            raise ValueError("the columns of work items differ in length")
        known = self.started != UNKNOWN
        if (known & (self.enabled > self.started)).any():
            raise ValueError("a work item is started before it is enabled")
        if (known & (self.completed != UNKNOWN) & (self.completed < self.started)).any():
            raise ValueError("a work item is completed before it is started")

    def __len__(self) -> int:
        """How many items there are."""
        return len(self.case)

    def between(self, first: int, last: int) -> "Items":
        """Items first to last - 1, counting cases as before."""
        rows = slice(first, last)
        chosen = (self.pauses.item >= first) & (self.pauses.item < last)
        return Items(
            case=self.case[rows],
            position=self.position[rows],
            activity=self.activity.between(rows),
            resource=self.resource.between(rows),
            unit=self.unit.between(rows),
            enabled=self.enabled[rows],
            started=self.started[rows],
            completed=self.completed[rows],
            scheduled=self.scheduled[rows],
            pauses=Pauses(
                item=self.pauses.item[chosen] - first,
                start=self.pauses.start[chosen],
                end=self.pauses.end[chosen],
            ),
        )

    @cached_property
    def waited(self) -> Bools:
        """Which items waited for a time that is known: enabled and started are."""
        return np.asarray((self.enabled != UNKNOWN) & (self.started != UNKNOWN))

    @cached_property
    def served(self) -> Bools:
        """Which items were in hand for a time that is known: started and completed are."""
        return np.asarray((self.started != UNKNOWN) & (self.completed != UNKNOWN))

    @cached_property
    def waiting_ms(self) -> Int64s:
        """Milliseconds from enabled to started; `UNKNOWN` where either is."""
        return np.where(self.waited, (self.started - self.enabled) // 1000, UNKNOWN)

    @cached_property
    def service_ms(self) -> Int64s:
        """Milliseconds from started to completed less the pauses; `UNKNOWN` where either is."""
        micros = self.completed - self.started
        np.subtract.at(micros, self.pauses.item, self.pauses.end - self.pauses.start)
        return np.where(self.served, micros // 1000, UNKNOWN)

    def waiting_working_ms(self, calendars: Calendars) -> Int64s:
        """Working milliseconds of the item's unit from enabled to started; `UNKNOWN` as above."""
        rows = np.flatnonzero(self.waited)
        out = np.full(len(self), UNKNOWN, np.int64)
        out[rows] = calendars.between(self.enabled[rows], self.started[rows], self.unit.take(rows))
        return out

    def service_working_ms(self, calendars: Calendars) -> Int64s:
        """Working milliseconds from started to completed less the pauses; `UNKNOWN` as above."""
        rows = np.flatnonzero(self.served)
        out = np.full(len(self), UNKNOWN, np.int64)
        out[rows] = calendars.between(
            self.started[rows], self.completed[rows], self.unit.take(rows)
        )
        pauses = self.pauses
        rested = calendars.between(pauses.start, pauses.end, self.unit.take(pauses.item))
        np.subtract.at(out, pauses.item, rested)
        return out

    def case_sums(self, milliseconds: Int64s, cases: int) -> Int64s:
        """The sum per case of the values [items] that are known, `UNKNOWN` without any; [cases].

        A case of which some items do not tell is told by the others, so a sum is a lower bound.
        """
        return np.asarray(pairing.sums_of_known(self.case, milliseconds, cases))


def work_items(log: Log, instances: Instances | None = None) -> Items:
    """Every execution in the log, open ones too; `eventlog.pairing.pair` has the rules.

    Events of one activity in one case are paired first in, first out. Where two such executions
    are open at once that is a guess, so `instances` is asked for what tells them apart (in XES
    `concept:instance`), for such events only; it is heeded where it knows all events of that
    activity in that case.

    >>> from eventlog.letters import log
    >>> items = work_items(log("P: a b/start+30 b+10"))
    >>> (items.waiting_ms[1] // 60_000, items.service_ms[1] // 60_000)
    (np.int64(30), np.int64(10))
    """
    group, groups = log.activity.codes, len(log.activity.vocabulary)
    if instances is not None:
        group, groups = _by_instance(log, instances)
    found = pairing.pair(log.offsets, group, groups, log.lifecycle, log.timestamp)
    by = np.where(found.completed >= 0, found.completed, found.started)  # nobody yet: -1
    told = np.where(by >= 0, by, found.scheduled)
    who = pairing.first_known(log.resource.codes, found.completed, found.started)
    where = pairing.first_known(log.unit.codes, found.completed, found.started, found.scheduled)
    return Items(
        case=found.case,
        position=found.position,
        activity=log.activity.take(told),
        resource=replace(log.resource, codes=who),
        unit=replace(log.unit, codes=where),
        enabled=found.enabled,
        started=pairing.moments_of(found.started, log.timestamp),
        completed=pairing.moments_of(found.completed, log.timestamp),
        scheduled=found.scheduled >= 0,
        pauses=Pauses(item=found.pauses[:, 0], start=found.pauses[:, 1], end=found.pauses[:, 2]),
    )


def instance_names(attributes: pa.Array | pa.ChunkedArray) -> list[str | None]:
    """What the `attributes` of events (JSON, as the lake has them) say under `INSTANCE`."""
    names: list[str | None] = []
    for text in attributes.to_pylist():
        said = msgspec.json.decode(text).get(INSTANCE) if text else None
        names.append(None if said is None else str(said))
    return names


def items_table(
    items: Items,
    *,
    case_ids: pa.Array | pa.ChunkedArray,
    calendars: Calendars | None,
    causes: pa.Array | None = None,
) -> pa.Table:
    """The items as interface.md writes them (`work_items.parquet`); unknown is null.

    `case_ids` [cases] are in the order of the log. Without `calendars` working time is unknown;
    `causes` [items] is why each item waited, if somebody knows.
    """
    unknown = pa.nulls(len(items), pa.float64())
    return pa.table(
        {
            "case_id": case_ids.take(pa.array(items.case)),
            "position": pa.array(items.position, pa.int64()),
            "activity": _texts(items.activity),
            "resource": _texts(items.resource),
            "unit": _texts(items.unit),
            "enabled": _moments(items.enabled),
            "started": _moments(items.started),
            "completed": _moments(items.completed),
            "waiting_seconds": seconds(items.waiting_ms),
            "service_seconds": seconds(items.service_ms),
            "waiting_working_seconds": unknown
            if calendars is None
            else seconds(items.waiting_working_ms(calendars)),
            "service_working_seconds": unknown
            if calendars is None
            else seconds(items.service_working_ms(calendars)),
            "cause": pa.nulls(len(items), pa.string()) if causes is None else causes,
        }
    )


def seconds(milliseconds: Int64s) -> pa.Array:
    """Durations in seconds, null where `UNKNOWN`; shape as given."""
    return pa.array(milliseconds / 1000, pa.float64(), mask=milliseconds == UNKNOWN)


def _moments(micros: Int64s) -> pa.Array:
    return pa.array(micros, schema.TIMESTAMP, mask=micros == UNKNOWN)


def _texts(column: Coded) -> pa.Array:
    labels = pa.array(column.vocabulary.labels, pa.string())
    return labels.take(pa.array(column.codes, pa.int32(), mask=column.codes < 0))


def _by_instance(log: Log, instances: Instances) -> tuple[Int32s, int]:
    """A group per event, and how many there are: its activity, or activity and instance."""
    activity, labels = log.activity.codes, len(log.activity.vocabulary)
    rows = np.flatnonzero(pairing.overlapping(log.offsets, activity, labels, log.lifecycle))
    if not len(rows):
        return activity, labels
    case = np.searchsorted(log.offsets, rows, side="right") - 1
    names = instances(log.case_key[case], log.event_key[rows])
    if len(names) != len(rows):
        raise ValueError(f"{len(rows)} events were asked about, {len(names)} were answered for")
    known = np.array([name is not None for name in names], bool)
    _, name = np.unique([name or "" for name in names], return_inverse=True)
    work = case * labels + activity[rows]
    heeded = ~np.isin(work, work[~known])
    rows, work, name, case = rows[heeded], work[heeded], name[heeded], case[heeded]
    pair, place = np.unique(np.column_stack([work, name]), axis=0, return_inverse=True)
    # Numbers begin anew in each case, so that there are few.
    owner = pair[:, 0] // labels
    number = np.arange(len(pair)) - np.searchsorted(owner, owner)
    group = activity.copy()
    group[rows] = labels + number[place]
    return group, labels + int(number.max(initial=-1)) + 1
