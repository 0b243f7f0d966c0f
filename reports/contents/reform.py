"""What a reform team may look at: the office without a detour, and steps that decided nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventlog.errors import StopError
from reports.contents.terms import Limits
from reports.maps.strays import part_of_whole

FIGURES = ("mean", "median", "p90", "over_term")
"""What "without this step" is told of: days, days, days, and the share over term."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A figure of all applications as it is, and as it would be (with its 95 % limits)."""

    now: float
    then: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Without:
    """What would be if a detour did not happen: `figures` (of `FIGURES`) of so many `cases`.

    `detoured` of these took it. `clock` is whether days go by the statutory clock.
    """

    cases: int
    detoured: int
    clock: bool
    figures: Mapping[str, Change]

    def __post_init__(self) -> None:
        """Refuse figures that nobody knows, and more detours than cases."""
        if unknown := self.figures.keys() - set(FIGURES):
            raise StopError(f"without a detour: {min(unknown)!r}; expected {', '.join(FIGURES)}")
        part_of_whole(self.detoured, self.cases, "without a detour")

    @staticmethod
    def read(content: Mapping[str, Any]) -> "Without":
        """One of these in `detours.json`; raises what a missing part raises."""
        return Without(
            cases=content["cases"],
            detoured=content["detoured"],
            clock=content["clock"],
            figures={
                name: Change(
                    now=told["now"], then=told["then"], low=told["ci_low"], high=told["ci_high"]
                )
                for name in FIGURES
                if (told := content[name]) is not None
            },
        )


@dataclass(frozen=True, kw_only=True)
class IdleStep:
    """A step after which, whatever it found, the same came next: a candidate for a look.

    `share_next` of the `cases` went on to `next` (None: they ended), and at most `upper_bound`
    (95 %) go elsewhere; `unfavourable` of them ended so further on. `gap` is how much more often
    those with the step ended so than those without, None where too few did without it. `service`
    and `waiting` are case-days. What is None is not known or may not be told.
    """

    activity: str
    cases: int
    next: str | None
    share_next: float | None
    upper_bound: float | None
    unfavourable: int | None
    gap: Limits | None
    service: float | None
    waiting: float | None

    def __post_init__(self) -> None:
        """Refuse what cannot be a count of these cases."""
        if self.unfavourable is not None:
            part_of_whole(self.unfavourable, self.cases, self.activity)
            if not isinstance(self.unfavourable, int):
                raise StopError(
                    f"{self.activity}: {self.unfavourable} ended unfavourably; expected a count"
                )

    @staticmethod
    def read(content: Mapping[str, Any]) -> "IdleStep":
        """One of these in `detours.json`; raises what a missing part raises."""
        return IdleStep(
            activity=content["activity"],
            cases=content["cases"],
            next=content["next"],
            share_next=content["share_next"],
            upper_bound=content["upper_bound"],
            unfavourable=content["unfavourable"],
            gap=Limits.read_known(content["gap"]),
            service=content["case_days_service"],
            waiting=content["case_days_waiting"],
        )
