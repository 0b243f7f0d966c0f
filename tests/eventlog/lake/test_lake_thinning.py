"""The log is thinned out to one version an hour, and the lake says what it said before."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from deltalake import CommitProperties, Transaction, write_deltalake

from eventlog import schema
from eventlog.errors import UsageError
from eventlog.lake import Conflict, Lake, Part, reading, rewriting, upkeep
from eventlog.lake.arrivals import arrivals
from eventlog.lake.commits import Commits, commits, committed
from eventlog.lake.history import KEPT_SINCE
from eventlog.lake.thinning import hourly, superfluous, thin
from eventlog.lake.verdicts import translated

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("events", "rejects")


def log_of(lake, name="events"):
    return lake.place.local / name / "_delta_log"


def made_at(lake, name, version, moment):
    """Let a commit have been made at another time."""
    path = log_of(lake, name) / f"{version:020d}.json"
    actions = [json.loads(line) for line in path.read_text().splitlines()]
    for action in actions:
        if "commitInfo" in action:
            action["commitInfo"]["timestamp"] = (moment - EPOCH) // timedelta(milliseconds=1)
    path.write_text("\n".join(map(json.dumps, actions)))
    os.utime(path, (moment.timestamp(), moment.timestamp()))


@pytest.fixture(scope="module")
def filled(tmp_path_factory, sent):
    """Four hours up to noon and half past: three commits and a checkpoint every twenty minutes."""
    path = tmp_path_factory.mktemp("filled") / "lake"
    lake = Lake.create(path, process="building-permit", case_attributes=["district"])
    writer, at = lake.writer(sent.stream), 0
    for _ in range(12):
        for _ in range(3):
            sent.append(writer, at, at + 3)
            at += 3
        for name in NAMES:
            lake.place.table(name).create_checkpoint()
    for name in NAMES:
        for version in range(37):
            made_at(lake, name, version, NOW - 4 * HOUR + version * timedelta(seconds=400))
    return lake


@pytest.fixture
def lake(filled, tmp_path):
    shutil.copytree(filled.uri, tmp_path / "lake")
    return Lake.open(tmp_path / "lake")


def rows_of(lake, version):
    return lake.read(["offset"], version=version).num_rows


def test_one_version_an_hour_stays_and_all_of_the_last_hour(lake, sent):
    assert thin(lake.place, "events", now=NOW) > 0
    held = commits(lake.place, "events")
    # Checkpoints are at 3, 6, …; version 3 k was made at 8:30 and 20 k minutes.
    young = list(range(27, 37))
    assert held.openable == [3, 12, 21, *young]
    assert sorted(held.commits) == held.openable
    assert [rows_of(lake, version) for version in held.openable] == [2 * v for v in held.openable]
    sent.assert_held(lake, 36 * 3)
    assert thin(lake.place, "events", now=NOW) == 0


def test_a_time_gives_the_last_version_that_is_kept_and_never_a_later_one(lake):
    times = {
        v: EPOCH + timedelta(milliseconds=committed(lake.place, "events", v)) for v in range(37)
    }
    for name in NAMES:
        thin(lake.place, name, now=NOW)
    kept = commits(lake.place, "events").openable
    for minutes in range(21, 240, 7):
        moment = NOW - 4 * HOUR + timedelta(minutes=minutes)
        found = lake.version_at(moment)
        assert found == max(v for v in kept if times[v] <= moment)
        assert lake.counts(found) == (2 * found, found)
        if moment >= NOW - HOUR:
            assert found == max(v for v in times if times[v] <= moment)
    with pytest.raises(UsageError, match="nothing is kept from") as refused:
        lake.version_at(NOW - 4 * HOUR)
    first = datetime.fromisoformat(str(refused.value).split()[-1])
    assert (first, lake.version_at(first)) == (times[3], 3)
    with pytest.raises(UsageError, match="version 13 is no longer kept"):
        lake.read(["offset"], version=13)


@pytest.mark.long
def test_killed_between_any_two_deletions_the_lake_stays_whole_and_the_next_time_goes_on(
    lake, sent, tmp_path
):
    gone, newest = superfluous(lake.place, "events", now=NOW)
    assert newest == 27
    done = tmp_path / "done"
    shutil.copytree(lake.uri, done)
    done = Lake.open(done)
    thin(done.place, "events", now=NOW)
    for number, path in enumerate(gone):
        (lake.place.local / "events" / path).unlink()
        assert rows_of(lake, None) == 72
        held = commits(lake.place, "events")
        assert {3, 12, 21, *range(27, 37)} <= set(held.openable)
        for version in held.openable[number % 6 : 12 : 6]:
            assert rows_of(lake, version) == 2 * version
        if number % 5 == 0:
            assert set(superfluous(lake.place, "events", now=NOW)[0]) <= set(gone)
    assert commits(lake.place, "events").openable == commits(done.place, "events").openable
    sent.append(lake.writer(sent.stream), 108, 111)
    sent.assert_held(lake, 111)


def test_whoever_held_the_lake_open_for_hours_is_told_to_open_it_again(filled, tmp_path, sent):
    """Not one of them commits into a gap, where nobody would find it."""
    shutil.copytree(filled.uri, tmp_path / "lake")
    lake = Lake.open(tmp_path / "lake")
    writers = {}
    for version in (0, 2, 3, 4, 12, 20, 26):
        writers[version] = lake.joint_writer()
        writers[version]._events = lake.place.table("events", version)
    old = lake.place.table("events", 12)
    for name in NAMES:
        thin(lake.place, name, now=NOW)
    before = sorted(log_of(lake).iterdir())
    events, _ = sent.batch(200, 203)
    nothing = schema.REJECTS.empty_table()
    part = Part(stream="other", events=events, rejects=nothing, start=0, next=3)
    for version, writer in writers.items():
        with pytest.raises(Conflict):
            writer.append([part])
        assert sorted(log_of(lake).iterdir()) == before, version
    listed = reading.files(old)
    with pytest.raises(Conflict), translated("events", "rewriting"):
        rewriting._rewrite(lake.place, old, "events", listed, listed, "clustered-")
    assert sorted(log_of(lake).iterdir()) == before
    sent.assert_held(lake, 108)


def test_a_follower_whose_commits_are_gone_is_told_so_and_no_other(lake, sent):
    for name in NAMES:
        thin(lake.place, name, now=NOW)
    columns = ["activity"]
    for version in (0, 2, 3, 4, 12, 20, 21, 25):
        assert arrivals(lake, after=version, columns=columns) is None
    for version in range(26, 37):
        found = arrivals(lake, after=version, columns=columns)
        assert (found.version, found.rows.num_rows) == (36, 2 * (36 - version))
    sent.append(lake.writer(sent.stream), 108, 111)
    assert arrivals(lake, after=36, columns=columns).rows.num_rows == 2


def test_a_version_whose_files_may_have_been_deleted_is_not_given(lake):
    """It counted until an unknown time before the past was deleted."""
    thin(lake.place, "events", now=NOW)
    first = NOW - 4 * HOUR
    for kept, refused, given, version in (
        (90, 95, 140, 21),  # version 12 was made after 80 minutes, the one after it is not known
        (183, 182, 183, 27),  # version 27 after 180, and counted until 28 came, after 186⅔
    ):
        since = (first - EPOCH) // timedelta(milliseconds=1) + kept * 60_000
        write_deltalake(
            lake.place.table("events"),
            lake.schema.empty_table(),
            mode="append",
            commit_properties=CommitProperties(app_transactions=[Transaction(KEPT_SINCE, since)]),
        )
        with pytest.raises(UsageError, match="nothing is kept from") as told:
            lake.version_at(first + timedelta(minutes=refused))
        earliest = datetime.fromisoformat(str(told.value).split()[-1])
        assert earliest == first + timedelta(minutes=given)
        assert lake.version_at(earliest) == version


def test_where_commits_are_rare_every_one_stays(lake):
    for version in range(37):
        made_at(lake, "events", version, NOW - timedelta(days=37 - version))
    assert thin(lake.place, "events", now=NOW) == 0


def test_nothing_goes_while_it_is_young_by_either_clock(lake):
    for version in range(37):
        os.utime(log_of(lake) / f"{version:020d}.json")
    assert thin(lake.place, "events", now=NOW + HOUR) == 0
    assert thin(lake.place, "rejects", now=NOW - 5 * HOUR) == 0


def test_of_a_busy_time_within_a_quiet_one_only_the_busy_one_is_thinned_out():
    """Versions with a checkpoint, by the hour in which they were made."""
    minute, hour = 60_000, 3_600_000
    times = {0: 0, 10: 5 * hour, 20: 5 * hour + minute, 30: 5 * hour + 2 * minute, 40: 11 * hour}
    there = dict.fromkeys(range(41), NOW)
    held = Commits(commits=there, checkpoints=frozenset(times))
    assert hourly(held, times) == {*range(11), *range(30, 40)}


def test_small_tables_keep_nothing_before_the_newest_old_checkpoint(lake):
    alerts = lake.alerts()
    for number in range(1, 5):
        alerts.append(alert())
        alerts.note("mail", number)
    held_open, other = lake.alerts(), lake.alerts()
    lake.place.table("alerts").create_checkpoint()
    alerts.append(alert())
    for version in range(10):
        made_at(lake, "alerts", version, NOW - 2 * HOUR)
    assert thin(lake.place, "alerts", now=NOW) == 8
    assert commits(lake.place, "alerts").openable == [8, 9]
    for table in (lake.alerts(), held_open.refresh()):
        assert table.rows().num_rows == 5
        assert table.heard("mail") == 4
    other.note("mail", 5)
    assert lake.alerts().heard("mail") == 5


def alert():
    words = {pa.string(): "x", pa.float64(): 1.0, schema.TIMESTAMP: NOW}
    row = {field.name: words.get(field.type, []) for field in schema.ALERTS}
    return pa.Table.from_pylist([row], schema.ALERTS)


def test_compacting_thins_out_and_sees_to_checkpoints(lake, sent):
    for path in log_of(lake).glob("*.checkpoint.parquet"):
        if int(path.name[:20]) > 9:
            path.unlink()
    (log_of(lake) / "_last_checkpoint").unlink()
    upkeep.compact(lake.place)
    held = commits(lake.place, "events")
    assert max(held.checkpoints) == 36
    assert max(commits(lake.place, "rejects").checkpoints) == 36
    sent.assert_held(lake, 108)
    assert lake.tidy(retention=timedelta(days=9999)).rows_rewritten == 108
    sent.assert_held(lake, 108)
