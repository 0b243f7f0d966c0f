"""A million rows are held only for gaps that may be told yet."""

import numpy as np
import pytest

from engine.treatment.asking import Asked
from engine.treatment.comparing import ask
from engine.treatment.gap import OUTCOME, Question
from miners.equity.rows import Grouping, Strata

ROWS = 2000


@pytest.fixture
def tested():
    """The tests of one attribute of which the first group is worse off by so much."""
    chance = np.random.default_rng(3)
    grouping = Grouping(attribute="home", names=("flat", "house"), place=np.arange(ROWS) % 2)
    luck, rows = chance.random(ROWS), np.arange(ROWS)
    strata = Strata.of([chance.integers(0, 5, ROWS)])

    def test(worse):
        score = (luck < 0.8 - worse * (grouping.place == 0)).astype(float)
        question = Question(
            measure=OUTCOME, unit="share", score=score, rows=rows, entered=rows, material=0.05,
            tested=score, also=(score,), adverse=-1,
        )  # fmt: skip
        asked = Asked(question=question, comparable=lambda _: strata)
        (work,) = ask([asked], [grouping], ended=None, persons=frozenset())
        return work()

    return test


def held(one):
    question = one.gap.question
    return {
        len(column)
        for column in (
            *(question.score, question.rows, question.entered, question.tested, *question.also),
            *(one.grouping.place, one.strata.stratum),
        )
    }


def test_a_gap_that_cannot_be_told_keeps_its_figures_and_no_rows(tested):
    (one,) = tested(0.0)
    assert held(one) == {0}
    assert one.gap.p_value is not None
    assert one.gap.cases + one.gap.others == ROWS


def test_a_gap_that_may_be_told_keeps_its_rows(tested):
    (one,) = tested(0.3)
    assert held(one) == {ROWS}
