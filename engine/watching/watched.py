"""What alert rules are read from: open work, what was done lately, and how open cases stand.

A mining run has it of all cases, a watch of those that still matter to a rule; what is read from it
is the same (`engine.alerting.readings`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from miners.standing import Standing


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """The cases; arrays have shape [cases], moments are µs UTC, `UNKNOWN` where there is none.

    `key` is the case key of the lake. `began` and `last` are the first and the last event, `closed`
    when a closing activity first completed. `is_open` is None where the process file does not say
    what closes a case. `over` says that the clock passed its term, `due` when it did or will
    (`miners.deadlines`); None without a clock or a term. `ended` says that the clock is over
    (`miners.standing`), `suspended` that it runs and stands still now; None without a clock.
    `attributes` are the values at entry by which rules and comparisons go.
    """

    key: Int64s
    began: Int64s
    last: Int64s
    closed: Int64s
    is_open: Bools | None
    over: Bools | None
    due: Int64s | None
    ended: Bools | None
    suspended: Bools | None
    attributes: Mapping[str, Coded]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.key)


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenWork:
    """What open cases wait for or have in hand (`miners.open_items`); every column [open].

    `case` is the place among the cases. `unit` is that of the event, or of who mostly does such
    work; `rule` a place in `miners.open_items.RULES`.
    """

    case: Int32s
    activity: Coded
    unit: Coded
    enabled: Int64s
    started: Int64s
    rule: Int8s

    def __len__(self) -> int:
        """How many pieces of work there are."""
        return len(self.case)


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """Work items (`miners.work_items`), done or under way; every column has shape [items].

    `again` says that the case had a completed item of the same activity before it.
    """

    case: Int32s
    activity: Coded
    resource: Coded
    unit: Coded
    enabled: Int64s
    started: Int64s
    completed: Int64s
    again: Bools

    def __len__(self) -> int:
        """How many items there are."""
        return len(self.case)

    @property
    def waited(self) -> Bools:
        """Which items waited for a time that is known; [items]."""
        return np.asarray((self.enabled != UNKNOWN) & (self.started != UNKNOWN))


@dataclass(frozen=True, kw_only=True)
class Ever:
    """What was ever seen, let go or not: sums over all cases.

    `items`, `waited` and `known` are how many work items there were, how many of them waited for a
    known time, and of these how many name who took them up, by (activity, unit or None). `cases`
    are the cases by attribute and value at entry, the value as the source writes it.
    """

    items: Mapping[tuple[str, str | None], int]
    waited: Mapping[tuple[str, str | None], int]
    known: Mapping[tuple[str, str | None], int]
    cases: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """How the stream itself does; for a watch only.

    `lag` are the events on the topic that are not in the lake yet (None: not known), `rejects` when
    events were set aside lately, µs UTC, in ascending order; [rejects].
    """

    lag: int | None
    rejects: Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Watched:
    """All that alert rules are read from, at `now` (µs UTC).

    `open` is None where the process file does not say what closes a case, `work` where nobody
    asked for it. `ids` gives the ids of cases by their places. `standing` gives how the cases stand
    with the clock at `now` (None without one); it may be dear. `feed` is None in a mining run.
    `heard` is the latest event of all that had happened by `now`, `UNKNOWN` without one.
    """

    now: int
    heard: int
    cases: Cases
    ids: Callable[[Int64s], Sequence[str]]
    open: OpenWork | None
    work: Work | None
    ever: Ever
    standing: Callable[[], Standing | None]
    calendars: Calendars | None
    applicants: frozenset[str]
    feed: Feed | None = None
