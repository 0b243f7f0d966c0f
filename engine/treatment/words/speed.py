"""How it is told that fees over the tariff and the speed of a decision go together, or not."""

from dataclasses import dataclass

from engine.numerals import LANGUAGES
from engine.treatment.words.gaps import count
from engine.treatment.words.phrases import Words, hundredths
from miners.survival import Estimate

_FASTER: Words = {
    "en": "Among comparable applications, those that paid more over the tariff were decided "
    "sooner (rank correlation {rho}, 95 % interval {low} to {high}; {cases} applications).",
    "id": "Di antara permohonan yang sebanding, yang membayar lebih banyak di atas tarif "
    "diputuskan lebih cepat (korelasi peringkat {rho}, selang kepercayaan 95%: {low} sampai "
    "{high}; {cases} permohonan).",
}
_SLOWER: Words = {
    "en": "Among comparable applications, those that paid more over the tariff were decided "
    "later (rank correlation {rho}, 95 % interval {low} to {high}; {cases} applications).",
    "id": "Di antara permohonan yang sebanding, yang membayar lebih banyak di atas tarif "
    "diputuskan lebih lambat (korelasi peringkat {rho}, selang kepercayaan 95%: {low} sampai "
    "{high}; {cases} permohonan).",
}
_UNRELATED: Words = {
    "en": "Among comparable applications, what was paid over the tariff and how long the decision "
    "took do not go together in a way that could be told from chance (rank correlation {rho}, "
    "95 % interval {low} to {high}; {cases} applications).",
    "id": "Di antara permohonan yang sebanding, pembayaran di atas tarif dan lamanya keputusan "
    "tidak berkaitan dengan cara yang dapat dibedakan dari kebetulan (korelasi peringkat {rho}, "
    "selang kepercayaan 95%: {low} sampai {high}; {cases} permohonan).",
}
_NOT_WHY: Words = {
    "en": " That two things go together does not say that one was for the other: a paid express "
    "service that is not in the log would look the same.",
    "id": " Bahwa dua hal berkaitan tidak berarti yang satu untuk yang lain: layanan kilat "
    "berbayar yang tidak tercatat akan terlihat sama.",
}


@dataclass(frozen=True, kw_only=True)
class SpeedTold:
    """How paying over the tariff goes with waiting: Spearman's rho, below zero where sooner.

    `told` is whether it is sure enough; `cases` are the applications, `rounded` if they are so.
    """

    rho: Estimate
    cases: int
    told: bool
    rounded: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no correlation, and one without limits."""
        if self.rho.low is None or self.rho.high is None:
            raise ValueError("a rank correlation has no limits; there is nothing to tell of it")
        if not -1 <= self.rho.low <= self.rho.value <= self.rho.high <= 1:
            raise ValueError(
                f"a rank correlation is {self.rho.value} ({self.rho.low} to {self.rho.high}); "
                "expected limits around it, from -1 to 1"
            )


def fee_speed(told: SpeedTold) -> dict[str, str]:
    """Whether those who paid more over the tariff were decided sooner, or later."""
    rho = told.rho
    assert rho.low is not None
    assert rho.high is not None
    way = _UNRELATED if not told.told else _FASTER if rho.value < 0 else _SLOWER
    answer = {}
    for language in LANGUAGES:
        value, low, high = (hundredths(one, language) for one in (rho.value, rho.low, rho.high))
        said = way[language].format(
            rho=value,
            low=low,
            high=high,
            cases=count(told.cases, language, rounded=told.rounded),
        )
        answer[str(language)] = said + (_NOT_WHY[language] if told.told else "")
    return answer
