"""What may be wrong in an office on purpose: each plant is one planted truth with its size.

A plant that names `attribute` and `group` touches the cases whose attribute has that value. Shares
are from 0 to 1, `days` are working days. A detour's extra steps wait in the queues like any other;
the file is then let go when `days` have passed since it strayed, or later where the queues alone
took longer: the truth has what it really took.
"""

from dataclasses import dataclass
from typing import ClassVar

from simulation.process import ASSESS, FIRE, GATES, INSPECT, OFFICE_STEPS, SIGN, UNITS, ZONING
from simulation.sound import above, group, one_of, share, whole


@dataclass(frozen=True, kw_only=True)
class Understaffed:
    """The unit of `activity` has only `factor` of its officers, rounded, at least one."""

    kind: ClassVar[str] = "understaffed"
    activity: str = ZONING
    factor: float = 0.7

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activity", OFFICE_STEPS)
        above(self, "factor", 0)


@dataclass(frozen=True, kw_only=True)
class ExtraDocuments:
    """The group is asked for documents once more, by `points` more of its cases."""

    kind: ClassVar[str] = "extra-documents"
    attribute: str = "affiliation"
    group: str = "other"
    points: float = 0.05

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        group(self)
        share(self, "points")


@dataclass(frozen=True, kw_only=True)
class SlowStep:
    """Files of the group lie for `days` before anybody may pick them up for `activity`."""

    kind: ClassVar[str] = "slow-step"
    attribute: str = "affiliation"
    group: str = "other"
    activity: str = ZONING
    days: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        group(self)
        one_of(self, "activity", OFFICE_STEPS)
        above(self, "days", 0)


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The group's chance of approval is lower by `points`; `gate` is where it is refused."""

    kind: ClassVar[str] = "approval"
    attribute: str = "affiliation"
    group: str = "other"
    points: float = 0.1
    gate: str = INSPECT

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        group(self)
        share(self, "points")
        one_of(self, "gate", GATES)


@dataclass(frozen=True, kw_only=True)
class Surcharge:
    """`portion` of the group's cases pay more: `rate` of the tariff and `amount` of money."""

    kind: ClassVar[str] = "surcharge"
    attribute: str = "office"
    group: str = "hill"
    rate: float = 0.15
    amount: float = 0.0
    portion: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        group(self)
        share(self, "portion")
        above(self, "rate", -1)


@dataclass(frozen=True, kw_only=True)
class Favouritism:
    """In `share` of their picks for `activity`, officers take the group's oldest file first.

    `resource` is the officer who does so; without one, every officer of the activity does.
    """

    kind: ClassVar[str] = "favouritism"
    attribute: str = "agent"
    group: str = "agent-3"
    activity: str = ZONING
    resource: str = ""
    share: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        group(self)
        one_of(self, "activity", OFFICE_STEPS)
        share(self, "share")


@dataclass(frozen=True, kw_only=True)
class BadOfficers:
    """`officers` of those who do `activity`, drawn by lot, favour the group as above."""

    kind: ClassVar[str] = "bad-officers"
    officers: int = 2
    attribute: str = "agent"
    group: str = "agent-3"
    activity: str = ZONING
    share: float = 0.8

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        whole(self, "officers")
        group(self)
        one_of(self, "activity", OFFICE_STEPS)
        share(self, "share")


@dataclass(frozen=True, kw_only=True)
class DuplicateApproval:
    """A second unit signs what is signed: `share` of the signed cases, `days` all told."""

    kind: ClassVar[str] = "duplicate-approval"
    share: float = 0.1
    days: float = 4.0
    activity: str = SIGN
    unit: str = "finance"

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        share(self, "share")
        above(self, "days", 0)
        one_of(self, "activity", OFFICE_STEPS)
        one_of(self, "unit", UNITS)


@dataclass(frozen=True, kw_only=True)
class PingPong:
    """After the second of `activities` the file goes back to the first and to the second again."""

    kind: ClassVar[str] = "ping-pong"
    activities: tuple[str, ...] = (ZONING, INSPECT)
    share: float = 0.1
    days: float = 6.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activities", OFFICE_STEPS, count=2)
        share(self, "share")
        above(self, "days", 0)


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """`activity` is done twice in a row."""

    kind: ClassVar[str] = "repeated"
    activity: str = ASSESS
    share: float = 0.1
    days: float = 3.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activity", OFFICE_STEPS)
        share(self, "share")
        above(self, "days", 0)


@dataclass(frozen=True, kw_only=True)
class Inserted:
    """`activity`, which the procedure does not know, is done by `unit` ahead of `before`."""

    kind: ClassVar[str] = "inserted"
    activity: str = "Obtain recommendation"
    before: str = SIGN
    unit: str = "head office"
    share: float = 0.1
    days: float = 3.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "before", OFFICE_STEPS)
        one_of(self, "unit", UNITS)
        share(self, "share")
        above(self, "days", 0)


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """`activity` is left out."""

    kind: ClassVar[str] = "skipped"
    activity: str = ZONING
    share: float = 0.05

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activity", OFFICE_STEPS)
        share(self, "share")


@dataclass(frozen=True, kw_only=True)
class WrongOrder:
    """The second of `activities` is done ahead of the first, which adds `days`."""

    kind: ClassVar[str] = "wrong-order"
    activities: tuple[str, ...] = (INSPECT, FIRE)
    share: float = 0.1
    days: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planted."""
        one_of(self, "activities", OFFICE_STEPS, count=2)
        share(self, "share")
        above(self, "days", 0)
