"""Whoever keeps a book for years forgets what is long over, and says the same as who does not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from engine.alerting.book import Book, backlog, deliver, deliver_each, firing, judge
from engine.alerting.calm import Judge
from engine.alerting.life import Reading, Subject
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OFFICE = Definition.bare(
    case_attributes=["district"],
    clock={"closes": ["Decide"]},
    alerts=[
        {"name": "queue", "measure": "queue_length", "by": "district", "above": 40, "remind": "5m"},
        {"name": "crowd", "measure": "queue_length", "above": 60, "for": "2m"},
    ],
)
NORTH = Subject(attribute="district", group="north")


class Office:
    """An office in which everybody keeps a book that has room for so many changes."""

    def __init__(self, folder, many):
        self.lake = Lake.create(folder, process="unnamed", case_attributes=["district"])
        self.judge, self.topic, self.hook, self.slow = (
            Book(self.lake, many=many) for _ in range(4)
        )


def at(office, judging, now, lengths):
    """Judge; what the quick channels hear, and how much the slow one has not heard."""
    readings = {
        rule: [Reading(subject=s, value=v, unit="files", cases=("P1", "P2")) for s, v in of.items()]
        for rule, of in lengths.items()
    }
    heard = []
    changed = judge(office.judge, OFFICE, readings, now=now, key=b"k", evaluate=judging.evaluate)
    deliver(office.topic, OFFICE, "topic", url=None, send=heard.extend)
    deliver_each(office.hook, OFFICE, "hook", url=None, send=heard.append)
    return changed, heard, firing(office.topic, OFFICE, url=None), backlog(office.slow, "slow")


@pytest.mark.long
def test_a_book_that_forgets_says_what_one_says_that_never_does(tmp_path):
    offices = Office(tmp_path / "forgets", 4), Office(tmp_path / "never", 10**9)
    judges = [Judge(unless_told=timedelta(0)) for _ in offices]
    rng, now = np.random.default_rng(2), NOON
    for turn in range(30):
        now += int(rng.integers(0, 3)) * MINUTE
        lengths = {
            "queue": {
                Subject(attribute="district", group=name): int(rng.integers(20, 70))
                for name in ("north", "south", "east/2026")
            },
            "crowd": {Subject(): int(rng.integers(30, 90))},
        }
        if turn == 20:
            said = dict.fromkeys(schema.SILENCES.names)
            said |= {"at": now, "kind": "silence", "id": "s", "alert_id": "queue"}
            said |= {"from": now, "until": now + 10 * MINUTE}
            for office in offices:
                office.lake.silences().append(pa.Table.from_pylist([said], schema.SILENCES))
        one, other = (
            at(office, judging, now, lengths)
            for office, judging in zip(offices, judges, strict=True)
        )
        assert one == other
        if turn % 15 == 0:
            one, other = (
                deliver(office.slow, OFFICE, "slow", url=None, send=lambda _: None)
                for office in offices
            )
            assert one == other
    rows, others = (office.lake.alerts().rows() for office in offices)
    assert rows == others
    assert rows.num_rows > 50
    past, _ = offices[0].topic.look()
    assert past.count == rows.num_rows
    assert len(past.changes) < 30


def test_who_heard_less_than_the_book_remembers_has_it_read_again(tmp_path):
    lake = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=["district"])
    book = Book(lake, many=0)
    for turn, length in enumerate([50, 5, 50, 5, 50, 5]):
        readings = {"queue": [Reading(subject=NORTH, value=length, unit="files")]}
        judge(book, OFFICE, readings, now=NOON + turn * MINUTE, key=b"k")
        if turn == 0:
            deliver(book, OFFICE, "slow", url=None, send=lambda _: None)
    book.forget(6)
    told = deliver(book, OFFICE, "slow", url=None, send=lambda _: None)
    assert [message["state"] for message in told] == ["resolved", *["firing", "resolved"] * 2]


def test_a_key_of_what_was_forgotten_is_not_given_again(tmp_path):
    """Not even to what begins and ends again and again within one moment."""
    lake = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=["district"])
    book = Book(lake, many=0)
    for length in [50, 5] * 5:
        readings = {"queue": [Reading(subject=NORTH, value=length, unit="files")]}
        judge(book, OFFICE, readings, now=NOON, key=b"k")
    keys = lake.alerts().rows()["key"].to_pylist()
    assert (len(keys), len(set(keys))) == (10, 5)
