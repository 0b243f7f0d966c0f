"""Who works at which queue, how many there are on a day, and how busy they are."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from miners import queue_loops
from miners.causes import FOR_OFFICERS, Causes
from miners.desk_clock import Clock
from miners.durations import Floats
from miners.hands import Hands, by_owner
from miners.staffing import LATEST, Again, done_again
from miners.work_items import Items

HOUR = 3_600_000_000
# Who is first seen within so many days of the log's beginning was there before it, and who was
# seen so shortly before its end is there still.
_EDGE_DAYS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Owners:
    """The queues there are: `pairs` [queues, 2] of activity and unit code (-1: no unit).

    `queue` [items] is the queue of each item, -1 for none; `told` [queues] says whether most items
    have a start. A crew is who shares work: a unit, or who does one activity where no unit is
    named; `crew` [queues] is the place of each queue's, `crews` how many there are.
    """

    pairs: Int32s
    queue: Int32s
    told: Bools
    crew: Int64s
    crews: int


def owners_of(items: Items, applicant_steps: frozenset[str]) -> Owners:
    """Number the queues of the office by activity, then unit."""
    labels, units = items.activity.vocabulary.labels, len(items.unit.vocabulary) + 1
    key = items.activity.codes.astype(np.int64) * units + items.unit.codes + 1
    size = len(labels) * units
    theirs = np.array([label in applicant_steps for label in labels], bool).repeat(units)
    exists = (np.bincount(key, minlength=size) > 0) & ~theirs
    if (items.resource.codes >= 0).any():
        seen = np.bincount(key[items.resource.codes >= 0], minlength=size) > 0
        exists &= seen | (np.arange(size) % units > 0)
    number = np.where(exists, np.cumsum(exists) - 1, -1).astype(np.int32)
    pairs = np.column_stack(np.divmod(np.flatnonzero(exists), units)).astype(np.int32)
    pairs[:, 1] -= 1
    queue = number[key]
    inside = queue >= 0
    started = np.bincount(queue[inside & (items.started != UNKNOWN)], minlength=len(pairs))
    ended = inside & (items.started == UNKNOWN) & (items.completed != UNKNOWN)
    crew_key = np.where(pairs[:, 1] >= 0, pairs[:, 1], units + np.arange(len(pairs)))
    _, crew = np.unique(crew_key, return_inverse=True)
    return Owners(
        pairs=pairs,
        queue=queue,
        told=started >= np.bincount(queue[ended], minlength=len(pairs)),
        crew=crew.astype(np.int64),
        crews=int(crew.max(initial=-1)) + 1,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Stays:
    """When items joined and left their queue, on the clock of their unit; columns [items].

    `queue` is -1 for items that were in none, or of which that is not known; `open` marks those
    that are in it still, and have `left` now.
    """

    queue: Int32s
    joined: Int64s
    left: Int64s
    open: Bools


def stays_of(
    items: Items, rule: Int8s, owners: Owners, found: Sequence[Clock], places: Int8s, now: int
) -> Stays:
    """The stay of each item in its queue: to its start, or to its end where starts are missing.

    `rule` [items] is -1 for items that are not open (see `placed`).
    """
    told = owners.told[owners.queue]
    still_open = (rule >= 0) & ~(told & (items.started != UNKNOWN))
    left = np.where(still_open, now, np.where(told, items.started, items.completed))
    known = (owners.queue >= 0) & (items.enabled != UNKNOWN) & (left != UNKNOWN)
    queue = np.where(known, owners.queue, -1).astype(np.int32)
    joined = np.zeros(len(items), np.int64)
    out = np.zeros(len(items), np.int64)
    place = places[items.unit.codes]
    for number, clock in enumerate(found):
        mine = np.flatnonzero(known & (place == number))
        joined[mine], out[mine] = clock.read(items.enabled[mine]), clock.read(left[mine])
    return Stays(queue=queue, joined=joined, left=out, open=still_open & known)


@dataclass(frozen=True, kw_only=True)
class Span:
    """The time that the log covers, on one clock: readings at its start and its end."""

    start: int
    end: int
    days: int

    @property
    def hours(self) -> float:
        """Working hours (or hours) in it."""
        return (self.end - self.start) / HOUR

    @staticmethod
    def of(clock: Clock, began: int, now: int) -> "Span":
        """From `began` until `now`, microseconds UTC."""
        start, end = clock.read(np.array([began, now], np.int64)).tolist()
        return Span(start=start, end=end, days=max(1, len(clock.days)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Desks:
    """Officers at work, per owner (a queue or a crew); see `Queue` for the figures; [owners].

    `busy` is the time with work of the owner in hand; `served` counts the items whose service is
    known, pauses aside, `service` sums it; microseconds.
    """

    officers: Floats
    present: Floats
    utilisation: Floats
    load: Floats
    busy: Int64s
    served: Int64s
    service: Int64s


def desks(
    hands: Hands,
    owner: Int32s,
    owners: int,
    found: Sequence[Clock],
    clock_of: Int8s,
    spans: Sequence[Span],
) -> Desks:
    """Who had items of each owner in hand; `owner` [items] is -1 for items of none.

    The roster of an owner has an officer from the first to the last sign of life there, or from
    the beginning and to the end of the log where these lie within 20 days of it. `present` counts
    the officers seen on a day (starting, completing, or with an item in hand).
    """
    roster = np.zeros(owners)
    busy, seen = np.zeros(owners, np.int64), np.zeros(owners, np.int64)
    served, service = np.zeros(owners, np.int64), np.zeros(owners, np.int64)
    length, days, day = np.ones(owners), np.ones(owners), np.ones(owners)
    of_spell = owner[hands.item[hands.rows]]
    for number, (clock, span) in enumerate(zip(found, spans, strict=True)):
        here = clock_of == number
        length[here], days[here] = max(1, span.end - span.start), span.days
        day[here] = clock.day_ms * 1000
        mine = of_spell
        if len(found) > 1:
            mine = np.where((of_spell >= 0) & here[of_spell], of_spell, np.int32(-1))
        # Rows stand officer by officer in order, and so do those of each owner.
        offsets, places = by_owner(mine, owners)
        rows = hands.rows[places]
        told = queue_loops.at_work(
            offsets,
            hands.resource[rows],
            clock.read(hands.begun[rows]),
            clock.read(hands.done[rows]),
            hands.activity[rows] >= 0,
            clock.days,
            (span.start, span.end),
            _EDGE_DAYS * clock.day_ms * 1000,
        )
        for total, more in zip((roster, busy, seen, served, service), told, strict=True):
            np.add(total, more, out=total)
    return Desks(
        officers=roster / length,
        present=seen / days,
        utilisation=busy / np.maximum(roster, 1),
        load=busy / np.maximum(seen * day, 1),
        busy=busy,
        served=served,
        service=service,
    )


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Officers who share their work: how busy those present are, and what one more would do."""

    load: float
    again: Again


