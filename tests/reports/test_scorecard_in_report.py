"""The scorecard on a page: five numbers, marks that need no colour, and a table for every curve."""

import re

import pytest

from engine.scorecard.answer import WHY
from eventlog.indicators import INDICATORS, PERSPECTIVES
from reports.charts.curve import score_curve
from reports.contents.scorecard import read_scorecard
from reports.language import speaking
from reports.views.scorecard import amount, card_of
from reports.words import scorecard as scorecard_words

LINE = {
    "indicator": "p80_working_days", "perspective": "citizens", "unit": None, "attribute": None,
    "group": None, "measured_in": "working days", "better": "lower", "value": 12.3, "ci_low": 11.2,
    "ci_high": 13.4, "limits_by": "t", "counted": False, "n": 1234, "cases": 1234, "officers": 30,
    "spread": None, "target": 14, "met": "yes", "trend": None, "why": None,
    "months": [{"month": f"2026-0{n}", "value": 10.0 + n, "n": 90} for n in range(1, 6)],
    "wording": {"en": "words", "id": "kata"},
}  # fmt: skip
TREND = {"now": 12.0, "before": 15.0, "change": -3.0, "ci_low": -5.0, "ci_high": -1.0,
         "n_now": 120, "n_before": 110, "told": "better"}  # fmt: skip
MONTHS = {"value": ["2025-03", "2026-03"], "now": ["2025-12", "2026-02"],
          "before": ["2025-09", "2025-11"]}  # fmt: skip


def card(*lines, language="en"):
    content = {"chosen": "process file", "months": MONTHS, "improved": None,
               "lines": [{**LINE, **line} for line in lines]}  # fmt: skip
    with speaking(language):
        return card_of(read_scorecard(content))


def test_five_numbers_of_the_office_stand_on_top_and_every_line_in_its_perspective():
    lines = [{"unit": "tower"}, *({"indicator": name} for name in INDICATORS)]
    made = card(
        *(
            {**x, "perspective": INDICATORS[x.get("indicator", "p80_working_days")].perspective}
            for x in lines
        )
    )
    assert [one.line.indicator for one in made.top] == list(INDICATORS)[:5]
    assert [view.name.replace("-", " ") for view in made.perspectives] == list(PERSPECTIVES)
    shown = sum(len(v.office) + sum(len(rows) for _, rows in v.tables) for v in made.perspectives)
    assert shown == len(lines)


def test_targets_say_their_side_and_marks_need_no_colour():
    (low,) = card({}).top
    assert (low.target, low.mark, low.met) == ("at most 14 working days", "✓", "met")
    share = {"measured_in": "share", "better": "higher", "target": 0.9, "value": 0.8, "met": "no"}
    (high,) = card({"indicator": "on_time_share", **share}).top
    assert (high.target, high.mark, high.met) == ("at least 90.0 %", "×", "missed")  # noqa: RUF001 (the sign that is shown)
    assert card({"met": "too close to tell"}).top[0].mark == "?"


def test_a_trend_has_an_arrow_a_word_and_its_limits():
    (told,) = card({"trend": TREND}).top
    assert (told.arrow, told.trend) == ("↓", "better")
    assert told.moved == "12.0 after 15.0 (change: −5 to −1)"  # noqa: RUF001 (the sign that is shown)
    flat = {**TREND, "told": "no clear change"}
    assert card({"trend": flat}).top[0].arrow == "→"


def test_the_curves_are_a_table_too():
    made = card({})
    assert [values for _, values in made.months] == [("15.0",), ("14.0",), ("13.0",), ("12.0",),
                                                     ("11.0",)]  # fmt: skip
    assert "<title>" in made.top[0].curve


def test_numbers_and_sentences_are_of_the_language_spoken():
    (told,) = card({}, language="id").top
    assert told.sentence.startswith("80% permohonan diputus dalam 12,3 hari kerja")
    assert told.limits == "11,2–13,4"  # noqa: RUF001 (a range)


@pytest.mark.parametrize(
    ("value", "measured_in", "said"),
    [(0.5, "share", "50.0 %"), (1_250_000.0, "IDR", "IDR 1,250,000"), (2.25, "times", "2.2 times"),
     (-0.1, "change", "10.0 % less time"), (0.03, "days", "0.03 days"),
     (-1500.0, "IDR", "IDR −1,500")],  # noqa: RUF001 (the sign that is shown)
)  # fmt: skip
def test_amounts_are_written_in_what_they_are_measured_in(value, measured_in, said):
    assert amount(value, measured_in) == said


def test_a_curve_is_broken_where_a_month_has_no_number_and_shows_its_target():
    drawn = score_curve([1.0, None, 3.0, 2.0], target=2.5, title="<b> & co")
    assert re.findall(r'<path d="(M[^"]*)"', drawn)[0].count("M") == 2
    assert 'class="aim"' in drawn
    assert "<b>" not in drawn
    assert score_curve([None, 3.0, None], target=None, title="") == ""


def test_every_indicator_reason_and_perspective_has_a_name():
    assert set(scorecard_words.TITLES) == set(INDICATORS)
    assert set(scorecard_words.UNTOLD) == set(WHY)
    assert set(scorecard_words.PERSPECTIVES) == set(PERSPECTIVES)
