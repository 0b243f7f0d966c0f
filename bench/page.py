"""Writes what was measured as docs/benchmarks.md, with a plot of the core pass."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PEERS = ("pm4py", "r4pm", "polars", "duckdb", "numba", "pyarrow", "deltalake")

_READERS = (
    "File to table. pm4py stands for its own default reader; where r4pm is installed with Polars, "
    "it takes that (times without an offset become UTC, unreadable dates become nothing)"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table: seconds (medians), bytes (the most), and times as long as the first."""

    name: str
    wall: float
    cpu: float
    peak: int
    ratio: float
    least: float
    most: float
    note: str = ""


def write(
    folder: Path,
    *,
    core: Mapping[int, Sequence[Row]],
    memory: Mapping[int, Sequence[Row]],
    xes: Mapping[str, Sequence[Row]],
    alignment: Mapping[str, Sequence[Row]],
    updates: str | None,
    rounds: int,
    bound: float,
) -> None:
    """Write benchmarks.md and images/benchmarks.svg into `folder`."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    plot(folder / "images" / "benchmarks.svg", core)
    parts = [_opening(rounds, bound), _core(core), _growth(core, memory), _memory(memory)]
    parts.append(_pairs("XES import", _READERS, xes))
    if alignment:
        parts.append(
            _pairs("Alignment", "Every variant of the receipt log, equal costs", alignment)
        )
    if updates:
        parts.append(f"## Updates while events come in\n\n```text\n{updates}\n```\n")
    parts.append(_missing(alignment, updates))
    page = folder / "benchmarks.md"
    page.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    print(f"written: {page}")


def _opening(rounds: int, bound: float) -> str:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    used = ", ".join(f"{name} {version(name)}" for name in PEERS)
    return f"""# Benchmarks

Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {gigabytes:.0f} GB
of memory, {platform.system()}, Python {platform.python_version()}; {used}. The logs are made by
`bench/generate.py` (seeded; 40 activities, 20,000 variants by Zipf's law, one event in ten at the
same time as the one before).

Every case runs in a process of its own, after a run over a small log that pays for imports and
compiling. Engines take turns ({rounds} rounds); times are medians, a ratio is taken within a round
and given as median (least to most), memory is the most that a process ever held, libraries
included. Before a time is told, what was counted was compared: edges, cases by variant, starts and
ends are the same for all. Who needs more than {bound:.0f} s is left out, and of larger sizes too.
"""


def _core(tables: Mapping[int, Sequence[Row]]) -> str:
    lines = [
        "## The core pass",
        "",
        "From the lake's files to the map with quantiles, variants, rework, starts, ends, handover",
        "and durations.",
        "",
        "![Seconds by number of events, both axes logarithmic](images/benchmarks.svg)",
        "",
    ]
    for size, rows in tables.items():
        lines += [f"**{size:,} events**", "", *_table(rows, "times Runut's time"), ""]
    largest = tables[max(tables)]
    lines += ["What each is spared:", "", *(f"- {r.name}: {r.note}" for r in largest), ""]
    return "\n".join(lines)


def _growth(core: Mapping[int, Sequence[Row]], memory: Mapping[int, Sequence[Row]]) -> str:
    wall = {size: rows[0].wall for size, rows in core.items()}
    wall |= {size: rows[0].wall for size, rows in memory.items() if rows and size not in wall}
    each = {size: seconds / size * 1e9 for size, seconds in wall.items()}
    lines = [
        "## Growth",
        "",
        "| events | seconds | nanoseconds an event |",
        "| ---: | ---: | ---: |",
    ]
    lines += [f"| {size:,} | {wall[size]:.2f} | {each[size]:.0f} |" for size in sorted(wall)]
    return "\n".join([*lines, ""])


def _memory(tables: Mapping[int, Sequence[Row]]) -> str:
    lines = ["## Under a memory budget", "", "Runut's core pass in slices of whole cases.", ""]
    for size, rows in tables.items():
        lines += [f"**{size:,} events**", "", *_table(rows, "times as long", notes=True), ""]
    return "\n".join(lines)


def _pairs(title: str, what: str, tables: Mapping[str, Sequence[Row]]) -> str:
    lines = [f"## {title}", "", f"{what}.", ""]
    for name, rows in tables.items():
        lines += [f"**{name}**", "", *_table(rows, "times Runut's time"), ""]
    return "\n".join(lines)


def _missing(alignment: Mapping[str, Sequence[Row]], updates: str | None) -> str:
    said = []
    if not alignment:
        said.append("alignment (the receipt log is not here; RUNUT_DATA names its folder)")
    if updates is None:
        said.append("updates (bench/live.py)")
    return f"Not measured in this run: {'; '.join(said)}.\n" if said else ""


def _table(rows: Sequence[Row], ratio: str, *, notes: bool = False) -> list[str]:
    more = (" |  |", " --- |") if notes else (" |", " |")
    lines = [
        f"|  | seconds | CPU seconds | memory, MB | {ratio}{more[0]}",
        f"| --- | ---: | ---: | ---: | ---:{' | --- |' if notes else ' |'}",
    ]
    for number, row in enumerate(rows):
        times = f"{row.ratio:.1f} ({row.least:.1f} to {row.most:.1f})" if number else "1"
        lines.append(
            f"| {row.name} | {row.wall:.2f} | {row.cpu:.2f} | {row.peak / 1e6:.0f} | {times} |"
            + (f" {row.note} |" if notes else "")
        )
    return lines


def plot(path: Path, core: Mapping[int, Sequence[Row]]) -> None:
    """Seconds by size for every engine; the same numbers give the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "runut", "svg.fonttype": "none", "font.size": 11})
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    names = list(dict.fromkeys(row.name for rows in core.values() for row in rows))
    for name, marker in zip(names, "osD^v", strict=False):
        points = [(size, r.wall) for size, rows in core.items() for r in rows if r.name == name]
        axes.plot(*zip(*points, strict=True), marker=marker, label=name)
    axes.set(xscale="log", yscale="log", xlabel="events", ylabel="seconds")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
