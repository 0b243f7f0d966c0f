"""Measures when a watch raises an alert, and writes its part of docs/evidence.md.

    python evidence/watch.py [--first 41000 --seeds 20] [--resume] [--only quiet drift strike]

`quiet` offices have nothing happen in them: how often do rules speak all the same? `drift` looks at
groups to which nothing happens either, for longer. `strike` plants a strike in week 6, sends what
happens hour by hour into a lake, and lets the watch look. What was found is kept in the cache:
`--resume` measures only what is not there yet, `--only` measures some parts and takes the others
from there.
"""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import watch_telling as telling
from watch_drift import Drifted, drifted
from watch_office import SEEDS
from watch_quiet import Quiet, quiet
from watch_strike import Struck, struck

ROOT = Path(__file__).parents[1]
CACHE = Path(os.environ.get("RUNUT_EVIDENCE") or ROOT / ".cache" / "evidence") / "watch"
PARTS: Mapping[str, tuple[Callable[[int], Any], Any]] = {
    "quiet": (quiet, Quiet),
    "drift": (drifted, Drifted),
    "strike": (struck, Struck),
}


def main() -> None:
    """Measure what is asked for, keep it, and write the part of the page from all that is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first", type=int, help="the first seed, if not that of each part")
    parser.add_argument("--seeds", type=int, default=20, help="how many, from the first on")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    seeds = SEEDS
    if asked.first is not None:
        seeds = dict.fromkeys(PARTS, range(asked.first, asked.first + asked.seeds))
    for part in asked.only:
        if not asked.resume:
            for seed in seeds[part]:
                path(part, seed).unlink(missing_ok=True)
        missing = [seed for seed in seeds[part] if not path(part, seed).exists()]
        run(part, missing, asked.processes)
    found = {part: kept(part, seeds[part]) for part in PARTS}
    telling.write(asked.out, quiet=found["quiet"], drifted=found["drift"], struck=found["strike"])


def path(part: str, seed: int) -> Path:
    """Where a finding is kept."""
    return CACHE / f"{part}-{seed}.json"


def kept(part: str, seeds: Sequence[int]) -> list[Any]:
    """What was found with those of the seeds that were measured."""
    there = (path(part, seed) for seed in seeds)
    shape = PARTS[part][1]
    return [msgspec.json.decode(one.read_bytes(), type=shape) for one in there if one.exists()]


def run(part: str, seeds: Sequence[int], processes: int) -> None:
    """Measure these seeds, side by side if so asked; each is kept as soon as it is done."""
    if processes < 2:
        for seed in seeds:
            keep(part, seed)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(keep, part, seed): seed for seed in seeds}
        for number, done in enumerate(as_completed(running), 1):
            done.result()
            print(f"{datetime.now(UTC):%H:%M} {part} {number} of {len(seeds)}", flush=True)


def keep(part: str, seed: int) -> None:
    """Measure with one seed and write it down, whole or not at all."""
    found = msgspec.json.encode(PARTS[part][0](seed))
    path(part, seed).with_suffix(".part").write_bytes(found)
    path(part, seed).with_suffix(".part").rename(path(part, seed))


if __name__ == "__main__":
    main()
