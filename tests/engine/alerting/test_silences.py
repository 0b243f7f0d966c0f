"""A silenced alert is judged and kept, and told when the silence ends; one that was seen is not."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from engine.alerting.book import Book, backlog, deliver, firing, judge
from engine.alerting.calm import Judge
from engine.alerting.life import Reading, Subject
from engine.alerting.silences import Silences
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Conflict, Lake

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = {"name": "queue", "measure": "queue_length", "above": 40, "by": "district"}


def definition(**more):
    parts = {"timezone": "Asia/Jakarta", "case_attributes": ["district"]}
    closes = {"clock": {"closes": ["Decide"]}}
    return Definition.bare(**{**parts, **closes, "alerts": [RULE], **more})


OFFICE = definition()
REMINDED = definition(alerts=[{**RULE, "remind": "10m"}])


def said(kind, minute, **more):
    row = {
        **dict.fromkeys(schema.SILENCES.names),
        "at": NOON + minute * MINUTE,
        "kind": kind,
        "id": "s1",
        "alert_id": "queue",
        "from": NOON + minute * MINUTE,
        **more,
    }
    if isinstance(row["until"], int):
        row["until"] = NOON + row["until"] * MINUTE
    return row


class Watched:
    """An office whose lake is judged at some minutes; what its channel heard."""

    def __init__(self, folder, definition=OFFICE):
        self.lake = Lake.create(folder / "lake", process="unnamed", case_attributes=["district"])
        self.definition = definition
        self.heard = []

    def say(self, *rows):
        self.lake.silences().append(pa.Table.from_pylist(list(rows), schema.SILENCES))

    def at(self, minute, length, *groups):
        subjects = [Subject(attribute="district", group=group) for group in groups or ("north",)]
        found = [Reading(subject=s, value=length, unit="files", cases=("c",)) for s in subjects]
        readings = {"queue": found}
        now = NOON + minute * MINUTE
        judge(self.lake, self.definition, readings, now=now, key=b"k")
        return self.told()

    def told(self, channel="topic"):
        sent = deliver(self.lake, self.definition, channel, url=None, send=self.heard.extend)
        return [(message["state"], message["reminder"]) for message in sent]


@pytest.fixture
def office(tmp_path):
    return Watched(tmp_path)


def test_what_fires_in_a_silence_is_told_when_that_ends(office):
    office.say(said("silence", 0, until=10))
    assert office.at(1, 50) == []
    assert office.at(9, 50) == []
    assert office.at(10, 60) == [("firing", 0)]
    assert (office.heard[0]["value"], office.heard[0]["since"][11:16]) == (60, "12:01")
    assert office.at(11, 60) == []
    assert office.at(12, 5) == [("resolved", 0)]


def test_what_begins_and_ends_in_a_silence_is_told_to_nobody(office):
    office.say(said("silence", 0, until=10))
    assert [office.at(1, 50), office.at(5, 5), office.at(11, 5)] == [[], [], []]
    states = [row["state"] for row in office.lake.alerts().rows().to_pylist()]
    assert states == ["firing", "resolved"]


def test_that_it_is_over_is_told_to_those_who_heard_that_it_fires_silence_or_not(office):
    assert office.at(0, 50) == [("firing", 0)]
    office.say(said("silence", 1, until=10))
    assert office.at(5, 5) == [("resolved", 0)]


def test_what_was_told_before_a_silence_and_still_fires_after_it_is_told_again(office):
    assert office.at(0, 50) == [("firing", 0)]
    office.say(said("silence", 1, until=10))
    assert office.at(5, 50) == []
    assert office.at(10, 55) == [("firing", 1)]
    assert office.heard[1]["wording"]["en"].startswith("Still: 55 files wait")
    assert office.heard[1]["key"] == office.heard[0]["key"]
    assert len(office.heard[1]["cases"][0]) > 10


def test_a_silence_that_is_cut_short_counts_up_to_its_end(office):
    office.say(said("silence", 0, until=60))
    assert office.at(1, 50) == []
    office.say(said("expire", 5))
    assert office.at(6, 50) == [("firing", 0)]
    assert office.told("another channel") == [("firing", 0)]


def test_a_silence_of_one_group_leaves_the_others(office):
    office.say(said("silence", 0, until=60, attribute="district", group="north"))
    assert office.at(1, 50, "north", "south") == [("firing", 0)]
    assert office.heard[0]["subject"]["group"] == "south"


@pytest.mark.parametrize(("rule", "told"), [("*", 0), ("another", 1)])
def test_a_silence_may_be_for_all_rules(office, rule, told):
    office.say(said("silence", 0, until=60, alert_id=rule))
    assert len(office.at(1, 50)) == told


def test_one_silence_over_another_holds_to_the_end_of_the_last(office):
    office.say(said("silence", 0, until=10), said("silence", 0, until=20, id="s2"))
    assert [office.at(1, 50), office.at(15, 50)] == [[], []]
    assert office.at(20, 50) == [("firing", 0)]


def test_an_alert_that_goes_on_is_told_again_until_somebody_has_seen_it(tmp_path):
    office = Watched(tmp_path, REMINDED)
    assert [office.at(minute, 50) for minute in (0, 5, 10, 20)] == [
        [("firing", 0)],
        [],
        [("firing", 1)],
        [("firing", 2)],
    ]
    key = office.heard[0]["key"]
    office.say(said("acknowledge", 25, key=key, by="desk-3"))
    assert [office.at(minute, 50) for minute in (30, 40)] == [[], []]
    assert office.at(50, 5) == [("resolved", 0)]
    assert [message["acknowledged"] for message in office.heard] == [
        None,
        None,
        None,
        {"by": "desk-3", "at": "2026-03-02T12:25:00+07:00"},
    ]
    assert office.heard[-1]["wording"]["en"].endswith(" Acknowledged by desk-3.")
    assert office.heard[-1]["wording"]["id"].endswith(" Sudah diketahui oleh desk-3.")


def test_nobody_is_reminded_during_a_silence(tmp_path):
    office = Watched(tmp_path, REMINDED)
    office.at(0, 50)
    office.say(said("silence", 5, until=30))
    assert [office.at(10, 50), office.at(20, 50)] == [[], []]
    assert office.lake.alerts().rows().num_rows == 1


def test_what_was_acknowledged_may_be_taken_back():
    rows = [said("acknowledge", 0, key="k"), said("expire", 1)]
    assert Silences.of(rows[:1]).acknowledges("k")
    assert not Silences.of(rows).acknowledges("k")


def test_what_people_heard_of_still_fires_and_what_was_silenced_from_the_start_does_not(office):
    def fires():
        return [m["subject"]["group"] for m in firing(office.lake, OFFICE, url=None)]

    office.at(0, 50)
    office.say(said("silence", 1, until=60))
    office.at(2, 50, "north", "south")
    assert fires() == ["north"]


def test_a_book_that_is_kept_says_the_same_as_one_that_is_opened_anew(office):
    book = Book(office.lake)
    for minute, length in enumerate([50, 50, 5, 60, 61, 2]):
        if minute == 3:
            office.say(said("silence", 3, until=4))
        office.at(minute, length)
        kept, fresh = book.look(), Book(office.lake).look()
        assert kept[0].changes == fresh[0].changes
        assert kept[1] == fresh[1]
    assert backlog(book, "topic") == backlog(office.lake, "topic") == 0


def test_a_channel_that_could_never_be_told_misses_nothing_since_its_book_was_opened(office):
    """Who opens the book only now is not told what is long over."""
    office.at(0, 50)
    office.at(1, 5)
    book = Book(office.lake)
    assert backlog(book, "away") == 0
    office.at(2, 60)
    office.at(3, 5)
    assert backlog(book, "away") == 2
    assert backlog(office.lake, "away") == 0


def test_a_book_that_others_wrote_in_judges_by_what_they_wrote(office):
    book, judging = Book(office.lake), Judge(unless_told=timedelta(0)).evaluate
    subject = Subject(attribute="district", group="north")

    def at(minute, length):
        readings = {"queue": [Reading(subject=subject, value=length, unit="files")]}
        now = NOON + minute * MINUTE
        return judge(book, OFFICE, readings, now=now, key=b"k", evaluate=judging)

    assert [alert.state for alert in at(0, 50)] == ["firing"]
    office.at(1, 5)
    assert at(2, 5) == []
    stale = office.lake.alerts()
    assert [alert.state for alert in at(3, 50)] == ["firing"]
    with pytest.raises(Conflict):
        stale.append(office.lake.alerts().rows().slice(0, 1))


def test_a_rule_that_is_refused_now_withdraws_its_alerts(office):
    assert office.at(0, 50) == [("firing", 0)]
    office.definition = definition(clock={})  # which does not say what closes a case
    assert office.at(1, 50) == [("resolved", 0)]
    assert office.heard[-1]["wording"]["en"].startswith("No longer watched; what was told last: ")
