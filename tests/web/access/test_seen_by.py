"""Whom a case names: nothing of it gets to anybody who may not see it."""

import itertools
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from web.access.pseudonyms import Pseudonyms
from web.access.register import FolderRegister, Lookup
from web.access.roles import Role
from web.access.seen_by import identified_case

OURS = Pseudonyms(key=bytes(range(32)))
FLAGS = [
    dict(zip(("person", "sensitive", "preset"), flags, strict=True))
    for flags in itertools.product([True, False], repeat=3)
]
# Each attribute is called by what is said of it; three say too little, and one is not declared.
ATTRIBUTES = [{"name": "_".join(k for k, v in f.items() if v) or "plain", **f} for f in FLAGS]
ATTRIBUTES += [{"name": "half_told", "person": False}, {"name": "untold"}]
ATTRIBUTES += [{"name": "the_other_half_told", "sensitive": False, "preset": True}]
NAMES = [entry["name"] for entry in ATTRIBUTES]
RUN = {"attributes": ATTRIBUTES}
MOMENT = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)
NAMING = ("case_id", "resource")


def marker(name):
    return f"secret<{name}>"


@pytest.fixture
def register(tmp_path):
    """A folder of results in which every field holds a text that stands nowhere else."""
    case = {name: [marker(name)] for name in (*NAMES, "not_declared")}
    items = {"position": [0], "resource": [marker("resource")]}
    pq.write_table(pa.table({"case_id": [marker("case_id")], **case}), tmp_path / "cases.parquet")
    pq.write_table(
        pa.table({"case_id": [marker("case_id")], **items}), tmp_path / "work_items.parquet"
    )
    return FolderRegister(folder=tmp_path, run=RUN, version=1)


def markers_in(told):
    text = json.dumps(told, default=str)
    return {name for name in (*NAMES, *NAMING, "not_declared") if marker(name) in text}


def test_with_a_reason_an_auditor_learns_whom_the_case_names_and_still_nothing_sensitive(register):
    row = register.case(register.values("case")[0])
    named = identified_case(row, Role.AUDITOR, run=RUN)
    assert markers_in(named) == {"case_id", "person", "person_preset"}
    for role in (Role.VIEWER, Role.ANALYST):
        with pytest.raises(PermissionError):
            identified_case(row, role, run=RUN)


def test_the_register_knows_everybody_by_kind_and_the_lookup_finds_them(register):
    assert register.values("officer") == [marker("resource")]
    persons = {marker(entry["name"]) for entry in ATTRIBUTES if entry.get("person")}
    assert set(register.values("applicant")) == persons
    lookup = Lookup(OURS, lambda: register)
    assert lookup.case(OURS.of("case", marker("case_id")))["plain"] == marker("plain")
    assert lookup.case(OURS.of("case", "another")) is None
    assert lookup.case(OURS.of("officer", marker("resource"))) is None
    assert lookup.value(OURS.of("officer", marker("resource"))) == marker("resource")


def test_new_results_are_looked_up_anew(register, tmp_path):
    lookup = Lookup(OURS, lambda: register)
    assert lookup.value(OURS.of("officer", "new")) is None
    pq.write_table(pa.table({"resource": ["new", None]}), tmp_path / "work_items.parquet")
    assert lookup.value(OURS.of("officer", "new")) is None
    register = FolderRegister(folder=tmp_path, run=RUN, version=2)
    assert lookup.value(OURS.of("officer", "new")) == "new"
    (tmp_path / "work_items.parquet").unlink()
    register = FolderRegister(folder=tmp_path, run={}, version=3)
    assert register.values("officer") == register.values("applicant") == []
