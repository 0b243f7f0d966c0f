"""From files to results at the command line, and what it says where something is wrong."""

import csv
import json
from datetime import UTC, datetime

import pytest


def test_a_bare_csv_is_guessed_imported_and_mined(runut, permits, here):
    imported = runut("import", permits, "--lake", "lake")
    assert imported.code == 0
    assert 'activity is taken from "activity"' in " ".join(imported.out.split())
    assert "10 events added" in imported.out
    assert "process: permits" in (here / "lake" / "process.yaml").read_text()
    mined = runut("mine", "--lake", "lake", "--out", "results")
    assert mined.code == 0, mined
    assert "10 events of 3 cases" in mined.out
    assert "results/report.html" in mined.out
    found = json.loads((here / "results" / "map.json").read_text())
    assert found["starts"] == {"Submit": 3}
    assert (here / "results" / "report.html").stat().st_size > 1000
    assert (here / "results" / "public" / "map.svg").exists()


def test_the_same_file_again_adds_nothing(runut, permits, process_file):
    first = runut("import", permits, "--process", process_file, "--lake", "lake", "--json")
    again = runut("import", permits, "--process", process_file, "--lake", "lake", "--json")
    assert json.loads(first.out)["events"] == 10
    assert json.loads(again.out)["events"] == 0
    assert json.loads(again.out)["files"][0]["already"] == 10


def test_a_second_file_of_a_guessed_lake_is_read_the_same_way(runut, permits, here):
    runut("import", permits, "--lake", "lake")
    (here / "more.csv").write_text("time,activity,case,officer\n2026-04-01 08:00:00,Submit,P9,\n")
    ran = runut("import", here / "more.csv", "--lake", "lake", "--json")
    assert json.loads(ran.out)["events"] == 1
    assert json.loads(ran.out)["guesses"] == []


def test_naive_times_are_those_of_the_process(runut, permits, process_file):
    runut("import", permits, "--process", process_file, "--lake", "lake")
    ran = runut("mine", "--process", process_file, "--lake", "lake", "--out", "r", "--json")
    assert json.loads(ran.out)["as_of"] == "2026-03-05T03:00:00+00:00"


def test_names_that_the_process_hides_are_not_in_the_lake(runut, permits, process_file, here):
    runut("import", permits, "--process", process_file, "--lake", "lake")
    runut("mine", "--process", process_file, "--lake", "lake", "--out", "results")
    content = b"".join(p.read_bytes() for p in here.rglob("*") if p.is_file() and p != permits)
    assert b"ann" not in content.replace(b"planned", b"").replace(b"channel", b"").split(b"\x00")
    with (here / "results" / "handover_resources.csv").open() as rows:
        assert all(row["source"].startswith("p-") for row in csv.DictReader(rows))


def test_fail_on_gives_3_when_the_kind_was_found(runut, permits, process_file):
    runut("import", permits, "--process", process_file, "--lake", "lake")
    mine = ["mine", "--process", process_file, "--lake", "lake", "--out", "r", "-q"]
    assert runut(*mine, "--fail-on", "data-quality").code == 3
    assert runut(*mine, "--fail-on", "lateness").code == 0
    runut(*mine, "--fail-on", "drift").failed_clearly("drift", "does not look for yet")
    runut(*mine, "--fail-on", "latenes").failed_clearly("latenes", "expected", "data-quality")


