"""Runs one case of the benchmark in a process of its own and prints what it took, as JSON.

    python bench/alone.py CASE ARGUMENT…

A case is made ready first (imports, compiled loops, a small log), so that what is timed is work.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import streams
from peers import ENGINES, quietly

# What a case found; as a function where finding out must not be timed.
Work = Callable[[], dict[str, Any] | streams.Told]


def core(engine: str, lake: str, small: str) -> Work:
    """The core pass of one engine; `small` is a lake to get ready with."""
    chosen = next(e for e in ENGINES if e.name == engine)
    quietly(chosen.work, Path(small))
    return lambda: dict(quietly(chosen.work, Path(lake)).digests())


def sliced(memory: str, lake: str, small: str) -> Work:
    """Runut's own core pass under a memory budget ("" for none), slice by slice."""
    from functools import reduce

    from engine.allocation import give_back, hold_little
    from engine.batch import added, observe, read_log
    from engine.slices import parse_memory, plan
    from eventlog.lake import Lake
    from miners import MINERS

    def work(place: str) -> dict[str, Any]:
        opened = Lake.open(place)
        budget = parse_memory(memory) if memory else None
        slices = plan(opened, version=opened.version, memory=budget, attributes=0)
        parts = slices if len(slices) > 1 else [None]
        if budget is not None:
            hold_little()

        def observed(part: Any) -> Any:
            summaries = observe(read_log(opened, part, version=opened.version), MINERS)
            if part is not None:
                give_back()
            return summaries

        seen = reduce(added, map(observed, parts))
        for miner in MINERS:
            miner.summarise(seen[miner.name])
        # What is left of everything counted, to the last one: the same in however many slices.
        return {
            f"{name} {table}": int(tally.counts.sum())
            for name, summary in seen.items()
            for table, tally in summary.tables.items()
        }

    work(small)
    return lambda: work(lake)


def treatment(lake: str, small: str) -> Work:
    """Every question about equal treatment, from a lake of permits to the results."""
    from permits import definition

    from engine.mining import mine
    from engine.progress import Silent
    from eventlog.lake import Lake

    said = definition()
    asked = frozenset({"equity", "favouritism", "fees"})

    def work(place: str) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made) / "out"
            folder.mkdir()
            done = mine(Lake.open(place), said, folder, only=asked, progress=Silent())
            told = json.loads((folder / "equity.json").read_text("utf-8"))
        stages = {name: round(float(took), 1) for name, took in done.run["seconds"].items()}
        longest = sorted(stages, key=lambda name: -stages[name])[:4]
        note = ", ".join(f"{name} {stages[name]} s" for name in longest)
        return {"cases": told["cases"], "gaps": len(told["gaps"]), "note": note}

    work(small)
    return lambda: work(lake)


def xes_runut(path: str) -> Work:
    """An XES file as a table of its own columns."""
    from connectors.xes import read_xes

    def work() -> dict[str, Any]:
        return {"events": read_xes(Path(path), source="log").table.num_rows}

    return work


def xes_pm4py(path: str) -> Work:
    """The same file by pm4py's own default reader; with Polars installed it would take r4pm."""
    return _xes_pm4py(path, "iterparse")


def xes_r4pm(path: str) -> Work:
    """The same file by r4pm, which pm4py takes where it is installed with Polars."""
    return _xes_pm4py(path, "r4pm")


def _xes_pm4py(path: str, variant: str) -> Work:
    import contextlib
    import io
    import warnings

    import pm4py

    def work() -> dict[str, Any]:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return {"events": len(pm4py.read_xes(path, variant=variant))}

    return work


def alignment_runut(log: str, model: str) -> Work:
    """The deviations of every variant from a model, whose states are explored first."""
    import numpy as np

    from miners.moves import AT_THE_END, coded, moves_of
    from miners.procedure.states import explore

    ways, net, _ = _aligned(log, model)

    def work(some: list[tuple[str, ...]]) -> dict[str, Any]:
        states = explore(net)
        decided = np.full(len(some), AT_THE_END, np.int8)
        return {"deviations": moves_of(coded(some, states, decided), states).deviations.tolist()}

    work(ways[:2])
    return lambda: work(ways)


