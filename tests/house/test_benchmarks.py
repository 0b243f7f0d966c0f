"""The page of benchmarks tells every promise, kept or not, and nothing of the machine's owner."""

import json
import os
import platform
import re
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCH = Path(__file__).parents[2] / "bench"
MADE = ("page", "sections", "targets", "turns", "run")


@pytest.fixture
def bench(monkeypatch):
    """The scripts of the benchmark, which are no package."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCH))
    pytest.importorskip("matplotlib", reason="needs the packages of the benchmark")
    yield SimpleNamespace(**{name: import_module(name) for name in MADE})
    for name in set(sys.modules) - before:
        if str(BENCH) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


def measured(bench):
    """Everything measured; r4pm overran, pm4py on Polars failed, and one promise is broken."""
    row, part = bench.turns.Row, bench.sections.Part

    def ran(name, wall, ratio, peak=1_000_000_000):
        return row(
            name=name,
            wall=wall,
            cpu=wall,
            peak=peak,
            ratio=ratio,
            least=ratio,
            most=ratio,
            rounds=3,
        )

    core = [
        ran("Runut", 4, 1),
        ran("DuckDB", 12, 3),
        ran("Polars", 8, 2),
        row(name="r4pm", missing="over 180 s", over=180),
        ran("pm4py on pandas", 64, 16),
        row(name="pm4py on Polars", missing="failed (MemoryError)"),
    ]
    memory = {
        size: [ran("without a budget", size / 2e6, 1), ran("--memory 1GB", size / 1.6e6, 1.25)]
        for size in (1_000_000, 50_000_000)
    }
    said = (
        "in order          24 updates  wall p50   160 p95    190 ms  CPU p50    140 p95    150 ms"
        "  fetched 0  (wall/CPU: decode 60/60)\n"
        "5 % late by days  24 updates  wall p50   300 p95    390 ms  CPU p50    280 p95    300 ms"
        "  fetched 9  (wall/CPU: decode 60/60)"
    )
    pairs = [ran("Runut", 1, 1), ran("pm4py", 60, 60), ran("r4pm", 2, 2)]
    kafka = [ran("the bare client", 6, 1), ran("Runut", 7.5, 1.25)]
    return [
        part(name="core-10000000", size=10_000_000, tables={"core": core}),
        *(part(name=f"memory-{n}", size=n, tables={"memory": r}) for n, r in memory.items()),
        bench.sections.live_part(10_000_000, said),
        part(name="kafka", size=400_000, tables={"kafka-python": kafka}),
        part(name="xes", tables={"made": pairs}),
        part(name="alignment", why="the receipt log is not here"),
    ]


def test_every_promise_is_told_as_met_not_met_or_not_measured(bench):
    parts = {part.name: part for part in measured(bench)}
    told = {v.what: (v.measured, v.met) for v in bench.targets.verdicts(parts)}
    core = "core pass, 10,000,000 events, "
    assert told[f"{core}against pm4py on pandas"] == ("16.0 times", True)
    assert told[f"{core}against r4pm"] == ("over 45 times (over 180 s)", True)
    assert told[f"{core}against pm4py on Polars"] == ("failed (MemoryError)", None)
    assert told[f"{core}peak of memory"] == ("1.00 GB", True)
    live = "10,000 new events on 10,000,000 stored, "
    assert told[f"{live}in order: bytes to measures"] == ("160 ms (140 ms CPU)", False)
    assert told[f"{live}5 % late: bytes to measures"] == ("300 ms (280 ms CPU)", True)
    ingest = "ingest from Kafka to the committed lake, "
    assert told[f"{ingest}kafka-python"] == ("80 %", True)
    assert told[f"{ingest}confluent-kafka"] == ("not measured", None)
    assert told["time per event from 1,000,000 to 50,000,000"] == ("1.00 times", True)
    assert told["50,000,000 events under `--memory 1GB`, time"] == ("1.25 times", True)
    nothing = bench.targets.verdicts({})
    assert len(nothing) == len(told)
    assert all(verdict.met is None for verdict in nothing)


def test_the_page_names_no_host_and_no_place(bench, tmp_path):
    parts = {part.name: part for part in measured(bench)}
    bench.page.write(tmp_path, parts, bench.turns.Limits())
    text = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert platform.node() not in text.split()
    assert not re.search(r"(?<![\w.)])/(home|root|tmp|work|usr)\b", text)
    assert f"{os.cpu_count()} cores" in text
    assert "| r4pm | over 180 s |" in text
    assert "**not met**" in text
    assert "alignment (the receipt log is not here)" in text
    for name in re.findall(r"\]\((images/[^)]+)\)", text):
        assert (tmp_path / name).read_text("utf-8").startswith("<?xml")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 30
    for above, below in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if above.startswith("|") and below.startswith("|"):
            assert above.count(" |") == below.count(" |"), below


def test_a_part_that_is_kept_is_read_back_as_it_was(bench):
    for part in measured(bench):
        assert bench.run.read(json.loads(json.dumps(asdict(part)))) == part
