"""Runs competitors in turn, each in a process of its own, and compares what they counted."""

import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """So many rounds at most; `bound` seconds for one run.

    Who has used `enough` seconds gets no further round: two runs of a minute and a half tell it.
    """

    rounds: int = 3
    bound: float = 180
    enough: float = 100


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one run of one case took: seconds of wall and CPU, bytes at the peak, and its counts."""

    wall: float
    cpu: float
    peak: int
    found: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table: seconds (medians), bytes (the most), and times as long as the first.

    `missing` says why there are no figures ("over 180 s"); `over` is then how many seconds at
    least, 0 where it failed.
    """

    name: str
    wall: float = 0
    cpu: float = 0
    peak: int = 0
    ratio: float = 0
    least: float = 0
    most: float = 0
    rounds: int = 0
    note: str = ""
    missing: str = ""
    over: float = 0


@dataclass(frozen=True, kw_only=True)
class Competitor:
    """A name for the page, and the case that `alone.py` runs with its arguments."""

    name: str
    case: Sequence[str]
    note: str = ""


@dataclass(kw_only=True)
class _Score:
    done: list[Taken] = field(default_factory=list)
    used: float = 0
    missing: str = ""
    over: float = 0


def in_turn(competitors: Sequence[Competitor], limits: Limits) -> list[Row]:
    """A row for each competitor, in order; the first one is Runut, or what Runut is held against.

    What is counted must be equal to what the first one counted, name by name; SystemExit where it
    is not. A competitor that fails or overruns is left out of later rounds and says so.
    """
    scores = {one.name: _Score() for one in competitors}
    first = scores[competitors[0].name]
    for turn in range(limits.rounds):
        for one in competitors:
            score = scores[one.name]
            if score.missing or score.used > limits.enough:
                continue
            taken = alone(one.case, bound=limits.bound)
            if isinstance(taken, str):
                score.missing = taken
                score.over = limits.bound if taken.startswith(OVER) else 0
                print(f"  {one.name}: {taken}", flush=True)
                continue
            if first.done:
                _require_equal(one.name, taken, first.done[0])
            score.done.append(taken)
            score.used += taken.wall
            print(
                f"  {turn + 1} {one.name}: {taken.wall:.2f} s, {taken.cpu:.2f} s CPU, "
                f"{taken.peak / 1e6:.0f} MB",
                flush=True,
            )
    return [_row(one, scores[one.name], first) for one in competitors]


def alone(case: Sequence[str], *, bound: float) -> Taken | str:
    """Run a case in its own process; why not, where it fails or needs more than `bound` seconds."""
    command = [sys.executable, "-W", "ignore", str(ROOT / "bench" / "alone.py"), *case]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            # Getting ready and checking are not timed, and are given room of their own.
            timeout=bound + 60,
            check=False,
            cwd=ROOT,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return f"{OVER} {bound:.0f} s"
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr, flush=True)
        named = re.findall(r"^([\w.]*(?:Error|Exception|Exit|Killed))\b", done.stderr, re.MULTILINE)
        return f"failed ({named[-1].rpartition('.')[2] if named else f'exit {done.returncode}'})"
    return Taken(**json.loads(done.stdout.strip().splitlines()[-1]))


def _require_equal(name: str, taken: Taken, ours: Taken) -> None:
    both = taken.found.keys() & ours.found.keys()
    differ = [key for key in sorted(both) if taken.found[key] != ours.found[key]]
    if differ or not both:
        raise SystemExit(f"{name} counts other {', '.join(differ) or 'things'} than the first one")


def _row(one: Competitor, score: _Score, first: _Score) -> Row:
    if score.missing or not score.done:
        why = score.missing or "not measured"
        return Row(name=one.name, note=one.note, missing=why, over=score.over)
    # Round by round, so that what disturbs a round disturbs both sides of its ratio.
    ratios = [a.wall / b.wall for a, b in zip(score.done, first.done, strict=False)] or [0.0]
    return Row(
        name=one.name,
        wall=statistics.median(t.wall for t in score.done),
        cpu=statistics.median(t.cpu for t in score.done),
        peak=max(t.peak for t in score.done),
        ratio=statistics.median(ratios),
        least=min(ratios),
        most=max(ratios),
        rounds=len(score.done),
        note=one.note or str(score.done[0].found.get("note", "")),
    )
