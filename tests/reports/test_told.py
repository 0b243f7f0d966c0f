"""A finding tells nothing that the rest of the report hides."""

import json
from dataclasses import replace

import numpy as np
import pytest

from engine import bottlenecks, detours
from engine.detours import Detour
from engine.findings import data_quality
from engine.lateness_findings import lateness_findings
from engine.unpredictability_findings import unpredictability_findings
from miners.detours.episodes import Subject
from miners.lateness import Lateness
from miners.predictability import Spread
from miners.promises import Promise, Promises
from miners.quality import Check
from miners.queues import Queue, Queues
from miners.staffing import Estimate as Staffing
from miners.survival import Estimate
from reports.withheld.detours import withhold_detours
from reports.withheld.terms import withhold_terms
from reports.withheld.told import Shown, told, without_totals

LEAST = 5


def finding(of):
    return data_quality(
        Check(check="tied", column="timestamp", affected=1_234, total=8_577, of=of, cases=300)
    )


def test_shares_stand_in_for_exact_numbers_of_events():
    told = without_totals(finding("events"))
    assert told["wording"]["en"].startswith("14.4 % of events have the same time")
    assert told["wording"]["id"].startswith("14,4% dari kejadian memiliki waktu")
    assert told["effect"]["value"] == 0.144
    text = json.dumps(told, ensure_ascii=False)
    assert not any(number in text for number in ("8577", "8,577", "8.577", "1234", "1,234"))


def test_findings_about_cases_stay():
    assert without_totals(finding("cases")) == finding("cases")


QUEUE = Queue(
    activity="Review. With one more officer, a (", unit="planning", service_known=True,
    cases=4_687, items=5_112, taken=5_085, waiting=10_146.48, share=0.54, mean=1.98, low=1.4,
    high=2.6, median=0.7, p90=5.5,
    causes={"batching": 0.0, "contention": 6_342.8, "unavailability": 343.2}, arrivals=1.9,
    service_rate=0.17, officers=12.0, present=11.2, utilisation=0.91, load=0.97, length=29.6,
    longest=99, little=0.0, day=np.zeros(0, np.int64), daily=np.zeros(0),
    daily_most=np.zeros(0, np.int64), trend=None, open_now=27, oldest=3.0, open_median=0.5,
    open_by_rule={}, estimate=Staffing(officers=12.0, needed=11, ratio=0.5, wait=1.36, reason=None),
)  # fmt: skip
CAUSE = ("Main cause", "Penyebab utama")
MORE = ("With one more officer, the", "Dengan tambahan satu petugas")
OPEN = ("wait now", "Saat ini")


def told_queue(**changes):
    queue = replace(QUEUE, **changes)
    found = bottlenecks.findings(Queues(queues=(queue,), waiting=20_000.0, unit="working days"), {})
    return told(found[0], whole=5_000, least=LEAST, shown=Shown())


def has(found, sentences):
    said = [words in found["wording"][lang] for words, lang in zip(sentences, ("en", "id"))]  # noqa: B905 - of equal length
    assert len(set(said)) == 1
    return said[0]


def test_a_bottleneck_of_many_keeps_its_sentences_and_loses_its_exact_counts():
    found = told_queue()
    assert has(found, CAUSE)
    assert has(found, MORE)
    assert has(found, OPEN)
    assert (found["cases"], found["about"], found["evidence"]) == (4_685, True, {})
    assert not any(n in json.dumps(found) for n in ("4687", "5112", "10146.48"))


def test_one_or_two_officers_are_not_told_about():
    found = told_queue(officers=2.0)
    assert not has(found, CAUSE)
    assert not has(found, MORE)
    assert has(found, OPEN)
    assert found["wording"]["en"].count("of all waiting in the office") == 1


def test_a_few_that_wait_now_are_not_told_about():
    found = told_queue(open_now=4)
    assert not has(found, OPEN)
    assert has(found, CAUSE)
    assert "4 wait" not in found["wording"]["en"]


def test_a_finding_whose_sentence_cannot_be_found_stays_inside():
    found = bottlenecks.findings(
        Queues(queues=(replace(QUEUE, open_now=4),), waiting=20_000.0, unit="working days"), {}
    )[0]
    other = {**found, "wording": {"en": "Four of them are there today."}}
    assert told(other, whole=5_000, least=LEAST, shown=Shown()) is None