def crews_of(
    items: Items,
    hands: Hands,
    causes: Causes,
    stays: Stays,
    owners: Owners,
    found: Sequence[Clock],
    clock_of: Int8s,
    spans: Sequence[Span],
    threads: Executor,
) -> list[Crew]:
    """The crews of all queues, with everything that each of them does."""
    crew_clock = np.zeros(owners.crews, np.int8)
    crew_clock[owners.crew] = clock_of
    whose = np.where(owners.queue >= 0, owners.crew[owners.queue], -1).astype(np.int32)
    shared = desks(hands, whose, owners.crews, found, crew_clock, spans)
    came = np.bincount(whose[stays.queue >= 0], minlength=owners.crews)
    taken = np.bincount(whose[(stays.queue >= 0) & ~stays.open], minlength=owners.crews)
    again = np.full(len(whose), -1, np.int32)
    able = np.flatnonzero(causes.known & (items.completed[: len(causes.known)] != UNKNOWN))
    again[able] = whose[able]
    offsets, rows = by_owner(again, owners.crews)

    def crew_of(crew: int) -> Crew:
        clock, span = found[crew_clock[crew]], spans[crew_clock[crew]]
        mine = rows[offsets[crew] : offsets[crew + 1]]
        mine = queue_loops.latest(mine, stays.joined, LATEST)
        observed = causes.milliseconds[mine][:, FOR_OFFICERS].sum() * 1000 / max(1, len(mine))
        # Where the queue grew, more came in than was done.
        grew = came[crew] / max(1, taken[crew])
        offered = float(shared.busy[crew] / max(1, span.end - span.start) * grew)
        service = clock.read(items.completed[mine]) - clock.read(items.started[mine])
        return Crew(
            load=float(shared.load[crew]),
            again=done_again(
                stays.joined[mine], service, observed=float(observed), offered=offered
            ),
        )

    return list(threads.map(crew_of, range(owners.crews)))
