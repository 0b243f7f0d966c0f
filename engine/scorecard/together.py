"""Changes are told only as far as they are clear among all lines of the scorecard."""

from collections.abc import Sequence
from dataclasses import replace

from scipy import stats

from engine.scorecard.line import Line

_SURE = 0.05


def together(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, with no clear change where it may be one of many (Benjamini & Hochberg 1995).

    Of thirty lines in which nothing changed, one or two would else be told to have got worse.
    """
    moving = [(place, line.trend) for place, line in enumerate(lines) if line.trend is not None]
    if not moving:
        return tuple(lines)
    q_values = stats.false_discovery_control([trend.moved.p_value for _, trend in moving]).tolist()
    found = list(lines)
    for (place, trend), q in zip(moving, q_values, strict=True):
        told = trend.told if q <= _SURE else "no clear change"
        found[place] = replace(lines[place], trend=replace(trend, told=told, q_value=q))
    return tuple(found)
