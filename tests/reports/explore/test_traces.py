"""What is read of a folder of results tells the same map as map.json."""

import json
import random
import shutil

import pyarrow.parquet as pq
import pytest

from eventlog.errors import StopError
from reports.explore.graph import filtered
from reports.explore.traces import read_traces
from reports.maps.graph import read_map


def test_with_nothing_left_out_the_map_is_that_of_map_json(mined):
    """Ties, starts, schedules, single events, open work, a case without a completion."""
    rng = random.Random(1)
    words = ["a", "b", "c+0", "d+0", "b/start+0", "c/start", "d/schedule+0", "a+0", "c+7"]
    lines = [f"C{n}: {' '.join(rng.choices(words, k=rng.randint(1, 9)))}" for n in range(300)]
    folder = mined(*lines, "only: a/start", "single: a", clock={"closes": ["c"]})
    _same_map(folder)


def test_steps_of_one_moment_keep_the_order_of_the_log_not_of_their_names(mined):
    folder = mined("P: z b+0 a+0 c", "Q: z a+0 b+0 c")
    traces = read_traces(folder)
    told = {traces.route(0), traces.route(1)}
    assert told == {("z", "b", "a", "c"), ("z", "a", "b", "c")}
    _same_map(folder)


def test_names_that_hold_the_separator_are_read_as_they_were(mined):
    rename = {"x": "a > b", "y": "b > a", "z": "a"}
    folder = mined("P: z x+0 y+0", "Q: x z+0", "R: y", rename=rename)
    traces = read_traces(folder)
    routes = {traces.case_ids[case].as_py(): traces.route(case) for case in range(3)}
    assert routes == {"P": ("a", "a > b", "b > a"), "Q": ("a > b", "a"), "R": ("b > a",)}
    _same_map(folder)


def test_results_in_parts_are_read_as_those_in_one_file(mined, tmp_path):
    lines = [f"C{n}: a b{'+0' if n % 2 else ''} c a" for n in range(40)]
    whole = mined(*lines, by={"district": {f"C{n}": "ns"[n % 2] for n in range(40)}})
    parts = tmp_path / "parts"
    shutil.copytree(whole, parts)
    for name in ("cases.parquet", "work_items.parquet"):
        rows = pq.read_table(whole / name)
        (parts / name).unlink()
        (parts / name).mkdir()
        for number, first in enumerate(range(0, rows.num_rows, 37)):
            pq.write_table(rows.slice(first, 37), parts / name / f"part-{number:05d}.parquet")
    one, other = read_traces(whole), read_traces(parts)
    assert filtered(one, one.everything) == filtered(other, other.everything)
    assert one.attributes["district"].codes.tolist() == other.attributes["district"].codes.tolist()
    assert one.work.case.tolist() == other.work.case.tolist()


def test_an_empty_log_has_an_empty_map(mined):
    traces = read_traces(mined())
    assert traces.cases == 0
    assert filtered(traces, traces.everything).edges == ()


def test_results_without_the_work_say_which_command_makes_it(mined):
    folder = mined("P: a b", only=frozenset({"map", "variants"}))
    with pytest.raises(StopError, match=r"work_items.parquet; run `runut mine` without --only"):
        read_traces(folder)


def test_results_of_an_earlier_version_say_so(mined, tmp_path):
    folder = tmp_path / "old"
    shutil.copytree(mined("P: a b"), folder)
    rows = pq.read_table(folder / "work_items.parquet").drop_columns(["service_seconds"])
    pq.write_table(rows, folder / "work_items.parquet")
    with pytest.raises(StopError, match=r"no column service_seconds; run `runut mine` again"):
        read_traces(folder)


def test_files_of_two_runs_are_refused(mined, tmp_path):
    folder = tmp_path / "torn"
    shutil.copytree(mined("P: a b+0 c"), folder)
    shutil.copy(mined("P: a b+0 d") / "variants.csv", folder)
    with pytest.raises(StopError, match=r"do not tell of the same steps"):
        read_traces(folder)


def test_attributes_of_which_nobody_said_who_may_see_them_are_not_read(mined, tmp_path):
    by = {"district": {"P": "north"}}
    folder = tmp_path / "silent"
    shutil.copytree(mined("P: a b", by=by), folder)
    run = json.loads((folder / "run.json").read_text())
    del run["attributes"]
    (folder / "run.json").write_text(json.dumps(run))
    assert set(read_traces(folder).attributes) == set()


def _same_map(folder):
    """Counts and means are equal, quantiles within 3 %."""
    traces = read_traces(folder)
    drawn = filtered(traces, traces.everything)
    told = read_map(json.loads((folder / "map.json").read_text()))
    assert drawn.activities == told.activities
    assert [(e.key, e.frequency, e.cases, e.working) for e in drawn.edges] == [
        (e.key, e.frequency, e.cases, e.working) for e in told.edges
    ]
    for one, other in zip(drawn.edges, told.edges, strict=True):
        assert (one.seconds is None) == (other.seconds is None)
        if one.seconds and other.seconds:
            assert one.seconds.mean == pytest.approx(other.seconds.mean)
            assert one.seconds.p50 == pytest.approx(other.seconds.p50, rel=0.03, abs=0.001)
            assert one.seconds.p90 == pytest.approx(other.seconds.p90, rel=0.03, abs=0.001)
