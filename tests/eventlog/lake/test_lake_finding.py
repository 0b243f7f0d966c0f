"""The rows of a few cases are found wherever they are, without reading the rest."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from eventlog import schema
from eventlog.identity import hash_strings
from eventlog.lake import Lake
from eventlog.lake.arrivals import arrivals
from eventlog.lake.finding import Finder
from eventlog.letters import table

COLUMNS = ("case_key", "activity", "event_id")
NAMES = [f"P{n}" for n in range(40)]


def send(lake, *cases, attributes=None):
    rows = table(*cases, case_attributes=attributes)
    writer = lake.writer("office/permit.events/0")
    start = writer.position or 0
    nothing = schema.REJECTS.empty_table()
    writer.append(rows, nothing, start=start, next=start + rows.num_rows)


@pytest.fixture
def lake(tmp_path):
    """Forty cases in two unsorted files."""
    made = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])
    send(made, *(f"{name}: a b" for name in NAMES[::2]))
    send(made, *(f"{name}: a c" for name in NAMES[1::2]))
    return made


def keys(*names):
    return np.sort(hash_strings(list(names)))


def told(rows):
    """The rows as (case key, activity, event id)."""
    plain = [rows.column(name).cast(rows.column(name).type).to_pylist() for name in COLUMNS]
    return sorted(zip(*plain, strict=True))


def assert_finds(finder, lake, *names):
    wanted = keys(*names)
    expected = lake.read(COLUMNS).filter(
        pc.is_in(lake.read(COLUMNS).column("case_key"), pa.array(wanted))
    )
    assert told(finder.rows(wanted)) == told(expected)


def test_cases_are_found_in_files_as_they_came_and_after_tidying(lake):
    for _ in range(2):
        finder = Finder(lake, version=lake.version, columns=COLUMNS)
        for names in ([], ["P3"], ["P3", "P4", "nobody"], NAMES):
            assert_finds(finder, lake, *names)
        lake.tidy(retention=timedelta(days=90))


def test_files_that_came_and_went_are_followed(lake):
    version = lake.version
    finder = Finder(lake, version=version, columns=COLUMNS)
    send(lake, "P3: a c d e", "new: a")
    lake.tidy(retention=timedelta(days=90))
    came = arrivals(lake, after=version, columns=COLUMNS)
    finder.change(added=came.added, removed=came.removed)
    assert_finds(finder, lake, "P3", "P4", "new")


def test_a_column_that_is_younger_than_a_file_is_null_there(lake):
    lake = Lake.create(lake.uri, process="unnamed", case_attributes=["district"])
    send(lake, "P3: d", attributes={"district": {"P3": "north"}})
    finder = Finder(lake, version=lake.version, columns=("case_key", "district"))
    found = finder.rows(keys("P3")).column("district").to_pylist()
    assert sorted(found, key=str) == [None, None, "north"]


def test_a_file_that_is_gone_is_said_to_be_gone(lake):
    finder = Finder(lake, version=lake.version, columns=COLUMNS)
    for file in lake.place.local.glob("events/*.parquet"):
        file.unlink()
    assert finder.rows(keys("P3")) is None
