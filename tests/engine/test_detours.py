"""Which detours are told as findings, and in which words."""

from dataclasses import replace
from urllib.parse import unquote

import pytest

from engine import detour_wording as wording
from engine.detours import Detour, findings
from miners.detours.episodes import KINDS, Subject

BACK_AND_FORTH = Detour(
    subject=Subject(kind="ping-pong", activities=("Review", "Inspect"), cause="office"),
    cases=426,
    eligible=4648,
    times=430,
    share=426 / 4648,
    low=0.083,
    high=0.1,
    days=(6.6, 6.4, 6.8),
    case_days=2811.0,
    coverage=0.97,
    matched_on=("permit_type", "month"),
)
NAMES = {"Review": {"en": "Review", "id": "Tinjau"}}


def told(*detours, by="rules", all_days=30_000.0, smallest_cell=5, names=NAMES):
    return findings(
        detours,
        by=by,
        unit="working days",
        all_days=all_days,
        smallest_cell=smallest_cell,
        names=names,
    )


def test_a_finding_says_what_happens_how_often_and_what_it_costs():
    (found,) = told(BACK_AND_FORTH)
    assert unquote(found["id"]) == "detour/ping-pong/Review/Inspect/office"
    assert found["subject"] == {
        "type": "ping-pong",
        "activities": ["Review", "Inspect"],
        "units": None,
        "cause": "office",
    }
    assert found["effect"]["value"] == 6.6
    assert found["cost"] == {"value": 2811.0, "unit": "case-days"}
    assert (found["severity"], found["strength"]) == ("high", "strong")
    assert found["wording"]["en"] == (
        "9.2 % of the applications that came to Review went back and forth between Review and "
        "Inspect (426 of 4,648). It adds 6.6 working days per application (95 % interval 6.4 to "
        "6.8), 2,811 case-days in all. No step of the applicant lies in it."
    )
    assert "antara Tinjau dan Inspect (426 dari 4.648)" in found["wording"]["id"]
    assert "6,6 hari kerja" in found["wording"]["id"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_in_both_languages(kind):
    one = replace(BACK_AND_FORTH, subject=Subject(kind=kind, activities=("Review", "Inspect")))
    (found,) = told(one)
    english, indonesian = found["wording"]["en"], found["wording"]["id"]
    assert "426 of 4,648" in english
    assert "426 dari 4.648" in indonesian
    assert "Review" in english
    assert "Tinjau" in indonesian
    assert "{" not in english + indonesian


def test_a_cost_that_may_be_nothing_is_not_told():
    (found,) = told(replace(BACK_AND_FORTH, days=(2.0, -1.0, 5.0), case_days=None))
    assert found["cost"] is None
    assert (
        "Whether it costs time cannot be told: between -1.0 and 5.0 working days"
        in (found["wording"]["en"])
    )
    assert found["strength"] == "moderate"


def test_what_nobody_passed_without_the_detour_has_no_price():
    (found,) = told(replace(BACK_AND_FORTH, days=None, case_days=None, coverage=0.0))
    assert found["effect"]["value"] is None
    assert "What it costs cannot be told" in found["wording"]["en"]


def test_a_left_out_step_saves_time_and_is_told_all_the_same():
    one = replace(
        BACK_AND_FORTH,
        subject=Subject(kind="skipped", activities=("Review",)),
        days=(-3.0, -3.5, -2.5),
        case_days=-1278.0,
    )
    (found,) = told(one)
    assert found["cost"] is None
    assert found["severity"] == "medium"
    assert found["effect"]["value"] == -3.0
    assert "which the procedure asks for, was left out in 9.2 %" in found["wording"]["en"]
    assert "3.0 working days faster there (95 % interval 2.5 to 3.5)" in found["wording"]["en"]
    assert found["strength"] == "strong"


def test_what_is_rare_and_cheap_is_not_a_finding():
    assert not told(replace(BACK_AND_FORTH, cases=9, share=9 / 4648))
    assert not told(replace(BACK_AND_FORTH, cases=40, share=40 / 4648, case_days=100.0))
    assert told(replace(BACK_AND_FORTH, cases=40, share=40 / 4648, case_days=400.0))
    assert not told(replace(BACK_AND_FORTH, cases=19), smallest_cell=20)


def test_without_a_procedure_it_takes_more_to_be_told_and_is_never_strong():
    usual = replace(BACK_AND_FORTH, share=0.04, days=None, case_days=None)
    assert told(usual)
    assert not told(usual, by="usual routes")
    (found,) = told(BACK_AND_FORTH, by="usual routes")
    assert found["strength"] == "moderate"
    assert "No procedure is given" in found["wording"]["en"]
    assert "Tidak ada prosedur" in found["wording"]["id"]


def test_a_price_of_a_few_is_said_to_be_one():
    (found,) = told(replace(BACK_AND_FORTH, coverage=0.3))
    assert "Only about 30 % of these could be compared" in found["wording"]["en"]
    assert found["strength"] == "moderate"


def test_the_dearest_comes_first():
    cheap = replace(
        BACK_AND_FORTH, subject=Subject(kind="repeated", activities=("Sign",)), case_days=500.0
    )
    free = replace(
        BACK_AND_FORTH, subject=Subject(kind="inserted", activities=("Stamp",)), case_days=None
    )
    ids = [unquote(one["id"]) for one in told(free, cheap, BACK_AND_FORTH)]
    assert ids == [
        "detour/ping-pong/Review/Inspect/office",
        "detour/repeated/Sign",
        "detour/inserted/Stamp",
    ]


def test_limits_that_are_close_together_are_told_apart():
    said = wording.cost((4.021, 3.997, 4.045), 2260.0, "working days", 1.0)
    assert "adds 4.02 working days per application (95 % interval 4.00 to 4.04)" in said["en"]
    assert "4,02 hari kerja" in said["id"]


def test_what_takes_hardly_any_time_is_said_to():
    said = wording.cost((0.0, -0.01, 0.02), None, "working days", 1.0)
    assert said["en"] == " It takes less than a tenth of a day (working days)."
