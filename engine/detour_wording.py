"""How a detour is told to people, in English and in Indonesian."""

from collections.abc import Mapping, Sequence

from engine.numerals import LANGUAGES, Language, alike, percent, whole

Words = Mapping[str, str]
Names = Mapping[str, Words]
"""What activities are called, by their names in the log and by language."""
Days = tuple[float, float, float]
"""Days per application that takes the detour, with its limits."""

_LEAD: Mapping[str, Words] = {
    "repeated": {
        "en": "{first} was done again in {share} of the applications that came to it ({cases} of "
        "{eligible}).",
        "id": "{first} dikerjakan ulang pada {share} permohonan yang sampai ke langkah itu "
        "({cases} dari {eligible}).",
    },
    "loop": {
        "en": "{share} of the applications that came to {first} went back and did {way} again "
        "({cases} of {eligible}).",
        "id": "{share} permohonan yang sampai ke {first} mengulang {way} ({cases} dari "
        "{eligible}).",
    },
    "ping-pong": {
        "en": "{share} of the applications that came to {first} went back and forth between "
        "{pair} ({cases} of {eligible}).",
        "id": "{share} permohonan yang sampai ke {first} bolak-balik antara {pair} ({cases} dari "
        "{eligible}).",
    },
    "duplicate-approval": {
        "en": "{first} was done by a second unit as well{unit}, in {share} of the applications "
        "that came to it ({cases} of {eligible}).",
        "id": "{first} dikerjakan juga oleh unit kedua{unit} pada {share} permohonan yang sampai "
        "ke langkah itu ({cases} dari {eligible}).",
    },
    "inserted": {
        "en": "{first}, which {reference} does not have, was done in {share} of the applications "
        "({cases} of {eligible}).",
        "id": "{first}, yang tidak ada dalam {reference}, dikerjakan pada {share} permohonan "
        "({cases} dari {eligible}).",
    },
    "out of place": {
        "en": "{first} was done where {reference} does not have it, in {share} of the applications "
        "({cases} of {eligible}).",
        "id": "{first} dikerjakan di tempat yang tidak ada dalam {reference}, pada {share} "
        "permohonan ({cases} dari {eligible}).",
    },
    "skipped": {
        "en": "{first}, which {reference} asks for, was left out in {share} of the applications "
        "that should have passed it ({cases} of {eligible}).",
        "id": "{first}, yang diminta oleh {reference}, dilewati pada {share} permohonan yang "
        "seharusnya melaluinya ({cases} dari {eligible}).",
    },
    "wrong-order": {
        "en": "{second} was done ahead of {first} in {share} of the applications that passed both "
        "({cases} of {eligible}); {reference} has them the other way round.",
        "id": "{second} dikerjakan sebelum {first} pada {share} permohonan yang melalui keduanya "
        "({cases} dari {eligible}); urutan dalam {reference} adalah sebaliknya.",
    },
}
_REFERENCE: Mapping[str, Words] = {
    "rules": {"en": "the procedure", "id": "prosedur"},
    "bpmn": {"en": "the procedure", "id": "prosedur"},
    "usual routes": {"en": "the usual route", "id": "jalur yang lazim"},
}
_ADDS: Words = {
    "en": " It adds {days} {unit} per application (95 % interval {low} to {high}), {case_days} "
    "case-days in all.",
    "id": " Ini menambah {days} {unit} per permohonan (selang kepercayaan 95% {low} sampai "
    "{high}), seluruhnya {case_days} hari-permohonan.",
}
_SAVES: Words = {
    "en": " These applications were {days} {unit} faster there (95 % interval {low} to {high}).",
    "id": " Di bagian itu permohonan ini lebih cepat {days} {unit} (selang kepercayaan "
    "95% {low} sampai {high}).",
}
_UNSURE: Words = {
    "en": " Whether it costs time cannot be told: between {low} and {high} {unit} per application.",
    "id": " Apakah ini memakan waktu tidak dapat dipastikan: antara {low} dan {high} {unit} per "
    "permohonan.",
}
_NO_COST: Words = {
    "en": " What it costs cannot be told: too few comparable applications passed there without it.",
    "id": " Biaya waktunya tidak dapat diketahui: terlalu sedikit permohonan sebanding yang "
    "melewati bagian itu tanpa penyimpangan.",
}
NO_TIME = 0.1
"""Days (working or not) under which a detour is said to take no time."""
_NO_TIME: Words = {
    "en": " It takes less than a tenth of a day ({unit}).",
    "id": " Ini memakan kurang dari sepersepuluh hari ({unit}).",
}
_PARTLY: Words = {
    "en": " Only about {coverage} of these could be compared with others that went straight on; "
    "the rest is taken to cost as much.",
    "id": " Hanya sekitar {coverage} dari ini dapat dibandingkan dengan permohonan lain yang "
    "langsung lanjut; sisanya dianggap menambah waktu yang sama.",
}
_CAUSE: Mapping[str, Words] = {
    "office": {
        "en": " No step of the applicant lies in it.",
        "id": " Tidak ada langkah pemohon di dalamnya.",
    },
    "applicant": {
        "en": " A step of the applicant is part of it.",
        "id": " Di dalamnya ada langkah pemohon.",
    },
}
_USUAL: Words = {
    "en": " No procedure is given: this is judged by what comparable applications usually do.",
    "id": " Tidak ada prosedur yang diberikan: ini dinilai dari apa yang lazim pada permohonan "
    "yang sebanding.",
}
_UNITS: Mapping[str, Words] = {
    "working days": {"en": "working days", "id": "hari kerja"},
    "days": {"en": "days", "id": "hari"},
}
# From this share on, what could be compared speaks for the rest.
MOSTLY = 0.6
_AND: Words = {"en": " and ", "id": " dan "}


