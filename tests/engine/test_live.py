"""Following a lake: which cases are redone, which are fetched, and when all is read anew."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from engine.at_hand import AtHand, Keeping, KnownKeys
from engine.batch import read_log
from engine.live import Live
from eventlog import schema
from eventlog.definition import Definition
from eventlog.identity import hash_strings
from eventlog.lake import Lake
from eventlog.lake.arrivals import arrivals
from eventlog.letters import table
from miners import MINERS

DAY = 86_400_000_000
DEFINITION = Definition.bare(clock={"closes": ["z"]})
QUICK = Keeping(closed=timedelta(0), slack=0)


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])


@pytest.fixture
def send(lake):
    """Commits events, written as letters or as rows: send("P: a b", stream="other")."""

    def commit(*cases, stream="office/permit.events/0"):
        rows = cases[0] if isinstance(cases[0], pa.Table) else table(*cases)
        start = lake.position(stream) or 0
        nothing = schema.REJECTS.empty_table()
        lake.writer(stream).append(rows, nothing, start=start, next=start + rows.num_rows)

    return commit


def follow(lake, keeping=QUICK, definition=DEFINITION):
    return Live(lake, definition, MINERS, keeping=keeping)


def assert_as_batch(live, lake):
    log = read_log(lake, None, version=lake.version)
    assert live.version == lake.version
    for miner in MINERS:
        assert live.summary(miner.name) == miner.observe(log)


def test_only_the_cases_that_events_came_for_are_touched(lake, send):
    send("P: a b", "Q: a")
    live = follow(lake)
    send("Q: a b", "R: a")
    touched = live.catch_up()
    assert touched.cases.tolist() == sorted(hash_strings(["Q", "R"]).tolist())
    assert (touched.rows, touched.new, touched.fetched, touched.rebuilt) == (3, 1, 0, False)
    assert live.cases_known == 3
    assert_as_batch(live, lake)


def test_a_closed_case_leaves_memory_and_is_fetched_when_it_is_reopened(lake, send):
    send("P: a z", "Q: a a a", "R: a a a")
    live = follow(lake)
    assert live.rows_at_hand == 6
    send("P: a z b")
    assert live.catch_up().fetched == 1
    assert_as_batch(live, lake)


def test_a_case_that_closes_while_it_is_followed_leaves_memory(lake, send):
    send("P: a", "Q: a a a", "R: a a a")
    live = follow(lake)
    send("P: a z")
    live.catch_up()
    assert live.rows_at_hand == 6
    assert_as_batch(live, lake)


def test_an_old_open_case_stays_where_the_process_says_what_closes(lake, send):
    send(table("P: a"), stream="old")
    send(table("Q: a+1 a+200000", "R: a+1 a+200000"))
    assert follow(lake).rows_at_hand == 5
    assert follow(lake, definition=Definition.bare()).rows_at_hand == 4


def test_a_case_with_ties_is_ordered_by_its_event_ids_wherever_its_rows_come_from(lake, send):
    rows = table("P: c b a z", "Q: a a a a", "R: a a a a", step=0)
    untold = rows.set_column(
        rows.schema.get_field_index("sequence"), "sequence", pa.nulls(rows.num_rows, pa.int64())
    )
    first = untold.filter(pa.array(np.arange(rows.num_rows) != 1))
    later = untold.slice(1, 1)
    send(first)
    live = follow(lake, Keeping(closed=timedelta(0), open=timedelta(0), slack=0))
    send(later)
    live.catch_up()
    assert_as_batch(live, lake)


def test_a_tie_with_a_fetched_case_looks_up_the_event_ids_that_were_not_read(lake, send):
    send("P: b z", "Q: a a a", "R: a a a")
    live = follow(lake)  # no ties so far: P is away, and its ids would not be read with it
    tied = table("P: a", "P: c", "P: d", "P: e")
    ids = pa.array(["O", "P-00", "Q", "N"])
    tied = tied.set_column(0, "event_id", ids)
    place = tied.schema.get_field_index("event_key")
    send(tied.set_column(place, "event_key", pa.array(hash_strings(ids))).cast(lake.schema))
    assert live.catch_up().fetched == 1
    assert_as_batch(live, lake)


def test_an_event_that_is_sent_again_with_an_earlier_time_counts_as_the_earlier_one(lake, send):
    send("P: a+1 b+60 c+60 d+60", "Q: a a")
    live = follow(lake)
    send("P: a+1 b+60 c+2 d+60")
    live.catch_up()
    assert_as_batch(live, lake)


def test_when_nothing_came_nothing_is_done(lake, send):
    send("P: a")
    live = follow(lake)
    touched = live.catch_up()
    assert (touched.rows, len(touched.cases), touched.rebuilt) == (0, 0, False)


def test_the_events_of_other_writers_are_taken_in_too(lake, send):
    live = follow(lake)
    send("P: a b")
    send("Q: a", stream="file/1")
    touched = live.catch_up()
    assert (touched.rows, touched.new) == (3, 2)
    assert_as_batch(live, lake)


def test_tidying_is_not_taken_for_new_events(lake, send):
    send("P: a b")
    send("Q: a")
    live = follow(lake)
    send("Q: a c")
    lake.tidy(retention=timedelta(days=90))
    touched = live.catch_up()
    assert (touched.rows, touched.rebuilt) == (2, False)
    assert_as_batch(live, lake)


def test_when_events_were_taken_out_everything_is_read_anew(lake, send):
    send("P: a b", "Q: a")
    live = follow(lake)
    DeltaTable(f"{lake.uri}/events").delete("case_id = 'P'")
    assert live.catch_up().rebuilt
    assert live.cases_known == 1
    assert_as_batch(live, lake)


def test_when_the_commits_since_are_no_longer_kept_everything_is_read_anew(lake, send):
    send("P: a b")
    live = follow(lake)
    send("Q: a")
    DeltaTable(f"{lake.uri}/events").create_checkpoint()
    for commit in lake.place.local.glob("events/_delta_log/*.json"):
        commit.unlink()
    assert live.catch_up().rebuilt
    assert_as_batch(live, lake)
    assert not live.catch_up().rebuilt


def test_when_other_activities_become_the_commonest_everything_is_read_anew(lake, send):
    definition = Definition.bare(abstract={"pattern": "^(.)", "keep": 1})
    send("P: a a b")
    live = follow(lake, definition=definition)
    send("Q: b")
    assert not live.catch_up().rebuilt
    send("R: b b")
    assert live.catch_up().rebuilt
    seen = live.summary("map")["activities"].meanings.to_pylist()
    assert sorted(seen) == ["(other)", "b"]


def test_a_lake_built_in_slices_is_followed_all_the_same(lake, send):
    send(*(f"P{n}: a b z" for n in range(40)))
    whole = follow(lake)
    sliced = Live(lake, DEFINITION, MINERS, keeping=QUICK, memory=500_000_000)
    assert sliced.summary("map") == whole.summary("map")
    assert sliced.cases_known == whole.cases_known == 40


def test_a_date_in_the_far_future_does_not_put_all_cases_to_sleep():
    case = np.arange(10)
    when = np.full(10, 100 * DAY)
    when[[3, 4]] = [10**5 * DAY, 0]
    asleep = Keeping(idle=timedelta(days=30)).asleep(case, when, None)
    assert asleep.tolist() == [4]


def test_keeping_for_less_than_no_time_is_refused():
    with pytest.raises(ValueError, match="less than no time"):
        Keeping(closed=timedelta(-1))


def test_keys_are_known_from_the_moment_they_were_added():
    known = KnownKeys(np.array([5, 1]))
    for key in (7, 3, 9):
        known.add(np.array([key]))
    assert known.among(np.arange(11)).nonzero()[0].tolist() == [1, 3, 5, 7, 9]
    assert len(known) == 5


def test_rows_at_hand_are_found_by_case_in_whatever_part_they_lie():
    p, q = hash_strings(["P", "Q"]).tolist()
    held = AtHand(table("P: a", "Q: a"))
    held.add(table("P: b"))
    wanted = np.sort(np.array([p, 12345]))
    rows, here = held.rows_of(wanted)
    assert rows.column("activity").to_pylist() == ["a", "b"]
    assert wanted[here].tolist() == [p]
    held.drop(np.array([p]))
    assert held.rows().column("case_key").to_pylist() == [q]


def test_arrivals_are_what_was_committed_after_a_version(lake, send):
    send("P: a")
    version = lake.version
    send("Q: b")
    send("R: c")
    found = arrivals(lake, after=version, columns=["activity"])
    assert found.version == version + 2
    assert sorted(found.rows.column("activity").to_pylist()) == ["b", "c"]
    assert arrivals(lake, after=found.version, columns=["activity"]).rows.num_rows == 0
