"""The parts of the benchmark: what each measures, between whom, and what is kept of it."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pages_found import Visited, visited
from peers import ENGINES
from stock import CACHE, DATA, FEW_PERMITS, ROOT, SMALL, lake_of, permits_of, written_xes
from streams import CLIENTS, EVENTS, broker, fill
from turns import Competitor, Limits, Row, in_turn
from watch_found import Paced, Soaked

MEMORY = "1GB"
LONG = 50_000_000
PERMITS = 1_000_000
MODELS = {
    "whole": "on the model of pm4py's inductive miner, noise 0.2, with every activity",
    "readable": "on the model that Runut shows",
}
_UPDATE = re.compile(
    r"^(?P<name>.+?)\s+(?P<updates>\d+) updates\s+wall p50\s+(?P<p50>\d+) p95\s+(?P<p95>\d+) ms"
    r"\s+CPU p50\s+(?P<cpu>\d+) p95\s+(?P<cpu95>\d+) ms(?P<more>.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class Update:
    """One way in which ten thousand events come in: milliseconds, from bytes to measures."""

    name: str
    updates: int
    p50: int
    p95: int
    cpu: int
    cpu95: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one part found: tables, updates, how a watch or pages did; `why` it was not measured.

    `size` is the number of events, 0 where the titles say it.
    """

    name: str
    size: int = 0
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    updates: Sequence[Update] = ()
    said: str = ""
    why: str = ""
    paced: Sequence[Paced] = ()
    soaked: Soaked | None = None
    visited: Visited | None = None


Measure = Callable[[Limits, Mapping[str, Part]], Part]


def parts(sizes: Sequence[int], *, long: bool, soak: float, crowd: float) -> dict[str, Measure]:
    """All parts by name, as they are measured in turn; `soak` in minutes, `crowd` in seconds."""
    larger = [size for size in sizes if size > SMALL] + ([LONG] if long else [])
    return {
        **{f"core-{size}": _core(size) for size in sizes},
        **{f"memory-{size}": _memory(size) for size in larger},
        f"treatment-{PERMITS}": _treatment,
        "xes": _xes,
        "alignment": _alignment,
        "kafka": _kafka,
        f"live-{max(sizes)}": _live(max(sizes)),
        "watch": _watch,
        "soak": _soak(soak),
        "pages": _pages(crowd),
    }


def _core(size: int) -> Measure:
    def measure(limits: Limits, known: Mapping[str, Part]) -> Part:
        small, lake = lake_of(SMALL), lake_of(size)
        # Who could not do a smaller size in time is not asked for this one.
        out = {
            row.name: row
            for part in known.values()
            if part.name.startswith("core-") and part.size < size
            for row in part.tables.get("core", ())
            if row.over
        }
        rows = in_turn(
            [
                Competitor(name=e.name, case=("core", e.name, str(lake), str(small)), note=e.less)
                for e in ENGINES
                if e.name not in out
            ],
            limits,
        )
        return Part(name=f"core-{size}", size=size, tables={"core": [*rows, *out.values()]})

    return measure


def _memory(size: int) -> Measure:
    def measure(limits: Limits, _: Mapping[str, Part]) -> Part:
        small, lake = lake_of(SMALL), lake_of(size)
        names = {"without a budget": "", f"--memory {MEMORY}": MEMORY}
        rows = in_turn(
            [
                Competitor(name=n, case=("sliced", m, str(lake), str(small)))
                for n, m in names.items()
            ],
            limits,
        )
        return Part(name=f"memory-{size}", size=size, tables={"memory": rows})

    return measure


def _treatment(limits: Limits, _: Mapping[str, Part]) -> Part:
    small, lake = permits_of(FEW_PERMITS), permits_of(PERMITS)
    rows = in_turn([Competitor(name="Runut", case=("treatment", str(lake), str(small)))], limits)
    return Part(name=f"treatment-{PERMITS}", size=PERMITS, tables={"treatment": rows})


def _xes(limits: Limits, _: Mapping[str, Part]) -> Part:
    readers = ("Runut", "pm4py", "r4pm")
    paths = {"made by the generator": written_xes()}
    if (real := DATA / "bpic2012.xes.gz").exists():
        paths["BPI Challenge 2012"] = real
    tables = {
        title: in_turn(
            [Competitor(name=n, case=(f"xes-{n.lower()}", str(path))) for n in readers], limits
        )
        for title, path in paths.items()
    }
    return Part(name="xes", tables=tables)