def test_quiet_says_nothing_and_json_says_only_json(runut, permits, process_file):
    ran = runut("import", permits, "--process", process_file, "--lake", "lake", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    ran = runut("mine", "-p", process_file, "-l", "lake", "-o", "r", "--only", "map", "--json")
    assert json.loads(ran.out)["cases"] == 3
    assert ran.err == ""


def test_a_memory_bound_changes_no_result_and_a_wrong_one_is_refused(
    runut, permits, process_file, here
):
    runut("import", permits, "-p", process_file, "-l", "lake")
    common = ("mine", "-p", process_file, "-l", "lake", "--only", "map,variants")
    assert runut(*common, "-o", "free").code == 0
    assert runut(*common, "-o", "bound", "--memory", "1GB").code == 0
    for name in ("map.json", "variants.csv", "cases.parquet"):
        assert (here / "bound" / name).read_bytes() == (here / "free" / name).read_bytes()
    ran = runut(*common, "-o", "bound", "--memory", "a lot")
    assert ran.failed_clearly('--memory is "a lot"; expected e.g. "1GB" or "800MB"') == 2


def test_only_leaves_the_rest_out_and_says_so(runut, permits, process_file, here):
    runut("import", permits, "--process", process_file, "--lake", "lake")
    ran = runut("mine", "-p", process_file, "-l", "lake", "-o", "r", "--only", "map, variants")
    assert ran.code == 0
    assert not (here / "r" / "model.bpmn").exists()
    left_out = (
        "times, rework, handover, model, bottlenecks, lateness, detours, equity, favouritism, "
        "fees, voice, scorecard, quality"
    )
    assert f"{left_out}, because left out" in " ".join(ran.out.split())


def test_settings_may_stand_in_for_options(runut, permits, process_file, here, monkeypatch):
    (here / "runut.toml").write_text('lake = "lake"\nresults = "r"\n')
    monkeypatch.setenv("RUNUT_PROCESS", str(process_file))
    assert runut("import", permits).code == 0
    assert runut("mine").code == 0
    assert (here / "r" / "run.json").exists()


def test_the_lake_as_it_was_before_a_second_import(runut, permits, process_file, here):
    runut("import", permits, "--process", process_file, "--lake", "lake")
    mine = ["mine", "-p", process_file, "-l", "lake", "-o", "r", "--json"]
    between = json.loads(runut(*mine).out)["lake_version"]
    ran = runut(*mine, "--as-of", "2001-01-01").failed_clearly("2001-01-01", "earliest")
    assert ran == 2
    (here / "more.csv").write_text("case,activity,time,officer\nP9,Submit,2026-04-01 08:00:00,\n")
    noted = datetime.now(UTC).isoformat()
    runut("import", here / "more.csv", "--process", process_file, "--lake", "lake")
    then = json.loads(runut(*mine, "--as-of", noted).out)
    assert (then["cases"], then["lake_version"]) == (3, between)
    assert json.loads(runut(*mine).out)["cases"] == 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["mine", "--lake", "nowhere", "--out", "r"], 1, ["nowhere", "runut import"]),
        (["mine", "--out", "r"], 2, ["--lake", "RUNUT_LAKE"]),
        (["mine", "--lake", "lake"], 2, ["--out"]),
        (["import", "gone.csv", "--lake", "l"], 2, ["gone.csv", "no such file"]),
        (["import", "gone.csv", "-p", "office.yaml", "-l", "l"], 2, ["gone.csv"]),
        (["import", "permits.csv"], 2, ["--lake"]),
        (["import", "permits.csv", "-p", "offise", "-l", "l"], 2, ["offise", "building-permit"]),
        (["check"], 2, ["--process", "wabo-receipt"]),
        (["check", "-p", "gone.yaml"], 2, ["gone.yaml", "no such process file"]),
        (["simulate", "--out", "s", "--plant", "gremlins"], 2, ["gremlins", "ping-pong"]),
        (["simulate", "--out", ".", "--cases", "3"], 2, ["would be replaced"]),
        (["demo", "--out", "."], 2, ["would be replaced"]),
        (["ingest", "-p", "office.yaml", "-l", "l", "--kafka", "nowhere"], 2, ["host:port"]),
        (["ingest", "-p", "office.yaml"], 2, ["--lake"]),
        (["replay", "gone.csv", "-p", "office.yaml", "--topic", "t"], 2, ["no such file"]),
        (["deploy", "-p", "office.yaml", "-l", "l", "-o", "r"], 2, ["PREFECT_API_URL"]),
        (["mine", "-l", "l", "-o", "r", "--as-of", "soon"], 2, ["soon", "2026-03-01"]),
    ],
)
@pytest.mark.usefixtures("permits", "process_file")
def test_what_is_missing_or_misspelt_is_named_with_the_way_out(
    runut, here, monkeypatch, arguments, code, said
):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert runut(*arguments).failed_clearly(*said) == code
    assert not (here / "l").exists(), "nothing is left behind by a command that was wrong"


