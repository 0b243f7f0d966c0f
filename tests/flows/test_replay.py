"""A log sent back is the same log: the same events, in the same order and rhythm."""

import random
import time
from dataclasses import dataclass, field

import pytest

from connectors import files
from engine.progress import Silent
from eventlog import codec, definition_file
from eventlog.errors import RetryError
from eventlog.identity import finish
from eventlog.messages import Message
from eventlog.pseudonym import pseudonymise
from flows import replay

KEY = b"k" * 32


@dataclass
class Heard:
    """A topic that remembers what it was sent, and when."""

    sent: list = field(default_factory=list)
    flushed: int = 0
    fails_after: int | None = None

    def publish(self, key, value):
        if self.fails_after is not None and len(self.sent) >= self.fails_after:
            raise RetryError("the broker is silent")
        self.sent.append((time.monotonic(), key, value))

    def flush(self):
        self.flushed = len(self.sent)

    def close(self):
        self.flush()


@pytest.fixture
def process(process_file):
    return definition_file.load(process_file)


def received(messages, process):
    """What an ingest makes of the messages: the rows of the lake."""
    taken = [Message(one.value, one.key.encode(), (), at, 0) for at, one in enumerate(messages)]
    decoded = codec.decode(
        taken, case_attributes=process.case_attributes, topic="t", partition=0, source="c"
    )
    assert decoded.rejects.num_rows == 0
    return finish(pseudonymise(decoded.events, process.privacy.pseudonymise, KEY))


def test_what_is_replayed_and_what_is_imported_are_the_same_events(permits, process):
    imported = finish(
        pseudonymise(files.read(permits, process).events, ["resource"], KEY),
        numbered_by_reader=True,
    )
    messages = list(replay.messages(replay.read_events(permits, process, key=KEY)))
    again = received(messages, process)
    same = ["event_id", "case_id", "activity", "timestamp", "sequence", "resource", "content_key"]
    by = [("case_id", "ascending"), ("sequence", "ascending")]
    assert again.select(same).sort_by(by).equals(imported.select(same).sort_by(by))
    random.Random(7).shuffle(messages)
    assert set(received(messages, process)["event_key"].to_pylist()) == set(
        imported["event_key"].to_pylist()
    )


def test_names_are_sent_as_they_are_and_hidden_only_in_the_lake(permits, process):
    (first, *_) = (
        message
        for message in replay.messages(replay.read_events(permits, process, key=KEY))
        if b"Check" in message.value
    )
    assert b'"resource":"ann"' in first.value
    assert first.key == "P1"


def test_all_that_a_file_knows_is_sent(here, process):
    path = here / "more.csv"
    path.write_text("case,activity,time,officer,note,kind\nP1,Submit,2026-03-02 09:00,,hm,house\n")
    wider = process.model_copy(update={"case_attributes": ("kind",)})
    (sent,) = replay.messages(replay.read_events(path, wider, key=KEY))
    assert b'"case":{"kind":"house"}' in sent.value
    assert b'"attributes":{"note":"hm"}' in sent.value
    assert b'"timestamp":"2026-03-02T02:00:00Z"' in sent.value


def test_events_leave_in_the_order_in_which_they_happened(permits, process):
    messages = list(replay.messages(replay.read_events(permits, process, key=KEY)))
    assert [one.at for one in messages] == sorted(one.at for one in messages)


def test_the_rhythm_is_kept_so_many_times_faster():
    """Events 0, 1 and 3 seconds apart, ten times faster, take 0.3 s; without speed no time."""
    timed = [replay.Timed(at=at * 1_000_000, key="P", value=b"") for at in (50, 51, 53)]
    heard = Heard()
    assert replay.replay(timed, heard, speed=10, total=3, progress=Silent()) == 3
    first, second, third = (at for at, _, _ in heard.sent)
    assert second - first >= 0.09
    assert third - second >= 0.19
    at_once = Heard()
    replay.replay(timed, at_once, speed=None, total=3, progress=Silent())
    assert at_once.sent[-1][0] - at_once.sent[0][0] < 0.09


def test_what_was_sent_is_safe_also_when_it_ends_early():
    heard = Heard(fails_after=2)
    timed = [replay.Timed(at=0, key="P", value=b"")] * 3
    with pytest.raises(RetryError):
        replay.replay(timed, heard, speed=None, total=3, progress=Silent())
    assert heard.flushed == 2
