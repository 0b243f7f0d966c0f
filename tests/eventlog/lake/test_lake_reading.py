"""What is read is what was written: by column, by case, by version, by time."""

import tempfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog import schema
from eventlog.errors import RetryError, UsageError
from eventlog.lake import Lake, rewriting
from eventlog.lake.tables import Place

NO_REJECTS = schema.REJECTS.empty_table()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_texts_come_as_codes_with_one_vocabulary(lake, sent):
    writer = lake.writer(sent.stream)
    for at in (0, 5, 10):
        sent.append(writer, at, at + 5)
    found = lake.read(["activity", "district", "timestamp"])
    assert found.schema.field("activity").type == pa.dictionary(pa.int32(), pa.string())
    assert found.schema.field("timestamp").type == schema.TIMESTAMP
    vocabularies = {tuple(c.dictionary.to_pylist()) for c in found.column("activity").chunks}
    assert len(vocabularies) == 1
    expected = sent.batch(0, 15)[0].select(found.column_names).to_pylist()
    assert sorted(found.to_pylist(), key=str) == sorted(expected, key=str)


def test_an_empty_lake_gives_empty_columns(lake):
    found = lake.read(["activity", "case_key"])
    assert found.num_rows == 0
    assert found.column_names == ["activity", "case_key"]
    assert lake.counts() == (0, 0)
    assert lake.reject_reasons() == {}


def test_a_column_added_later_is_null_in_what_was_there_before(lake, sent):
    sent.append(lake.writer(sent.stream), 0, 6)
    wider = Lake.create(lake.uri, process=lake.process, case_attributes=["agent"])
    assert wider.case_attributes == ("district", "agent")
    events, rejects = sent.batch(6, 9, attributes=["district", "agent"])
    wider.writer(sent.stream).append(events, rejects, start=6, next=9)
    agents = wider.read(["agent"]).column("agent").to_pylist()
    assert sorted(agents, key=str) == [None] * 4 + ["agent-0", "agent-1"] or agents.count(None) == 4
    assert wider.read(["agent"], version=wider.version).num_rows == 6


def test_an_attribute_that_a_batch_lacks_is_null(lake, sent):
    events, rejects = sent.batch(0, 3, attributes=[])
    lake.writer(sent.stream).append(events, rejects, start=0, next=3)
    assert lake.read(["district"]).column("district").to_pylist() == [None, None]


def test_an_unknown_column_is_named_together_with_those_there_are(lake):
    with pytest.raises(UsageError, match="no column 'colour'; there are event_id, case_id"):
        lake.read(["colour"])


@settings(max_examples=20)
@given(
    batches=st.lists(
        st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=8), max_size=4
    ),
    wanted=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=8),
    tidied=st.booleans(),
)
def test_reading_by_case_is_reading_all_and_picking(batches, wanted, tidied):
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.create(folder, process="p", case_attributes=[])
        writer = lake.writer("file/abc")
        for number, keys in enumerate(batches):
            rows = len(keys)
            batch = pa.table(
                {
                    **{n: ["x"] * rows for n in ("event_id", "case_id", "activity", "lifecycle")},
                    "timestamp": pa.array([0] * rows, schema.TIMESTAMP),
                    **{
                        n: pa.array(keys, pa.int64())
                        for n in ("case_key", "event_key", "content_key")
                    },
                }
            )
            writer.append(batch, NO_REJECTS, start=number, next=number + 1)
        if tidied:
            rewriting.cluster(lake.place, "events")
        wanted += [keys[0] for keys in batches if keys][:1]
        found = lake.read(["case_key"], cases=np.array(wanted, np.int64))
        everything = [key for keys in batches for key in keys]
        assert sorted(lake.read(["case_key"]).column(0).to_pylist()) == sorted(everything)
        assert sorted(found.column(0).to_pylist()) == sorted(
            key for key in everything if key in set(wanted)
        )


KEYS = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
WORDS = st.sampled_from(["a", "b", "c", None])


