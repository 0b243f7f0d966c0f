"""What citizens say, in a sentence each, in English and in Indonesian.

Nothing here says why: who complains or is content may have reasons that no log has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.numerals import LANGUAGES, Language, alike, decimal, percent, whole

Words = Mapping[str, str]
Written = Callable[[int, Language], str]
"""How a number of cases is written: exactly, or about."""

_WHO: Mapping[str, Words] = {
    "detour": {
        "en": "applications that took a detour",
        "id": "permohonan yang menempuh jalur berbelit",
    },
    "repeated": {
        "en": "applications of which a step was done again",
        "id": "permohonan yang langkahnya dikerjakan ulang",
    },
    "ping-pong": {
        "en": "applications that went back and forth",
        "id": "permohonan yang bolak-balik",
    },
    "duplicate-approval": {
        "en": "applications that were approved by a second unit as well",
        "id": "permohonan yang disetujui juga oleh unit kedua",
    },
    "inserted": {
        "en": "applications with a step that does not belong there",
        "id": "permohonan dengan langkah yang tidak semestinya ada",
    },
    "skipped": {
        "en": "applications of which a step was left out",
        "id": "permohonan yang salah satu langkahnya dilewati",
    },
    "wrong-order": {
        "en": "applications of which steps were done in the wrong order",
        "id": "permohonan yang urutan langkahnya terbalik",
    },
    "late": {"en": "applications that were late", "id": "permohonan yang terlambat"},
    "refused": {"en": "applications that were refused", "id": "permohonan yang ditolak"},
    "longest wait": {
        "en": "applications that once waited {days} {unit} or more",
        "id": "permohonan yang pernah sekali menunggu {days} {unit} atau lebih",
    },
    "waiting": {
        "en": "applications that waited {days} {unit} or more in all",
        "id": "permohonan yang seluruhnya menunggu {days} {unit} atau lebih",
    },
}
_UNITS: Mapping[str, Words] = {
    "working days": {"en": "working days", "id": "hari kerja"},
    "days": {"en": "days", "id": "hari"},
}
_COMPLAINTS: Words = {
    "en": "{count} of {cases} applications had a complaint ({share}).",
    "id": "{count} dari {cases} permohonan disertai pengaduan ({share}).",
}
_RATIO: Words = {
    "en": "About {who}, people complained {value} times as often as about comparable ones "
    "(95 % interval {low} to {high}).",
    "id": "Terhadap {who}, pengaduan {value} kali sesering terhadap permohonan yang sebanding "
    "(selang kepercayaan 95% {low} sampai {high}).",
}
_RATIO_UNSURE: Words = {
    "en": "Whether people complain more often about {who} than about comparable ones cannot be "
    "told: {value} times as often (95 % interval {low} to {high}).",
    "id": "Apakah {who} lebih sering diadukan daripada permohonan yang sebanding tidak dapat "
    "dipastikan: {value} kali sesering (selang kepercayaan 95% {low} sampai {high}).",
}
_RATIO_FEW: Words = {
    "en": "There are too few complaints to compare {who} with comparable ones.",
    "id": "Pengaduan terlalu sedikit untuk membandingkan {who} dengan permohonan yang sebanding.",
}
_ANSWERS: Words = {
    "en": "{answered} of {cases} applicants answered ({share}) and gave {mean} on average "
    "(95 % interval {low} to {high}), between {lowest} and {highest}.",
    "id": "{answered} dari {cases} pemohon menjawab ({share}) dan memberi nilai rata-rata {mean} "
    "(selang kepercayaan 95% {low} sampai {high}), antara {lowest} dan {highest}.",
}
_BOUNDS: Words = {
    "en": "Had all who were silent been as discontent as anybody, the mean would be {worst}; had "
    "they been as content as anybody, {best}. Without their answers no more is certain.",
    "id": "Seandainya semua yang diam memberi nilai terburuk, rata-ratanya {worst}; seandainya "
    "mereka memberi nilai terbaik, {best}. Tanpa jawaban mereka, tidak ada lagi yang pasti.",
}
_WEIGHTED: Words = {
    "en": "If those who answered are weighted so that outcome, waiting and detours are as among "
    "all, the mean is {mean}.",
    "id": "Bila para penjawab diberi bobot sehingga hasil, waktu tunggu, dan jalur berbelit sama "
    "seperti pada semua permohonan, rata-ratanya {mean}.",
}
_LESS: Words = {
    "en": "Of those who answered, {who} were given {value} points less than comparable ones "
    "(95 % interval {low} to {high}).",
    "id": "Di antara yang menjawab, {who} diberi nilai {value} poin lebih rendah daripada yang "
    "sebanding (selang kepercayaan 95% {low} sampai {high}).",
}
_MORE: Words = {
    "en": "Of those who answered, {who} were given {value} points more than comparable ones "
    "(95 % interval {low} to {high}).",
    "id": "Di antara yang menjawab, {who} diberi nilai {value} poin lebih tinggi daripada yang "
    "sebanding (selang kepercayaan 95% {low} sampai {high}).",
}
_POINTS_UNSURE: Words = {
    "en": "Whether {who} were given other scores than comparable ones cannot be told: between "
    "{low} and {high} points apart.",
    "id": "Apakah {who} diberi nilai yang berbeda dari yang sebanding tidak dapat dipastikan: "
    "selisihnya antara {low} dan {high} poin.",
}
_POINTS_FEW: Words = {
    "en": "Too few answered to compare {who} with comparable ones.",
    "id": "Terlalu sedikit yang menjawab untuk membandingkan {who} dengan yang sebanding.",
}
_HEEDED: Words = {
    "en": "Of {least}, {least_share} answered, of {most} {most_share}: the mean speaks more for "
    "these.",
    "id": "Dari {least}, {least_share} menjawab, dari {most} {most_share}: rata-ratanya lebih "
    "mewakili yang terakhir.",
}
_HEEDED_ALIKE: Words = {
    "en": "That those who answer differ in {split} cannot be seen.",
    "id": "Tidak terlihat bahwa para penjawab berbeda dalam hal {split}.",
}
_SPLITS: Mapping[str, Words] = {
    "detour": {"en": "detours", "id": "jalur berbelit"},
    "repeated": {"en": "steps done again", "id": "langkah yang dikerjakan ulang"},
    "ping-pong": {"en": "going back and forth", "id": "bolak-balik"},
    "duplicate-approval": {"en": "second approvals", "id": "persetujuan kedua"},
    "inserted": {
        "en": "steps that do not belong there",
        "id": "langkah yang tidak semestinya ada",
    },
    "skipped": {"en": "steps left out", "id": "langkah yang dilewati"},
    "wrong-order": {"en": "the order of steps", "id": "urutan langkah"},
    "late": {"en": "lateness", "id": "keterlambatan"},
    "longest wait": {"en": "the longest wait", "id": "waktu tunggu terlama"},
    "waiting": {"en": "waiting", "id": "waktu tunggu"},
    "outcome": {"en": "outcome", "id": "hasil"},
}
_GROUPS: Mapping[tuple[str, str], Words] = {
    ("outcome", "favourable"): {"en": "those approved", "id": "permohonan yang disetujui"},
    ("outcome", "unfavourable"): {"en": "those refused", "id": "permohonan yang ditolak"},
    ("outcome", "withdrawn"): {"en": "those withdrawn", "id": "permohonan yang ditarik"},
}
_EVENT_YES: Words = {"en": "{who}", "id": "{who}"}
_EVENT_NO: Words = {"en": "the other applications", "id": "permohonan lainnya"}
_QUARTER: Mapping[str, Words] = {
    "first": {
        "en": "those that waited least",
        "id": "permohonan yang paling singkat menunggu",
    },
    "last": {
        "en": "those that waited longest",
        "id": "permohonan yang paling lama menunggu",
    },
    "between": {
        "en": "those that waited neither longest nor least",
        "id": "permohonan yang waktu tunggunya sedang",
    },
}
_VALUE: Words = {
    "en": 'those with {attribute} "{group}"',
    "id": 'permohonan dengan {attribute} "{group}"',
}


@dataclass(frozen=True, kw_only=True)
class Who:
    """Those to whom something happened; `limit` is their waiting, in `unit`, where it is that."""

    name: str
    limit: float | None
    unit: str

    def said(self, language: Language) -> str:
        """In words, in the middle of a sentence."""
        days = "" if self.limit is None else decimal(self.limit, language)
        return _WHO[self.name][language].format(days=days, unit=_UNITS[self.unit][language])


@dataclass(frozen=True, kw_only=True)
class Group:
    """One group of a split: of `kind` event, waiting, outcome or attribute; `last` of several."""

    split: str
    kind: str
    name: str
    who: Who
    last: bool = False

    def said(self, language: Language) -> str:
        """In words, in the middle of a sentence."""
        if self.kind == "event":
            return self.who.said(language) if self.name == "yes" else _EVENT_NO[language]
        if self.kind == "waiting":
            part = "last" if self.last else "first" if self.name == "1" else "between"
            return _QUARTER[part][language]
        known = _GROUPS.get((self.kind, self.name))
        if known is not None:
            return known[language]
        return _VALUE[language].format(attribute=_spaced(self.split), group=self.name)


def complaints(count: int, cases: int, *, written: Written = whole) -> dict[str, str]:
    """How many complained.

    >>> complaints(82, 5000)["en"]
    '82 of 5,000 applications had a complaint (1.6 %).'
    """
    part = count / cases if cases else 0.0
    return _both(
        lambda language: _COMPLAINTS[language].format(
            count=written(count, language), cases=written(cases, language),
            share=percent(part, language),
        )
    )  # fmt: skip


def ratio(who: Who, found: tuple[float, float, float] | None, *, sure: bool) -> dict[str, str]:
    """How many times as often they complained; `found` is the ratio with its limits."""
    if found is None:
        return _both(
            lambda language: _sentence(_RATIO_FEW[language].format(who=who.said(language)))
        )
    form = _RATIO if sure else _RATIO_UNSURE

    def said(language: Language) -> str:
        value, low, high = alike(found, language)
        return form[language].format(who=who.said(language), value=value, low=low, high=high)

    return _both(said)


def answers(
    answered: int,
    cases: int,
    *,
    mean: tuple[float, float, float],
    scale: tuple[float, float],
    bounds: tuple[float, float] | None,
    weighted: float | None,
    written: Written = whole,
) -> dict[str, str]:
    """Who answered and what they gave, and how far the silent could move that."""

    def said(language: Language) -> str:
        value, low, high = alike(mean, language)
        told = _ANSWERS[language].format(
            answered=written(answered, language),
            cases=written(cases, language),
            share=percent(answered / cases if cases else 0.0, language),
            mean=value, low=low, high=high,
            lowest=decimal(scale[0], language), highest=decimal(scale[1], language),
        )  # fmt: skip
        if weighted is not None:
            told += " " + _WEIGHTED[language].format(mean=decimal(weighted, language))
        if bounds is None:
            return told
        worst, best = (decimal(one, language) for one in bounds)
        return f"{told} {_BOUNDS[language].format(worst=worst, best=best)}"

    return _both(said)


def points(who: Who, found: tuple[float, float, float] | None, *, sure: bool) -> dict[str, str]:
    """How many points more or less they gave; `found` is the difference with its limits."""
    if found is None:
        return _both(
            lambda language: _sentence(_POINTS_FEW[language].format(who=who.said(language)))
        )
    form = _POINTS_UNSURE if not sure else _LESS if found[0] < 0 else _MORE
    value, low, high = found
    turned = (-value, -high, -low) if sure and value < 0 else found

    def said(language: Language) -> str:
        parts = alike(turned, language)
        return form[language].format(
            who=who.said(language), value=parts[0], low=parts[1], high=parts[2]
        )

    return _both(said)


def heeded(least: Group, least_share: float, most: Group, most_share: float) -> dict[str, str]:
    """Who answers least often and who most often."""
    return _both(
        lambda language: _HEEDED[language].format(
            least=least.said(language),
            least_share=percent(least_share, language),
            most=most.said(language),
            most_share=percent(most_share, language),
        )
    )


def heeded_alike(split: str) -> dict[str, str]:
    """That no difference can be seen in who answers."""
    return _both(
        lambda language: _HEEDED_ALIKE[language].format(
            split=_SPLITS[split][language] if split in _SPLITS else _spaced(split)
        )
    )


def _both(said: Callable[[Language], str]) -> dict[str, str]:
    return {language: said(language) for language in LANGUAGES}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _spaced(name: str) -> str:
    return name.replace("_", " ")
