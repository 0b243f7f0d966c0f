"""The values that sections are made of: chosen once, for the mailed report and the pages alike."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from miners.detours.assumptions import ASSUMPTIONS
from reports.charts.colours import activity_colours
from reports.contents.detours import Detour
from reports.language import mark, say, spoken
from reports.maps.context import map_values
from reports.results import Giver
from reports.suppress import Published
from reports.views.finding import address
from reports.views.scorecard import card_of
from reports.views.treatment import treatment_of
from reports.withheld.told_equity import TREATMENT

_VARIANTS = 15
_ROWS = 15
_DETOURS = 12
# Sections of their own say these in full.
_ELSEWHERE = (*TREATMENT, "data-quality")
_COUNTED = {
    "stored": mark("Events stored"),
    "repeats_dropped": mark("Repeated events, counted once"),
    "events": mark("Events used"),
    "executions": mark("Steps done, of one event or of several"),
    "cases": mark("Cases"),
    "rejects": mark("Events set aside"),
    "findings": mark("Findings"),
}


def values_of(published: Published, parts: Collection[str]) -> dict[str, Any]:
    """What these parts of a page need, in the language that is spoken.

    Nearly everything is at hand; what takes time is made for the parts that show it (`_MADE_FOR`).
    """
    colours = activity_colours(colour_order(published))
    told = {
        "p": published,
        "names": published.names,
        "language": spoken().code,
        "chip": colours,
        **_lists(published),
    }
    for part in parts:
        if part in _MADE_FOR:
            told |= _MADE_FOR[part](published, colours)
    return told


def count_called(name: str) -> str:
    """What a count of `run.json` is called; one that nobody knows by its own name.

    >>> count_called("repeats_dropped"), count_called("late_events")
    ('Repeated events, counted once', 'late events')
    """
    return say(_COUNTED[name]) if name in _COUNTED else name.replace("_", " ")


def _lists(published: Published) -> dict[str, Any]:
    """The rows of each table, the most telling first, and how many are left out."""
    waiting, detours = published.waiting, published.detours
    further = published.variants[_VARIANTS:]
    return {
        "variants": published.variants[:_VARIANTS],
        "more_variants": len(further) + published.rest_variants,
        "more_cases": sum(v.cases for v in further) + published.rest_cases,
        "about": any(v.about for v in published.variants)
        or any(e.about for e in published.graph.edges)
        or any(a.about for a in published.graph.activities)
        or any(h.about for h in published.handover),
        "rework": sorted(published.rework, key=lambda r: (-r.cases, r.activity))[:_ROWS],
        "handover": sorted(
            published.handover, key=lambda h: (-h.frequency, str(h.source), str(h.target))
        )[:_ROWS],
        "by_unit": published.handover_by is Giver.UNIT,
        "quality": [f for f in published.findings if f.get("kind") == "data-quality"],
        "findings": [f for f in published.findings if f.get("kind") not in _ELSEWHERE],
        "treatment_findings": sum(f.get("kind") in TREATMENT for f in published.findings),
        "queues": waiting.queues[:_ROWS] if waiting else (),
        "more_queues": waiting.queues[_ROWS:] if waiting else (),
        "detours": detours.detours[:_DETOURS] if detours else (),
        "detour_at": [
            next((address(one) for one in published.findings if _is_of(one, detour)), "")
            for detour in (detours.detours[:_DETOURS] if detours else ())
        ],
        "more_detours": detours.detours[_DETOURS:] if detours else (),
        "assumptions": ASSUMPTIONS,
        "rejects": sorted(
            published.run.get("rejects", {}).items(), key=lambda row: (-row[1], row[0])
        ),
        "count_called": count_called,
    }


def _is_of(finding: Mapping[str, Any], detour: Detour) -> bool:
    """Whether the finding is about this detour."""
    subject = finding.get("subject") or {}
    return finding.get("kind") == "detour" and (
        subject.get("type"),
        tuple(subject.get("activities") or ()),
        tuple(subject.get("units") or ()),
        subject.get("cause"),
    ) == (detour.kind, detour.activities, detour.units or (), detour.cause)


def _treatment(published: Published, _colours: Mapping[str, str]) -> dict[str, Any]:
    language = spoken().code
    return {
        "treatment": treatment_of(
            published.equity,
            published.favouritism,
            published.names,
            "id" if language == "id" else "en",
        )
    }


def _card(published: Published, _colours: Mapping[str, str]) -> dict[str, Any]:
    return {"card": published.scorecard and card_of(published.scorecard, published.names)}


_MADE_FOR: Mapping[str, Callable[[Published, Mapping[str, str]], dict[str, Any]]] = {
    "map": map_values,
    "equity": _treatment,
    "scorecard": _card,
}
"""Values that only one part needs, by its name; from the results and the colours of activities."""


def colour_order(published: Published) -> Sequence[str]:
    """Activities in the order in which colours are given out: the most frequent first."""
    ranked = sorted(published.graph.activities, key=lambda a: (-a.events, a.name))
    known = dict.fromkeys(activity.name for activity in ranked)
    for variant in published.variants:
        known.update(dict.fromkeys(variant.activities))
    for row in published.rework:
        known.setdefault(row.activity)
    for detour in published.detours.detours if published.detours else ():
        known.update(dict.fromkeys(detour.activities))
    if published.waiting is not None:
        known.update(dict.fromkeys(queue.activity for queue in published.waiting.queues))
        known.update(dict.fromkeys(place.activity for place in published.waiting.places))
    return tuple(known)
