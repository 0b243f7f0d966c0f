"""A watch follows the lake: what it looks at again, what it remembers, and what it lets go."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from engine.at_hand import Keeping
from engine.live import Live
from engine.watching.following import Following, follow
from engine.watching.kept import Kept
from eventlog import schema
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.lake import Lake
from eventlog.letters import table
from miners.open_items import RULES

HOUR = 3_600_000_000
BEGAN = 1_767_600_000_000_000  # when the cases of `table` begin
CLOCK = {"starts": ["a"], "stops": ["z"], "suspended": [{"from": "s", "until": "t"}]}
OFFICE = Definition.bare(clock=CLOCK, standard={"term": "5h"})
SLOW = {"name": "slow", "measure": "waiting_p90", "above": 1, "window": "6h"}


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])


@pytest.fixture
def send(lake):
    """Commits events, written as letters or as rows."""

    def commit(*cases):
        rows = cases[0] if isinstance(cases[0], pa.Table) else table(*cases)
        start = lake.position("office/permit.events/0") or 0
        nothing = schema.REJECTS.empty_table()
        writer = lake.writer("office/permit.events/0")
        writer.append(rows, nothing, start=start, next=start + rows.num_rows)

    return commit


def kept_of(lake, definition, slack=0):
    kept = Kept(definition, now=BEGAN, slack=slack)
    return kept, Following(Live(lake, definition, (), followers=(kept,)), kept)


def waiting(watched):
    """What each case waits for, and how that is known."""
    places = watched.open.case
    ids = watched.ids(places)
    names = [watched.open.activity.vocabulary.labels[code] for code in watched.open.activity.codes]
    rules = [RULES[rule] for rule in watched.open.rule]
    return dict(zip(ids, zip(names, rules, strict=True), strict=True))


def test_a_term_passes_without_an_event_and_without_a_look_at_any_case(lake, send):
    send("P: a b", "Q: a s")
    kept, following = kept_of(lake, OFFICE)
    due = dict.fromkeys(["P", "Q"])
    for hours in (1, 5, 6, 100):
        now = BEGAN + hours * HOUR + 1000
        assert not len(kept.outdated(now))
        cases = following.watched(now, None).cases
        ids = following.watched(now, None).ids(np.arange(2))
        over = dict(zip(ids, cases.over.tolist(), strict=True))
        due = dict(zip(ids, cases.due.tolist(), strict=True))
        assert over == {"P": hours >= 5, "Q": False}
    assert due["P"] == BEGAN + 5 * HOUR
    assert due["Q"] == BEGAN + 104 * HOUR + 1000  # an hour had run when it was suspended


def test_a_case_that_nothing_came_for_waits_for_something_else_once_the_map_knows_more(lake, send):
    send("P: a", "Q: a b")
    following = follow(lake, OFFICE, now=BEGAN)
    assert waiting(following.watched(BEGAN, None))["P"] == ("b", "only next step")
    send("R: a c")
    following.catch_up()
    assert waiting(following.watched(BEGAN, None))["P"] == ("a", "waiting after")


def test_what_is_dated_ahead_counts_when_its_time_comes(lake, send):
    send("P: a z+600")
    kept, following = kept_of(lake, Definition.bare(clock=CLOCK, alerts=[SLOW]))
    assert not following.watched(BEGAN + HOUR, None).cases.ended[0]
    assert not len(kept.outdated(BEGAN + 10 * HOUR - 1))
    assert following.watched(BEGAN + 10 * HOUR, None).cases.ended[0]


def test_where_the_files_of_a_case_are_gone_the_lake_is_read_anew(lake, send):
    send("P: a z")
    send("Q: a b c d", "R: a b c d")
    kept = Kept(Definition.bare(clock=CLOCK, alerts=[SLOW]), now=BEGAN)
    keeping = Keeping(closed=timedelta(0), slack=0)  # P is away
    office = Definition.bare(clock=CLOCK)
    following = Following(Live(lake, office, (), followers=(kept,), keeping=keeping), kept)
    assert following.watched(BEGAN + HOUR, None).cases.ended.sum() == 1
    events = DeltaTable(f"{lake.uri}/events")
    events.optimize.compact()
    events.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    assert following.version < lake.version
    assert following.watched(BEGAN + HOUR // 2, None).cases.ended.sum() == 0
    assert following.version == lake.version


def test_cases_that_close_leave_and_a_stream_of_them_takes_no_more_room(lake, send):
    office = Definition.bare(clock=CLOCK, alerts=[SLOW])
    kept = Kept(office, now=BEGAN, slack=20)
    keeping = Keeping(closed=timedelta(hours=6), slack=20)
    live = Live(lake, office, (), followers=(kept,), keeping=keeping)
    following, rows = Following(live, kept), []
    send("open: a b")
    for hour in range(25):
        cases = table(*(f"P{hour}-{case}: a b z" for case in range(10)), step=HOUR // 4)
        moments = pa.array(cases.column("timestamp").cast(pa.int64()).to_numpy() + hour * HOUR)
        place = cases.schema.get_field_index("timestamp")
        send(cases.set_column(place, cases.field(place), moments.cast(schema.TIMESTAMP)))
        following.catch_up()
        watched = following.watched(BEGAN + (hour + 1) * HOUR, None)
        rows.append(following.rows)
    assert max(rows) == max(rows[:15]) < 1000
    assert "open" in watched.ids(np.arange(len(watched.cases)))
    assert sum(watched.ever.items.values()) == 25 * 30 + 2


def test_a_closed_case_leaves_by_the_clock_alone_and_counts_for_ever(lake, send):
    send("P: a z", "Q: a b")
    following = follow(lake, Definition.bare(clock=CLOCK, alerts=[SLOW]), now=0)
    assert len(following.watched(BEGAN + 6 * HOUR, None).cases) == 2
    later = following.watched(BEGAN + 8 * HOUR, None)
    assert list(later.ids(np.arange(len(later.cases)))) == ["Q"]
    assert (later.ever.items["a", None], later.heard) == (2, BEGAN + HOUR)


def test_whoever_follows_an_empty_lake_hears_nothing(lake):
    following = follow(lake, OFFICE, now=BEGAN)
    watched = following.watched(BEGAN, None)
    assert (following.heard(BEGAN), watched.heard, len(watched.cases)) == (UNKNOWN, UNKNOWN, 0)


def test_instances_are_told_from_the_first_event_on_that_names_one(lake, send):
    """Two of a kind side by side: first in, first out is a guess, which names correct."""
    send("P: a/start a/start a")
    following = follow(lake, OFFICE, now=BEGAN)
    assert following.watched(BEGAN + 9 * HOUR, None).open.started.tolist() == [BEGAN + HOUR]
    rows = table("Q: a/start a/start a")
    named = pa.array([f'{{"concept:instance":"{name}"}}' for name in (1, 2, 2)])
    send(rows.set_column(rows.schema.get_field_index("attributes"), "attributes", named))
    following.catch_up()
    watched = following.watched(BEGAN + 9 * HOUR, None)
    started = dict(zip(watched.ids(watched.open.case), watched.open.started.tolist(), strict=True))
    assert started == {"P": BEGAN + HOUR, "Q": BEGAN}
