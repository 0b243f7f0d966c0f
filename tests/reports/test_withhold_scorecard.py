"""Of the scorecard, nothing is told of a few applications or of one officer."""

import json

import pytest

from eventlog.errors import StopError
from reports.contents.scorecard import read_scorecard, scorecard_content
from reports.withheld.scorecard import withhold_scorecard

LEAST = 5
TREND = {
    "now": 12.345, "before": 15.432, "change": -3.087, "ci_low": -5.432, "ci_high": -1.234,
    "n_now": 123, "n_before": 117, "told": "better",
}  # fmt: skip


def one(indicator="p80_working_days", **changes):
    return {
        "indicator": indicator, "perspective": "citizens", "unit": None, "attribute": None,
        "group": None, "measured_in": "working days", "better": "lower", "value": 12.3456,
        "ci_low": 11.2345, "ci_high": 13.4567, "limits_by": "t", "counted": False, "n": 1234,
        "cases": 1234, "officers": 30, "spread": None, "target": 14, "met": "yes",
        "months": [{"month": "2026-01", "value": 12.3456, "n": 103}], "trend": TREND, "why": None,
        "wording": {"en": "exact", "id": "exact"}, **changes,
    }  # fmt: skip


def withheld(*lines, improved=None):
    months = {"value": ["2025-03", "2026-03"], "now": ["2025-12", "2026-02"],
              "before": ["2025-09", "2025-11"]}  # fmt: skip
    content = {"chosen": "process file", "months": months, "lines": list(lines),
               "improved": improved}  # fmt: skip
    return withhold_scorecard(read_scorecard(content), least=LEAST)


def group(name, cases, **changes):
    return one(attribute="kind", group=name, n=cases, cases=cases, **changes)


def test_what_many_did_is_told_rounded_in_its_sentence_too():
    (told,) = withheld(one()).lines
    assert (told.value, told.n, told.cases) == (12.3, 1235, 1235)
    assert (told.trend.change, told.trend.n_now) == (-3.09, 125)
    assert "12.3" in told.wording["en"]
    assert "12.35" not in json.dumps(scorecard_content(withheld(one())))


@pytest.mark.parametrize("cases", [1, 4])
def test_a_group_of_few_is_not_told_and_neither_is_its_complement(cases):
    lines = [one(), group("house", 1000), group("shop", 234 - cases), group("hut", cases)]
    told = withheld(*lines)
    assert [line.group for line in told.lines] == [None, "house"]
    assert told.hidden == 2


def test_no_number_of_anything_told_is_below_the_smallest_cell():
    lines = [one(n=n, cases=n, attribute="kind", group=f"g{n}") for n in range(1, 40)]
    for line in withheld(*lines).lines:
        assert line.n >= LEAST
        assert line.cases >= LEAST


@pytest.mark.parametrize(("having", "told"), [(0, 1), (3, 0), (50, 1), (98, 0), (100, 1)])
def test_a_share_is_told_where_neither_few_have_it_nor_few_lack_it(having, told):
    lines = [one("straight_share", measured_in="share", value=having / 100, n=100, cases=100)]
    assert len(withheld(*lines).lines) == told


def test_few_complaints_are_not_told_and_no_few_open_ones():
    few = one("complaints_per_100", measured_in="per hundred", value=1.0, n=300, cases=300)
    opened = one("open_now", measured_in="applications", value=3.0, n=3, cases=3, counted=True)
    assert withheld(few, opened).lines == ()
    none = {"value": 0.0, "n": 0, "cases": 0, "trend": None, "months": []}
    assert len(withheld({**opened, **none}).lines) == 1


@pytest.mark.parametrize(("officers", "told"), [(1, False), (2, False), (3, True), (None, True)])
def test_how_one_or_two_officers_work_is_not_told(officers, told):
    lines = [
        one(name, unit="tower", officers=officers, measured_in=unit, value=0.5)
        for name, unit in (("rework_share", "share"), ("hours_per_permit", "hours"))
    ]
    waits = one("p80_working_days", unit="tower", officers=officers)
    found = withheld(*lines, waits).lines
    assert [line.indicator for line in found][-1] == "p80_working_days"
    assert (len(found) == 3) == told
    assert all(line.officers in {None, 3} for line in found)


def test_a_month_or_a_side_of_a_trend_of_few_is_left_out():
    months = [{"month": "2026-01", "value": 12.0, "n": 4}, {"month": "2026-02", "value": 9.87654,
              "n": 50}]  # fmt: skip
    (told,) = withheld(one(months=months, trend={**TREND, "n_before": 3})).lines
    assert [month.value for month in told.months] == [None, 9.88]
    assert [month.n for month in told.months] == [None, None]
    assert told.trend is None
    assert "better" not in told.wording["en"]


def test_the_oldest_application_is_told_in_whole_days_and_only_among_enough():
    oldest = one("oldest_open_days", value=123.987, counted=True, n=40, cases=40, trend=None)
    (told,) = withheld(oldest).lines
    assert told.value == 123.0
    assert withheld({**oldest, "n": 2, "cases": 2}).lines == ()


def test_a_unit_that_improved_with_few_files_is_not_named():
    unit = {"unit": "tower", "q_value": 0.01, **{k: v for k, v in TREND.items() if k != "told"}}
    improved = {"indicator": "p80_working_days", "measured_in": "working days", "compared": 3,
                "wording": {"en": "tower", "id": "tower"}}  # fmt: skip
    told = withheld(one(), improved={**improved, "units": [{**unit, "n_now": 2}]}).improved
    assert told.units == ()
    assert "tower" not in told.wording["en"]
    (named,) = withheld(one(), improved={**improved, "units": [unit]}).improved.units
    assert named.now == 12.3


def test_what_has_no_number_says_why_of_the_office_and_nothing_of_a_group():
    nothing = {"value": None, "ci_low": None, "ci_high": None, "trend": None, "months": [], "n": 0,
               "cases": None, "met": None}  # fmt: skip
    told = withheld(one(**nothing, why="no term"), group("hut", 0, why="too early") | nothing)
    assert [(line.group, line.why) for line in told.lines] == [(None, "no term")]


def test_a_scorecard_without_its_parts_is_refused():
    with pytest.raises(StopError, match=r"scorecard\.json does not hold"):
        read_scorecard({"lines": []})