def lead(
    kind: str,
    activities: tuple[str, ...],
    units: tuple[str, ...] | None,
    *,
    share: float,
    cases: int,
    eligible: int,
    by: str,
    names: Names,
) -> dict[str, str]:
    """What happens, and in how many applications; `by` is what they were judged by."""
    shape = "loop" if kind == "repeated" and len(activities) > 1 else kind
    if kind == "inserted" and by == "bpmn":  # it may have the step at another place
        shape = "out of place"
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        called = [names.get(name, {}).get(language, name) for name in activities]
        pair = units if kind == "ping-pong" and units else called
        answer[language] = _LEAD[shape][language].format(
            first=called[0],
            second=called[-1],
            way=_listed(called, language),
            pair=_AND[language].join(pair[:2]),
            unit=f" ({units[-1]})" if units else "",
            reference=_REFERENCE[by][language],
            share=percent(share, language),
            cases=whole(cases, language),
            eligible=whole(eligible, language),
        )
    return answer


def cost(days: Days | None, case_days: float | None, unit: str, coverage: float) -> dict[str, str]:
    """What it costs per application, and in all; `coverage` is how many could be compared."""
    return {
        language: _cost(days, case_days, unit, language)
        + (
            _PARTLY[language].format(coverage=percent(coverage, language))
            if days is not None and coverage < MOSTLY
            else ""
        )
        for language in LANGUAGES
    }


def _listed(called: Sequence[str], language: Language) -> str:
    """Two or more names in a sentence.

    >>> _listed(["a", "b", "c"], "en")
    'a, b and c'
    """
    return f"{', '.join(called[:-1])}{_AND[language]}{called[-1]}"


def _cost(days: Days | None, case_days: float | None, unit: str, language: Language) -> str:
    if days is None:
        return _NO_COST[language]
    value, low, high = days
    words = {"unit": _UNITS[unit][language]}
    if max(abs(low), abs(high)) < NO_TIME:
        return _NO_TIME[language].format(**words)
    if low > 0 and case_days is not None:
        told = alike((value, low, high), language)
        words |= {"days": told[0], "low": told[1], "high": told[2]}
        return _ADDS[language].format(**words, case_days=whole(case_days, language))
    if high < 0:
        told = alike((-value, -high, -low), language)
        return _SAVES[language].format(**words, days=told[0], low=told[1], high=told[2])
    told = alike((value, low, high), language)
    return _UNSURE[language].format(**words, low=told[1], high=told[2])


def remarks(cause: str | None, by: str) -> dict[str, str]:
    """Whether the applicant has a part in it, and that no procedure was given."""
    return {
        language: (_CAUSE[cause][language] if cause else "")
        + (_USUAL[language] if by == "usual routes" else "")
        for language in LANGUAGES
    }
