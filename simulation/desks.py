"""A unit and its queue: who takes up which file next, and what kept the others waiting."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy

from simulation.hours import Timetable
from simulation.journal import Done, Favoured, Journal, Lying
from simulation.officers import Officer


@dataclass(kw_only=True, slots=True, eq=False)
class Item:
    """One activity that one case waits for.

    `enabled` in seconds of UTC, `since` the same moment on the working clock; `service` in working
    seconds; `rank` 0 goes first. `passed_by`: working seconds that each officer spent on files that
    were enabled later and picked earlier.
    """

    case: int
    activity: str
    enabled: int
    since: int
    service: int
    rank: int
    done: simpy.Event
    passed_by: dict[str, int] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True, eq=False)
class Folder:
    """What an officer takes up in one go: one item, or a batch; `last` is its last item to come."""

    items: Sequence[Item]
    last: Item
    taken: bool = False


@dataclass(kw_only=True, frozen=True)
class Favour:
    """Who takes whose files out of turn, how often; `whose` has one flag a case."""

    plant: int
    activity: str
    officers: frozenset[str]
    whose: Sequence[bool]
    share: float
    chance: np.random.Generator


class Unit:
    """Officers who share one queue: first come, first served within the service class.

    An item is *enabled* when it joins, and may be held back until a later moment; it is picked when
    an officer is at the office, has nothing in hand and finds nothing older in a better class.
    """

    def __init__(
        self,
        *,
        env: Any,
        name: str,
        hours: Timetable,
        officers: Sequence[Officer],
        journal: Journal,
        favours: Sequence[Favour],
        batches: Mapping[str, int],
    ) -> None:
        """Open the unit: all officers are idle, nothing waits."""
        self.env, self.name, self.hours = env, name, hours
        self.officers, self.journal = officers, journal
        self.idle = list(officers)
        self.waiting: OrderedDict[int, Item] = OrderedDict()  # by the moment they joined
        self._ready: list[tuple[int, int, int, Folder]] = []
        self._ready_count = 0
        self._gathered: dict[str, list[Item]] = {activity: [] for activity in batches}
        self._favours, self._batches = favours, batches
        self._serial = 0
        env.process(self._mornings())

    def join(self, item: Item, held_until: int) -> simpy.Event:
        """Put an item into the queue; the event that is returned happens when it is completed."""
        now = item.enabled
        self.waiting[id(item)] = item
        self.journal.tell(item.case, item.activity, now, "schedule", None, self.name)
        if held_until > now:
            release = self.env.timeout(held_until - now)
            release.callbacks.append(lambda _: self._let_go(item))
        else:
            self._let_go(item)
        return item.done

    def lying(self) -> list[Lying]:
        """What nobody has started yet."""
        return [
            Lying(item.case, item.activity, self.name, item.enabled)
            for item in self.waiting.values()
        ]

    def _mornings(self) -> Iterator[simpy.Event]:
        """Look at the queue whenever officers come in."""
        returns = {end for officer in self.officers for end in officer.away.ends}
        for moment in sorted({*self.hours.starts, *returns}):
            if moment > self.env.now:
                yield self.env.timeout(moment - self.env.now)
                self._dispatch()

    def _let_go(self, item: Item) -> None:
        gathered = self._gathered.get(item.activity)
        if gathered is None:
            folder = Folder(items=(item,), last=item)
        else:
            gathered.append(item)
            if len(gathered) < self._batches[item.activity]:
                return
            folder = Folder(items=tuple(gathered), last=max(gathered, key=_enabled))
            gathered.clear()
        self._serial += 1
        rank = min(one.rank for one in folder.items)
        heappush(self._ready, (rank, self.env.now, self._serial, folder))
        self._ready_count += 1
        self._dispatch()

    def _dispatch(self) -> None:
        now = self.env.now
        if not self._ready_count or not self.hours.is_open(now):
            return
        for officer in list(self.idle):
            if not self._ready_count:
                return
            if not officer.away.is_open(now):
                self.idle.remove(officer)
                self._start(officer, self._picked(officer), now)

    def _picked(self, officer: Officer) -> Folder:
        """The folder whose turn it is, or one that the officer favours."""
        self._ready_count -= 1
        for favour in self._favours:
            if officer.name in favour.officers and favour.chance.random() < favour.share:
                folder = self._favoured(favour)
                if folder is not None:
                    self._note(favour, folder, officer)
                    folder.taken = True
                    return folder
        while True:
            folder = heappop(self._ready)[3]
            if not folder.taken:
                folder.taken = True
                return folder

    def _favoured(self, favour: Favour) -> Folder | None:
        candidates = [
            entry
            for entry in self._ready
            if not entry[3].taken
            and entry[3].items[0].activity == favour.activity
            and any(favour.whose[item.case] for item in entry[3].items)
        ]
        return min(candidates)[3] if candidates else None

    def _note(self, favour: Favour, folder: Folder, officer: Officer) -> None:
        older = 0
        for item in self.waiting.values():
            if item.enabled >= folder.last.enabled:
                break
            older += item.activity == favour.activity and item not in folder.items
        if older:
            self.journal.favoured.extend(
                Favoured(favour.plant, item.case, officer.name, older)
                for item in folder.items
                if favour.whose[item.case]
            )

    def _start(self, officer: Officer, folder: Folder, now: int) -> None:
        activity = folder.items[0].activity
        slowness = officer.pace.get(activity, 1.0)
        work = max(1, round(slowness * max(item.service for item in folder.items)))
        for item in folder.items:
            del self.waiting[id(item)]
        for item in self.waiting.values():
            if item.enabled >= folder.last.enabled:
                break
            item.passed_by[officer.name] = item.passed_by.get(officer.name, 0) + work
        worked = self.hours.worked(now)
        completed = self.hours.moment(worked + work)
        for item in folder.items:
            causes = _causes(officer, item, folder.last.since, worked)
            self.journal.tell(item.case, activity, now, "start", officer.name, self.name)
            self.journal.done.append(
                Done(
                    item.case,
                    activity,
                    self.name,
                    officer.name,
                    item.enabled,
                    now,
                    completed,
                    work,
                    *causes,
                )
            )
        officer.begin(worked, work)
        finish = self.env.timeout(completed - now)
        finish.callbacks.append(lambda _: self._finish(officer, folder))

    def _finish(self, officer: Officer, folder: Folder) -> None:
        for item in folder.items:
            self.journal.tell(
                item.case, item.activity, self.env.now, "complete", officer.name, self.name
            )
            item.done.succeed()
        self.idle.append(officer)
        self._dispatch()


def _enabled(item: Item) -> int:
    return item.enabled


def _causes(officer: Officer, item: Item, full: int, now: int) -> tuple[int, int, int, int, int]:
    """Why the item waited, in working seconds; `full` and `now` are on the working clock.

    The order is that of Lashkevich et al. 2023: batching until its folder was full; then, while the
    officer who took it up in the end had something else in hand, prioritisation if that had been
    enabled later and contention if earlier; then unavailability while that officer was away; the
    rest is extraneous.
    """
    batching = full - item.since
    if now == full:
        return batching, 0, 0, 0, 0
    busy = officer.busy(full, now)
    prioritisation = min(busy, item.passed_by.get(officer.name, 0))
    away = officer.absent(full, now)
    rest = now - full - busy - away
    return batching, prioritisation, busy - prioritisation, away, rest
