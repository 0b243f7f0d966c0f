"""What is said of treatment says what was compared, in both languages, and accuses nobody."""

import re

import pytest

from engine.treatment.words import gaps as equity_wording
from engine.treatment.words import officers as officer_wording
from engine.treatment.words import speed as fee_wording
from engine.treatment.words.figures import FEATURES, MEASURES, Compared, Edge, GapTold, Part, Robust
from engine.treatment.words.officers import OfficerTold
from engine.treatment.words.order import FavouredTold, favoured, not_favoured
from engine.treatment.words.phrases import DOES
from engine.treatment.words.remarks import robust
from engine.treatment.words.silence import silence
from engine.treatment.words.speed import SpeedTold
from miners.equity import route_features
from miners.survival import Estimate

# What a claim would be made of; "does not prove intent" is the one place for that word.
ACCUSES = re.compile(
    r"discriminat|diskriminasi|brib|suap|guilt|bersalah|corrupt|korup|fraud|illegal|unlawful"
    r"|intent(?!\b)|(?<!not prove )intent\b|deliberate|(?<!adanya )kesengajaan|unfair|curang"
    r"|\ball applications\b|semua permohonan|pungli|illicit|favou?ritism",
    re.IGNORECASE,
)
UNITS = {"time": "working days", "waiting": "working days", "fee": "currency"}
NAMES = {
    "affiliation": {"en": "party", "id": "afiliasi"},
    "Inspect site": {"en": "Inspect site", "id": "Periksa lokasi"},
}


def limits(value):
    return Estimate(value=value, low=value - abs(value) / 4, high=value + abs(value) / 4)


def gap(measure="time", value=2.9, **parts):
    feature = "requests" if measure == "route" else None
    activity = "Inspect site" if measure == "waiting" else None
    known = {
        "subject": (("affiliation", "other"),),
        "measure": measure,
        "unit": UNITS.get(measure, "share"),
        "feature": feature,
        "activity": activity,
        "cases": 1190,
        "others": 3810,
        "coverage": 0.96,
        "compared": Compared(attributes=("permit_type",), period="month", horizon_days=90.0),
        "entry": limits(value),
        "raw": limits(1.2 * value),
    }
    return GapTold(**{**known, **parts})


def everything():
    """One of each kind of sentence, by what it is of."""
    full = {
        "process": limits(0.04),
        "direct": limits(0.05),
        "together": ("office",),
        "bases": {"affiliation": "audit order 12/2026"},
        "parts": (Part(what="requests", value=0.03), Part(what="officers", value=-0.02)),
        "edges": (Edge(source="A", target="B", value=0.9), Edge(source="A", target=None, value=1)),
        "robust": Robust(value=0.12, benchmark="permit_type", left=0.01),
    }
    for measure in MEASURES:
        for value in (0.06, -0.06):
            for both in (True, False):
                told = gap(measure, value, in_both_halves=both, **full)
                yield measure, equity_wording.gap(told, NAMES)
    for feature in FEATURES:
        yield feature, equity_wording.gap(gap("route", 0.06, feature=feature), NAMES)
    yield "stay", equity_wording.gap(gap("waiting", 0.06, with_work=True), NAMES)
    yield "gate", equity_wording.gap(gap("outcome", -0.06, activity="Inspect site"), NAMES)
    pair = (("affiliation", "other"), ("district", "north"))
    yield "intersection", equity_wording.gap(gap(subject=pair, direct=limits(1.2)), NAMES)
    for why in ("small", "unsure", "coverage", "not direct", "few", "alone", "constant"):
        told = gap(why_not=why, smallest_seen=0.8, material=1.0)
        yield why, silence(told, NAMES)
    yield "small, of unknown size", silence(gap(why_not="small"), NAMES)
    yield "routes", equity_wording.routes_differ("affiliation", NAMES)
    yield "routes alike", equity_wording.routes_alike("affiliation", NAMES)
    for value in (2.3, -2.3):
        yield "picked", favoured(pick(positions=limits(value)), NAMES)
        yield "officer", officer_wording.officer(officer(value / 20), NAMES)
    yield "picked, no class", favoured(pick(service_class=()), NAMES)
    yield "not picked", not_favoured(pick(), NAMES)
    for value in (0.2, -0.2):
        for told in (True, False):
            speed = SpeedTold(rho=limits(value), cases=3000, told=told)
            yield "speed", fee_wording.fee_speed(speed)


