"""A run leaves every file of the contract, the same bytes for the same lake."""

import json
import time
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from engine.mining import mine
from engine.progress import Silent
from engine.seeing import Asked, see
from engine.shared_ids import SharedIds
from engine.slices import Slice, parse_memory, plan
from engine.stages import Clock
from eventlog import schema
from eventlog.definition import Definition
from eventlog.errors import StopError, UsageError
from eventlog.identity import finish
from eventlog.lake import Lake
from eventlog.letters import shuffled, table
from miners import MINERS, variants

KEYS = ["case_key", "event_key", "content_key"]
NO_REJECTS = schema.REJECTS.empty_table()
CASES = ["P: a@ann b@bob c", "Q: a c", "R: a@x b/start b+30 c", "S: a@x b+0 b c"]


def lake_of(folder, *batches: pa.Table, attributes=()) -> Lake:
    lake = Lake.create(folder, process="unnamed", case_attributes=attributes)
    writer, position = lake.writer("file/test"), 0
    for batch in batches:
        after = position + batch.num_rows
        writer.append(batch, NO_REJECTS, start=position, next=after)
        position = after
    return lake


def run(lake, folder, **options):
    folder.mkdir()
    return mine(
        lake, options.pop("definition", Definition.bare()), folder, progress=Silent(), **options
    )


