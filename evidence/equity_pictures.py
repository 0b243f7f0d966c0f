"""Draws calibration, power and coverage; the same numbers give the same bytes."""

from collections.abc import Sequence
from math import nan
from pathlib import Path
from typing import Any

import equity_plan as plan
import numpy as np
from equity_naive import NAMES
from equity_scores import Share, Worlds, covered
from equity_trials import EVERY

CALIBRATION, POWER, COVERAGE = (
    f"evidence-equity-{name}.svg" for name in ("calibration", "power", "coverage")
)
_OURS, _NAIVE, _MISSED = "#1f6f8b", "#c0392b", "#c0392b"
_POINTS = np.linspace(0.0, 1.0, 51)


def draw(folder: Path, worlds: Worlds) -> None:
    """Write the three pictures into `folder`."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "runut", "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plt

    for name, picture in (
        (CALIBRATION, _calibration),
        (POWER, _power),
        (COVERAGE, _coverage),
    ):
        figure = picture(plt, worlds)
        figure.savefig(folder / name, metadata={"Date": None, "Creator": None})
        plt.close(figure)


def _calibration(plt: Any, worlds: Worlds) -> Any:
    """The share of worlds with a p-value up to each value; a true test is on the diagonal."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
    for axes, most in ((left, 1.0), (right, 0.1)):
        at = _POINTS * most
        for name in NAMES:
            if found := worlds.naive_p_values(plan.NULL, name):
                axes.plot(at, _shares(found, at), color=_NAIVE, linewidth=0.9, label=name)
        for measure in EVERY:
            if found := worlds.p_values(plan.NULL, measure):
                axes.plot(at, _shares(found, at), color=_OURS, linewidth=0.9, label=measure)
        axes.plot([0, most], [0, most], color="black", linewidth=0.6)
        axes.set(xlim=(0, most), xlabel="p-value")
    left.set(ylim=(0, 1.02), ylabel="share of worlds with one so small")
    right.set(ylim=(0, 0.2), title="the smallest")
    left.set(title="blue: Runut, red: naive")
    return figure


def _shares(found: Sequence[float], at: Any) -> Any:
    return np.round(np.searchsorted(found, at, side="right") / len(found), 4)


def _power(plt: Any, worlds: Worlds) -> Any:
    """How often a planted effect is significant, by its size."""
    figure, panes = plt.subplots(2, 3, figsize=(8, 4.8), sharey=True, layout="constrained")
    for axes, (title, curve) in zip(panes.flat, plan.CURVES.items(), strict=True):
        measure = curve[0].measures[0]
        points = [(0.0, worlds.flagged(plan.NULL, measure))]
        points += [(plan.planted(one), worlds.flagged(one, measure)) for one in curve]
        _line(axes, [one for one in points if one[1].of])
        axes.axhline(0.05, color="black", linewidth=0.5, linestyle=":")
        axes.set(ylim=(0, 1.03), title=title)
    for axes in panes[:, 0]:
        axes.set_ylabel("share significant")
    return figure


def _line(axes: Any, points: Sequence[tuple[float, Share]]) -> None:
    across = [effect for effect, _ in points]
    axes.plot(across, [share.value for _, share in points], color=_OURS, linewidth=1.2)
    ends = [share.limits for _, share in points]
    axes.plot(
        [x for effect in across for x in (effect, effect, nan)],
        [y for low, high in ends for y in (low, high, nan)],
        color=_OURS,
        linewidth=0.8,
    )


def _coverage(plt: Any, worlds: Worlds) -> Any:
    """How often 95 % limits hold the planted gap: one mark for each effect of each measure."""
    figure, axes = plt.subplots(figsize=(8, 3.0), layout="constrained")
    axes.axhspan(0.93, 0.97, color="#e8eef0")
    axes.axhline(0.95, color="black", linewidth=0.5)
    names = list(covered(worlds))
    for place, told in enumerate(covered(worlds).values()):
        for number, (_, share) in enumerate(told):
            across = place + (number - len(told) / 2) * 0.06
            low, high = share.limits
            colour = _MISSED if not 0.93 <= share.value <= 0.97 else _OURS
            axes.plot([across, across], [low, high], color=colour, linewidth=0.8)
            axes.plot([across], [share.value], color=colour, marker="o", markersize=2.5)
    axes.set(xticks=range(len(names)), xticklabels=names, ylim=(0.88, 1.0))
    axes.set_ylabel("planted gap within 95 % limits")
    return figure
