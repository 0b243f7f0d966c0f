"""Keeps what alert rules are read from up to date: only what an event touched is looked at anew.

What is told of a case is what a mining run tells of it, by the same functions. Time alone changes
no more than the figures of clocks (`engine.watching.clocks`).
"""

from datetime import timedelta

import numpy as np
import pyarrow as pa

from engine.alerting.rules import case_window, item_window
from engine.applicants import applicants
from engine.case_look import CaseLook, look_at
from engine.followers import Block
from engine.opening import OpeningHours
from engine.watching.kept_cases import SLACK, KeptCases
from engine.watching.kept_work import KeptWork
from engine.watching.of_whole import told_by
from engine.watching.sums import EverSeen, Successors
from engine.watching.watched import Feed, Watched
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Bools, Int64s
from eventlog.log import Log
from eventlog.moments import MICROSECOND
from miners.open_items import open_items
from miners.work_items import Items, work_items

_HOUR = timedelta(hours=1) // MICROSECOND


class Kept:
    """A follower of `engine.live.Live` that can tell at any moment what alert rules are read from.

    Kept are the open cases, the cases that had an event lately, and the work of late: for as long
    as a rule of the process file looks back from `now` (µs UTC), the latest moment it was asked
    for. What has left by then stays away when it is asked for an earlier one. Some leave when there
    are a quarter and `slack` more than last time, or an eighth of that time has passed.
    """

    def __init__(self, definition: Definition, *, now: int, slack: int = SLACK) -> None:
        self._definition = definition
        self._opening = OpeningHours(definition)
        self._now = now
        self._slack = slack
        self._cases_back = case_window(definition) // MICROSECOND
        self._work_back = item_window(definition) // MICROSECOND
        self.begin()

    @property
    def rows(self) -> int:
        """How many rows are kept in all: cases, open work and work items."""
        return len(self._cases) + self._work.pieces + len(self._work)

    def heard(self, by: int) -> int:
        """The latest event that is known and had happened `by` then (µs UTC).

        Where all of them lie later, the latest of all; `UNKNOWN` without one.
        """
        moments = np.append(self._cases.moments, self._gone)
        happened = int(moments[moments <= by].max(initial=UNKNOWN))
        return int(moments.max()) if happened == UNKNOWN else happened

    def begin(self) -> None:
        """Forget everything (`engine.followers.Follower`)."""
        self._cases = KeptCases(self._definition)
        self._work = KeptWork()
        self._ever = EverSeen(told_by(self._definition))
        self._successors = Successors()
        self._applicants = applicants(self._definition, None)
        self._unplaced: list[tuple[Int64s, Log, Items]] = []
        self._gone = UNKNOWN
        self._limit = self._slack
        self._left_at = self._now

    def add(self, block: Block, case_ids: pa.Array) -> None:
        """Take cases that were not told before (`engine.followers.Follower`)."""
        self._applicants = applicants(self._definition, block.coarse)
        if not block.log.cases:
            return
        look = self._look(block, _end(block, self._now))
        places = self._cases.add(block.log, look, case_ids, self._now - self._cases_back)
        left = block.log.select(places < 0)
        self._note(np.concatenate([left.starts, left.ends]))
        self._count(block, _items(look))
        self._work.replace_items(places, _items(look), self._now - self._work_back)
        if look.is_open is not None:
            # What comes next is known when every case was seen.
            still = block.mined.select(look.is_open)
            items = work_items(still, block.instances)
            self._unplaced.append((places[look.is_open], still, items))

    def built(self) -> None:
        """Every case was told (`engine.followers.Follower`)."""
        for places, mined, items in self._unplaced:
            self._place_open(places, mined, items, np.ones(mined.cases, bool))
        self._unplaced = []
        self._limit = self._next_limit()

    def change(self, before: Block, after: Block, case_ids: pa.Array) -> None:
        """Take the touched cases as they are now (`engine.followers.Follower`)."""
        self._applicants = applicants(self._definition, after.coarse)
        look = self._look(after, _end(after, self._now))
        items = _items(look)
        self._ever.add(before, work_items(before.mined, before.instances), -1)
        steps = self._count(after, items, before)
        self._cases.doubt(self._work.silent_after(steps))
        places = self._cases.replace(after.log, look, case_ids)
        self._work.replace_items(places, items, self._now - self._work_back)
        self._place_open(places, after.mined, items, look.is_open)

    def outdated(self, now: int) -> Int64s:
        """The keys of cases that must be looked at again before `watched` can be asked at `now`."""
        return self._cases.outdated(now)

    def look_again(self, block: Block, now: int) -> None:
        """Take another look at cases of which no event came, at `now`."""
        look = self._look(block, now)
        places = self._cases.look_again(block.log, look, now)
        self._place_open(places, block.mined, _items(look), look.is_open)

    def watched(self, now: int, feed: Feed | None) -> Watched:
        """What alert rules are read from at `now`; no case may be `outdated` then.

        `standing` must be asked for before anything else changes.
        """
        self._now = now
        self._let_go()
        calendars = self._opening(now, now) if self._opening.known else None
        moments = self._cases.moments
        ever = self._ever.ever()
        closes = bool(self._definition.closing)
        return Watched(
            now=now,
            heard=int(moments[moments <= now].max(initial=min(self._gone, now))),
            cases=self._cases.cases(now, calendars),
            ids=self._cases.ids(),
            open=self._work.open_work(now, ever.items) if closes else None,
            work=self._work.work(),
            ever=ever,
            standing=lambda: self._cases.standing(now, calendars),
            calendars=calendars,
            applicants=self._applicants,
            feed=feed,
        )

    def _look(self, block: Block, now: int) -> CaseLook:
        return look_at(
            block.log,
            block.mined,
            self._definition,
            self._opening,
            now=now,
            instances=block.instances,
        )

    def _count(self, after: Block, items: Items, before: Block | None = None) -> list[str]:
        """Count cases in; after which steps others may come than was known."""
        self._ever.add(after, items)
        return self._successors.change(None if before is None else before.mined, after.mined)

    def _place_open(self, places: Int64s, mined: Log, items: Items, is_open: Bools | None) -> None:
        """Put the open work of some cases in place of what they had; all [cases] but `items`."""
        if is_open is not None:
            ways = self._successors.of(mined.activity.vocabulary.labels)
            found = open_items(items, mined, self._definition, ways, is_open=is_open)
            self._work.replace_open(places, found, mined)

    def _note(self, moments: Int64s) -> None:
        """Remember the latest event of cases that are gone."""
        happened = moments[moments <= self._now]
        self._gone = int(happened.max(initial=self._gone))

    def _next_limit(self) -> int:
        many = len(self._cases) + len(self._work)
        return many + many // 4 + self._slack

    def _let_go(self) -> None:
        """Forget what does not matter any more, once enough came or time enough has passed."""
        many = len(self._cases) + len(self._work)
        if many > self._limit or self._now - self._left_at > max(_HOUR, self._cases_back // 8):
            self._left_at = self._now
            places, gone = self._cases.let_go(self._now - self._cases_back)
            self._note(gone)
            self._work.let_go(places, self._now - self._work_back)
            self._limit = self._next_limit()


def _end(block: Block, now: int) -> int:
    """A moment by which all events of a block have happened, `now` or later."""
    return int(block.log.timestamp.max(initial=now))


def _items(look: CaseLook) -> Items:
    assert look.items is not None
    return look.items
