"""Passages and steps that stray, for the map: as frequent as the map has them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventlog.letters import empty, log
from miners import dfg
from miners.detours.marks import Marks, Rules
from miners.detours.steps import steps_of
from miners.detours.straying import passages, tallies
from miners.work_items import work_items

words = st.builds("{}{}".format, st.sampled_from("abcd"), st.sampled_from(["", "", "/start"]))
cases = st.lists(st.lists(words, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=6)


def edges(steps, marks):
    """(source, target): how often, and how often it strayed."""
    found = passages(steps, marks)
    rows = zip(found.source, found.target, found.frequency, found.straying, strict=True)
    return {(marks.labels[a], marks.labels[b]): (int(n), int(m)) for a, b, n, m in rows}


def activities(steps, marks):
    """Per activity: how often done, how often that strayed, how often it was left out."""
    found = tallies(steps, marks)
    columns = zip(found.events, found.straying, found.skipped, strict=True)
    return dict(zip(marks.labels, (tuple(map(int, row)) for row in columns), strict=True))


@given(cases)
def test_passages_are_as_frequent_as_on_the_map(written):
    of = log(*(f"case-{n}: {case}" for n, case in enumerate(written)))
    drawn = dfg.summarise(dfg.observe(of))
    table = drawn.edges[["source", "target", "frequency"]].itertuples(index=False)
    expected = {(source, target): int(frequency) for source, target, frequency in table}
    steps = steps_of(work_items(of), of.cases)
    for one in (steps, steps.merged()):
        nothing = Marks.none(len(one), one.activity.vocabulary.labels)
        found = edges(one, nothing)
        assert {pair: often for pair, (often, _) in found.items()} == expected
        assert not any(strays for _, strays in found.values())
        done = {name: often for name, (often, _, _) in activities(one, nothing).items() if often}
        assert done == dict(zip(drawn.activities.activity, drawn.activities.events, strict=True))


def test_a_passage_strays_to_and_from_a_straying_step_and_where_one_is_missing(told):
    of = told("a x b c", "a b c", "a c", "c c")
    rules = Rules(
        mandatory=frozenset("bz"),
        once=frozenset("c"),
        order=(("b", "c"), ("c", "z")),
        known=frozenset("abcz"),
    )
    marks = of.marked(rules)
    assert edges(of.steps, marks) == {
        ("a", "x"): (1, 1),
        ("x", "b"): (1, 1),
        ("a", "b"): (1, 0),
        ("b", "c"): (2, 0),
        ("a", "c"): (1, 1),
        ("c", "c"): (1, 1),
    }
    assert activities(of.steps, marks) == {
        "a": (3, 0, 0), "b": (2, 0, 2), "c": (5, 1, 0), "x": (1, 1, 0), "z": (0, 0, 4),
    }  # fmt: skip


def test_all_executions_of_a_merged_step_stray_with_it(told):
    steps = told("a a b a a").steps.merged()
    stray = np.array([0, 0, 1], np.int8)
    none = Marks.none(3, steps.activity.vocabulary.labels)
    marks = Marks(
        stray=stray, partner=none.partner, skipped_case=none.skipped_case,
        skipped_activity=none.skipped_activity, skipped_after=none.skipped_after,
        labels=none.labels,
    )  # fmt: skip
    assert edges(steps, marks) == {("a", "a"): (2, 1), ("a", "b"): (1, 0), ("b", "a"): (1, 1)}
    assert activities(steps, marks) == {"a": (4, 2, 0), "b": (1, 0, 0)}


def test_an_empty_log_has_no_passages():
    of = empty()
    steps = steps_of(work_items(of), of.cases)
    marks = Marks.none(0, steps.activity.vocabulary.labels)
    assert edges(steps, marks) == {}
    assert activities(steps, marks) == {}