@settings(max_examples=30)
@given(
    batches=st.lists(
        st.lists(st.tuples(KEYS, WORDS, st.integers() | st.none()), max_size=8), max_size=9
    ),
    ends=st.tuples(KEYS, KEYS),
    tidied=st.booleans(),
)
def test_reading_a_slice_is_reading_all_and_picking_whole_rows_in_one_order(batches, ends, tidied):
    """Over several files and vocabularies, with nulls, in one piece and little by little."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.create(folder, process="p", case_attributes=["x"])
        writer = lake.writer("file/abc")
        for number, sent in enumerate(batches):
            keys, words, numbers = ([row[at] for row in sent] for at in range(3))
            numbers = [n if n is None else n % 9 for n in numbers]
            columns = {
                "case_key": pa.array(keys, pa.int64()),
                "event_key": pa.array(range(len(sent)), pa.int64()),
                "content_key": pa.array([0] * len(sent), pa.int64()),
                "timestamp": pa.array([key % 1000 for key in keys], schema.TIMESTAMP),
                "sequence": pa.array(numbers, pa.int64()),
                "resource": pa.array(words, pa.string()),
                **{
                    name: pa.array([str(key) for key in keys], pa.string())
                    for name in ("event_id", "case_id", "activity", "lifecycle")
                },
            }
            if number % 2:
                columns["x"] = columns["activity"]
            writer.append(pa.table(columns), NO_REJECTS, start=number, next=number + 1)
        if tidied:
            rewriting.cluster(lake.place, "events")
        names = ["resource", "case_key", "timestamp", "sequence", "x", "event_id", "activity"]
        low, high = sorted(ends)
        everything = lake.read(names).to_pylist()
        expected = [
            (key, word, number if number is None else number % 9)
            for sent in batches
            for key, word, number in sent
        ]
        told = [(row["case_key"], row["resource"], row["sequence"]) for row in everything]
        assert sorted(told, key=str) == sorted(expected, key=str)
        for row in everything:
            assert row["activity"] == row["event_id"] == str(row["case_key"])
            assert row["x"] in {None, row["activity"]}
        picked = [row for row in everything if low <= row["case_key"] <= high]
        assert lake.read(names, between=(low, high)).to_pylist() == picked
        fixed = ["event_id", "case_id", "case_key"]
        parts = lake.batches(fixed, version=lake.version, between=(low, high))
        rows = [row for part in parts for row in part.to_pylist()]
        assert [row["event_id"] for row in rows] == [row["event_id"] for row in picked]
        assert all(row["case_id"] == row["event_id"] for row in rows)


def test_every_version_stays_as_it_was(lake, sent):
    writer = lake.writer(sent.stream)
    for at in range(0, 15, 3):
        sent.append(writer, at, at + 3)
    rewriting.cluster(lake.place, "events")
    sizes = [lake.read(["offset"], version=version).num_rows for version in range(7)]
    assert sizes == [0, 2, 4, 6, 8, 10, 10]
    assert [lake.counts(version)[0] for version in range(7)] == sizes
    with pytest.raises(UsageError, match="no version 7; the newest is 6"):
        lake.read(["offset"], version=7)


def test_a_time_finds_the_last_commit_at_or_before_it(lake, sent):
    writer = lake.writer(sent.stream)
    for at in range(6):
        sent.append(writer, at, at + 1)
    times = {c["version"]: c["timestamp"] for c in lake.place.table("events").history()}
    for instant in {t + shift for t in times.values() for shift in (0, 1)}:
        expected = max(version for version, t in times.items() if t <= instant)
        assert lake.version_at(EPOCH + timedelta(milliseconds=instant)) == expected
    assert lake.version_at(None) == lake.version_at(datetime.now(UTC)) == 6


def test_a_time_before_the_lake_is_told_the_earliest_one_possible(lake):
    with pytest.raises(UsageError, match=r"earliest time possible is (\S+)$") as caught:
        lake.version_at(datetime(2020, 1, 1, tzinfo=UTC))
    earliest = datetime.fromisoformat(str(caught.value).split()[-1])
    assert lake.version_at(earliest) == 0


def test_a_time_without_offset_is_refused(lake):
    with pytest.raises(UsageError, match="needs its offset"):
        lake.version_at(datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is tried


def test_rejects_are_counted_by_reason_most_frequent_first(lake, sent):
    _, rejects = sent.batch(0, 12)
    other = rejects.slice(0, 1).set_column(5, "reason", [["no case_id"]])
    both = pa.concat_tables([rejects.slice(1), other.cast(schema.REJECTS)])
    lake.writer(sent.stream).append(lake.schema.empty_table(), both, start=0, next=12)
    assert list(lake.reject_reasons().items()) == [("not JSON", 3), ("no case_id", 1)]
    assert lake.rejects(limit=2).num_rows == 2


def test_an_object_store_is_read_and_tidied_through_its_own_file_system(lake, sent):
    """The same lake by its URL goes the way that s3:// goes."""
    place = Place(uri=f"file://{lake.uri}")
    remote = Lake(place=place, process=lake.process, case_attributes=lake.case_attributes)
    sent.append(remote.writer(sent.stream), 0, 9)
    sent.append(remote.writer(sent.stream), 9, 15)
    assert remote.tidy(retention=timedelta(days=1)).rows_rewritten == 15
    sent.assert_held(remote, 15)


def test_an_object_store_that_does_not_answer_is_worth_another_try():
    options = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "nowhere",
        "max_retries": "0",
    }
    with pytest.raises(RetryError, match=r"^s3://bucket/lake: .*did not answer"):
        Lake.open("s3://bucket/lake", storage_options=options)
