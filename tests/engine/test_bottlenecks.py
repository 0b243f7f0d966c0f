"""Which queues are told as bottlenecks, and how."""

from dataclasses import replace
from types import MappingProxyType
from urllib.parse import unquote

import numpy as np
import pytest

from engine.bottlenecks import findings
from engine.findings import ordered
from engine.queue_doubts import Doubts
from miners.causes import CAUSES
from miners.queues import Queue, Queues
from miners.staffing import Estimate

NONE = MappingProxyType(dict.fromkeys(CAUSES, 0.0))
QUEUE = Queue(
    activity="Review zoning",
    unit="planning",
    service_known=True,
    cases=480,
    items=500,
    taken=480,
    waiting=1600.0,
    share=0.64,
    mean=3.2,
    low=2.8,
    high=3.6,
    median=2.5,
    p90=7.25,
    causes=MappingProxyType({**NONE, "contention": 1200.0, "unavailability": 300.0}),
    arrivals=1.6,
    service_rate=0.16,
    officers=12.0,
    present=11.2,
    utilisation=0.9,
    load=0.97,
    length=14.0,
    longest=40,
    little=0.01,
    day=np.empty(0, np.int64),
    daily=np.empty(0),
    daily_most=np.empty(0, np.int64),
    trend=3.0,
    open_now=20,
    oldest=9.5,
    open_median=3.0,
    open_by_rule=MappingProxyType({"schedule event": 20}),
    estimate=Estimate(officers=11.5, needed=11, ratio=0.5, wait=1.7, reason=None),
)


def told(*queues, unit="working days", **shares):
    doubts = {(queue.activity, queue.unit): Doubts(**shares) for queue in queues}
    return findings(Queues(queues=queues, waiting=2500.0, unit=unit), doubts)


def test_a_bottleneck_says_how_long_why_and_what_one_officer_more_would_do():
    (one,) = told(QUEUE)
    assert one["id"] == "bottleneck/Review%20zoning/planning"
    assert one["subject"] == {"activity": "Review zoning", "unit": "planning"}
    assert one["effect"] == {
        "value": 3.2,
        "unit": "working days",
        "ci_low": 2.8,
        "ci_high": 3.6,
        "raw": None,
    }
    assert one["cost"] == {"value": 1600.0, "unit": "case-days"}
    assert (one["severity"], one["strength"], one["cases"]) == ("high", "strong", 480)
    assert one["wording"]["en"] == (
        "Review zoning (planning): files wait 3.2 working days on average before they are taken "
        "up; one in ten waits 7.2 or longer. That is 64 % of all waiting in the office, 1,600 "
        "case-days. Main cause (80 % of what could be explained): officers are still busy with "
        "earlier files. With one more officer, the same files would have waited about 1.7 working "
        "days. 20 wait now, the oldest for 9.5 working days."
    )
    assert "3,2 hari kerja" in one["wording"]["id"]
    assert "1.600 hari-permohonan" in one["wording"]["id"]
    assert one["evidence"]["one_more_officer"]["ratio"] == 0.5
    assert set(one["evidence"]["one_more_officer"]["assumptions"]) == {"en", "id"}


def test_the_step_is_called_by_its_label_in_each_language_and_the_id_keeps_the_code():
    names = {"Review zoning": {"id": "Tinjau tata ruang"}}
    queues = Queues(queues=(QUEUE,), waiting=2500.0, unit="working days")
    (one,) = findings(queues, {}, names)
    assert one["wording"]["id"].startswith("Tinjau tata ruang (planning): berkas menunggu")
    assert one["wording"]["en"].startswith("Review zoning (planning): files wait")
    assert one["id"] == "bottleneck/Review%20zoning/planning"


def test_a_queue_is_told_when_it_holds_a_tenth_of_all_waiting_and_the_wait_matters():
    assert told(replace(QUEUE, share=0.09)) == []
    assert told(replace(QUEUE, mean=0.2)) == []
    assert len(told(replace(QUEUE, share=0.10, mean=0.25))) == 1
    assert told() == []


@pytest.mark.parametrize(
    ("share", "mean", "severity"),
    [(0.3, 2.0, "high"), (0.3, 0.5, "medium"), (0.1, 2.0, "medium"), (0.1, 0.5, "low")],
)
def test_severity_is_the_share_of_all_waiting_and_the_length_of_the_wait(share, mean, severity):
    (one,) = told(replace(QUEUE, share=share, mean=mean))
    assert one["severity"] == severity


@pytest.mark.parametrize(
    ("change", "strength"),
    [
        ({}, "strong"),
        ({"service_known": False}, "moderate"),
        ({"items": 60}, "moderate"),
        ({"high": 6.0}, "moderate"),
        ({"items": 20}, "weak"),
        ({"low": None, "high": None}, "weak"),
    ],
)
def test_strength_is_what_is_known_and_how_surely(change, strength):
    (one,) = told(replace(QUEUE, **change))
    assert one["strength"] == strength


def test_without_starts_nothing_is_said_of_causes_or_officers():
    (one,) = told(
        replace(QUEUE, service_known=False, causes=NONE, estimate=None, unit=None), unit="days"
    )
    assert one["id"] == "bottleneck/Review%20zoning"
    assert "no start times" in one["wording"]["en"]
    assert "cause" not in one["wording"]["en"]
    assert "officer" not in one["wording"]["en"]
    assert one["evidence"]["main_cause"] is None


def test_dates_without_times_are_told_in_whole_days_and_never_strongly():
    (one,) = told(QUEUE, dated=0.6)
    assert one["strength"] == "moderate"
    assert one["evidence"]["dated"] == 0.6
    assert "wait 3 working days on average" in one["wording"]["en"]
    assert "the oldest for 10 working days" in one["wording"]["en"]
    assert one["wording"]["en"].endswith("so all of this is good to a day only.")
    assert one["wording"]["id"].endswith("hanya teliti sampai satu hari.")
    assert told(replace(QUEUE, mean=0.9), dated=0.6) == []
    assert told(QUEUE, dated=0.4)[0]["strength"] == "strong"


def test_where_starts_are_missing_the_applicants_part_of_the_time_is_told():
    unknown = replace(QUEUE, service_known=False, causes=NONE, estimate=None)
    (one,) = told(unknown, applicant=0.4)
    assert "For 40 % of that time the applicant had the file" in one["wording"]["en"]
    assert "40% dari waktu itu berkas ada pada pemohon" in one["wording"]["id"]
    assert one["evidence"]["applicant_share"] == 0.4
    assert "applicant" not in told(unknown, applicant=0.01)[0]["wording"]["en"]
    assert "applicant" not in told(QUEUE, applicant=0.4)[0]["wording"]["en"]


def test_what_silences_the_estimate_is_told():
    silent = Estimate(officers=None, needed=12, ratio=None, wait=None, reason="does not fit")
    (one,) = told(replace(QUEUE, estimate=silent))
    assert "one more officer" not in one["wording"]["en"]
    assert one["evidence"]["one_more_officer"]["silent_because"]["en"]


def test_bottlenecks_stand_by_case_days_among_findings_of_their_severity():
    first, second = told(QUEUE, replace(QUEUE, activity="Sign / decide", waiting=900.0))
    assert [one["id"] for one in ordered([second, first])] == [first["id"], second["id"]]
    assert unquote(second["id"].split("/")[1]) == "Sign / decide"