LATE = Lateness(
    standard="term", attribute=None, group=None, cases=1_003, judged=912, over=91, open_over=3,
    silent=2, left_out=0, share=Estimate(value=0.1, low=0.08, high=0.12), decided_in_time=0.8,
    withdrawn_in_time=0.1, days_over=2.0, case_days_over=300.4, unit="working days", terms=(14.0,),
)  # fmt: skip


def told_late(terms, **changes):
    found = lateness_findings(replace(LATE, **changes))[0]
    return told(
        found,
        whole=1_003,
        least=LEAST,
        shown=Shown(terms=withhold_terms(terms, activity_cases={"Review": 300}, least=LEAST)),
    )


def test_a_lateness_finding_tells_shares_and_no_counts(terms_of):
    found = told_late(terms_of())
    assert found["wording"]["en"] == (
        "10 % of applications take longer than the promised 14 working days "
        "(95 % limits: 8.0 % to 12 %). Half of the late ones are at least 2 working days over."
    )
    assert "melewatinya, " not in found["wording"]["id"]
    assert "setengah tahun" not in found["wording"]["id"]
    assert "91" not in json.dumps(found)


def test_a_step_is_a_finding_of_more_executions_than_there_are_cases(terms_of, kept):
    terms = terms_of(steps=[kept(standard="Review", cases=1_200, judged=1_200, over=300)])
    assert told_late(terms, standard="Review", cases=1_200)["cases"] == 1_200
    assert told_late(terms, standard="Sign", cases=1_200) is None


def test_lateness_is_no_finding_where_the_report_does_not_tell_it(terms_of, kept):
    assert told_late(terms_of(term=kept(over=3, open_over=0)), over=3) is None


SPREAD = Spread(
    measure="time", attribute=None, group=None, cases=1_003,
    ratio=Estimate(value=2.4, low=2.3, high=2.5), usual=5.3, unlucky=12.7, unit="working days",
)  # fmt: skip


def told_spread(terms, kept_whole=0.83, **changes):
    share = Estimate(value=kept_whole, low=kept_whole - 0.01, high=kept_whole + 0.01)
    promise = Promise(
        share=0.8, days=12.1, whole_days=13, kept=share, kept_whole=share, tested=502, reason=None
    )
    spread = replace(SPREAD, **changes)
    promised = Promises(
        attribute=spread.attribute, group=spread.group, cases=1_003, decided=914,
        unit="working days", months=1, promises=(promise,),
    )  # fmt: skip
    overall = replace(SPREAD, ratio=Estimate(value=2.0, low=2.0, high=2.0))
    found = unpredictability_findings(overall, [spread], [promised])[-1]
    return told(
        found,
        whole=1_003,
        least=LEAST,
        shown=Shown(terms=withhold_terms(terms, activity_cases={}, least=LEAST)),
    )


def test_a_promise_in_a_finding_was_tried_on_about_so_many(terms_of, promises):
    terms = terms_of(promises=[promises(), promises(attribute="kind", group="shop", cases=400)])
    found = told_spread(terms, attribute="kind", group="shop")
    assert "83 % of about 500 later cases were decided" in found["wording"]["en"]
    assert "83% dari sekitar 500 permohonan berikutnya" in found["wording"]["id"]
    assert "502" not in json.dumps(found)


def test_a_promise_that_a_few_did_not_get_is_left_out_of_the_finding(terms_of, promises):
    terms = terms_of(promises=[promises(), promises(attribute="kind", group="shop", cases=400)])
    found = told_spread(terms, kept_whole=0.996, attribute="kind", group="shop")
    assert found["wording"]["en"].endswith("2.4 times as long.")
    assert found["wording"]["id"].endswith("2,4 kali lebih lama.")


def test_a_group_that_may_not_be_told_is_in_no_finding(terms_of):
    assert told_spread(terms_of(), attribute="kind", group="shop") is None


DETOUR = Detour(
    subject=Subject(kind="ping-pong", activities=("Review", "Inspect"), cause="office"),
    cases=512, eligible=4_648, times=520, share=512 / 4_648, low=0.1, high=0.12,
    days=(5.94, 5.1, 6.7), case_days=3_041.3, coverage=0.98,
)  # fmt: skip


NAMES = {"Review": {"en": "Review", "id": "Periksa"}}


