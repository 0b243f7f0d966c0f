"""How an amount of difference is said, and what it is a difference in: in English, Indonesian."""

from collections.abc import Mapping, Sequence

from engine.numerals import Language, alike, decimal, whole
from engine.treatment.words.figures import CURRENCY, SHARE, GapTold
from miners.survival import Estimate

Words = Mapping[str, str]
Names = Mapping[str, Words]
"""What attributes and activities are called, by their names in the log and by language."""

DOES: Mapping[str, Words] = {
    "time": {
        "en": "took {amount} to a decision",
        "id": "memerlukan waktu {amount} sampai keputusan",
    },
    "outcome": {"en": "were approved {amount}", "id": "disetujui {amount}"},
    "gate": {"en": "passed {activity} {amount}", "id": "lolos {activity} {amount}"},
    "withdrawn": {"en": "were withdrawn {amount}", "id": "ditarik kembali {amount}"},
    "waiting": {
        "en": "waited {amount} at {activity}",
        "id": "menunggu {amount} di {activity}",
    },
    "stay": {
        "en": "took {amount} at {activity}, waiting and work together,",
        "id": "memerlukan waktu {amount} di {activity}, waktu tunggu dan waktu kerja digabung,",
    },
    "fee": {
        "en": "paid {amount} over the tariff",
        "id": "membayar {amount} di atas tarif",
    },
    "requests": {
        "en": "were sent back for documents {amount}",
        "id": "dikembalikan untuk melengkapi dokumen {amount}",
    },
    "requests-again": {
        "en": "were sent back for documents more than once {amount}",
        "id": "dikembalikan lebih dari sekali untuk melengkapi dokumen {amount}",
    },
    "rework": {
        "en": "had work done again {amount}",
        "id": "mengalami pengerjaan ulang {amount}",
    },
    "repeated": {
        "en": "had a step repeated for which once is enough {amount}",
        "id": "mengalami pengulangan langkah yang cukup sekali {amount}",
    },
    "ping-pong": {
        "en": "went back and forth {amount}",
        "id": "bolak-balik {amount}",
    },
    "skipped": {
        "en": "went without a mandatory step {amount}",
        "id": "diproses tanpa langkah wajib {amount}",
    },
    "duplicate-approval": {
        "en": "were approved by a second unit as well {amount}",
        "id": "mendapat persetujuan ganda {amount}",
    },
    "inserted": {
        "en": "were given a step that the procedure does not have {amount}",
        "id": "melalui langkah yang tidak ada dalam prosedur {amount}",
    },
    "wrong-order": {
        "en": "had steps done in the wrong order {amount}",
        "id": "dikerjakan dengan urutan terbalik {amount}",
    },
}
"""What a group did or met, with the amount by which it did so more or less than others."""

_IN: Mapping[str, Words] = {
    "time": {"en": "the time to a decision", "id": "waktu sampai keputusan"},
    "outcome": {"en": "how often they are approved", "id": "seberapa sering disetujui"},
    "gate": {"en": "how often they pass {activity}", "id": "seberapa sering lolos {activity}"},
    "withdrawn": {
        "en": "how often they are withdrawn",
        "id": "seberapa sering ditarik kembali",
    },
    "waiting": {"en": "the waiting at {activity}", "id": "waktu tunggu di {activity}"},
    "stay": {
        "en": "the time at {activity}, waiting and work together",
        "id": "waktu di {activity}, waktu tunggu dan waktu kerja digabung",
    },
    "fee": {"en": "what is paid over the tariff", "id": "pembayaran di atas tarif"},
    "requests": {
        "en": "how often they are sent back for documents",
        "id": "seberapa sering dikembalikan untuk melengkapi dokumen",
    },
    "requests-again": {
        "en": "how often they are sent back for documents more than once",
        "id": "seberapa sering dikembalikan lebih dari sekali untuk melengkapi dokumen",
    },
    "rework": {
        "en": "how often work on them is done again",
        "id": "seberapa sering mengalami pengerjaan ulang",
    },
    "repeated": {
        "en": "how often a step is repeated for which once is enough",
        "id": "seberapa sering langkah yang cukup sekali diulang",
    },
    "ping-pong": {
        "en": "how often they go back and forth",
        "id": "seberapa sering bolak-balik",
    },
    "skipped": {
        "en": "how often a mandatory step is left out",
        "id": "seberapa sering langkah wajib dilewati",
    },
    "duplicate-approval": {
        "en": "how often they are approved by a second unit as well",
        "id": "seberapa sering mendapat persetujuan ganda",
    },
    "inserted": {
        "en": "how often they are given a step that the procedure does not have",
        "id": "seberapa sering melalui langkah yang tidak ada dalam prosedur",
    },
    "wrong-order": {
        "en": "how often steps are done in the wrong order",
        "id": "seberapa sering dikerjakan dengan urutan terbalik",
    },
}
_UNITS: Mapping[str, Words] = {
    "working days": {"en": "working days", "id": "hari kerja"},
    "days": {"en": "days", "id": "hari"},
    SHARE: {"en": "percentage points", "id": "poin persentase"},
}
ONE: Mapping[str, Words] = {
    "working days": {"en": "working day", "id": "hari kerja"},
    "days": {"en": "day", "id": "hari"},
    SHARE: {"en": "percentage point", "id": "poin persentase"},
}
# By which way a gap goes: what is above zero, what is below.
_WAYS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "days": {"en": ("longer", "less"), "id": ("lebih lama", "lebih singkat")},
    SHARE: {"en": ("more often", "less often"), "id": ("lebih sering", "lebih jarang")},
    CURRENCY: {"en": ("more", "less"), "id": ("lebih banyak", "lebih sedikit")},
}
_NO_DIFFERENCE: Words = {"en": "no difference", "id": "tidak ada selisih"}
_AND: Words = {"en": " and ", "id": " dan "}
_TENTHS = 100.0


