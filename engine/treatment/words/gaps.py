"""How a difference in treatment is told to people, in English and in Indonesian.

What is told is a disparity between comparable applications, never why it is there or whether
anybody meant it. Figures may be exact or rounded; the sentences are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.numerals import LANGUAGES, Language, decimal, percent, whole
from engine.treatment.words.figures import CURRENCY, Compared, GapTold
from engine.treatment.words.phrases import (
    DOES,
    Names,
    Words,
    activity_called,
    attribute_called,
    estimated,
    listed,
    theme,
)
from engine.treatment.words.remarks import nothing, remarks, valued

_WITH: Words = {"en": "{attribute} “{group}”", "id": "{attribute} “{group}”"}
_WHO: Mapping[bool, Words] = {
    False: {"en": "Applications with {group}", "id": "Permohonan dengan {group}"},
    True: {"en": "Files with {group}", "id": "Berkas dengan {group}"},
}
_LEAD: Mapping[bool, Words] = {
    False: {
        "en": "{who} {does} than comparable applications (95 % interval {low} to {high}).",
        "id": "{who} {does} daripada permohonan yang sebanding (selang kepercayaan "
        "95%: {low} sampai {high}).",
    },
    True: {
        "en": "{who} {does} than comparable files (95 % interval {low} to {high}).",
        "id": "{who} {does} daripada berkas yang sebanding (selang kepercayaan "
        "95%: {low} sampai {high}).",
    },
}
_OFFICER: Words = {"en": "{activity} (officer {code})", "id": "{activity} (petugas {code})"}
_ALIKE: Words = {
    "en": " Compared were only {alike}: {cases} of this group, {others} others; {coverage} of the "
    "group had others to be compared with.",
    "id": " Yang dibandingkan hanya {alike}: {cases} dari kelompok ini, {others} lainnya; "
    "{coverage} dari kelompok ini memiliki pembanding.",
}
_SAME: Words = {
    "en": "applications with the same {items}",
    "id": "permohonan dengan {items} yang sama",
}
_LIKE_TARIFF: Words = {
    "en": " and a tariff of similar size",
    "id": " dan tarif yang hampir sama besar",
}
_QUEUED: Words = {
    "en": "files that came to the same queue within a few days of each other",
    "id": "berkas yang datang ke antrean yang sama dalam selang beberapa hari",
}
_QUEUED_SAME: Words = {
    "en": ", with the same {items}",
    "id": ", dengan {items} yang sama",
}
_UNALIKE: Words = {
    "en": " The process definition names nothing that may legitimately make a difference, so all "
    "were compared with all: {cases} of this group, {others} others.",
    "id": " Definisi proses tidak menyebut apa pun yang boleh membuat perbedaan, sehingga semua "
    "dibandingkan dengan semua: {cases} dari kelompok ini, {others} lainnya.",
}
_PERIODS: Mapping[str, Words] = {
    "week": {"en": "week of entry", "id": "minggu masuk"},
    "month": {"en": "month of entry", "id": "bulan masuk"},
    "quarter": {"en": "quarter of entry", "id": "triwulan masuk"},
    "year": {"en": "year of entry", "id": "tahun masuk"},
}
_ABOUT: Words = {"en": "about {count}", "id": "sekitar {count}"}
_FOLLOWED: Mapping[str, Words] = {
    "time": {
        "en": " Each was followed for {days} days from entry: one that was still open then counts "
        "with its time until then; withdrawn ones are not among them.",
        "id": " Masing-masing diikuti selama {days} hari sejak masuk: yang masih terbuka dihitung "
        "dengan waktunya sampai saat itu; yang ditarik kembali tidak termasuk.",
    },
    "outcome": {
        "en": " Counted are those that have been decided on, of what came {days} days ago or "
        "longer.",
        "id": " Yang dihitung adalah yang sudah diputuskan, dari yang masuk {days} hari yang lalu "
        "atau lebih.",
    },
    "withdrawn": {
        "en": " Counted is what has been withdrawn, of what came {days} days ago or longer.",
        "id": " Yang dihitung adalah yang sudah ditarik kembali, dari yang masuk {days} hari yang "
        "lalu atau lebih.",
    },
}
_RAW: Words = {
    "en": " Taken as they came, without comparing like with like: {amount}.",
    "id": " Apa adanya, tanpa membandingkan yang setara: {amount}.",
}
_ROUTES: Mapping[bool, Words] = {
    True: {
        "en": "Comparable applications took other ways through the office depending on their "
        "{attribute}, more than by chance.",
        "id": "Permohonan yang sebanding menempuh jalur yang berbeda di kantor menurut "
        "{attribute}, melebihi yang wajar karena kebetulan.",
    },
    False: {
        "en": "That comparable applications took other ways through the office depending on their "
        "{attribute} could not be told from chance.",
        "id": "Perbedaan jalur permohonan yang sebanding di kantor menurut {attribute} tidak dapat "
        "dibedakan dari kebetulan.",
    },
}
NOT_WHY: Words = {
    "en": " This is a disparity between comparable applications. It does not say why, and it does "
    "not prove intent.",
    "id": " Ini adalah kesenjangan di antara permohonan yang sebanding. Temuan ini tidak "
    "menyatakan sebabnya dan tidak membuktikan adanya kesengajaan.",
}
"""What no sentence about treatment goes without."""


def gap(told: GapTold, names: Names) -> dict[str, str]:
    """All that is said of a gap: the headline first, what it is not last.

    `names` are what attributes and activities are called. ValueError where the gap has no limits.
    """
    parts = (
        lead(told, names), alike(told, names), followed(told), raw(told), remarks(told, names),
        NOT_WHY,
    )  # fmt: skip
    return {language: "".join(part[language] for part in parts) for language in LANGUAGES}


def lead(told: GapTold, names: Names) -> dict[str, str]:
    """The gap between comparable applications, adjusted for what is known at entry."""
    if told.entry is None or told.entry.low is None or told.entry.high is None:
        raise ValueError(f"the gap of {told.subject} has no limits; there is nothing to tell of it")
    files = told.measure == "waiting"
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        main, low, high = estimated(told.unit, told.entry, language)
        activity = "" if told.activity is None else activity_called(told.activity, language, names)
        if told.resource is not None:
            activity = _OFFICER[language].format(activity=activity, code=told.resource)
        does = DOES[theme(told)][language].format(amount=main, activity=activity)
        if told.feature is not None and activity:
            does += f" ({activity})"
        answer[language] = _LEAD[files][language].format(
            who=_WHO[files][language].format(group=group(told.subject, language, names)),
            does=does,
            low=low,
            high=high,
        )
    return answer


def group(subject: Sequence[tuple[str, str]], language: Language, names: Names) -> str:
    """An attribute with its value, or two.

    >>> group((("affiliation", "other"), ("district", "north")), "en", {})
    'affiliation “other” and district “north”'
    """
    pairs = [
        _WITH[language].format(attribute=attribute_called(name, language, names), group=value)
        for name, value in subject
    ]
    return listed(pairs, language)


def alike(told: GapTold, names: Names) -> dict[str, str]:
    """In what they are comparable, and how many were compared."""
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        same = _same(told, language, names)
        answer[language] = (_ALIKE if same else _UNALIKE)[language].format(
            alike=same,
            cases=count(told.cases, language, rounded=told.rounded),
            others=count(told.others, language, rounded=told.rounded),
            coverage=percent(told.coverage, language),
        )
    return answer


def alike_in(compared: Compared, language: Language, names: Names) -> str:
    """In what applications are comparable: `kind, office and month of entry`; empty for nothing.

    >>> alike_in(Compared(attributes=("permit_type",), period="month"), "en", {})
    'permit type and month of entry'
    """
    items = [attribute_called(one, language, names) for one in compared.attributes]
    if compared.period is not None:
        items.append(_PERIODS[compared.period][language])
    return listed(items, language) if items else ""


def _same(told: GapTold, language: Language, names: Names) -> str:
    if told.measure == "waiting":
        same = alike_in(replace(told.compared, period=None), language, names)
        return _QUEUED[language] + (_QUEUED_SAME[language].format(items=same) if same else "")
    same = alike_in(told.compared, language, names)
    fee = _LIKE_TARIFF[language] if told.unit == CURRENCY else ""
    return _SAME[language].format(items=same) + fee if same else ""


def followed(told: GapTold) -> dict[str, str]:
    """How long each application was followed, where that bounds what is counted."""
    days = told.compared.horizon_days
    if days is None or told.measure not in _FOLLOWED or theme(told) == "gate":
        return nothing()
    return {
        language: _FOLLOWED[told.measure][language].format(days=decimal(days, language))
        for language in LANGUAGES
    }


def raw(told: GapTold) -> dict[str, str]:
    """The gap as the applications came."""
    return valued(_RAW, told.unit, None if told.raw is None else told.raw.value)


def routes_differ(attribute: str, names: Names) -> dict[str, str]:
    """That whole ways through the office differ by an attribute, not in what."""
    return _routes(_ROUTES[True], attribute, names)


def routes_alike(attribute: str, names: Names) -> dict[str, str]:
    """That no difference of whole ways was found; it may be there all the same."""
    return _routes(_ROUTES[False], attribute, names)


def count(number: int, language: Language, *, rounded: bool) -> str:
    """How many, said to be about so many where the number is rounded.

    >>> count(1190, "id", rounded=True), count(1190, "en", rounded=False)
    ('sekitar 1.190', '1,190')
    """
    said = whole(number, language)
    return _ABOUT[language].format(count=said) if rounded else said


def _routes(template: Words, attribute: str, names: Names) -> dict[str, str]:
    return {
        language: template[language].format(attribute=attribute_called(attribute, language, names))
        for language in LANGUAGES
    }
