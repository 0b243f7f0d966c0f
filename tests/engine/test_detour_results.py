"""From the lake to `detours.json`: what applications are judged by, and what that leaves out."""

import json
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from engine.mining import mine
from engine.progress import Silent
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.letters import table
from miners.procedure.bpmn import parse_procedure

STRAIGHT = tuple(f"P{n}: a b c d" for n in range(60))
TWICE = tuple(f"Q{n}: a b c b c d" for n in range(20))
CLOCK = {"starts": ["a"], "stops": ["d"]}
RULES = {"mandatory": ["b"], "once": ["b", "c"], "order": [["b", "c"]]}
BPMN = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
<process id="p">
<startEvent id="s"/><task id="t1" name="a"/><task id="t2" name="b"/><task id="t3" name="c"/>
<task id="t4" name="d"/><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="t1"/>
<sequenceFlow id="f2" sourceRef="t1" targetRef="t2"/>
<sequenceFlow id="f3" sourceRef="t2" targetRef="t3"/>
<sequenceFlow id="f4" sourceRef="t3" targetRef="t4"/>
<sequenceFlow id="f5" sourceRef="t4" targetRef="e"/>
</process></definitions>"""


def mined(tmp_path, *cases, drawn=None, clock=CLOCK, **parts):
    rows = table(*cases)
    lake = Lake.create(tmp_path / "lake", process="permits", case_attributes=())
    writer = lake.writer("file/test")
    writer.append(rows, schema.REJECTS.empty_table(), start=0, next=rows.num_rows)
    folder = tmp_path / "out"
    folder.mkdir(parents=True)
    definition = Definition.bare(clock=clock, **parts)
    mine(lake, definition, folder, procedure=drawn, progress=Silent())
    return folder


def told(folder, name="detours.json"):
    return json.loads((folder / name).read_text())


def detours_told(folder):
    return [one for one in told(folder, "findings.json")["findings"] if one["kind"] == "detour"]


def off(folder):
    return {entry["what"]: entry["why"] for entry in told(folder, "run.json")["off"]}


def test_the_detours_of_a_file_that_breaks_the_rules(tmp_path):
    rows = (*STRAIGHT, *TWICE, "R: a c d")
    folder = mined(tmp_path, *rows, procedure=RULES)
    content = told(folder)
    assert content["by"] == "rules"
    assert (content["cases"], content["detoured_cases"]) == (81, 21)
    kinds = {(one["type"], tuple(one["activities"]), one["cases"]) for one in content["detours"]}
    assert kinds == {("ping-pong", ("b", "c"), 20), ("skipped", ("b",), 1)}
    ways = {(one["source"], one["target"]): one for one in content["edges"]}
    assert ways["c", "b"]["straying"] == ways["c", "b"]["frequency"] == 20
    assert ways["a", "b"]["straying"] == 0
    assert ways["a", "c"]["straying"] == 1
    (finding,) = detours_told(folder)
    assert finding["subject"]["type"] == "ping-pong"
    # Two hours more, in days of 24: nobody said when the office works.
    assert finding["effect"]["unit"] == "days"
    assert finding["effect"]["value"] == pytest.approx(2 / 24, abs=1e-3)


def test_a_drawing_judges_as_the_rules_do_that_say_the_same(tmp_path):
    rows = (*STRAIGHT, *TWICE, "R: a c d")
    ruled = told(mined(tmp_path / "ruled", *rows, procedure=RULES))
    procedure = parse_procedure(BPMN.encode(), name="p")
    drawn = told(mined(tmp_path / "drawn", *rows, drawn=procedure))
    assert drawn["by"] == "bpmn"
    told_of = ("type", "activities", "cases", "days_per_case")
    assert [[one[name] for name in told_of] for one in drawn["detours"]] == [
        [one[name] for name in told_of] for one in ruled["detours"]
    ]


def test_what_could_not_be_looked_for_is_said(tmp_path):
    rows = (*STRAIGHT, *TWICE)
    said = off(mined(tmp_path, *rows, procedure={"once": ["b"]}))
    assert "procedure.mandatory lists no step" in said["skipped steps"]
    assert "procedure.order lists no pair" in said["wrong order"]
    assert "does not list its activities" in said["inserted steps"]
    assert "whether the office or the applicant causes a detour" in said
    assert "a prescribed procedure" not in said


@pytest.mark.parametrize("clock", [CLOCK, {}])
def test_it_is_told_whether_days_without_a_detour_go_by_the_statutory_clock(tmp_path, clock):
    content = told(mined(tmp_path, *STRAIGHT, *TWICE, procedure=RULES, clock=clock))
    every = [content["without"], *(one["without"] for one in content["detours"])]
    assert [one["clock"] for one in every] == [bool(clock)] * len(every)


def test_without_a_procedure_the_usual_routes_are_told_with_the_rules_they_gave(tmp_path):
    folder = mined(tmp_path, *STRAIGHT, *TWICE)
    content = told(folder)
    assert content["by"] == "usual routes"
    (usual,) = content["reference"]
    assert set(usual["mandatory"]) >= {"b", "c"}
    assert ["b", "c"] in usual["order"]
    assert usual["why"]
    assert "the process file has none" in off(folder)["a prescribed procedure"]
    assert [(one["type"], one["cases"]) for one in content["detours"]] == [("ping-pong", 20)]


def test_nothing_strays_in_an_office_that_keeps_its_rules(tmp_path):
    folder = mined(tmp_path, *STRAIGHT, procedure=RULES)
    content = told(folder)
    assert content["detours"] == []
    assert content["detoured_cases"] == 0
    assert content["conforming"] == 1.0
    assert not detours_told(folder)


def test_the_model_is_coloured_by_what_strays(tmp_path):
    folder = mined(tmp_path, *STRAIGHT, *TWICE, procedure=RULES)
    assert b"bioc:fill" in (folder / "model.bpmn").read_bytes()


def test_who_has_only_steps_in_the_future_has_left_out_none(tmp_path):
    """They were mistyped: nothing has happened in these cases yet."""
    rows = table(*STRAIGHT, "F: a d")
    at = rows.schema.get_field_index("timestamp")
    century = pa.scalar(timedelta(days=36_500))
    future = pc.equal(rows["case_id"], "F")
    moved = pc.if_else(future, pc.add(rows["timestamp"], century), rows["timestamp"])
    rows = rows.set_column(at, rows.schema.field(at), moved.cast(rows.schema.field(at).type))
    lake = Lake.create(tmp_path / "lake", process="permits", case_attributes=())
    writer = lake.writer("file/test")
    writer.append(rows, schema.REJECTS.empty_table(), start=0, next=rows.num_rows)
    folder = tmp_path / "out"
    folder.mkdir()
    mine(lake, Definition.bare(clock=CLOCK, procedure=RULES), folder, progress=Silent())
    content = told(folder)
    assert (content["cases"], content["detoured_cases"]) == (60, 0)