def test_a_typo_in_the_process_file_is_told_before_anything_is_read(runut, permits, process_file):
    text = process_file.read_text().replace("timezone", "timezon")
    process_file.write_text(text)
    ran = runut("import", permits, "--process", process_file, "--lake", "lake")
    assert ran.failed_clearly("office.yaml", "timezon", 'did you mean "timezone"') == 2


def test_a_column_that_the_file_does_not_have_is_told_with_those_it_has(
    runut, permits, process_file
):
    process_file.write_text(process_file.read_text().replace("activity: activity", "activity: act"))
    ran = runut("import", permits, "--process", process_file, "--lake", "lake")
    assert ran.failed_clearly('"act"', '"activity"', '"officer"') == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "cut.csv.gz"),
        ("latin.csv", "case,activity,time\nP1,Café,2026-01-01\n".encode("latin-1"), "UTF-8"),
        ("photo.png", b"\x89PNG", ".png"),
        ("words.csv", b"a,b\nc,d\n", "cannot tell"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_no_lake(runut, here, name, content, said):
    (here / name).write_bytes(content)
    runut("import", name, "--lake", "lake").failed_clearly(said)
    assert not (here / "lake").exists()


def test_a_lake_holds_one_process(runut, permits, process_file, here):
    runut("import", permits, "--process", process_file, "--lake", "lake")
    other = here / "other.yaml"
    other.write_text(process_file.read_text().replace("process: office", "process: harbour"))
    for command in (["import", permits], ["mine", "--out", "r"]):
        ran = runut(*command, "--process", other, "--lake", "lake")
        ran.failed_clearly("office", "harbour")


def test_the_key_of_pseudonyms_never_lies_inside_the_lake(
    runut, permits, process_file, here, monkeypatch
):
    monkeypatch.setenv("RUNUT_KEY_FILE", str(here / "lake" / "key"))
    ran = runut("import", permits, "--process", process_file, "--lake", "lake")
    assert ran.failed_clearly("RUNUT_KEY_FILE", "inside the lake") == 2
    assert not (here / "lake").exists()


def test_results_in_a_place_that_cannot_be_written(runut, permits, process_file, here):
    runut("import", permits, "--process", process_file, "--lake", "lake")
    (here / "blocked").write_text("a file, not a folder")
    ran = runut("mine", "-p", process_file, "-l", "lake", "-o", "blocked/results")
    ran.failed_clearly("blocked", "--out")


def test_check_says_in_words_what_the_file_says(runut, permits, process_file):
    process_file.write_text(process_file.read_text().replace("[Decide]", "[Decide, Deside]"))
    ran = runut("check", "--process", process_file, permits)
    assert ran.code == 0
    said = " ".join(ran.out.split())
    assert "A case is closed by Decide or Deside." in said
    assert "clock.closes names Deside, which no event has." in said
    assert "10 events" in said
    assert max(map(len, ran.out.splitlines())) <= 100


def test_check_of_a_shipped_process_needs_no_path(runut):
    ran = runut("check", "--process", "wabo-receipt", "--json")
    assert json.loads(ran.out)["process"] == "wabo-receipt"


def test_a_process_in_the_working_folder_outweighs_the_one_shipped(runut, here):
    (here / "config" / "processes").mkdir(parents=True)
    ours = here / "config" / "processes" / "wabo-receipt.yaml"
    ours.write_text("process: wabo-receipt\ntimezone: Asia/Jayapura\n")
    assert "Asia/Jayapura" in runut("check", "--process", "wabo-receipt").out


def test_simulate_writes_what_import_reads(runut, here):
    ran = runut("simulate", "--cases", "20", "--plant", "ping-pong:share=0.5", "--out", "office")
    assert ran.code == 0
    assert "planted: ping-pong" in ran.out
    truth = json.loads((here / "office" / "truth.json").read_text())
    assert truth["cases"] == 20
    again = runut("simulate", "--cases", "20", "--seed", "2", "--out", "office", "--json")
    files_ = json.loads(again.out)["files"]
    assert all((here / name).exists() for name in files_)
    read = runut("import", "office/events.csv", "-p", "building-permit", "-l", "lake", "--json")
    assert json.loads(read.out)["rejects"] == 0
