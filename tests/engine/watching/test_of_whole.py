"""All cases in the shape in which rules are read from them say what the mining run says."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from engine.batch import ids_of
from engine.case_look import look_at
from engine.looks import Looks
from engine.opening import OpeningHours
from engine.watching.of_whole import (
    again,
    cases_by_value,
    count_pairs,
    kept_attributes,
    of_whole,
    told_by,
    units_of_open,
)
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.letters import empty, log, table
from eventlog.log import Log
from miners.open_items import ONLY_NEXT, WAITING_AFTER
from miners.placed import placed
from miners.work_items import work_items

CLOCK = {"starts": ["a"], "stops": ["d"]}
HOUR = 3_600_000_000
MONDAY = round(datetime(2026, 1, 5, 8, tzinfo=UTC).timestamp()) * 1_000_000


def whole(definition, rows, *, hours, attributes=(), successors=()):
    """What mining hands over so many hours after the first event."""
    seen = Log.of(rows, attributes=attributes)
    opening, now = OpeningHours(definition), MONDAY + hours * HOUR
    looks = Looks(definition, opening, now=now, coarse=None)
    looks.add(
        seen,
        seen,
        look_at(seen, seen, definition, opening, now=now),
        ids_of(seen.case_key, rows.to_batches()),
    )
    return looks.whole(successors)


def coded(*labels):
    return Coded.of(pa.array(labels, pa.string()))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("P: a b c", [False, False, False]),
        ("P: a b a a", [False, False, True, True]),
        ("P: a b/start b", [False, False]),  # one piece of work
        ("P: b b/schedule b/start", [False, True]),  # under way, and done before
        ("P: b/schedule b/schedule", [False]),  # handed on
        ("P: b+0 b+0", [False, True]),  # at one moment: the first is first
    ],
)
def test_work_is_done_again_if_its_case_had_it_completed_before(case, expected):
    items = work_items(log(case))
    assert again(items.case, items.activity, items.completed).tolist() == expected


def test_what_is_done_again_goes_by_when_it_was_completed_in_any_case():
    case = np.array([4, 4, 4, 1, 1], np.int32)
    completed = np.array([9, 5, UNKNOWN, 7, UNKNOWN])
    found = again(case, coded("b", "b", "b", "b", "c"), completed)
    assert found.tolist() == [True, False, True, False, False]
    assert again(case[:0], coded(), completed[:0]).tolist() == []


def test_again_is_what_one_counts_case_by_case():
    chance = np.random.default_rng(3)
    for _ in range(30):
        case = np.repeat(np.arange(6), chance.integers(0, 6, 6)).astype(np.int32)
        names = chance.choice(["a", "b"], len(case))
        completed = np.where(
            chance.random(len(case)) < 0.3, UNKNOWN, chance.integers(0, 4, len(case))
        )
        found = again(case, coded(*names), completed)
        for row in range(len(case)):
            others = [
                (completed[other], other)
                for other in range(len(case))
                if (case[other], names[other]) == (case[row], names[row])
                and completed[other] != UNKNOWN
                and other != row
            ]
            done = completed[row] != UNKNOWN
            first = min(others, default=None)
            assert found[row] == (first is not None and (not done or first < (completed[row], row)))


LOGS = [
    ("P1: a b/schedule", "P2: a b+10 d+10", "P3: a", "P4: a"),
    ("P1: a", "P2: a b c d", "P3: b c", "P4: a b"),
    ("P1: a c", "P2: b", "P3: a b/start"),
]


@pytest.mark.parametrize("cases", LOGS)
@pytest.mark.parametrize("units", [{}, {"b": "Planning"}, {"b": "Z", "c": "Y", "a": "Z"}])
def test_open_work_waits_at_the_unit_that_queues_put_it_in(cases, units):
    rows = table(*cases)
    named = [units.get(name) for name in rows.column("activity").to_pylist()]
    place = rows.schema.get_field_index("unit")
    rows = rows.set_column(place, rows.schema.field(place), pa.array(named, pa.string()))
    definition = Definition.bare(clock=CLOCK)
    looked = whole(definition, rows, hours=9, successors=[("a", "b"), ("b", "c"), ("c", "d")])
    grown, rule = placed(looked.items, looked.still)
    watched = of_whole(looked, definition)

    def waiting(case, activity, unit):
        labels = [unit.vocabulary.labels[code] if code >= 0 else None for code in unit.codes]
        names = [activity.vocabulary.labels[code] for code in activity.codes]
        return sorted(zip(case.tolist(), names, [label or "" for label in labels], strict=True))

    there = np.flatnonzero(rule >= 0)
    known = np.flatnonzero(watched.open.rule != WAITING_AFTER)
    assert waiting(
        watched.open.case[known], watched.open.activity.take(known), watched.open.unit.take(known)
    ) == waiting(grown.case[there], grown.activity.take(there), grown.unit.take(there))


@pytest.mark.parametrize(
    ("ever", "unit"),
    [
        ({("b", "Y"): 2, ("b", "X"): 2, ("b", None): 9}, "X"),
        ({("b", "Y"): 3, ("b", "X"): 2}, "Y"),
        ({("b", None): 9, ("c", "X"): 1}, None),
        ({}, None),
    ],
)
def test_of_equally_usual_units_the_first_by_name_and_nobody_only_if_none_is_named(ever, unit):
    found = units_of_open(
        coded("b", "b"), coded(None, "Z"), np.array([ONLY_NEXT, WAITING_AFTER], np.int8), ever
    )
    names = [found.vocabulary.labels[code] if code >= 0 else None for code in found.codes]
    assert names == [unit, "Z"]


def test_what_was_ever_seen_is_counted():
    activity, unit = coded("a", "b", "a", "a"), coded("X", None, "X", None)
    assert count_pairs(activity, unit) == {("a", "X"): 2, ("b", None): 1, ("a", None): 1}
    rows = np.array([True, False, False, True])
    assert count_pairs(activity, unit, rows) == {("a", "X"): 1, ("a", None): 1}
    assert cases_by_value(coded("north", None, "North", "north")) == {"north": 2, "North": 1}


def test_a_mining_run_hands_over_all_cases_as_they_are():
    rules = [{"name": "queue", "measure": "queue_length", "by": "district", "above": 3}]
    definition = Definition.bare(
        clock=CLOCK,
        standard={"term": "2h"},
        case_attributes=["district", "owner", "size"],
        applicant_id="owner",
        alerts=rules,
    )
    given = {"district": {"P1": "north"}, "owner": {"P1": "x"}, "size": {"P1": "1"}}
    rows = table("P1: a b/start@ann+60", "P2: a d+60@bob", case_attributes=given)
    looked = whole(definition, rows, hours=3, attributes=tuple(given))
    watched = of_whole(looked, definition)
    cases, place = watched.cases, {name: n for n, name in enumerate(watched.ids(np.arange(2)))}
    one, two = place["P1"], place["P2"]
    assert sorted(cases.key.tolist()) == sorted(Log.of(rows, attributes=()).case_key.tolist())
    assert (cases.is_open[one], cases.is_open[two]) == (True, False)
    assert (cases.over[one], cases.over[two]) == (True, False)
    assert (cases.ended[one], cases.ended[two]) == (False, True)
    assert (cases.due[one], cases.closed[two]) == (MONDAY + 2 * HOUR, MONDAY + HOUR)
    assert (cases.began[one], cases.last[two]) == (MONDAY, MONDAY + HOUR)
    assert set(cases.attributes) == {"district", "owner"}
    assert watched.ever.cases == {"district": {"north": 1}}
    assert watched.ever.items == {("a", None): 2, ("b", None): 1, ("d", None): 1}
    assert watched.ever.waited == watched.ever.known == {("b", None): 1}
    assert (watched.heard, watched.now) == (MONDAY + HOUR, MONDAY + 3 * HOUR)
    assert len(watched.standing()) == 2


def test_what_lies_in_the_future_was_not_heard():
    definition = Definition.bare(clock=CLOCK)
    looked = whole(definition, table("P1: a b+600", "P2: a b+30"), hours=1)
    assert of_whole(looked, definition).heard == MONDAY + HOUR // 2


def test_an_empty_lake_and_a_run_that_looked_at_no_work_are_handed_over_too():
    definition = Definition.bare(
        alerts=[{"name": "n", "measure": "silence", "by": "kind", "above": 1}],
        case_attributes=["kind"],
    )
    opening = OpeningHours(definition)
    looks = Looks(definition, opening, now=MONDAY, coarse=None)
    nothing = empty(("kind",))
    looks.add(
        nothing,
        nothing,
        look_at(nothing, None, definition, opening, now=MONDAY),
        pa.array([], pa.string()),
    )
    watched = of_whole(looks.whole(()), definition)
    assert (watched.heard, len(watched.cases)) == (UNKNOWN, 0)
    assert (watched.open, watched.work, watched.ever.items) == (None, None, {})


def test_the_attributes_that_rules_need_are_those_told_by_and_those_compared_by():
    definition = Definition.bare(
        case_attributes=["kind", "size", "owner", "lane", "colour"],
        applicant_id="owner",
        equity={"groups": ["kind"], "legitimate": ["size"], "service_class": ["lane"]},
        alerts=[{"name": "n", "measure": "queue_length", "by": "kind", "above": 1}],
    )
    assert told_by(definition) == ("kind",)
    assert set(kept_attributes(definition)) == {"kind", "size", "lane", "owner"}