def alignment_r4pm(log: str, model: str) -> Work:
    """The same variants and model by r4pm."""
    from tests.oracle.by_r4pm import deviations

    ways, net, _ = _aligned(log, model)
    deviations(ways[:2], net)
    return lambda: {"deviations": deviations(ways, net).tolist()}


def alignment_pm4py(log: str, model: str) -> Work:
    """The same variants and model by pm4py."""
    import contextlib
    import io
    import warnings

    import pm4py
    from pm4py.objects.log.obj import Event, EventLog, Trace

    ways, _, pnml = _aligned(log, model)
    traces = EventLog([Trace([Event({"concept:name": step}) for step in way]) for way in ways])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "net.pnml"
        path.write_bytes(pnml)
        net = pm4py.read_pnml(str(path))

    def work() -> dict[str, Any]:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            found = pm4py.conformance_diagnostics_alignments(traces, *net)
        # A deviation costs it 10,000 and a silent step 1.
        return {"deviations": [one["cost"] // 10_000 for one in found]}

    return work


def _aligned(log: str, model: str) -> tuple[list[tuple[str, ...]], Any, bytes]:
    """The variants of a log, a model of it, and the model as a file.

    `model`: "readable" is the one that Runut shows people, "whole" is pm4py's inductive miner with
    noise 0.2 on all cases, with every activity in it.
    """
    import pandas as pd
    import pm4py

    from connectors import files
    from eventlog.definition import Definition
    from eventlog.identity import finish
    from eventlog.log import Log
    from miners import variants
    from miners.discovery.inductive import discover_from_variants
    from miners.discovery.model_files import PetriNet, render_pnml

    reading, _, _ = files.read_guessed(Path(log), Definition.bare())
    seen = variants.observe(Log.of(finish(reading.events, numbered_by_reader=True)))
    _, ways, counts = variants.ranked(seen)
    if model == "readable":
        found = discover_from_variants(list(zip(ways, counts[:, 0].tolist(), strict=True)))
        assert found is not None
        return ways, found.net, found.pnml
    frame = pd.DataFrame(
        [
            (f"{number}-{copy}", step, pd.Timestamp(place, unit="D", tz="UTC"))
            for number, (way, (cases, _)) in enumerate(zip(ways, counts.tolist(), strict=True))
            for copy in range(cases)
            for place, step in enumerate(way)
        ],
        columns=["case:concept:name", "concept:name", "time:timestamp"],
    )
    theirs, _, _ = pm4py.discover_petri_net_inductive(frame, noise_threshold=0.2)
    places = sorted(theirs.places, key=lambda p: (bool(p.in_arcs), not p.out_arcs, p.name))
    places.insert(1, places.pop(next(i for i, p in enumerate(places) if not p.out_arcs)))
    number = {place: i for i, place in enumerate(places)}
    net = PetriNet(
        places=len(places),
        transitions=tuple(
            (
                t.label or "",
                tuple(sorted(number[arc.source] for arc in t.in_arcs)),
                tuple(sorted(number[arc.target] for arc in t.out_arcs)),
            )
            for t in sorted(theirs.transitions, key=lambda t: t.name)
        ),
    )
    return ways, net, render_pnml(net)


CASES: dict[str, Callable[..., Work]] = {
    "core": core,
    "sliced": sliced,
    "treatment": treatment,
    "xes-runut": xes_runut,
    "xes-pm4py": xes_pm4py,
    "xes-r4pm": xes_r4pm,
    "alignment-runut": alignment_runut,
    "alignment-pm4py": alignment_pm4py,
    "alignment-r4pm": alignment_r4pm,
    "kafka-bare": streams.bare,
    "kafka-runut": streams.ingested,
}


def main() -> None:
    """Get ready, work, tell."""
    work = CASES[sys.argv[1]](*sys.argv[2:])
    wall, cpu = time.perf_counter(), _processor()
    found = work()
    told = {
        "wall": time.perf_counter() - wall,
        "cpu": _processor() - cpu,
        "peak": _peak(),
        "found": found() if callable(found) else found,
    }
    print("\n" + json.dumps(told))


def _processor() -> float:
    return sum(
        resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def _peak() -> int:
    """The most memory that this process ever held, in bytes, libraries included."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
