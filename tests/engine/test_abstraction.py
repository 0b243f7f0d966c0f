"""Codes become coarser as the process file says: groups first, then the pattern, then the rest."""

import pytest

from engine.abstraction import coarser
from eventlog.definition import Definition
from eventlog.definition_file import parse
from eventlog.definition_parts import Abstraction
from eventlog.errors import UsageError

EVENTS = {"01_A_1": 5, "01_A_2": 4, "01_B_1": 3, "02_C_1": 2, "note": 1}


def test_a_group_wins_over_the_pattern_and_the_pattern_over_nothing():
    abstract = Abstraction(pattern="^(..)_", groups={"Intake": ("01_A_2", "02_C_1")})
    assert coarser(EVENTS, abstract) == {
        "01_A_1": "01", "01_A_2": "Intake", "01_B_1": "01", "02_C_1": "Intake", "note": "note",
    }  # fmt: skip


def test_groups_alone_leave_all_else_as_it_is_and_the_rest_is_counted_after_them():
    abstract = Abstraction(groups={"A": ("01_A_1", "01_A_2")}, keep=2)
    assert coarser(EVENTS, abstract) == {
        "01_A_1": "A", "01_A_2": "A", "01_B_1": "01_B_1", "02_C_1": "(other)", "note": "(other)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("abstract", "said"),
    [
        ("{}", "give pattern, groups or both"),
        ("{keep: 10}", "give pattern, groups or both"),
        ("{groups: {A: [x, y], B: [z, x]}}", 'groups has "x" in "A" and in "B"'),
        ("{groups: {A: []}}", "abstract.groups.A"),
    ],
)
def test_what_makes_nothing_coarser_or_is_ambiguous_is_refused(abstract, said):
    with pytest.raises(UsageError) as refused:
        parse(f"process: p\nabstract: {abstract}\n", name="p.yaml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("p.yaml: abstract")


def test_a_pattern_alone_still_serves():
    assert Definition.bare(abstract={"pattern": "^(..)"}).abstract.keep == 40
