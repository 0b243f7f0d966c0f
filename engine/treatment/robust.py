"""How sure a gap is against what nobody recorded, and how large it is as a ratio."""

from typing import Any

import numpy as np

from engine.treatment.comparing import Tested
from engine.treatment.frame import Frame
from engine.treatment.gap import FEE, OUTCOME, TIME, Gap, limits, rounded
from miners.equity.cells import Cells
from miners.equity.odds import odds_ratios
from miners.equity.robustness import (
    EValue,
    benchmark,
    of_hazard_ratio,
    of_means,
    of_risk_ratio,
    robustness_value,
    weakened,
)
from miners.equity.rows import Strata
from miners.survival import Estimate

_BENCHMARKS = 3
_SHARE = "share"


def robust(one: Tested, frame: Frame) -> dict[str, Any] | None:
    """How strong something that nobody recorded would have to be to explain the gap."""
    gap = one.gap
    assert gap.entry is not None
    freedom = gap.cases + gap.others - one.strata.count - 1
    if gap.error <= 0 or freedom <= 1:
        return None
    value = float(robustness_value(gap.entry.value / gap.error, freedom))
    told: dict[str, Any] = {"value": rounded(value), "benchmark": None, "as_strong": None}
    if one.gap.question.measure not in {TIME, OUTCOME, FEE}:
        return told
    rows = one.gap.question.rows
    worst: tuple[float, str] | None = None
    for name in [n for n in frame.legitimate if n != gap.attribute][:_BENCHMARKS]:
        rest = [
            code for other, code in frame.legitimate.items() if other not in {name, gap.attribute}
        ]
        strata = Strata.of([part[rows] for part in (*rest, frame.period)])
        known = frame.known(name).take(rows)
        plain = benchmark(one.gap.question.score, one.grouping, strata, known)
        bias = float(plain.as_strong().bias[one.place])
        if np.isfinite(bias) and (worst is None or bias > worst[0]):
            worst = (bias, name)
            # Cinelli and Hazlett's value goes by the plain standard error of least squares.
            t = plain.gap[one.place] / plain.error[one.place]
            told["value"] = rounded(float(robustness_value(t, plain.freedom[one.place])))
    if worst is not None:
        left = weakened(np.array(gap.entry.value), np.array(worst[0]))
        told["benchmark"], told["as_strong"] = worst[1], rounded(float(left))
    return told


def hazards(one: Tested) -> dict[str, float | None] | None:
    """The hazard ratio of a decision with its limits; None where time was not asked about."""
    if one.ended is None or np.isnan(one.ended.hazard_ratio[one.place]):
        return None
    ratio, low, high = (
        float(part[one.place]) for part in (one.ended.hazard_ratio, one.ended.low, one.ended.high)
    )
    return limits(Estimate(value=ratio, low=low, high=high))


def odds(one: Tested) -> dict[str, float | None] | None:
    """The odds ratio with its limits, for what is 0 or 1."""
    if one.gap.question.unit != _SHARE:
        return None
    found = odds_ratios(Cells.of(one.gap.question.score, one.grouping, one.strata))
    value = float(found.value[one.place])
    if np.isnan(value):
        return None
    low, high = float(found.low[one.place]), float(found.high[one.place])
    return limits(Estimate(value=value, low=low, high=high))


def e_value(one: Tested) -> float | None:
    """How strongly a confounder must go with group and score, as a risk ratio; None: untold."""
    gap, asked = one.gap, one.gap.question
    assert gap.entry is not None
    if asked.measure == TIME:
        speed = hazards(one)
        if speed is None or None in speed.values():
            return None
        value, low, high = (float(speed[k] or 0) for k in ("value", "ci_low", "ci_high"))
        return _number(of_hazard_ratio(value, low, high)) if low > 0 else None
    if asked.unit == _SHARE:
        base = float(gap.more.get("mean_others") or 0.0)
        ratios = [(base + (part or 0.0)) / base if base > 0 else 0.0 for part in _values(gap)]
        return _number(of_risk_ratio(*ratios)) if min(ratios) > 0 else None
    spread = float(np.nanstd(asked.score))
    if spread <= 0:
        return None
    return _number(of_means(gap.entry.value / spread, gap.error / spread))


def _values(gap: Gap) -> tuple[float | None, float | None, float | None]:
    assert gap.entry is not None
    return gap.entry.value, gap.entry.low, gap.entry.high


def _number(found: EValue) -> float | None:
    return rounded(found.value)
