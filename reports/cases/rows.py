"""The list of cases: which are asked for, in which order, fifty on a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

import numpy as np

from eventlog.errors import UsageError
from eventlog.kernels import UNKNOWN, Bools, Int64s
from reports.cases.marks import IN_HAND, NOBODY, Marks
from reports.contents.waiting import AFTER
from reports.explore.arrays import Traces
from reports.language import mark, say

ROWS = 50
"""Cases on one page of the list."""
KEYS = ("at", "detour", "sort", "page")
"""What the list may be asked beside a filter (`reports.explore.filters`)."""
_MOST_PAGES = 1_000_000


class Order(StrEnum):
    """In which order cases are listed."""

    WAITING = "waiting"
    OLDEST = "oldest"
    NEWEST = "newest"


ORDERS = {
    Order.WAITING: mark("waits longest where it stands"),
    Order.OLDEST: mark("longest under way"),
    Order.NEWEST: mark("came in last"),
}
"""What the orders are called; said through `say`."""


@dataclass(frozen=True, kw_only=True)
class Called:
    """What cases and officers are called before whoever looks, from what the log calls them.

    Both give pseudonyms; that of a case stands in its address too.
    """

    case: Callable[[str], str]
    officer: Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the list is asked: open cases that stand `at` a step, those that took a `detour`."""

    at: str = ""
    detour: str = ""
    order: Order = Order.WAITING
    page: int = 1

    def query(self, *, page: int = 1) -> str:
        """As the part of an address after `?`, on another page."""
        pairs = [("at", self.at), ("detour", self.detour)]
        if self.order is not Order.WAITING:
            pairs.append(("sort", self.order.value))
        if page > 1:
            pairs.append(("page", str(page)))
        return urlencode([pair for pair in pairs if pair[1]])


def parse_asked(pairs: Sequence[tuple[str, str]], marks: Marks) -> Asked:
    """What the pairs of an address ask of the list; keys of others are left alone.

    UsageError for a step, a detour, an order or a page that there is not.
    """
    told = {key: value for key, value in pairs if key in KEYS and value}
    for key, known in (("at", marks.steps), ("detour", marks.detours)):
        if key in told and told[key] not in known:
            raise UsageError(say("%(key)s: %(value)r is not known", key=key, value=told[key]))
    orders = {order.value: order for order in Order}
    if told.get("sort", Order.WAITING) not in orders:
        raise UsageError(
            say(
                "sort: %(value)r is not known; expected one of: %(names)s",
                value=told["sort"],
                names=", ".join(orders),
            )
        )
    page = told.get("page", "1")
    if not (page.isascii() and page.isdigit() and 1 <= int(page[:9]) <= _MOST_PAGES):
        raise UsageError(say("page is %(value)r; expected a number from 1", value=page))
    return Asked(
        at=told.get("at", ""),
        detour=told.get("detour", ""),
        order=orders[told.get("sort", Order.WAITING)],
        page=int(page[:9]),
    )


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Where an open case stands: at a `step` of a `unit`, since when (µs UTC), and how many more.

    `in_hand`: the work has begun. `after`: the step is done, and what comes next is not known.
    """

    step: str
    unit: str
    in_hand: bool
    after: bool
    since: int
    waited_ms: int
    more: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case in the list; times in milliseconds, `worked_days` None where nobody knows."""

    place: int
    name: str
    entered: int
    took_ms: int
    worked_days: float | None
    is_open: bool | None
    is_late: bool | None
    stand: Stand | None
    steps: int
    detours: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One page of the list: its rows, how many cases there are, and what was asked."""

    rows: tuple[Row, ...]
    total: int
    asked: Asked

    @property
    def first(self) -> int:
        """The place of the first row among all, from 1."""
        return (self.asked.page - 1) * ROWS + 1

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // ROWS), 1)


def list_cases(traces: Traces, marks: Marks, cases: Bools, asked: Asked, called: Called) -> Listed:
    """One page of the chosen `cases` [cases] that are asked for.

    UsageError for a page behind the last.
    """
    places = ordered(traces, marks, cases, asked)
    listed = Listed(rows=(), total=len(places), asked=asked)
    if asked.page > listed.pages:
        raise UsageError(
            say(
                "page is %(value)s; expected at most %(pages)s",
                value=asked.page,
                pages=listed.pages,
            )
        )
    begin = listed.first - 1
    rows = tuple(
        row_of(traces, marks, place, called) for place in places[begin : begin + ROWS].tolist()
    )
    return Listed(rows=rows, total=len(places), asked=asked)


def ordered(traces: Traces, marks: Marks, cases: Bools, asked: Asked) -> Int64s:
    """The places of all cases that are asked for, in their order; ties by place."""
    wanted = cases
    if asked.at:
        wanted = wanted & marks.standing(asked.at)
    if asked.detour:
        wanted = wanted & marks.took(asked.detour)
    places = np.flatnonzero(wanted)
    entered = traces.entered[places]
    if asked.order is Order.NEWEST:
        return places[np.argsort(-entered, kind="stable")]
    still = traces.still_open[places] == 1
    since = marks.since[places] if asked.order is Order.WAITING else entered
    # Whatever is over waits no more: behind all others, the longest first.
    key = np.where(still, since, -traces.throughput_ms[places])
    return places[np.lexsort((key, ~still))]


def row_of(traces: Traces, marks: Marks, place: int, called: Called) -> Row:
    """What the list says of one case."""
    is_open = _answer(int(traces.still_open[place]))
    worked = int(marks.worked_ms[place])
    known = worked != UNKNOWN and marks.day_ms is not None
    return Row(
        place=place,
        name=called.case(traces.case_ids[place].as_py()),
        entered=int(traces.entered[place]),
        took_ms=took(traces, place),
        worked_days=worked / marks.day_ms if known and marks.day_ms else None,
        is_open=is_open,
        is_late=_answer(int(traces.late[place])),
        stand=stand_of(traces, marks, place),
        steps=int(traces.offsets[place + 1] - traces.offsets[place]),
        detours=marks.detours_of(place),
    )


def took(traces: Traces, place: int) -> int:
    """Milliseconds that a case took, up to now where it is open."""
    if traces.still_open[place] == 1:
        return max((traces.now - int(traces.entered[place])) // 1000, 0)
    return int(traces.throughput_ms[place])


def stand_of(traces: Traces, marks: Marks, place: int) -> Stand | None:
    """Where a case stands; None for one that is closed, or of which nobody knows."""
    if marks.at[place] == NOBODY:
        return None
    rule, unit = marks.rules[marks.rule[place]], int(marks.unit[place])
    since = int(marks.since[place])
    return Stand(
        step=marks.steps[marks.at[place]],
        unit="" if unit == NOBODY else marks.units[unit],
        in_hand=rule == IN_HAND,
        after=rule == AFTER,
        since=since,
        waited_ms=max((traces.now - since) // 1000, 0),
        more=int(marks.more[place]),
    )


def _answer(told: int) -> bool | None:
    return None if told < 0 else bool(told)
