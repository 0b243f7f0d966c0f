"""From the lake to `voice.json`: what citizens say, and who is silent."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from engine.mining import mine
from engine.progress import Silent
from engine.voice.answering import answers_of, bounds_of, median_of, weighted_mean
from engine.voice.heard import complaint_activities
from engine.voice.lived import quarters
from eventlog import schema
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.lake import Lake

NO_REJECTS = schema.REJECTS.empty_table()
BEGAN = datetime(2025, 1, 6, tzinfo=UTC)
PROCESS = {
    "case_attributes": ["kind", "score", "owner"],
    "applicant_id": "owner",
    "clock": {"starts": ["ask"], "stops": ["grant", "refuse"]},
    "outcome": {"favourable_activities": ["grant"], "unfavourable_activities": ["refuse"]},
    "applicant_steps": ["ask", "complain"],
    "equity": {"legitimate": ["kind"]},
    "procedure": {"once": ["check"], "order": [["ask", "check"], ["check", "grant"]]},
    "voice": {"complaints": ["complain"], "satisfaction": "score"},
}


def event(case, place, activity, days, **more):
    return {
        "event_id": f"{case}-{place}",
        "case_id": f"c{case:04d}",
        "activity": activity,
        "timestamp": BEGAN + timedelta(days=days),
        "sequence": place,
        "lifecycle": "complete",
        "source": "test",
        **more,
    }


def case(number, *, twice=False, refused=False, complains=None, score=None, kind="house"):
    """One application: asked, checked (twice: a detour), decided ten days later."""
    began = number * 0.5
    steps = [("ask", 0), ("check", 2)]
    steps += [("check", 5)] if twice else []
    steps += [("refuse" if refused else "grant", 10)]
    steps += [] if complains is None else [("complain", complains)]
    steps.sort(key=lambda step: step[1])
    rows = [event(number, at, name, began + days) for at, (name, days) in enumerate(steps)]
    rows[0] |= {"kind": kind, "owner": f"o{number}"}
    rows[-1] |= {"score": score}
    return rows


def mined(folder, cases, **changes):
    rows = [row for rows in cases for row in rows]
    definition = Definition.bare(**{**PROCESS, **changes})
    names = definition.case_attributes
    given = schema.events(names)
    table = pa.table(
        [pa.array([row.get(f.name) for row in rows], f.type) for f in given], schema=given
    )
    lake = Lake.create(folder / "lake", process="permits", case_attributes=names)
    lake.writer("file/test").append(finish(table), NO_REJECTS, start=0, next=len(rows))
    (folder / "out").mkdir()
    run = mine(lake, definition, folder / "out", progress=Silent(), only=frozenset({"voice"}))
    path = folder / "out" / "voice.json"
    return (json.loads(path.read_text()) if path.exists() else None), dict(run.off)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """400 cases: detours lower the score by 2 and bring complaints; the refused answer less."""
    cases = []
    for n in range(400):
        twice, refused = n % 4 == 0, n % 5 == 0
        answers = n % 10 == 0 if refused else n % 3 > 0
        cases.append(
            case(
                n,
                twice=twice,
                refused=refused,
                complains=12 if n % (8 if twice else 40) < 2 else None,
                score=str(5 - 2 * twice - (n % 2)) if answers else None,
                kind="house" if n % 7 < 4 else "shop",
            )
        )
    return mined(tmp_path_factory.mktemp("voice"), cases)[0]


def of(rows, key, name):
    return next(one for one in rows if one[key] == name)


def test_a_planted_difference_is_found_with_its_size(told):
    score = of(told["satisfaction"]["comparisons"], "event", "detour")
    assert score["told"]
    # Of cases that take the detour (n divisible by 4) n is even; of the others half are odd.
    assert score["ci_low"] < score["value"] < score["ci_high"] < -1
    often = of(told["complaints"]["comparisons"], "event", "detour")
    assert often["told"]
    assert often["value"] > 3
    assert "times as often" in often["wording"]["en"]


def test_nothing_is_told_of_what_makes_no_difference(told):
    kind = of(told["satisfaction"]["who_answers"], "split", "kind")
    assert not kind["differ"]
    assert "cannot be seen" in kind["wording"]["en"]


def test_who_answers_less_is_said(told):
    outcome = of(told["satisfaction"]["who_answers"], "split", "outcome")
    assert outcome["differ"]
    assert (outcome["least"], outcome["most"]) == ("unfavourable", "favourable")
    assert outcome["least_share"] == pytest.approx(0.5)
    assert outcome["wording"]["en"].startswith("Of those refused, 50 % answered")


def test_counts_are_of_everybody_and_shares_have_limits(told):
    complaints = told["complaints"]
    yes, no = (
        of(of(complaints["splits"], "split", "detour")["groups"], "group", name)
        for name in ("yes", "no")
    )
    assert (yes["cases"], no["cases"]) == (100, 300)
    assert yes["complained"] + no["complained"] == complaints["complained"]
    assert yes["share"]["ci_low"] < yes["complained"] / 100 < yes["share"]["ci_high"]
    assert sum(month["complaints"] for month in complaints["months"]) == complaints["complaints"]


def test_the_silent_bound_the_mean(told):
    satisfaction = told["satisfaction"]
    mean, bounds = satisfaction["mean"]["value"], satisfaction["bounds"]
    assert bounds["worst"] < mean < bounds["best"]
    share = satisfaction["answered"] / satisfaction["cases"]
    assert bounds["best"] == pytest.approx(share * mean + (1 - share) * 5, abs=1e-3)


def test_what_happened_after_the_complaint_is_not_in_its_row(tmp_path):
    """A complaint on the third day is before the second check on the fifth."""
    told, _ = mined(tmp_path, [case(n, twice=True, complains=3) for n in range(20)])
    (detour,) = (split for split in told["complaints"]["splits"] if split["split"] == "detour")
    assert of(detour["groups"], "group", "yes")["complained"] == 0
    assert of(detour["groups"], "group", "no")["complained"] == 20
    assert told["complaints"]["before_the_end"] == 20


def test_without_a_voice_there_is_no_file_and_a_reason(tmp_path):
    told, off = mined(tmp_path, [case(1)], voice=None)
    assert told is None
    assert off["voice"] == "the process file has no voice"


def test_scores_that_are_no_numbers_are_counted_and_left_out(tmp_path):
    told, off = mined(tmp_path, [case(n, score="good") for n in range(5)])
    assert told["satisfaction"] is None
    assert 'has a number as "score"' in off["satisfaction"]


def test_weights_make_those_who_answered_like_all():
    """Half of all are refused, of whom one of four answers: the mean lies in the middle."""
    score = np.array([5.0] * 8 + [1.0, 1.0] + [np.nan] * 6)
    refused = np.array([0] * 8 + [1] * 8)
    found = answers_of(score, np.ones(16, bool))
    assert weighted_mean(found, refused) == (pytest.approx(3.0), 1.0)
    assert bounds_of(score, found) == {"worst": 3.0, "best": 4.5}


def test_a_complaint_is_what_all_of_a_coarser_activity_are():
    coarse = {"c1": "c", "c2": "c", "x1": "x", "x2": "x"}
    assert complaint_activities(["c1", "c2", "x1"], coarse) == {"c"}


def test_quarters_of_equal_waits_are_none():
    assert quarters(np.array([7, 7, 7, 7])).tolist() == []


def test_a_median_of_few_has_no_limits():
    assert median_of(np.array([1.0, 5.0])) == {"value": 3.0, "ci_low": None, "ci_high": None}
    assert median_of(np.arange(100.0)) == {"value": 49.5, "ci_low": 39.0, "ci_high": 60.0}
