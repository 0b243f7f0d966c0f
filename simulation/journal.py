"""The simulator's own account of what it did, kept while it happens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Told(NamedTuple):
    """One event of the log: the case by place, the second of UTC, who and where."""

    case: int
    sequence: int
    activity: str
    at: int
    lifecycle: str
    resource: str | None
    unit: str | None


class Done(NamedTuple):
    """One execution of an activity by an officer; moments in seconds, causes in working seconds."""

    case: int
    activity: str
    unit: str
    resource: str
    enabled: int
    started: int
    completed: int
    service: int
    batching: int
    prioritisation: int
    contention: int
    unavailability: int
    extraneous: int


class Lying(NamedTuple):
    """One item that nobody had started when the log ended."""

    case: int
    activity: str
    unit: str
    enabled: int


class Strayed(NamedTuple):
    """A planted detour that a case has behind it: when it began, and when the file was let go."""

    plant: int
    case: int
    began: int
    released: int


class Favoured(NamedTuple):
    """A file that was picked out of turn: by whom, and how many files it passed."""

    plant: int
    case: int
    resource: str
    passed: int


@dataclass(kw_only=True)
class Journal:
    """Everything that happened, in the order in which it happened."""

    lifecycle: frozenset[str]
    cases: int
    told: list[Told] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    lying: Sequence[Lying] = ()
    strayed: list[Strayed] = field(default_factory=list)
    favoured: list[Favoured] = field(default_factory=list)

    def __post_init__(self) -> None:
        """No case has told anything yet."""
        self._sequence = [0] * self.cases

    def tell(
        self,
        case: int,
        activity: str,
        at: int,
        lifecycle: str,
        resource: str | None,
        unit: str | None,
    ) -> None:
        """Add an event to the log if the log tells of this lifecycle."""
        if lifecycle in self.lifecycle:
            self._sequence[case] += 1
            sequence = self._sequence[case]
            self.told.append(Told(case, sequence, activity, at, lifecycle, resource, unit))
