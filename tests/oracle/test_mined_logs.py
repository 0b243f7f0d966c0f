"""Real logs, imported and mined as anybody would: what they cannot tell is not told."""

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import files
from engine.importing import import_files
from engine.mining import mine
from engine.progress import Silent
from eventlog import definition_file
from eventlog.definition import Definition
from eventlog.lake import Lake

PROCESSES = Path(__file__).parents[2] / "config" / "processes"
HALF_A_YEAR = pd.Timedelta(days=180)


@pytest.fixture(scope="module")
def results(real_log, tmp_path_factory):
    """Imports and mines a log once; its folder of results."""
    done = {}

    def of(name, definition):
        if name not in done:
            path = real_log(name)
            folder = tmp_path_factory.mktemp("mined")
            lake = Lake.create(
                folder / "lake",
                process=definition.process,
                case_attributes=definition.case_attributes,
            )
            import_files([path], lake, definition, key=bytes(32), progress=Silent())
            out = folder / "out"
            out.mkdir()
            asked = frozenset({"map", "bottlenecks", "lateness", "quality"})
            mine(lake, definition, out, only=asked, progress=Silent())
            done[name] = out
        return done[name]

    return of


def told(folder, name):
    return json.loads((folder / name).read_text())


def of_kind(folder, kind):
    return [one for one in told(folder, "findings.json")["findings"] if one["kind"] == kind]


def doubts(folder):
    return {
        (one["subject"]["check"], one["subject"]["column"]): one["evidence"]
        for one in of_kind(folder, "data-quality")
    }


@pytest.fixture(scope="module")
def receipt(results):
    return results("receipt.csv", definition_file.load(PROCESSES / "wabo-receipt.yaml"))


@pytest.fixture(scope="module")
def bpic15(results):
    return results("BPIC15_1.xes.gz", definition_file.load(PROCESSES / "bpic15.yaml"))


def test_receipt_has_findings_on_what_it_lacks(receipt, real_log):
    frame = pd.read_csv(real_log("receipt.csv"))
    found = doubts(receipt)
    starts = found["missing start", "lifecycle"]
    assert (starts["affected"], starts["total"]) == (len(frame), len(frame))
    sizes = frame.groupby("case:concept:name").size()
    assert found["single event", None]["affected"] == int((sizes == 1).sum())


@pytest.mark.parametrize("log", ["receipt", "bpic15"])
def test_without_starts_no_finding_tells_waiting_from_work(log, request):
    folder = request.getfixturevalue(log)
    found = of_kind(folder, "bottleneck")
    assert found
    for one in found:
        assert "cannot be told apart" in one["wording"]["en"]
        assert "tidak dapat dipisahkan" in one["wording"]["id"]
        assert "taken up" not in one["wording"]["en"]
        assert "officer" not in one["wording"]["en"]
        assert one["strength"] != "strong"
        assert one["evidence"]["main_cause"] is None
        assert one["evidence"]["one_more_officer"] is None
        assert one["evidence"]["utilisation"] is None
    off = {entry["what"] for entry in told(folder, "run.json")["off"]}
    assert "waiting apart from service" in off
    items = pq.read_table(folder / "work_items.parquet")
    for name in ("started", "waiting_seconds", "service_seconds", "cause"):
        assert items[name].null_count == items.num_rows
    cases = pq.read_table(folder / "cases.parquet")
    assert cases["waiting_seconds"].null_count == cases.num_rows


def test_dates_without_times_are_counted_and_told_in_whole_days(results):
    # Of the two municipalities this one has a bottleneck of which most times are dates.
    folder = results("BPIC15_2.xes.gz", definition_file.load(PROCESSES / "bpic15.yaml"))
    dates = doubts(folder)["date without time", "timestamp"]
    assert 0.4 < dates["affected"] / dates["total"] < 0.5
    found = of_kind(folder, "bottleneck")
    dated = [one for one in found if one["evidence"]["dated"] >= 0.5]
    assert dated
    for one in dated:
        assert "dates without a time of day" in one["wording"]["en"]
        assert one["effect"]["value"] >= 1
        assert "." not in one["wording"]["en"].partition(" days")[0].rpartition(" for ")[2]


