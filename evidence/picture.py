"""Draws the estimated against the planted costs of detours."""

from collections.abc import Sequence
from math import nan
from pathlib import Path

import scores
from measuring import MEANS, Measured
from offices import KINDS


def plot(path: Path, measured: Sequence[Measured]) -> None:
    """Estimates with their intervals against the truth; the same numbers give the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "runut", "svg.fonttype": "none", "font.size": 10})
    kinds = [name for name in KINDS if scores.price(measured, MEANS[0], name).priced]
    figure, panes = plt.subplots(
        1, max(len(kinds), 1), figsize=(11, 3), sharex=True, sharey=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for axes, name in zip(panes[0], kinds, strict=False):
        points = [
            (found.days, found.cost.value, found.cost.low, found.cost.high)
            for _, each in scores.judged(measured, MEANS[0])
            for found in each.kinds
            if found.kind == name and found.days is not None and found.cost is not None
        ]
        for colour, right in (("#1f6f8b", True), ("#c0392b", False)):
            some = [one for one in points if (one[2] <= one[0] <= one[3]) is right]
            # One line with gaps takes a tenth of the room of many lines.
            across = [
                x for days, *_ in some for x in (days, days, nan, days - 0.1, days + 0.1, nan)
            ]
            up = [y for _, at, low, high in some for y in (low, high, nan, at, at, nan)]
            axes.plot(across, up, color=colour, linewidth=0.8)
        axes.plot([0, 10], [0, 10], color="black", linewidth=0.6)
        axes.set(xlim=(0, 10), ylim=(-2, 14), title=name, xlabel="days planted")
    panes[0][0].set_ylabel("days estimated")
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
