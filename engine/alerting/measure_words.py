"""What was measured, as one says it in English and Indonesian."""

from collections.abc import Iterator, Mapping

from engine.alerting.standing import Subject

LANGUAGES = ("en", "id")

# English needs words of its own for one file; a difference may be below zero, or none. What is said
# of a silence that is over must not sound as if it went on.
_MEASURES: Mapping[str, Mapping[str, str]] = {
    "queue_length": {
        "en": "{value} files wait{where}",
        "en one": "{value} file waits{where}",
        "id": "{value} berkas menunggu{where}",
    },
    "oldest_item": {
        "en": "the oldest file{where} has waited {value} {span}",
        "id": "berkas tertua{where} sudah menunggu {value} {span}",
    },
    "waiting_p90": {
        "en": "one file in ten waits longer than {value} {span}{where}",
        "id": "satu dari sepuluh berkas menunggu lebih dari {value} {span}{where}",
    },
    "arrivals_less_completions": {
        "en": "{value} more files came{to} than were completed of late",
        "en one": "{value} more file came{to} than was completed of late",
        "en less": "{value} fewer files came{to} than were completed of late",
        "en one less": "{value} fewer file came{to} than was completed of late",
        "en none": "as many files came{to} as were completed of late",
        "id": "belakangan ini berkas yang masuk{to} {value} lebih banyak daripada yang selesai",
        "id less": "belakangan ini berkas yang masuk{to} {value} lebih sedikit daripada yang "
        "selesai",
        "id none": "belakangan ini berkas yang masuk{to} sama banyak dengan yang selesai",
    },
    "overdue_cases": {
        "en": "{value} open applications are past their term",
        "en one": "{value} open application is past its term",
        "id": "{value} permohonan yang belum selesai sudah melewati standar waktu",
    },
    "soon_overdue_cases": {
        "en": "{value} open applications will soon be past their term",
        "en one": "{value} open application will soon be past its term",
        "id": "{value} permohonan yang belum selesai akan segera melewati standar waktu",
    },
    "share_over_term": {
        "en": "{value} of the applications take longer than their term",
        "id": "{value} dari permohonan melewati standar waktu",
    },
    "rework_share": {
        "en": "{value} of the work completed{where} was rework",
        "id": "{value} dari pekerjaan yang diselesaikan{where} adalah pengerjaan ulang",
    },
    "disparity_drift": {
        "en": "the wait{where}, compared with that of others, has grown by {value} {span}",
        "en less": "the wait{where}, compared with that of others, has shrunk by {value} {span}",
        "id": "waktu tunggu{where}, dibandingkan dengan yang lain, bertambah {value} {span}",
        "id less": "waktu tunggu{where}, dibandingkan dengan yang lain, berkurang {value} {span}",
    },
    "silence": {
        "en": "no event has come{where} for {value} {span}",
        "en over": "the latest event{where} came {value} {span} ago",
        "en over none": "events come{where} again",
        "id": "tidak ada kejadian{where} selama {value} {span}",
        "id over": "kejadian terakhir{where} masuk {value} {span} yang lalu",
        "id over none": "kejadian{where} masuk lagi",
    },
    "rejects": {
        "en": "{value} events could not be used and were set aside",
        "en one": "{value} event could not be used and was set aside",
        "id": "{value} kejadian tidak dapat dipakai dan disisihkan",
    },
    "lag": {
        "en": "{value} events have not been read yet",
        "en one": "{value} event has not been read yet",
        "id": "{value} kejadian belum dibaca",
    },
}
_WHERE = {"en": " at {activity}", "id": " di {activity}"}
_TO = {"en": " to {activity}", "id": " ke {activity}"}
_GROUP = {"en": ", for {attribute} “{group}”", "id": ", untuk {attribute} “{group}”"}
_UNIT = {"en": "unit", "id": "unit kerja"}
_SPANS = {
    "days": {"en": "days", "en one": "day", "id": "hari"},
    "working days": {"en": "working days", "en one": "working day", "id": "hari kerja"},
    "hours": {"en": "hours", "en one": "hour", "id": "jam"},
    "working hours": {"en": "working hours", "en one": "working hour", "id": "jam kerja"},
}


def what_of(
    measure: str, value: float, unit: str, *, subject: Subject, language: str, over: bool
) -> str:
    """What was measured and for whom; a measure that has no words here is told by its name.

    `over` says that its alert has come to an end.

    >>> north = Subject(attribute="district", group="north")
    >>> what_of("silence", 7, "working hours", subject=north, language="id", over=False)
    'tidak ada kejadian selama 7 jam kerja, untuk district “north”'
    """
    forms = _MEASURES.get(measure, {language: measure.replace("_", " ") + "{where}: {value}"})
    less = value < 0 and f"{language} less" in forms
    number = number_of(abs(value) if less else value, unit, language)
    names = (" ".join((language, *form)) for form in _forms(number, less=less, over=over))
    found = next(forms[name] for name in names if name in forms)
    spans = _SPANS.get(unit, {language: ""})
    activity = subject.activity
    said = found.format(
        value=number,
        where=_WHERE[language].format(activity=activity) if activity else "",
        to=_TO[language].format(activity=activity) if activity else "",
        span=spans.get(f"{language} one" if number == "1" else language, spans[language]),
    )
    if subject.attribute is None:
        return said
    attribute = _UNIT[language] if subject.attribute == "unit" else subject.attribute
    return said + _GROUP[language].format(attribute=attribute, group=subject.group)


def _forms(number: str, *, less: bool, over: bool) -> Iterator[tuple[str, ...]]:
    """What words a number may have of its own, the most special first."""
    counts = {"0": "none", "1": "one"}
    if over:
        yield from [("over", counts[number])] if number in counts else []
        yield ("over",)
    if less:
        yield from [("one", "less")] if number == "1" else []
        yield ("less",)
    if number in counts:
        yield (counts[number],)
    yield ()


def number_of(value: float, unit: str, language: str) -> str:
    """The value as it is written, shares in per cent.

    >>> number_of(1234.56, "days", "id"), number_of(0.125, "share", "en")
    ('1.234,6', '12.5 %')
    """
    text = f"{value * 100:.3g} %" if unit == "share" else f"{round(value, 1) + 0.0:,.10g}"
    if language == "id":
        text = text.translate(str.maketrans(",.", ".,")).replace(" %", "%")
    return text
