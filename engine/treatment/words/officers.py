"""How a review sample of an officer's picks is told: what to look at, and never a verdict.

These sentences name an officer by code. They belong to the restricted results and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from engine.numerals import LANGUAGES, Language, decimal, whole
from engine.treatment.words.figures import SHARE, refuse_crossed, replicated
from engine.treatment.words.gaps import group
from engine.treatment.words.phrases import Names, Words, activity_called, estimated, hundredths
from engine.treatment.words.remarks import basis, halves
from miners.survival import Estimate

_LEAD: Words = {
    "en": "{activity}, a review sample: of {picks} files that officer {code} picked up with others "
    "to choose from, {of_group} were with {group}; picking blindly from the same lines would have "
    "given about {expected} ({points} than that; 95 % interval {low} to {high}).",
    "id": "{activity}, sampel pemeriksaan: dari {picks} berkas yang diambil petugas {code} saat "
    "ada pilihan lain, {of_group} adalah berkas dengan {group}; pengambilan acak dari antrean yang "
    "sama akan menghasilkan sekitar {expected} ({points} dari itu; selang kepercayaan 95%: {low} "
    "sampai {high}).",
}
_EARLY: Mapping[bool, Words] = {
    True: {
        "en": " The officer picked these up earlier in their turn than other files (pick score "
        "{score} higher; {low} to {high}).",
        "id": " Petugas mengambil berkas ini lebih awal dibanding gilirannya daripada berkas lain "
        "(skor pengambilan lebih tinggi {score}; {low} sampai {high}).",
    },
    False: {
        "en": " The officer picked these up later in their turn than other files (pick score "
        "{score} lower; {low} to {high}).",
        "id": " Petugas mengambil berkas ini lebih akhir dibanding gilirannya daripada berkas lain "
        "(skor pengambilan lebih rendah {score}; {low} sampai {high}).",
    },
}
_REVIEW: Mapping[bool, Words] = {
    True: {
        "en": " One application is listed to be looked at.",
        "id": " Satu permohonan dicantumkan untuk diperiksa.",
    },
    False: {
        "en": " {count} applications are listed to be looked at.",
        "id": " {count} permohonan dicantumkan untuk diperiksa.",
    },
}
_INNOCENT: Words = {
    "en": " There may be a good reason: the officer is in charge of these files, stands in for a "
    "colleague, knows them from before, was told to take them, or the log lacks a priority.",
    "id": " Mungkin ada alasan yang baik: petugas memang bertanggung jawab atas berkas ini, "
    "menggantikan rekan, sudah mengenalnya, ditugaskan mengerjakannya, atau ada prioritas yang "
    "tidak tercatat.",
}
NO_VERDICT: Words = {
    "en": " This is a reason to look, not a verdict. Hear the officer before anything follows "
    "from it.",
    "id": " Ini alasan untuk memeriksa, bukan putusan. Dengarkan petugas sebelum menindaklanjuti.",
}
"""What no sentence about an officer goes without."""


@dataclass(frozen=True, kw_only=True)
class OfficerTold:
    """What an officer (a code) picks more often, or less, than blindly, and how early.

    `picks` are the officer's picks with others to choose from, `of_group` those of the group and
    `expected` those that blind picks would have been; `paired` is their difference as a share of
    `picks`. `early` is how much higher the pick scores of the group are than of the officer's other
    picks. `review` applications are listed. `bases` and `in_both_halves` are as in `GapTold`.
    """

    activity: str
    resource: str
    attribute: str
    group: str
    picks: int
    of_group: float
    expected: float
    paired: Estimate
    early: Estimate
    review: int
    bases: Mapping[str, str] | None = None
    in_both_halves: bool | None = None

    def __post_init__(self) -> None:
        """Refuse signals without limits: what is not sure is not said of an officer."""
        for name in ("paired", "early"):
            told: Estimate = getattr(self, name)
            refuse_crossed(f"{name} of officer {self.resource}", told)
            if told.low is None or told.high is None:
                raise ValueError(f"{name} of officer {self.resource} has no limits")

    @classmethod
    def read(cls, row: Mapping[str, Any], *, bases: Mapping[str, str]) -> Self:
        """One of `officers` in favouritism.json; ValueError where a signal has no limits."""
        return cls(
            activity=row["activity"],
            resource=row["resource"],
            attribute=row["attribute"],
            group=row["group"],
            picks=row["picks"],
            of_group=row["of_group"],
            expected=row["expected"],
            paired=_signal(row["paired"]),
            early=_signal(row["early"]),
            review=len(row["review"]),
            bases=bases,
            in_both_halves=replicated(row.get("halves") or (), row["paired"]["value"]),
        )


def officer(told: OfficerTold, names: Names) -> dict[str, str]:
    """Why these applications are worth a look, and what may well explain them."""
    both, grounds = halves(told.in_both_halves), basis(told.bases or {}, names)
    review = _REVIEW[told.review == 1]
    return {
        language: _lead(told, language, names)
        + _early(told.early, language)
        + both[language]
        + review[language].format(count=whole(told.review, language))
        + grounds[language]
        + _INNOCENT[language]
        + NO_VERDICT[language]
        for language in LANGUAGES
    }


def _lead(told: OfficerTold, language: Language, names: Names) -> str:
    points, low, high = estimated(SHARE, told.paired, language)
    return _LEAD[language].format(
        activity=activity_called(told.activity, language, names),
        code=told.resource,
        group=group(((told.attribute, told.group),), language, names),
        picks=whole(told.picks, language),
        of_group=decimal(told.of_group, language),
        expected=decimal(told.expected, language),
        points=points,
        low=low,
        high=high,
    )


def _early(told: Estimate, language: Language) -> str:
    assert told.low is not None
    assert told.high is not None
    limits = (told.value, told.low, told.high)
    if told.value < 0:
        limits = (-told.value, -told.high, -told.low)
    score, low, high = (hundredths(one, language) for one in limits)
    return _EARLY[told.value >= 0][language].format(score=score, low=low, high=high)


def _signal(found: Mapping[str, float]) -> Estimate:
    return Estimate(value=found["value"], low=found["ci_low"], high=found["ci_high"])
