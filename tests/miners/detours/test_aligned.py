"""Marks by a drawn procedure: each kind in plain cases, the same for every case of a route."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miners.detours.aligned import aligned, mark_aligned
from miners.detours.marks import AGAIN, CONFORMING, EARLY, FOREIGN
from miners.discovery.bpmn_layout import draw
from miners.discovery.model_files import render_bpmn
from miners.discovery.process_tree import SILENT, Block, Kind
from miners.procedure.bpmn import parse_procedure

SIGNS = {CONFORMING: "", AGAIN: "again ", FOREIGN: "foreign ", EARLY: "early "}


def drawn(tree):
    return parse_procedure(render_bpmn(draw(tree)), name="tree.bpmn")


def block(kind, *parts):
    children = [Block(kind=Kind.ACTIVITY, name=p) if isinstance(p, str) else p for p in parts]
    return Block(kind=kind, children=tuple(children))


@pytest.fixture(scope="module")
def procedure():
    """Submit, then check beside advise, then perhaps inspect, then sign."""
    beside = block(Kind.PARALLEL, "check", "advise")
    perhaps = block(Kind.CHOICE, "inspect", SILENT)
    return drawn(block(Kind.SEQUENCE, "submit", beside, perhaps, "sign"))


DONE, OPEN = True, False


def words(of, procedure, decided):
    """Each case as its steps with their signs, `<partner` behind; `-x` for what is missing.

    `decided` is one value, or one a case as they were written.
    """
    flags = of.of_case(decided if isinstance(decided, list) else [decided] * len(of.written))
    marks, steps = mark_aligned(of.steps, procedure, flags), of.steps
    out = []
    for case in range(steps.cases):
        first, last = steps.offsets[case], steps.offsets[case + 1]
        missing = [
            (after, f"-{marks.labels[activity]}")
            for one, activity, after in zip(
                marks.skipped_case, marks.skipped_activity, marks.skipped_after, strict=True
            )
            if one == case
        ]
        assert all(after == -1 or first <= after < last for after, _ in missing)
        said = [word for after, word in missing if after == -1]
        for row in range(first, last):
            name = steps.activity.vocabulary.labels[steps.activity.codes[row]]
            partner = f"<{marks.labels[marks.partner[row]]}" if marks.partner[row] >= 0 else ""
            said.append(f"{SIGNS[marks.stray[row]]}{name}{partner}")
            said += [word for after, word in missing if after == row]
        out.append(", ".join(said))
    return of.in_order(out)


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("submit check advise sign", "submit, check, advise, sign"),
        ("submit advise check inspect sign", "submit, advise, check, inspect, sign"),
        ("submit check check advise sign", "submit, check, again check, advise, sign"),
        (
            "submit check advise inspect check advise sign",
            "submit, check, advise, inspect, again check, again advise, sign",
        ),
        ("submit pay check advise sign", "submit, foreign pay, check, advise, sign"),
        ("submit check sign", "submit, check, -advise, sign"),
        ("check advise sign", "-submit, check, advise, sign"),
        ("submit check advise", "submit, check, advise, -sign"),
        ("submit check sign advise", "submit, check, early sign<advise, advise"),
        ("submit inspect check advise sign", "submit, early inspect<advise, check, advise, sign"),
        ("check submit advise sign", "early check<submit, submit, advise, sign"),
        (
            "submit sign check advise sign",
            "submit, again sign, check, advise, sign",
        ),
        (
            "submit check inspect inspect advise sign",
            "submit, check, early inspect<advise, again inspect, advise, sign",
        ),
    ],
)
def test_what_a_decided_case_strays_by(told, procedure, case, said):
    assert words(told(case), procedure, DONE) == [said]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("submit", "submit"),
        ("submit check", "submit, check"),
        ("submit check sign", "submit, check, -advise, sign"),
        ("submit check inspect", "submit, check, -advise, inspect"),
        ("submit inspect check advise", "submit, early inspect<advise, check, advise"),
        ("submit check advise check", "submit, check, advise, again check"),
        ("submit pay", "submit, foreign pay"),
        ("submit inspect", "submit, foreign inspect"),
    ],
)
def test_a_case_on_its_way_only_lacks_what_it_has_passed(told, procedure, case, said):
    assert words(told(case), procedure, OPEN) == [said]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("a b d", "a, b, d"),
        ("a b c d", "a, b, foreign c, d"),
        ("c a b d", "foreign c, a, b, d"),
        ("c a d", "early c<a, a, d"),
        ("a d", "a, -b, d"),
    ],
)
def test_the_other_branch_of_a_choice_is_out_of_place(told, case, said):
    choice = drawn(block(Kind.SEQUENCE, "a", block(Kind.CHOICE, "b", "c"), "d"))
    assert words(told(case), choice, DONE) == [said]


def test_a_loop_that_the_procedure_draws_is_no_repetition(told):
    loop = drawn(block(Kind.SEQUENCE, "a", block(Kind.LOOP, "check", "resubmit"), "d"))
    of = told("a check resubmit check resubmit check d", "a check check d", "a check resubmit d")
    assert words(of, loop, DONE) == [
        "a, check, resubmit, check, resubmit, check, d",
        "a, check, again check, d",
        "a, check, resubmit, -check, d",
    ]


def test_steps_that_overlap_or_share_a_date_were_done_side_by_side(told):
    line = drawn(block(Kind.SEQUENCE, "a", "b", "c"))
    of = told("a b/start c+60 b+60", "a c+60 b/start+60 b+60", "a c+60 b+0", "a c+60 b+10")
    assert words(of, line, DONE) == [
        "a, c, b",
        "a, early c<b, b",
        "a, c, b",
        "a, early c<b, b",
    ]


def test_what_is_in_hand_is_not_left_out(told):
    line = drawn(block(Kind.SEQUENCE, "a", "b", "c"))
    assert words(told("a b/start c", "a c"), line, OPEN) == ["a, c", "a, -b, c"]


cases = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["submit", "check", "advise", "inspect", "sign", "pay"]),
                 min_size=1, max_size=8).map(" ".join),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


@given(some=cases)
def test_every_case_is_marked_as_if_it_were_alone(told, procedure, some):
    together = words(told(*(way for way, _ in some)), procedure, [flag for _, flag in some])
    assert together == [words(told(way), procedure, flag)[0] for way, flag in some]


@given(some=cases)
def test_routes_are_as_far_from_the_procedure_as_r4pm_says(told, by_r4pm, procedure, some):
    of = told(*(way for way, _ in some))
    found = aligned(of.steps, procedure, of.of_case([DONE] * len(some)))
    ways = [way.split() for way, _ in some]
    *theirs, shortest = by_r4pm([*ways, ()], procedure.net)
    fitness = [1 - many / (len(way) + shortest) for way, many in zip(ways, theirs, strict=True)]
    assert of.in_order(found.deviations[found.route]) == theirs
    assert of.in_order(found.fitness[found.route]) == fitness
    assert found.log_fitness == pytest.approx(np.mean(fitness))
    assert found.conforming == np.mean(np.equal(theirs, 0))
    assert len(found.fitness) == len({way for way, _ in some})
    early = aligned(of.steps, procedure, of.of_case([OPEN] * len(some)))
    assert (early.deviations <= found.deviations).all()
    assert (early.fitness >= 0).all()


def test_without_cases_nothing_strays(told, procedure):
    steps = told("submit").steps
    nothing = aligned(
        type(steps)(
            offsets=np.zeros(1, np.int64),
            activity=steps.activity.take(np.empty(0, np.int64)),
            unit=steps.unit.take(np.empty(0, np.int64)),
            began=np.empty(0, np.int64),
            done=np.empty(0, np.int64),
            item=np.empty(0, np.int64),
            count=np.empty(0, np.int32),
        ),
        procedure,
        np.empty(0, bool),
    )
    assert len(nothing.marks.stray) == len(nothing.route) == 0
    assert nothing.log_fitness == nothing.conforming == 1.0
    assert set(nothing.marks.labels) == {"submit", *procedure.activities}