def told_detour(detours_of, detour, listed=(), **changes):
    one = replace(DETOUR, **changes)
    row = detour(
        one.subject.kind, *one.subject.activities, cause=one.subject.cause, cases=one.cases,
        eligible=one.eligible, times=one.times, days_per_case=one.days and one.days[0],
        days_ci_low=one.days and one.days[1], days_ci_high=one.days and one.days[2],
        case_days=one.case_days, coverage=one.coverage, months=[], concentrates=[],
    )  # fmt: skip
    rows = listed or [row]
    found = detours.findings(
        [one], by="rules", unit="working days", all_days=60_000.0, smallest_cell=1, names=NAMES
    )
    return told(
        found[0],
        whole=5_000,
        least=LEAST,
        shown=Shown(
            detours=withhold_detours(
                detours_of(*rows, cases=5_000, detoured_cases=900), least=LEAST
            )
        ),
    )


def test_a_detour_is_told_in_the_same_words_with_rounded_counts(detours_of, detour):
    found = told_detour(detours_of, detour)
    assert found["wording"]["en"] == (
        "11 % of the applications that came to Review went back and forth between Review and "
        "Inspect (≈ 510 of ≈ 4,650). It adds 5.9 working days per application (95 % interval 5.1 "
        "to 6.7), 3,029 case-days in all. No step of the applicant lies in it."
    )
    assert "(≈ 510 dari ≈ 4.650)" in found["wording"]["id"]
    assert "Periksa" in found["wording"]["id"]
    assert (found["cases"], found["about"], found["evidence"]) == (510, True, {})
    assert (found["effect"]["value"], found["cost"]["value"]) == (5.9, 3_029.0)
    assert not any(n in json.dumps(found) for n in ("512", "4648", "4,648", "3041", "3,041"))


def test_a_detour_that_the_report_does_not_list_is_in_no_finding(detours_of, detour):
    other = detour("ping-pong", "Review", "Inspect", cause="applicant")
    assert told_detour(detours_of, detour, listed=[other]) is None
    assert told_detour(detours_of, detour, listed=[detour("repeated", "Review")]) is None
    found = detours.findings(
        [DETOUR], by="rules", unit="days", all_days=9.0, smallest_cell=1, names={}
    )[0]
    assert told(found, whole=5_000, least=LEAST, shown=Shown()) is None


def test_a_share_of_few_applications_is_that_of_the_rounded_ones(detours_of, detour):
    """34 of 98 is 35 %, and nothing but 34 of 98 is."""
    found = told_detour(detours_of, detour, cases=33, eligible=98, times=33, share=33 / 98)
    assert found["wording"]["en"].startswith("35 % of the applications that came to Review")
    assert "(≈ 35 of ≈ 100)" in found["wording"]["en"]


def test_the_sentences_of_a_detour_are_said_anew_whatever_the_finding_says(detours_of, detour):
    found = detours.findings(
        [DETOUR], by="rules", unit="working days", all_days=9.0, smallest_cell=1, names={}
    )[0]
    row = detour("ping-pong", "Review", "Inspect", cases=512, eligible=4_648, times=520)
    listed = withhold_detours(detours_of(row, cases=5_000, detoured_cases=900), least=LEAST)
    other = {**found, "wording": {"en": "Officer 17 has 512.", "id": "Petugas 17 punya 512."}}
    public = told(other, whole=5_000, least=LEAST, shown=Shown(detours=listed))
    assert public == told(found, whole=5_000, least=LEAST, shown=Shown(detours=listed))
    assert "(≈ 510 of ≈ 4,650)" in public["wording"]["en"]
    assert "512" not in str(public)
    assert "17" not in str(public["wording"])


def test_where_few_detours_could_be_priced_the_finding_gives_no_price(detours_of, detour):
    found = told_detour(detours_of, detour, cases=40, times=40, coverage=0.1)
    assert "What it costs cannot be told" in found["wording"]["en"]
    assert (found["effect"]["value"], found["cost"]) == (None, None)


@pytest.mark.parametrize("cases", [0, 3, None])
def test_nothing_is_found_of_a_few(cases):
    found = bottlenecks.findings(
        Queues(queues=(QUEUE,), waiting=20_000.0, unit="working days"), {}
    )[0]
    assert told({**found, "cases": cases}, whole=5_000, least=LEAST, shown=Shown()) is None
