"""Where applications leave the usual way, and what that costs, as the report tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventlog.errors import StopError
from miners.detours.episodes import KINDS
from reports.contents.needed import needed
from reports.contents.reform import IdleStep, Without
from reports.contents.terms import Limits
from reports.maps.strays import StrayingActivity, StrayingEdge, part_of_whole

JUDGED_BY = ("rules", "bpmn", "usual routes")
"""What says how an application should travel."""
CAUSES = ("office", "applicant")
"""Who causes a detour, where that is known."""


@dataclass(frozen=True, kw_only=True)
class Months:
    """How many of the applications that could have (`eligible`) took a detour, by when they began.

    From the month `first` to the month `last`, both as `2025-01`.
    """

    first: str
    last: str
    cases: int
    eligible: int

    def __post_init__(self) -> None:
        """Refuse more detours than applications."""
        part_of_whole(self.cases, self.eligible, f"the months from {self.first}")

    @property
    def share(self) -> float:
        """The share of applications that took the detour, 0 where none could have."""
        return self.cases / self.eligible if self.eligible else 0.0


@dataclass(frozen=True, kw_only=True)
class Among:
    """Applications with one attribute value, among which a detour is found more often.

    `cases` of the `eligible` with this value took it; `elsewhere` is the share of all others, and
    `difference` (with limits) how far the two shares are apart.
    """

    attribute: str
    value: str
    cases: int
    eligible: int
    elsewhere: float
    difference: Limits

    def __post_init__(self) -> None:
        """Refuse more detours than applications."""
        part_of_whole(self.cases, self.eligible, f"{self.attribute} {self.value!r}")

    @property
    def share(self) -> float:
        """The share of the applications with this value that took the detour."""
        return self.cases / self.eligible if self.eligible else 0.0


@dataclass(frozen=True, kw_only=True)
class Detour:
    """One kind of detour, who causes it (None: not known), and what it costs.

    `cases` of the `eligible` took it, `times` in all; `share` is their share. `days` is what it
    adds to an application that takes it, `case_days` to all of these together, both in the unit of
    `Detours`; `coverage` is the share of the times that could be priced, in comparison with
    applications that are alike in `matched_on`, rounded down where it may be passed on. `trend`
    is the share in the later half less that in the earlier, and `changing` whether that is more
    than chance. What is None or empty is not known or may not be told.
    """

    kind: str
    activities: tuple[str, ...]
    units: tuple[str, ...] | None
    cause: str | None
    cases: int
    eligible: int
    share: Limits
    times: int
    days: Limits | None
    case_days: float | None
    coverage: float
    matched_on: tuple[str, ...]
    months: tuple[Months, ...]
    trend: Limits | None
    changing: bool
    among: tuple[Among, ...]
    without: Without | None

    def __post_init__(self) -> None:
        """Refuse kinds and causes that nobody knows, and counts that do not fit each other."""
        what = f"the detour {self.kind} of {', '.join(self.activities)}"
        if self.kind not in KINDS:
            raise StopError(f"{what} is of no known kind; expected one of {', '.join(KINDS)}")
        if not self.activities:
            raise StopError(f"{what} names no activity; expected at least one")
        if self.cause is not None and self.cause not in CAUSES:
            raise StopError(
                f"{what} is caused by {self.cause!r}; expected one of {', '.join(CAUSES)}, or null"
            )
        if self.times < self.cases:
            raise StopError(f"{what}: {self.cases} cases took it {self.times} times; expected more")
        part_of_whole(self.cases, self.eligible, what)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this detour from every other."""
        return (self.kind, self.activities, self.units, self.cause)


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What comparable applications (`stratum`: attribute and value) usually do."""

    stratum: Mapping[str, str]
    cases: int
    routes: int
    mandatory: tuple[str, ...]
    once: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Detours:
    """All detours, the dearest first, in `unit` (`working days` or `days`).

    `by` is one of `JUDGED_BY`. `detoured` of the `cases` took a detour, which cost `days` case-days
    together, counted once where detours overlap; `conforming` is the share of cases in which
    nothing strays, `coverage` the share of the times that could be compared with others, and
    `without` what would be if there were no detours. `few` marks that some took a
    detour and too few to be told. `hidden` is how many detours are not listed.
    """

    by: str
    unit: str
    cases: int
    detoured: int | None
    days: Limits | None
    coverage: float
    conforming: float | None
    detours: tuple[Detour, ...]
    edges: tuple[StrayingEdge, ...]
    activities: tuple[StrayingActivity, ...]
    idle_steps: tuple[IdleStep, ...]
    usual: tuple[Usual, ...]
    without: Without | None = None
    few: bool = False
    hidden: int = 0

    def __post_init__(self) -> None:
        """Refuse a way of judging that nobody knows, and counts that do not fit each other."""
        if self.by not in JUDGED_BY:
            raise StopError(
                f"detours are judged by {self.by!r}; expected one of {', '.join(JUDGED_BY)}"
            )
        if self.detoured is not None:
            part_of_whole(self.detoured, self.cases, "the detours")


def read_detours(content: Mapping[str, Any]) -> Detours:
    """Read what `detours.json` holds, exact.

    Raises `StopError` when a part is missing or does not fit.
    """
    with needed("detours.json"):
        days = Limits.read_known(content, "days")
        return Detours(
            by=content["by"],
            unit=content["unit"],
            cases=content["cases"],
            detoured=content["detoured_cases"],
            days=days,
            coverage=content["coverage"],
            conforming=content["conforming"],
            detours=tuple(_detour(one) for one in content["detours"]),
            edges=tuple(StrayingEdge.read(one) for one in content["edges"]),
            activities=tuple(StrayingActivity.read(one) for one in content["activities"]),
            idle_steps=tuple(IdleStep.read(one) for one in content["idle_steps"]),
            without=None if content["without"] is None else Without.read(content["without"]),
            usual=tuple(_usual(one) for one in content["reference"]),
        )


def _detour(content: Mapping[str, Any]) -> Detour:
    days, units = content["days_per_case"], content["units"]
    return Detour(
        kind=content["type"],
        activities=tuple(content["activities"]),
        units=None if units is None else tuple(units),
        cause=content["cause"],
        cases=content["cases"],
        eligible=content["eligible"],
        share=Limits.read(content, "share"),
        times=content["times"],
        days=None
        if days is None
        else Limits(value=days, low=content["days_ci_low"], high=content["days_ci_high"]),
        case_days=content["case_days"],
        coverage=content["coverage"],
        matched_on=tuple(content["matched_on"]),
        months=tuple(
            Months(first=m["month"], last=m["month"], cases=m["cases"], eligible=m["eligible"])
            for m in content["months"]
        ),
        trend=None if content["trend"] is None else Limits.read(content["trend"], "change"),
        changing=content["trend"] is not None and content["trend"]["told"],
        among=tuple(_among(one) for one in content["concentrates"]),
        # Only the dearest are told what would be without them.
        without=None if (told := content.get("without")) is None else Without.read(told),
    )


def _among(content: Mapping[str, Any]) -> Among:
    return Among(
        attribute=content["attribute"],
        value=content["value"],
        cases=content["cases"],
        eligible=content["eligible"],
        elsewhere=content["elsewhere"],
        difference=Limits.read(content, "difference"),
    )


def _usual(content: Mapping[str, Any]) -> Usual:
    return Usual(
        stratum={str(name): str(value) for name, value in content["stratum"].items()},
        cases=content["cases"],
        routes=content["routes"],
        mandatory=tuple(content["mandatory"]),
        once=tuple(content["once"]),
    )
