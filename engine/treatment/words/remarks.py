"""What is said beside a difference in treatment: what it goes along with, and on what basis."""

from collections.abc import Mapping

from engine.numerals import LANGUAGES, Language, percent
from engine.treatment.words.figures import CURRENCY, UNEXPLAINED, GapTold
from engine.treatment.words.phrases import (
    Names,
    Words,
    activity_called,
    amount,
    attribute_called,
    estimated,
    listed,
    measured,
    scaled,
    size,
)

_PROCESS: Words = {
    "en": " With the same requests, rework, route and officers as well: {amount}.",
    "id": " Bila permintaan dokumen, pengerjaan ulang, jalur, dan petugasnya juga disamakan: "
    "{amount}.",
}
_PARTS: Words = {
    "en": " What the gap goes along with: {parts}.",
    "id": " Yang menyertai selisih ini: {parts}.",
}
_WHERE_ONLY: Words = {
    "en": " That shows where the gap arises; it does not justify it.",
    "id": " Ini menunjukkan di mana selisih itu timbul; ini bukan pembenaran.",
}
_PART: Mapping[str, Words] = {
    "requests": {"en": "requests for documents", "id": "permintaan dokumen"},
    "rework": {"en": "rework", "id": "pengerjaan ulang"},
    "route": {"en": "the route", "id": "jalur yang ditempuh"},
    "officers": {"en": "which officers had them", "id": "petugas yang menanganinya"},
    "unexplained": {"en": "none of these", "id": "bukan salah satu dari itu"},
}
_EDGES: Words = {
    "en": " Most of it lies {places}.",
    "id": " Sebagian besar terjadi {places}.",
}
_BETWEEN: Words = {
    "en": "between {source} and {target} ({amount})",
    "id": "antara {source} dan {target} ({amount})",
}
_AT: Words = {"en": "at {source} ({amount})", "id": "di {source} ({amount})"}
_DIRECT: Words = {
    "en": " With the other attributes that are compared here held equal too: {amount}.",
    "id": " Bila atribut lain yang dibandingkan di sini juga disamakan: {amount}.",
}
_BEYOND: Words = {
    "en": " Over and above what {each} each explain by themselves: {amount} (95 % interval {low} "
    "to {high}).",
    "id": " Di luar apa yang dijelaskan oleh {each} masing-masing: {amount} (selang kepercayaan "
    "95%: {low} sampai {high}).",
}
_TOGETHER: Words = {
    "en": " It cannot be told apart from {others}: what is said here of {own} may just as well "
    "come from there.",
    "id": " Ini tidak dapat dipisahkan dari {others}: apa yang dikatakan di sini tentang {own} "
    "dapat pula berasal dari sana.",
}
_HALVES: Mapping[bool, Words] = {
    True: {
        "en": " It was found in each half of the period by itself.",
        "id": " Ini ditemukan di setiap paruh periode secara terpisah.",
    },
    False: {
        "en": " It could not be shown in each half of the period by itself.",
        "id": " Ini tidak dapat ditunjukkan di setiap paruh periode secara terpisah.",
    },
}
_ROBUST: Words = {
    "en": " To explain it away, something that nobody recorded would have to account for at least "
    "{value} of what is left open, both in who belongs to the group and in what is compared",
    "id": " Agar selisih ini habis terjelaskan, suatu hal yang tidak tercatat harus menerangkan "
    "sedikitnya {value} dari yang belum terjelaskan, baik pada keanggotaan kelompok maupun pada "
    "hal yang dibandingkan",
}
_LEFT: Words = {
    "en": "; beside something as strong as {benchmark}, {amount} would be left.",
    "id": "; dengan suatu hal sekuat {benchmark}, masih tersisa {amount}.",
}
_NOT_LEFT: Words = {
    "en": "; something as strong as {benchmark} could.",
    "id": "; suatu hal sekuat {benchmark} sudah cukup.",
}
_BASIS: Words = {
    "en": " “{attribute}” is analysed on this basis: {basis}.",
    "id": " “{attribute}” dianalisis atas dasar: {basis}.",
}
_TARIFF: Mapping[int, Words] = {
    1: {
        "en": " The others paid {amount} over the tariff on average.",
        "id": " Yang lain rata-rata membayar {amount} di atas tarif.",
    },
    0: {
        "en": " The others paid the tariff on average.",
        "id": " Yang lain rata-rata membayar sesuai tarif.",
    },
    -1: {
        "en": " The others paid {amount} under the tariff on average.",
        "id": " Yang lain rata-rata membayar {amount} di bawah tarif.",
    },
}
_MONEY: Words = {
    "en": " A service that is not in the log, a correction or a wrong tariff in it may be the "
    "reason.",
    "id": " Layanan yang tidak tercatat, koreksi, atau tarif yang salah dalam log dapat menjadi "
    "sebabnya.",
}
_EDGES_TOLD = 2
_SMALLEST_PART = 0.05
# A tenth of the gap at least, else it is not worth a place in the sentence.
_PORTION = 0.1


def remarks(told: GapTold, names: Names) -> dict[str, str]:
    """What is said beside a gap; the evidence has more, and so has the report (`robust`, `direct`).

    Of two attributes together, what is left beside each of them is what makes it worth telling.
    """
    beyond = direct(told, names) if len(told.subject) > 1 else nothing()
    parts = (
        edges(told, names), by_process(told), beyond, together(told, names),
        halves(told.in_both_halves), tariff(told), basis(told.bases or {}, names),
    )  # fmt: skip
    return {language: "".join(part[language] for part in parts) for language in LANGUAGES}


