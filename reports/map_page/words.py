"""What may be asked of the map, and what was, in words; each filter with a link that removes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.language import mark, say
from reports.map_page.asked import ALL_BESIDE, BESIDE, DATED, Asked, Pairs
from reports.maps.overlays import Overlay
from reports.words.dates import day
from reports.words.names import Names, attribute_words, first_capital, value_words

_ATTRIBUTE = "a."
_MOST_VALUES = 40
"""Attributes with more values are amounts or names, which nobody chooses from a list."""
_STEPS = {
    "through": (mark("Goes through"), mark("through %(step)s")),
    "without": (mark("Does not go through"), mark("without %(step)s")),
    "starts": (mark("Starts with"), mark("starts with %(step)s")),
    "ends": (mark("Ends with"), mark("ends with %(step)s")),
}
_ANSWERS = {
    ("late", "yes"): mark("late"),
    ("late", "no"): mark("not late"),
    ("open", "yes"): mark("still open"),
    ("open", "no"): mark("closed"),
}
_ALONE = {
    "from": mark("entered from %(told)s"),
    "until": mark("entered until %(told)s"),
    "variant": mark("way number %(told)s"),
}
_TITLES = {
    Overlay.FREQUENCY: mark("How often"),
    Overlay.WAITING: mark("Time from step to step"),
    Overlay.WORKING: mark("The same in working time"),
    Overlay.CONFORMANCE: mark("Where it strays"),
    Overlay.LATENESS: mark("What is late"),
    Overlay.GAP: mark("Difference of a group"),
    Overlay.BESIDE: mark("Difference of the two"),
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person may filter by: steps by their codes, values by attribute, days of entry."""

    steps: Sequence[str] = ()
    attributes: Mapping[str, Sequence[str]]
    days: bool = False


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter that is on, in words, and the address of the same view without it."""

    words: str
    without: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A field of the form: its key in the address, what it asks, and the answers to choose from.

    Without answers it asks for a day; `told` is what was answered before.
    """

    key: str
    words: str
    answers: tuple[tuple[str, str], ...] = ()
    told: str = ""

    @property
    def many(self) -> bool:
        """Whether there are too many answers for a list."""
        return len(self.answers) > _MOST_VALUES


def overlay_title(overlay: Overlay, gap_words: str = "") -> str:
    """What an overlay tells, as it is offered."""
    return gap_words if overlay is Overlay.GAP and gap_words else say(_TITLES[overlay])


def filter_questions(choices: Choices, names: Names, told: Pairs) -> tuple[Question, ...]:
    """The fields that add to the filter."""
    steps = tuple(sorted(((code, names.get(code, code)) for code in choices.steps), key=_by_name))
    asked = [
        Question(key=key, words=say(words), answers=steps)
        for key, (words, _) in _STEPS.items()
        if steps
    ]
    asked += _attributes(choices, "", names)
    if choices.days:
        before = dict(told)
        asked += [
            Question(key=key, words=words, told=before.get(key, ""))
            for key, words in zip(DATED, (say("Entered from"), say("Entered until")), strict=True)
        ]
    return tuple(asked)


def compared_questions(choices: Choices, names: Names, told: Pairs) -> tuple[Question, ...]:
    """The fields that say what the second map is of."""
    before = dict(told)
    asked = _attributes(choices, BESIDE, names)
    if choices.days:
        words = (say("Entered from"), say("Entered until"))
        asked += [
            Question(key=BESIDE + key, words=asked_for, told=before.get(key, ""))
            for key, asked_for in zip(DATED, words, strict=True)
        ]
    asked.append(
        Question(
            key=ALL_BESIDE[0], words=say("Or with"), answers=((ALL_BESIDE[1], say("all cases")),)
        )
    )
    return tuple(asked)


def chips(
    pairs: Pairs, asked: Asked, place: str, language: Pairs, names: Names, *, side: str
) -> tuple[Chip, ...]:
    """The filters of one map, each with the address of the page without it."""
    found = []
    for group in _grouped(pairs):
        rest = [pair for i, pair in enumerate(pairs) if i not in group]
        view = asked.of(rest) if side == "one" else asked.against(rest)
        found.append(
            Chip(
                words=_words([pairs[i] for i in group], names),
                without=view.at(place, language),
            )
        )
    return tuple(found)


def _attributes(choices: Choices, before: str, names: Names) -> list[Question]:
    return [
        Question(
            key=f"{before}{_ATTRIBUTE}{name}",
            words=first_capital(attribute_words(name, names)),
            answers=tuple((value, value_words(name, value)) for value in values),
        )
        for name, values in choices.attributes.items()
        if 0 < len(values) <= _MOST_VALUES
    ]


def _grouped(pairs: Pairs) -> list[tuple[int, ...]]:
    """The places of the pairs of each filter: a step and the next one belong together."""
    nexts = [i for i, (key, _) in enumerate(pairs) if key == "next"]
    groups: list[tuple[int, ...]] = []
    for i, (key, _) in enumerate(pairs):
        if key == "step" and nexts:
            groups.append((i, nexts.pop(0)))
        elif key != "next" or i in nexts:
            groups.append((i,))
    return groups


def _words(pairs: Pairs, names: Names) -> str:
    (key, value), *more = pairs
    if key in _STEPS:
        return say(_STEPS[key][1], step=names.get(value, value))
    if more:
        first, then = names.get(value, value), names.get(more[0][1], more[0][1])
        return say("%(step)s directly followed by %(next)s", step=first, next=then)
    if (key, value) in _ANSWERS:
        return say(_ANSWERS[key, value])
    if key in _ALONE:
        return say(_ALONE[key], told=value if key == "variant" else day(value))
    name = key.removeprefix(_ATTRIBUTE)
    return f"{attribute_words(name, names)}: {value_words(name, value)}"


def _by_name(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1].casefold(), pair[0]
