"""Whose files were picked ahead of their turn: `favouritism.json` and its findings."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import numpy as np

from engine.labels import labels
from engine.treatment.asking import Asking
from engine.treatment.comparing import Tested
from engine.treatment.content import Told, attribute, seen_from
from engine.treatment.gap import PICKED, limits, rounded
from engine.treatment.lines import Lines, Passing
from engine.treatment.officers import officer_findings, officers
from engine.treatment.words import order as favouritism_wording
from engine.treatment.words.figures import bases
from engine.treatment.words.order import FavouredTold
from eventlog.definition import Definition


def order_content(told: Told, asking: Asking, lines: Lines) -> dict[str, Any]:
    """The file; it is exact, and restricted."""
    served = asking.frame.service_class or {}
    picks = [one for one in told.tests if one.gap.question.measure == PICKED]
    return {
        "service_class": [*served],
        "picks": int(lines.waits.picked.sum()),
        "queues": _queues(lines),
        "attributes": [attribute(one, asking.definition, picks) for one in asking.frame.picked],
        "groups": _groups(picks, told, asking, lines),
        "officers": officers(asking, lines),
        "not_tested": [{"what": what, "why": why} for what, why in asking.off],
    }


def order_findings(
    told: Told, content: Mapping[str, Any], definition: Definition
) -> list[dict[str, Any]]:
    """The `favouritism` findings: of groups, and of officers as review samples."""
    names = labels(definition)
    rows = [(one, row) for one, row in zip(_picked(told), content["groups"], strict=True)]
    found = [_finding(one, row, content, names) for one, row in rows if one.gap.told]
    return [*found, *officer_findings(content, names)]


def _picked(told: Told) -> list[Tested]:
    return [one for one in told.tests if one.gap.question.measure == PICKED]


def _queues(lines: Lines) -> list[dict[str, Any]]:
    waits, owners = lines.waits, lines.owners
    inside = waits.line >= 0
    queue = waits.queue[waits.line[inside]]
    picked = waits.picked[inside]
    picks = np.bincount(queue[picked], minlength=len(owners.pairs))
    waiting = np.bincount(
        queue[picked],
        lines.picks.waiting[inside][picked].astype(np.float64),
        minlength=len(owners.pairs),
    )
    activities, units = lines.items.activity.vocabulary.labels, lines.items.unit.vocabulary.labels
    return [
        {
            "activity": activities[activity],
            "unit": units[unit] if unit >= 0 else None,
            "picks": int(picks[place]),
            "mean_queue": rounded(waiting[place] / picks[place]) if picks[place] else None,
        }
        for place, (activity, unit) in enumerate(owners.pairs.tolist())
    ]


def _groups(
    picks: Sequence[Tested], told: Told, asking: Asking, lines: Lines
) -> list[dict[str, Any]]:
    by_name = {each.attribute: each for each in asking.frame.picked}
    passing: dict[tuple[str, str], Passing] = {}
    rows = []
    for one in picks:
        name, activity = one.gap.attribute, one.gap.question.activity
        assert activity is not None
        if (name, activity) not in passing:
            passing[name, activity] = Passing.of(lines, by_name[name], activity)
        rows.append(_group(one, told, passing[name, activity]))
    return rows


def _group(one: Tested, told: Told, passing: Passing) -> dict[str, Any]:
    gap = one.gap
    score, passed, passed_by = (
        float(part[one.place]) for part in (passing.score, passing.passed, passing.passed_by)
    )
    return {
        "activity": gap.question.activity,
        "attribute": gap.attribute,
        "group": gap.group,
        "items": gap.cases,
        "others": gap.others,
        "positions": None if gap.entry is None else rounded(gap.entry.value),
        "ci_low": None if gap.entry is None else rounded(gap.entry.low),
        "ci_high": None if gap.entry is None else rounded(gap.entry.high),
        "pick_score": rounded(score) if gap.cases else None,
        "direct": limits(gap.direct),
        "together_with": list(gap.together),
        "p_value": rounded(gap.p_value, 9),
        "q_value": rounded(gap.q_value, 9),
        "coverage": rounded(gap.coverage),
        "permuted": gap.permuted,
        "overtakes_per_item": rounded(passed),
        "overtaken_per_item": rounded(passed_by),
        "told": gap.told,
        "why_not": gap.why,
        "smallest_seen": seen_from(one, told.alpha),
        "severity": gap.severity,
        "strength": gap.strength,
        "halves": gap.more.get("halves", []),
        "restricted": gap.restricted,
    }


def _finding(
    one: Tested,
    row: Mapping[str, Any],
    content: Mapping[str, Any],
    names: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    gap = one.gap
    said = FavouredTold.read(
        row,
        service_class=content["service_class"],
        bases=bases([gap.attribute], content["attributes"]),
        rounded=False,
    )
    parts = ["favouritism", row["activity"], f"{gap.attribute}={gap.group}"]
    return {
        "id": "/".join(quote(part, safe="=") for part in parts),
        "kind": "favouritism",
        "subject": {
            "activity": row["activity"],
            "resource": None,
            "attribute": gap.attribute,
            "group": gap.group,
        },
        "effect": {
            "value": row["positions"],
            "unit": "positions",
            "ci_low": row["ci_low"],
            "ci_high": row["ci_high"],
            "raw": None,
        },
        "q_value": row["q_value"],
        "cases": row["items"],
        "cost": None,
        "severity": gap.severity,
        "strength": gap.strength,
        "wording": favouritism_wording.favoured(said, names),
        "evidence": {
            name: row[name]
            for name in (
                *("others", "pick_score", "p_value", "coverage", "permuted", "halves", "direct"),
                *("overtakes_per_item", "overtaken_per_item", "together_with", "restricted"),
            )
        },
    }