def pick(**parts):
    known = {
        "activity": "Inspect site",
        "attribute": "affiliation",
        "group": "other",
        "items": 1040,
        "others": 9000,
        "coverage": 0.9,
        "positions": limits(2.3),
        "service_class": ("permit_type",),
        "overtakes": 3.1,
        "overtaken": 1.25,
        "bases": {"affiliation": "audit order 12/2026"},
        "in_both_halves": True,
        "smallest_seen": 1.0,
    }
    return FavouredTold(**{**known, **parts})


def officer(value, **parts):
    known = {
        "activity": "Inspect site",
        "resource": "a91f",
        "attribute": "agent",
        "group": "7c02",
        "picks": 1400,
        "of_group": 160.0,
        "expected": 22.4,
        "paired": limits(value),
        "early": limits(value),
        "review": 12,
    }
    return OfficerTold(**{**known, **parts})


@pytest.mark.parametrize(("of", "said"), list(everything()), ids=lambda part: str(part)[:24])
def test_every_sentence_is_whole_in_both_languages_and_accuses_nobody(of, said):
    assert set(said) == {"en", "id"}
    for text in said.values():
        assert text
        assert text.endswith(".")
        assert "{" not in text
        assert "None" not in text
        assert "nan" not in re.findall(r"\w+", text)
        assert "  " not in text
        assert ".." not in text
        assert not ACCUSES.search(text), ACCUSES.search(text)
    assert said["en"] != said["id"]
    assert "percentage" not in said["id"], of
    assert "working day" not in said["id"], of


def test_whatever_is_told_of_a_gap_says_that_it_is_of_comparable_ones_and_proves_no_intent():
    for measure in MEASURES:
        said = equity_wording.gap(gap(measure, 0.06), NAMES)
        assert "comparable" in said["en"].split("(")[0]
        assert "sebanding" in said["id"].split("(")[0]
        assert said["en"].endswith("It does not say why, and it does not prove intent.")
        assert said["id"].endswith("tidak membuktikan adanya kesengajaan.")


def test_every_measure_and_feature_has_words_for_what_it_is():
    assert set(FEATURES) == set(route_features.FEATURES)
    assert set(DOES) == {*MEASURES, *FEATURES, "gate", "stay"} - {"route"}
    assert all(set(words) == {"en", "id"} for words in DOES.values())


def test_a_gap_in_time_is_told_as_a_lawyer_would_sign_it():
    said = equity_wording.gap(gap(entry=Estimate(value=2.9, low=2.4, high=3.4)), {})
    assert said["en"].startswith(
        "Applications with affiliation “other” took 2.9 working days longer to a decision than "
        "comparable applications (95 % interval 2.4 to 3.4). Compared were only applications with "
        "the same permit type and month of entry: 1,190 of this group, 3,810 others; 96 % of the "
        "group had others to be compared with. Each was followed for 90 days from entry"
    )
    assert "without comparing like with like: 3.5 working days longer." in said["en"]
    assert said["id"].startswith(
        "Permohonan dengan affiliation “other” memerlukan waktu 2,9 hari kerja lebih lama sampai "
        "keputusan daripada permohonan yang sebanding (selang kepercayaan 95%: 2,4 sampai 3,4). "
        "Yang dibandingkan hanya permohonan dengan permit type dan bulan masuk yang sama: 1.190 "
        "dari kelompok ini, 3.810 lainnya; 96% dari kelompok ini memiliki pembanding."
    )


