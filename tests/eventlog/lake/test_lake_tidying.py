"""Tidying changes how the lake lies on the disk, and nothing of what it says."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog import schema
from eventlog.errors import UsageError
from eventlog.lake import Conflict, Part, reading, rewriting

DAY = timedelta(days=1)


def _fill(lake, sent, batches):
    writer = lake.writer(sent.stream)
    start = writer.position or 0
    for at in range(start, start + batches * 6, 6):
        sent.append(writer, at, at + 6)
    return start + batches * 6


def _data_files(lake):
    return {path.name for path in Path(lake.uri, "events").glob("*.parquet")}


def test_tidying_leaves_content_positions_and_past_as_they_were(lake, sent):
    end = _fill(lake, sent, 5)
    before = lake.read(lake.schema.names).to_pylist()
    report = lake.tidy(retention=DAY)
    assert (report.files_before, report.files_after, report.rows_rewritten) == (10, 2, 30)
    assert report.version == lake.version
    assert sorted(lake.read(lake.schema.names).to_pylist(), key=str) == sorted(before, key=str)
    assert lake.read(["offset"], version=2).num_rows == 8
    sent.assert_held(lake, end)
    sent.append(lake.writer(sent.stream), end, end + 6)
    sent.assert_held(lake, end + 6)


def test_tidying_what_is_tidy_does_nothing(lake, sent):
    _fill(lake, sent, 3)
    first = lake.tidy(retention=DAY)
    second = lake.tidy(retention=DAY)
    assert second.rows_rewritten == 0
    assert (second.version, second.files_after) == (first.version, first.files_after)
    assert second.files_deleted == 0


def test_after_clustering_a_case_lies_in_one_stretch(lake, sent):
    _fill(lake, sent, 5)
    lake.tidy(retention=DAY)
    keys = lake.read(["case_key"]).column("case_key").to_numpy()
    assert (np.diff(keys) >= 0).all()


def test_a_little_that_is_new_is_merged_and_the_rest_left_alone(lake, sent):
    _fill(lake, sent, 20)
    lake.tidy(retention=DAY)
    end = _fill(lake, sent, 2)
    report = lake.tidy(retention=DAY)
    assert 0 < report.rows_rewritten < 30
    sent.assert_held(lake, end)


def test_the_position_outlives_the_log_that_it_was_written_in(lake, sent, grow_older):
    _fill(lake, sent, 2)
    lake.tidy(retention=DAY)  # writes a checkpoint, without which no log is deleted
    end = _fill(lake, sent, 2)
    grow_older(lake, days=3)
    lake.tidy(retention=DAY)
    log = Path(lake.uri, "events", "_delta_log")
    assert not (log / "00000000000000000001.json").exists()
    assert lake.position(sent.stream) == end
    with pytest.raises(Conflict):
        sent.append(lake.writer(sent.stream), 0, 6)
    sent.append(lake.writer(sent.stream), end, end + 6)
    sent.assert_held(lake, end + 6)


def test_what_lapsed_is_deleted_and_the_earliest_time_says_so(lake, sent, grow_older):
    end = _fill(lake, sent, 4)
    rewriting.cluster(lake.place, "events")
    lapsed = _data_files(lake)
    grow_older(lake, days=3)
    _fill(lake, sent, 2)
    report = lake.tidy(retention=DAY)
    assert report.files_deleted == 4
    assert len(lapsed - _data_files(lake)) == 4
    now = datetime.now(UTC)
    assert now - DAY < report.earliest <= now
    with pytest.raises(UsageError, match=report.earliest.isoformat()[:19]):
        lake.version_at(now - 2 * DAY)
    with pytest.raises(UsageError, match="no longer kept"):
        lake.read(["offset"], version=1)
    at_earliest = lake.version_at(report.earliest)
    assert lake.read(["offset"], version=at_earliest).num_rows >= 16
    sent.assert_held(lake, end + 12)


def test_old_files_that_counted_until_lately_are_kept(lake, sent, grow_older):
    """What matters is when a file stopped counting, not when it was written."""
    _fill(lake, sent, 4)
    grow_older(lake, days=3)
    assert lake.tidy(retention=DAY).files_deleted == 0
    assert lake.read(["offset"], version=4).num_rows == 16


def test_what_a_crash_left_behind_goes_once_it_is_old(lake, sent, grow_older):
    _fill(lake, sent, 1)
    orphan = Path(lake.uri, "events", "part-00000-left-behind.parquet")
    orphan.write_bytes(b"half a file")
    lake.tidy(retention=DAY)
    assert orphan.exists()  # it may be a writer's that is about to commit
    grow_older(lake, days=3)
    lake.tidy(retention=DAY)
    assert not orphan.exists()
    sent.assert_held(lake, 6)


def test_a_retention_too_short_for_writers_at_work_is_refused(lake):
    with pytest.raises(UsageError, match="expected an hour or more"):
        lake.tidy(retention=timedelta(minutes=59))


def test_an_empty_lake_can_be_tidied(lake):
    assert lake.tidy(retention=DAY).rows_rewritten == 0


def test_a_writer_goes_on_over_a_rewrite(lake, sent):
    end = _fill(lake, sent, 4)
    writer = lake.writer(sent.stream)
    rewriting.cluster(lake.place, "events")
    rewriting.merge(lake.place, "rejects", at_least=2)
    sent.append(writer, end, end + 6)
    sent.assert_held(lake, end + 6)


def test_a_rewrite_goes_on_over_appends(lake, sent):
    end = _fill(lake, sent, 4)
    table = lake.place.table("events")
    listed = reading.files(table)
    sent.append(lake.writer(sent.stream), end, end + 6)
    rewriting._rewrite(lake.place, table, "events", listed, listed, "clustered-")
    sent.assert_held(lake, end + 6)


def test_of_two_rewrites_at_once_only_one_is_let_in(lake, sent):
    """With Delta's own compaction both were, and every row was there twice."""
    end = _fill(lake, sent, 4)

    def rewrite(_):
        try:
            return rewriting.merge(lake.place, "events", at_least=2).rows
        except Conflict:
            return -1

    for _ in range(8):
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(rewrite, range(3)))
        end = _fill(lake, sent, 3)
        sent.assert_held(lake, end)


