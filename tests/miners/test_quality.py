"""What cannot be trusted is counted and said."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.identity import hash_strings
from eventlog.kernels import UNKNOWN
from eventlog.letters import empty, log, table
from eventlog.log import Log
from miners.quality import alone_at_the_end, check, midnights, never_completed, unfinished
from miners.work_items import work_items

LATER = 2**62


def found(log, name, column=None, *, now=LATER, **options):
    return next(
        result
        for result in check(log, timezone="UTC", now=now, **options)
        if result.check == name and (column is None or result.column == column)
    )


def test_repeats_and_conflicts_are_counted_with_their_cases():
    events = pa.concat_tables([table("P: a b", "Q: x"), table("P: a c")])
    repeated = found(Log.of(events), "repeated")
    assert (repeated.affected, repeated.total, repeated.cases) == (2, 5, 1)
    assert found(Log.of(events), "conflicting").affected == 1


def test_single_events_missing_people_and_steps_never_done_are_counted():
    events = log("P: a@ann b", "Q: a", "R: a c/start")
    assert found(events, "single event").affected == 1
    assert found(events, "missing", "resource").affected == 4
    never = never_completed(unfinished(events))
    assert (never.affected, never.total, never.cases) == (1, 5, 1)


def test_a_step_that_another_block_of_cases_completes_is_not_called_never_completed():
    blocks = log("P: a b/start", "Q: a c/start b/start"), log("R: a b", "S: c/start d/start d")
    together = log("P: a b/start", "Q: a c/start b/start", "R: a b", "S: c/start d/start d")
    summed = unfinished(blocks[0]) + unfinished(blocks[1])
    assert summed == unfinished(together)
    never = never_completed(summed)
    assert (never.affected, never.total, never.cases) == (2, 10, 2)


def test_a_change_after_entry_is_reported_for_the_attributes_that_compare_cases():
    rows = table("P: a b", "Q: a", case_attributes={"group": {"Q": "x"}})
    place = rows.schema.get_field_index("group")
    case = rows.column("case_id").to_pylist()
    values = pa.array(["old" if c == "P" and n == 0 else "new" for n, c in enumerate(case)])
    events = Log.of(rows.set_column(place, "group", values), attributes=["group"])
    changed = found(events, "changed after entry", entry_attributes=["group"])
    assert (changed.affected, changed.total) == (1, 2)


@pytest.mark.parametrize(
    ("moment", "timezone", "expected"),
    [
        ("2026-03-01T17:00:00", "Asia/Jakarta", True),
        ("2026-03-01T00:00:00", "Asia/Jakarta", False),
        ("2026-07-01T22:00:00", "Europe/Amsterdam", True),
        ("2026-01-01T23:00:00", "Europe/Amsterdam", True),
        ("2026-01-01T22:00:00", "Europe/Amsterdam", False),
        ("2026-01-01T18:15:00", "Asia/Kathmandu", True),
        ("2026-03-01T17:00:00.000001", "Asia/Jakarta", False),
    ],
)
def test_midnight_is_midnight_where_the_office_is(moment, timezone, expected):
    microseconds = np.array([np.datetime64(moment, "us").astype(np.int64)])
    assert midnights(microseconds, timezone).tolist() == [expected]


def test_what_lies_after_now_was_mistyped():
    events = log("P: a b+60 c+120", "Q: a")
    now = int(events.timestamp.min()) + 60 * 60_000_000
    future = found(events, "in the future", now=now)
    assert (future.affected, future.total, future.cases) == (1, 4, 1)


def test_a_latest_event_that_stands_alone_at_the_end_is_told_over_all_blocks():
    def told(*blocks):
        parts = [log(*block) for block in blocks]
        now = max(int(part.timestamp.max()) for part in parts)
        found_ = [found(part, "alone at the end", now=now) for part in parts]
        return alone_at_the_end(sum(found_[1:], found_[0]))

    month = 30 * 24 * 60
    alone = told(["P: a b", f"Q: a b+{month + 60}"], ["R: a"])
    assert (alone.affected, alone.total, alone.cases) == (1, 5, 1)
    assert told(["P: a b", f"Q: a b+{month + 60}"], [f"R: a b+{month + 60}"]).affected == 0
    assert told([f"P: a b b+{month - 1}"]).affected == 0
    assert told([f"P: a b b+{month}"]).affected == 1
    assert told(["P: a"]).affected == 0


def test_open_cases_without_an_event_for_half_a_year_are_silent():
    events = log("P: a", "Q: a", f"R: a b+{181 * 24 * 60}")
    is_open = np.array([name != "P" for name in in_order("P", "Q", "R")])
    now = int(events.timestamp.max())
    silent = found(events, "silent", now=now, is_open=is_open)
    assert (silent.affected, silent.total) == (1, 3)
    assert found(events, "silent", now=now - 2 * DAY, is_open=is_open).affected == 0
    assert not [one for one in check(events, timezone="UTC", now=now) if one.check == "silent"]


DAY = 86_400_000_000


def in_order(*names):
    """Cases in the order in which a log has them: that of their keys."""
    keys = hash_strings(names).tolist()
    return [name for _, name in sorted(zip(keys, names, strict=True))]


_steps = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["", "/start", "/schedule", "/suspend", "/resume"])
    ).map("".join),
    min_size=1,
    max_size=8,
)


@given(cases=st.lists(_steps, min_size=1, max_size=4))
def test_completions_without_a_start_are_the_work_items_without_one(cases):
    events = log(*(f"case-{n}: {' '.join(steps)}" for n, steps in enumerate(cases)))
    items = work_items(events)
    labels = events.activity.vocabulary.labels
    office = np.array([labels[code] != "c" for code in items.activity.codes], bool)
    done = office & (items.completed != UNKNOWN)
    bare = done & (items.started == UNKNOWN)
    missing = found(events, "missing start", applicant_steps=["c"])
    assert (missing.affected, missing.total) == (int(bare.sum()), int(done.sum()))
    assert missing.cases == len(np.unique(items.case[bare]))


def test_an_empty_log_has_no_flaw():
    assert all(result.affected == 0 for result in check(empty(), timezone="UTC", now=0))
    assert never_completed(unfinished(empty())).affected == 0
