"""Two attributes together are told of only if they are sure among other pairs as well."""

import numpy as np
import pytest

from engine.treatment.asking import Asked
from engine.treatment.comparing import ask, cross, with_q_values
from engine.treatment.gap import OUTCOME, Question
from miners.equity.rows import Grouping, Strata

ROWS = 4000
ATTRIBUTES = (("sex", "f", "m"), ("origin", "abroad", "here"), ("home", "flat", "house"))


@pytest.fixture
def tests_of():
    """All tests of three attributes and their pairs, where those of `worse` fare so much worse."""
    chance = np.random.default_rng(8)
    groupings = [
        Grouping(attribute=name, names=names, place=chance.integers(0, 2, ROWS))
        for name, *names in ATTRIBUTES
    ]
    luck, rows = chance.random(ROWS), np.arange(ROWS)
    strata = Strata.of([chance.integers(0, 5, ROWS)])

    def make(worse):
        score = (luck < 0.8 - worse([one.place == 0 for one in groupings])).astype(float)
        question = Question(
            measure=OUTCOME, unit="share", score=score, rows=rows, entered=rows, material=0.05,
            adverse=-1,
        )  # fmt: skip
        asked = Asked(question=question, comparable=lambda _: strata)
        singles = ask([asked], groupings, ended=None, persons=frozenset())
        pairs = cross(asked, groupings, persons=frozenset())
        return [*(one for found in singles for one in found()), *pairs]

    return make


def with_the_same_q_value(tests, q_value):
    known = [one for one in tests if one.gap.p_value is not None]
    return with_q_values(tests, [q_value] * len(known))


def test_that_much_is_told_of_single_attributes_makes_no_pair_surer(tests_of):
    tests = tests_of(lambda marked: 0.2 * marked[0])
    told = with_the_same_q_value(tests, 0.001)
    assert {one.gap.q_value for one in told if not one.crossed} == {0.001}
    pairs = [one.gap for one in told if one.crossed]
    assert len(pairs) == 12
    assert min(gap.q_value for gap in pairs) > 0.05
    assert all(gap.q_value >= gap.p_value for gap in pairs)


def test_a_pair_that_fares_worse_than_either_explains_stays_sure(tests_of):
    tests = tests_of(lambda marked: 0.3 * (marked[0] & marked[1]))
    told = with_the_same_q_value(tests, 0.001)
    (gap,) = [one.gap for one in told if one.gap.group == "f+abroad"]
    assert gap.q_value == 0.001
    assert gap.direct.value < -0.2


def test_what_is_not_sure_in_the_whole_family_is_not_made_so_by_the_pairs(tests_of):
    tests = tests_of(lambda marked: 0.3 * (marked[0] & marked[1]))
    told = with_the_same_q_value(tests, 0.4)
    assert min(one.gap.q_value for one in told if one.gap.q_value is not None) == 0.4
