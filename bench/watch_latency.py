"""How long it takes from a produced event to the alert that it causes, on the topic of alerts.

    python bench/watch_latency.py [--rates 2000,20000] [--seconds 120] [--commits 14400] [--out DIR]

Starts Apache Kafka and `runut watch` on a lake that has had an hour's worth of commits already,
sends events at each rate, lets a desk's queue grow too long every second, and prints quantiles.
Writes watch-latency.json and a plot.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from streams import broker
from watch_office import filled, office, produce, watched

_WARMING = 20
_GOALS = {2_000: 2.0}
_FULL = 5.0


def main() -> None:
    """Measure at each rate, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", default="2000,20000")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--commits", type=int, default=14_400)
    parser.add_argument("--out", type=Path, default=Path())
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    found = {}
    with tempfile.TemporaryDirectory() as temporary, broker(Path(temporary)) as bootstrap:
        for rate in map(int, asked.rates.split(",")):
            found[rate] = measured(
                bootstrap, Path(temporary), rate=rate, seconds=asked.seconds, commits=asked.commits
            )
    (asked.out / "watch-latency.json").write_text(json.dumps(found), encoding="utf-8")
    plot(asked.out / "watch-latency.svg", found)


def measured(
    bootstrap: str, temporary: Path, *, rate: int, seconds: float, commits: int
) -> list[float]:
    """Seconds of each alert at one rate, after warming up."""
    folder = temporary / f"office-{rate}"
    folder.mkdir()
    made = office(bootstrap, folder)
    filled(made, commits)
    with watched(made) as process:
        produce(made, rate=rate, seconds=_WARMING, probes=1)
        before = process.cpu_times()
        heard = produce(made, rate=rate, seconds=seconds, probes=1)
        after = process.cpu_times()
    took = [spent for _, spent in heard.seconds]
    cpu = (after.user + after.system - before.user - before.system) / seconds
    if not took:
        raise SystemExit(f"no alert came; {(folder / 'watch.log').read_text('utf-8')[-2000:]}")
    p50, p99 = np.percentile(took, [50, 99])
    goal = _GOALS.get(rate, _FULL)
    print(
        f"{rate:,} events/s: {len(took)} alerts, P50 {p50:.2f} s, P99 {p99:.2f} s, "
        f"most {max(took):.2f} s (goal {goal:g} s), {cpu:.2f} cores",
        flush=True,
    )
    return took


def plot(path: Path, found: dict[int, list[float]]) -> None:
    """The share of alerts that came within so many seconds, a line for each rate."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.5))
    for rate, took in found.items():
        share = np.arange(1, len(took) + 1) / len(took)
        axes.step(np.sort(took), share, where="post", label=f"{rate:,} events/s")
    axes.set_xlabel("seconds from the event to the alert")
    axes.set_ylabel("share of alerts")
    axes.set_ylim(0, 1)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    main()
