"""Where applicants cannot know what to expect, and what the office could promise them instead.

Time is a finding where one case in ten surely takes twice as long as usual or longer (the lower
limit of P90/P50 is at least 2); the fee where one in ten pays more than usual by the smallest share
worth telling (`equity.material.fee_share`) and the lower limit is over 1. A group is one where,
besides, its lower limit lies over the overall ratio.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from engine.labels import NO_LABELS, Labels, attribute_called
from engine.numerals import LANGUAGES, Language, decimal, percent, whole
from miners.predictability import TIME, Spread
from miners.promises import Promise, Promises

_LEAST_TIME = 2.0
# Ratios from which on a finding is of high, of medium severity.
_HIGH: Mapping[str, float] = {"time": 4.0, "fee": 1.5}
_MEDIUM: Mapping[str, float] = {"time": 3.0, "fee": 1.2}
# A strong finding has this many cases, and a lower limit not further below its ratio than this.
_MANY, _NEAR = 200, 0.8
# The promise that is told first: what service charters name.
_USUAL_PROMISE = 0.8

_UNITS = {
    "working days": {"en": "working days", "id": "hari kerja"},
    "days": {"en": "days", "id": "hari"},
    "times the tariff": {"en": "times the tariff", "id": "kali tarif"},
    "times the usual fee": {"en": "times the usual fee", "id": "kali biaya yang lazim"},
}
_WORDING = {
    "en": {
        "group": "Where {attribute} is {group}: ",
        "time": "half of the decisions are there within {usual} {unit}, but one applicant in ten "
        "waits longer than {unlucky}, {ratio} times as long.",
        "fee": "half of the applicants pay at most {usual} {unit}, but one in ten pays {unlucky} "
        "times or more.",
        "promise": " The office could promise a decision within {days} {unit} to {share} of the "
        "applicants: {kept} of {tested} later cases were decided within such a promise.",
        "none": " No promise to {share} of the applicants can be published: {reason}.",
        "too few cases": "there are too few cases to try it on",
        "not followed long enough": "too few files have been decided yet",
        "kept too rarely": "only {kept} of {tested} later cases were decided within it",
        "kept too often": "{kept} of {tested} later cases were decided within it, so a shorter one "
        "would do",
    },
    "id": {
        "group": "Untuk {attribute} {group}: ",
        "time": "separuh keputusan terbit dalam {usual} {unit}, tetapi satu dari sepuluh pemohon "
        "menunggu lebih dari {unlucky} {unit}, yaitu {ratio} kali lebih lama.",
        "fee": "separuh pemohon membayar paling banyak {usual} {unit}, tetapi satu dari sepuluh "
        "membayar {unlucky} kali atau lebih.",
        "promise": " Kantor dapat menjanjikan keputusan dalam {days} {unit} kepada {share} "
        "pemohon: {kept} dari {tested} permohonan berikutnya diputus dalam janji seperti itu.",
        "none": " Janji kepada {share} pemohon belum dapat diumumkan: {reason}.",
        "too few cases": "terlalu sedikit permohonan untuk mengujinya",
        "not followed long enough": "terlalu sedikit permohonan yang sudah diputus",
        "kept too rarely": "hanya {kept} dari {tested} permohonan berikutnya diputus dalam janji "
        "itu",
        "kept too often": "{kept} dari {tested} permohonan berikutnya diputus dalam janji itu, "
        "jadi janji yang lebih singkat sudah cukup",
    },
}


def unpredictability_findings(
    overall: Spread,
    groups: Sequence[Spread] = (),
    promised: Sequence[Promises] = (),
    *,
    smallest_fee_share: float = 0.05,
    names: Labels = NO_LABELS,
) -> list[dict[str, Any]]:
    """The `unpredictability` findings of interface.md for one measure: overall, and groups.

    `promised` are the promises told beside them; the one of the same attribute and group is taken.
    `names` are what attributes are called, by language.
    """
    least = _LEAST_TIME if overall.measure == TIME else 1 + smallest_fee_share
    by_group = {(one.attribute, one.group): one for one in promised}
    found = []
    for one in (overall, *groups):
        if not _unpredictable(one, least):
            continue
        if one is not overall and not _worse(one, overall):
            continue
        found.append(_finding(one, by_group.get((one.attribute, one.group)), names))
    return found


def told(promises: Promises) -> dict[str, Any]:
    """The promises as results and evidence tell them, fit for JSON."""
    said = asdict(promises)
    for one in said["promises"]:
        one["publishable"] = one["reason"] is None
    return {**said, "promises": list(said["promises"])}


def _unpredictable(one: Spread, least: float) -> bool:
    if one.ratio is None or one.ratio.low is None:
        return False
    if one.measure == TIME:
        return one.ratio.low >= least
    return one.ratio.value >= least and one.ratio.low > 1


def _worse(one: Spread, overall: Spread) -> bool:
    if one.ratio is None or one.ratio.low is None or overall.ratio is None:
        return False
    return one.ratio.low > overall.ratio.value


def _finding(one: Spread, promises: Promises | None, names: Labels) -> dict[str, Any]:
    assert one.ratio is not None
    subject = {"measure": one.measure}
    parts = ["unpredictability", one.measure]
    if one.attribute is not None and one.group is not None:
        subject |= {"attribute": one.attribute, "group": one.group}
        parts.append(f"{one.attribute}={one.group}")
    return {
        "id": "/".join(quote(part, safe="=") for part in parts),
        "kind": "unpredictability",
        "subject": subject,
        "effect": {
            "value": one.ratio.value,
            "unit": "ratio",
            "ci_low": one.ratio.low,
            "ci_high": one.ratio.high,
            "raw": None,
        },
        "q_value": None,
        "cases": one.cases,
        "cost": None,
        "severity": _severity(one),
        "strength": _strength(one),
        "wording": {language: _words(one, promises, language, names) for language in LANGUAGES},
        "evidence": {
            "p50": one.usual,
            "p90": one.unlucky,
            "unit": one.unit,
            "promises": None if promises is None else told(promises),
        },
    }


def _severity(one: Spread) -> str:
    assert one.ratio is not None
    if one.ratio.value >= _HIGH[one.measure]:
        return "high"
    return "medium" if one.ratio.value >= _MEDIUM[one.measure] else "low"


def _strength(one: Spread) -> str:
    """Strong: many cases and near limits. Moderate: limits on both sides. Weak: no upper limit."""
    assert one.ratio is not None
    assert one.ratio.low is not None
    if one.ratio.high is None:
        return "weak"
    near = one.ratio.low >= _NEAR * one.ratio.value
    return "strong" if near and one.cases >= _MANY else "moderate"


def _words(one: Spread, promises: Promises | None, language: Language, names: Labels) -> str:
    words = _WORDING[language]
    assert one.ratio is not None
    assert one.usual is not None
    assert one.unlucky is not None
    said = words[one.measure].format(
        usual=decimal(one.usual, language),
        unlucky=decimal(one.unlucky, language),
        ratio=decimal(one.ratio.value, language),
        unit=_UNITS[one.unit][language],
    )
    if one.attribute is None:
        said = said[0].upper() + said[1:]
    else:
        called = attribute_called(one.attribute, language, names)
        said = words["group"].format(attribute=called, group=one.group) + said
    if promises is None:
        return said
    usual = next(each for each in promises.promises if each.share == _USUAL_PROMISE)
    return said + _promise_words(usual, promises.unit, words, language)


def _promise_words(
    promise: Promise, unit: str, words: Mapping[str, str], language: Language
) -> str:
    kept = promise.kept if promise.reason else promise.kept_whole
    numbers = {
        "share": percent(promise.share, language),
        "kept": "" if kept is None else percent(kept.value, language),
        "tested": whole(promise.tested, language),
    }
    if promise.reason is not None:
        return words["none"].format(reason=words[promise.reason].format(**numbers), **numbers)
    days = whole(promise.whole_days or 0, language)
    return words["promise"].format(days=days, unit=_UNITS[unit][language], **numbers)
