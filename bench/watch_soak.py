"""Whether `runut watch` grows, falls behind or slows down while it runs at full rate.

    python bench/watch_soak.py [--minutes 10] [--rate 20000] [--warming 2] [--out DIR]

Looks at the watch's memory, its lag and what its commits take every second, and prints how much
memory grew (a straight line after warming up), the P99 of the lag, and commits at the beginning
and the end.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from streams import broker
from watch_office import Office, figure, office, produce, watched

_FIGURES = ("runut_lag_events", "runut_batch_seconds_sum", "runut_batch_seconds_count")


def main() -> None:
    """Run, look, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=20_000)
    parser.add_argument("--warming", type=float, default=2)
    parser.add_argument("--out", type=Path, default=Path())
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, broker(Path(temporary)) as bootstrap:
        folder = Path(temporary) / "office"
        folder.mkdir()
        made = office(bootstrap, folder)
        with watched(made) as process:
            seen: list[tuple[float, ...]] = []
            ended = threading.Event()
            looking = threading.Thread(target=_look, args=(made, process, seen, ended))
            looking.start()
            produce(made, rate=asked.rate, seconds=asked.minutes * 60, probes=1)
            ended.set()
            looking.join()
    (asked.out / "watch-soak.json").write_text(json.dumps(seen), encoding="utf-8")
    tell(np.array(seen), warming=asked.warming * 60)
    plot(asked.out / "watch-soak.svg", np.array(seen))


def _look(
    made: Office, process: psutil.Process, seen: list[tuple[float, ...]], ended: threading.Event
) -> None:
    """Every second: time since the start, bytes of memory, lag, seconds and number of commits."""
    began = time.monotonic()
    while not ended.wait(1):
        told = [figure(made, name) for name in _FIGURES]
        figures = [np.nan if one is None else one for one in told]
        seen.append((time.monotonic() - began, process.memory_info().rss, *figures))


def tell(seen: np.ndarray, *, warming: float) -> None:
    """Print the slope of memory, the lag and the drift of commits."""
    after = seen[seen[:, 0] >= warming]
    if len(after) < 30:
        raise SystemExit("too short to say anything; let it run longer")
    slope, level = np.polyfit(after[:, 0] / 3600, after[:, 1] / 1e6, 1)
    start = level + slope * after[0, 0] / 3600
    print(f"memory: {start:.0f} MB, {slope:+.0f} MB/h, {slope / start:+.1%} an hour")
    print(f"lag: P99 {np.nanpercentile(after[:, 2], 99):,.0f} events")
    third = len(after) // 3
    for words, part in (("first", after[:third]), ("last", after[-third:])):
        spent, commits = part[-1, 3:5] - part[0, 3:5]
        print(f"{words} third: {1000 * spent / max(commits, 1):.1f} ms a commit, {commits:.0f}")


def plot(path: Path, seen: np.ndarray) -> None:
    """Memory and lag over time."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    drawn, (memory, lag) = plt.subplots(2, 1, figsize=(7, 4.5), sharex=True)
    memory.plot(seen[:, 0] / 60, seen[:, 1] / 1e6)
    memory.set_ylabel("memory, MB")
    memory.set_ylim(bottom=0)
    lag.plot(seen[:, 0] / 60, seen[:, 2])
    lag.set_ylabel("events not read yet")
    lag.set_xlabel("minutes")
    drawn.tight_layout()
    drawn.savefig(path)


if __name__ == "__main__":
    main()
