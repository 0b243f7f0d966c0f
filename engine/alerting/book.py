"""Keeps alerts in the lake, and tells each channel what it has not heard yet.

Kept first and told afterwards: an alert that nobody could be told of is told later, under the same
key and in its turn, even when it is over by then. Every channel has its own place in the book, so
that one that is away holds up no other. A channel that was told and could not be noted is told
again (at least once).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pyarrow as pa

from engine.alerting import life
from engine.alerting.life import Quiet
from engine.alerting.rules import unreadable
from engine.alerting.silences import Silences
from engine.alerting.slots import Slots
from engine.alerting.standing import Past, Reading, Standing, Subject
from engine.alerting.telling import News, beginning, firing_now, message, worth_telling
from eventlog import schema
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.lake import Lake
from eventlog.lake.alert_table import AlertTable
from eventlog.lake.silence_table import SilenceTable
from eventlog.pseudonym import pseudonym

Send = Callable[[Sequence[Mapping[str, Any]]], None]
SendOne = Callable[[Mapping[str, Any]], None]
# Some 3 MB of changes.
_MANY = 1000


class Evaluate(Protocol):
    """How rules are judged: `life.evaluate` at once, `calm.Judge.evaluate` for a watch."""

    def __call__(
        self,
        rules: Sequence[Alert],
        readings: Mapping[str, Sequence[Reading]],
        history: Past,
        *,
        now: datetime,
        quiet: Quiet,
    ) -> list[Standing]:
        """What changes at `now`, as of `life.evaluate`."""


class Book:
    """The alerts and silences of a lake; what was read once is not read again.

    Whoever judges or delivers for long keeps one; threads do not share it. What is long over is
    let go of when there are more than `many` changes and twice what mattered last time.
    """

    def __init__(self, lake: Lake, *, many: int = _MANY) -> None:
        self._lake = lake
        self._many = self._limit = many
        self._alerts: AlertTable | None = None
        self._silences: SilenceTable | None = None
        self._seen: tuple[int | None, int | None] = (None, None)
        self._past = Past()
        self._quiet = Silences()
        self._opened_at: int | None = None

    @property
    def table(self) -> AlertTable:
        """The table of alerts, as it was at the last look."""
        if self._alerts is None:
            self._alerts = self._lake.alerts()
        return self._alerts

    def look(self, heard: int | None = None) -> tuple[Past, Silences]:
        """The changes and silences up to now; quick where there are no new ones.

        All that somebody needs who has heard the first `heard` changes (None: who judges).
        """
        # Silences second: who was told of a change knows at least the silences of its time.
        alerts = self.table.refresh()
        if heard is not None and heard < self._past.forgotten:
            self._past, self._seen = Past(), (None, self._seen[1])
        if alerts.version != self._seen[0]:
            rows = alerts.rows(after=self._past.count)
            self._past.add(_standing(row) for row in rows.to_pylist())
        if self._silences is None:
            self._silences = self._lake.silences()
        silences = self._silences.refresh()
        if silences.version != self._seen[1]:
            self._quiet = Silences.of(silences.rows().to_pylist())
        self._seen = alerts.version, silences.version
        if self._opened_at is None:
            self._opened_at = self._past.count
        return self._past, self._quiet

    def forget(self, heard: int) -> None:
        """Whoever keeps this has heard the first `heard` changes, and asks for them no more."""
        if len(self._past.changes) > self._limit:
            self._past.forget(heard)
            self._limit = self._many + 2 * len(self._past.changes)

    def begun(self) -> int:
        """How much somebody may skip who is told for the first time; nothing since the first look.

        Whoever keeps a book for a channel that cannot be told yet misses nothing by that.
        """
        past, _ = self.look()
        begun = beginning(past)
        return begun if self._opened_at is None else min(begun, self._opened_at)


def judge(
    lake: Lake | Book,
    definition: Definition,
    readings: Mapping[str, Sequence[Reading]],
    *,
    now: datetime,
    key: bytes,
    evaluate: Evaluate = life.evaluate,
) -> list[Standing]:
    """Judge the rules of the process file, and keep what changed; that is returned.

    Rules that can never be read (`rules.unreadable`) are as if they were not there: their alerts
    are withdrawn. Cases are kept under pseudonyms by `key`. Conflict when somebody else judged at
    the same time: then nothing is kept, and it may be done again.
    """
    book = _book(lake)
    past, silences = book.look()
    rules = [rule for rule in definition.alerts if unreadable(rule, definition) is None]
    local = now.astimezone(ZoneInfo(definition.timezone))
    changed = [
        replace(alert, cases=tuple(pseudonym(case, key) for case in alert.cases))
        for alert in evaluate(rules, readings, past, now=local, quiet=silences)
    ]
    book.table.append(pa.Table.from_pylist([_row(alert) for alert in changed], schema.ALERTS))
    book.forget(past.count)
    return changed


def deliver(
    lake: Lake | Book, definition: Definition, channel: str, *, url: str | None, send: Send
) -> list[dict[str, Any]]:
    """Send what the channel of this name has not heard yet, in its order; the messages sent.

    `send` is called once, when there is something to send, and returns when all of it is safely
    there; what it raises goes on to the caller, and the channel hears the same the next time.
    """
    book = _book(lake)
    heard = _heard(book, channel)
    past, silences = book.look(heard)
    worded = _Worded(definition, url, silences)
    messages = [worded(news) for news in worth_telling(past, heard, silences)]
    if messages:
        send(messages)
    if heard < past.count:
        book.table.note(channel, past.count)
    book.forget(past.count)
    return messages


def deliver_each(
    lake: Lake | Book, definition: Definition, channel: str, *, url: str | None, send: SendOne
) -> list[dict[str, Any]]:
    """As `deliver`, one message at a time: what was sent before `send` raises is not sent again."""
    book = _book(lake)
    heard = _heard(book, channel)
    past, silences = book.look(heard)
    worded = _Worded(definition, url, silences)
    reached, sent = heard, []
    try:
        for news in worth_telling(past, heard, silences):
            sent.append(worded(news))
            send(sent[-1])
            reached = news.place + 1
        reached = past.count
    finally:
        if heard < reached:
            book.table.note(channel, reached)
    book.forget(reached)
    return sent


def firing(lake: Lake | Book, definition: Definition, *, url: str | None) -> list[dict[str, Any]]:
    """The messages of all that people have heard of and that fires now, as they heard it last.

    What was silenced since still fires: a silence takes back nothing that was told.
    """
    past, silences = _book(lake).look()
    worded = _Worded(definition, url, silences)
    return [worded(news) for news in firing_now(past, silences)]


def backlog(lake: Lake | Book, channel: str) -> int:
    """How many messages the channel has not heard yet; nothing is noted."""
    book = _book(lake)
    book.look()
    heard = book.table.heard(channel)
    begun = book.begun() if heard is None else heard
    past, silences = book.look(begun)
    return len(worth_telling(past, begun, silences))


def _book(lake: Lake | Book) -> Book:
    return lake if isinstance(lake, Book) else Book(lake)


class _Worded:
    """Makes messages under one process definition."""

    def __init__(self, definition: Definition, url: str | None, silences: Silences) -> None:
        self._timezone = definition.timezone
        self._url = url
        self._silences = silences
        self._slots = Slots(definition)

    def __call__(self, news: News) -> dict[str, Any]:
        return message(
            news.alert,
            timezone=self._timezone,
            url=self._url,
            reminder=news.reminder,
            seen=self._silences.seen_by(news.alert),
            is_closed=self._slots.is_closed,
        )


def _heard(book: Book, channel: str) -> int:
    """How much of the history the channel has heard or may skip."""
    past, _ = book.look()
    heard = book.table.heard(channel)
    if heard is None:
        heard = book.begun()
        if past.count:
            # Written down before it is needed: what happens from here on is not skipped any more.
            book.table.note(channel, heard)
    return heard


def encode(found: Mapping[str, Any]) -> bytes:
    """The message as JSON, UTF-8."""
    return json.dumps(found, ensure_ascii=False).encode()


def _row(alert: Standing) -> dict[str, Any]:
    subject = alert.subject
    fields = {name: getattr(alert, name) for name in schema.ALERTS.names if hasattr(alert, name)}
    return {
        **fields,
        "activity": subject.activity,
        "attribute": subject.attribute,
        "group": subject.group,
        "cases": list(alert.cases),
    }


def _standing(row: Mapping[str, Any]) -> Standing:
    subject = Subject(activity=row["activity"], attribute=row["attribute"], group=row["group"])
    rest = {k: v for k, v in row.items() if k not in {"activity", "attribute", "group", "cases"}}
    return Standing(subject=subject, cases=tuple(row["cases"]), **rest)
