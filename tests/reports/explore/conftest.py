"""Logs written as letters, mined into a folder of results and read as the explorer reads them."""

import random

import pytest

from engine.mining import mine
from engine.progress import Silent
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.letters import table
from reports.explore.traces import read_traces

QUESTIONS = frozenset({"map", "variants", "bottlenecks"})


@pytest.fixture(scope="session")
def mined(tmp_path_factory):
    """Mines letters into a folder: mined("P: a b", by={"district": {"P": "north"}}, **process)."""

    def make(*cases, by=None, only=QUESTIONS, rename=None, **process):
        folder = tmp_path_factory.mktemp("mined")
        rows = table(*cases, case_attributes=by)
        if rename:
            place = rows.column_names.index("activity")
            names = [rename.get(name, name) for name in rows.column("activity").to_pylist()]
            rows = rows.set_column(place, rows.schema.field("activity"), [names])
        attributes = tuple(by or ())
        lake = Lake.create(folder / "lake", process="unnamed", case_attributes=attributes)
        lake.writer("file/test").append(
            rows, schema.REJECTS.empty_table(), start=0, next=rows.num_rows
        )
        (folder / "results").mkdir()
        office = Definition.bare(case_attributes=list(attributes), **process)
        mine(lake, office, folder / "results", only=only, progress=Silent())
        return folder / "results"

    return make


@pytest.fixture(scope="session")
def traces_of(mined):
    """The same, read."""

    def make(*cases, **options):
        return read_traces(mined(*cases, **options))

    return make


def office_lines(cases, seed):
    """Permits of four districts, one of them rare; some steps are rare, some wait long."""
    rng = random.Random(seed)
    lines, district, kind = [], {}, {}
    for number in range(cases):
        name = f"P{number:04d}"
        district[name] = rng.choices(["north", "south", "east", "west"], [50, 30, 17, 3])[0]
        kind[name] = rng.choices(["house", "shop"], [97, 3])[0]
        slow = 900 if district[name] == "south" else 60
        steps = ["apply", f"check/start+{rng.randint(1, 90)}@x", f"check+{rng.randint(5, 50)}@x"]
        if rng.random() < 0.3:
            steps += [f"ask+{rng.randint(10, 600)}", f"check+{rng.randint(10, 600)}@y"]
        if rng.random() < 0.02:
            steps += [f"court+{rng.randint(10, 60)}"]
        if rng.random() < 0.9:
            steps += [f"sign+{slow + rng.randint(0, 300)}@z"]
            if rng.random() < 0.03:
                steps += [f"sign+{rng.randint(1, 9)}@z"]
            if rng.random() < 0.95:
                steps += [f"issue+{rng.randint(1, 500)}@w"]
        lines.append(f"{name}: {' '.join(steps)}")
    return lines, {"district": district, "kind": kind}


@pytest.fixture(scope="session")
def permits():
    """Writes so many permits as letters, with their attributes: permits(240, seed=9)."""
    return office_lines


EQUITY = {"groups": ["district", "kind"], "horizon": "90 days"}


@pytest.fixture(scope="session")
def office(traces_of):
    """600 permits with two attributes that everybody may sort by."""
    lines, by = office_lines(600, seed=5)
    return traces_of(
        *lines, by=by, clock={"closes": ["issue"]}, equity=EQUITY, privacy={"smallest_cell": 5}
    )
