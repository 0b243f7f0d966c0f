"""Data and position are one: what is below the position is in once, and it never goes back."""

import itertools
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from eventlog import schema
from eventlog.errors import StopError
from eventlog.lake import Conflict, Lake, Writer, rewriting

from .conftest import Sent

NO_REJECTS = schema.REJECTS.empty_table()


def test_two_writers_of_one_stream_in_every_order(lake):
    """Of two writers only the one that has seen everything is let in, however they take turns."""
    nothing = lake.schema.empty_table()
    steps = [(verb, who) for verb in ("open", "append") for who in (0, 1)]
    words = [
        word
        for word in itertools.product(steps, repeat=4)
        if word[0][1] == 0  # the other half is the same with the names exchanged
        and sum(verb == "append" for verb, _ in word) > 1
    ]
    for number, word in enumerate(words):
        stream = f"office/permit.events/{number}"
        writers = [lake.writer(stream), lake.writer(stream)]
        seen: list[int | None] = [None, None]
        usable = [True, True]
        position: int | None = None
        for verb, who in word:
            if verb == "open":
                writers[who] = lake.writer(stream)
                seen[who], usable[who] = position, True
                assert writers[who].position == position
                continue
            start = seen[who] or 0
            try:
                writers[who].append(nothing, NO_REJECTS, start=start, next=start + 1)
            except Conflict:
                assert not usable[who] or seen[who] != position, word
                usable[who] = False
            else:
                assert usable[who], word
                assert seen[who] == position, word
                position = seen[who] = start + 1
        assert lake.position(stream) == position, word


class ManyWriters(RuleBasedStateMachine):
    """Writers come and go, die between the two commits, overtake each other; others tidy."""

    writers = st.integers(0, 2)

    @initialize()
    def begin(self):
        self.folder = tempfile.mkdtemp()
        self.lake = Lake.create(self.folder, process="p", case_attributes=["district"])
        self.sent = Sent()
        self.open: dict[int, Writer] = {}
        self.accepted = 0
        self.columns = 0

    @rule(who=writers)
    def opens(self, who):
        self.open[who] = self.lake.writer(self.sent.stream)
        assert (self.open[who].position or 0) == self.accepted

    @rule(who=writers, length=st.integers(1, 7))
    def appends(self, who, length):
        if who not in self.open:
            return
        start = self.open[who].position or 0
        try:
            self.sent.append(self.open[who], start, start + length)
        except Conflict:
            del self.open[who]
        else:
            assert start == self.accepted
            self.accepted += length

    @rule(who=writers, length=st.integers(1, 7))
    def is_killed_between_rejects_and_events(self, who, length):
        if who not in self.open:
            return
        writer = self.open.pop(who)
        start = writer.position or 0
        rejects = self.sent.batch(start, start + length)[1]
        if rejects.num_rows:
            with suppress(Conflict):
                self.sent.leave_rejects(writer, rejects, start, start + length)

    @rule(who=writers, start=st.integers(0, 40))
    def reads_from_the_wrong_place(self, who, start):
        if who not in self.open or start == (self.open[who].position or 0):
            return
        if self.open[who].position is not None:
            with pytest.raises(Conflict):
                self.sent.append(self.open.pop(who), start, start + 3)

    @rule()
    def somebody_tidies(self):
        rewriting.cluster(self.lake.place, "events")
        rewriting.merge(self.lake.place, "rejects", at_least=2)

    @rule()
    def a_column_is_added(self):
        self.columns += 1
        attributes = ["district", *(f"new_{n}" for n in range(self.columns))]
        self.lake = Lake.create(self.folder, process="p", case_attributes=attributes)

    @invariant()
    def what_was_accepted_is_in_once(self):
        if not hasattr(self, "lake"):
            return
        assert (self.lake.position(self.sent.stream) or 0) == self.accepted
        offsets = sorted(self.lake.read(["offset"]).column("offset").to_pylist())
        assert offsets == [n for n in range(self.accepted) if n % 3 != 2]
        aside = self.lake.rejects(10**6).column("offset").to_pylist()
        assert len(aside) == len(set(aside))
        assert {n for n in range(self.accepted) if n % 3 == 2} <= set(aside)

    def teardown(self):
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


ManyWriters.TestCase.settings = settings(max_examples=25, stateful_step_count=15)
test_many_writers = ManyWriters.TestCase


def test_a_zombie_that_reopens_the_lake_after_a_rebalance_changes_nothing(lake, sent):
    """Delta lets a fresh look commit anything, even a lower position: the writer must not."""
    sent.append(lake.writer(sent.stream), 0, 6)
    sent.append(lake.writer(sent.stream), 6, 12)
    for start, stop in ((0, 6), (6, 12), (6, 18), (11, 14), (13, 15)):
        with pytest.raises(Conflict, match=f"stands at 12, .* read from {start}"):
            sent.append(lake.writer(sent.stream), start, stop)
    sent.assert_held(lake, 12)


@pytest.mark.parametrize(("start", "stop"), [(6, 8), (6, 9)], ids=["events", "events and rejects"])
def test_a_column_added_under_a_writer_costs_at_most_a_conflict(lake, sent, start, stop):
    sent.append(lake.writer(sent.stream), 0, 6)
    writer = lake.writer(sent.stream)
    Lake.create(lake.uri, process=lake.process, case_attributes=["agent"])
    try:
        sent.append(writer, start, stop)
    except Conflict:
        sent.append(lake.writer(sent.stream), start, stop)
    sent.assert_held(lake, stop)


