"""What looks like misconduct in a log and is none: fast lanes, large files, busy seasons."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from simulation.process import FIRE, GROUPS, INSPECT, OFFICE_STEPS, SIGN, UNITS, ZONING
from simulation.sound import above, group, one_of, share, whole


@dataclass(frozen=True, kw_only=True)
class FastLane:
    """Files of `permit_type` go ahead of all others in every queue, as the rules provide."""

    kind: ClassVar[str] = "fast-lane"
    permit_type: str = "house"

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "permit_type", GROUPS["permit_type"])


@dataclass(frozen=True, kw_only=True)
class SizeEffect:
    """Zoning and inspection take longer for larger buildings: hours as area to the `power`."""

    kind: ClassVar[str] = "size-effect"
    power: float = 0.4

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        share(self, "power")


@dataclass(frozen=True, kw_only=True)
class SlowOffice:
    """Work on files of one office takes `factor` times as long, for everybody there."""

    kind: ClassVar[str] = "slow-office"
    office: str = "hill"
    factor: float = 1.3

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "office", GROUPS["office"])
        above(self, "factor", 0)


@dataclass(frozen=True, kw_only=True)
class SlowOfficer:
    """`officers` of those who do `activity`, drawn by lot, need `factor` times as long."""

    kind: ClassVar[str] = "slow-officer"
    activity: str = ZONING
    officers: int = 1
    factor: float = 1.5

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activity", OFFICE_STEPS)
        whole(self, "officers")
        above(self, "factor", 0)


@dataclass(frozen=True, kw_only=True)
class BusySeason:
    """The group files when the office is busy: `pull` 0 not at all, 3 hardly ever otherwise."""

    kind: ClassVar[str] = "busy-season"
    attribute: str = "affiliation"
    group: str = "other"
    pull: float = 1.5

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        group(self)
        above(self, "pull", 0)


@dataclass(frozen=True, kw_only=True)
class IncompleteFiles:
    """The group submits incomplete files more often, by `points`."""

    kind: ClassVar[str] = "incomplete-files"
    attribute: str = "affiliation"
    group: str = "other"
    points: float = 0.2

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        group(self)
        share(self, "points")


@dataclass(frozen=True, kw_only=True)
class Strike:
    """From `begins` on, nobody of `unit` takes up work for `days` calendar days."""

    kind: ClassVar[str] = "strike"
    unit: str = "inspection"
    begins: date = date(2025, 6, 2)
    days: int = 10

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "unit", UNITS)
        whole(self, "days")


@dataclass(frozen=True, kw_only=True)
class Batches:
    """Files for `activity` are gathered into folders of `size`, each worked through at once.

    The folder takes as long as the longest of its files would have taken alone.
    """

    kind: ClassVar[str] = "batches"
    activity: str = SIGN
    size: int = 5

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activity", OFFICE_STEPS)
        whole(self, "size")


@dataclass(frozen=True, kw_only=True)
class Concurrent:
    """In `share` of the cases with both `activities` in a row, both lie open at the same time."""

    kind: ClassVar[str] = "concurrent"
    activities: tuple[str, ...] = (INSPECT, FIRE)
    share: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activities", OFFICE_STEPS, count=2)
        share(self, "share")