def test_a_group_that_is_better_off_is_told_with_limits_that_grow():
    entry = Estimate(value=-0.051, low=-0.08, high=-0.02)
    said = equity_wording.lead(gap("outcome", entry=entry), {})
    assert "were approved 5.1 percentage points less often than" in said["en"]
    assert "(95 % interval 2.0 to 8.0)" in said["en"]
    assert "5,1 poin persentase lebih jarang" in said["id"]
    said = equity_wording.lead(gap("time", -2.0), {})
    assert "took 2.0 working days less to a decision" in said["en"]
    assert "hari kerja lebih singkat" in said["id"]


def test_limits_on_both_sides_of_nothing_say_which_way_each_goes():
    entry = Estimate(value=0.4, low=-0.3, high=1.1)
    said = equity_wording.lead(gap(entry=entry), {})
    assert "(95 % interval 0.3 working days less to 1.1 working days longer)" in said["en"]
    assert "0,3 hari kerja lebih singkat sampai 1,1 hari kerja lebih lama" in said["id"]


def test_a_raw_gap_of_the_other_sign_and_one_of_nothing_are_told_as_they_are():
    said = equity_wording.raw(gap(raw=limits(-0.8)))
    assert said["en"].endswith("0.8 working days less.")
    said = equity_wording.raw(gap(raw=Estimate(value=0.0, low=0.0, high=0.0)))
    assert said["en"].endswith("no difference.")
    assert said["id"].endswith("tidak ada selisih.")
    assert equity_wording.raw(gap(raw=None)) == {"en": "", "id": ""}


def test_one_day_is_a_day():
    said = equity_wording.raw(gap(raw=limits(1.0)))
    assert said["en"].endswith(" 1 working day longer.")
    said = equity_wording.raw(gap("outcome", 0.05, raw=limits(0.01)))
    assert said["en"].endswith(" 1 percentage point more often.")
    assert "1 position would" in not_favoured(pick(), {})["en"]


def test_rounded_counts_are_told_as_about_so_many():
    said = equity_wording.alike(gap(rounded=True), {})
    assert "about 1,190 of this group, about 3,810 others" in said["en"]
    assert "sekitar 1.190 dari kelompok ini, sekitar 3.810 lainnya" in said["id"]


def test_names_are_those_of_the_process_file():
    said = equity_wording.lead(gap("outcome", 0.1, activity="Inspect site"), NAMES)
    assert "party “other” passed Inspect site" in said["en"]
    assert "afiliasi “other” lolos Periksa lokasi" in said["id"]


def test_where_nothing_is_legitimate_all_are_compared_and_it_is_said():
    said = equity_wording.alike(gap(compared=Compared()), {})
    assert "names nothing that may legitimately make a difference" in said["en"]
    assert "tidak menyebut apa pun" in said["id"]


def test_files_at_a_step_are_compared_within_their_queue():
    said = equity_wording.gap(gap("waiting", 1.4, resource="a91f"), {})
    assert "waited 1.4 working days longer at Inspect site (officer a91f) than" in said["en"]
    assert "came to the same queue within a few days of each other, with the same" in said["en"]
    assert "month" not in said["en"]
    said = equity_wording.lead(gap("waiting", 1.4, with_work=True), {})
    assert "took 1.4 working days longer at Inspect site, waiting and work together," in said["en"]


def test_the_basis_stands_beside_what_is_sensitive():
    said = equity_wording.gap(gap(bases={"affiliation": "audit order 12/2026"}), {})
    assert "analysed on this basis: audit order 12/2026." in said["en"]
    assert "dianalisis atas dasar: audit order 12/2026." in said["id"]


