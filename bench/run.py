"""Measures Runut beside its peers and writes docs/benchmarks.md with a plot (`make bench`).

    python bench/run.py [--sizes 100000 1000000 10000000] [--long] [--rounds 3] [--bound 300]

Every case runs in a process of its own, engines in turn (A B C A B C), and what they counted is
compared before a time is printed; one that disagrees stops the run. `--long` adds 50 million
events.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import page
from generate import blocks
from page import Row
from peers import ENGINES

from eventlog import schema
from eventlog.lake import Lake

ROOT = Path(__file__).parents[1]
CACHE = Path(os.environ.get("RUNUT_BENCH") or ROOT / ".cache" / "bench")
DATA = Path(os.environ.get("RUNUT_DATA") or ROOT.parent / "shared" / "data")
SMALL = 100_000
LONG = 50_000_000
MEMORY = "1GB"
MODELS = {
    "whole": "on the model of pm4py's inductive miner, noise 0.2, with every activity",
    "readable": "on the model that Runut shows",
}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one run of one case took: seconds of wall and CPU, bytes at the peak, and its counts."""

    wall: float
    cpu: float
    peak: int
    found: dict[str, Any]


def alone(case: str, *arguments: str, bound: float) -> Taken | None:
    """Run a case in its own process; None where it takes longer than `bound` seconds to the end."""
    command = [sys.executable, "-W", "ignore", str(ROOT / "bench" / "alone.py"), case, *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=bound, check=False, cwd=ROOT
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{case} {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return Taken(**json.loads(done.stdout.strip().splitlines()[-1]))


def lake_of(events: int) -> Path:
    """A tidied lake of about so many events, made once and kept in the cache."""
    place = CACHE / f"lake-{events}"
    ready = CACHE / f"lake-{events}.ready"
    if not ready.exists():
        print(f"making a lake of {events:,} events", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        lake = Lake.create(place, process="bench", case_attributes=[])
        writer = lake.writer("file/bench")
        if writer.position is not None:
            raise SystemExit(f"{place} was left half made; remove it")
        done = 0
        for block in blocks(events):
            nothing = schema.REJECTS.empty_table()
            writer.append(block, nothing, start=done, next=done + block.num_rows)
            done += block.num_rows
        lake.tidy(retention=timedelta(hours=1))
        ready.touch()
    return place


def in_turn(
    competitors: Sequence[tuple[str, Sequence[str]]], *, rounds: int, bound: float
) -> dict[str, list[Taken]]:
    """Run all competitors one after another, `rounds` times; who overruns `bound` is left out.

    The first competitor's counts are what the others' must be equal to, name by name.
    """
    done: dict[str, list[Taken]] = {name: [] for name, _ in competitors}
    out: set[str] = set()
    for turn in range(rounds):
        for name, arguments in competitors:
            if name in out:
                continue
            taken = alone(*arguments, bound=bound)
            if taken is None:
                print(f"  {name}: more than {bound:.0f} s", flush=True)
                out.add(name)
                done[name] = []
                continue
            ours = done[competitors[0][0]][0].found if done[competitors[0][0]] else taken.found
            differ = [
                key for key in taken.found.keys() & ours.keys() if taken.found[key] != ours[key]
            ]
            if differ or not taken.found.keys() & ours.keys():
                raise SystemExit(f"{name} counts other {', '.join(differ) or 'things'} than ours")
            done[name].append(taken)
            print(
                f"  {turn + 1} {name}: {taken.wall:.2f} s, {taken.cpu:.2f} s CPU, "
                f"{taken.peak / 1e6:.0f} MB",
                flush=True,
            )
    return done


def row(name: str, mine: Sequence[Taken], first: Sequence[Taken], note: str = "") -> Row | None:
    """A line of a table: medians, and how many times the first one's time, round by round."""
    if not mine:
        return None
    ratios = [a.wall / b.wall for a, b in zip(mine, first, strict=False)]
    return Row(
        name=name,
        wall=statistics.median(t.wall for t in mine),
        cpu=statistics.median(t.cpu for t in mine),
        peak=max(t.peak for t in mine),
        ratio=statistics.median(ratios),
        least=min(ratios),
        most=max(ratios),
        note=note,
    )


def core(sizes: Sequence[int], *, rounds: int, bound: float) -> dict[int, list[Row]]:
    """The core pass at every size."""
    small, tables = lake_of(SMALL), {}
    left = list(ENGINES)
    for size in sizes:
        print(f"core pass, {size:,} events", flush=True)
        lake = lake_of(size)
        competitors = [(e.name, ("core", e.name, str(lake), str(small))) for e in left]
        done = in_turn(competitors, rounds=rounds, bound=bound)
        ours = done[left[0].name]
        tables[size] = [r for e in left if (r := row(e.name, done[e.name], ours, e.less))]
        # Who could not do this size is not asked for a larger one.
        left = [e for e in left if done[e.name]]
    return tables


def memory(sizes: Sequence[int], *, rounds: int, bound: float) -> dict[int, list[Row]]:
    """Runut without and with a memory budget."""
    small, tables = lake_of(SMALL), {}
    for size in sizes:
        print(f"memory, {size:,} events", flush=True)
        lake = lake_of(size)
        names = {"without a budget": "", f"--memory {MEMORY}": MEMORY}
        competitors = [(n, ("sliced", m, str(lake), str(small))) for n, m in names.items()]
        done = in_turn([(n, a) for n, a in competitors], rounds=rounds, bound=bound * 4)
        first = done["without a budget"]
        tables[size] = [
            r
            for n in names
            if (
                r := row(
                    n, done[n], first, f"{done[n][0].found['slices']} slice(s)" if done[n] else ""
                )
            )
        ]
    return tables


def pair(case: str, names: Sequence[str], *arguments: str, rounds: int, bound: float) -> list[Row]:
    """Runut and others doing the same, in turn."""
    print(f"{case}: {' '.join(arguments)}", flush=True)
    competitors = [(name, (f"{case}-{name.lower()}", *arguments)) for name in names]
    done = in_turn(competitors, rounds=rounds, bound=bound)
    return [r for n, _ in competitors if (r := row(n, done[n], done["Runut"]))]


def written_xes() -> Path:
    """An XES file of about 100,000 events, made once."""
    path = CACHE / "made.xes"
    if not path.exists():
        lake_of(SMALL)
        rows = (
            Lake.open(CACHE / f"lake-{SMALL}")
            .read(["case_id", "activity", "timestamp", "resource"])
            .to_pandas()
            .sort_values(["case_id", "timestamp"], kind="stable")
        )
        with path.with_suffix(".part").open("w", encoding="utf-8") as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n')
            for case, events in rows.groupby("case_id", observed=True):
                file.write(f'<trace>\n<string key="concept:name" value="{case}"/>\n')
                for event in events.itertuples():
                    file.write(
                        f'<event>\n<string key="concept:name" value="{event.activity}"/>\n'
                        f'<string key="org:resource" value="{event.resource}"/>\n'
                        '<string key="lifecycle:transition" value="complete"/>\n'
                        f'<date key="time:timestamp" value="{event.timestamp.isoformat()}"/>\n'
                        "</event>\n"
                    )
                file.write("</trace>\n")
            file.write("</log>\n")
        path.with_suffix(".part").rename(path)
    return path


def live(events: int) -> str | None:
    """What bench/live.py prints, where it is there."""
    script = ROOT / "bench" / "live.py"
    if not script.exists():
        return None
    print(f"updates on {events:,} events", flush=True)
    command = [sys.executable, str(script), "--events", str(events), "--folder", str(CACHE)]
    CACHE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        print(done.stderr[-2000:], flush=True)
        return None
    return done.stdout.strip()


def main() -> None:
    """Measure everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[SMALL, 1_000_000, 10_000_000])
    parser.add_argument("--long", action="store_true", help=f"also {LONG:,} events, Runut alone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bound", type=float, default=300, help="seconds for one run of one case")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--without-live", action="store_true")
    asked = parser.parse_args()
    limits: dict[str, Any] = {"rounds": asked.rounds, "bound": asked.bound}
    large = [size for size in asked.sizes if size > SMALL] + ([LONG] if asked.long else [])
    tables = core(asked.sizes, **limits)
    budget = memory(large, **limits)
    readers = ("Runut", "pm4py", "r4pm")
    xes = {"made by the generator": pair("xes", readers, str(written_xes()), **limits)}
    if (DATA / "bpic2012.xes.gz").exists():
        real = str(DATA / "bpic2012.xes.gz")
        xes["BPI Challenge 2012"] = pair("xes", readers, real, **limits)
    alignment = {}
    if (DATA / "receipt.xes.gz").exists():
        for model, called in MODELS.items():
            alignment[called] = pair(
                "alignment",
                ("Runut", "pm4py"),
                str(DATA / "receipt.xes.gz"),
                model,
                **limits,
            )
    updates = None if asked.without_live else live(max(asked.sizes))
    page.write(
        asked.out,
        core=tables,
        memory=budget,
        xes=xes,
        alignment=alignment,
        updates=updates,
        rounds=asked.rounds,
        bound=asked.bound,
    )


if __name__ == "__main__":
    main()
