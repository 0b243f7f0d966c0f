"""What detours cost: by hand where that can be done, and against what was planted."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from eventlog.calendar import Calendars
from eventlog.coded import Coded
from miners.detours.cost import costs, excess
from miners.detours.episodes import by_cause
from miners.detours.finding import episodes
from miners.detours.marks import Rules
from miners.detours.matching import match
from miners.detours.rules import mark, rules_of
from miners.detours.sharing import share
from miners.detours.spans import elapsed, followed, sides, working
from simulation.innocence import SlowOffice
from simulation.misconduct import DuplicateApproval, Inserted
from simulation.office import Office
from simulation.process import APPLICANT_STEPS
from simulation.running import simulate

HOUR_MS = 3_600_000
NOBODY = frozenset()
LATER = 10_000 * HOUR_MS * 1000
ONCE = Rules(once=frozenset("b"), known=frozenset("abc"))


def straight(hours):
    """A case that goes from b to c in so many hours."""
    return f"a b c+{hours * 60}"


def strayed(hours):
    """A case that does b again, and is at c so many hours after the first b."""
    return f"a b b+30 c+{hours * 60 - 30}"


def priced(told, *cases, groups=None, rules=ONCE, later=LATER):
    """The episodes, the matching and the costs by the clock on the wall; all cases are over."""
    seen = told(*cases)
    marks = seen.marked(rules, applicants=NOBODY)
    found = episodes(seen.steps, marks, NOBODY)
    now = int(seen.steps.done.max()) + later
    two = sides(seen.steps, marks, found, followed(seen.steps, np.ones(len(cases), bool), now))
    column = Coded.of(pa.array(seen.of_case(groups or ["all"] * len(cases))))
    matching = match(two, {"group": column}, now)
    more = excess(matching, elapsed(matching.strayed), elapsed(matching.straight))
    return found, matching, costs(found, two.span, more)


def test_the_cost_is_the_difference_to_the_mean_of_its_cell_with_an_interval_of_welch(told):
    """In one cell, clustered HC2 with Satterthwaite's degrees of freedom is Welch's interval."""
    slow, quick = [7, 9, 8, 12], [2, 3, 5, 1, 4, 3]
    _, _, found = priced(told, *map(strayed, slow), *map(straight, quick))
    welch = stats.ttest_ind(slow, quick, equal_var=False).confidence_interval(0.95)
    (one,) = found.subjects
    told_hours = [one.per_case.value, one.per_case.low, one.per_case.high]
    assert np.array(told_hours) / HOUR_MS == pytest.approx([6, welch.low, welch.high])
    assert one.case_ms.value == pytest.approx(4 * one.per_case.value)
    assert (one.cases, one.episodes, one.coverage) == (4, 4, 1.0)
    assert found.total == one.case_ms
    assert one.of_total_ms == pytest.approx(one.case_ms.value)


def test_those_who_stray_are_compared_with_their_like(told):
    """The slow group strays more often: without strata the detour would seem to cost 9 hours."""
    cases = [
        *[(strayed(22), "slow")] * 4,
        *[(straight(20), "slow")] * 5,
        *[(strayed(4), "quick")],
        *[(straight(2), "quick")] * 9,
    ]
    _, _, found = priced(told, *(case for case, _ in cases), groups=[group for _, group in cases])
    assert found.subjects[0].per_case.value == pytest.approx(2 * HOUR_MS)
    assert found.subjects[0].matched_on == ("group", "week")


def test_where_a_cell_is_empty_the_attribute_is_let_go_and_that_is_told(told):
    groups = ["few", *["many"] * 4]
    _, _, found = priced(told, strayed(5), *[straight(2)] * 4, groups=groups)
    assert found.subjects[0].per_case.value == pytest.approx(3 * HOUR_MS)
    assert found.subjects[0].matched_on == ()


def test_one_case_has_a_price_but_no_limits(told):
    _, _, found = priced(told, strayed(5), *[straight(2)] * 4)
    assert (found.subjects[0].per_case.low, found.total.low) == (None, None)


def test_without_anything_like_it_a_detour_has_no_price(told):
    _, _, found = priced(told, strayed(5), straight(2))
    assert found.subjects[0].per_case is None
    assert found.subjects[0].coverage == 0.0
    assert found.total is None


def test_nothing_strays_and_nothing_costs(told):
    _, _, found = priced(told, straight(5), straight(2))
    assert (found.subjects, found.total, found.coverage) == ([], None, 0.0)


def test_spans_that_began_too_lately_to_be_over_are_not_compared(told):
    """Of those that began as the log ends only the quick are over; they would make it cheap."""
    cases = [*map(strayed, [6, 7, 9]), *[straight(2)] * 5]
    _, matching, _ = priced(told, *cases, later=0)
    assert (matching.cell >= 0).all()
    _, matching, _ = priced(told, *cases, later=-1)
    assert (matching.cell == -1).all()


def test_a_case_that_strays_ten_times_is_one_case(told):
    """The same file ten times tells less than ten files; its limits are wider."""
    rules = Rules(known=frozenset("ac"))
    quick = ["a c+60 a c+120 a c+180"] * 4
    same = ["a x+60 c+600 " * 5, "a x+60 c+300 " * 5]
    apart = ["a x+60 c+600"] * 5 + ["a x+60 c+300"] * 5
    _, _, one = priced(told, *same, *quick, rules=rules)
    _, _, other = priced(told, *apart, *quick, rules=rules)
    wide, narrow = one.subjects[0].per_case, other.subjects[0].per_case
    assert wide.value == pytest.approx(5 * narrow.value)
    assert wide.high - wide.low > 5 * 4 * (narrow.high - narrow.low)


def test_two_detours_at_once_are_counted_once_and_shared(told):
    """b again and x cost 2 and 1 hours where they come alone, and 4 together: 2.5 and 1.5."""
    alone = ["a b b c+120"] * 5 + ["a b x c+60"] * 5
    found, _, cost = priced(told, *alone, "a b b x c+180", *[straight(1)] * 5)
    repeated, inserted = cost.subjects
    assert [one.kind for one in found.subjects] == ["repeated", "inserted"]
    assert repeated.per_case.value == pytest.approx(2 * HOUR_MS)
    assert inserted.per_case.value == pytest.approx(1 * HOUR_MS)
    assert cost.total.value == pytest.approx((5 * 2 + 5 * 1 + 4) * HOUR_MS)
    assert repeated.of_total_ms == pytest.approx(12.5 * HOUR_MS)
    assert inserted.of_total_ms == pytest.approx(6.5 * HOUR_MS)


def test_who_never_comes_alone_takes_what_the_other_leaves():
    subject = np.array([0, 0, 0, 0, 0, 0, 1])
    span = np.array([0, 1, 2, 3, 4, 5, 5])
    told = share(subject, span, np.array([2.0, 2, 2, 2, 2, 7]), 2)
    assert told.milliseconds.tolist() == [2, 2, 2, 2, 2, 2, 5]
    assert told.price[0] == 2
    assert np.isnan(told.price[1])


def test_shares_add_up_to_what_the_spans_took_too_long():
    chance = np.random.default_rng(1)
    span = np.sort(chance.integers(0, 60, 200))
    _, span = np.unique(span, return_inverse=True)
    subject = chance.integers(0, 7, 200)
    excess_ms = chance.normal(3, 2, span.max() + 1)
    told = share(subject, span, excess_ms, 7)
    assert np.bincount(span, told.milliseconds) == pytest.approx(excess_ms)
    assert np.bincount(span, told.part) == pytest.approx(1)


@pytest.mark.parametrize(("plant", "seed"), [(DuplicateApproval(share=0.2), 3), (Inserted(), 2)])
def test_the_interval_holds_what_was_planted(process, office_log, plant, seed):
    """Though the slow office makes everything slower, and though the log ends while cases run."""
    simulation = simulate(Office(cases=500, seed=seed), [plant, SlowOffice()])
    seen = office_log(simulation)
    steps, applicants = seen.steps, frozenset(APPLICANT_STEPS)
    every = np.zeros(steps.cases, np.int32)
    marks = mark(steps, [rules_of(process, None)], every, seen.decided, applicants)
    found = by_cause(episodes(steps, marks, applicants))
    now = int(steps.done.max())
    two = sides(steps, marks, found, followed(steps, seen.decided, now))
    matching = match(two, {}, now)
    took = working(Calendars.of(process, int(steps.began.min()), now))
    price = costs(
        found, two.span, excess(matching, took(matching.strayed), took(matching.straight))
    )
    truth = simulation.truth["plants"][0]
    planted = truth["days"]["working"] / len(truth["cases"]) * 8 * HOUR_MS
    (one,) = price.subjects
    assert one.cases == len(truth["cases"])
    assert one.per_case.low <= planted <= one.per_case.high
    assert one.per_case.high - one.per_case.low < 8 * HOUR_MS