def test_every_file_of_the_contract_is_there(tmp_path):
    lake = lake_of(tmp_path / "lake", table(*CASES))
    mined = run(lake, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {
        "findings.json", "findings.csv", "map.json", "model.bpmn", "model.pnml", "variants.csv",
        "cases.parquet", "run.json",
    } <= names  # fmt: skip
    assert (mined.cases, mined.events) == (4, 13)
    drawn = json.loads((tmp_path / "out" / "map.json").read_text())
    assert drawn["starts"] == {"a": 4}
    assert drawn["ends"] == {"c": 4}
    edge = next(e for e in drawn["edges"] if (e["source"], e["target"]) == ("b", "c"))
    assert (edge["frequency"], edge["cases"], edge["seconds"]["mean"]) == (3, 3, 3600.0)
    activity = next(a for a in drawn["activities"] if a["activity"] == "b")
    assert activity == {"activity": "b", "cases": 3, "events": 4, "rework": 1}
    ways = pd.read_csv(tmp_path / "out" / "variants.csv")
    assert ways["activities"].tolist() == ["a > b > c", "a > b > b > c", "a > c"]
    cases = pq.read_table(tmp_path / "out" / "cases.parquet").to_pylist()
    assert sorted((row["case_id"], row["variant"]) for row in cases) == [
        ("P", 1), ("Q", 3), ("R", 1), ("S", 2),
    ]  # fmt: skip


def test_the_run_says_what_activities_are_called(tmp_path):
    lake = lake_of(tmp_path / "lake", table(*CASES))
    labels = {"a": {"en": "Apply", "id": "Ajukan"}}
    run(lake, tmp_path / "out", definition=Definition.bare(activities=labels))
    assert json.loads((tmp_path / "out" / "run.json").read_text())["activities"] == labels
    run(lake, tmp_path / "bare")
    assert json.loads((tmp_path / "bare" / "run.json").read_text())["activities"] == {}


def test_the_same_lake_content_gives_the_same_bytes_but_for_the_seconds(tmp_path):
    rows = table(*CASES)
    first = lake_of(tmp_path / "one", rows)
    again = shuffled(pa.concat_tables([rows, rows.slice(3, 4)]), 5)
    second = lake_of(tmp_path / "two", again.slice(0, 6), again.slice(6))
    run(first, tmp_path / "a", only=frozenset({"map", "variants", "times", "rework", "handover"}))
    run(second, tmp_path / "b", only=frozenset({"map", "variants", "times", "rework", "handover"}))
    for path in sorted((tmp_path / "a").iterdir()):
        if path.name != "run.json":
            assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_rerun_of_the_same_version_is_the_same_to_the_byte(tmp_path):
    lake = lake_of(tmp_path / "lake", table(*CASES))
    run(lake, tmp_path / "a")
    run(lake, tmp_path / "b")
    for path in sorted((tmp_path / "a").iterdir()):
        ours, theirs = path.read_bytes(), (tmp_path / "b" / path.name).read_bytes()
        if path.name == "run.json":
            ours, theirs = ({**json.loads(t), "seconds": None} for t in (ours, theirs))
        assert ours == theirs, path.name


def test_an_empty_lake_gives_empty_files_and_no_error(tmp_path):
    lake = lake_of(tmp_path / "lake")
    mined = run(lake, tmp_path / "out")
    assert (mined.cases, mined.as_of, mined.findings) == (0, None, [])
    assert pq.read_table(tmp_path / "out" / "cases.parquet").num_rows == 0


def test_the_map_as_it_was_known_then(tmp_path):
    rows = table(*CASES)
    lake = lake_of(tmp_path / "lake", rows.slice(0, 3), rows.slice(3))
    between = commit_time(lake, version=1)
    mined = run(lake, tmp_path / "then", as_of=between)
    assert (mined.version, mined.cases) == (1, 1)
    assert run(lake, tmp_path / "now").cases == 4


def commit_time(lake, *, version):
    """When a version was committed, to the millisecond that Delta keeps."""
    history = DeltaTable(f"{lake.uri}/events").history()
    milliseconds = next(c["timestamp"] for c in history if c["version"] == version)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def test_codes_are_coarsened_as_the_process_file_says_and_stay_fine_in_the_lake(tmp_path):
    lake = lake_of(tmp_path / "lake", table("P: 01_A_1 01_A_2 02_B_1 03_C_1"))
    definition = Definition.bare(abstract={"pattern": "^(..)_", "keep": 2})
    run(lake, tmp_path / "out", definition=definition)
    drawn = json.loads((tmp_path / "out" / "map.json").read_text())
    assert {a["activity"]: a["events"] for a in drawn["activities"]} == {
        "01": 2, "02": 1, "(other)": 1,
    }  # fmt: skip
    assert "01_A_1" in lake.read(["activity"]).column("activity").to_pylist()


def test_an_unknown_question_and_an_undeclared_attribute_are_refused(tmp_path):
    lake = lake_of(tmp_path / "lake", table("P: a"))
    with pytest.raises(UsageError, match="--only names mapp; expected some of map, variants"):
        run(lake, tmp_path / "a", only=frozenset({"mapp"}))
    with pytest.raises(StopError, match="no column for office"):
        run(lake, tmp_path / "b", definition=Definition.bare(case_attributes=["office"]))


def test_what_was_not_analysed_is_said_with_the_reason(tmp_path):
    lake = lake_of(tmp_path / "lake", table("P: a"))
    mined = run(lake, tmp_path / "out", only=frozenset({"map"}))
    off = dict(mined.off)
    assert off["variants"] == "left out by --only"
    assert "clock" in off["open cases"]


def test_slices_give_the_same_bytes_as_one_piece(tmp_path):
    rows = table(*(f"case-{n}: {'a b c d e'[: 1 + 2 * (n % 5)]}" for n in range(60)))
    again = pa.concat_tables([rows, shuffled(rows, 1).slice(0, 30)])
    lake = lake_of(tmp_path / "lake", again.slice(0, 90), again.slice(90))
    run(lake, tmp_path / "one")
    slices = [Slice(low=-(2**63), high=-(2**62) - 1), Slice(low=-(2**62), high=5)]
    slices.append(Slice(low=6, high=2**63 - 1))
    (tmp_path / "many").mkdir()
    seen = see(
        lake,
        Definition.bare(),
        tmp_path / "many",
        asked=Asked(
            version=lake.version,
            now=int(lake.latest(lake.version).timestamp() * 1_000_000),
            miners=MINERS,
            quality=True,
            work=True,
        ),
        slices=slices,
        clock=Clock(Silent()),
    )
    keys, _, _ = variants.ranked(seen.summaries["variants"])
    seen.case_file.finish(keys)
    whole = (tmp_path / "one" / "cases.parquet").read_bytes()
    assert (tmp_path / "many" / "cases.parquet").read_bytes() == whole
    assert [p.name for p in (tmp_path / "many").iterdir()] == ["cases.parquet"]
    told = json.loads((tmp_path / "one" / "run.json").read_text())["counts"]
    assert (seen.events, seen.cases, seen.repeats) == (
        told["events"],
        told["cases"],
        told["repeats_dropped"],
    )
    assert told["repeats_dropped"] == 30


def test_a_memory_bound_makes_slices_that_cover_every_key(tmp_path):
    lake = lake_of(tmp_path / "lake", table(*CASES))
    assert len(plan(lake, version=lake.version, memory=None, attributes=0)) == 1
    assert parse_memory("1GB") == 10**9
    assert parse_memory("1.5 GiB") == 3 * 2**29
    with pytest.raises(UsageError, match="expected 700MB or more: Python and its libraries"):
        parse_memory("10MB")
    with pytest.raises(UsageError, match=r"expected e\.g\. .1GB. or .800MB."):
        parse_memory("lots")


def test_an_id_in_two_cases_is_reported_with_its_cases(tmp_path):
    rows = table("P: a b", "Q: a", "R: a")
    ids = pa.array(["same", "x", "same", "y"])
    both = finish(rows.set_column(0, "event_id", ids).drop_columns(KEYS))
    mined = run(lake_of(tmp_path / "lake", both), tmp_path / "out")
    finding = next(f for f in mined.findings if f["subject"]["check"] == "id in two cases")
    assert (finding["evidence"]["affected"], finding["cases"]) == (2, 2)
    assert finding["severity"] == "medium"


@pytest.mark.parametrize("spooled", [False, True])
def test_ids_that_stand_twice_are_found_in_memory_and_on_disk(tmp_path, spooled):
    keys = np.random.default_rng(2).integers(-(2**62), 2**62, 1000)
    found = SharedIds(tmp_path if spooled else None)
    found.add(keys)
    found.add(np.concatenate([keys[:3], keys[:2], np.arange(5)]))
    twice, events = found.twice()
    assert sorted(twice.tolist()) == sorted(keys[:3].tolist())
    assert events == 8


def test_what_closes_a_case_is_said_in_fine_codes_though_the_map_is_coarse(tmp_path):
    lake = lake_of(tmp_path / "lake", table("P: 01_A_1 01_A_2", "Q: 01_A_1"))
    definition = Definition.bare(abstract={"pattern": "^(..)_"}, clock={"stops": ["01_A_2"]})
    run(lake, tmp_path / "out", definition=definition)
    cases = pq.read_table(tmp_path / "out" / "cases.parquet").to_pylist()
    assert {row["case_id"]: row["open"] for row in cases} == {"P": False, "Q": True}


def test_rejects_that_came_later_are_not_told_of_an_earlier_version(tmp_path):
    rows = table(*CASES)
    lake = lake_of(tmp_path / "lake", rows)
    then = lake.version
    before = (lake.counts(then), lake.reject_reasons(then))
    time.sleep(0.02)  # commits carry milliseconds
    bad = {"offset": 99, "reason": "activity is empty", "value": b"x"}
    rejects = pa.Table.from_pylist([bad], schema.REJECTS)
    at = rows.num_rows
    lake.writer("file/test").append(rows.slice(0, 0), rejects, start=at, next=at + 1)
    assert (lake.counts(then), lake.reject_reasons(then)) == before == ((at, 0), {})
    assert lake.counts(lake.version) == (at, 1)
    assert lake.reject_reasons(lake.version) == {"activity is empty": 1}


def test_asking_for_nothing_or_for_what_is_not_there_yet_is_refused(tmp_path):
    lake = lake_of(tmp_path / "lake", table("P: a"))
    with pytest.raises(UsageError, match="--only names nothing"):
        run(lake, tmp_path / "a", only=frozenset())
    with pytest.raises(UsageError, match="drift, which this version of Runut does not answer"):
        run(lake, tmp_path / "b", only=frozenset({"drift"}))


def test_what_this_version_cannot_answer_is_said(tmp_path):
    off = dict(run(lake_of(tmp_path / "lake", table("P: a")), tmp_path / "out").off)
    assert {"equity", "favouritism", "fees"} <= set(off)
