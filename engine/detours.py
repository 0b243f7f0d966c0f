"""Which detours are worth telling about: often taken, or dear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from engine import detour_wording as wording
from miners.detours.episodes import Subject

# A detour is told when so many applications took it, and it is at least this common or this dear
# (its case-days as a share of all the time that the applications took).
CASES = 10
SHARE = 0.01
# What only differs from the usual route, and costs nothing that can be told, must be this common.
USUAL_SHARE = 0.05
DEAR = 0.01
_LARGE, _SOME_DAYS = 0.05, 0.01
_OFTEN = 0.10
_MANY = 30


@dataclass(frozen=True, kw_only=True)
class Detour:
    """One kind of detour with its figures.

    `cases` of the `eligible` took it, `times` in all; `share` has the limits `low` and `high`.
    `days` (with limits) is what it adds to each application that takes it, None where that cannot
    be told; `case_days` is what it adds to all of them, None also where that may be nothing.
    `coverage` is the share of the times that could be compared with applications that went straight
    on, by the names in `matched_on`. `more` are further figures, as they stand in detours.json.
    """

    subject: Subject
    cases: int
    eligible: int
    times: int
    share: float
    low: float
    high: float
    days: wording.Days | None
    case_days: float | None
    coverage: float
    matched_on: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def findings(
    detours: Sequence[Detour],
    *,
    by: str,
    unit: str,
    all_days: float,
    smallest_cell: int,
    names: wording.Names,
) -> list[dict[str, Any]]:
    """The `detour` findings (interface.md), dearest first.

    `by` is what applications were judged by (`rules`, `bpmn` or `usual routes`), `all_days` the
    time that all of them took, in `unit`; `names` are what activities are called. A detour is told
    when ten applications (and no fewer than `smallest_cell`) took it and it is one of a hundred
    that could have, or costs a hundredth of all time; without a procedure and without a cost that
    can be told, one of twenty.

    Severity is *high* from a twentieth of all time on, *medium* from a hundredth on or when one in
    ten takes it, else *low*; a mandatory step that is left out is *medium*, in one of ten or more
    *high*. Strength is *strong* where a procedure was given and the interval of the cost leaves out
    zero, with 30 applications of which most could be compared; *moderate* with 30 applications;
    else *weak*. What is left out against a procedure is a matter of record, not of an estimate: it
    is as strong as its count.
    """
    least = USUAL_SHARE if by == "usual routes" else SHARE
    told = [
        one
        for one in detours
        if one.cases >= max(CASES, smallest_cell)
        and (
            one.share >= least
            or (one.case_days or 0.0) >= DEAR * all_days
            or (one.share >= SHARE and one.case_days is not None)
        )
    ]
    found = [_finding(one, by=by, unit=unit, all_days=all_days, names=names) for one in told]
    return sorted(found, key=lambda f: (-(f["cost"]["value"] if f["cost"] else 0.0), f["id"]))


def _finding(
    one: Detour, *, by: str, unit: str, all_days: float, names: wording.Names
) -> dict[str, Any]:
    subject = one.subject
    value, low, high = one.days or (None, None, None)
    return {
        "id": finding_id(subject),
        "kind": "detour",
        "subject": {
            "type": subject.kind,
            "activities": list(subject.activities),
            "units": None if subject.units is None else list(subject.units),
            "cause": subject.cause,
        },
        "effect": {
            "value": _rounded(value),
            "unit": unit,
            "ci_low": _rounded(low),
            "ci_high": _rounded(high),
            "raw": None,
        },
        "q_value": None,
        "cases": one.cases,
        "cost": {"value": _rounded(one.case_days), "unit": "case-days"}
        if one.case_days is not None and one.case_days > 0
        else None,
        "severity": _severity(one, all_days),
        "strength": _strength(one, by),
        "wording": _words(one, by, unit, names),
        "evidence": {
            "judged_by": by,
            "called": {name: dict(names[name]) for name in subject.activities if name in names},
            "eligible": one.eligible,
            "times": one.times,
            "share": _rounded(one.share),
            "share_ci_low": _rounded(one.low),
            "share_ci_high": _rounded(one.high),
            "coverage": _rounded(one.coverage),
            "matched_on": list(one.matched_on),
            **one.more,
        },
    }


def finding_id(subject: Subject) -> str:
    """The id of the finding about this detour (interface.md)."""
    parts = ["detour", subject.kind, *subject.activities, *(subject.units or ())]
    if subject.cause is not None:
        parts.append(subject.cause)
    return "/".join(quote(part, safe="") for part in parts)


def _words(one: Detour, by: str, unit: str, names: wording.Names) -> dict[str, str]:
    subject = one.subject
    said = (
        wording.lead(
            subject.kind,
            subject.activities,
            subject.units,
            share=one.share,
            cases=one.cases,
            eligible=one.eligible,
            by=by,
            names=names,
        ),
        wording.cost(one.days, one.case_days, unit, one.coverage),
        wording.remarks(subject.cause, by),
    )
    return {language: "".join(part[language] for part in said) for language in said[0]}


def _severity(one: Detour, all_days: float) -> str:
    days = one.case_days or 0.0
    if one.subject.kind == "skipped":
        # What is left out saves time: the harm is that it was not done.
        return "high" if one.share >= _OFTEN else "medium"
    if days >= _LARGE * all_days > 0:
        return "high"
    return "medium" if days >= _SOME_DAYS * all_days > 0 or one.share >= _OFTEN else "low"


def _strength(one: Detour, by: str) -> str:
    if one.cases < _MANY:
        return "weak"
    given = by != "usual routes"
    if one.subject.kind == "skipped" and given:
        return "strong"
    sure = one.days is not None and (one.days[1] > 0 or one.days[2] < 0)
    return "strong" if given and sure and one.coverage >= wording.MOSTLY else "moderate"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