def test_batches_of_rejects_alone_and_of_gaps_alone_move_the_position(lake, sent):
    writer = lake.writer(sent.stream)
    _, rejects = sent.batch(0, 3)
    writer.append(lake.schema.empty_table(), rejects, start=0, next=3)
    writer.append(lake.schema.empty_table(), NO_REJECTS, start=3, next=90)
    assert lake.writer(sent.stream).position == 90
    assert lake.counts() == (0, 1)


def test_an_empty_batch_that_goes_nowhere_commits_nothing(lake, sent):
    lake.writer(sent.stream).append(lake.schema.empty_table(), NO_REJECTS, start=7, next=7)
    assert lake.position(sent.stream) is None
    assert lake.version == 0


def test_the_first_batch_may_begin_anywhere(lake, sent):
    """Where a topic's retention has already eaten the beginning."""
    lake.writer(sent.stream).append(lake.schema.empty_table(), NO_REJECTS, start=500, next=510)
    assert lake.position(sent.stream) == 510


def test_streams_do_not_disturb_each_other(lake):
    nothing = lake.schema.empty_table()
    first, second = lake.writer("office/t/0"), lake.writer("office/t/1")
    for at in range(3):
        first.append(nothing, NO_REJECTS, start=at, next=at + 1)
        second.append(nothing, NO_REJECTS, start=at * 10, next=at * 10 + 10)
    assert (lake.position("office/t/0"), lake.position("office/t/1")) == (3, 30)


def test_a_replay_cut_otherwise_adds_the_rejects_that_are_missing_and_no_other(lake, sent):
    killed = lake.writer(sent.stream)
    sent.leave_rejects(killed, sent.batch(0, 5)[1], 0, 5)
    again = lake.writer(sent.stream)
    sent.append(again, 0, 2)
    sent.append(again, 2, 9)
    sent.assert_held(lake, 9)


def test_a_replay_that_rejects_more_than_before_loses_nothing(lake, sent):
    """The process definition may have changed since the writer was killed."""
    killed = lake.writer(sent.stream)
    sent.leave_rejects(killed, sent.batch(0, 9)[1].slice(1), 0, 9)  # offset 2 was an event then
    sent.append(lake.writer(sent.stream), 0, 9)
    sent.assert_held(lake, 9)


def test_a_writer_that_met_an_error_is_finished(lake, sent):
    writer = lake.writer(sent.stream)
    events, rejects = sent.batch(0, 3)
    strange = events.append_column("colour", pa.nulls(events.num_rows, pa.string()))
    with pytest.raises(StopError, match=r"no column 'colour'.*declares"):
        writer.append(strange, rejects, start=0, next=3)
    with pytest.raises(Conflict, match="met an error before"):
        writer.append(events, rejects, start=0, next=3)
    sent.assert_held(lake, 0)


def test_a_writer_keeps_its_position_over_hundreds_of_commits(lake, sent):
    """It opens its tables anew now and then, and writes log checkpoints; nothing shows of it."""
    writer = lake.writer(sent.stream)
    for at in range(0, 280, 2):
        sent.append(writer, at, at + 2)
    sent.assert_held(lake, 280)


@pytest.mark.parametrize(("start", "stop"), [(5, 4), (5, 5)])
def test_a_batch_cannot_end_before_its_rows(lake, sent, start, stop):
    with pytest.raises(ValueError, match="cannot end"):
        lake.writer(sent.stream).append(*sent.batch(0, 3), start=start, next=stop)


RACER = """
import sys
sys.path[:0] = [sys.argv[1]]
from conftest import Sent
from eventlog.lake import Conflict, Lake
lake, sent = Lake.open(sys.argv[2]), Sent()
goal, stride = int(sys.argv[3]), int(sys.argv[4])
position = 0
while position < goal:
    writer = lake.writer(sent.stream)
    position = writer.position or 0
    try:
        while position < goal:
            stop = min(position + stride, goal)
            sent.append(writer, position, stop)
            position = stop
    except Conflict:
        pass
"""


def _racer(request, lake, goal, stride):
    here = str(request.path.parent)
    return subprocess.Popen([sys.executable, "-c", RACER, here, lake.uri, str(goal), str(stride)])


@pytest.mark.long
def test_processes_that_fight_for_one_stream_add_every_message_once(request, lake, sent):
    racers = [_racer(request, lake, 300, stride) for stride in (4, 5, 7)]
    assert [racer.wait(120) for racer in racers] == [0, 0, 0]
    sent.assert_held(lake, 300)


@pytest.mark.long  # tests/e2e kills whole readers in the same way
def test_kill_minus_nine_neither_loses_nor_repeats(request, lake, sent):
    for kill in range(4):
        racer = _racer(request, lake, 10**9, 5)
        before = lake.position(sent.stream) or 0
        while (lake.position(sent.stream) or 0) < before + 20:
            assert racer.poll() is None
            time.sleep(0.01 + 0.003 * kill)
        racer.send_signal(signal.SIGKILL)
        racer.wait(30)
    position = lake.position(sent.stream)
    sent.append(lake.writer(sent.stream), position, position + 30)  # replays what was cut off
    sent.assert_held(lake, position + 30)
