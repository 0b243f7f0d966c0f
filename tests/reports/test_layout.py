"""Where things stand on the map."""

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.maps.graph import Terminal, choose, spine
from reports.maps.labels import place_labels
from reports.maps.layout import layout, layout_graphlay, layout_graphviz
from reports.maps.plan import CHIP, Box, Route

ENGINES = pytest.mark.parametrize("engine", [layout_graphlay, layout_graphviz])


def meet(a, b, slack=0.0):
    return (
        a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack
    )


def area(box):
    return (box.left, box.top, box.left + box.width, box.top + box.height)


def chip(route):
    x, y = route.label
    half = route.label_width / 2
    return (x - half, y - CHIP / 2, x + half, y + CHIP / 2)


def crosses(route, box):
    """Whether the line passes through the inside of the box, looked at every 3 px."""
    left, top, right, bottom = area(box)
    for (ax, ay), (bx, by) in pairwise(route.points):
        steps = int(max(abs(ax - bx), abs(ay - by)) // 3) + 1
        for step in range(steps + 1):
            x, y = ax + (bx - ax) * step / steps, ay + (by - ay) * step / steps
            if left + 1 < x < right - 1 and top + 1 < y < bottom - 1:
                return True
    return False


def check(graph, plan):
    """What every plan owes its reader."""
    assert set(plan.boxes) >= {a.name for a in graph.activities}
    assert set(plan.routes) == {e.key for e in graph.edges}
    for one, other in combinations(plan.boxes.values(), 2):
        assert not meet(area(one), area(other))
    for box in plan.boxes.values():
        assert box.left >= 0
        assert box.top >= 0
        assert box.left + box.width <= plan.width
        assert box.top + box.height <= plan.height
    for (source, target), route in plan.routes.items():
        left, top, right, bottom = chip(route)
        assert left >= 0
        assert top >= 0
        assert right <= plan.width
        assert bottom <= plan.height
        for place, box in plan.boxes.items():
            if place not in {source, target}:
                assert not crosses(route, box), (source, target, place)


def touches(point, box):
    left, top, right, bottom = area(box)
    return left - 2 <= point[0] <= right + 2 and top - 2 <= point[1] <= bottom + 2


permit_logs = st.lists(
    st.lists(st.sampled_from(["Receive", "Check", "Ask again", "Review zoning in detail",
                              "Inspect", "Assess fee", "Sign decision", "Issue", "Refuse"]),
             min_size=1, max_size=8),
    min_size=1, max_size=40,
)  # fmt: skip


@ENGINES
@settings(max_examples=15, deadline=None)
@given(traces=permit_logs)
def test_no_boxes_overlap_and_no_line_runs_through_a_foreign_box(map_of, engine, traces):
    graph = choose(map_of(traces))
    plan = engine(graph)
    check(graph, plan)
    for (source, target), route in plan.routes.items():
        assert touches(route.points[0], plan.boxes[source])
        assert touches(route.points[-1], plan.boxes[target])


@settings(max_examples=25, deadline=None)
@given(traces=permit_logs)
def test_numbers_stand_clear_of_boxes_and_hardly_ever_of_each_other(map_of, traces):
    plan = layout(choose(map_of(traces)))
    chips = [chip(route) for route in plan.routes.values()]
    clashes = sum(meet(a, b, slack=1) for a, b in combinations(chips, 2))
    assert clashes <= max(1, len(chips) // 8)
    on_boxes = sum(meet(c, area(b), slack=1) for c in chips for b in plan.boxes.values())
    assert on_boxes <= max(1, len(chips) // 12)


def test_two_lines_side_by_side_carry_their_numbers_at_different_heights():
    """Each number has room between the lines, but not both at the same height."""
    routes = {
        (name, "z"): Route(points=((x, 0.0), (x, 200.0)), label=(x, 100.0), label_width=50.0)
        for name, x in (("a", 100.0), ("b", 130.0))
    }
    one, other = place_labels({}, routes).values()
    assert not meet(chip(one), chip(other))
    assert (one.label[0], other.label[0]) == (100.0, 130.0)


@ENGINES
def test_the_main_path_is_a_straight_line_downwards(map_of, office, engine):
    graph = choose(map_of(office))
    plan = engine(graph)
    places = sorted({p for k in spine(graph) for p in k}, key=lambda p: plan.boxes[p].y)
    assert places == [Terminal.START, "Receive", "Check", "Decide", "Send", Terminal.END]
    if engine is layout_graphlay:
        assert len({plan.boxes[place].x for place in places}) == 1


@ENGINES
def test_a_self_loop_is_a_loop_beside_its_box(map_of, engine):
    plan = engine(map_of([["a", "a", "b"]] * 7))
    loop = plan.routes["a", "a"]
    box = plan.boxes["a"]
    assert len(loop.points) > 2
    assert any(not box.left <= x <= box.left + box.width for x, _ in loop.points) or any(
        not box.top <= y <= box.top + box.height for _, y in loop.points
    )


@ENGINES
def test_an_empty_log_and_a_single_activity_can_be_laid_out(map_of, engine):
    empty = map_of([])
    assert engine(empty).boxes == {}
    one = map_of([["a"]])
    check(one, engine(one))


@ENGINES
def test_names_of_120_letters_hold_in_their_boxes(map_of, engine):
    names = ["x" * 120, "word " * 24, "05_EIND_" * 15, "许可证" * 40]
    graph = map_of([names] * 6)
    plan = engine(graph)
    check(graph, plan)
    for name in names:
        assert "".join(plan.boxes[name].lines).replace(" ", "") == name.replace(" ", "")


def test_the_same_map_gives_the_same_plan(map_of, office):
    graph = choose(map_of(office))
    assert layout(graph) == layout(graph)


def test_four_hundred_activities_can_be_laid_out(map_of):
    dice = random.Random(7)
    names = [f"step {n}" for n in range(400)]
    traces = [dice.choices(names, k=12) for _ in range(300)]
    graph = choose(map_of(traces), paths=60)
    check(graph, layout(graph))


def test_a_number_that_would_cover_a_box_moves_along_its_line():
    """No place on the line keeps clear of the line beside it, and the engine's is on a box."""
    box = Box(x=100.0, y=140.0, width=90.0, height=50.0, lines=("a",))
    routes = {
        ("z", "a"): Route(
            points=((100.0, 0.0), (100.0, 115.0)), label=(100.0, 130.0), label_width=60.0
        ),
        ("z", "b"): Route(
            points=((115.0, 0.0), (115.0, 300.0)), label=(115.0, 200.0), label_width=10.0
        ),
    }
    moved = place_labels({"a": box}, routes)["z", "a"]
    assert not meet(chip(moved), area(box))
    assert moved.label[0] == 100.0
