"""How a finding reads in what may be passed on, and which findings stay inside.

The sentences of `engine.bottleneck_wording` and its like hold exact counts. Where such a count
would tell of a few, or of one officer, its sentence is taken out; where it cannot be found (the
wording has changed), the finding stays inside.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import detour_wording
from engine.numerals import LANGUAGES, whole
from reports.contents.detours import Detour, Detours
from reports.contents.equity import Equity
from reports.contents.favour import Favouritism
from reports.contents.terms import Terms
from reports.language import speaking
from reports.withheld.terms import kept_tells
from reports.withheld.told_equity import TREATMENT, Called, told_treatment
from reports.withheld.totals import nearest, tellable
from reports.withheld.waiting import few_officers
from reports.words.wording import number, share

Finding = Mapping[str, Any]

_COUNTED = re.compile(r"^[\d.,]+ (?:of|dari) [\d.,]+ ")
_THE = {"en": "{share} of ", "id": "{share} dari "}
_CAUSE = {
    "en": re.compile(r" Main cause \([^()]*\): [^.]*\."),
    "id": re.compile(r" Penyebab utama \([^()]*\): [^.]*\."),
}
_MORE = {
    "en": re.compile(
        r" With one more officer, the same files would have waited about [\d,.]*\d [a-z ]+\."
    ),
    "id": re.compile(
        r" Dengan tambahan satu petugas, berkas yang sama akan menunggu sekitar "
        r"[\d,.]*\d [a-z ]+\."
    ),
}
_OPEN = {
    "en": re.compile(r" [\d,]+ wait now, the oldest for [\d,.]*\d [a-z ]+\."),
    "id": re.compile(r" Saat ini [\d.]+ menunggu, yang tertua sudah [\d,.]*\d [a-z ]+\."),
}
_OVER = {
    "en": re.compile(r" [\d,]+ of [\d,]+ are over it by now, [\d,]+ of them still open\."),
    "id": re.compile(r" [\d.]+ dari [\d.]+ sudah melewatinya, [\d.]+ di antaranya masih terbuka\."),
}
_SILENT = {
    "en": re.compile(r" [\d,]+ of those have had no event for half a year:[^.]*\."),
    "id": re.compile(r" [\d.]+ di antaranya tidak memiliki kejadian selama setengah tahun:[^.]*\."),
}
_PROMISE = {
    "en": re.compile(r" (?:The office could promise|No promise to) .*", re.DOTALL),
    "id": re.compile(r" (?:Kantor dapat menjanjikan|Janji kepada) .*", re.DOTALL),
}
_TESTED = {
    "en": re.compile(r"[\d,]+ (?=later cases)"),
    "id": re.compile(r"[\d.]+ (?=permohonan berikutnya)"),
}
_ABOUT = {"en": "about", "id": "sekitar"}
_USUAL_PROMISE = 0.8


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the report tells of the questions that findings are about; None: nothing.

    `labels` are what activities and attributes are called, by language.
    """

    terms: Terms | None = None
    detours: Detours | None = None
    equity: Equity | None = None
    favouritism: Favouritism | None = None
    labels: Called = field(default_factory=dict)


def told(
    finding: Finding,
    *,
    whole: int,
    least: int,
    shown: Shown,
) -> Finding | None:
    """The finding without what tells of a few of the `whole` cases; None: it stays inside.

    So does what is not in `shown`: a group without terms or promises, a detour, a gap.
    """
    if finding.get("subject", {}).get("resource"):
        return None
    kind, cases = finding.get("kind"), finding.get("cases")
    if kind == "detour":
        return _detour(finding, shown.detours)
    if kind in TREATMENT:
        return told_treatment(finding, shown.equity, shown.favouritism, shown.labels)
    if kind not in _KINDS:
        return finding if _may_be_told(finding, whole, least) else None
    if cases is None or cases < least or not _among(finding, shown.terms):
        return None
    return _KINDS[kind](finding, least)


def _among(finding: Finding, terms: Terms | None) -> bool:
    """Whether the group, or how the standard is kept, may be told."""
    subject = finding["subject"]
    group = (subject.get("attribute"), subject.get("group"))
    if finding["kind"] == "lateness":
        if terms is None:
            return False
        kept = (*terms.groups, *terms.steps, *([terms.overall] if terms.overall else []))
        return any(
            (one.standard, one.attribute, one.group) == (subject["standard"], *group)
            for one in kept
            if one.share is not None
        )
    if group[0] is None:
        return True
    return terms is not None and group in {(one.attribute, one.group) for one in terms.promises}


def without_totals(finding: Finding) -> Finding:
    """The finding with a rounded share of events instead of the two counts that make it.

    A finding about cases stays as it is: their number is told anyway, or it is withheld.
    """
    evidence = finding.get("evidence", {})
    if evidence.get("of") != "events":
        return finding
    part = evidence["affected"] / evidence["total"]
    return {
        **finding,
        "effect": {**finding["effect"], "value": round(part, 3)},
        "evidence": {"of": "events"},
        "wording": {
            language: _COUNTED.sub(_share_of(part, language), text)
            for language, text in finding["wording"].items()
        },
    }


def _share_of(part: float, language: str) -> str:
    with speaking(language):
        return _THE[language].format(share=share(part))


