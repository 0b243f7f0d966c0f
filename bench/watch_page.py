"""The parts of docs/benchmarks.md about `runut watch`, with plots of latency and of the soak."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sections import Part
from watch_found import FULL, Paced, Soaked
from watch_load import AHEAD, OPEN
from watch_office import PARTITIONS

_LATENCY, _SOAK = "benchmarks-watch.svg", "benchmarks-soak.svg"


def sections(parts: Mapping[str, Part], images: Path) -> list[str]:
    """What was measured of a watch, each with its plot in `images`; nothing of what was not."""
    told = []
    if (watch := parts.get("watch")) and watch.paced:
        plot_latency(images / _LATENCY, watch.paced)
        told.append(_latency(watch.paced))
    if (soak := parts.get("soak")) and soak.soaked:
        plot_soak(images / _SOAK, soak.soaked)
        told.append(_soak(soak.soaked))
    return told


def _latency(paced: Sequence[Paced]) -> str:
    lines = [
        "## From an event to its alert",
        "",
        "`runut watch` reads a topic of Apache Kafka on the same machine (kafka-python,",
        f"{PARTITIONS} partitions), on a lake that has had {paced[0].before:,} commits, with",
        f"{OPEN:,} open cases and seven rules of what is there now.",
        "Twice a second two applications come to a desk where none waits; the clock runs from",
        "producing the second one until another consumer has the alert from the topic of alerts.",
        f"At the full rate {AHEAD:,} events are always sent and not committed, so that the reader",
        "never waits: events come as fast as they are read, by a reader that shares two cores with",
        "the broker and the producer.",
        "",
        f"![Share of alerts by seconds](images/{_LATENCY})",
        "",
        "| pace | events a second | alerts | P50, s | P95, s | P99, s | longest, s | cores |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in paced:
        alerts = f"{len(one.seconds)}" + (f" ({one.lost} did not come)" if one.lost else "")
        quantiles = " | ".join(f"{value:.2f}" for value in one.quantiles)
        lines.append(
            f"| {_pace(one)} | {one.rate:,.0f} | {alerts} | {quantiles} | {one.cores:.2f} |"
        )
    lines += [
        "",
        "Where the time goes: events wait up to a quarter of a second to be committed with others,",
        "and a judgement until the one before it has ended and for as long again, so that the",
        "reader has the processor too. Means, in milliseconds:",
        "",
        "| pace | a commit | commits a second | taking it in | judging | judgements a second |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {_pace(one)} | {one.batch:.0f} | {one.commits:.1f} | {one.follow:.0f} | "
        f"{one.evaluate:.0f} | {one.evaluations:.1f} |"
        for one in paced
    ]
    return "\n".join([*lines, ""])


def _soak(found: Soaked) -> str:
    (lag, behind), (first, last) = found.lag, found.commits
    start, growth, error = found.memory
    rows = found.after("rows")
    lines = [
        "## A watch that goes on",
        "",
        f"{found.minutes:g} minutes at {found.rate:,.0f} events a second, of which the first",
        f"{found.warming:g} count as warming up. Cases begin seconds apart by their own clock, so",
        "that they leave as in an office, two weeks after they were closed:",
        f"{found.days:,.0f} days went by.",
        "",
        f"![Memory, rows kept and lag over time](images/{_SOAK})",
        "",
        "Growth is that of a straight line through the least of eight parts: cases are let go of",
        "many at a time, and between these times memory rises.",
        "",
        "| what |  |",
        "| --- | ---: |",
        f"| memory after warming up | {start / 1e6:,.0f} MB |",
        f"| growth an hour | {growth / 1e6:+,.0f} MB, {growth / start:+.1%} |",
        f"| its standard error | {error / 1e6:,.0f} MB |",
        f"| rows kept, least to most | {np.nanmin(rows):,.0f} to {np.nanmax(rows):,.0f} |",
        f"| events not read yet, P99 | {lag:,.0f} |",
        f"| age of the oldest event not judged, P99 | {behind:.1f} s |",
        f"| a commit, first third and last third | {1000 * first:.0f} ms, {1000 * last:.0f} ms |",
    ]
    if found.seconds:
        alerts = f"{len(found.seconds)}, P99 {np.percentile(found.seconds, 99):.2f} s"
        lines.append(f"| alerts | {alerts}, {found.lost} did not come |")
    return "\n".join([*lines, ""])


def _pace(one: Paced) -> str:
    return "full rate" if one.pace == FULL else f"{float(one.pace):,.0f} a second"


def plot_latency(path: Path, paced: Sequence[Paced]) -> None:
    """The share of alerts that came within so many seconds, a line for each pace."""
    import matplotlib.pyplot as plt

    house_style()
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for one in paced:
        share = np.arange(len(one.seconds) + 1) / (len(one.seconds) + one.lost)
        axes.step([0, *np.sort(one.seconds)], share, where="post", label=_pace(one))
    axes.set(xlabel="seconds from the event to its alert", ylabel="share of alerts")
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(frameon=False, loc="lower right")
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def plot_soak(path: Path, found: Soaked) -> None:
    """Memory, rows kept and lag over the minutes."""
    import matplotlib.pyplot as plt

    house_style()
    drawn, axes = plt.subplots(3, 1, figsize=(7, 5.4), sharex=True, layout="constrained")
    minutes = np.array(found.seen["at"]) / 60
    for each, (name, label, scale) in zip(
        axes,
        (
            ("memory", "memory, MB", 1e6),
            ("rows", "rows kept,\nthousands", 1e3),
            ("behind", "oldest event\nnot judged, s", 1),
        ),
        strict=True,
    ):
        each.plot(minutes, np.array(found.seen[name]) / scale, linewidth=1)
        each.axvline(found.warming, color="grey", linewidth=0.8, linestyle=":")
        each.set_ylabel(label)
        each.set_ylim(bottom=0)
        each.grid(visible=True, which="major", alpha=0.3)
    axes[-1].set_xlabel("minutes")
    drawn.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(drawn)


def house_style() -> None:
    """Letters and colours of all plots."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "runut", "svg.fonttype": "none", "font.size": 11})
