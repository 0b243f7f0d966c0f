"""What an alert says to a person, in English and Indonesian."""

from collections.abc import Mapping
from datetime import datetime

# What was measured; {value} and {threshold} follow in one sentence.
_MEASURES: Mapping[str, Mapping[str, str]] = {
    "queue_length": {
        "en": "{value} files wait{where}",
        "id": "{value} berkas menunggu{where}",
    },
    "oldest_item": {
        "en": "the oldest file{where} has waited {value} {days}",
        "id": "berkas tertua{where} sudah menunggu {value} {days}",
    },
    "waiting_p90": {
        "en": "one file in ten waits longer than {value} {days}{where}",
        "id": "satu dari sepuluh berkas menunggu lebih dari {value} {days}{where}",
    },
    "overdue_cases": {
        "en": "{value} open applications are past their term",
        "id": "{value} permohonan yang belum selesai sudah melewati batas waktu",
    },
    "soon_overdue_cases": {
        "en": "{value} open applications will soon pass their term",
        "id": "{value} permohonan yang belum selesai segera melewati batas waktu",
    },
    "share_over_term": {
        "en": "{value} of the applications take longer than their term",
        "id": "{value} permohonan memakan waktu lebih lama dari batas waktu",
    },
}
_SENTENCE = {
    "en": "{what}{group} (threshold {threshold}), since {since}.",
    "id": "{what}{group} (ambang {threshold}), sejak {since}.",
}
_OVER = {
    "en": "Over: {what}{group} (threshold {threshold}); it had begun {since}.",
    "id": "Selesai: {what}{group} (ambang {threshold}); mulai {since}.",
}
_WHERE = {"en": " at {activity}", "id": " pada {activity}"}
_GROUP = {"en": ", for {group}", "id": ", untuk {group}"}
_DAYS = {
    "days": {"en": "days", "id": "hari"},
    "working days": {"en": "working days", "id": "hari kerja"},
}


def worded(
    *,
    measure: str,
    resolved: bool,
    value: float,
    unit: str,
    threshold: float,
    since: datetime,
    activity: str | None,
    group: str | None,
) -> dict[str, str]:
    """The sentence of an alert per language.

    `since` is in the office's time zone, `unit` as in `engine.alerts.Reading`.
    """
    out = {}
    for language in ("en", "id"):
        known = _MEASURES.get(measure, {}).get(language, measure.replace("_", " ") + ": {value}")
        what = known.format(
            value=_number(value, unit, language),
            where=_WHERE[language].format(activity=activity) if activity else "",
            days=_DAYS[unit][language] if unit in _DAYS else "",
        )
        sentence = (_OVER if resolved else _SENTENCE)[language].format(
            what=what if resolved else what[0].upper() + what[1:],
            group=_GROUP[language].format(group=group) if group else "",
            threshold=_number(threshold, unit, language),
            since=since.strftime("%Y-%m-%d %H:%M"),
        )
        out[language] = sentence
    return out


def _number(value: float, unit: str, language: str) -> str:
    text = f"{value * 100:.0f} %" if unit == "share" else f"{round(value, 1):,.10g}"
    if language == "id":
        text = text.translate(str.maketrans(",.", ".,"))
    return text