def test_building_permits_that_fell_silent_are_counted(bpic15, real_log):
    definition = definition_file.load(PROCESSES / "bpic15.yaml")
    events = files.read(real_log("BPIC15_1.xes.gz"), definition).events
    frame = events.select(["case_id", "activity", "timestamp"]).to_pandas()
    closed = frame[frame.activity.isin(definition.closing)].case_id.unique()
    last = frame[~frame.case_id.isin(closed)].groupby("case_id").timestamp.max()
    silent = int((frame.timestamp.max() - last > HALF_A_YEAR).sum())
    assert doubts(bpic15)["silent", None]["affected"] == silent > 100


def test_what_could_have_been_promised_for_building_permits_was_kept(bpic15):
    of_all = told(bpic15, "lateness.json")["promises"][0]
    p80 = of_all["promises"][1]
    assert (of_all["unit"], p80["share"], p80["publishable"]) == ("days", 0.8, True)
    assert 0.75 <= p80["kept"]["value"] <= 0.85


def test_work_of_building_permits_is_told_as_on_the_map(bpic15):
    items = pq.read_table(bpic15 / "work_items.parquet", columns=["activity"])
    drawn = {one["activity"] for one in told(bpic15, "map.json")["activities"]}
    assert set(items["activity"].to_pylist()) == drawn


def plainly(events):
    """(waiting, service) in milliseconds of what was completed, by case and activity.

    Scheduled work waits from there, other work since the last completion in the case. The log has
    no suspensions, no two events of a case and activity at one moment, and schedules nothing twice
    before it is started.
    """
    found = defaultdict(list)
    columns = [events[name].to_pylist() for name in ("case_id", "activity", "lifecycle")]
    moments = events["timestamp"].cast(pa.int64()).to_pylist()
    cases = defaultdict(list)
    for case, activity, word, moment in zip(*columns, moments, strict=True):
        cases[case].append((moment, activity, word))
    for case, steps in cases.items():
        before, waiting, begun = None, defaultdict(list), defaultdict(list)
        for moment, activity, word in sorted(steps, key=lambda step: step[0]):
            if word == "schedule":
                waiting[activity].append(moment)
            elif word == "start":
                since = waiting[activity].pop(0) if waiting[activity] else before
                begun[activity].append((since, moment))
            else:
                since, start = None, None
                if begun[activity]:
                    since, start = begun[activity].pop(0)
                elif waiting[activity]:
                    waiting[activity].pop(0)
                found[case, activity].append(
                    (
                        None if since is None else (start - since) // 1000,
                        None if start is None else (moment - start) // 1000,
                    )
                )
                before = moment
    return {key: sorted(pairs, key=str) for key, pairs in found.items()}


@pytest.mark.long
def test_mining_bpic2012_writes_the_work_that_a_plain_computation_finds(results, real_log):
    bare = Definition.bare()
    folder = results("bpic2012.xes.gz", bare)
    frame = pq.read_table(folder / "work_items.parquet").to_pandas()
    done = frame[frame.completed.notna()]
    found = defaultdict(list)
    for case, activity, *seconds in done[
        ["case_id", "activity", "waiting_seconds", "service_seconds"]
    ].itertuples(index=False):
        found[case, activity].append(
            tuple(None if np.isnan(each) else round(each * 1000) for each in seconds)
        )
    ours = {key: sorted(pairs, key=str) for key, pairs in found.items()}
    assert ours == plainly(files.read(real_log("bpic2012.xes.gz"), bare).events)
    sums = pq.read_table(folder / "cases.parquet").to_pandas().service_seconds.sum()
    assert sums == pytest.approx(frame.service_seconds.sum(), rel=1e-12)
    known = frame.waiting_seconds.notna() & frame.resource.notna()
    assert frame.cause[~known].isna().all()
    assert frame.cause.notna().sum() > 0.5 * known.sum()
