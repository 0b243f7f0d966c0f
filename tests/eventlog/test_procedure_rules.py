"""Orders that nobody can keep are told of, and only these."""

from graphlib import CycleError, TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.definition_file import parse
from eventlog.errors import UsageError
from eventlog.procedure_rules import circles

orders = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=9)


def can_be_kept(order):
    sorter = TopologicalSorter()
    for first, then in order:
        sorter.add(then, first)
    try:
        sorter.prepare()
    except CycleError:
        return False
    return True


@given(orders)
def test_there_is_a_circle_where_no_order_of_the_steps_keeps_all_pairs(order):
    found = circles(order)
    assert bool(found) != can_be_kept(order)
    for circle in found:
        assert set(zip(circle, (*circle[1:], circle[0]), strict=True)) <= set(order)


def test_circles_without_a_step_in_common_are_told_each():
    assert circles([("b", "a"), ("a", "b"), ("c", "d"), ("d", "e"), ("e", "c"), ("f", "f")]) == [
        ("a", "b"),
        ("c", "d", "e"),
        ("f",),
    ]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (
            "[[check, sign], [sign, pay], [pay, check]]",
            (
                'office.yaml: procedure: order asks for "check" before "sign" before "pay" before '
                '"check", which nobody can keep; leave one of these out'
            ),
        ),
        (
            "[[sign, sign]]",
            'office.yaml: procedure: order asks for "sign" before itself; leave this pair out',
        ),
    ],
)
def test_a_process_file_with_a_circle_is_refused_with_the_way_out(pairs, said):
    with pytest.raises(UsageError) as refused:
        parse(f"process: office\nprocedure: {{order: {pairs}}}\n", name="office.yaml")
    assert said in str(refused.value)
