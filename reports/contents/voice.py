"""What citizens say, against detours and waiting, as the report tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.contents.needed import needed
from reports.contents.terms import Limits
from reports.maps.strays import part_of_whole

Words = Mapping[str, str]
"""A sentence by language."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cases of one group: how many complained, or answered (`said`), and what was answered.

    `share` is the share of `cases` that did. `mean` and `median` are of the scores that were given,
    `worst` and `best` what the mean would be if all who were silent had given the lowest, or the
    highest. What is None is not known or may not be told.
    """

    name: str
    cases: int
    said: int | None
    share: Limits | None
    mean: Limits | None = None
    median: float | None = None
    worst: float | None = None
    best: float | None = None

    def __post_init__(self) -> None:
        """Refuse more who spoke than there are."""
        if self.said is not None:
            part_of_whole(self.said, self.cases, f"the group {self.name!r}")


@dataclass(frozen=True, kw_only=True)
class Split:
    """One way to tell cases apart: `kind` is event, waiting, outcome or attribute.

    `limits` are the days between quarters of waiting. `hidden` is how many of its groups are not
    told, or not what they said.
    """

    name: str
    kind: str
    limits: tuple[float, ...]
    groups: tuple[Group, ...]
    hidden: int = 0

    def group(self, name: str) -> Group | None:
        """The group of this name, where it may be told."""
        return next((one for one in self.groups if one.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Those to whom something happened (`event`), against comparable others.

    `figures` are how many times as often they complained, or how many points apart their answers
    are; None where nobody can say. `sure` is whether that is more than chance. `limit` is the
    waiting in days from which on it is meant.
    """

    event: str
    limit: float | None
    figures: Limits | None
    sure: bool
    wording: Words


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Complaints from the month `first` to the month `last`, both as `2025-01`.

    `months` is how many months that are, `cases` how many applications were in hand in one of them
    on average.
    """

    first: str
    last: str
    months: int
    complaints: int
    cases: int

    @property
    def per_month(self) -> float:
        """Complaints a month."""
        return self.complaints / self.months


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """Who complained: `complained` of `cases`; `early` of them before their case was over."""

    cases: int
    complained: int | None
    early: int | None
    share: Limits | None
    months: tuple[Stretch, ...]
    splits: tuple[Split, ...]
    comparisons: tuple[Comparison, ...]
    wording: Words


@dataclass(frozen=True, kw_only=True)
class Score:
    """How many gave a score from `low` to `high`; None where that may not be told."""

    low: float
    high: float
    answers: int | None


@dataclass(frozen=True, kw_only=True)
class Heeded:
    """The groups of a split that answer least and most often, and whether that is sure."""

    split: str
    kind: str
    least: str
    most: str
    differ: bool
    wording: Words


@dataclass(frozen=True, kw_only=True)
class Satisfaction:
    """What was answered about `cases` that are over, on a scale from `lowest` to `highest`.

    `weighted` is the mean if those who answered were like all; `worst` and `best` what it could be
    if the silent had spoken.
    """

    cases: int
    answered: int
    lowest: float
    highest: float
    response: Limits
    mean: Limits
    median: float
    weighted: float | None
    worst: float
    best: float
    scores: tuple[Score, ...]
    splits: tuple[Split, ...]
    comparisons: tuple[Comparison, ...]
    heeded: tuple[Heeded, ...]
    wording: Words


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Complaints and answers; None where the process file does not name them, or nothing is said.

    `unit` is that of waiting; `compared_on` is in what compared applications are alike. `few` says
    that so few answered that nothing may be told of it.
    """

    unit: str
    compared_on: tuple[str, ...]
    complaints: Complaints | None
    satisfaction: Satisfaction | None
    few: bool = False
    hidden: int = 0


def read_voice(content: Mapping[str, Any]) -> Voice:
    """Read what `voice.json` holds, exact.

    Raises `StopError` when a part is missing or does not fit.
    """
    with needed("voice.json"):
        complaints, answers = content["complaints"], content["satisfaction"]
        return Voice(
            unit=content["unit"],
            compared_on=tuple(content["compared_on"]),
            complaints=None if complaints is None else _complaints(complaints),
            satisfaction=None if answers is None else _satisfaction(answers),
        )


def _complaints(content: Mapping[str, Any]) -> Complaints:
    return Complaints(
        cases=content["cases"],
        complained=content["complained"],
        early=content["before_the_end"],
        share=Limits.read_known(content["share"]),
        months=tuple(
            Stretch(
                first=one["month"], last=one["month"], months=1,
                complaints=one["complaints"], cases=one["cases"],
            )
            for one in content["months"]
        ),
        splits=tuple(_split(one, "complained", "share") for one in content["splits"]),
        comparisons=tuple(_comparison(one) for one in content["comparisons"]),
        wording=content["wording"],
    )  # fmt: skip


def _satisfaction(content: Mapping[str, Any]) -> Satisfaction:
    return Satisfaction(
        cases=content["cases"],
        answered=content["answered"],
        lowest=content["lowest"],
        highest=content["highest"],
        response=Limits.read(content["response"]),
        mean=Limits.read(content["mean"]),
        median=content["median"]["value"],
        weighted=content["weighted"]["mean"],
        worst=content["bounds"]["worst"],
        best=content["bounds"]["best"],
        scores=tuple(
            Score(low=one["from"], high=one["to"], answers=one["answers"])
            for one in content["distribution"]
        ),
        splits=tuple(_split(one, "answered", "response") for one in content["splits"]),
        comparisons=tuple(_comparison(one) for one in content["comparisons"]),
        heeded=tuple(
            Heeded(
                split=one["split"],
                kind=one["kind"],
                least=one["least"],
                most=one["most"],
                differ=one["differ"],
                wording=one["wording"],
            )
            for one in content["who_answers"]
        ),
        wording=content["wording"],
    )


def _split(content: Mapping[str, Any], said: str, share: str) -> Split:
    return Split(
        name=content["split"],
        kind=content["kind"],
        limits=tuple(content["limits"]),
        groups=tuple(
            Group(
                name=one["group"],
                cases=one["cases"],
                said=one[said],
                share=Limits.read_known(one[share]),
                mean=Limits.read_known(one["mean"]) if "mean" in one else None,
                median=one["median"]["value"] if "median" in one else None,
                worst=one["bounds"]["worst"] if "bounds" in one else None,
                best=one["bounds"]["best"] if "bounds" in one else None,
            )
            for one in content["groups"]
        ),
    )


def _comparison(content: Mapping[str, Any]) -> Comparison:
    return Comparison(
        event=content["event"],
        limit=content["limit"],
        figures=Limits.read_known(content),
        sure=content["told"],
        wording=content["wording"],
    )