def _alignment(limits: Limits, _: Mapping[str, Part]) -> Part:
    log = DATA / "receipt.xes.gz"
    if not log.exists():
        return Part(
            name="alignment", why="the receipt log is not here; RUNUT_DATA names its folder"
        )
    tables = {
        title: in_turn(
            [
                Competitor(name=n, case=(f"alignment-{n.lower()}", str(log), model))
                for n in ("Runut", "pm4py", "r4pm")
            ],
            limits,
        )
        for model, title in MODELS.items()
    }
    return Part(name="alignment", tables=tables)


def _kafka(limits: Limits, _: Mapping[str, Part]) -> Part:
    from tests.broker.apache import NoBrokerError

    tables = {}
    try:
        with tempfile.TemporaryDirectory() as folder, broker(Path(folder)) as address:
            print(f"sending {EVENTS:,} events", flush=True)
            fill(address, "warming", 5_000)
            fill(address, "measured", EVENTS)
            for client in CLIENTS:
                arguments = (client, address, "measured", "warming")
                tables[client] = in_turn(
                    [
                        Competitor(name="the bare client", case=("kafka-bare", *arguments)),
                        Competitor(name="Runut", case=("kafka-runut", *arguments)),
                    ],
                    limits,
                )
    except NoBrokerError as error:
        return Part(name="kafka", why=f"there is no Apache Kafka here: {error}")
    return Part(name="kafka", size=EVENTS, tables=tables)


def _live(size: int) -> Measure:
    def measure(limits: Limits, _: Mapping[str, Part]) -> Part:  # noqa: ARG001 (as the others)
        script = ROOT / "bench" / "live.py"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        CACHE.mkdir(parents=True, exist_ok=True)
        # It changes the lake that it makes, so that every run needs its own.
        with tempfile.TemporaryDirectory(dir=CACHE, prefix="live-") as folder:
            command = [sys.executable, str(script), "--events", str(size), "--folder", folder]
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
            )
        if done.returncode:
            print(done.stderr[-3000:], file=sys.stderr, flush=True)
            return Part(name=f"live-{size}", size=size, why=f"failed (exit {done.returncode})")
        return live_part(size, done.stdout.strip())

    return measure


def live_part(size: int, said: str) -> Part:
    """What bench/live.py printed, as a part."""
    updates = tuple(
        Update(
            name=found["name"],
            **{key: int(found[key]) for key in ("updates", "p50", "p95", "cpu", "cpu95")},
        )
        for found in _UPDATE.finditer(said)
    )
    return Part(name=f"live-{size}", size=size, updates=updates, said=said)


def _watch(limits: Limits, _: Mapping[str, Part]) -> Part:  # noqa: ARG001 (as the others)
    found = _told_by("watch_latency.py")
    if isinstance(found, str):
        return Part(name="watch", why=found)
    return Part(name="watch", paced=[Paced(**one) for one in found])


def _soak(minutes: float) -> Measure:
    def measure(limits: Limits, _: Mapping[str, Part]) -> Part:  # noqa: ARG001 (as the others)
        found = _told_by("watch_soak.py", "--minutes", str(minutes))
        return (
            Part(name="soak", why=found)
            if isinstance(found, str)
            else Part(name="soak", soaked=Soaked(**found))
        )

    return measure


def _pages(seconds: float) -> Measure:
    def measure(limits: Limits, _: Mapping[str, Part]) -> Part:
        asked = ("--rounds", str(limits.rounds), "--seconds", str(seconds))
        found = _told_by("pages_visit.py", *asked)
        return (
            Part(name="pages", why=found)
            if isinstance(found, str)
            else Part(name="pages", visited=visited(found))
        )

    return measure


def _told_by(script: str, *arguments: str) -> Any:
    """What a script wrote down, or why it did not."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        done = subprocess.run(
            [sys.executable, str(ROOT / "bench" / script), *arguments, "--out", str(out)],
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        if done.returncode or not out.exists():
            return f"failed (exit {done.returncode})"
        return json.loads(out.read_text(encoding="utf-8"))
