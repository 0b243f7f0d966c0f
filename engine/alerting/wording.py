"""What an alert says to a person, in English and Indonesian."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.alerting.measure_words import LANGUAGES, number_of, what_of
from engine.alerting.standing import Standing, Subject

_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "pending": {
        "en": "{what} ({limit}), since {since}.",
        "id": "{what} ({limit}), sejak {since}.",
    },
    "firing": {
        "en": "{what} ({limit}), since {since}.",
        "id": "{what} ({limit}), sejak {since}.",
    },
    "reminder": {
        "en": "Still: {what} ({limit}), since {since}.",
        "id": "Masih berlangsung: {what} ({limit}), sejak {since}.",
    },
    "resolved": {
        "en": "Over after {lasted}: {what} ({limit}); it had begun {since}.",
        "id": "Selesai setelah {lasted}: {what} ({limit}); berlangsung sejak {since}.",
    },
    "withdrawn": {
        "en": "No longer watched; what was told last: {what} ({limit}).",
        "id": "Tidak dipantau lagi; yang terakhir dilaporkan: {what} ({limit}).",
    },
}
_LIMIT = {"en": "threshold {threshold}", "id": "ambang {threshold}"}
_USUAL = {"en": "; usual for {slot}: {usual}", "id": "; biasanya pada {slot}: {usual}"}
_SLOT = {"en": "{day} {hour}:00", "id": "{day} pukul {hour}:00"}
_CLOSED = {"en": "a closed day at", "id": "hari libur"}
_WEEK = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
}
_SEEN = {"en": " Acknowledged.", "id": " Sudah diketahui."}
_SEEN_BY = {"en": " Acknowledged by {by}.", "id": " Sudah diketahui oleh {by}."}
_SHORT = {"en": "less than a minute", "id": "kurang dari satu menit"}
_PARTS = (
    (timedelta(days=1), {"en": "days", "en one": "day", "id": "hari"}),
    (timedelta(hours=1), {"en": "hours", "en one": "hour", "id": "jam"}),
    (timedelta(minutes=1), {"en": "minutes", "en one": "minute", "id": "menit"}),
)


def worded(
    alert: Standing, *, closed: bool = False, reminder: bool = False, seen_by: str | None = None
) -> dict[str, str]:
    """The sentence of an alert per language; its times are in the office's time zone.

    `closed` says that the office is closed on the day of the evaluation, `reminder` that this was
    told before. `seen_by` is who has acknowledged it, "" when that person gave no name.

    >>> ten = datetime(2026, 3, 2, 10)
    >>> alert = Standing(
    ...     alert_id="queue", key="queue/1", state="firing", severity="warning",
    ...     measure="queue_length", subject=Subject(activity="Review zoning"), value=41,
    ...     unit="files", threshold=40, usual=12, since=ten, evaluated=ten, cases=(), rule=None)
    >>> worded(alert)["id"].partition(", ")[0]
    '41 berkas menunggu di Review zoning (ambang 40; biasanya pada Senin pukul 10:00: 12)'
    """
    state = "reminder" if reminder and alert.state == "firing" else alert.state
    out = {}
    for language in LANGUAGES:
        what = what_of(
            alert.measure,
            alert.value,
            alert.unit,
            subject=alert.subject,
            language=language,
            over=alert.state == "resolved",
        )
        limit = _LIMIT[language].format(
            threshold=number_of(alert.threshold, alert.unit, language)
        ) + _usual(alert, closed, language)
        sentence = _SENTENCES[state][language]
        out[language] = sentence.format(
            what=_begun(what) if sentence.startswith("{what}") else what,
            limit=limit,
            since=alert.since.strftime("%Y-%m-%d %H:%M"),
            lasted=lasted(alert.evaluated - alert.since, language),
        ) + _seen(seen_by, language)
    return out


def measured(
    *, measure: str, value: float, unit: str, threshold: float, subject: Subject
) -> dict[str, str]:
    """What was measured, without since when, per language.

    >>> north = Subject(attribute="district", group="north")
    >>> told = measured(
    ...     measure="overdue_cases", value=1, unit="files", threshold=0, subject=north)
    >>> told["en"]
    '1 open application is past its term, for district “north” (threshold 0)'
    """
    out = {}
    for language in LANGUAGES:
        what = what_of(measure, value, unit, subject=subject, language=language, over=False)
        limit = _LIMIT[language].format(threshold=number_of(threshold, unit, language))
        out[language] = f"{_begun(what)} ({limit})"
    return out


def slot_of(moment: datetime, *, closed: bool, language: str) -> str:
    """What the weekday and hour of a moment are called; closed days are all alike.

    >>> slot_of(datetime(2026, 3, 2, 10, 30), closed=False, language="id")
    'Senin pukul 10:00'
    """
    day = _CLOSED[language] if closed else _WEEK[language][moment.weekday()]
    return _SLOT[language].format(day=day, hour=f"{moment.hour:02d}")


def lasted(span: timedelta, language: str) -> str:
    """How long something lasted, in its two largest units.

    >>> lasted(timedelta(days=1, hours=3, minutes=20), "en"), lasted(timedelta(minutes=1), "id")
    ('1 day 3 hours', '1 menit')
    """
    said, rest = [], span
    for unit, forms in _PARTS:
        count, rest = divmod(rest, unit)
        one = f"{language} one" if count == 1 else language
        said += [f"{count} {forms.get(one, forms[language])}"] if count > 0 else []
    return " ".join(said[:2]) or _SHORT[language]


def _usual(alert: Standing, closed: bool, language: str) -> str:  # noqa: FBT001 (told above)
    # What is usual for a drift is the gap that there was before, at no hour of its own.
    if alert.usual is None or alert.measure == "disparity_drift":
        return ""
    return _USUAL[language].format(
        slot=slot_of(alert.evaluated, closed=closed, language=language),
        usual=number_of(alert.usual, alert.unit, language),
    )


def _seen(by: str | None, language: str) -> str:
    if by is None:
        return ""
    return _SEEN_BY[language].format(by=by) if by else _SEEN[language]


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
