"""Late terms and unpredictable waits are said in plain words, with their limits and no names."""

import json
from dataclasses import replace

import pytest

from engine.findings import ordered
from engine.lateness_findings import lateness_findings
from engine.unpredictability_findings import told, unpredictability_findings
from miners.lateness import Lateness
from miners.predictability import Spread
from miners.promises import Promise, Promises
from miners.survival import Estimate

KEYS = {
    "id", "kind", "subject", "effect", "q_value", "cases", "cost", "severity", "strength",
    "wording", "evidence",
}  # fmt: skip

LATE = Lateness(
    standard="term",
    attribute=None,
    group=None,
    cases=1200,
    judged=1150,
    over=140,
    open_over=12,
    silent=0,
    left_out=0,
    share=Estimate(value=0.1234, low=0.105, high=0.143),
    decided_in_time=0.84,
    withdrawn_in_time=0.0366,
    days_over=2.44,
    case_days_over=512.5,
    unit="working days",
    terms=(14.0,),
)
WAIT = Spread(
    measure="time",
    attribute=None,
    group=None,
    cases=1200,
    ratio=Estimate(value=3.1, low=2.8, high=3.3),
    usual=6.2,
    unlucky=19.2,
    unit="working days",
)
PROMISE = Promise(
    share=0.8,
    days=11.3,
    whole_days=12,
    kept=Estimate(value=0.81, low=0.78, high=0.84),
    kept_whole=Estimate(value=0.83, low=0.8, high=0.86),
    tested=2500,
    reason=None,
)
PROMISES = Promises(
    attribute=None,
    group=None,
    cases=1200,
    decided=1100,
    unit="working days",
    months=2,
    promises=(replace(PROMISE, share=0.5), PROMISE, replace(PROMISE, share=0.9)),
)


def share(value, low):
    return Estimate(value=value, low=low, high=min(1.0, value + 0.1))


def test_a_late_term_is_said_in_both_languages():
    (found,) = lateness_findings(LATE)
    assert set(found) == KEYS
    assert found["id"] == "lateness/term"
    assert found["effect"]["value"] == 0.1234
    assert found["cost"] == {"value": 512.5, "unit": "case-days"}
    assert found["wording"] == {
        "en": "12 % of applications take longer than the promised 14 working days (95 % limits: "
        "10 % to 14 %). 140 of 1,200 are over it by now, 12 of them still open. Half of the late "
        "ones are at least 2.4 working days over.",
        "id": "12% permohonan melewati standar waktu 14 hari kerja (batas 95%: 10% sampai 14%). "
        "140 dari 1.200 sudah melewatinya, 12 di antaranya masih terbuka. Separuh dari yang "
        "terlambat melewatinya sekurangnya 2,4 hari kerja.",
    }


def test_silent_cases_and_several_terms_are_said():
    (found,) = lateness_findings(replace(LATE, silent=7, terms=(14.0, 30.0), days_over=None))
    assert "their promised term (14 to 30 working days)" in found["wording"]["en"]
    assert "7 of those have had no event for half a year" in found["wording"]["en"]
    assert "7 di antaranya tidak memiliki kejadian" in found["wording"]["id"]
    (mixed,) = lateness_findings(replace(LATE, terms=(), unit=None, days_over=None))
    assert "longer than their promised term (95 %" in mixed["wording"]["en"]


@pytest.mark.parametrize(
    ("change", "severity", "strength"),
    [
        ({"share": share(0.30, 0.26)}, "high", "strong"),
        ({"share": share(0.15, 0.06)}, "medium", "strong"),
        ({"share": share(0.06, 0.04)}, "low", "weak"),
        ({"judged": 900}, "medium", "moderate"),
        ({"silent": 60}, "medium", "moderate"),
    ],
)
def test_how_grave_and_how_sure_follow_from_the_share_and_what_is_known(change, severity, strength):
    (found,) = lateness_findings(replace(LATE, **change))
    assert (found["severity"], found["strength"]) == (severity, strength)


def test_what_is_not_known_or_too_small_is_no_finding():
    assert lateness_findings(replace(LATE, share=None)) == []
    assert lateness_findings(replace(LATE, share=share(0.04, 0.01))) == []
    assert lateness_findings(LATE, smallest_share=0.2) == []


def test_a_group_is_named_only_where_it_is_clearly_later_than_all():
    shop = replace(LATE, attribute="permit_type", group="shop/office", share=share(0.4, 0.3))
    near = replace(shop, group="near", share=share(0.16, 0.13))
    unsure = replace(shop, group="unsure", share=share(0.4, 0.1))
    _, found = lateness_findings(LATE, [shop, near, unsure])
    assert found["id"] == "lateness/term/permit_type=shop%2Foffice"
    assert found["subject"]["group"] == "shop/office"
    assert found["wording"]["en"].startswith("Where permit type is shop/office: 40 % of")
    names = {"permit_type": {"en": "kind of building", "id": "jenis izin"}}
    _, found = lateness_findings(LATE, [shop], names=names)
    assert found["wording"]["en"].startswith("Where kind of building is shop/office: ")
    assert found["wording"]["id"].startswith("Untuk jenis izin shop/office: ")
    assert "Overall it is 12 %" in found["wording"]["en"]
    assert "does not compare like with like" in found["wording"]["en"]
    assert lateness_findings(replace(LATE, share=None), [shop]) == []


