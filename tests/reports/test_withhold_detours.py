"""Of detours, nothing is told of a few who took one, or of a few who did not."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog.errors import StopError
from reports.contents.detours import Months, read_detours
from reports.withheld.detours import withhold_detours
from reports.withheld.totals import at_least, at_most, nearest

LEAST = 5


def withhold(found):
    return withhold_detours(found, least=LEAST)


def only(found):
    return withhold(found).detours[0]


def test_counts_are_rounded_and_shares_are_of_the_rounded_counts(detours_of, detour):
    """34 of 98 is 34.7 %; told are 35 of 100, with the limits of 35 of 100."""
    told = only(detours_of(detour("repeated", "Check")))
    assert (told.cases, told.eligible, told.times) == (35, 100, 35)
    assert (told.share.value, told.share.low, told.share.high) == (0.35, 0.264, 0.447)
    assert (told.days.value, told.days.low, told.days.high) == (3.0, 2.6, 3.5)
    assert told.case_days == round(103.36 * 35 / 34)


@pytest.mark.parametrize(("cases", "told"), [(4, 0), (5, 1)])
def test_a_detour_that_few_took_is_not_listed(detours_of, detour, cases, told):
    found = withhold(detours_of(detour("inserted", "Ask", cases=cases, times=9)))
    assert (len(found.detours), found.hidden) == (told, 1 - told)


def test_where_all_but_a_few_took_it_it_is_told_as_if_all_had(detours_of, detour):
    told = only(detours_of(detour("skipped", "Visit", cases=95, times=95)))
    assert (told.cases, told.eligible, told.share.value) == (100, 100, 1.0)


@pytest.mark.parametrize(
    ("detoured", "told", "few"),
    [(0, 0, False), (4, None, True), (41, 40, False), (107, 110, False)],
)
def test_how_many_took_any_detour_is_told_of_none_or_of_enough(
    detours_of, detour, detoured, told, few
):
    found = withhold(detours_of(detour("repeated", "Check"), detoured_cases=detoured))
    assert (found.detoured, found.few) == (told, few)
    assert (found.days is None) is (not told)


def test_a_total_that_would_fix_what_is_hidden_is_not_told(detours_of, detour):
    """Eight took a detour, of two kinds that fewer than five took: four and four."""
    few = [detour("repeated", name, cases=4, times=4) for name in ("a", "b")]
    assert withhold(detours_of(*few, detoured_cases=8)).detoured is None
    assert withhold(detours_of(*few, detoured_cases=7)).detoured == 5
    assert withhold(detours_of(*few, detour("inserted", "c"), detoured_cases=40)).detoured == 40


def test_what_a_hidden_detour_costs_drowns_in_the_total(detours_of, detour):
    """131.2 less 103.4 would be the 27.8 days of three applications."""
    rare = detour("inserted", "Ask mayor", cases=3, times=3, case_days=27.8)
    told = withhold(detours_of(detour("repeated", "Check"), rare)).days
    assert (told.value, told.low, told.high) == (100.0, 100.0, 200.0)
    dear = {**rare, "case_days": 127.8}
    assert withhold(detours_of(detour("repeated", "Check"), dear)).days is None


def test_days_that_few_could_be_compared_for_are_not_told(detours_of, detour):
    told = only(detours_of(detour("repeated", "Check", coverage=0.1)))
    assert (told.days, told.case_days, told.without, told.coverage) == (None, None, None, 0.0)
    assert only(detours_of(detour("repeated", "Check", coverage=0.2))).days is not None


@pytest.mark.parametrize(
    ("coverage", "times", "told"),
    [(1.0, 50, 0.9), (0.944, 18, 0.9), (0.89, 500, 0.8), (0.89, 49, 0.6), (0.59, 49, 0.3),
     (0.3684, 19, 0.3), (0.6, 50, 0.6), (0.29, 49, 0.0), (0.0, 500, 0.0)],
)  # fmt: skip
def test_what_share_was_compared_is_told_in_steps_that_no_few_make(
    detours_of, detour, coverage, times, told
):
    """A step is never less than a smallest cell of times, and never tells more than there is."""
    one = detour("repeated", "Check", cases=18, times=times, coverage=coverage)
    found = withhold(detours_of(one, coverage=coverage))
    assert found.coverage == found.detours[0].coverage == told


def test_months_are_joined_until_there_are_enough_and_neither_few_took_it_nor_few_did_not(
    detours_of, detour
):
    """Of 25 each month, few took it in January, and all but a few in May."""
    months = [{"month": f"2026-{n:02}", "cases": cases, "eligible": 25}
              for n, cases in enumerate((3, 4, 8, 0, 22, 11), start=1)]  # fmt: skip
    told = only(detours_of(detour("repeated", "Check", cases=48, eligible=150, times=48,
                                  months=months))).months  # fmt: skip
    assert [(one.first, one.last, one.cases, one.eligible) for one in told] == [
        ("2026-01", "2026-02", 5, 50),
        ("2026-03", "2026-03", 10, 25),
        ("2026-04", "2026-04", 0, 25),
        ("2026-05", "2026-06", 35, 50),
    ]
    few = [{"month": f"2026-{n:02}", "cases": 6, "eligible": 12} for n in range(1, 6)]
    one = detour("repeated", "Check", months=few)
    assert only(detours_of(one)).months == ()


def test_a_trend_between_halves_of_few_is_not_told(detours_of, detour):
    early = [{"month": f"2026-{n:02}", "cases": cases, "eligible": 16}
             for n, cases in enumerate((1, 1, 1, 5, 6, 9), start=1)]  # fmt: skip
    assert only(detours_of(detour("repeated", "Check"))).trend.value == 0.21
    assert only(detours_of(detour("repeated", "Check", months=early))).trend is None
    assert only(detours_of(detour("repeated", "Check", months=[]))).trend is None


def test_a_value_is_not_told_where_few_others_are_left(detours_of, detour):
    """34 of 96 could be followed; 22 of them are shops."""
    told = only(detours_of(detour("repeated", "Check"))).among[0]
    assert (told.cases, told.eligible, told.elsewhere) == (20, 40, 0.182)
    cell = detour("repeated", "Check")["concentrates"][0]
    for changes in ({"cases": 4}, {"cases": 31}, {"cases": 37}, {"elsewhere": 0.04}):
        one = detour("repeated", "Check", concentrates=[{**cell, **changes}])
        assert only(detours_of(one)).among == (), changes


def test_the_share_over_term_is_told_only_where_its_change_is_not_of_few(detours_of, detour):
    without = detour("repeated", "Check")["without"]
    assert set(only(detours_of(detour("repeated", "Check"))).without.figures) == {
        "mean", "median", "p90", "over_term",
    }  # fmt: skip
    for now, then in ((0.28, 0.26), (0.03, 0.0), (0.3, 0.02), (0.98, 0.5)):
        over = {"now": now, "then": then, "ci_low": then, "ci_high": then}
        one = detour("repeated", "Check", without={**without, "over_term": over})
        assert "over_term" not in only(detours_of(one)).without.figures
    few = detour("repeated", "Check", without={**without, "detoured": 4})
    assert only(detours_of(few)).without is None


def test_a_step_after_which_few_went_elsewhere_tells_only_that_nearly_all_did(
    detours_of, idle_step
):
    steps = [
        idle_step(),
        idle_step(share_next=96 / 98),
        idle_step(share_next=90 / 98, unfavourable=3),
        idle_step(cases=4, unfavourable=0),
    ]
    told = withhold(detours_of(idle_steps=steps)).idle_steps
    assert [(one.share_next, one.upper_bound, one.unfavourable) for one in told] == [
        (1.0, 0.029, 10), (None, None, 10), (0.918, 0.029, None),
    ]  # fmt: skip
    assert told[0].cases == 100


def test_a_stratum_of_few_takes_the_smallest_other_with_it(detours_of):
    def stratum(name, cases):
        return {"stratum": {"kind": name}, "cases": cases, "routes": 2, "mandatory": ["a"],
                "once": [], "order": 3}  # fmt: skip

    found = withhold(
        detours_of(reference=[stratum("house", 80), stratum("shop", 27), stratum("barn", 3)])
    )
    assert [(one.stratum["kind"], one.cases) for one in found.usual] == [("house", 80)]


def test_the_dearest_comes_first_and_what_has_no_price_last(detours_of, detour):
    found = withhold(
        detours_of(
            detour("repeated", "a", case_days=None, days_per_case=None),
            detour("repeated", "b", case_days=-9.0),
            detour("repeated", "c", case_days=90.0),
        )
    )
    assert [one.activities for one in found.detours] == [("c",), ("b",), ("a",)]


def counts(told):
    """Every count that is told, with the whole that it is a part of."""
    yield told.cases, told.cases
    if told.detoured is not None:
        yield told.detoured, told.cases
    for one in told.detours:
        yield one.cases, one.eligible
        yield one.times, one.times
        for part in (*one.months, *one.among):
            yield part.cases, part.eligible
    for step in told.idle_steps:
        yield step.cases, step.cases


rows = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 12, 40, 97]),
        st.integers(0, 30),
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=9),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


def content_of(detour, number, row):
    cases, others, months, among = row
    one = detour(
        "repeated", f"step {number}", cases=cases, eligible=cases + others, times=cases,
        case_days=3.04 * cases,
        months=[{"month": f"2026-{1 + n:02}", "cases": a, "eligible": a + b}
                for n, (a, b) in enumerate(months)],
    )  # fmt: skip
    if not among or cases + others < 2 or months:
        one["concentrates"] = []
    else:
        mine = max(cases // 2, 0)
        one["concentrates"] = [
            {**cell, "cases": mine, "eligible": mine + others // 2,
             "elsewhere": (cases - mine) / max(cases - mine + others - others // 2, 1)}
            for cell in one["concentrates"]
        ]  # fmt: skip
    return one


@settings(max_examples=150, deadline=None)
@given(rows=rows, least=st.sampled_from([2, 5, 10]), disjoint=st.booleans())
def test_no_number_under_the_least_is_told_and_none_can_be_worked_out(
    detours_of, detour, rows, least, disjoint
):
    contents = [content_of(detour, n, row) for n, row in enumerate(rows)]
    sizes = [row[0] for row in rows]
    # Those that took any are as few as the largest detour holds, or as many as all together.
    detoured = sum(sizes) if disjoint else max(sizes)
    found = detours_of(*contents, cases=700, detoured_cases=detoured, days=9000.0)
    told = withhold_detours(found, least=least)
    for part, whole in counts(told):
        assert part == 0 or part >= least
        assert whole - part == 0 or whole - part >= least
    if told.detoured is None:
        return
    # An attacker knows how many detours are hidden, and that the total is no more than their sum.
    most = sum(at_most(one.cases, least) for one in told.detours)
    for _ in range(told.hidden):
        fewest = at_least(told.detoured, least) - most - (told.hidden - 1) * (least - 1)
        assert max(fewest, 1) < least - 1 or least == 2


@settings(max_examples=60, deadline=None)
@given(rows=rows, few=st.integers(1, LEAST - 1), days=st.floats(0, 20))
def test_what_is_published_does_not_depend_on_what_is_hidden(detours_of, detour, rows, few, days):
    def found(cases, per_case):
        hidden = detour(
            "inserted", "Secret", cases=cases, times=cases + 3, days_per_case=per_case, months=[]
        )
        others = [content_of(detour, n, row) for n, row in enumerate(rows)]
        return withhold(detours_of(*others, hidden, cases=700, detoured_cases=500))

    assert found(few, days) == found(2, 1.0)
    assert "Secret" not in str(asdict(found(few, days)))


@given(cases=st.integers(LEAST, 2_000), days=st.floats(0.1, 200))
def test_how_many_took_it_exactly_does_not_follow_from_the_days(detours_of, detour, cases, days):
    """Case-days over days per case are the rounded number of cases."""
    one = detour("repeated", "Check", cases=cases, eligible=5_000, times=cases,
                 days_per_case=days, case_days=days * cases)  # fmt: skip
    told = only(detours_of(one, cases=5_000))
    assert told.cases == nearest(cases, LEAST)
    assert told.case_days == pytest.approx(told.cases * days, abs=0.51)


def test_a_smallest_cell_of_one_hides_nothing(detours_of, detour):
    found = detours_of(detour("inserted", "Ask", cases=1, times=1, months=[], concentrates=[]))
    told = withhold_detours(found, least=1)
    assert (told.detours[0].cases, told.hidden, told.detoured) == (1, 0, 41)


def test_a_file_of_another_version_is_refused_with_the_way_out(detours_of, detour):
    with pytest.raises(StopError, match=r"detours.json .*'days'.* run `runut mine` again"):
        read_detours({})
    for changes, words in (
        ({"type": "lost"}, "is of no known kind; expected one of repeated, ping-pong"),
        ({"cause": "weather"}, "is caused by 'weather'; expected one of office, applicant"),
        ({"eligible": 3}, "34 of 3; expected a part of the whole"),
        ({"times": 2}, "34 cases took it 2 times"),
    ):
        with pytest.raises(StopError, match=words):
            detours_of(detour("repeated", "Check", **changes))
    with pytest.raises(StopError, match="judged by 'dice'; expected one of rules, bpmn"):
        detours_of(by="dice")
    with pytest.raises(StopError, match="4 of 2"):
        Months(first="2026-01", last="2026-01", cases=4, eligible=2)
    assert replace(detours_of(), detoured=None).detoured is None
