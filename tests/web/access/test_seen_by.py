"""Role by attribute: nothing of a case gets to anybody who may not see it."""

import itertools
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from web.access.pseudonyms import Pseudonyms
from web.access.register import FolderRegister, Lookup
from web.access.roles import Role
from web.access.seen_by import (
    CASE_COLUMNS,
    ITEM_COLUMNS,
    allowed_attributes,
    case_row,
    identified_case,
    item_row,
)

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
    case = {name: [marker(name)] for name in (*CASE_COLUMNS, *NAMES, "not_declared")}
    items = {name: [marker(name)] for name in (*ITEM_COLUMNS, "resource", "not_known")}
    items["position"] = [0]
    pq.write_table(pa.table({"case_id": [marker("case_id")], **case}), tmp_path / "cases.parquet")
    pq.write_table(
        pa.table({"case_id": [marker("case_id")], **items}), tmp_path / "work_items.parquet"
    )
    return FolderRegister(folder=tmp_path, run=RUN, version=1)


def markers_in(told):
    text = json.dumps(told, default=str)
    everywhere = {*CASE_COLUMNS, *ITEM_COLUMNS, *NAMES, *NAMING, "not_declared", "not_known"}
    return {name for name in everywhere if marker(name) in text}


def seen(register, role):
    case_id = register.values("case")[0]
    row = register.case(case_id)
    assert markers_in(row) >= {"case_id", *NAMES}
    case = case_row(row, role, pseudonyms=OURS, run=RUN)
    items = [item_row(item, role, pseudonyms=OURS) for item in register.items(case_id)]
    return markers_in([case, *items])


def test_viewers_see_nothing_of_any_case(register):
    assert seen(register, Role.VIEWER) == set()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR])
def test_others_see_what_names_nobody_and_is_not_sensitive(register, role):
    plain = {"plain", "preset"}
    assert seen(register, role) == plain | set(CASE_COLUMNS) | set(ITEM_COLUMNS) - {"position"}


def test_with_a_reason_an_auditor_learns_whom_the_case_names_and_still_nothing_sensitive(register):
    row = register.case(register.values("case")[0])
    named = identified_case(row, Role.AUDITOR, run=RUN)
    assert markers_in(named) == {"case_id", "person", "person_preset"}
    for role in (Role.VIEWER, Role.ANALYST):
        with pytest.raises(PermissionError):
            identified_case(row, role, run=RUN)


@pytest.mark.parametrize(
    ("role", "expected"),
    [(Role.VIEWER, {"preset"}), (Role.ANALYST, {"plain", "preset"}),
     (Role.AUDITOR, {"plain", "preset"})],
)  # fmt: skip
def test_cases_are_chosen_only_by_what_the_role_may_see(role, expected):
    assert set(allowed_attributes(RUN, role)) == expected
    assert allowed_attributes({}, role) == ()
    assert allowed_attributes({"attributes": None}, role) == ()


def test_an_attribute_called_like_a_column_is_kept_back_with_it(register):
    run = {"attributes": [{"name": "outcome", "person": False, "sensitive": True, "preset": False}]}
    row = register.case(register.values("case")[0])
    told = case_row(row, Role.ANALYST, pseudonyms=OURS, run=run)
    assert "outcome" not in told
    sneaky = [{"name": name, "person": False, "sensitive": False} for name in ("case_id", "case")]
    told = case_row({**row, "case": "x"}, Role.ANALYST, pseudonyms=OURS, run={"attributes": sneaky})
    assert marker("case_id") not in told.values()
    assert told["case"] == OURS.of("case", marker("case_id"))


def test_an_officer_is_the_same_pseudonym_everywhere_and_nobody_stays_nobody():
    row = {"case_id": "a", "resource": "p-0123456789abcdef0123", "activity": "Check"}
    told = item_row(row, Role.ANALYST, pseudonyms=OURS)
    assert told["officer"] == OURS.of("officer", "p-0123456789abcdef0123")
    assert item_row({**row, "resource": None}, Role.ANALYST, pseudonyms=OURS)["officer"] is None


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
    assert register.values("officer") == register.values("applicant") == register.items("a") == []