def test_a_step_with_a_term_of_its_own_is_named():
    step = replace(LATE, standard="Review zoning", terms=(3.0,))
    names = {"Review zoning": {"id": "Tinjau tata ruang"}}
    found = lateness_findings(replace(LATE, share=None), (), [step], names=names)[0]
    assert "pelaksanaan Tinjau tata ruang melewati" in found["wording"]["id"]
    assert found["id"] == "lateness/Review%20zoning"
    assert (
        "executions of Review zoning take longer than the promised 3 working days"
        in (found["wording"]["en"])
    )


def test_unpredictable_waits_come_with_what_could_be_promised():
    (found,) = unpredictability_findings(WAIT, (), [PROMISES])
    assert set(found) == KEYS
    assert found["id"] == "unpredictability/time"
    assert (found["severity"], found["strength"]) == ("medium", "strong")
    assert found["wording"]["en"] == (
        "Half of the decisions are there within 6.2 working days, but one applicant in ten waits "
        "longer than 19.2, 3.1 times as long. The office could promise a decision within 12 "
        "working days to 80 % of the applicants: 83 % of 2,500 later cases were decided within "
        "such a promise."
    )
    assert "dalam 12 hari kerja kepada 80% pemohon: 83% dari 2.500" in found["wording"]["id"]
    assert found["evidence"]["promises"]["promises"][1]["publishable"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("too few cases", "there are too few cases to try it on"),
        ("not followed long enough", "too few files have been decided yet"),
        ("kept too rarely", "only 81 % of 2,500 later cases were decided within it"),
        ("kept too often", "81 % of 2,500 later cases were decided within it, so a shorter one"),
    ],
)
def test_a_promise_that_may_not_be_published_says_why(reason, said):
    bad = replace(PROMISES, promises=(replace(PROMISE, reason=reason, days=None),))
    (found,) = unpredictability_findings(WAIT, (), [bad])
    assert f"can be published: {said}" in found["wording"]["en"]
    assert "belum dapat diumumkan" in found["wording"]["id"]
    assert not found["evidence"]["promises"]["promises"][0]["publishable"]


@pytest.mark.parametrize(
    ("measure", "ratio", "severity", "strength"),
    [
        ("time", Estimate(value=4.5, low=4.0, high=5.0), "high", "strong"),
        ("time", Estimate(value=2.4, low=2.1, high=None), "low", "weak"),
        ("time", Estimate(value=3.4, low=2.1, high=5.0), "medium", "moderate"),
        ("fee", Estimate(value=1.6, low=1.5, high=1.7), "high", "strong"),
        ("fee", Estimate(value=1.06, low=1.05, high=1.07), "low", "strong"),
    ],
)
def test_how_unpredictable_and_how_sure(measure, ratio, severity, strength):
    (found,) = unpredictability_findings(replace(WAIT, measure=measure, ratio=ratio))
    assert (found["severity"], found["strength"]) == (severity, strength)


def test_an_ordinary_spread_is_no_finding():
    assert unpredictability_findings(replace(WAIT, ratio=share(2.4, 1.9))) == []
    assert unpredictability_findings(replace(WAIT, ratio=None)) == []
    fee = replace(WAIT, measure="fee", unit="times the tariff")
    assert (
        unpredictability_findings(replace(fee, ratio=Estimate(value=1.04, low=1.03, high=2))) == []
    )


def test_a_group_is_unpredictable_only_where_it_is_more_so_than_all():
    hill = replace(WAIT, attribute="office", group="hill", ratio=Estimate(value=5, low=4, high=6))
    usual = replace(hill, group="valley", ratio=Estimate(value=3.3, low=2.9, high=3.6))
    own = replace(PROMISES, attribute="office", group="hill")
    _, found = unpredictability_findings(WAIT, [hill, usual], [PROMISES, own])
    assert found["id"] == "unpredictability/time/office=hill"
    assert found["evidence"]["promises"]["group"] == "hill"
    assert found["wording"]["en"].startswith("Where office is hill: half of the decisions")


def test_findings_are_fit_for_json_and_stand_in_the_common_order():
    both = [*lateness_findings(LATE), *unpredictability_findings(WAIT, (), [PROMISES])]
    assert json.loads(json.dumps(ordered(both))) == ordered(both)
    assert told(PROMISES)["promises"][1]["whole_days"] == 12
