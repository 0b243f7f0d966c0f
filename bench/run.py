"""Measures Runut beside its peers and writes docs/benchmarks.md with a plot (`make bench`).

    python bench/run.py [--long] [--only core xes …] [--resume] [--rounds 3] [--soak 10]

Every case runs in a process of its own, competitors in turn (A B C A B C), and what they counted is
compared before a time is printed; one that disagrees stops the run, one that fails or overruns is
told of in the page. `--long` adds 50 million events, for Runut alone. Each finished part is kept in
the cache: `--only` measures some again and takes the others from there, `--resume` measures those
that are not there yet.
"""

import argparse
import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the broker of the tests
import page
from pages_found import visited
from sections import LONG, Part, Update, parts
from stock import CACHE, ROOT, SMALL
from turns import Limits, Row
from watch_found import Paced, Soaked

KEPT = CACHE / "parts"


def main() -> None:
    """Measure what is asked for, keep it, and write the page from all that is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[SMALL, 1_000_000, 10_000_000])
    parser.add_argument("--long", action="store_true", help=f"also {LONG:,} events, Runut alone")
    parser.add_argument("--rounds", type=int, default=Limits.rounds)
    parser.add_argument(
        "--bound", type=float, default=Limits.bound, help="seconds for one run of one competitor"
    )
    parser.add_argument(
        "--soak", type=float, default=10, metavar="MINUTES", help="for how long a watch is soaked"
    )
    parser.add_argument(
        "--crowd",
        type=float,
        default=30,
        metavar="SECONDS",
        help="for how long crowds read pages",
    )
    parser.add_argument("--only", nargs="+", metavar="PART", help="e.g. core, memory-50000000, xes")
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args()
    limits = Limits(rounds=asked.rounds, bound=asked.bound)
    wanted = parts(asked.sizes, long=asked.long, soak=asked.soak, crowd=asked.crowd)
    chosen = [
        name
        for name in wanted
        if asked.only is None or any(f"{name}-".startswith(f"{one}-") for one in asked.only)
    ]
    if not chosen:
        parser.error(f"--only names none of {', '.join(wanted)}")
    if asked.only is None and not asked.resume:
        for path in KEPT.glob("*.json"):
            path.unlink()
    known = kept()
    for name in chosen:
        if asked.resume and name in known:
            continue
        print(f"{datetime.now(UTC):%H:%M} {name}", flush=True)
        known[name] = wanted[name](limits, known)
        keep(known[name])
    page.write(asked.out, known, limits)


def keep(part: Part) -> None:
    """Write a finished part down, whole or not at all."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{part.name}.json"
    path.with_suffix(".part").write_text(json.dumps(dataclasses.asdict(part)), encoding="utf-8")
    path.with_suffix(".part").rename(path)


def kept() -> dict[str, Part]:
    """All parts that were finished, by name."""
    found = (read(json.loads(path.read_text("utf-8"))) for path in sorted(KEPT.glob("*.json")))
    return {part.name: part for part in found}


def read(content: dict[str, Any]) -> Part:
    """A part as `keep` wrote it."""
    tables = {title: [Row(**row) for row in rows] for title, rows in content["tables"].items()}
    updates = tuple(Update(**update) for update in content["updates"])
    # Parts that were kept before there was a watch, or there were pages, have none.
    paced = tuple(Paced(**one) for one in content.get("paced", ()))
    soaked = content.get("soaked")
    pages = content.get("visited")
    told = {
        "paced": paced,
        "soaked": None if soaked is None else Soaked(**soaked),
        "visited": None if pages is None else visited(pages),
    }
    return Part(**{**content, "tables": tables, "updates": updates, **told})


if __name__ == "__main__":
    main()
