"""The files about single cases say the same as those about all of them together."""

import json
from collections import Counter

import pyarrow.parquet as pq
import pytest

from engine.mining import mine
from engine.progress import Silent
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.letters import table

CASES = (
    *(f"P{number}: apply check sign issue" for number in range(12)),
    *(f"Q{number}: apply check sign sign issue" for number in range(11)),
    "R: apply",
    "S: apply check/start+9@ann",
    "T: apply check sign",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("cases")
    rows = table(*CASES)
    lake = Lake.create(place / "lake", process="unnamed", case_attributes=())
    lake.writer("file/test").append(rows, schema.REJECTS.empty_table(), start=0, next=len(rows))
    (place / "out").mkdir()
    definition = Definition.bare(
        clock={"starts": ["apply"], "closes": ["issue"]},
        procedure={"once": ["sign"]},
        calendar={"days": "mon-sun", "hours": "00:00-24:00"},
    )
    mine(lake, definition, place / "out", progress=Silent())
    return place / "out"


def test_each_open_case_stands_where_all_of_them_are_counted(folder):
    rows = pq.read_table(folder / "open_items.parquet").to_pylist()
    told = json.loads((folder / "bottlenecks.json").read_text())["open"]
    counted = Counter((row["activity"], row["rule"]) for row in rows)
    assert counted == {(one["activity"], one["rule"]): one["cases"] for one in told}
    by_case = {row["case_id"]: row for row in rows}
    assert by_case.keys() == {"R", "S", "T"}
    assert (by_case["S"]["rule"], by_case["R"]["activity"]) == ("started", "check")
    elapsed = by_case["R"]["age_working_seconds"]
    assert elapsed == pytest.approx(max(row["age_working_seconds"] for row in rows)), (
        "with an office that never closes, whoever came first is oldest in working time too"
    )


def test_who_took_a_detour_are_as_many_as_its_finding_says(folder):
    rows = pq.read_table(folder / "detour_cases.parquet").to_pylist()
    findings = json.loads((folder / "findings.json").read_text())["findings"]
    told = {one["id"]: one["cases"] for one in findings if one["kind"] == "detour"}
    assert told
    counted = Counter(row["detour"] for row in rows)
    assert {key: counted[key] for key in told} == told
    assert {row["case_id"] for row in rows} == {f"Q{number}" for number in range(11)}
    assert {row["times"] for row in rows} == {1}


def test_a_working_day_is_as_long_as_the_office_is_open(folder):
    run = json.loads((folder / "run.json").read_text())
    assert run["working_day_seconds"] == 24 * 3600
