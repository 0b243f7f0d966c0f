"""Writes what was measured as docs/benchmarks.md, with plots."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pages_page
import watch_page
from sections import LONG, MEMORY, Part
from streams import PARTITIONS
from targets import Verdict, verdicts
from turns import Limits, Row

PEERS = (
    "pm4py", "r4pm", "polars", "duckdb", "numba", "pyarrow", "deltalake", "msgspec",
    "kafka-python", "confluent-kafka", "starlette", "uvicorn",
)  # fmt: skip
_READERS = (
    "File to table. pm4py is held to its own default reader, `iterparse`: where r4pm is installed "
    "together with Polars it takes that instead (times without an offset become UTC, unreadable "
    "dates become nothing), which is the line r4pm"
)


def write(folder: Path, parts: Mapping[str, Part], limits: Limits) -> None:
    """Write benchmarks.md and images/benchmarks*.svg into `folder`."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    core = _of("core", parts)
    memory = _of("memory", parts)
    sections = [_opening(limits, parts), _promises(verdicts(parts))]
    if core:
        plot(folder / "images" / "benchmarks.svg", core)
        sections.append(_core(core))
    if memory:
        plot_growth(folder / "images" / "benchmarks-growth.svg", memory)
        sections += [_growth(memory), _memory(memory)]
    sections += [_live(part) for name, part in parts.items() if name.startswith("live-")]
    sections += [_treatment(p) for name, p in parts.items() if name.startswith("treatment-")]
    if "kafka" in parts:
        sections.append(_kafka(parts["kafka"]))
    sections += watch_page.sections(parts, folder / "images")
    sections += pages_page.sections(parts, folder / "images")
    if "xes" in parts:
        sections.append(_pairs("XES import", _READERS, parts["xes"].tables))
    if "alignment" in parts:
        said = (
            "Every variant of the receipt log, equal deviations. Runut's time includes exploring "
            "the situations of the model, which `runut mine` does once for each procedure"
        )
        sections.append(_pairs("Alignment", said, parts["alignment"].tables))
    sections.append(Path(__file__).with_name("limits.md").read_text(encoding="utf-8"))
    missing = [f"{part.name} ({part.why})" for part in parts.values() if part.why]
    if missing:
        sections.append(f"Not measured: {'; '.join(missing)}.\n")
    page = folder / "benchmarks.md"
    page.write_text("\n".join(part for part in sections if part), encoding="utf-8")
    print(f"written: {page}")


def _of(kind: str, parts: Mapping[str, Part]) -> dict[int, Sequence[Row]]:
    """The rows of all sizes of a kind of part, the smallest first."""
    found = {p.size: p.tables[kind] for p in parts.values() if p.name.startswith(f"{kind}-")}
    return dict(sorted(found.items()))


def _opening(limits: Limits, parts: Mapping[str, Part]) -> str:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    fewer = {
        f", {part.name} {most}"
        for part in parts.values()
        if (most := max((row.rounds for rows in part.tables.values() for row in rows), default=0))
        and most < limits.rounds
    }
    used = ", ".join(filter(None, map(_named, PEERS)))
    return f"""# Benchmarks

Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {gigabytes:.0f} GB
of memory, {platform.system()}, Python {platform.python_version()}; {used}. The logs are made by
`bench/generate.py` (seeded; 40 activities, 20,000 variants by Zipf's law, one event in ten at the
same time as the one before).

Every case runs in a process of its own, after a run over a small log that pays for imports and
compiling. Competitors take turns ({limits.rounds} rounds{"".join(sorted(fewer))}; who has used
{limits.enough:.0f} s gets no further round); times are medians, a ratio is taken within a round
and given as median (least to most), memory is the most that a process ever held,
libraries included. Before a time is told, what was counted was compared: edges, cases by variant,
starts and ends are the same for all. Who needs
more than {limits.bound:.0f} s for one run, or fails, has no figures but a word that says so, and is
not asked for larger sizes.
"""


