"""Whether `runut watch` grows, falls behind or slows down while it runs at full rate.

    python bench/watch_soak.py [--minutes 10] [--rate R] [--warming 2] [--out FILE]

Cases begin 20 seconds apart by their own clock, however fast they are sent: so they end and are let
go as in an office, where it takes weeks (ten minutes are years). Looks at the watch's memory, its
lag and what its commits take every second, and prints by how much memory grew after warming up, the
P99 of the lag, and commits at the beginning and the end.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from watch_found import Soaked
from watch_latency import at
from watch_load import BEGAN, load
from watch_office import Office, figures, office, watched
from watch_probes import Probes

# Closed cases leave after two weeks: sixty thousand come in that time, or more in a run that would
# else pass what lies between `BEGAN` and now.
_STEP = 20.0
_SPAN = 40 * 365 * 86_400.0
_FASTEST = 15_000  # cases a second, with room to spare
_PROBES = 0.5
_FIGURES = {
    "memory": "runut_process_resident_memory_bytes",
    "lag": "runut_lag_events",
    "behind": "runut_oldest_unprocessed_seconds",
    "events": "runut_events_total",
    "spent": "runut_batch_seconds_sum",
    "commits": "runut_batch_seconds_count",
    "rows": "runut_rows_kept",
    "cases": "runut_cases_kept",
    "latest": "runut_latest_event_timestamp_seconds",
}
_LEAST = 30


def main() -> None:
    """Run, look, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, help="events a second; else as fast as it reads")
    parser.add_argument("--warming", type=float, default=2, help="minutes")
    parser.add_argument("--bootstrap", help="a broker that runs already")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, at(asked.bootstrap, Path(temporary)) as broker:
        folder = Path(temporary) / "office"
        folder.mkdir()
        found = soaked(
            office(broker, folder), minutes=asked.minutes, warming=asked.warming, rate=asked.rate
        )
    if asked.out is not None:
        asked.out.write_text(json.dumps(asdict(found)), encoding="utf-8")
    print(told(found))


def soaked(made: Office, *, minutes: float, warming: float, rate: float | None) -> Soaked:
    """Run a watch for so many minutes, and look at it."""
    seen: dict[str, list[float]] = {name: [] for name in ("at", *_FIGURES)}

    def dated() -> datetime:
        latest = seen["latest"][-1] if seen["latest"] else np.nan
        return BEGAN if np.isnan(latest) else datetime.fromtimestamp(latest, UTC)

    step = min(_STEP, _SPAN / (60 * minutes * _FASTEST))
    ended = threading.Event()
    looking = threading.Thread(target=_look, args=(made, seen, ended))
    probes = Probes(made, dated=dated)
    try:
        with watched(made, "--clock", "events"), load(made, rate=rate, step=step):
            looking.start()
            heard = probes.probe(rate=_PROBES, seconds=60 * minutes)
            ended.set()
            looking.join()
    finally:
        ended.set()
        probes.end()
    found = Soaked(
        minutes=minutes, warming=warming, seen=seen, seconds=heard.seconds, lost=heard.lost
    )
    if len(found.after("at")) < _LEAST:
        raise SystemExit("too short to say anything; let it run longer")
    return found


def _look(made: Office, seen: dict[str, list[float]], ended: threading.Event) -> None:
    began = time.monotonic()
    while not ended.wait(1):
        told = figures(made.address)
        if told:
            seen["at"].append(time.monotonic() - began)
            for name, figure in _FIGURES.items():
                seen[name].append(told.get(figure, np.nan))


def told(found: Soaked) -> str:
    """All of it in words."""
    start, growth, error = found.memory
    lag, behind = found.lag
    first, last = found.commits
    rows, cases = found.seen["rows"][-1], found.seen["cases"][-1]
    return "\n".join(
        [
            f"{found.rate:,.0f} events/s, {found.days:.0f} days by the events",
            f"memory {start / 1e6:.0f} MB, {growth / 1e6:+.0f} MB/h, {growth / start:+.1%} an hour",
            f"with a standard error of {error / start:.1%}",
            f"lag P99 {lag:,.0f} events, oldest not judged P99 {behind:.1f} s",
            f"a commit {1000 * first:.0f} ms, in the end {1000 * last:.0f} ms",
            f"kept {rows:,.0f} rows, {cases:,.0f} cases",
            f"{len(found.seconds)} alerts, {found.lost} lost",
        ]
    )


if __name__ == "__main__":
    main()