def test_what_the_process_did_is_where_a_gap_arises_and_no_excuse():
    parts = (Part(what="requests", value=1.1), Part(what="officers", value=-0.3))
    parts = (*parts, Part(what="unexplained", value=1.2), Part(what="rework", value=0.01))
    said = equity_wording.gap(gap(process=limits(1.2), parts=parts), {})
    assert (
        "requests for documents 1.1 working days, which officers had them -0.3 working days. With "
        "the same requests, rework, route and officers as well: 1.2 working days longer. That "
        "shows where the gap arises; it does not justify it."
    ) in said["en"]
    assert "permintaan dokumen 1,1 hari kerja" in said["id"]
    faster = (Part(what="requests", value=-1.1), Part(what="rework", value=0.3))
    said = equity_wording.gap(gap(value=-2.0, parts=faster), {})
    assert "requests for documents 1.1 working days, rework -0.3 working days." in said["en"]


def test_places_are_named_only_where_most_of_the_gap_lies():
    most = (Edge(source="A", target="B", value=1.5), Edge(source="C", target=None, value=0.6))
    said = equity_wording.gap(gap(edges=(*most, Edge(source="D", target="E", value=0.2))), {})
    assert "lies between A and B (1.5 working days) and at C (0.6 working days)." in said["en"]
    assert "Most of it lies" not in equity_wording.gap(gap(edges=most[1:]), {})["en"]


def test_an_intersection_is_what_neither_explains():
    pair = (("affiliation", "other"), ("district", "north"))
    said = equity_wording.lead(gap(subject=pair), {})
    assert "affiliation “other” and district “north” took" in said["en"]
    told = gap(subject=pair, direct=Estimate(value=1.2, low=0.4, high=2.0))
    beyond = equity_wording.gap(told, {})
    assert (
        "Over and above what affiliation and district each explain by themselves: 1.2 working days "
        "longer (95 % interval 0.4 to 2.0)."
    ) in beyond["en"]
    assert "Di luar apa yang dijelaskan oleh affiliation dan district" in beyond["id"]


def test_fees_are_over_the_tariff_in_whole_amounts():
    entry = Estimate(value=125_000.0, low=100_000.0, high=150_000.0)
    told = gap("fee", entry=entry, raw=limits(110_000.0), mean_others=-1200.0)
    said = equity_wording.gap(told, {})
    assert "paid 125,000 more over the tariff than" in said["en"]
    assert "(95 % interval 100,000 to 150,000)" in said["en"]
    assert "The others paid 1,200 under the tariff" in said["en"]
    assert "membayar 125.000 lebih banyak di atas tarif" in said["id"]


def test_what_is_not_told_says_what_would_have_been_seen_and_never_that_there_is_nothing():
    said = silence(gap(why_not="unsure", smallest_seen=0.8), {})
    assert said["en"] == (
        "Affiliation “other”: no disparity in the time to a decision is reported. What differs can "
        "be chance. A gap of 0.8 working days would have been seen 4 times of 5; a smaller one may "
        "have escaped."
    )
    assert "0,8 hari kerja akan terlihat empat dari lima kali" in said["id"]
    untested = silence(gap(entry=None, why_not="few", smallest_seen=None), {})
    assert "says nothing in either direction" in untested["en"]
    with pytest.raises(ValueError, match="expected one of"):
        silence(gap(why_not="because"), {})


def test_something_unrecorded_as_strong_as_a_known_attribute_is_told_by_what_it_leaves():
    told = gap(robust=Robust(value=0.12, benchmark="kind", left=1.9))
    left = robust(told, {})
    assert "at least 12 % of what is left open" in left["en"]
    assert "beside something as strong as kind, 1.9 working days longer would be" in left["en"]
    gone = robust(gap(robust=Robust(value=0.12, benchmark="kind", left=-0.1)), {})
    assert "something as strong as kind could." in gone["en"]


def test_a_finding_can_be_read_aloud_what_is_for_those_who_contest_it_is_in_the_evidence():
    edges = tuple(Edge(source="Pay fee", target=str(n), value=1.0 / n) for n in range(1, 9))
    told = gap(
        robust=Robust(value=0.12, benchmark="kind", left=1.9), direct=limits(2.8), edges=edges,
        process=limits(2.5), in_both_halves=True, bases={"affiliation": "audit order 12/2026"},
        parts=(Part(what="requests", value=0.4), Part(what="rework", value=0.2)),
    )  # fmt: skip
    for text in equity_wording.gap(told, NAMES).values():
        assert len(text.split()) <= 190
    said = equity_wording.gap(told, NAMES)["en"]
    assert "what is left open" not in said
    assert "other attributes that are compared here" not in said
    assert "requests for documents 0.4 working days. With" in said  # a small part is not told


