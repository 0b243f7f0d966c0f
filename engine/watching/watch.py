"""One evaluation after another: what came into the lake is followed, rules are read and judged.

Driven from outside, by commits and by the clock; nothing here waits, sends or knows threads.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from engine.alerting.book import Book, Evaluate, judge
from engine.alerting.calm import Judge
from engine.alerting.readings import SLOW, read_alerts
from engine.alerting.remembered import Remembered
from engine.alerting.rules import window_of
from engine.alerting.slots import Slots
from engine.alerting.standing import Past, Reading, Standing
from engine.watching.following import Following, follow
from engine.watching.now import Now
from engine.watching.rejects import RecentRejects
from engine.watching.watched import Feed, Watched
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Int64s
from eventlog.lake import Conflict, Lake
from eventlog.moments import microseconds, moment_of

# What takes long to read is read so rarely, in seconds of real time.
_SLOW_EVERY = 300.0
CALM = timedelta(minutes=5)
"""How long a measure must have been back before its alert is over, unless its rule says."""


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """What one evaluation at `now` found.

    `version` is the lake's, `events` how many rows came since the evaluation before, `repeats` how
    many of them had come before, `heard` the latest event (None without one). `changed` are the
    alerts that began, fired, were told again or ended, `living` all that are pending or firing,
    `fired` the keys of those that fired before. `readings` are what was read this time, by rule,
    `off` says why other rules cannot be. `cases` and `rows` are what is kept in memory; `rebuilt`
    that the whole lake was read anew. The seconds are real ones.
    """

    now: datetime
    version: int
    events: int
    repeats: int
    heard: datetime | None
    changed: Sequence[Standing]
    living: Sequence[Standing]
    fired: frozenset[str]
    readings: Mapping[str, Sequence[Reading]]
    off: Mapping[str, str]
    cases: int
    rows: int
    rebuilt: bool
    following_seconds: float
    judging_seconds: float


class Watch:
    """The alert rules of one process on one lake, judged each time it is asked.

    `key` makes the pseudonyms of cases that alerts name, and `evaluate` says when alerts begin and
    end (None: as for a watch that goes on, `calm.Judge`). Making it reads the whole lake, in slices
    where `memory` (bytes) is given.
    """

    def __init__(
        self,
        lake: Lake,
        definition: Definition,
        *,
        key: bytes,
        now: Now,
        evaluate: Evaluate | None = None,
        memory: int | None = None,
    ) -> None:
        self._lake = lake
        self._definition = definition
        self._key = key
        self._clock = now
        self._book = Book(lake)
        self._evaluate = Judge(unless_told=CALM).evaluate if evaluate is None else evaluate
        self._remembered = Remembered(lake, definition)
        self._slots = Slots(definition)
        self._hour: datetime | None = None
        self._rejects = _rejects(lake, definition)
        self._slow_at = -np.inf
        self._off: dict[str, str] = {}
        self._readings: Mapping[str, Sequence[Reading]] = {}
        self._events, self._repeats = 0, 0
        self._following = self._follow(memory)

    def evaluate(self, *, lag: int | None) -> Evaluated:
        """Take in what was committed, read the rules, judge them, and keep what changed.

        `lag` are the events on the topic that are not in the lake. Conflict when somebody else
        judged at the same time: it may be asked again. After any other error this object is void.
        """
        began = time.perf_counter()
        touched = self._following.catch_up()
        self._events += touched.rows
        self._repeats += touched.repeats
        now = self._clock(self._following.heard(_real()))
        watched = None
        if now != UNKNOWN:  # else nobody knows what time it is: no event has come yet
            feed = Feed(lag=lag, rejects=self._rejects(now))
            watched = self._following.watched(now, feed)
        followed = time.perf_counter()
        fired = _firing(self._book.look()[0])
        changed = [] if watched is None else self._judged(watched)
        past, _ = self._book.look()
        heard = UNKNOWN if watched is None else watched.heard
        events, self._events = self._events, 0
        repeats, self._repeats = self._repeats, 0
        return Evaluated(
            now=moment_of(_real() if watched is None else now),
            version=self._following.version,
            events=events,
            repeats=repeats,
            heard=None if heard == UNKNOWN else moment_of(heard),
            changed=changed,
            living=past.living(),
            fired=fired,
            readings=self._readings,
            off=dict(self._off),
            cases=0 if watched is None else len(watched.cases),
            rows=self._following.rows,
            rebuilt=touched.rebuilt,
            following_seconds=followed - began,
            judging_seconds=time.perf_counter() - followed,
        )

    def _follow(self, memory: int | None) -> Following:
        """Read the lake, as of what its events say of the time where nothing else does."""
        latest = self._lake.latest(self._lake.version)
        heard = UNKNOWN if latest is None else microseconds(latest)
        now = self._clock(heard)
        now = _real() if now == UNKNOWN else now
        return follow(self._lake, self._definition, now=now, memory=memory)

    def _judged(self, watched: Watched) -> Sequence[Standing]:
        """Read what is due, judge it, and keep what changed."""
        now = moment_of(watched.now)
        self._readings = self._remembered.with_usual(self._read(watched, now), now=now)
        try:
            return judge(
                self._book,
                self._definition,
                self._readings,
                now=now,
                key=self._key,
                evaluate=self._evaluate,
            )
        except Conflict:
            self._slow_at = -np.inf  # what is dear was read for nothing: it is judged next time
            raise

    def _read(self, watched: Watched, now: datetime) -> Mapping[str, Sequence[Reading]]:
        """The rules that are due: all of them once an hour, to be remembered; else not the dear."""
        real, hour = time.monotonic(), self._slots.hour(now)
        due = hour != self._hour or real - self._slow_at >= _SLOW_EVERY
        rules = [rule for rule in self._definition.alerts if due or rule.measure not in SLOW]
        read = read_alerts(watched, self._definition, rules=rules)
        for rule in rules:
            self._off.pop(rule.name, None)
        self._off.update(read.off)
        if due:
            self._slow_at = real
        if hour != self._hour:
            self._remembered.keep(read.found, now=now)
            self._hour = hour
        return read.found


def _rejects(lake: Lake, definition: Definition) -> Callable[[int], Int64s]:
    """Looks up rejects as far back as a rule asks for, if any does."""
    windows = [window_of(rule) for rule in definition.alerts if rule.measure == "rejects"]
    if not windows:
        return lambda _: np.empty(0, np.int64)
    return RecentRejects(lake, window=max(windows))


def _firing(past: Past) -> frozenset[str]:
    return frozenset(alert.key for alert in past.living() if alert.state == "firing")


def _real() -> int:
    return time.time_ns() // 1000