def _detour(finding: Finding, detours: Detours | None) -> Finding | None:
    """The finding with the numbers that may be told of this detour, in its sentences too."""
    subject = finding.get("subject", {})
    units = subject.get("units")
    key = (
        subject.get("type"),
        tuple(subject.get("activities", ())),
        None if units is None else tuple(units),
        subject.get("cause"),
    )
    one = next((each for each in detours.detours if each.key == key), None) if detours else None
    if one is None or detours is None:
        return None
    called = (finding.get("evidence") or {}).get("called") or {}
    days = one.days
    return {
        **finding,
        "wording": _detour_words(one, detours, called),
        "cases": one.cases,
        "about": True,
        "effect": {
            **finding["effect"],
            "value": days and days.value,
            "ci_low": days and days.low,
            "ci_high": days and days.high,
            "raw": None,
        },
        "cost": None
        if one.case_days is None
        else {"value": max(one.case_days, 0.0), "unit": "case-days"},
        "evidence": {},
    }


def _detour_words(one: Detour, found: Detours, called: detour_wording.Names) -> Mapping[str, str]:
    """The finding's own words, said of the numbers that may be told."""
    days = None
    if one.days is not None and one.days.low is not None and one.days.high is not None:
        days = (one.days.value, one.days.low, one.days.high)
    parts = (
        detour_wording.lead(
            one.kind,
            one.activities,
            one.units,
            share=one.share.value,
            cases=one.cases,
            eligible=one.eligible,
            by=found.by,
            names=called,
        ),
        detour_wording.cost(days, one.case_days, found.unit, one.coverage),
        detour_wording.remarks(one.cause, found.by),
    )
    told: dict[str, str] = {}
    for language in LANGUAGES:
        of = {"en": "of", "id": "dari"}[language]
        cases, eligible = whole(one.cases, language), whole(one.eligible, language)
        text = "".join(part[language] for part in parts)
        about = f"(≈ {cases} {of} ≈ {eligible})"
        told[language] = text.replace(f"({cases} {of} {eligible})", about, 1)
    return told


def _may_be_told(finding: Finding, whole: int, least: int) -> bool:
    """Findings about few cases, or about all but a few, stay inside."""
    cases = finding.get("cases")
    evidence = finding.get("evidence") or {}
    affected, total = evidence.get("affected"), evidence.get("total")
    return (cases is None or tellable(cases, whole, least)) and (
        # Few events are of few cases.
        affected is None or total is None or tellable(affected, total, least)
    )


def _bottleneck(finding: Finding, least: int) -> Finding | None:
    evidence = finding["evidence"]
    wording: Mapping[str, str] | None = finding["wording"]
    if 0 < evidence["open_now"] < least:
        wording = _without(wording, _OPEN)
    if few_officers(evidence["officers"]):
        if evidence["main_cause"] is not None:
            wording = _without(wording, _CAUSE)
        estimate = evidence["one_more_officer"]
        if estimate is not None and estimate["wait_with_one_more"] is not None:
            wording = _without(wording, _MORE)
    return _rounded(finding, wording, least)


def _lateness(finding: Finding, least: int) -> Finding | None:
    evidence = finding["evidence"]
    wording = _without(finding["wording"], _OVER)
    if evidence["silent"]:
        wording = _without(wording, _SILENT)
    return _rounded(finding, wording, least)


def _unpredictability(finding: Finding, least: int) -> Finding | None:
    wording: Mapping[str, str] | None = finding["wording"]
    promises = finding["evidence"]["promises"]
    if promises is None:
        return _rounded(finding, wording, least)
    usual = next(one for one in promises["promises"] if one["share"] == _USUAL_PROMISE)
    kept = usual["kept"] if usual["reason"] else usual["kept_whole"]
    if kept is None or not kept_tells(kept["value"], usual["tested"], least):
        return _rounded(finding, _without(wording, _PROMISE), least)
    tested = nearest(usual["tested"], least)
    return _rounded(
        finding,
        {
            language: _TESTED[language].sub(_about(tested, language), text)
            for language, text in finding["wording"].items()
        },
        least,
    )


_KINDS = {
    "bottleneck": _bottleneck,
    "lateness": _lateness,
    "unpredictability": _unpredictability,
}


def _without(
    wording: Mapping[str, str] | None, sentence: Mapping[str, re.Pattern[str]]
) -> Mapping[str, str] | None:
    """The wording without a sentence; None where a language does not have it as expected."""
    if wording is None:
        return None
    cut = {
        language: sentence[language].subn("", text)
        for language, text in wording.items()
        if language in sentence
    }
    if len(cut) < len(wording) or any(times != 1 for _, times in cut.values()):
        return None
    return {language: text for language, (text, _) in cut.items()}


def _rounded(finding: Finding, wording: Mapping[str, str] | None, least: int) -> Finding | None:
    """The finding with this wording, rounded numbers and no evidence, which holds exact ones."""
    if wording is None:
        return None
    cost = finding.get("cost")
    return {
        **finding,
        "wording": wording,
        "cases": nearest(finding["cases"], least),
        "about": True,
        "effect": {
            name: round(value, 2) if isinstance(value, float) else value
            for name, value in finding["effect"].items()
            if name != "raw"
        }
        | {"raw": None},
        "cost": cost and {**cost, "value": float(round(cost["value"]))},
        "evidence": {},
    }


def _about(count: int, language: str) -> str:
    with speaking(language):
        return f"{_ABOUT[language]} {number(count)} "