def test_a_place_that_carries_hardly_any_of_the_gap_is_not_named_beside_the_one_that_does():
    told = gap(
        edges=(Edge(source="A", target="B", value=2.8), Edge(source="C", target="D", value=0.2))
    )
    assert "lies between A and B (2.8 working days)." in equity_wording.gap(told, {})["en"]


def test_picking_is_told_by_positions_within_a_service_class():
    said = favoured(pick(), NAMES)
    assert said["en"].startswith(
        "Files with party “other” were picked up 2.3 positions earlier at Inspect site than "
        "comparable files in the same queue"
    )
    assert "of the same service class (permit type): 1,040 of this group" in said["en"]
    assert "didahului oleh 1,25 berkas" in said["id"]
    assert "diambil 2,3 posisi lebih awal di Periksa lokasi" in said["id"]
    later = favoured(pick(positions=limits(-2.0)), {})
    assert "picked up 2.0 positions later at Inspect site than comparable files" in later["en"]
    assert "(95 % interval 1.5 to 2.5)" in later["en"]
    assert "all have the same right to their turn" in favoured(pick(service_class=()), {})["en"]


def test_an_officer_is_a_code_and_gets_a_review_with_innocent_reasons_and_no_verdict():
    said = officer_wording.officer(officer(0.2), {})
    assert "of 1,400 files that officer a91f picked up" in said["en"]
    assert "earlier in their turn" in said["en"]
    assert "pick score 0.20 higher; 0.15 to 0.25" in said["en"]
    assert "There may be a good reason: " in said["en"]
    assert "This is a reason to look, not a verdict." in said["en"]
    assert "Ini alasan untuk memeriksa, bukan putusan." in said["id"]
    assert "1.400 berkas" in said["id"]
    one = officer_wording.officer(officer(-0.2, review=1), {})
    assert "One application is listed" in one["en"]
    assert "later in their turn" in one["en"]
    with pytest.raises(ValueError, match="no limits"):
        officer(0.2, early=Estimate(value=0.2, low=None, high=None))


def test_what_favouritism_json_holds_can_be_read():
    row = {
        "activity": "Inspect site", "attribute": "affiliation", "group": "other", "items": 1040,
        "others": 9000, "coverage": 0.9, "positions": 2.3, "ci_low": 1.8, "ci_high": 2.8,
        "overtakes_per_item": 3.1, "overtaken_per_item": 1.25, "smallest_seen": 1.0,
    }  # fmt: skip
    told = FavouredTold.read(row, service_class=["permit_type"], bases={}, rounded=True)
    assert told.positions == Estimate(value=2.3, low=1.8, high=2.8)
    assert told.in_both_halves is None
    untested = FavouredTold.read(
        {**row, "positions": None}, service_class=(), bases={}, rounded=True
    )
    assert untested.positions is None
    with pytest.raises(ValueError, match="no limits"):
        favoured(untested, {})
    signal = {"value": 0.2, "ci_low": 0.1, "ci_high": 0.3, "p_value": 0.001}
    row = {
        "activity": "Inspect site", "resource": "a91f", "attribute": "agent", "group": "7c02",
        "picks": 400, "of_group": 60, "expected": 22.4, "paired": signal, "early": signal,
        "halves": [signal, signal], "review": [{"case_id": "1"}],
    }  # fmt: skip
    told = OfficerTold.read(row, bases={})
    assert told.review == 1
    assert told.in_both_halves is True


