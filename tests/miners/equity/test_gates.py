"""Where applications fail: at the last step that they completed before they were refused."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from eventlog import schema
from eventlog.identity import finish
from eventlog.letters import table
from eventlog.log import Log
from miners.detours.steps import steps_of
from miners.equity.gates import gates_of
from miners.work_items import work_items
from simulation.misconduct import Approval
from simulation.office import Office
from simulation.process import (
    APPLICANT_STEPS,
    GATES,
    INSPECT,
    ISSUE,
    REFUSE,
    SIGN,
    WITHDRAW,
    ZONING,
)
from simulation.running import simulate

ENDING = frozenset({"yes", "no", "gone"})


def gates(*groups, named=("b", "c", "d"), applicants=("a",), ending=ENDING, refusing=("no",)):
    """Gates of cases "how: steps", (cases, how many of them); `how` is +, - or ? for unknown.

    By gate: per group 1, 0 or None, and "-" for a case that never came there.
    """
    names, rows, how = [], [], {}
    for place, (text, many) in enumerate(groups):
        ended, _, way = text.partition(":")
        for number in range(many):
            name = f"{place}-{number}"
            names.append((name, place))
            rows.append(f"{name}: {way}")
            how[name] = ended.strip()
    events = table(*rows)
    log = Log.of(events)
    ids = dict(zip(events["case_key"].to_pylist(), events["case_id"].to_pylist(), strict=True))
    in_log = [ids[key] for key in log.case_key.tolist()]
    found = gates_of(
        steps_of(work_items(log), log.cases),
        named=named,
        favourable=np.array([how[name] == "+" for name in in_log]),
        unfavourable=np.array([how[name] == "-" for name in in_log]),
        ending=frozenset(ending),
        applicants=frozenset(applicants),
        refusing=frozenset(refusing),
    )
    out = {}
    for gate in found:
        told = {}
        for name, reached, passed in zip(in_log, gate.reached, gate.passed, strict=True):
            fate = (None if np.isnan(passed) else int(passed)) if reached else "-"
            told.setdefault(int(name.split("-")[0]), set()).add(fate)
        assert all(len(fates) == 1 for fates in told.values())
        out[gate.activity] = [told[place].pop() for place in range(len(groups))]
    return out


def test_a_refused_case_failed_at_its_last_gate_and_passed_those_before():
    found = gates(("-: a b c no", 1), ("+: a b c d yes", 1), ("-: a no", 1))
    assert found == {"b": [1, 1, "-"], "c": [0, 1, "-"], "d": ["-", 1, "-"]}


def test_open_and_withdrawn_cases_passed_what_they_went_beyond_and_nobody_knows_of_the_last():
    found = gates(("?: a b c", 1), ("?: a b gone", 1), ("+: a b c d yes", 1))
    assert found == {"b": [1, None, 1], "c": [None, "-", 1], "d": ["-", "-", 1]}


def test_what_comes_behind_the_refusal_has_no_part_in_it():
    found = gates(("-: a b no c complaint", 1), ("-: a b c no b c d no", 1))
    assert found == {"b": [0, 1], "c": ["-", 0], "d": ["-", "-"]}


def test_what_refuses_outweighs_an_approval_that_was_taken_back():
    assert gates(("-: a b yes c no", 1))["c"] == [0]


def test_a_refusal_that_stands_in_an_attribute_ends_with_the_case_or_where_it_closed():
    assert gates(("-: a b c archive", 1), refusing=())["c"] == [0]
    assert gates(("-: a b archive c", 1), refusing=(), ending=("archive",))["b"] == [0]


def test_the_last_completion_of_a_gate_counts():
    assert gates(("-: a b c b no", 1), named=("b", "c")) == {"b": [0], "c": [1]}


def test_of_steps_side_by_side_the_one_completed_last_is_where_it_failed():
    found = gates(("-: a b/start c/start c b no", 1), ("-: a b/start c/start b c no", 1))
    assert (found["b"], found["c"]) == ([0, 1], [1, 0])


def test_who_is_signed_without_the_review_that_all_approved_have_failed_before_it():
    found = gates(("-: a b d no", 12), ("-: a b c d no", 12), ("+: a b c d yes", 12))
    assert found == {"b": [0, 1, 1], "c": ["-", 1, 1], "d": ["-", 0, 1]}


def test_a_signature_ahead_of_the_last_look_was_no_judgement_either():
    found = gates(("-: a b d no", 12), ("-: a b d b no", 1), ("+: a b c d yes", 12))
    assert (found["b"][1], found["d"][1]) == (0, "-")


def test_a_step_that_approved_cases_leave_out_as_often_says_nothing_of_where_others_failed():
    found = gates(
        ("-: a b d no", 5), ("-: a b c d no", 45), ("+: a b c d yes", 46), ("+: a b d yes", 4)
    )
    assert found == {"b": [1, 1, 1, 1], "c": ["-", 1, 1, "-"], "d": [0, 0, 1, 1]}


def test_without_names_gates_are_where_enough_cases_are_refused_and_others_pass():
    found = gates(
        ("-: a b no", 10),
        ("-: a b c no", 9),
        ("-: a b c d no", 12),
        ("+: a b c d e yes", 10),
        ("-: a no", 11),
        named=(),
    )
    assert found == {
        "a": [1, 1, 1, 1, 0],
        "b": [0, 1, 1, 1, "-"],
        "d": ["-", "-", 0, 1, "-"],
    }


def test_without_names_a_step_of_the_applicants_on_the_way_is_no_gate():
    found = gates(("-: a b p no", 20), ("+: a b p yes", 20), named=(), applicants=("a", "p"))
    assert found == {"b": [0, 1]}


def test_a_step_that_only_refused_cases_come_to_is_no_gate():
    found = gates(("-: a b c no", 20), ("+: a b yes", 20), named=())
    assert found == {}


def test_gates_that_no_event_has_are_not_told():
    assert list(gates(("+: a b yes", 1), named=("c", "b"))) == ["b"]


def test_a_case_that_ended_both_ways_is_refused():
    steps = steps_of(work_items(Log.of(table("P: a b"))), 1)
    yes, none = np.array([True]), frozenset[str]()
    with pytest.raises(ValueError, match="both favourably and unfavourably"):
        gates_of(steps, named=(), favourable=yes, unfavourable=yes, ending=none, applicants=none)


@pytest.fixture(scope="module")
def office():
    """An office that refuses one group more often: log, steps, who is of the group, who refused."""

    def simulated(gate):
        plant = Approval(attribute="affiliation", group="other", points=0.25, gate=gate)
        events = simulate(Office(cases=1500, seed=41), [plant]).events
        fields = schema.incoming(("affiliation",))
        columns = {
            field.name: events.column(field.name).cast(field.type)
            if field.name in events.column_names
            else pa.nulls(events.num_rows, field.type)
            for field in fields
        }
        rows = finish(pa.table(columns, schema=fields))
        log = Log.of(rows, attributes=("affiliation",))
        labels = log.attributes["affiliation"].vocabulary.labels
        group = np.array([*labels, ""])[log.entry_values("affiliation")] == "other"
        return steps_of(work_items(log), log.cases), group

    return cache(simulated)


def has(steps, activity):
    out = np.zeros(steps.cases, bool)
    code = steps.activity.vocabulary.labels.index(activity)
    out[steps.case[steps.activity.codes == code]] = True
    return out


@pytest.mark.parametrize(("gate", "told"), [(ZONING, ZONING), (SIGN, SIGN), (INSPECT, SIGN)])
@pytest.mark.parametrize("named", [GATES, ()])
def test_a_group_that_is_refused_more_often_at_a_gate_fails_there(office, gate, told, named):
    """Where a file is signed and refused right behind the inspection, the log tells of the signing.

    Nobody can see then which of the two it failed at; what was skipped after the zoning review
    is seen.
    """
    steps, group = office(gate)
    found = gates_of(
        steps,
        named=named,
        favourable=has(steps, ISSUE) & ~has(steps, REFUSE),
        unfavourable=has(steps, REFUSE),
        ending=frozenset({ISSUE, REFUSE, WITHDRAW}),
        applicants=frozenset(APPLICANT_STEPS),
        refusing=frozenset({REFUSE}),
    )
    gaps = {
        one.activity: float(np.nanmean(one.passed[group]) - np.nanmean(one.passed[~group]))
        for one in found
    }
    assert gaps.pop(told) < -0.15
    assert all(abs(gap) < 0.06 for gap in gaps.values())
