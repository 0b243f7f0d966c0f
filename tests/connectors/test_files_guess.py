"""Without a process file the columns are guessed by name and content, and the guess is told."""

from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from connectors import files
from connectors.guess import guess
from eventlog.definition import Definition
from eventlog.errors import UsageError

UTC = ZoneInfo("UTC")
ACTIVITIES = ["Submit", "Check", "Decide"]


def table(case, activity, timestamp, **more):
    """Twelve cases of three events under the given column names."""
    rows = [(number, step) for number in range(12) for step in range(3)]
    columns = {
        case: [f"P{number:03d}" for number, _ in rows],
        activity: [ACTIVITIES[step] for _, step in rows],
        timestamp: [f"2026-03-{number + 1:02d} 1{step}:00:00" for number, step in rows],
        **{name: [value(number, step) for number, step in rows] for name, value in more.items()},
    }
    return pa.table(columns)


@pytest.mark.parametrize(
    "names",
    [
        ("case_id", "activity", "timestamp"),
        ("case:concept:name", "concept:name", "time:timestamp"),
        ("Case ID", "Activity", "Complete Timestamp"),
        ("_CASE_KEY", "ACTIVITY_EN", "EVENTTIME"),
        ("Nomor Permohonan", "Nama Kegiatan", "Waktu Selesai"),
        ("permohonan", "kegiatan", "waktu"),
        ("zaaknummer", "activiteit", "tijdstip"),
    ],
)
def test_the_names_that_tools_and_offices_use_are_known(names):
    found = guess(table(*names), source="log.csv", zone=UTC)
    assert tuple(found.columns[name] for name in ("case_id", "activity", "timestamp")) == names
    assert f'case_id is taken from "{names[0]}", by its name' in found.notes


def test_columns_without_telling_names_are_told_by_what_they_hold():
    log = table("k1", "k2", "k3", k4=lambda number, step: str(number * 7 + step * 0.5))
    found = guess(log, source="log.csv", zone=UTC)
    assert found.columns == {"case_id": "k1", "activity": "k2", "timestamp": "k3"}
    assert 'activity is taken from "k2", by what it holds' in found.notes


def test_a_name_that_lies_is_not_believed():
    log = table("case_id", "step", "time", event=lambda number, _: f"2026-03-{number + 1:02d}")
    assert guess(log, source="log.csv", zone=UTC).columns["activity"] == "step"


def test_what_never_changes_within_a_case_is_a_case_attribute_unless_it_is_a_date():
    log = table(
        "case_id", "activity", "timestamp",
        **{
            "case:permit type": lambda number, _: ["house", "shop"][number % 2],
            "submitted": lambda number, _: f"2026-01-{number % 3 + 1:02d}",
            "officer": lambda _, step: f"o{step}",
            "room": lambda number, step: f"r{(number + step) % 4}",
            "city": lambda *_: "Bandung",
        },
    )  # fmt: skip
    found = guess(log, source="log.csv", zone=UTC)
    assert found.case_attributes == ("permit_type",)
    assert found.columns["permit_type"] == "case:permit type"
    assert found.columns["resource"] == "officer"


def test_what_cannot_be_told_is_refused_with_all_columns():
    with pytest.raises(UsageError) as caught:
        guess(
            table("k1", "k2", "k3", k5=lambda number, step: f"2025-04-{number + 1:02d} 0{step}:00"),
            source="log.csv",
            zone=UTC,
        )
    assert str(caught.value) == (
        'log.csv: cannot tell which column holds the time (it could be "k3" or "k5"). Its columns '
        'are "k1", "k2", "k3", "k5". Give a process file that says so: '
        "columns: {timestamp: <column>, …}"
    )


def test_a_guessed_file_is_read_with_the_definition_that_then_holds(tmp_path):
    path = tmp_path / "log.csv"
    rows = [f"P{n // 3};{ACTIVITIES[n % 3]};{n + 1:02d}-03-2026;{'ab'[n // 6]}" for n in range(12)]
    path.write_text("Permohonan;Kegiatan;Tanggal;Jenis\n" + "\n".join(rows), encoding="utf-8")
    reading, definition, found = files.read_guessed(path, Definition.bare(timezone="Asia/Jakarta"))
    assert definition.case_attributes == ("Jenis",) == found.case_attributes
    assert definition.columns["timestamp"] == "Tanggal"
    assert reading.events["Jenis"].to_pylist() == ["a"] * 6 + ["b"] * 6
    assert "day first" in reading.notes[-1]


def test_columns_that_differ_in_upper_and_lower_case_only_are_one_attribute_and_a_note():
    """No lake holds both; the second stays with each event, so nothing is lost."""
    kind = {name: lambda number, _: ["house", "shop"][number % 2] for name in ("Type", "type")}
    found = guess(table("case_id", "activity", "timestamp", **kind), source="log.csv", zone=UTC)
    assert found.case_attributes == ("Type",)
    assert found.notes[-1] == (
        '"type" is kept with each event only: the name "Type" is taken by another column'
    )


def test_an_attribute_called_as_a_column_of_the_case_table_gets_a_name_of_its_own():
    kind = {name: lambda number, _: ["a", "b"][number % 2] for name in ("Open", "start", "Unit ")}
    log = table("case_id", "activity", "timestamp", unit=lambda _, step: f"u{step}", **kind)
    found = guess(log, source="log.csv", zone=UTC)
    assert found.case_attributes == ("case_Open", "case_start")
    assert found.columns["case_start"] == "start"
    columns = {name: theirs for name, theirs in found.columns.items() if theirs != name}
    Definition.bare(columns=columns, case_attributes=found.case_attributes)
