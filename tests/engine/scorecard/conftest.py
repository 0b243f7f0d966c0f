"""Small offices whose scorecard is known by hand."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pyarrow as pa
import pytest

from engine.mining import mine
from engine.progress import Silent
from eventlog import definition_file, schema
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.lake import Lake

NO_REJECTS = schema.REJECTS.empty_table()
BEGIN = datetime(2025, 1, 6, 8, tzinfo=UTC)
PROCESSES = Path(__file__).parents[3] / "config" / "processes"
CLOCK = {"starts": ["a"], "stops": ["d"]}


@pytest.fixture
def score(tmp_path):
    """The scorecard of cases: (name, day, steps) with steps as "a b@ann/counter+48 d".

    A step comes an hour after the one before it, or so many hours; `x/start` says when work was
    taken up. `values` gives attribute -> case -> value.
    """
    numbers = count()

    def told(cases, *, values=None, reverse=False, **said):
        values = values or {}
        rows = [row for case in cases for row in _rows(*case, values)]
        fields = schema.incoming(tuple(values))
        rows = rows[::-1] if reverse else rows
        columns = [pa.array([row.get(f.name) for row in rows], f.type) for f in fields]
        events = finish(pa.table(columns, schema=fields))
        folder = tmp_path / f"office-{next(numbers)}"
        lake = Lake.create(folder / "lake", process="office", case_attributes=tuple(values))
        lake.writer("file/test").append(events, NO_REJECTS, start=0, next=len(rows))
        definition = Definition.bare(**{"clock": CLOCK, "case_attributes": list(values)} | said)
        (folder / "out").mkdir()
        asked = frozenset({"scorecard"})
        mine(lake, definition, folder / "out", only=asked, progress=Silent())
        return json.loads((folder / "out" / "scorecard.json").read_text())

    return told


def _rows(case, day, steps, values):
    moment = BEGIN + timedelta(days=day)
    for place, step in enumerate(steps.split()):
        word, _, hours = step.partition("+")
        if place:
            moment += timedelta(hours=float(hours or 1))
        word, _, who = word.partition("@")
        activity, _, lifecycle = word.partition("/")
        officer, _, unit = who.partition("/")
        yield {
            "event_id": f"{case}-{place}",
            "case_id": case,
            "activity": activity,
            "timestamp": moment,
            "sequence": place,
            "lifecycle": lifecycle or "complete",
            "resource": officer or None,
            "unit": unit or None,
            "source": "test",
            **{name: by_case.get(case) for name, by_case in values.items()},
        }


@pytest.fixture
def score_events(tmp_path):
    """The scorecard of simulated events: score_events(events, indicators)."""
    numbers = count()
    shipped = definition_file.load(PROCESSES / "building-permit.yaml")
    said = shipped.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    said["calendar"].pop("country")

    def told(simulated, indicators):
        given = schema.incoming(shipped.case_attributes)
        rows = simulated.num_rows
        columns = [
            simulated[f.name].cast(f.type)
            if f.name in simulated.column_names
            else pa.array(["test" if f.name == "source" else None] * rows, f.type)
            for f in given
        ]
        events = finish(pa.table(columns, schema=given))
        folder = tmp_path / f"simulated-{next(numbers)}"
        lake = Lake.create(
            folder / "lake", process="office", case_attributes=shipped.case_attributes
        )
        lake.writer("file/test").append(events, NO_REJECTS, start=0, next=rows)
        lines = [{"indicator": name} for name in indicators]
        definition = Definition.model_validate({**said, "scorecard": lines, "alerts": []})
        (folder / "out").mkdir()
        asked = frozenset({"scorecard"})
        mine(lake, definition, folder / "out", only=asked, progress=Silent())
        return json.loads((folder / "out" / "scorecard.json").read_text())

    return told
