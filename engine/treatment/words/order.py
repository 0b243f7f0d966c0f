"""How it is told that files are picked up ahead of their turn, in English and in Indonesian."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from engine.numerals import LANGUAGES, Language, alike, decimal, percent
from engine.treatment.words.figures import refuse_crossed, replicated
from engine.treatment.words.gaps import count, group
from engine.treatment.words.phrases import Names, Words, activity_called, attribute_called, listed
from engine.treatment.words.remarks import basis, halves
from miners.survival import Estimate

_LEAD: Words = {
    "en": "Files with {group} were picked up {positions} {way} at {activity} than comparable files "
    "in the same queue (95 % interval {low} to {high}).",
    "id": "Berkas dengan {group} diambil {positions} {way} di {activity} daripada berkas yang "
    "sebanding dalam antrean yang sama (selang kepercayaan 95%: {low} sampai {high}).",
}
_WAYS: Mapping[bool, Words] = {
    True: {"en": "earlier", "id": "lebih awal"},
    False: {"en": "later", "id": "lebih akhir"},
}
_POSITIONS: Mapping[bool, Words] = {
    True: {"en": "{number} position", "id": "{number} posisi"},
    False: {"en": "{number} positions", "id": "{number} posisi"},
}
_BESIDE: Words = {
    "en": " Each was compared with the files that waited beside it in the same queue, of the same "
    "service class ({service_class}): {items} of this group, {others} others; {coverage} of the "
    "group had others beside them.",
    "id": " Masing-masing dibandingkan dengan berkas yang menunggu di antrean yang sama dengan "
    "kelas layanan yang sama ({service_class}): {items} dari kelompok ini, {others} lainnya; "
    "{coverage} dari kelompok ini memiliki pembanding.",
}
_SAME_RIGHT: Words = {
    "en": " Each was compared with the files that waited beside it in the same queue; by the "
    "process definition all have the same right to their turn: {items} of this group, {others} "
    "others; {coverage} of the group had others beside them.",
    "id": " Masing-masing dibandingkan dengan berkas yang menunggu di antrean yang sama; menurut "
    "definisi proses semua berhak atas gilirannya: {items} dari kelompok ini, {others} lainnya; "
    "{coverage} dari kelompok ini memiliki pembanding.",
}
_OVERTAKES: Words = {
    "en": " On average such a file went ahead of {ahead} files that had waited longer, and "
    "{behind} went ahead of it.",
    "id": " Rata-rata satu berkas seperti ini mendahului {ahead} berkas yang menunggu lebih lama, "
    "dan didahului oleh {behind} berkas.",
}
NOT_WHY: Words = {
    "en": " This is a disparity in the order of work. It does not say why, and it does not prove "
    "intent: a priority that the log does not have would look the same.",
    "id": " Ini adalah kesenjangan dalam urutan pengerjaan. Temuan ini tidak menyatakan sebabnya "
    "dan tidak membuktikan adanya kesengajaan: prioritas yang tidak tercatat akan terlihat sama.",
}
"""What no sentence about the order of work goes without."""
_QUIET: Words = {
    "en": "{activity}: no disparity in the order in which files with {group} were picked up is "
    "reported.",
    "id": "{activity}: tidak ada kesenjangan yang dilaporkan dalam urutan pengambilan berkas "
    "dengan {group}.",
}
_SEEN: Words = {
    "en": " {positions} would have been seen 4 times of 5; less may have escaped.",
    "id": " {positions} akan terlihat empat dari lima kali; yang lebih kecil dapat luput.",
}


@dataclass(frozen=True, kw_only=True)
class FavouredTold:
    """How many positions sooner (above zero) or later the files of a group are picked up.

    `items` and `others` are work items at an activity with a known place in a queue, `coverage` the
    share of the group's with others beside them; `service_class` are the attributes on which the
    place in the queue may depend (none: all have the same right). `overtakes` and `overtaken` are
    per item of the group. `bases`, `in_both_halves`, `smallest_seen` and `rounded` are as in
    `GapTold`.
    """

    activity: str
    attribute: str
    group: str
    items: int
    others: int
    coverage: float
    positions: Estimate | None
    service_class: tuple[str, ...]
    overtakes: float | None = None
    overtaken: float | None = None
    bases: Mapping[str, str] | None = None
    in_both_halves: bool | None = None
    smallest_seen: float | None = None
    rounded: bool = False

    def __post_init__(self) -> None:
        """Refuse limits that do not hold their value."""
        refuse_crossed(f'the lead of "{self.group}" at {self.activity}', self.positions)

    @classmethod
    def read(
        cls,
        row: Mapping[str, Any],
        *,
        service_class: Sequence[str],
        bases: Mapping[str, str],
        rounded: bool,
    ) -> Self:
        """One of `groups` in favouritism.json."""
        value = row["positions"]
        return cls(
            activity=row["activity"],
            attribute=row["attribute"],
            group=row["group"],
            items=row["items"],
            others=row["others"],
            coverage=row["coverage"],
            positions=None
            if value is None
            else Estimate(value=value, low=row["ci_low"], high=row["ci_high"]),
            service_class=tuple(service_class),
            overtakes=row.get("overtakes_per_item"),
            overtaken=row.get("overtaken_per_item"),
            bases=bases,
            in_both_halves=replicated(row.get("halves") or (), value),
            smallest_seen=row.get("smallest_seen"),
            rounded=rounded,
        )


def favoured(told: FavouredTold, names: Names) -> dict[str, str]:
    """That a group is picked up earlier, or later, than by chance; ValueError without limits."""
    sure = halves_and_basis(told, names)
    return {
        language: _lead(told, language, names)
        + _beside(told, language, names)
        + _overtakes(told, language)
        + sure[language]
        + NOT_WHY[language]
        for language in LANGUAGES
    }


def not_favoured(told: FavouredTold, names: Names) -> dict[str, str]:
    """That nothing is told of the order of work, and what would have been seen."""
    answer = {}
    for language in LANGUAGES:
        said = _QUIET[language].format(
            activity=activity_called(told.activity, language, names),
            group=group(((told.attribute, told.group),), language, names),
        )
        if told.smallest_seen is not None:
            said += _SEEN[language].format(positions=positions(told.smallest_seen, language))
        answer[str(language)] = said
    return answer


def halves_and_basis(told: FavouredTold, names: Names) -> dict[str, str]:
    """Whether it holds in each half of the period, and on what grounds it is analysed."""
    both = halves(told.in_both_halves)
    grounds = basis(told.bases or {}, names)
    return {language: both[language] + grounds[language] for language in LANGUAGES}


def positions(number: float, language: Language) -> str:
    """How many places in a queue.

    >>> positions(1.0, "en"), positions(2.34, "id")
    ('1 position', '2,3 posisi')
    """
    said = decimal(number, language)
    return _POSITIONS[said == "1"][language].format(number=said)


def _lead(told: FavouredTold, language: Language, names: Names) -> str:
    found = told.positions
    if found is None or found.low is None or found.high is None:
        raise ValueError(
            f'positions of "{told.group}" at {told.activity} have no limits; nothing to tell'
        )
    limits = (found.value, found.low, found.high)
    if found.value < 0:
        limits = (-found.value, -found.high, -found.low)
    value, low, high = alike(limits, language)
    return _LEAD[language].format(
        activity=activity_called(told.activity, language, names),
        group=group(((told.attribute, told.group),), language, names),
        way=_WAYS[found.value >= 0][language],
        positions=_POSITIONS[False][language].format(number=value),
        low=low,
        high=high,
    )


def _beside(told: FavouredTold, language: Language, names: Names) -> str:
    classes = [attribute_called(one, language, names) for one in told.service_class]
    return (_BESIDE if classes else _SAME_RIGHT)[language].format(
        service_class=listed(classes, language) if classes else "",
        items=count(told.items, language, rounded=told.rounded),
        others=count(told.others, language, rounded=told.rounded),
        coverage=percent(told.coverage, language),
    )


def _overtakes(told: FavouredTold, language: Language) -> str:
    if told.overtakes is None or told.overtaken is None:
        return ""
    return _OVERTAKES[language].format(
        ahead=decimal(told.overtakes, language), behind=decimal(told.overtaken, language)
    )
