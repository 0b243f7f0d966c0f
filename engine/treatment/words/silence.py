"""What is said where no difference in treatment is told: what would have been seen, and why not."""

from collections.abc import Mapping

from engine.numerals import LANGUAGES, Language, percent
from engine.treatment.words.figures import GapTold
from engine.treatment.words.gaps import group
from engine.treatment.words.phrases import Names, Words, measured, subject_of_gap

_LEAD: Words = {
    "en": "{group}: no disparity in {what} is reported.",
    "id": "{group}: tidak ada kesenjangan yang dilaporkan dalam {what}.",
}
_UNSURE: Words = {
    "en": " What differs can be chance.",
    "id": " Perbedaan yang ada dapat terjadi karena kebetulan.",
}
_WHY: Mapping[str, Words] = {
    "small": {
        "en": " What differs is less than {material}, the smallest gap that the process definition "
        "holds worth telling.",
        "id": " Perbedaan yang ada kurang dari {material}, selisih terkecil yang layak dilaporkan "
        "menurut definisi proses.",
    },
    "unsure": _UNSURE,
    "coverage": {
        "en": " Only {coverage} of the group had others to be compared with, too few to speak for "
        "the rest.",
        "id": " Hanya {coverage} dari kelompok ini memiliki pembanding, terlalu sedikit untuk "
        "mewakili sisanya.",
    },
    "not direct": {
        "en": " What differs is no longer there when the other attributes that are compared are "
        "held equal.",
        "id": " Perbedaan itu tidak ada lagi bila atribut lain yang dibandingkan disamakan.",
    },
    "mirror": {
        "en": " What differs is only the other side of what another group of the attribute has; "
        "among the rest there is no such gap.",
        "id": " Perbedaan itu hanya sisi lain dari apa yang terjadi pada kelompok lain dari "
        "atribut ini; di antara yang lain tidak ada selisih seperti itu.",
    },
    "open": {
        "en": " What differs may come from those that are not decided on yet: it would not hold if "
        "all of them were approved, or all refused.",
        "id": " Perbedaan itu dapat berasal dari yang belum diputuskan: perbedaan itu tidak "
        "bertahan bila semuanya disetujui, atau semuanya ditolak.",
    },
    "refused": {
        "en": " What differs goes along with who is refused: among those that were not refused it "
        "is mostly gone. How often they are refused is compared by itself.",
        "id": " Perbedaan itu berjalan bersama penolakan: di antara yang tidak ditolak sebagian "
        "besar hilang. Seberapa sering ditolak dibandingkan tersendiri.",
    },
    "few": {
        "en": " Too few were compared for a test; that says nothing in either direction.",
        "id": " Terlalu sedikit yang dibandingkan untuk diuji; ini tidak menyatakan apa pun.",
    },
    "alone": {
        "en": " Nobody else is comparable with this group, so it could not be tested; that says "
        "nothing in either direction.",
        "id": " Tidak ada yang lain yang sebanding dengan kelompok ini, sehingga tidak dapat "
        "diuji; ini tidak menyatakan apa pun.",
    },
    "constant": {
        "en": " Among comparable ones it is the same for everybody, so there is nothing to test.",
        "id": " Di antara yang sebanding hal ini sama bagi semua, sehingga tidak ada yang diuji.",
    },
}
_MATERIAL_UNKNOWN: Words = {
    "en": " What differs is too small to be worth telling by the process definition.",
    "id": " Perbedaan yang ada terlalu kecil untuk dilaporkan menurut definisi proses.",
}
_UNTESTED = frozenset({"few", "alone", "constant"})
_SEEN: Words = {
    "en": " A gap of {smallest} would have been seen 4 times of 5; a smaller one may have escaped.",
    "id": " Selisih sebesar {smallest} akan terlihat empat dari lima kali; yang lebih kecil "
    "dapat luput.",
}


def silence(told: GapTold, names: Names) -> dict[str, str]:
    """Why a gap is not told, and the smallest one that would have been.

    Never says that there is no difference: what was not seen may still be there.
    """
    why, answer = told.why_not or "unsure", {}
    if why not in _WHY:
        raise ValueError(f'a gap is not told as it is "{why}"; expected one of {", ".join(_WHY)}')
    for language in LANGUAGES:
        said = _lead(told, language, names)
        template = _WHY[why]
        if why == "small" and told.material is None:
            template = _MATERIAL_UNKNOWN
        said += template[language].format(
            coverage=percent(told.coverage, language),
            material="" if told.material is None else measured(told.unit, told.material, language),
        )
        if told.smallest_seen is not None and why not in _UNTESTED:
            smallest = measured(told.unit, told.smallest_seen, language)
            said += _SEEN[language].format(smallest=smallest)
        answer[str(language)] = said
    return answer


def _lead(told: GapTold, language: Language, names: Names) -> str:
    who = group(told.subject, language, names)
    return _LEAD[language].format(
        group=who[:1].upper() + who[1:], what=subject_of_gap(told, language, names)
    )
