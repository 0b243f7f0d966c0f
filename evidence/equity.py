"""Measures how fairly unequal treatment is judged, and writes its part of docs/evidence.md.

    python evidence/equity.py [--first 20000] [--first-office 30000] [--worlds 2000] [--offices 200]
                              [--shuffles 1000] [--resume] [--only worlds offices logs]

`worlds` are drawn from chance (see equity_worlds.py), thousands of them, for each test by itself;
`offices` are simulated day by day and mined as `runut mine` would; `logs` are the published hiring
and lending logs, if they are there (RUNUT_DATA names their folder). What was found is kept in the
cache in small pieces: `--resume` measures only what is not there yet, `--only` measures some parts
and takes the others from there.
"""

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import equity_plan as plan
import equity_telling as telling
import msgspec
from equity_logs import Judgement, Shuffled
from equity_offices import Mined
from equity_plan import Piece

ROOT = Path(__file__).parents[1]
CACHE = Path(os.environ.get("RUNUT_EVIDENCE") or ROOT / ".cache" / "evidence") / "equity"
PARTS = ("worlds", "offices", "logs")
WORLDS, OFFICES, SHUFFLES = 2000, 200, 1000


def main() -> None:
    """Measure what is asked for, keep it, and write the part of the page from all that is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first", type=int, default=plan.FIRST, help="the first seed")
    parser.add_argument(
        "--first-office", type=int, default=plan.FIRST_OFFICE, help="the first seed of offices"
    )
    parser.add_argument("--worlds", type=int, default=WORLDS, help="without any treatment")
    parser.add_argument("--offices", type=int, default=OFFICES, help="without any treatment")
    parser.add_argument("--shuffles", type=int, default=SHUFFLES, help="of each published log")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="keep what was measured before")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    pieces = {
        "worlds": list(plan.worlds(asked.first, asked.worlds)),
        "offices": list(plan.offices(asked.first_office, asked.offices)),
        "logs": list(plan.logs(asked.first, asked.shuffles)),
    }
    for part in asked.only:
        if not asked.resume:
            for one in pieces[part]:
                path(one).unlink(missing_ok=True)
        run([one for one in pieces[part] if not path(one).exists()], asked.processes)
    telling.write(
        asked.out,
        blocks=kept(pieces["worlds"], plan.Block),
        offices=kept(pieces["offices"], Mined),
        logs=kept(pieces["logs"], Judgement | Shuffled),
    )


def kept(pieces: Sequence[Piece], shape: Any) -> list[Any]:
    """What was found by those of the pieces that were measured."""
    there = (path(one) for one in pieces)
    return [msgspec.json.decode(one.read_bytes(), type=shape) for one in there if one.exists()]


def path(piece: Piece) -> Path:
    """Where a piece is kept."""
    return CACHE / f"{piece.name}.json"


def run(pieces: Sequence[Piece], processes: int) -> None:
    """Measure these pieces, side by side if so asked; each is kept as soon as it is done."""
    if processes < 2:
        for piece in pieces:
            keep(piece)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(keep, piece): piece.name for piece in pieces}
        for number, done in enumerate(as_completed(running), 1):
            done.result()
            print(
                f"{datetime.now(UTC):%H:%M} {number} of {len(pieces)}: {running[done]}", flush=True
            )


def keep(piece: Piece) -> None:
    """Measure a piece and write it down, whole or not at all."""
    found = msgspec.json.encode(piece.work(*piece.arguments))
    path(piece).with_suffix(".part").write_bytes(found)
    path(piece).with_suffix(".part").rename(path(piece))


if __name__ == "__main__":
    main()
