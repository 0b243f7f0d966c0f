"""The way of a batch into the lake, with a source in memory that fails on cue."""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.memory import Crash, MemorySource, MemoryTopic, Pause, Rebalance
from engine.compacting import Compacting
from engine.ingest import IngestReport, Limits, ingest
from eventlog import schema
from eventlog.definition import Definition
from eventlog.errors import RetryError, StopError, UsageError
from eventlog.lake import Lake
from eventlog.lake.tables import Place
from eventlog.messages import Message

AT_ONCE = Limits(messages=1)
SOMETIME = Limits(linger=timedelta(hours=1))
ANY_MOMENT = datetime(2026, 3, 2, tzinfo=UTC)


def value(number, **more):
    event = {"event_id": f"e{number}", "case_id": f"P{number % 5}", "activity": "a"}
    return json.dumps({**event, "timestamp": ANY_MOMENT.isoformat(), **more}).encode()


def topic_of(count, *, partitions=1, bad=()):
    topic = MemoryTopic(partitions=[[] for _ in range(partitions)])
    for number in range(count):
        content = b"not json" if number in bad else value(number)
        topic.publish(content, partition=number % partitions)
    return topic


@pytest.fixture
def new_lake(tmp_path_factory):
    def make(case_attributes=()):
        return Lake.create(
            tmp_path_factory.mktemp("lake"), process="unnamed", case_attributes=case_attributes
        )

    return make


def run(source, lake, *, definition=None, key=None, stop=lambda: False, limits=AT_ONCE):
    return ingest(
        source,
        lake,
        definition or Definition.bare(),
        key=key,
        once=True,
        stop=stop,
        progress=lambda _: None,
        limits=limits,
    )


def held(lake):
    """Which events and rejects the lake holds, by partition and offset."""
    events = lake.read(["partition", "offset"])
    rejects = lake.rejects(limit=10**6)
    return sorted(
        (partition, offset)
        for table in (events, rejects)
        for partition, offset in zip(
            table.column("partition").to_pylist(), table.column("offset").to_pylist(), strict=True
        )
    )


def sent(topic):
    return [(p, m.offset) for p, messages in enumerate(topic.partitions) for m in messages]


def test_events_and_rejects_arrive_and_are_counted(new_lake):
    topic, lake = topic_of(20, partitions=2, bad={3, 4}), new_lake()
    source = MemorySource(topic)
    report = run(source, lake)
    assert (report.events, report.rejects, report.conflicts) == (18, 2, 0)
    assert held(lake) == sent(topic)
    assert lake.position(topic.stream(0)) == lake.position(topic.stream(1)) == 10
    assert source.told == {topic.stream(0): 10, topic.stream(1): 10}
    assert source.closed
    row = lake.read(["event_id", "topic", "source", "partition", "offset"]).to_pylist()[0]
    assert (row["topic"], row["source"]) == ("permit.events", "memory")


def test_a_second_run_adds_nothing(new_lake):
    topic, lake = topic_of(10), new_lake()
    run(MemorySource(topic), lake)
    assert run(MemorySource(topic), lake) == IngestReport()
    topic.publish(value(10))
    assert run(MemorySource(topic), lake).events == 1
    assert held(lake) == sent(topic)


def test_a_crash_loses_what_was_not_committed_and_the_next_run_brings_it(new_lake):
    topic, lake = topic_of(30), new_lake()
    source = MemorySource(topic, cues={1: Pause(), 3: Crash(RetryError("the network is away"))})
    with pytest.raises(RetryError, match="network"):
        run(source, lake, limits=SOMETIME)
    assert source.closed
    assert held(lake) == []
    source = MemorySource(topic, cues={3: Crash(StopError("the topic is gone"))})
    with pytest.raises(StopError):
        run(source, lake)
    assert 0 < len(held(lake)) < 30
    run(MemorySource(topic), lake)
    assert held(lake) == sent(topic)


