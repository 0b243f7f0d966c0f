"""How often steps, and the paths between them, leave the way that applications should take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventlog.errors import StopError

MOSTLY = 0.5
"""From this share on, a path or a step is said to be off the way itself."""


@dataclass(frozen=True, kw_only=True)
class StrayingEdge:
    """How often going from one step to the next left the way that it should take, exact.

    `straying` of `frequency` passages strayed, in `cases` cases.
    """

    source: str
    target: str
    frequency: int
    straying: int
    cases: int

    def __post_init__(self) -> None:
        """Refuse counts that do not fit each other."""
        what = f"{self.source} → {self.target}"
        part_of_whole(self.straying, self.frequency, what)
        part_of_whole(self.cases, self.straying, what)

    @staticmethod
    def read(content: Mapping[str, Any]) -> "StrayingEdge":
        """One of `edges` in `detours.json`; raises what a missing part raises."""
        return StrayingEdge(
            source=content["source"],
            target=content["target"],
            frequency=content["frequency"],
            straying=content["straying"],
            cases=content["straying_cases"],
        )


@dataclass(frozen=True, kw_only=True)
class StrayingActivity:
    """How often a step strayed, exact: `straying` of `events`, in `cases` cases.

    In `skipped` cases it was left out.
    """

    activity: str
    events: int
    straying: int
    cases: int
    skipped: int

    def __post_init__(self) -> None:
        """Refuse counts that do not fit each other."""
        part_of_whole(self.straying, self.events, self.activity)
        part_of_whole(self.cases, self.straying, self.activity)
        part_of_whole(0, self.skipped, self.activity)

    @staticmethod
    def read(content: Mapping[str, Any]) -> "StrayingActivity":
        """One of `activities` in `detours.json`; raises what a missing part raises."""
        return StrayingActivity(
            activity=content["activity"],
            events=content["events"],
            straying=content["straying"],
            cases=content["straying_cases"],
            skipped=content["skipped"],
        )


@dataclass(frozen=True, kw_only=True)
class Strays:
    """What may be told of a path or a step on the map: about `count` of its passages stray.

    None: that is not told. `few` marks that some do, in too few cases to be counted. `left_out` is
    in about how many cases a step was left out; 0 is none, or not told.
    """

    count: int | None
    few: bool = False
    left_out: int = 0

    def share(self, of: int) -> float:
        """The share of `of` passages that stray; 0 where there are few, or none is told."""
        return min((self.count or 0) / of, 1.0) if of else 0.0


def part_of_whole(part: int, whole: int, what: str) -> None:
    """Refuse a part that is below zero or larger than its whole, with a `StopError`."""
    if not 0 <= part <= whole:
        raise StopError(f"{what}: {part} of {whole}; expected a part of the whole")
