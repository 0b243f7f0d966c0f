"""Measures how well detours are found and priced, and writes docs/evidence.md (`make evidence`).

    python evidence/detours.py [--seeds 100] [--first 9000] [--resume] [--only offices]

Each seed gives three simulated offices (see offices.py), of which all is known; each is judged by
the rules of a process file, by the same procedure as a BPMN drawing, and by what is usual. What was
found of a seed is kept in the cache: `--resume` measures only the seeds that are not there yet.
`--only municipalities` compares BPIC15_1 and BPIC15_2 again, if these logs are there (RUNUT_DATA
names their folder), and takes the offices from the cache; `--only offices` the other way round.
"""

import argparse
import os
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import msgspec
import municipalities
import telling
from measuring import ROOT, Measured, measure
from offices import offices

CACHE = Path(os.environ.get("RUNUT_EVIDENCE") or ROOT / ".cache" / "evidence")
PARTS = ("offices", "municipalities")
FIRST, SEEDS, CASES = 9000, 100, 1000


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured with one seed, in offices of so many cases."""

    seed: int
    cases: int
    offices: list[Measured]


def main() -> None:
    """Measure what is asked for, keep it, and write the page from all that is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=FIRST)
    parser.add_argument("--cases", type=int, default=CASES, help="applications to each office")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    seeds = range(asked.first, asked.first + asked.seeds)
    if asked.only != "municipalities":
        if not asked.resume:
            for path in CACHE.glob("seed-*.json"):
                path.unlink()
        run([seed for seed in seeds if kept(seed, asked.cases) is None], asked)
    if asked.only != "offices":
        municipalities.compare(CACHE / "municipalities.json")
    found = [one for seed in seeds if (one := kept(seed, asked.cases)) is not None]
    telling.write(
        asked.out,
        [one.seed for one in found],
        [office for one in found for office in one.offices],
        cases=asked.cases,
        compared=municipalities.read(CACHE / "municipalities.json"),
    )


def run(seeds: list[int], asked: argparse.Namespace) -> None:
    """Measure these seeds, side by side if so asked, and keep each as soon as it is done."""
    if asked.processes < 2:
        for seed in seeds:
            keep(of_seed(seed, asked.cases))
        return
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        running: list[Future[Kept]] = [pool.submit(of_seed, seed, asked.cases) for seed in seeds]
        for number, done in enumerate(as_completed(running), 1):
            keep(done.result())
            print(f"{datetime.now(UTC):%H:%M} {number} of {len(seeds)}", flush=True)


def of_seed(seed: int, cases: int) -> Kept:
    """What is found in the offices of one seed."""
    return Kept(seed=seed, cases=cases, offices=[measure(one) for one in offices(seed, cases)])


def keep(found: Kept) -> None:
    """Write a finished seed down, whole or not at all."""
    path = CACHE / f"seed-{found.seed}.json"
    path.with_suffix(".part").write_bytes(msgspec.json.encode(found))
    path.with_suffix(".part").rename(path)


def kept(seed: int, cases: int) -> Kept | None:
    """What was measured with a seed, None if it was not, or in offices of another size."""
    path = CACHE / f"seed-{seed}.json"
    if not path.exists():
        return None
    found = msgspec.json.decode(path.read_bytes(), type=Kept)
    return found if found.cases == cases else None


if __name__ == "__main__":
    main()
