"""Work items: when each piece of work was enabled, taken up and finished, and how long it took."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.calendar import Calendars
from eventlog.coded import Coded, Vocabulary
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.letters import empty, log, shuffled, table
from eventlog.log import Log
from miners.work_items import Items, Pauses, instance_names, items_table, work_items

MINUTE = 60_000_000

steps = st.builds(
    "{}{}{}{}".format,
    st.sampled_from("abc"),
    st.sampled_from(["", "", "/schedule", "/start", "/start", "/suspend", "/resume"]),
    st.sampled_from(["", "+0", "+7", "+4000"]),
    st.sampled_from(["", "@ann", "@bob"]),
)
rows = st.lists(st.lists(steps, min_size=1, max_size=10), min_size=1, max_size=6).map(
    lambda cases: table(*(f"case-{n}: {' '.join(one)}" for n, one in enumerate(cases)))
)


def as_rows(of, items):
    """The items as readable rows, by the key of their case."""
    keys = pa.array([str(key) for key in of.case_key.tolist()], pa.string())
    return items_table(items, case_ids=keys, calendars=None).to_pylist()


def minutes(values):
    return [None if value == UNKNOWN else value / 60_000 for value in values.tolist()]


@pytest.fixture
def office():
    """Open from 8 to 16 on weekdays, and on Tuesday 6 January 2026 closed for a holiday."""
    definition = Definition.bare(
        calendar={
            "days": "mon-fri",
            "hours": "08:00-16:00",
            "holidays": [date(2026, 1, 6)],
            "units": {"night": {"hours": "20:00-24:00"}},
        }
    )
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    last = int(datetime(2026, 2, 1, tzinfo=UTC).timestamp()) * 1_000_000
    return Calendars.of(definition, first, last)


@given(rows, st.integers(0, 2**32 - 1))
def test_the_order_of_arrival_changes_nothing(events, seed):
    one, other = Log.of(events), Log.of(shuffled(events, seed))
    assert as_rows(one, work_items(one)) == as_rows(other, work_items(other))


@given(rows)
def test_slices_of_cases_have_the_items_of_the_whole(events):
    whole = Log.of(events)
    middle = whole.cases // 2
    parts = [whole.between(0, middle), whole.between(middle, whole.cases)]
    assert as_rows(whole, work_items(whole)) == [
        row for part in parts for row in as_rows(part, work_items(part))
    ]


@given(rows)
def test_waiting_and_service_fit_between_enabled_and_completed(events):
    items = work_items(Log.of(events))
    known = items.waited & items.served
    whole = (items.completed[known] - items.enabled[known]) // 1000
    assert (items.waiting_ms[known] >= 0).all()
    assert (items.service_ms[known] >= 0).all()
    assert (items.waiting_ms[known] + items.service_ms[known] <= whole).all()


@given(rows)
def test_the_log_is_left_as_it_was(events):
    before, after = Log.of(events), Log.of(events)
    work_items(after, lambda cases, _: ["x"] * len(cases))
    assert np.array_equal(before.activity.codes, after.activity.codes)
    assert np.array_equal(before.timestamp, after.timestamp)


def test_waiting_is_until_the_start_and_service_from_there():
    items = work_items(log("P: a b/start+30 b+10"))
    assert minutes(items.waiting_ms) == [None, 30]
    assert minutes(items.service_ms) == [None, 10]
    assert items.scheduled.tolist() == [False, False]


def test_completions_alone_tell_neither_waiting_nor_service():
    items = work_items(log("P: a b c"))
    assert (items.started == UNKNOWN).all()
    assert (items.waiting_ms == UNKNOWN).all()
    assert (items.service_ms == UNKNOWN).all()
    assert items.enabled[1:].tolist() == items.completed[:-1].tolist()


def test_suspensions_are_no_service():
    items = work_items(log("P: a/start a/suspend+10 a/resume+60 a/suspend+5 a+20"))
    assert minutes(items.service_ms) == [15]
    assert (items.pauses.end - items.pauses.start).tolist() == [60 * MINUTE, 20 * MINUTE]


def test_who_completed_it_did_it_and_else_who_started_it():
    of = log("P: a/start@ann a@bob b/start@ann b c/start@eve d/schedule@cal")
    items = work_items(of)
    names = [None if code < 0 else of.resource.vocabulary.labels[code]
             for code in items.resource.codes]  # fmt: skip
    assert names == ["bob", "ann", "eve", None]


def test_a_scheduled_item_belongs_to_the_unit_it_was_scheduled_to():
    of = log("P: a/schedule b/schedule b/start b")
    units = Coded(codes=np.array([0, 0, -1, 1], np.int32), vocabulary=Vocabulary(labels=("x", "y")))
    items = work_items(replace(of, unit=units))
    assert items.unit.codes.tolist() == [0, 1]


def test_the_log_without_a_case_has_no_items():
    items = work_items(empty())
    assert len(items) == 0
    assert items_table(items, case_ids=pa.array([], pa.string()), calendars=None).num_rows == 0


def test_sums_of_a_case_are_of_what_is_known():
    of = log("P: a b/start+30 b+10 c/start+5 c", "Q: a b")
    items = work_items(of)
    place = {key: n for n, key in enumerate(of.case_key.tolist())}
    p, q = (place[log(f"{name}: a").case_key[0]] for name in "PQ")
    waiting = items.case_sums(items.waiting_ms, of.cases)
    assert (waiting[p], waiting[q]) == (35 * 60_000, UNKNOWN)


# Monday, 5 January 2026, 08:00 is when logs of letters begin.
def test_working_time_stands_still_overnight_and_on_holidays(office):
    items = work_items(log("P: a b/start+420 b+3000"))  # Monday 15:00, Wednesday 17:00
    assert minutes(items.waiting_working_ms(office)) == [None, 7 * 60]
    assert minutes(items.service_working_ms(office)) == [None, (1 + 8) * 60]


def test_a_pause_of_three_days_takes_out_its_working_hours_only(office):
    # Started Monday 8:00, suspended from 10:00 until Wednesday 10:00, done at 12:00.
    items = work_items(log("P: a/start a/suspend+120 a/resume+2880 a+120"))
    assert minutes(items.service_ms) == [4 * 60]
    assert minutes(items.service_working_ms(office)) == [4 * 60]


def test_each_unit_works_by_its_own_calendar(office):
    of = log("P: a b/start+1440 b+5")  # a whole day, Monday to the holiday
    day = work_items(of)
    units = Coded(codes=np.zeros(3, np.int32), vocabulary=Vocabulary(labels=("night",)))
    night = work_items(replace(of, unit=units))
    assert minutes(day.waiting_working_ms(office)) == [None, 8 * 60]
    assert minutes(night.waiting_working_ms(office)) == [None, 4 * 60]


def test_the_table_has_the_columns_of_the_contract(office):
    items = work_items(log("P: a b/start+30@ann b+10@ann"))
    found = items_table(
        items, case_ids=pa.array(["P"]), calendars=office, causes=pa.array([None, "contention"])
    )
    assert found.column_names == [
        *("case_id", "position", "activity", "resource", "unit", "enabled", "started"),
        *("completed", "waiting_seconds", "service_seconds", "waiting_working_seconds"),
        *("service_working_seconds", "cause"),
    ]
    at = [datetime(2026, 1, 5, 8, minute, tzinfo=UTC) for minute in (0, 30, 40)]
    assert found.to_pylist()[1] == dict(
        zip(
            found.column_names,
            ["P", 1, "b", "ann", None, *at, 1800.0, 600.0, 1800.0, 600.0, "contention"],
            strict=True,
        )
    )
    assert [found[name][0].as_py() for name in found.column_names[5:]] == [
        *(None, None, at[0]),
        *(None, None, None, None, None),
    ]


def instances_of(rows, names):
    """Answers by event id as the lake would; `asked` collects what was asked about."""
    by_key = dict(zip(rows["event_key"].to_pylist(), rows["event_id"].to_pylist(), strict=True))
    asked = []

    def answer(_, events):
        ids = [by_key[key] for key in events.tolist()]
        asked.extend(ids)
        return [names.get(name) for name in ids]

    return answer, asked


def test_instances_tell_apart_what_is_open_at_once():
    rows = table("P: a/start a/start+10 a+10 a+10", "Q: a/start a a/start a")
    names = {"P-0": "one", "P-1": "two", "P-2": "two", "P-3": "one"}
    answer, asked = instances_of(rows, names)
    of = Log.of(rows)
    found = sorted(minutes(work_items(of, answer).service_ms))
    assert found == [10, 30, 60, 60]
    assert sorted(asked) == ["P-0", "P-1", "P-2", "P-3"]
    assert sorted(minutes(work_items(of).service_ms)) == [20, 20, 60, 60]


def test_instances_are_heeded_only_where_all_are_known():
    rows = table("P: a/start a/start+10 a+10 a+10")
    answer, _ = instances_of(rows, {"P-0": "one", "P-1": "two", "P-2": "two"})
    assert minutes(work_items(Log.of(rows), answer).service_ms) == [20, 20]


@given(rows)
def test_one_instance_for_all_changes_nothing(events):
    of = Log.of(events)
    same = work_items(of, lambda cases, _: ["only"] * len(cases))
    assert as_rows(of, same) == as_rows(of, work_items(of))


words = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["schedule", "start", "suspend", "resume", "complete"]),
        st.sampled_from(["", "+0", "+7"]),
    ),
    max_size=10,
)


@given(words)
def test_instances_of_one_activity_are_paired_as_if_they_were_activities(events):
    both = [("1", "start", ""), ("2", "start", ""), *events]  # two at once: worth asking
    names = {f"P-{place}": instance for place, (instance, *_) in enumerate(both)}
    rows = table("P: " + " ".join(f"a/{word}{gap}" for _, word, gap in both))
    of = log("P: " + " ".join(f"a{instance}/{word}{gap}" for instance, word, gap in both))
    answer, _ = instances_of(rows, names)
    together, apart = work_items(Log.of(rows), answer), work_items(of)
    for name in ("enabled", "started", "completed", "scheduled", "service_ms"):
        assert getattr(together, name).tolist() == getattr(apart, name).tolist()


def test_too_few_answers_are_refused():
    of = log("P: a/start a/start a a")
    with pytest.raises(ValueError, match="4 events were asked about, 1 were answered for"):
        work_items(of, lambda *_: ["x"])


def test_instances_are_found_where_the_lake_keeps_them():
    said = ['{"concept:instance": "7", "note": "x"}', '{"concept:instance": 7}', "{}", None]
    assert instance_names(pa.array(said)) == ["7", "7", None, None]


def test_impossible_items_are_refused():
    none = Coded(codes=np.array([-1], np.int32), vocabulary=Vocabulary(labels=()))
    one = np.zeros(1, np.int32)
    good = {
        "case": one, "position": one, "activity": none, "resource": none, "unit": none,
        "enabled": np.array([1]), "started": np.array([2]), "completed": np.array([3]),
        "scheduled": np.zeros(1, bool),
    }  # fmt: skip
    assert len(Items(**good)) == 1
    for wrong, message in (
        ({"enabled": np.array([3])}, "started before it is enabled"),
        ({"completed": np.array([1])}, "completed before it is started"),
        ({"started": np.array([1, 2])}, "differ in length"),
    ):
        with pytest.raises(ValueError, match=message):
            Items(**{**good, **wrong})
    with pytest.raises(ValueError, match="ends before it begins"):
        Pauses(item=np.array([0]), start=np.array([2]), end=np.array([1]))
    with pytest.raises(ValueError, match="differ in length"):
        Pauses(item=np.array([0]), start=np.array([2]), end=np.array([2, 3]))
