"""What stands in `equity.json`, and the findings: who was compared with whom, and every gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.labels import labels
from engine.treatment.asking import Asking
from engine.treatment.comparing import COVERED, Tested
from engine.treatment.findings import finding
from engine.treatment.gap import PICKED, rounded
from engine.treatment.words import gaps as equity_wording
from engine.treatment.words.figures import GapTold
from eventlog.definition import Definition
from miners.equity.rows import Grouping
from miners.equity.smallest import smallest_seen as smallest
from miners.standing import DAY


@dataclass(frozen=True, kw_only=True)
class Told:
    """All tests of a run, those that are told with all that is known of them.

    `alpha` is how small a p-value had to be: what the false discovery rate left for one more test.
    """

    tests: Sequence[Tested]
    routes: Sequence[Mapping[str, Any]]
    fee_speed: Mapping[str, Any] | None
    alpha: float


def equity_content(told: Told, asking: Asking) -> dict[str, Any]:
    """The file; it is exact, and restricted."""
    frame, cohort = asking.frame, asking.cohort
    every = [one for one in told.tests if one.gap.question.measure != PICKED]
    groupings = {one.attribute: one for one in (*frame.groups, *frame.paid_by)}
    return {
        "unit": asking.time.unit if cohort is None else cohort.unit,
        "horizon_days": round(asking.horizon_ms / DAY, 3),
        "compared_on": [*frame.legitimate, frame.period_name],
        "service_class": None if frame.service_class is None else [*frame.service_class],
        "cases": len(asking.whole.case_ids),
        "cohort": None if cohort is None else cohort.cases,
        "left_out": {} if cohort is None else dict(cohort.left_out),
        "attributes": [attribute(one, asking.definition, every) for one in groupings.values()],
        "gaps": [_row(one, told) for one in every if not one.crossed],
        "intersections": [_row(one, told) for one in every if one.crossed],
        "routes": list(told.routes),
        "fee_speed": told.fee_speed,
        "not_tested": [{"what": what, "why": why} for what, why in asking.off],
    }


def told_findings(
    told: Told, content: Mapping[str, Any], definition: Definition
) -> list[dict[str, Any]]:
    """The `disparity` and `fee` findings."""
    names = labels(definition)
    found = []
    for one in told.tests:
        if not one.gap.told or one.gap.question.measure == PICKED:
            continue
        said = GapTold.read(_row(one, told), content, rounded=False)
        found.append(finding(one.gap, equity_wording.gap(said, names)))
    return found


def smallest_seen(told: Told) -> list[dict[str, Any]]:
    """For every comparison that found nothing, the smallest gap that it would mostly have seen."""
    return [
        {
            "what": _named(one),
            "smallest": seen_from(one, told.alpha),
            "unit": one.gap.question.unit,
        }
        for one in told.tests
        if not one.gap.told and one.gap.p_value is not None
    ]


def seen_from(one: Tested, alpha: float) -> float | None:
    """The smallest gap that the comparison would have told four times of five."""
    gap = one.gap
    error, freedom = gap.direct_error or (gap.error, gap.freedom)
    if gap.p_value is None or not np.isfinite(error):
        return None
    least = smallest(np.array([error]), np.array([freedom]), alpha=alpha)
    return rounded(max(float(least[0]), gap.question.material))


def attribute(
    grouping: Grouping, definition: Definition, tests: Sequence[Tested]
) -> dict[str, Any]:
    """An attribute with its groups, and on what basis it is looked at, if it is sensitive."""
    equity = definition.equity
    basis: Mapping[str, str] = {} if equity is None else equity.basis
    counts = np.bincount(grouping.place[grouping.place >= 0], minlength=len(grouping.names))
    coverage = [one.gap.coverage for one in tests if one.gap.attribute == grouping.attribute]
    return {
        "attribute": grouping.attribute,
        "basis": basis.get(grouping.attribute),
        "sensitive": equity is not None and grouping.attribute in equity.sensitive,
        "groups": [
            {"group": name, "cases": count}
            for name, count in zip(grouping.names, counts.tolist(), strict=True)
        ],
        "coverage": rounded(float(np.mean(coverage))) if coverage else None,
        "comparable": bool(coverage) and max(coverage) >= COVERED,
    }


def _row(one: Tested, told: Told) -> dict[str, Any]:
    return {**one.gap.content(), "smallest_seen": seen_from(one, told.alpha)}


def _named(one: Tested) -> str:
    asked = one.gap.question
    what = [asked.measure, asked.activity, asked.feature]
    return f"{' '.join(part for part in what if part)} of {one.gap.attribute}={one.gap.group}"
