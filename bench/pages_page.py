"""The part of docs/benchmarks.md about `runut serve` and the mailed report, with a plot."""

import statistics
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from pages_found import Asked, Crowd, Seen, Started, Visited
from sections import Part
from watch_page import house_style

_CROWDS = "benchmarks-pages.svg"


def sections(parts: Mapping[str, Part], images: Path) -> list[str]:
    """What was measured of the pages, with its plot in `images`; nothing of what was not."""
    part = parts.get("pages")
    if part is None or part.visited is None:
        return []
    plot(images / _CROWDS, part.visited.crowds)
    return [_section(part.visited)]


def _section(found: Visited) -> str:
    lines = [
        "## Pages for people",
        "",
        f"`runut serve` on the results of a simulated office: {found.events:,} events of",
        f"{found.cases:,} applications, as a process of its own on loopback; who asks has a token.",
        "",
        *_starts(found.started),
        "",
        "How long an analyst waits for the map under a filter that nobody asked for before, each",
        "counted anew from every case; milliseconds until all of the page has come:",
        "",
        *_filters(found.asked),
        "",
        "In Chromium, with an empty cache, from the beginning of the navigation; milliseconds.",
        "Reports are opened as files, offline. Drawn: two frames after the event `load`.",
        "",
        *_seen(found.seen),
        "",
        "Readers open one page after the other without a pause, each on a connection of its own:",
        "the start with its style and script, then in any order the map, two maps under a filter,",
        "two findings, a section, and details of a step. Analysts ask for filters that nobody",
        "asked for before, as fast as they are answered. Who asks is one other process, on the",
        "same two cores.",
        "",
        f"![Share of answers by milliseconds](images/{_CROWDS})",
        "",
        *_crowds(found.crowds),
    ]
    return "\n".join([*lines, ""])


def _starts(started: Sequence[Started]) -> list[str]:
    well, answered = ([getattr(one, name) for one in started] for name in ("well", "answered"))
    idle = max(one.idle for one in started)
    return [
        f"From the command until it says that it is well: {statistics.median(well):.1f} s (median",
        f"of {len(started)}); until a map under a filter has been answered, for which every case",
        f"must be read: {statistics.median(answered):.1f} s. It holds {idle / 1e6:,.0f} MB then,",
        "libraries included.",
    ]


def _filters(asked: Sequence[Asked]) -> list[str]:
    return [
        "| filter | asked | median | longest |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {one.kind} | {len(one.times)} | {statistics.median(one.times):.0f} | "
            f"{max(one.times):.0f} |"
            for one in asked
        ),
    ]


def _seen(seen: Sequence[Seen]) -> list[str]:
    return [
        "| page | KiB | first paint | `load` | drawn, median | drawn, longest |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {one.name} | {one.size / 1024:.0f} | {statistics.median(one.first):.0f} | "
            f"{statistics.median(one.load):.0f} | {statistics.median(one.drawn):.0f} | "
            f"{max(one.drawn):.0f} |"
            for one in seen
        ),
    ]


def _crowds(crowds: Sequence[Crowd]) -> list[str]:
    return [
        "| at once | who | answers | a second | P50, ms | P95, ms | longest, ms | failed |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {_called(crowd)} | {who}s | {len(times):,} | {len(times) / crowd.seconds:.0f} | "
            f"{np.percentile(times, 50):.0f} | {np.percentile(times, 95):.0f} | "
            f"{times.max():.0f} | {sum(crowd.errors.values())} |"
            for crowd in crowds
            for who in ("reader", "analyst")
            if len(times := crowd.of(who))
        ),
        "",
        "The server used "
        + " and ".join(f"{crowd.cores:.2f}" for crowd in crowds)
        + f" cores, and held {max(crowd.most for crowd in crowds) / 1e6:,.0f} MB at most.",
    ]


def _called(crowd: Crowd) -> str:
    analysts = f" and {crowd.analysts} analysts" if crowd.analysts else ""
    return f"{crowd.readers} readers{analysts}"


def told(found: Visited) -> str:
    """All of it in words."""
    parts = [_starts(found.started), _filters(found.asked), _seen(found.seen)]
    by_what = [
        f"{_called(crowd)}, {what}: {len(times)}, P50 {np.percentile(times, 50):.0f}, "
        f"P95 {np.percentile(times, 95):.0f} ms"
        for crowd in found.crowds
        for what, times in sorted(crowd.times.items())
    ]
    errors = [f"failed: {dict(crowd.errors)}" for crowd in found.crowds if crowd.errors]
    return "\n".join(chain(*parts, _crowds(found.crowds), by_what, errors))


def plot(path: Path, crowds: Sequence[Crowd]) -> None:
    """The share of answers that came within so many milliseconds, a line for each crowd."""
    import matplotlib.pyplot as plt

    house_style()
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for crowd in crowds:
        for who in ("reader", "analyst"):
            times = np.sort(crowd.of(who))
            if len(times):
                share = np.arange(1, len(times) + 1) / len(times)
                # A thousand points are as good as all.
                some = np.unique(np.linspace(0, len(times) - 1, 1000).astype(int))
                label = f"{who}s, {_called(crowd)}"
                axes.step(times[some], share[some], where="post", label=label)
    axes.axvline(1000, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="milliseconds until the page has come", ylabel="share of answers")
    axes.set_xscale("log")
    axes.set_ylim(0, 1)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