def test_a_rewrite_from_an_old_look_is_refused_by_the_commit_itself(lake, sent):
    _fill(lake, sent, 3)
    old = lake.place.table("events")
    turn = rewriting._guard(old)
    rewriting.cluster(lake.place, "events")
    with pytest.raises(Exception, match="Concurrent transaction"):
        old.create_write_transaction([], "append", lake.schema, commit_properties=turn)


def test_a_rewrite_gives_way_to_that_of_another_program(lake, sent):
    end = _fill(lake, sent, 3)
    old = lake.place.table("events")
    listed = reading.files(old)
    lake.place.table("events").optimize.compact()
    with pytest.raises(Conflict, match="another rewrite came first"):
        rewriting._rewrite(lake.place, old, "events", listed, listed, "clustered-")
    sent.assert_held(lake, end)


@given(
    keys=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3) | st.none(), max_size=40),
    parts=st.integers(1, 6),
)
def test_slices_leave_nothing_out_and_take_nothing_twice(keys, parts):
    table = pa.table({"k": pa.array(keys, pa.int64())})
    found = []
    for where in rewriting._ranges(table.column("k"), "k", parts):
        found += (table if where is None else table.filter(where)).column("k").to_pylist()
    assert sorted(found, key=str) == sorted(keys, key=str)


def test_what_is_merged_still_says_what_may_be_skipped(lake, sent):
    """`latest` and reading by case look at these bounds instead of the rows."""
    end = _fill(lake, sent, 5)
    newest = lake.latest(lake.version)
    lake.tidy(retention=DAY)
    listed = reading.files(lake.place.table("events"))
    rows = lake.read(["case_key", "timestamp"])
    for name in ("case_key", "timestamp"):
        assert pc.min(listed.column(f"min.{name}")) == pc.min(rows.column(name))
        assert pc.max(listed.column(f"max.{name}")) == pc.max(rows.column(name))
    assert lake.latest(lake.version) - newest < timedelta(milliseconds=1)  # appends tell those
    sent.assert_held(lake, end)


def test_compacting_joins_what_came_in_and_leaves_what_is_clustered(lake, sent):
    _fill(lake, sent, 10)
    lake.tidy(retention=DAY)
    clustered = set(reading.files(lake.place.table("events")).column("path").to_pylist())
    end = _fill(lake, sent, 64)
    assert lake.compact()
    files = set(reading.files(lake.place.table("events")).column("path").to_pylist())
    assert clustered < files
    assert len(files) == len(clustered) + 1
    assert not lake.compact()
    sent.assert_held(lake, end)


def test_several_streams_move_together_or_not_at_all(lake, sent):
    def part(stream, start, stop):
        events, rejects = sent.batch(start, stop)
        return Part(stream=stream, events=events, rejects=rejects, start=start, next=stop)

    writer, before = lake.joint_writer(), lake.version
    writer.append([part("office/t/0", 0, 6), part("office/t/1", 0, 3)])
    assert lake.version == before + 1
    assert [writer.position(f"office/t/{n}") for n in (0, 1)] == [6, 3]
    lake.writer("office/t/1").append(*sent.batch(3, 5), start=3, next=5)
    for late in (writer, lake.joint_writer()):  # one that holds an old look, one with a new one
        with pytest.raises(Conflict):
            late.append([part("office/t/0", 6, 9), part("office/t/1", 3, 9)])
    assert lake.position("office/t/0") == 6
    assert lake.position("office/t/1") == 5
    assert lake.counts()[0] == 4 + 2 + 2
    with pytest.raises(ValueError, match="two parts of one stream"):
        lake.joint_writer().append([part("office/t/0", 6, 9), part("office/t/0", 9, 12)])


def test_tidying_joins_the_small_tables_and_who_has_heard_stays_known(lake, sent):
    _fill(lake, sent, 1)
    alerts = lake.alerts()
    alerts.append(_alerts(20))
    for heard in range(1, 21):
        alerts.note("mail", heard)
        alerts.append(_alerts(1))
    before = lake.alerts().rows()
    assert len(lake.place.table("alerts").file_uris()) > 16
    lake.tidy(retention=DAY)
    assert len(lake.place.table("alerts").file_uris()) == 1
    again = lake.alerts()
    assert again.rows().equals(before)
    assert again.heard("mail") == 20
    again.note("mail", 40)
    again.append(_alerts(1))
    assert lake.alerts().rows().num_rows == 41


def _alerts(rows):
    """Some rows of whatever texts and times alerts consist of."""
    some = {
        pa.types.is_string: "word",
        pa.types.is_timestamp: datetime(2026, 3, 2, tzinfo=UTC),
        pa.types.is_floating: 1.5,
        pa.types.is_integer: 3,
        pa.types.is_boolean: True,
        pa.types.is_list: [],
    }
    columns = [
        pa.array(
            [next((v for kind, v in some.items() if kind(field.type)), None)] * rows, field.type
        )
        for field in schema.ALERTS
    ]
    return pa.table(columns, schema=schema.ALERTS)
