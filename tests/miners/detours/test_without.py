"""What would be without a detour: by hand, and how chance enters."""

import numpy as np
import pytest

from eventlog.kernels import UNKNOWN
from miners.detours.assumptions import ASSUMPTIONS
from miners.detours.cost import excess
from miners.detours.finding import episodes
from miners.detours.marks import Rules
from miners.detours.matching import match
from miners.detours.spans import elapsed, followed, sides
from miners.detours.without import FEWEST, Times, without

HOUR_MS = 3_600_000
NOBODY = frozenset()
RULES = Rules(once=frozenset("b"), known=frozenset("abc"))


def change(told, *cases, over=True, term_hours=None, subjects=(0,), seed=1, counted=True):
    """The times of cases written as letters, with and without the detours of some subjects."""
    seen = told(*cases)
    steps = seen.steps
    marks = seen.marked(RULES, applicants=NOBODY)
    found = episodes(steps, marks, NOBODY)
    now = int(steps.done.max()) + 1000 * HOUR_MS * 1000
    flags = seen.of_case(np.broadcast_to(over, len(cases)))
    course = followed(steps, flags, now)
    two = sides(steps, marks, found, course)
    matching = match(two, {}, now)
    more = excess(matching, elapsed(matching.strayed), elapsed(matching.straight))
    term = UNKNOWN if term_hours is None else term_hours * HOUR_MS
    times = Times(
        entered=course.entered,
        seen=course.seen,
        ran=(course.seen - course.entered) // 1000,
        term=np.full(steps.cases, term),
        ended=flags,
        counted=np.full(steps.cases, counted),
    )
    return without(
        subjects, episodes=found, span=two.span, found=more, times=times, now=now, seed=seed
    )


def figures(told_change):
    return tuple(
        round(part / HOUR_MS, 6)
        for part in (told_change.now, told_change.then, told_change.low, told_change.high)
    )


STRAIGHT = ["a b c+120"] * 30
STRAYED = ["a b b c+240"] * 20


def test_where_straight_spans_are_all_alike_there_is_nothing_to_doubt(told):
    """Straight: 3 hours. With the detour: 6 hours, in 20 of 50 cases."""
    found = change(told, *STRAIGHT, *STRAYED, term_hours=4)
    assert (found.cases, found.detoured) == (50, 20)
    assert figures(found.mean) == pytest.approx((4.2, 3, 3, 3))
    assert figures(found.median) == (3, 3, 3, 3)
    assert figures(found.p90) == (6, 3, 3, 3)
    assert (found.over_term.now, found.over_term.then, found.over_term.high) == (0.4, 0, 0)


def test_times_vary_as_those_of_straight_cases_do_and_not_less(told):
    """Half of the straight ones take 2 hours, half 10: so would half of those that strayed."""
    quick, slow = ["a b c+60"] * 40, ["a b c+540"] * 40
    found = change(told, *quick, *slow, *["a b b c+1200"] * 20, term_hours=9)
    assert figures(found.p90)[1:] == (10, 10, 10)
    assert found.over_term.now == pytest.approx(0.6)
    assert found.over_term.low < 0.5 < found.over_term.high
    assert found.over_term.high - found.over_term.low < 0.15
    assert figures(found.mean)[1] == pytest.approx(6, abs=0.2)


def test_the_same_seed_gives_the_same_limits_and_another_other_ones(told):
    cases = [f"a b c+{60 + 7 * n}" for n in range(40)] + STRAYED
    assert change(told, *cases) == change(told, *cases)
    assert change(told, *cases).mean != change(told, *cases, seed=2).mean


def test_cases_that_are_open_after_so_long_count_as_longer_than_all_others(told):
    over = [True] * 50 + [False] * 10
    found = change(told, *STRAIGHT, *STRAYED, *["a"] * 10, over=over, term_hours=4)
    assert found.cases == 60
    assert found.p90 is None
    assert figures(found.median) == (3, 3, 3, 3)
    assert found.over_term.now == pytest.approx(30 / 60)
    assert found.over_term.then == pytest.approx(10 / 60)


def test_a_case_that_strayed_and_is_open_still_stays_so_without_the_detour(told):
    """Ten of forty strayed and are not over: what they would have saved ends none of them."""
    over = [True] * 30 + [False] * 10
    found = change(told, *STRAIGHT, *["a b b c+240"] * 10, over=over)
    assert found.p90 is None
    assert figures(found.median) == (3, 3, 3, 3)


def test_without_a_term_nobody_is_late_and_nobody_would_be(told):
    assert change(told, *STRAIGHT, *STRAYED).over_term is None


def test_of_too_few_cases_or_without_a_price_nothing_is_told(told):
    assert change(told, *["a b c+120"] * (FEWEST - 2), "a b b c+240") is None
    assert change(told, *["a b"] * FEWEST, "a b b c+240") is None
    assert change(told, *STRAIGHT, *STRAYED, counted=False) is None


def test_all_detours_together_save_what_each_saves(told):
    more = ["a b x c+180"] * 10
    one = change(told, *STRAIGHT, *STRAYED, *more, subjects=[0])
    other = change(told, *STRAIGHT, *STRAYED, *more, subjects=[1])
    every = change(told, *STRAIGHT, *STRAYED, *more, subjects=range(2))
    saved = [found.mean.now - found.mean.then for found in (one, other, every)]
    assert saved[0] + saved[1] == pytest.approx(saved[2])


def test_what_is_assumed_is_said_in_both_languages():
    assert set(ASSUMPTIONS) == {"en", "id"}


def test_columns_must_be_of_one_length():
    three, two = np.zeros(3, np.int64), np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="differ in length"):
        Times(
            entered=three,
            seen=three,
            ran=two,
            term=three,
            ended=three.astype(bool),
            counted=three.astype(bool),
        )
