"""The office as it is meant to be: how many officers, how long steps take, who comes when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from eventlog.errors import UsageError
from simulation.hours import WorkingHours
from simulation.process import (
    ASSESS,
    CHECK,
    FIRE,
    INSPECT,
    ISSUE,
    OFFICE_STEPS,
    REFUSE,
    REQUEST,
    ROUTES,
    SIGN,
    UNITS,
    ZONING,
)

# Chosen so that a clean office with 14 applications a working day is 60 to 80 % busy.
STAFFING = MappingProxyType(
    {
        "counter": 6,
        "finance": 4,
        "planning": 17,
        "inspection": 9,
        "fire brigade": 3,
        "head office": 3,
    }
)
# Mean working hours of one execution.
SERVICE = MappingProxyType(
    {
        CHECK: 1.2,
        REQUEST: 0.6,
        ASSESS: 1.6,
        ZONING: 6.4,
        INSPECT: 4.0,
        FIRE: 8.0,
        SIGN: 1.2,
        ISSUE: 0.8,
        REFUSE: 0.8,
    }
)
# How lively each month is, January first; the quiet one holds the long holidays.
SEASON = (0.95, 1.0, 0.9, 0.85, 0.95, 1.0, 1.05, 1.05, 1.15, 1.15, 1.1, 0.85)
LIFECYCLES = frozenset({"schedule", "start", "complete"})


@dataclass(frozen=True, kw_only=True)
class Office:
    """A permit office before anybody misbehaves.

    `cases` applications arrive from `start` on, `per_day` on an average working day, a share
    `online` of them at any hour; the log ends after `horizon`, or with the last application.
    `staffing` (officers by unit) and `service` (mean working hours by activity) need name only what
    differs from the usual. Service times follow a gamma distribution with coefficient of variation
    `variation`: 1 is exponential, 0 constant. `absence` is the share of days that an officer is
    away. `confounding` says how strongly affiliation goes together with permit type, district,
    office, completeness and season: 0 not at all, 1 as the demo has it. `incomplete`, `refused`
    and `withdrawn` scale how often files lack documents, are refused and are given up. `lifecycle`
    names what the log tells of office work; applicants' steps are always one `complete`.
    """

    cases: int = 5000
    start: date = date(2024, 10, 1)
    seed: int = 1
    hours: WorkingHours = field(default_factory=WorkingHours)
    per_day: float = 14.0
    online: float = 0.4
    season: tuple[float, ...] = SEASON
    staffing: Mapping[str, int] = field(default_factory=dict)
    service: Mapping[str, float] = field(default_factory=dict)
    variation: float = 0.7
    absence: float = 0.06
    confounding: float = 1.0
    incomplete: float = 1.0
    refused: float = 1.0
    withdrawn: float = 1.0
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: ROUTES)
    horizon: timedelta | None = None
    lifecycle: tuple[str, ...] = ("start", "complete")

    def __post_init__(self) -> None:
        """Refuse what no office can be, and fill in the usual staffing and service."""
        limits = {
            "cases": (self.cases, 1, 10_000_000),
            "seed": (self.seed, 0, 2**63),
            "per_day": (self.per_day, 0.01, 1e6),
            "online": (self.online, 0, 1),
            "variation": (self.variation, 0, 5),
            "absence": (self.absence, 0, 0.5),
            "confounding": (self.confounding, 0, 1),
            "incomplete": (self.incomplete, 0, 1.5),
            "refused": (self.refused, 0, 2),
            "withdrawn": (self.withdrawn, 0, 5),
        }
        for name, (value, low, high) in limits.items():
            if not low <= value <= high:
                raise UsageError(f"office: {name} is {value}; expected {low} to {high}")
        if len(self.season) != 12 or min(self.season) <= 0:  # noqa: PLR2004  (months of a year)
            raise UsageError(f"office: season is {self.season}; expected 12 numbers above 0")
        if "complete" not in self.lifecycle or not set(self.lifecycle) <= LIFECYCLES:
            raise UsageError(
                f"office: lifecycle is {self.lifecycle}; expected complete, and perhaps schedule "
                "and start"
            )
        _known("staffing", self.staffing, UNITS)
        _known("service", self.service, OFFICE_STEPS)
        if set(self.routes) != set(ROUTES):
            raise UsageError(f"office: routes are for {sorted(self.routes)}; need {sorted(ROUTES)}")
        object.__setattr__(self, "staffing", MappingProxyType({**STAFFING, **self.staffing}))
        object.__setattr__(self, "service", MappingProxyType({**SERVICE, **self.service}))


def _known(what: str, given: Mapping[str, float], known: tuple[str, ...]) -> None:
    for name, value in given.items():
        if name not in known:
            raise UsageError(f"office: {what} names {name!r}; known are {', '.join(known)}")
        if value <= 0:
            raise UsageError(f"office: {what} of {name} is {value}; expected a number above 0")
