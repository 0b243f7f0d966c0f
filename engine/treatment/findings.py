"""Gaps as findings: `disparity` and `fee` (interface.md)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from engine.treatment.gap import FEE, TIME, WAITING, Gap, limits

# A gap so many times the smallest that is worth telling is severe.
_HIGH, _MEDIUM = 4.0, 2.0
_SHOWN_APART = frozenset(
    {
        "attribute", "group", "measure", "activity", "feature", "unit", "cases", "raw", "entry",
        "q_value", "told", "why_not", "severity", "strength",
    }
)  # fmt: skip


def severity(value: float, material: float) -> str:
    """How grave a gap is, by how many times the smallest one worth telling it is."""
    times = abs(value) / material if material else _HIGH
    if times >= _HIGH:
        return "high"
    return "medium" if times >= _MEDIUM else "low"


def strength(gap: Gap, *, replicated: bool) -> str:
    """How sure a gap is: strong needs both halves of the time, weak is by few or with others."""
    if replicated and not gap.permuted and not gap.together:
        return "strong"
    return "weak" if gap.permuted or gap.together else "moderate"


def finding(gap: Gap, wording: Mapping[str, str]) -> dict[str, Any]:
    """A gap that is told, as interface.md has findings."""
    asked = gap.question
    assert gap.entry is not None
    kind = "fee" if asked.measure == FEE else "disparity"
    subject: dict[str, Any] = {"attribute": gap.attribute, "group": gap.group}
    group = f"{gap.attribute}={gap.group}"
    parts = [kind, group] if kind == "fee" else [kind, asked.measure, group]
    if kind != "fee":
        subject["measure"] = asked.measure
    if asked.activity is not None:
        subject["activity"] = asked.activity
        parts.append(asked.activity)
    if asked.feature is not None:
        subject["feature"] = asked.feature
        parts.append(asked.feature)
    content = gap.content()
    effect = limits(gap.entry)
    assert effect is not None
    days = asked.measure in {TIME, WAITING} and gap.adverse
    return {
        "id": "/".join(quote(part, safe="=") for part in parts),
        "kind": kind,
        "subject": subject,
        "effect": {
            "value": effect["value"],
            "unit": asked.unit,
            "ci_low": effect["ci_low"],
            "ci_high": effect["ci_high"],
            "raw": None if content["raw"] is None else content["raw"]["value"],
        },
        "q_value": content["q_value"],
        "cases": gap.cases,
        "cost": {"value": round(gap.entry.value * gap.cases, 1), "unit": "case-days"}
        if days
        else None,
        "severity": gap.severity,
        "strength": gap.strength,
        "wording": dict(wording),
        "evidence": {name: part for name, part in content.items() if name not in _SHOWN_APART},
    }
