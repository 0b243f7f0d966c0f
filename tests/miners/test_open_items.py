"""What open applications wait for now, and how that is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.letters import empty, log
from eventlog.log import Log
from miners.open_items import RULES, OpenItems, open_items
from miners.work_items import work_items

MINUTE = 60_000_000


def office(**procedure):
    return Definition.bare(
        clock={"closes": ["end"]}, **({"procedure": procedure} if procedure else {})
    )


def standing(*cases, successors=(), definition=None):
    """Per open item: case by its letter, activity, rule, minutes from the case's start."""
    of = log(*cases)
    found = open_items(work_items(of), of, definition or office(), successors)
    letters = {log(case).case_key[0]: case[0] for case in cases}
    return sorted(
        (
            letters[of.case_key[case]],
            found.activity.vocabulary.labels[found.activity.codes[row]],
            RULES[found.rule[row]],
            int(found.since[row] - of.starts[case]) // MINUTE,
        )
        for row, case in enumerate(found.case.tolist())
    )


def test_what_is_scheduled_or_started_is_what_the_case_waits_for():
    assert standing("P: a b/schedule+10", "Q: a b/schedule+10 b/start+5", "R: a/start") == [
        ("P", "b", "schedule event", 10),
        ("Q", "b", "started", 15),
        ("R", "a", "started", 0),
    ]


def test_two_open_items_of_a_case_are_both_told():
    assert standing("P: a b/schedule+10 c/start+5", successors=[("a", "b")]) == [
        ("P", "b", "schedule event", 10),
        ("P", "c", "started", 15),
    ]


def test_a_case_waits_for_the_only_step_that_the_map_knows():
    assert standing("P: a b+10", successors=[("a", "b"), ("b", "c")]) == [
        ("P", "c", "only next step", 10)
    ]


def test_where_the_map_knows_several_steps_the_case_waits_after_its_last():
    known = [("b", "c"), ("b", "d")]
    assert standing("P: a b+10", successors=known) == [("P", "b", "waiting after", 10)]
    assert standing("P: a b+10") == [("P", "b", "waiting after", 10)]


def test_closed_cases_wait_for_nothing():
    assert standing("P: a b/start end", "Q: a end b/schedule", successors=[("a", "b")]) == []


def test_nothing_is_told_where_nobody_said_what_closes_a_case():
    cases = ("P: a b/start",)
    assert standing(*cases, definition=Definition.bare()) == []


def test_a_closing_step_that_was_only_started_closes_nothing():
    assert standing("P: a end/start+5") == [("P", "end", "started", 5)]


def test_the_procedure_rules_out_what_has_to_wait_for_another_step():
    known = [("a", "b"), ("a", "sign"), ("check", "a")]
    definition = office(order=[["check", "sign"]])
    told = standing("P: a+0", "Q: check a+5", successors=known, definition=definition)
    assert told == [("P", "b", "only next step", 0), ("Q", "a", "waiting after", 5)]


def test_the_procedure_rules_out_doing_twice_what_is_done_once():
    known = [("a", "b"), ("a", "sign"), ("sign", "a")]
    definition = office(once=["sign"])
    told = standing("P: a", "Q: sign a+5", successors=known, definition=definition)
    assert told == [("P", "a", "waiting after", 0), ("Q", "b", "only next step", 5)]


def test_the_procedure_alone_says_what_comes_behind_a_step_that_no_case_has_left_yet():
    definition = office(order=[["a", "b"], ["b", "c"]])
    assert standing("P: a", definition=definition) == [("P", "b", "only next step", 0)]
    assert standing("P: a b+5", definition=definition) == [("P", "c", "only next step", 5)]


def test_the_next_step_belongs_to_nobody_yet():
    of = log("P: a@ann")
    found = open_items(work_items(of), of, office(), [("a", "b")])
    assert (found.item[0], found.resource.codes[0], found.unit.codes[0]) == (-1, -1, -1)
    assert (found.enabled[0], found.started[0]) == (of.ends[0], UNKNOWN)


def test_an_item_that_exists_is_named_by_its_place():
    of = log("P: a b/start@ann")
    items = work_items(of)
    found = open_items(items, of, office(), [])
    assert found.item.tolist() == [1]
    assert of.resource.vocabulary.labels[found.resource.codes[0]] == "ann"


def test_the_log_without_a_case_waits_for_nothing():
    of = empty()
    assert len(open_items(work_items(of), of, office(), [("a", "b")])) == 0


def test_impossible_rules_are_refused():
    of = log("P: a b/start")
    columns = vars(open_items(work_items(of), of, office(), []))
    with pytest.raises(ValueError, match="not one of schedule event"):
        OpenItems(**{**columns, "rule": columns["rule"] + 9})
    with pytest.raises(ValueError, match="differ in length"):
        OpenItems(**{**columns, "rule": columns["rule"][:0]})


steps = st.lists(
    st.builds(
        "{}{}".format,
        st.sampled_from(["a", "b", "c", "end"]),
        st.sampled_from(["", "", "", "/schedule", "/start"]),
    ),
    min_size=1,
    max_size=6,
)
known_ways = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=8)


def plainly(steps, definition, successors):
    """What one case waits for: activity and rule, from its letters alone."""
    done = [step for step in steps if "/" not in step]
    if "end" in done:
        return []
    of = log(f"P: {' '.join(steps)}")
    items = work_items(of)
    labels = of.activity.vocabulary.labels
    unfinished = [
        (labels[code], "schedule event" if start == UNKNOWN else "started")
        for code, start, end in zip(
            items.activity.codes, items.started.tolist(), items.completed.tolist(), strict=True
        )
        if end == UNKNOWN
    ]
    if unfinished or not done:
        return unfinished
    ways = {b for a, b in successors if a == done[-1]}
    ways = ways or {b for a, b in definition.procedure.order if a == done[-1]}
    late = {b for a, b in definition.procedure.order if a not in done}
    left = ways - late - (set(definition.procedure.once) & set(done))
    return [(left.pop(), "only next step") if len(left) == 1 else (done[-1], "waiting after")]


@given(st.lists(steps, min_size=1, max_size=6), known_ways)
def test_cases_wait_for_what_a_plain_reading_says(cases, successors):
    definition = office(order=[["a", "b"], ["c", "d"], ["zz", "c"]], once=["a", "d"])
    texts = [f"{n}: {' '.join(steps)}" for n, steps in enumerate(cases)]
    expected = [
        (str(n), *row)
        for n, steps in enumerate(cases)
        for row in plainly(steps, definition, successors)
    ]
    found = standing(*texts, successors=successors, definition=definition)
    assert sorted(row[:3] for row in found) == sorted(expected)


@given(st.lists(steps, min_size=1, max_size=6), known_ways)
def test_slices_of_cases_wait_for_the_same_as_the_whole(cases, successors):
    whole = log(*(f"{n}: {' '.join(steps)}" for n, steps in enumerate(cases)))

    def told(of: Log):
        found = open_items(work_items(of), of, office(), successors)
        labels = found.activity.vocabulary.labels
        columns = (found.case, found.activity.codes, found.rule, found.since)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [(of.case_key[case], labels[code], *rest) for case, code, *rest in rows]

    middle = whole.cases // 2
    parts = [whole.between(0, middle), whole.between(middle, whole.cases)]
    assert told(whole) == [row for part in parts for row in told(part)]