def test_another_who_got_ahead_makes_the_batch_void_and_nothing_goes_back(new_lake):
    """A zombie holds what another reader has committed meanwhile, and more."""
    topic, lake = topic_of(30), new_lake()
    asked = []

    def stop():
        asked.append(None)
        if len(asked) == 3:  # the zombie has read twice and committed nothing
            run(MemorySource(topic), lake)
            asked.append(lake.version)
        return False

    zombie = run(MemorySource(topic), lake, stop=stop, limits=SOMETIME)
    assert zombie.conflicts == 1
    assert zombie.events == 0
    assert lake.version == asked[3]
    assert lake.position(topic.stream(0)) == 30
    assert held(lake) == sent(topic)


def test_what_another_left_is_read_before_once_is_over(new_lake):
    topic, lake = topic_of(30), new_lake()
    asked = []

    def stop():
        asked.append(None)
        if len(asked) == 3:
            stops = iter([False, True])
            run(MemorySource(topic, most=10), lake, stop=lambda: next(stops))
        return False

    report = run(MemorySource(topic), lake, stop=stop, limits=SOMETIME)
    assert (report.conflicts, report.events) == (1, 20)
    assert held(lake) == sent(topic)


def test_two_readers_of_one_stream_by_turns_lose_and_repeat_nothing(new_lake):
    """Two consumer groups on one lake is a mistake that costs time, and nothing else."""
    topic, lake = topic_of(60), new_lake()
    turns, others = [], []

    def stop():
        turns.append(None)
        if len(turns) % 3 == 0 and len(turns) < 12:
            stops = iter([False, True])
            others.append(run(MemorySource(topic, most=5), lake, stop=lambda: next(stops)))
        return False

    reports = [run(MemorySource(topic), lake, stop=stop), *others]
    # Which of the two is too late depends on whether a commit was under way.
    assert sum(report.conflicts for report in reports) > 0
    assert sum(report.events for report in reports) == 60
    assert held(lake) == sent(topic)


def test_a_stream_that_is_taken_away_takes_its_held_messages_with_it(new_lake):
    topic, lake = topic_of(40, partitions=2), new_lake()
    source = MemorySource(topic, cues={2: Rebalance((1,))})
    run(source, lake, limits=SOMETIME)
    assert held(lake) == [place for place in sent(topic) if place[0] == 1]
    run(MemorySource(topic), lake)
    assert held(lake) == sent(topic)


def test_stop_commits_what_is_held(new_lake):
    topic, lake = topic_of(9), new_lake()
    stops = iter([False, False, True])
    report = run(MemorySource(topic), lake, stop=lambda: next(stops), limits=SOMETIME)
    assert report == IngestReport(events=6, rejects=0, batches=1, conflicts=0)
    assert lake.position(topic.stream(0)) == 6


def test_few_commits_are_made_for_many_reads_and_large_messages_are_not_held(new_lake):
    topic, lake = topic_of(300), new_lake()
    before = lake.version
    run(MemorySource(topic, most=10), lake, limits=Limits(messages=100, linger=timedelta(hours=1)))
    assert lake.version == before + 3
    large = MemoryTopic(partitions=[[], []])
    for number in range(6):
        large.publish(value(number, note="x" * 1000), partition=number % 2)
    lake = new_lake()
    report = run(
        MemorySource(large, most=1), lake, limits=Limits(held=2000, linger=timedelta(hours=1))
    )
    assert report.batches == 3


def test_one_commit_holds_what_was_read_of_all_partitions(new_lake):
    topic, lake = topic_of(60, partitions=6, bad={7, 8}), new_lake()
    before = lake.version
    report = run(MemorySource(topic), lake, limits=SOMETIME)
    assert (report.batches, lake.version) == (1, before + 1)
    assert held(lake) == sent(topic)
    assert {lake.position(topic.stream(partition)) for partition in range(6)} == {10}


def test_another_who_moved_one_of_the_partitions_costs_a_reading_and_nothing_else(new_lake):
    topic, lake = topic_of(60, partitions=6), new_lake()
    asked = []

    def stop():
        asked.append(None)
        if len(asked) == 3:  # all is read and nothing committed yet
            other = lake.writer(topic.stream(4))
            empty = lake.schema.empty_table()
            other.append(empty, schema.REJECTS.empty_table(), start=0, next=3)
        return False

    report = run(MemorySource(topic), lake, stop=stop, limits=SOMETIME)
    assert (report.conflicts, report.events) == (1, 57)
    assert held(lake) == [place for place in sent(topic) if place not in {(4, n) for n in range(3)}]


