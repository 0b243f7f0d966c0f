"""Whether comparable applications are treated alike, as the report tells it."""

from dataclasses import dataclass

from eventlog.errors import StopError
from reports.contents.terms import Limits

MEASURES = ("time", "outcome", "withdrawn", "route", "waiting", "fee")
"""What treatment is compared by; `outcome` with an activity is that of those who reached it."""
UNITS = ("working days", "days", "share", "currency")
"""What gaps are told in."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A value of an attribute, and how many applications have it."""

    group: str
    cases: int


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An attribute whose values were compared; `basis` is why a sensitive one may be."""

    attribute: str
    basis: str | None
    sensitive: bool
    groups: tuple[Group, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """How much of a gap goes with one thing that the process did; `unexplained` is the rest."""

    what: str
    gap: Limits


@dataclass(frozen=True, kw_only=True)
class Carried:
    """How much of a gap in time lies between two steps.

    `source` is None ahead of the first step, `target` after the last one so far.
    """

    source: str | None
    target: str | None
    gap: Limits


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How many days longer a group takes from one step to the next, and what part of its gap."""

    days: Limits
    part: float

    @property
    def sure(self) -> bool:
        """Whether the limits leave out zero."""
        low, high = self.days.low, self.days.high
        return low is not None and high is not None and low * high > 0


@dataclass(frozen=True, kw_only=True)
class Half:
    """The gap among those that came in one half of the time, from the first to the last day."""

    first: str
    last: str
    value: float | None
    p_value: float | None


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """How strong something that nobody recorded would have to be to explain a gap away.

    `value` is the share of what is left unexplained, of the groups and of the outcome alike, and
    `left` what would be left of the gap beside something as strong as the attribute `benchmark`.
    """

    value: float
    benchmark: str | None
    left: float | None


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A group less comparable others, by one measure, in `unit` (shares from -1 to 1).

    `raw` is as it came, `entry` adjusted for what is legitimate at entry (what is told),
    `process` for what the process did as well, `direct` for the other attributes. `mean_others`
    is the mean of the others as it came. `why_not` says why a gap is not `told`; `smallest_seen`
    is the smallest gap that would have been seen four times of five, `material` the smallest worth
    telling. `with_work` marks waiting that is told with the work. What is None or empty is not
    known or may not be told.
    """

    attribute: str
    group: str
    measure: str
    activity: str | None
    feature: str | None
    unit: str
    cases: int
    others: int
    raw: Limits | None
    entry: Limits | None
    process: Limits | None
    direct: Limits | None
    together_with: tuple[str, ...]
    coverage: float
    told: bool
    why_not: str | None
    smallest_seen: float | None
    material: float | None
    with_work: bool
    severity: str | None
    strength: str | None
    mean_others: float | None
    parts: tuple[Part, ...]
    edges: tuple[Carried, ...]
    halves: tuple[Half, ...]
    robustness: Robustness | None

    def __post_init__(self) -> None:
        """Refuse measures and units that nobody knows, and a told gap without its size."""
        what = f"the gap of {self.attribute} {self.group!r}"
        if self.measure not in MEASURES:
            raise StopError(f"{what} is by {self.measure!r}; expected one of {', '.join(MEASURES)}")
        if self.unit not in UNITS:
            raise StopError(f"{what} is in {self.unit!r}; expected one of {', '.join(UNITS)}")
        if self.told and self.entry is None:
            raise StopError(f"{what} is told and has no size; expected one")

    @property
    def key(self) -> tuple[str, str, str, str | None, str | None]:
        """What tells this gap from every other."""
        return (self.attribute, self.group, self.measure, self.activity, self.feature)


@dataclass(frozen=True, kw_only=True)
class FeeSpeed:
    """How paying more than the tariff goes with waiting less or more (Spearman's rho)."""

    rho: Limits
    rows: int
    told: bool


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Whether whole ways through the office differ by an attribute."""

    attribute: str
    differ: bool


@dataclass(frozen=True, kw_only=True)
class NotTested:
    """What could not be looked at, and why."""

    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Equity:
    """All comparisons; `gaps` and `intersections` in the order of the file, told ones among them.

    `unit` is that of times, `compared_on` by what applications are comparable. Nothing in here is
    about persons: `persons` is how many comparisons were left out for that. `compared` is how many
    others were made, `hidden` how many of these are not listed to protect small groups.
    """

    unit: str
    horizon_days: int | None
    compared_on: tuple[str, ...]
    cases: int
    cohort: int
    attributes: tuple[Compared, ...]
    gaps: tuple[Gap, ...]
    intersections: tuple[Gap, ...]
    ways: tuple[Ways, ...]
    fee_speed: FeeSpeed | None
    not_tested: tuple[NotTested, ...]
    compared: int
    persons: int = 0
    hidden: int = 0

    @property
    def every(self) -> tuple[Gap, ...]:
        """The gaps of single attributes and those of two together."""
        return (*self.gaps, *self.intersections)
