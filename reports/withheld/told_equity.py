"""How a gap, or who is picked sooner, reads in what may be passed on: said anew of its figures.

The sentences are those of `engine.treatment.words`, made from the
numbers that may be told, so nothing of what the exact ones say is left in them.
"""

from collections.abc import Mapping
from typing import Any

from engine.labels import NO_LABELS
from engine.treatment.words.figures import GapTold, bases
from engine.treatment.words.gaps import gap as gap_words
from engine.treatment.words.order import FavouredTold, favoured
from miners.survival import Estimate
from reports.contents.equity import Equity, Gap
from reports.contents.equity_content import equity_content, gap_content
from reports.contents.favour import Favouritism, Picked
from reports.contents.terms import Limits

Finding = Mapping[str, Any]
Called = Mapping[str, Mapping[str, str]]
"""What attributes and activities are called, by their names in the log and by language."""
TREATMENT = ("disparity", "fee", "favouritism")
_FEE = "fee"


def told_treatment(
    finding: Finding,
    equity: Equity | None,
    favouritism: Favouritism | None,
    called: Called = NO_LABELS,
) -> Finding | None:
    """The finding in numbers that may be told; None where the report does not tell of it."""
    subject = finding["subject"]
    if finding["kind"] == "favouritism":
        key = (subject.get("activity"), subject.get("attribute"), subject.get("group"))
        if favouritism is None:
            return None
        one = next((each for each in favouritism.groups if each.key == key), None)
        if one is None or not one.told or not _has_limits(one.positions):
            return None
        words = favoured(favoured_told(one, favouritism, equity), called)
        return _said(finding, words, one.items, one.positions, None)
    found = _gap_of(subject, finding["kind"], equity)
    if found is None or equity is None or not found.told or not _has_limits(found.entry):
        return None
    return _said(finding, gap_words(gap_told(found, equity), called), found.cases, found.entry,
                 found.raw)  # fmt: skip


def gap_told(one: Gap, equity: Equity) -> GapTold:
    """What the sentences of a gap are made of."""
    return GapTold.read(gap_content(one), equity_content(equity), rounded=True)


def favoured_told(one: Picked, found: Favouritism, equity: Equity | None) -> FavouredTold:
    """What the sentences about who is picked sooner are made of."""
    known = equity_content(equity)["attributes"] if equity else []
    return FavouredTold(
        activity=one.activity,
        attribute=one.attribute,
        group=one.group,
        items=one.items,
        others=one.others,
        coverage=one.coverage,
        positions=None if one.positions is None else _estimate(one.positions),
        service_class=found.service_class,
        overtakes=one.overtakes,
        overtaken=one.overtaken,
        bases=bases([one.attribute], known),
        smallest_seen=one.smallest_seen,
        rounded=True,
    )


def _gap_of(subject: Mapping[str, Any], kind: str, equity: Equity | None) -> Gap | None:
    if equity is None:
        return None
    measure = subject.get("measure", _FEE) if kind == _FEE else subject.get("measure")
    key = (
        subject.get("attribute"),
        subject.get("group"),
        measure,
        subject.get("activity"),
        subject.get("feature"),
    )
    return next((one for one in equity.every if one.key == key), None)


def _has_limits(told: Limits | None) -> bool:
    return told is not None and told.low is not None and told.high is not None


def _estimate(told: Limits) -> Estimate:
    return Estimate(value=told.value, low=told.low, high=told.high)


def _said(
    finding: Finding,
    wording: Mapping[str, str],
    count: int,
    told: Limits | None,
    raw: Limits | None,
) -> Finding:
    assert told is not None
    cost = finding.get("cost")
    each = None if cost is None or not finding["cases"] else cost["value"] / finding["cases"]
    return {
        **finding,
        "wording": wording,
        "cases": count,
        "about": True,
        "effect": {
            **finding["effect"],
            "value": told.value,
            "ci_low": told.low,
            "ci_high": told.high,
            "raw": raw and raw.value,
        },
        # That of the rounded number of cases: the exact one over the gap would be the exact number.
        "cost": None
        if cost is None or each is None
        else {**cost, "value": float(round(each * count))},
        "evidence": {},
    }
