"""The files that `runut simulate` leaves behind."""

import csv
import json
from datetime import datetime
from pathlib import Path

import pyarrow.parquet
import pytest

from eventlog.definition_file import load
from eventlog.errors import StopError
from simulation.demo import demo_office, demo_plants
from simulation.office import Office
from simulation.process import ACTIVITIES, APPLICANT_STEPS, CASE_ATTRIBUTES, UNITS
from simulation.running import simulate
from simulation.writing import event_lines, write

DEFINITION = Path(__file__).parents[2] / "config" / "processes" / "building-permit.yaml"


@pytest.fixture(scope="module")
def small():
    return simulate(Office(cases=40, seed=2), demo_plants())


def test_all_files_tell_of_the_same_events(small, tmp_path):
    names = sorted(path.name for path in write(small, tmp_path / "new" / "folder"))
    assert names == sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    folder = tmp_path / "new" / "folder"
    parquet = pyarrow.parquet.read_table(folder / "events.parquet")
    assert parquet.equals(small.events)
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    with (folder / "events.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(lines) == len(rows) == parquet.num_rows
    for line, row, event in zip(lines, rows, parquet.to_pylist(), strict=True):
        assert line["event_id"] == row["event_id"] == event["event_id"]
        assert datetime.fromisoformat(line["timestamp"]) == event["timestamp"]
        assert datetime.fromisoformat(row["timestamp"]) == event["timestamp"]
        assert line["timestamp"].endswith("+07:00")
        assert line.get("case", {}) == {
            name: event[name] for name in CASE_ATTRIBUTES if event[name] is not None
        }
        assert line.get("resource") == event["resource"]
    assert json.loads((folder / "truth.json").read_text()) == json.loads(json.dumps(small.truth))


def test_the_same_office_writes_the_same_bytes(small, tmp_path):
    first = {path.name: path.read_bytes() for path in write(small, tmp_path / "a")}
    again = simulate(Office(cases=40, seed=2), demo_plants())
    assert {path.name: path.read_bytes() for path in write(again, tmp_path / "b")} == first


def test_a_file_in_the_way_is_named(small, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(StopError, match="taken: the simulated log cannot be written"):
        write(small, tmp_path / "taken")


def test_a_line_is_an_event_as_the_topic_carries_it(small):
    first = json.loads(event_lines(small.events).splitlines()[0])
    assert first["activity"] == "Submit application"
    assert first["case"].keys() >= {"permit_type", "applicant", "affiliation", "office", "area"}
    assert "resource" not in first


def test_the_process_definition_knows_the_whole_simulated_office():
    definition = load(DEFINITION)
    assert set(definition.case_attributes) == set(CASE_ATTRIBUTES)
    assert tuple(definition.activities) == ACTIVITIES
    assert all(set(labels) == {"en", "id"} for labels in definition.activities.values())
    assert definition.applicant_steps == APPLICANT_STEPS
    assert set(definition.external_units) <= set(UNITS)
    parts = ("standard", "procedure", "outcome", "equity", "favouritism", "fees", "voice")
    assert all(getattr(definition, part) for part in parts)


def test_the_demo_has_five_thousand_cases_and_what_its_name_promises():
    assert demo_office().cases == 5000
    kinds = {plant.kind for plant in demo_plants()}
    assert kinds >= {
        "understaffed", "duplicate-approval", "ping-pong", "extra-documents", "favouritism",
        "surcharge",
    }  # fmt: skip
