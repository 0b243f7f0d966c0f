"""Which promised terms are not kept, said in the form of findings.

A standard is a finding where its share over term is at least the process file's smallest share
worth telling (`equity.material.share`). A group is one where, besides, its share is that much over
the overall one and its lower limit still lies over it: plain comparison of all cases as they came,
which never says that comparable cases fared differently (that is for `disparity` findings).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from engine.labels import NO_LABELS, Labels, attribute_called
from engine.numerals import LANGUAGES, Language, decimal, percent, whole
from miners.lateness import OVERALL, Lateness

# Shares over term from which on a finding is of high, of medium severity.
_HIGH, _MEDIUM = 0.25, 0.10
# A strong finding knows how most of its cases stand, and few of its late ones are just silent.
_MOSTLY_JUDGED, _MOSTLY_SILENT = 0.8, 0.2

_UNITS = {
    "working days": {"en": "working days", "id": "hari kerja"},
    "days": {"en": "days", "id": "hari"},
}
_WORDING = {
    "en": {
        "cases": "applications",
        "executions": "executions of {activity}",
        "term": "the promised {term} {unit}",
        "terms": "their promised term ({first} to {last} {unit})",
        "mixed": "their promised term",
        "main": "{share} of {what} take longer than {term} (95 % limits: {low} to {high}). "
        "{over} of {cases} are over it by now, {still} of them still open.",
        "group": "Where {attribute} is {group}: ",
        "silent": " {silent} of those have had no event for half a year: they ended without a "
        "record, or were forgotten.",
        "days": " Half of the late ones are at least {days} {unit} over.",
        "rest": " Overall it is {overall}. This counts all cases as they came; it does not "
        "compare like with like.",
    },
    "id": {
        "cases": "permohonan",
        "executions": "pelaksanaan {activity}",
        "term": "standar waktu {term} {unit}",
        "terms": "standar waktunya ({first} sampai {last} {unit})",
        "mixed": "standar waktunya",
        "main": "{share} {what} melewati {term} (batas 95%: {low} sampai {high}). "
        "{over} dari {cases} sudah melewatinya, {still} di antaranya masih terbuka.",
        "group": "Untuk {attribute} {group}: ",
        "silent": " {silent} di antaranya tidak memiliki kejadian selama setengah tahun: selesai "
        "tanpa dicatat, atau terlupakan.",
        "days": " Separuh dari yang terlambat melewatinya sekurangnya {days} {unit}.",
        "rest": " Secara keseluruhan {overall}. Angka ini mencakup semua permohonan apa adanya, "
        "bukan perbandingan antara yang setara.",
    },
}


def lateness_findings(
    overall: Lateness,
    groups: Sequence[Lateness] = (),
    steps: Sequence[Lateness] = (),
    *,
    smallest_share: float = 0.05,
    names: Labels = NO_LABELS,
) -> list[dict[str, Any]]:
    """The `lateness` findings of interface.md: the term, steps with terms of their own, groups.

    `smallest_share` is the smallest share over term worth a finding, and the smallest that a group
    must be over the overall share. `names` are what activities are called, by language.
    """
    found = [
        _finding(one, None, smallest_share, names)
        for one in (overall, *steps)
        if one.share is not None and one.over and one.share.value >= smallest_share
    ]
    rest = overall.share
    if rest is None:
        return found
    return found + [
        _finding(one, rest.value, smallest_share, names)
        for one in groups
        if one.share is not None
        and one.share.low is not None
        and one.share.low > rest.value
        and one.share.value >= rest.value + smallest_share
    ]


def _finding(
    late: Lateness, rest: float | None, smallest_share: float, names: Labels
) -> dict[str, Any]:
    assert late.share is not None
    subject = {"standard": late.standard}
    parts = ["lateness", late.standard]
    if late.attribute is not None and late.group is not None:
        subject |= {"attribute": late.attribute, "group": late.group}
        parts.append(f"{late.attribute}={late.group}")
    cost = late.case_days_over
    return {
        "id": "/".join(quote(part, safe="=") for part in parts),
        "kind": "lateness",
        "subject": subject,
        "effect": {
            "value": late.share.value,
            "unit": "share",
            "ci_low": late.share.low,
            "ci_high": late.share.high,
            "raw": late.over / late.judged,
        },
        "q_value": None,
        "cases": late.cases,
        "cost": {"value": cost, "unit": "case-days"} if cost else None,
        "severity": _severity(late.share.value),
        "strength": _strength(late, rest, smallest_share),
        "wording": {language: _words(late, rest, language, names) for language in LANGUAGES},
        "evidence": {
            "terms": list(late.terms),
            "unit": late.unit,
            "judged": late.judged,
            "over": late.over,
            "open_over": late.open_over,
            "silent": late.silent,
            "left_out": late.left_out,
            "decided_in_time": late.decided_in_time,
            "withdrawn_in_time": late.withdrawn_in_time,
            "days_over": late.days_over,
            "overall": rest,
        },
    }


def _severity(share: float) -> str:
    return "high" if share >= _HIGH else "medium" if share >= _MEDIUM else "low"


def _strength(late: Lateness, rest: float | None, smallest_share: float) -> str:
    """Strong: the lower limit is worth telling too, most cases are judged, few late ones silent.

    Moderate: the lower limit is worth telling. Weak: only the share itself is.
    """
    assert late.share is not None
    bar = smallest_share if rest is None else rest
    if late.share.low is None or late.share.low < bar:
        return "weak"
    known = late.judged >= _MOSTLY_JUDGED * late.cases
    return "strong" if known and late.silent <= _MOSTLY_SILENT * late.over else "moderate"


def _words(late: Lateness, rest: float | None, language: Language, names: Labels) -> str:
    words = _WORDING[language]
    assert late.share is not None
    assert late.share.low is not None
    assert late.share.high is not None
    unit = _UNITS[late.unit][language] if late.unit else ""
    activity = names.get(late.standard, {}).get(language, late.standard)
    what = words["cases" if late.standard == OVERALL else "executions"]
    said = words["main"].format(
        share=percent(late.share.value, language),
        low=percent(late.share.low, language),
        high=percent(late.share.high, language),
        what=what.format(activity=activity),
        term=_term(late, words, unit, language),
        over=whole(late.over, language),
        cases=whole(late.cases, language),
        still=whole(late.open_over, language),
    )
    if late.silent:
        said += words["silent"].format(silent=whole(late.silent, language))
    if late.days_over is not None:
        said += words["days"].format(days=decimal(late.days_over, language), unit=unit)
    if late.attribute is None or rest is None:
        return said
    called = attribute_called(late.attribute, language, names)
    head = words["group"].format(attribute=called, group=late.group)
    return head + said + words["rest"].format(overall=percent(rest, language))


def _term(late: Lateness, words: dict[str, str], unit: str, language: Language) -> str:
    if not late.terms:
        return words["mixed"]
    first, last = decimal(late.terms[0], language), decimal(late.terms[-1], language)
    if len(late.terms) == 1:
        return words["term"].format(term=first, unit=unit)
    return words["terms"].format(first=first, last=last, unit=unit)
