"""What an alert says to a person, in English and Indonesian."""

from collections.abc import Mapping
from datetime import datetime

# What was measured. English needs words of their own for one file.
_MEASURES: Mapping[str, Mapping[str, str]] = {
    "queue_length": {
        "en": "{value} files wait{where}",
        "en one": "{value} file waits{where}",
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
        "en one": "{value} open application is past its term",
        "id": "{value} permohonan yang belum selesai sudah melewati batas waktu",
    },
    "share_over_term": {
        "en": "{value} of the applications take longer than their term",
        "id": "{value} permohonan memakan waktu lebih lama dari batas waktu",
    },
}
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "pending": {
        "en": "{what}{group} (threshold {threshold}), since {since}.",
        "id": "{what}{group} (ambang {threshold}), sejak {since}.",
    },
    "firing": {
        "en": "{what}{group} (threshold {threshold}), since {since}.",
        "id": "{what}{group} (ambang {threshold}), sejak {since}.",
    },
    "resolved": {
        "en": "Over: {what}{group} (threshold {threshold}); it had begun {since}.",
        "id": "Selesai: {what}{group} (ambang {threshold}); mulai {since}.",
    },
    "withdrawn": {
        "en": "No longer watched: {what}{group} when it was last told (threshold {threshold}).",
        "id": "Tidak dipantau lagi: {what}{group} saat terakhir dilaporkan (ambang {threshold}).",
    },
}
_NOW = {
    "en": "{what}{group} (threshold {threshold})",
    "id": "{what}{group} (ambang {threshold})",
}
_WHERE = {"en": " at {activity}", "id": " pada {activity}"}
_GROUP = {"en": ", for {group}", "id": ", untuk {group}"}
_DAYS = {
    "days": {"en": "days", "en one": "day", "id": "hari"},
    "working days": {"en": "working days", "en one": "working day", "id": "hari kerja"},
}
_LANGUAGES = ("en", "id")


def worded(
    *,
    measure: str,
    state: str,
    value: float,
    unit: str,
    threshold: float,
    since: datetime,
    activity: str | None,
    group: str | None,
) -> dict[str, str]:
    """The sentence of an alert per language.

    `since` is in the office's time zone; `unit` and `state` are as in `engine.alerting.life`.

    >>> told = worded(measure="queue_length", state="firing", value=41, unit="files", threshold=40,
    ...               since=datetime(2026, 3, 2, 10), activity="Review zoning", group=None)
    >>> told["en"]
    '41 files wait at Review zoning (threshold 40), since 2026-03-02 10:00.'
    """
    out = {}
    for language in _LANGUAGES:
        what = _what(measure, value, unit, activity, language)
        sentence = _SENTENCES[state][language]
        begins = sentence.startswith("{what}")
        out[language] = sentence.format(
            what=what[0].upper() + what[1:] if begins else what,
            group=_GROUP[language].format(group=group) if group else "",
            threshold=_number(threshold, unit, language),
            since=since.strftime("%Y-%m-%d %H:%M"),
        )
    return out


def measured(
    *,
    measure: str,
    value: float,
    unit: str,
    threshold: float,
    activity: str | None,
    group: str | None,
) -> dict[str, str]:
    """What was measured, without since when, per language; the arguments are those of `worded`.

    >>> told = measured(measure="overdue_cases", value=1, unit="files", threshold=0,
    ...                 activity=None, group="north")
    >>> told["en"]
    '1 open application is past its term, for north (threshold 0)'
    """
    return {
        language: _NOW[language].format(
            what=_what(measure, value, unit, activity, language),
            group=_GROUP[language].format(group=group) if group else "",
            threshold=_number(threshold, unit, language),
        )
        for language in _LANGUAGES
    }


def _what(measure: str, value: float, unit: str, activity: str | None, language: str) -> str:
    """What was measured; a measure that has no words here is told by its name."""
    number = _number(value, unit, language)
    forms = _MEASURES.get(measure, {language: measure.replace("_", " ") + "{where}: {value}"})
    days = _DAYS.get(unit, {language: ""})
    which = f"{language} one" if number == "1" else language
    return forms.get(which, forms[language]).format(
        value=number,
        where=_WHERE[language].format(activity=activity) if activity else "",
        days=days.get(which, days[language]),
    )


def _number(value: float, unit: str, language: str) -> str:
    text = f"{value * 100:.3g} %" if unit == "share" else f"{round(value, 1):,.10g}"
    if language == "id":
        text = text.translate(str.maketrans(",.", ".,"))
    return text
