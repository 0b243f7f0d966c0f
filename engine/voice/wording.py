"""What citizens say, in a sentence each, in English and in Indonesian.

Nothing here says why: who complains or is content may have reasons that no log has.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.labels import NO_LABELS, Labels, attribute_called
from engine.numerals import LANGUAGES, Language, alike, decimal, percent, whole
from engine.voice import phrases

Written = Callable[[int, Language], str]
"""How a number of cases is written: exactly, or about."""


@dataclass(frozen=True, kw_only=True)
class Who:
    """Those to whom something happened; `limit` is their waiting, in `unit`, where it is that."""

    name: str
    limit: float | None
    unit: str

    def said(self, language: Language) -> str:
        """In words, in the middle of a sentence."""
        days = "" if self.limit is None else decimal(self.limit, language)
        return phrases.WHO[self.name][language].format(
            days=days, unit=phrases.UNITS[self.unit][language]
        )


@dataclass(frozen=True, kw_only=True)
class Group:
    """One group of a split: of `kind` event, waiting, outcome or attribute; `last` of several.

    `called` are what attributes are called, by language.
    """

    split: str
    kind: str
    name: str
    who: Who
    last: bool = False
    called: Labels = field(default_factory=dict)

    def said(self, language: Language) -> str:
        """In words, in the middle of a sentence."""
        if self.kind == "event":
            return self.who.said(language) if self.name == "yes" else phrases.EVENT_NO[language]
        if self.kind == "waiting":
            part = "last" if self.last else "first" if self.name == "1" else "between"
            return phrases.QUARTER[part][language]
        known = phrases.GROUPS.get((self.kind, self.name))
        if known is not None:
            return known[language]
        attribute = attribute_called(self.split, language, self.called)
        return phrases.VALUE[language].format(attribute=attribute, group=self.name)


def complaints(count: int, cases: int, *, written: Written = whole) -> dict[str, str]:
    """How many complained.

    >>> complaints(82, 5000)["en"]
    '82 of 5,000 applications had a complaint (1.6 %).'
    """
    part = count / cases if cases else 0.0
    return _both(
        lambda language: phrases.COMPLAINTS[language].format(
            count=written(count, language), cases=written(cases, language),
            share=percent(part, language),
        )
    )  # fmt: skip


def ratio(who: Who, found: tuple[float, float, float] | None, *, sure: bool) -> dict[str, str]:
    """How many times as often they complained; `found` is the ratio with its limits."""
    if found is None:
        return _both(
            lambda language: _sentence(phrases.RATIO_FEW[language].format(who=who.said(language)))
        )
    form = phrases.RATIO if sure else phrases.RATIO_UNSURE

    def said(language: Language) -> str:
        value, low, high = alike(found, language)
        return _sentence(
            form[language].format(who=who.said(language), value=value, low=low, high=high)
        )

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
        told = phrases.ANSWERS[language].format(
            answered=written(answered, language),
            cases=written(cases, language),
            share=percent(answered / cases if cases else 0.0, language),
            mean=value, low=low, high=high,
            lowest=decimal(scale[0], language), highest=decimal(scale[1], language),
        )  # fmt: skip
        if weighted is not None:
            told += " " + phrases.WEIGHTED[language].format(mean=decimal(weighted, language))
        if bounds is None:
            return told
        worst, best = (decimal(one, language) for one in bounds)
        return f"{told} {phrases.BOUNDS[language].format(worst=worst, best=best)}"

    return _both(said)


def points(who: Who, found: tuple[float, float, float] | None, *, sure: bool) -> dict[str, str]:
    """How many points more or less they gave; `found` is the difference with its limits."""
    if found is None:
        return _both(
            lambda language: _sentence(phrases.POINTS_FEW[language].format(who=who.said(language)))
        )
    form = phrases.POINTS_UNSURE if not sure else phrases.LESS if found[0] < 0 else phrases.MORE
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
        lambda language: phrases.HEEDED[language].format(
            least=least.said(language),
            least_share=percent(least_share, language),
            most=most.said(language),
            most_share=percent(most_share, language),
        )
    )


def heeded_alike(split: str, names: Labels = NO_LABELS) -> dict[str, str]:
    """That no difference can be seen in who answers."""
    return _both(
        lambda language: phrases.HEEDED_ALIKE[language].format(
            split=phrases.SPLITS[split][language]
            if split in phrases.SPLITS
            else attribute_called(split, language, names)
        )
    )


def _both(said: Callable[[Language], str]) -> dict[str, str]:
    return {language: said(language) for language in LANGUAGES}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