def test_paying_and_speed_go_together_and_that_is_all():
    said = fee_wording.fee_speed(SpeedTold(rho=limits(-0.2), cases=3000, told=True))
    assert "decided sooner (rank correlation -0.20, 95 % interval -0.25 to -0.15" in said["en"]
    assert "-0,20" in said["id"]
    assert "does not say that one was for the other" in said["en"]
    with pytest.raises(ValueError, match="rank correlation"):
        SpeedTold(rho=limits(1.2), cases=3, told=True)


FOUND = {
    "compared_on": ["permit_type", "affiliation", "month"],
    "horizon_days": 90,
    "attributes": [
        {
            "attribute": "affiliation",
            "sensitive": True,
            "basis": "audit order 12/2026",
            "groups": [{"group": "other"}, {"group": "a+"}],
        },
        {"attribute": "district", "sensitive": False, "basis": None, "groups": [{"group": "n+b"}]},
    ],
}
GAP = {
    "attribute": "affiliation", "group": "other", "measure": "time", "activity": None,
    "feature": None, "unit": "working days", "cases": 1190, "others": 3810, "coverage": 0.96,
    "raw": None, "entry": {"value": 2.9, "ci_low": 2.4, "ci_high": 3.4}, "process": None,
    "direct": None, "together_with": [], "told": True, "why_not": None, "strength": "moderate",
    "parts": [{"what": "rework", "value": None, "ci_low": None, "ci_high": None}],
    "edges": [
        {"source": "A", "target": "B", "value": 2.0, "ci_low": 1.0, "ci_high": 3.0},
        {"source": "B", "target": None, "value": 2.0, "ci_low": -1.0, "ci_high": 3.0},
    ],
    "halves": [{"value": 2.0, "p_value": 0.01}, {"value": 3.0, "p_value": 0.02}],
    "robustness": {"value": 0.1, "benchmark": None, "as_strong": None},
}  # fmt: skip


def test_a_gap_is_read_from_equity_json_as_it_stands_there():
    told = GapTold.read(GAP, FOUND, rounded=False)
    assert told.compared == Compared(attributes=("permit_type",), period="month", horizon_days=90)
    assert told.bases == {"affiliation": "audit order 12/2026"}
    assert told.in_both_halves is True
    assert [edge.target for edge in told.edges] == ["B"]
    assert told.parts == ()
    assert told.robust == Robust(value=0.1)
    unlike = {**GAP, "halves": [{"value": 2.0, "p_value": 0.01}, {"value": -3.0, "p_value": 0.02}]}
    assert GapTold.read(unlike, FOUND, rounded=False).in_both_halves is False
    assert GapTold.read({**GAP, "halves": []}, FOUND, rounded=False).in_both_halves is None


def test_two_attributes_that_meet_are_told_apart_even_with_a_plus_in_their_values():
    both = {**GAP, "attribute": "affiliation+district", "group": "a++n+b"}
    told = GapTold.read(both, FOUND, rounded=True)
    assert told.subject == (("affiliation", "a+"), ("district", "n+b"))


def test_what_is_sensitive_is_not_told_without_a_basis():
    bare = {**FOUND, "attributes": [{**FOUND["attributes"][0], "basis": None}]}
    with pytest.raises(ValueError, match="sensitive and has no basis"):
        GapTold.read(GAP, bare, rounded=False)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"measure": "speed"}, "measure is"),
        ({"unit": "hours"}, "unit is"),
        ({"feature": "rework"}, "feature is"),
        ({"measure": "waiting", "activity": None}, "waiting has no activity"),
        ({"entry": Estimate(value=1.0, low=2.0, high=3.0)}, "outside its limits"),
        ({"entry": Estimate(value=float("nan"), low=None, high=None)}, "expected a number"),
        ({"subject": ()}, "no subject"),
    ],
)
def test_what_there_are_no_words_for_is_refused(parts, says):
    with pytest.raises(ValueError, match=says):
        gap(**parts)


def test_a_gap_without_limits_is_not_told():
    with pytest.raises(ValueError, match="no limits"):
        equity_wording.gap(gap(entry=Estimate(value=1.0, low=None, high=None)), {})
