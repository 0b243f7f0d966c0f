"""What may be told of unequal treatment, in the shape of equity.json and favouritism.json."""

from typing import Any

from reports.contents.equity import Carried, Equity, Gap, Half, Part
from reports.contents.favour import Favouritism, Picked
from reports.contents.terms import Limits


def equity_content(found: Equity) -> dict[str, Any]:
    """As `equity.json` has it; null is not told or not known.

    Of what is no finding, only how many were compared and what would have been seen is told.
    """
    fee = found.fee_speed
    return {
        "unit": found.unit,
        "horizon_days": found.horizon_days,
        "compared_on": list(found.compared_on),
        "cases": found.cases,
        "cohort": found.cohort,
        "attributes": [
            {
                "attribute": one.attribute,
                "basis": one.basis,
                "sensitive": one.sensitive,
                "groups": [{"group": each.group, "cases": each.cases} for each in one.groups],
            }
            for one in found.attributes
        ],
        "gaps": [gap_content(one) for one in found.gaps],
        "intersections": [gap_content(one) for one in found.intersections],
        "routes": [{"attribute": one.attribute, "differ": one.differ} for one in found.ways],
        "fee_speed": None
        if fee is None
        else {**_limits(fee.rho, "rho"), "rows": fee.rows, "told": fee.told},
        "not_tested": [{"what": one.what, "why": one.why} for one in found.not_tested],
        "compared": found.compared,
    }


def gap_content(one: Gap) -> dict[str, Any]:
    """One of `gaps`, without what the report does not tell."""
    robust = one.robustness
    return {
        "attribute": one.attribute,
        "group": one.group,
        "measure": one.measure,
        "activity": one.activity,
        "feature": one.feature,
        "unit": one.unit,
        "cases": one.cases,
        "others": one.others,
        "raw": one.raw and _limits(one.raw),
        "entry": one.entry and _limits(one.entry),
        "process": one.process and _limits(one.process),
        "direct": one.direct and _limits(one.direct),
        "together_with": list(one.together_with),
        "coverage": one.coverage,
        "told": one.told,
        "why_not": one.why_not,
        "smallest_seen": one.smallest_seen,
        "material": one.material,
        "with_work": one.with_work,
        "severity": one.severity,
        "strength": one.strength,
        "mean_others": one.mean_others,
        "parts": [_part(part) for part in one.parts],
        "edges": [_edge(edge) for edge in one.edges],
        "halves": [_half(half) for half in one.halves],
        "robustness": None
        if robust is None
        else {
            "value": robust.value,
            "benchmark": robust.benchmark,
            "as_strong": robust.left,
        },
    }


def favouritism_content(found: Favouritism) -> dict[str, Any]:
    """As `favouritism.json` has it, without officers."""
    return {
        "picks": found.picks,
        "service_class": list(found.service_class),
        "groups": [_picked(one) for one in found.groups],
    }


def _part(one: Part) -> dict[str, Any]:
    return {"what": one.what, **_limits(one.gap)}


def _edge(one: Carried) -> dict[str, Any]:
    return {"source": one.source, "target": one.target, **_limits(one.gap)}


def _half(one: Half) -> dict[str, Any]:
    return {"from": one.first, "to": one.last, "value": one.value, "p_value": one.p_value}


def _picked(one: Picked) -> dict[str, Any]:
    positions = one.positions
    return {
        "activity": one.activity,
        "attribute": one.attribute,
        "group": one.group,
        "items": one.items,
        "others": one.others,
        "positions": positions and positions.value,
        "ci_low": positions and positions.low,
        "ci_high": positions and positions.high,
        "coverage": one.coverage,
        "overtakes_per_item": one.overtakes,
        "overtaken_per_item": one.overtaken,
        "told": one.told,
        "why_not": one.why_not,
        "smallest_seen": one.smallest_seen,
        "strength": one.strength,
        "severity": one.severity,
    }


def _limits(told: Limits, name: str = "value") -> dict[str, float | None]:
    return {name: told.value, "ci_low": told.low, "ci_high": told.high}