def by_process(told: GapTold) -> dict[str, str]:
    """What of the gap goes along with what the process did, and what is left beside it."""
    value = None if told.process is None else told.process.value
    left = valued(_PROCESS, told.unit, value)
    parts = [
        one
        for one in told.parts
        if abs(scaled(told.unit, one.value)) >= _SMALLEST_PART
        and (told.entry is None or abs(one.value) >= _PORTION * abs(told.entry.value))
        and (one.what != UNEXPLAINED or value is None)  # else it is said already
    ]
    sign = -1 if told.entry is not None and told.entry.value < 0 else 1
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        said = left[language]
        if parts:
            shown = [
                f"{_PART[one.what][language]} {_signed(told.unit, sign * one.value, language)}"
                for one in parts
            ]
            said = _PARTS[language].format(parts=", ".join(shown)) + said
        answer[language] = said + (_WHERE_ONLY[language] if said else "")
    return answer


def edges(told: GapTold, names: Names) -> dict[str, str]:
    """Between which steps most of the gap lies; the two that carry most of it."""
    if told.entry is None:
        return nothing()
    sign = 1 if told.entry.value >= 0 else -1
    carrying = sorted(
        (one for one in told.edges if one.value * sign > _PORTION * abs(told.entry.value)),
        key=lambda one: -one.value * sign,
    )[:_EDGES_TOLD]
    # Two places are most of it only if they are.
    if sum(one.value for one in carrying) * sign * 2 <= abs(told.entry.value):
        return nothing()
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        places = [
            (_AT if one.target is None else _BETWEEN)[language].format(
                source=activity_called(one.source, language, names),
                target=activity_called(one.target or "", language, names),
                amount=measured(told.unit, abs(one.value), language),
            )
            for one in carrying
        ]
        answer[language] = _EDGES[language].format(places=listed(places, language))
    return answer


def direct(told: GapTold, names: Names) -> dict[str, str]:
    """The gap beside the other attributes; of two together, what is left beside each of them."""
    found = told.direct
    if len(told.subject) == 1 or found is None or found.low is None or found.high is None:
        return valued(_DIRECT, told.unit, None if found is None else found.value)
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        main, low, high = estimated(told.unit, found, language)
        each = [attribute_called(name, language, names) for name, _ in told.subject]
        answer[language] = _BEYOND[language].format(
            each=listed(each, language), amount=main, low=low, high=high
        )
    return answer


def together(told: GapTold, names: Names) -> dict[str, str]:
    """From which attributes the group cannot be told apart."""
    if not told.together:
        return nothing()
    return {
        language: _TOGETHER[language].format(
            others=listed(
                [attribute_called(one, language, names) for one in told.together], language
            ),
            own=listed(
                [attribute_called(name, language, names) for name, _ in told.subject], language
            ),
        )
        for language in LANGUAGES
    }


def halves(in_both: bool | None) -> dict[str, str]:  # noqa: FBT001 (a figure, not a switch)
    """Whether it is there in each half of the period by itself; None: nobody asked."""
    if in_both is None:
        return nothing()
    return dict(_HALVES[in_both])


def robust(told: GapTold, names: Names) -> dict[str, str]:
    """How strong something that nobody recorded would have to be (Cinelli & Hazlett 2020)."""
    found = told.robust
    if found is None:
        return nothing()
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        said = _ROBUST[language].format(value=percent(found.value, language))
        if found.benchmark is None or found.left is None or told.entry is None:
            said += "."
        else:
            left = found.left * told.entry.value > 0
            said += (_LEFT if left else _NOT_LEFT)[language].format(
                benchmark=attribute_called(found.benchmark, language, names),
                amount=amount(told.unit, found.left, language),
            )
        answer[language] = said
    return answer


def basis(grounds: Mapping[str, str], names: Names) -> dict[str, str]:
    """On what grounds sensitive attributes are analysed."""
    return {
        language: "".join(
            _BASIS[language].format(attribute=attribute_called(name, language, names), basis=ground)
            for name, ground in grounds.items()
        )
        for language in LANGUAGES
    }


def tariff(told: GapTold) -> dict[str, str]:
    """What others paid over the tariff, and what else may be the reason; of fees only."""
    if told.unit != CURRENCY:
        return nothing()
    answer: dict[str, str] = {}
    for language in LANGUAGES:
        said = ""
        if told.mean_others is not None:
            paid = size(CURRENCY, abs(told.mean_others), language)
            sign = 0 if paid == "0" else 1 if told.mean_others > 0 else -1
            said = _TARIFF[sign][language].format(amount=paid)
        answer[language] = said + _MONEY[language]
    return answer


def valued(template: Words, unit: str, value: float | None) -> dict[str, str]:
    """A sentence with one amount, by language; empty without the amount."""
    if value is None:
        return nothing()
    return {
        language: template[language].format(amount=amount(unit, value, language))
        for language in LANGUAGES
    }


def _signed(unit: str, value: float, language: Language) -> str:
    """A part of a gap with its unit; one that goes against it has a minus."""
    said = measured(unit, abs(value), language)
    return said if value > 0 else f"-{said}"


def nothing() -> dict[str, str]:
    """No sentence, in any language."""
    return dict.fromkeys(LANGUAGES, "")
