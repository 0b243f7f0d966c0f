"""One row a permit, and nothing claimed that is not known."""

import numpy as np
import pyarrow as pa

from engine.case_look import case_columns, look_at
from engine.opening import OpeningHours
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.letters import log
from miners.cases import case_table, closed_at, open_cases, outcomes


def rows(found, definition):
    ids = [f"case-{place}" for place in range(found.cases)]
    look = look_at(found, found, definition, OpeningHours(definition), now=0)
    looked = case_columns(look, found.cases)
    return case_table(found, definition, case_ids=pa.array(ids, pa.string()), looked=looked)


def test_without_closing_activities_open_is_unknown():
    found = log("P: a b", "Q: a")
    assert open_cases(found, Definition.bare()).null_count == 2


def test_a_case_is_open_until_a_closing_activity_completes():
    found = log("P: a b", "Q: a b/start", "R: a")
    definition = Definition.bare(clock={"stops": ["b"]})
    assert sorted(open_cases(found, definition).to_pylist()) == [False, True, True]


def test_a_case_is_closed_when_a_closing_activity_first_completes():
    cases = ("P: a b+30 c b", "Q: a b/start", "R: a c+10", "S: a", "T: b")
    definition = Definition.bare(clock={"stops": ["b", "c"]})
    for chosen in ((0, 1, 2, 3, 4), (1, 3), (4,), ()):
        found = log(*(cases[place] for place in chosen))
        minutes = np.where(
            (closed := closed_at(found, definition)) == UNKNOWN,
            -1,
            (closed - found.starts) // 60_000_000,
        )
        expected = {0: 30, 1: -1, 2: 10, 3: -1, 4: 0}
        assert sorted(minutes.tolist()) == sorted(expected[place] for place in chosen)
    assert (closed_at(log("P: a b"), Definition.bare()) == UNKNOWN).all()


def test_outcomes_by_attribute_use_the_current_value_in_any_letter_case():
    given = {"P": "Approved", "Q": "rejected", "R": "unheard of"}
    found = log("P: a", "Q: a", "R: a", "S: a", case_attributes={"outcome": given})
    said = Definition.bare(
        case_attributes=["outcome"],
        outcome={"attribute": "outcome", "favourable": ["approved"], "unfavourable": ["rejected"]},
    )
    words = outcomes(found, said.outcome).to_pylist()
    assert sorted(words, key=str) == [None, None, "favourable", "unfavourable"]


def test_outcomes_by_activity_take_what_outweighs_the_rest():
    found = log("P: issue", "Q: issue withdraw", "R: wait")
    said = Definition.bare(
        outcome={"favourable_activities": ["issue"], "withdrawn_activities": ["withdraw"]}
    )
    assert sorted(outcomes(found, said.outcome).to_pylist(), key=str) == [
        None,
        "favourable",
        "withdrawn",
    ]


def test_what_is_not_known_is_null():
    found = log("P: a b", "Q: a/start")
    table = rows(found, Definition.bare())
    by_events = {row["events"]: row for row in table.to_pylist()}
    assert by_events[2]["throughput_seconds"] == 3600
    assert by_events[2]["working_seconds"] is None
    assert by_events[2]["waiting_seconds"] is None
    assert by_events[2]["over_term"] is None
    assert by_events[2]["outcome"] is None


def test_the_empty_log_has_the_same_columns():
    from eventlog.letters import empty

    definition = Definition.bare(case_attributes=["x"])
    full = rows(log("P: a", case_attributes={"x": {"P": "1"}}), definition)
    nothing = rows(empty(("x",)), definition)
    assert nothing.num_rows == 0
    assert {f.name: f.type for f in nothing.schema} == {f.name: f.type for f in full.schema}
    assert full.column("x").to_pylist() == ["1"]
    assert pa.types.is_timestamp(full.schema.field("start").type)


def test_outcomes_are_texts_even_where_none_is_known():
    found = log("P: a", case_attributes={"outcome": {"P": "pending"}})
    said = Definition.bare(
        case_attributes=["outcome"], outcome={"attribute": "outcome", "favourable": ["approved"]}
    )
    assert pa.types.is_string(outcomes(found, said.outcome).type)