def test_small_files_are_joined_while_it_reads_and_it_is_counted(new_lake):
    topic, lake = topic_of(200), new_lake()
    report = run(MemorySource(topic, most=1), lake, limits=Limits(messages=1, compact=70))
    assert report.compactions >= 1
    assert held(lake) == sent(topic)
    assert lake.position(topic.stream(0)) == 200
    assert len(lake.place.table("events").file_uris()) < 200


def test_a_lake_that_cannot_be_compacted_now_is_no_reason_to_stop(new_lake):
    """Somebody else's rewriting, or trouble with the disk, is left to the next time."""
    topic, lake = topic_of(6), new_lake()
    gone = Lake(place=Place.of(f"{lake.uri}-gone"), process="unnamed", case_attributes=())
    with ThreadPoolExecutor(1) as pool:
        compacting = Compacting(gone, pool, every=1)
        compacting.committed()
        assert compacting.committed() == 0
    run(MemorySource(topic), lake, limits=Limits(messages=1, compact=1))
    assert held(lake) == sent(topic)


def test_offsets_with_gaps_move_the_position_on(new_lake):
    topic, lake = MemoryTopic(), new_lake()
    topic.partitions[0] = [Message(value(n), None, (), 7 * n, 0) for n in range(1, 9)]
    topic.beginnings[0] = 3
    run(MemorySource(topic), lake)
    assert lake.position(topic.stream(0)) == 57
    assert held(lake) == sent(topic)


def test_pseudonyms_are_made_at_the_door(new_lake):
    topic, lake = MemoryTopic(), new_lake()
    topic.publish(value(1, resource="officer-17"))
    definition = Definition.bare(privacy={"pseudonymise": ["resource"]})
    run(MemorySource(topic), lake, definition=definition, key=b"k" * 32)
    (row,) = lake.read(["resource"]).to_pylist()
    assert row["resource"].startswith("p-")
    topic, lake = MemoryTopic(), new_lake(["agent"])
    again = {"resource": "SecretR", "Event.agent": "SecretC"}
    topic.publish(value(1, resource="officer-17", agent="SecretD", attributes=again))
    named = Definition.bare(
        case_attributes=["agent"], privacy={"pseudonymise": ["resource", "agent"]}
    )
    run(MemorySource(topic), lake, definition=named, key=b"k" * 32)
    (row,) = lake.read(["resource", "attributes"]).to_pylist()
    assert "Secret" not in row["attributes"]
    assert row["attributes"].count("p-") == 3
    with pytest.raises(UsageError, match="key"):
        run(MemorySource(topic), lake, definition=definition)


def test_an_event_without_id_that_is_sent_again_is_the_same_event_however_it_was_cut(new_lake):
    topic = MemoryTopic()
    for _ in range(4):
        topic.publish(value(0, event_id=None))
    keys = set()
    for most in (1, 2, 3, 4):
        lake = new_lake()
        run(MemorySource(topic, most=most), lake)
        keys |= set(lake.read(["event_key"]).column("event_key").to_pylist())
        assert lake.counts() == (4, 0)
    assert len(keys) == 1


cues = st.one_of(
    st.just(Pause()),
    st.just(Crash(RetryError("away"))),
    st.just(Rebalance((0,))),
    st.just(Rebalance((1, 0))),
    st.just(Rebalance(())),
)


@settings(max_examples=25)
@given(
    plans=st.lists(st.dictionaries(st.integers(0, 8), cues, max_size=4), max_size=4),
    limits=st.sampled_from([AT_ONCE, SOMETIME, Limits(messages=7)]),
)
def test_after_any_history_the_lake_holds_each_message_once(plans, limits):
    topic, positions = topic_of(40, partitions=2, bad={5, 17}), [0, 0]
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.create(folder, process="unnamed", case_attributes=[])
        for plan in plans:
            with suppress(RetryError):
                run(MemorySource(topic, cues=plan), lake, limits=limits)
            now = [lake.position(topic.stream(partition)) or 0 for partition in (0, 1)]
            assert all(later >= earlier for later, earlier in zip(now, positions, strict=True))
            positions = now
        run(MemorySource(topic), lake)
        assert held(lake) == sent(topic)