def _named(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:  # a part of the suite can do without
        return ""


def _promises(said: Sequence[Verdict]) -> str:
    lines = ["## Promised and measured", "", "| what | target | measured |  |"]
    lines += ["| --- | --- | ---: | --- |"]
    lines += [f"| {v.what} | {v.target} | {v.measured} | {v.word} |" for v in said]
    if any(v.met is None and f"{LONG:,}" in v.what for v in said):
        lines += ["", f"{LONG:,} events are measured by `make bench ARGS=--long`."]
    return "\n".join([*lines, ""])


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
    spared = {row.name: row.note for rows in tables.values() for row in rows}
    lines += ["What each is spared:", "", *(f"- {name}: {note}" for name, note in spared.items())]
    return "\n".join([*lines, ""])


def _growth(tables: Mapping[int, Sequence[Row]]) -> str:
    lines = [
        "## Growth",
        "",
        "The core pass of Runut alone, time per event by number of events.",
        "",
        "![Nanoseconds an event by number of events](images/benchmarks-growth.svg)",
        "",
        f"| events | seconds | ns an event | with `--memory {MEMORY}` | ns an event |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for size, rows in tables.items():
        told = [
            f"{row.wall:.2f} | {row.wall / size * 1e9:.0f}" if row.rounds else f"{row.missing} |"
            for row in rows
        ]
        lines.append(f"| {size:,} | {' | '.join(told)} |")
    return "\n".join([*lines, ""])


def _memory(tables: Mapping[int, Sequence[Row]]) -> str:
    lines = ["## Under a memory budget", "", "Runut's core pass in slices of whole cases.", ""]
    for size, rows in tables.items():
        lines += [f"**{size:,} events**", "", *_table(rows, "times as long", notes=True), ""]
    return "\n".join(lines)


def _live(part: Part) -> str:
    if not part.updates:
        return ""
    lines = [
        "## Updates while events come in",
        "",
        f"10,000 new messages on {part.size:,} stored events, from their bytes to refreshed",
        "measures, commit included; milliseconds. Equal to a batch over everything in the end.",
        "",
        "| messages | updates | median | 95th percentile | CPU, median | CPU, 95th |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {u.name} | {u.updates} | {u.p50} | {u.p95} | {u.cpu} | {u.cpu95} |"
        for u in part.updates
    ]
    return "\n".join([*lines, "", *(f"    {line}" for line in part.said.splitlines()), ""])


def _treatment(part: Part) -> str:
    lines = [
        "## Equal treatment",
        "",
        f"{part.size:,} permit applications, made by `bench/permits.py`: ten groups, four",
        "districts, repeat applicants, fees, sixty officers. Equity, favouritism and fees, from",
        "the lake to the results; the peers answer no such question.",
        "",
        *_table(part.tables["treatment"], "times as long", notes=True),
        "",
    ]
    return "\n".join(lines)


def _kafka(part: Part) -> str:
    if not part.tables:
        return ""
    lines = [
        "## Ingest from Kafka",
        "",
        f"{part.size:,} events of about 200 bytes in {PARTITIONS} partitions of Apache Kafka on",
        "the same machine. The bare client joins a group, reads all and decodes each message with",
        "msgspec; Runut does that, checks, makes keys and commits to a lake. All events are in",
        "the lake, each once.",
        "",
    ]
    for client, rows in part.tables.items():
        first = rows[0]
        lines += [
            f"**{client}**",
            "",
            "|  | seconds | CPU seconds | memory, MB | events a second | of the bare rate |  |",
            "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
        ]
        for row in rows:
            if not row.rounds:
                lines.append(f"| {row.name} | {row.missing} |  |  |  |  |  |")
                continue
            share = "100 %"
            if row is not first and row.ratio:
                low, high = 100 / row.most, 100 / row.least
                share = f"{100 / row.ratio:.0f} % ({low:.0f} to {high:.0f})"
            lines.append(
                f"| {row.name} | {row.wall:.2f} | {row.cpu:.2f} | {row.peak / 1e6:.0f} | "
                f"{part.size / row.wall:,.0f} | {share} | {row.note} |"
            )
        lines.append("")
    return "\n".join(lines)


def _pairs(title: str, what: str, tables: Mapping[str, Sequence[Row]]) -> str:
    if not tables:
        return ""
    lines = [f"## {title}", "", f"{what}.", ""]
    for name, rows in tables.items():
        lines += [f"**{name}**", "", *_table(rows, "times Runut's time"), ""]
    return "\n".join(lines)


def _table(rows: Sequence[Row], ratio: str, *, notes: bool = False) -> list[str]:
    end = (" |  |", " | --- |") if notes else (" |", " |")
    lines = [
        f"|  | seconds | CPU seconds | memory, MB | {ratio}{end[0]}",
        f"| --- | ---: | ---: | ---: | ---:{end[1]}",
    ]
    for number, row in enumerate(rows):
        note = f" {row.note} |" if notes else ""
        if not row.rounds:
            lines.append(f"| {row.name} | {row.missing} |  |  |  |{note}")
            continue
        times = f"{row.ratio:.1f} ({row.least:.1f} to {row.most:.1f})" if number else "1"
        spent = f"{_seconds(row.wall)} | {_seconds(row.cpu)} | {row.peak / 1e6:.0f}"
        lines.append(f"| {row.name} | {spent} | {times} |{note}")
    return lines


def _seconds(taken: float) -> str:
    return f"{taken:.2f}" if taken >= 0.1 else f"{taken:.3f}"


def plot(path: Path, core: Mapping[int, Sequence[Row]]) -> None:
    """Seconds by size for every engine; the same numbers give the same bytes."""
    lines = {
        name: [(size, r.wall) for size, rows in core.items() for r in rows if r.name == name]
        for name in dict.fromkeys(row.name for rows in core.values() for row in rows if row.rounds)
    }
    _drawn(path, lines, "seconds", scale="log")


def plot_growth(path: Path, memory: Mapping[int, Sequence[Row]]) -> None:
    """Nanoseconds an event by size, without and with a budget."""
    lines = {
        name: [
            (size, r.wall / size * 1e9)
            for size, rows in memory.items()
            for r in rows
            if r.name == name and r.rounds
        ]
        for name in dict.fromkeys(row.name for rows in memory.values() for row in rows)
    }
    _drawn(path, lines, "nanoseconds an event", scale="linear")


def _drawn(
    path: Path, lines: Mapping[str, Sequence[tuple[int, float]]], label: str, *, scale: str
) -> None:
    import matplotlib.pyplot as plt

    watch_page.house_style()
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for (name, points), marker in zip(lines.items(), "osD^vPX", strict=False):
        measured = [point for point in points if point[1] > 0]
        if measured:
            axes.plot(*zip(*measured, strict=True), marker=marker, label=name)
    axes.set(xscale="log", yscale=scale, xlabel="events", ylabel=label)
    if scale == "linear":
        axes.set_ylim(bottom=0)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
