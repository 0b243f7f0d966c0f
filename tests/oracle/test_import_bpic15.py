"""BPIC 2015 is read as a plain XML reader finds it: every time, activity, officer, in order."""

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow.compute as pc
import pytest

from connectors import files
from engine.importing import report
from eventlog import definition_file

PROCESSES = Path(__file__).parents[2] / "config" / "processes"


@pytest.fixture(scope="module")
def definition():
    return definition_file.load(PROCESSES / "bpic15.yaml")


def plainly(path):
    """Events by ElementTree in file order: case, activity, moment, officer, permit type."""
    found = []
    with gzip.open(path) as file:
        for _, trace in ET.iterparse(file):
            if not trace.tag.endswith("trace"):
                continue
            of_trace = {child.get("key"): child.get("value") for child in trace}
            for event in trace:
                if not event.tag.endswith("event"):
                    continue
                said = {child.get("key"): child.get("value") for child in event}
                found.append(
                    (
                        of_trace["concept:name"],
                        said["concept:name"],
                        datetime.fromisoformat(said["time:timestamp"]).astimezone(UTC),
                        said.get("org:resource"),
                        of_trace.get("parts"),
                    )
                )
            trace.clear()
    return found


@pytest.fixture(scope="module")
def reading(real_log, definition):
    return files.read(real_log("BPIC15_1.xes.gz"), definition)


def test_a_plain_reader_finds_the_same_events_in_the_same_order(real_log, reading):
    columns = ["case_id", "activity", "timestamp", "resource", "permit_type"]
    ours = list(zip(*(reading.events[name].to_pylist() for name in columns), strict=True))
    assert ours == plainly(real_log("BPIC15_1.xes.gz"))
    assert reading.rejects.num_rows == 0


def test_every_code_becomes_coarser_and_the_common_ones_have_labels(definition, reading):
    counts = pc.value_counts(reading.events["activity"]).to_pylist()
    coarse = [re.search(definition.abstract.pattern, row["values"]) for row in counts]
    assert all(coarse)
    named = sum(
        row["counts"]
        for row, found in zip(counts, coarse, strict=True)
        if found[1] in definition.activities
    )
    assert named / reading.events.num_rows > 0.99


def test_the_clock_names_codes_that_the_log_has(definition, reading):
    clock = definition.clock
    named = {*clock.starts, *clock.stops, *clock.closes}
    named |= {code for stop in clock.suspended for code in (stop.from_, stop.until)}
    assert named <= set(reading.events["activity"].unique().to_pylist())


def test_the_report_shows_how_many_events_have_a_date_and_no_time(reading, definition):
    found = report(reading, definition, source="BPIC15_1.xes.gz")
    assert (found.events, found.cases) == (52_217, 1_199)
    assert round(found.ties / found.neighbours, 2) == 0.46
    assert round(found.midnights / found.events, 2) == 0.46
