"""The BPMN model is shown with the numbers that may be told, and without steps that may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.errors import StopError
from miners.discovery.bpmn_layout import Shape, draw
from miners.discovery.model_colours import Agreement
from miners.discovery.model_files import render_bpmn
from miners.discovery.process_tree import SILENT, Block, Kind, activities
from miners.procedure.bpmn import parse_procedure
from reports.language import speaking
from reports.suppress import suppress
from reports.views.bpmn import Look, read_fit, view_bpmn
from reports.views.bpmn_reading import read_diagram, without


def step(name):
    return Block(kind=Kind.ACTIVITY, name=name)


def blocks(kind, children):
    return Block(kind=kind, children=tuple(children))


LEAVES = st.sampled_from([SILENT, *map(step, "abcdefgh")])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            blocks,
            st.sampled_from([Kind.SEQUENCE, Kind.CHOICE, Kind.PARALLEL]),
            st.lists(inner, min_size=2, max_size=3),
        ),
        st.builds(blocks, st.just(Kind.LOOP), st.lists(inner, min_size=2, max_size=2)),
    ),
    max_leaves=8,
)


@given(TREES)
def test_what_was_written_is_read_back(tree):
    assert read_diagram(render_bpmn(draw(tree))) == draw(tree)


@given(TREES, st.sets(st.sampled_from("abcdefgh")))
def test_without_some_steps_a_model_is_whole_and_nothing_else_moved(tree, gone):
    before, after = draw(tree), without(draw(tree), gone)
    assert [node for node in before.nodes if node.name not in gone] == list(after.nodes)
    for place, node in enumerate(after.nodes):
        comes = sum(flow.target == place for flow in after.flows)
        goes = sum(flow.source == place for flow in after.flows)
        assert bool(comes) == (node.shape is not Shape.START)
        assert bool(goes) == (node.shape is not Shape.END)
        if node.shape is Shape.TASK:
            assert (comes, goes) == (1, 1)
    for flow in after.flows:
        assert len(set(flow.points)) == len(flow.points) > 1
    assert parse_procedure(render_bpmn(after), name="model.bpmn").net


TREE = blocks(
    Kind.SEQUENCE,
    [step("apply"), blocks(Kind.CHOICE, [step("check"), step("oath")]), step("issue")],
)
OFFICE = [*[("apply", "check", "issue")] * 40, *[("apply", "oath", "issue")] * 2]


def test_a_step_of_few_applications_is_nowhere_in_the_file(results_of):
    view = view_bpmn(render_bpmn(draw(TREE)), suppress(results_of(OFFICE)))
    assert view.withheld == 1
    assert [task.name for task in view.tasks] == ["apply", "check", "issue"]
    for look in Look:
        assert b"oath" not in view.file(look)
        assert "2" not in view.numbers(look).values()
    assert set(activities(TREE)) - {task.name for task in view.tasks} == {"oath"}


def test_each_number_stands_at_the_element_of_its_step(results_of):
    view = view_bpmn(render_bpmn(draw(TREE)), suppress(results_of([*OFFICE, *OFFICE])))
    drawn = {f"node_{place}": node.name for place, node in enumerate(view.diagram.nodes)}
    assert {drawn[id_]: told for id_, told in view.numbers(Look.FREQUENCY).items()} == {
        task.name: ("≈ " if task.activity.about else "") + str(task.activity.events)
        for task in view.tasks
    }


def test_where_nobody_asked_what_strays_there_are_no_colours_of_it(results_of):
    view = view_bpmn(render_bpmn(draw(TREE)), suppress(results_of(OFFICE)))
    assert view.looks == (Look.FREQUENCY,)
    assert {task.agreement for task in view.tasks} == {None}
    assert b"bioc:fill" not in view.file(Look.CONFORMANCE)
    assert b"bioc:fill" in view.file(Look.FREQUENCY)


def test_colours_of_straying_are_those_of_the_numbers_that_are_told(results_of, detours_of, detour):
    told = detours_of(
        detour("inserted", "check"),
        activities=[
            {"activity": "apply", "events": 42, "straying": 0, "straying_cases": 0, "skipped": 0},
            {"activity": "check", "events": 40, "straying": 25, "straying_cases": 25, "skipped": 0},
            {"activity": "issue", "events": 42, "straying": 2, "straying_cases": 2, "skipped": 0},
        ],
    )
    view = view_bpmn(render_bpmn(draw(TREE)), suppress(results_of(OFFICE, detours=told)))
    assert {task.name: task.agreement for task in view.tasks} == {
        "apply": Agreement.CONFORMING,
        "check": Agreement.MOSTLY_STRAY,
        "issue": Agreement.CONFORMING,  # two cases are few: that they stray is told, not how many
    }
    assert len(view.legend(Look.CONFORMANCE)) == 2


def test_where_no_step_may_be_told_there_is_no_model(results_of):
    few = suppress(results_of(OFFICE[-2:]))
    assert view_bpmn(render_bpmn(draw(TREE)), few) is None


def test_steps_are_called_as_people_call_them_and_the_ends_by_the_language(results_of):
    published = suppress(results_of(OFFICE, names={"check": "Check the file"}))
    with speaking("id"):
        view = view_bpmn(render_bpmn(draw(TREE)), published)
    names = {node.name for node in view.diagram.nodes if node.name}
    assert {"Check the file", "apply", "issue"} < names
    assert "start" not in names


def test_what_the_model_left_out_is_named_only_if_it_may_be_told(results_of):
    run = {"model": {"fitness": 0.9, "activities_left_out": ["oath", "issue"]}}
    fit = read_fit(run, suppress(results_of(OFFICE)))
    assert (fit.fitness, fit.precision, fit.left_out) == (0.9, None, ("issue",))


@pytest.mark.parametrize(
    "content",
    [b"no model", b"<bpmn/>", render_bpmn(draw(TREE)).replace(b'x="', b'x="wide')],
)
def test_a_foreign_file_is_refused_with_a_way_out(results_of, content):
    with pytest.raises(StopError, match=r"model\.bpmn .* run `runut mine` again"):
        view_bpmn(content, suppress(results_of(OFFICE)))
