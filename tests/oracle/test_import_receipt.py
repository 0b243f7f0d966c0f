"""The receipt log says the same as CSV and as XES, and the same as pandas reads from it."""

from pathlib import Path

import pandas as pd
import pytest

from connectors import files
from eventlog import definition_file
from eventlog.definition import Definition

PROCESSES = Path(__file__).parents[2] / "config" / "processes"


@pytest.fixture(scope="module")
def definition() -> Definition:
    return definition_file.load(PROCESSES / "wabo-receipt.yaml")


@pytest.fixture(scope="module")
def from_csv(real_log, definition):
    return files.read(real_log("receipt.csv"), definition)


def test_csv_and_xes_give_the_same_events_in_the_same_order(real_log, definition, from_csv):
    from_xes = files.read(real_log("receipt.xes.gz"), definition)
    # The two write the times among the attributes in different words.
    names = [n for n in from_csv.events.column_names if n not in {"attributes", "source"}]
    assert from_csv.events.select(names).equals(from_xes.events.select(names))
    assert from_csv.notes == from_xes.notes == ()
    assert (from_csv.rejects.num_rows, from_xes.rejects.num_rows) == (0, 0)


def test_pandas_reads_the_same_moments_activities_and_officers(real_log, from_csv):
    theirs = pd.read_csv(real_log("receipt.csv"), dtype=str)
    moments = pd.to_datetime(theirs["time:timestamp"], utc=True, format="ISO8601")
    ours = from_csv.events.to_pandas()
    assert (ours["timestamp"] == moments.dt.as_unit("us")).all()
    for name, column in (
        ("case_id", "case:concept:name"),
        ("activity", "concept:name"),
        ("resource", "org:resource"),
        ("unit", "org:group"),
        ("responsible", "case:responsible"),
        ("channel", "case:channel"),
    ):
        assert (ours[name] == theirs[column]).all()
    assert (ours["sequence"] == theirs.groupby("case:concept:name").cumcount()).all()


def test_bare_files_are_guessed_as_the_process_file_says(real_log, definition):
    for name in ("receipt.csv", "receipt.xes.gz"):
        _, guessed, _ = files.read_guessed(real_log(name), Definition.bare())
        assert set(guessed.case_attributes) == set(definition.case_attributes)
        needed = ("case_id", "activity", "timestamp", "resource", "unit", "lifecycle")
        assert {k: guessed.columns[k] for k in needed} == {k: definition.columns[k] for k in needed}


def test_every_activity_of_the_log_has_its_label(definition, from_csv):
    assert set(from_csv.events["activity"].unique().to_pylist()) == set(definition.activities)
