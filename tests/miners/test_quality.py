"""What cannot be trusted is counted and said."""

import numpy as np
import pyarrow as pa
import pytest

from eventlog.letters import empty, log, table
from eventlog.log import Log
from miners.quality import check, midnights, never_completed, unfinished


def found(log, name, column=None, **options):
    return next(
        result
        for result in check(log, timezone="UTC", **options)
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


def test_an_empty_log_has_no_flaw():
    assert all(result.affected == 0 for result in check(empty(), timezone="UTC"))
    assert never_completed(unfinished(empty())).affected == 0
