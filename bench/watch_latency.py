"""How long it takes from a produced event to the alert that it causes, on the topic of alerts.

    python bench/watch_latency.py [--paces 2000 full] [--seconds 110] [--commits 12000] [--out FILE]

Starts Apache Kafka and `runut watch` on a lake that has had an hour's worth of commits, sends
events at each pace (`full`: as fast as the watch reads them), lets a desk's queue grow too long
twice a second, and prints quantiles and where the time goes. Writes what it found as JSON.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from streams import broker
from watch_found import FULL, Paced
from watch_load import load
from watch_office import Office, figures, office, watched
from watch_past import COMMITS, past
from watch_probes import Probes

_WARMING = 30.0
_PROBES = 2.0


def main() -> None:
    """Measure at each pace, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paces", nargs="+", default=["2000", FULL])
    parser.add_argument("--seconds", type=float, default=110)
    parser.add_argument("--commits", type=int, default=COMMITS)
    parser.add_argument("--bootstrap", help="a broker that runs already")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = []
    with (
        tempfile.TemporaryDirectory() as temporary,
        at(asked.bootstrap, Path(temporary)) as address,
    ):
        for pace in asked.paces:
            folder = Path(temporary) / f"office-{pace}"
            folder.mkdir()
            made = office(address, folder)
            past(asked.commits, made.lake)
            found.append(measured(made, pace, seconds=asked.seconds, before=asked.commits))
            print(told(found[-1]), flush=True)
    if asked.out is not None:
        asked.out.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")


def measured(made: Office, pace: str, *, seconds: float, before: int) -> Paced:
    """Alerts at one pace, after warming up, on a lake that had so many commits before."""
    rate = None if pace == FULL else float(pace)
    probes = Probes(made)
    try:
        with watched(made), load(made, rate=rate):
            probes.probe(rate=_PROBES, seconds=_WARMING)
            first, began = figures(made.address), time.monotonic()
            heard = probes.probe(rate=_PROBES, seconds=seconds)
            last, ended = figures(made.address), time.monotonic()
    finally:
        probes.end()
    if not heard.seconds:
        raise SystemExit(f"no alert came: {(made.folder / 'watch.log').read_text('utf-8')[-2000:]}")
    spent = _Spent(before=first, after=last, seconds=ended - began)
    return Paced(
        pace=pace,
        before=before,
        rate=spent.a_second("runut_events_total"),
        seconds=heard.seconds,
        lost=heard.lost,
        cores=spent.a_second("runut_process_cpu_seconds_total"),
        batch=spent.mean("runut_batch_seconds"),
        follow=spent.mean("runut_follow_seconds"),
        evaluate=spent.mean("runut_evaluate_seconds"),
        commits=spent.a_second("runut_batch_seconds_count"),
        evaluations=spent.a_second("runut_evaluate_seconds_count"),
        memory=last["runut_process_resident_memory_bytes"],
    )


@dataclass(frozen=True, kw_only=True)
class _Spent:
    """Two looks at the figures of a watch, `seconds` apart."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    seconds: float

    def more(self, name: str) -> float:
        return self.after.get(name, 0.0) - self.before.get(name, 0.0)

    def a_second(self, name: str) -> float:
        return self.more(name) / self.seconds

    def mean(self, name: str) -> float:
        """Milliseconds of one."""
        return 1000 * self.more(f"{name}_sum") / max(self.more(f"{name}_count"), 1)


def told(found: Paced) -> str:
    """All of it in words."""
    p50, p95, p99, most = found.quantiles
    return (
        f"{found.pace}: {found.rate:,.0f} events/s, {len(found.seconds)} alerts, {found.lost} lost;"
        f" P50 {p50:.2f} s, P95 {p95:.2f} s, P99 {p99:.2f} s, most {most:.2f} s; "
        f"{found.cores:.2f} cores, {found.memory / 1e6:.0f} MB; "
        f"{found.commits:.1f} commits/s of {found.batch:.0f} ms, {found.evaluations:.1f} "
        f"evaluations/s: follow {found.follow:.0f} ms, judge {found.evaluate:.0f} ms"
    )


@contextmanager
def at(bootstrap: str | None, folder: Path) -> Iterator[str]:
    """The broker that runs already, or one of our own."""
    if bootstrap is not None:
        yield bootstrap
        return
    with broker(folder) as address:
        yield address


if __name__ == "__main__":
    main()