def theme(told: GapTold) -> str:
    """What the gap is in, as a key of DOES."""
    if told.feature is not None:
        return told.feature
    if told.with_work:
        return "stay"
    return "gate" if told.measure == "outcome" and told.activity is not None else told.measure


def subject_of_gap(told: GapTold, language: Language, names: Names) -> str:
    """In what the group differs, or does not: `the time to a decision`."""
    activity = "" if told.activity is None else activity_called(told.activity, language, names)
    return _IN[theme(told)][language].format(activity=activity)


def amount(unit: str, value: float, language: Language) -> str:
    """By how much more or less, with one number.

    >>> amount("working days", -2.31, "en"), amount("share", 0.051, "id")
    ('2.3 working days less', '5,1 poin persentase lebih sering')
    >>> amount("currency", 125000.0, "en"), amount("share", 0.0, "en")
    ('125,000 more', 'no difference')
    """
    said = size(unit, abs(value), language)
    if said == "0":
        return _NO_DIFFERENCE[language]
    return _directed(unit, said, value, language)


def estimated(unit: str, told: Estimate, language: Language) -> tuple[str, str, str]:
    """By how much more or less, and its limits as two texts; limits of unlike signs say theirs.

    >>> estimated("days", Estimate(value=-2.0, low=-3.0, high=-1.0), "en")
    ('2.0 days less', '1.0', '3.0')
    >>> estimated("share", Estimate(value=0.01, low=-0.02, high=0.04), "en")[1:]
    ('2.0 percentage points less often', '4.0 percentage points more often')
    """
    assert told.low is not None
    assert told.high is not None
    numbers = [scaled(unit, part) for part in (told.value, told.low, told.high)]
    sizes = _sized(unit, [abs(number) for number in numbers], language)
    said, low, high = sizes
    main = _directed(unit, said, told.value, language)
    if told.low < 0 < told.high:
        return (
            main,
            _directed(unit, low, told.low, language),
            _directed(unit, high, told.high, language),
        )
    return (main, low, high) if told.value >= 0 else (main, high, low)


def size(unit: str, value: float, language: Language) -> str:
    """A number of a unit without its name; shares in percentage points, money in whole ones.

    >>> size("share", 0.0512, "en"), size("currency", 1234.5, "id"), size("days", 2.0, "en")
    ('5.1', '1.234', '2')
    """
    number = scaled(unit, value)
    if unit == CURRENCY and abs(number) >= _TENTHS:
        return whole(number, language)
    return decimal(number, language)


def hundredths(number: float, language: Language) -> str:
    """A score or a correlation, with two digits after the point.

    >>> hundredths(-0.214, "en"), hundredths(0.2, "id"), hundredths(-0.001, "en")
    ('-0.21', '0,20', '0.00')
    """
    said = f"{round(number, 2) + 0.0:.2f}"
    return said.replace(".", ",") if language == "id" else said


def measured(unit: str, value: float, language: Language) -> str:
    """A number with its unit: `0.8 working days`; money has no unit that a log would name.

    >>> measured("days", 1.0, "en"), measured("share", 0.05, "id"), measured("currency", 5e4, "en")
    ('1 day', '5 poin persentase', '50,000')
    """
    said = size(unit, value, language)
    if unit == CURRENCY:
        return said
    return f"{said} {(ONE if said == '1' else _UNITS)[unit][language]}"


def scaled(unit: str, value: float) -> float:
    """The number that is written: hundredths for shares."""
    return 100 * value if unit == SHARE else value


def attribute_called(name: str, language: Language, names: Names) -> str:
    """What an attribute is called; without a label its name, made readable.

    >>> attribute_called("permit_type", "en", {}), attribute_called("a", "id", {"a": {"id": "b"}})
    ('permit type', 'b')
    """
    return names.get(name, {}).get(language, name.replace("_", " "))


def activity_called(name: str, language: Language, names: Names) -> str:
    """What an activity is called; without a label its name, as it is in the log."""
    return names.get(name, {}).get(language, name)


def listed(items: Sequence[str], language: Language) -> str:
    """One or more names in a sentence.

    >>> listed(["a", "b", "c"], "en"), listed(["a"], "id")
    ('a, b and c', 'a')
    """
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])}{_AND[language]}{items[-1]}"


def _directed(unit: str, said: str, value: float, language: Language) -> str:
    way = _WAYS["days" if unit in {"working days", "days"} else unit][language]
    direction = way[0] if value >= 0 else way[1]
    if unit == CURRENCY:
        return f"{said} {direction}"
    return f"{said} {(ONE if said == '1' else _UNITS)[unit][language]} {direction}"


def _sized(unit: str, numbers: Sequence[float], language: Language) -> tuple[str, ...]:
    if unit == CURRENCY and max(numbers) >= _TENTHS:
        return tuple(whole(number, language) for number in numbers)
    return alike(numbers, language)
