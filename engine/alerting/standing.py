"""What was read for a rule, how the alert that comes of it stands, and all that happened so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# "withdrawn": its rule is gone, refused, or asks something else now; it is sent as resolved.
State = Literal["pending", "firing", "resolved", "withdrawn"]
ENDED = frozenset({"resolved", "withdrawn"})
# An alert names the cases to look at first; who needs all of them looks at the results.
CASES_NAMED = 20


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a measure was read for: an activity, or a group that shares a value, or everything."""

    activity: str | None = None
    attribute: str | None = None
    group: str | None = None

    @property
    def order(self) -> tuple[str, str, str]:
        """Where it stands among others."""
        return self.activity or "", self.attribute or "", self.group or ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One measure for one subject at one moment.

    `unit` is "files", "events", "days", "working days", "hours", "working hours" or "share";
    `cases` are the ids of the cases behind it, the most urgent first; `rule` says by which rule
    open items were counted (interface.md); `since` is when the threshold was passed, where the
    events tell. `usual` is what is normal at such a time and `spread` how far from that it usually
    is (`engine.alerting.usual`), where that is known.
    """

    subject: Subject
    value: float
    unit: str
    cases: tuple[str, ...] = ()
    rule: str | None = None
    since: datetime | None = None
    usual: float | None = None
    spread: float | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An alert as it stands; times have an offset, `key` is its own as long as it lives.

    `threshold` is the number that held, also where the rule goes by what is usual.
    """

    alert_id: str
    key: str
    state: State
    severity: str
    measure: str
    subject: Subject
    value: float
    unit: str
    threshold: float
    usual: float | None
    since: datetime
    evaluated: datetime
    cases: tuple[str, ...]
    rule: str | None


class Past:
    """All changes so far, and what of them the next evaluation needs to know.

    `changes` are those that still matter, with the `places` that they have among all; `count` is
    how many there were.
    """

    def __init__(self, history: Iterable[Standing] = ()) -> None:
        self.changes: list[Standing] = []
        self.places: list[int] = []
        self.count = 0
        self.forgotten = 0
        self.keys: set[str] = set()
        self.latest: dict[tuple[str, Subject], Standing] = {}
        self.resolved: dict[tuple[str, Subject], datetime] = {}
        self.add(history)

    def add(self, more: Iterable[Standing]) -> None:
        """Take in what happened next."""
        for alert in more:
            place = alert.alert_id, alert.subject
            self.changes.append(alert)
            self.places.append(self.count)
            self.count += 1
            self.keys.add(alert.key)
            self.latest[place] = alert
            if alert.state == "resolved":
                self.resolved[place] = alert.evaluated

    def forget(self, heard: int) -> None:
        """Let go of the alerts that were over within the first `heard` changes.

        What each subject came to at last stays. A key has the moment in it at which its alert
        began, which is no earlier than that: so none is ever given twice, though old ones are gone.
        """
        over = {
            alert.key
            for place, alert in zip(self.places, self.changes, strict=True)
            if place < heard
            and alert.state in ENDED
            and alert.evaluated < self.latest[alert.alert_id, alert.subject].evaluated
        }
        stay = [number for number, alert in enumerate(self.changes) if alert.key not in over]
        self.changes = [self.changes[number] for number in stay]
        self.places = [self.places[number] for number in stay]
        self.keys = {alert.key for alert in self.changes}
        self.forgotten = max(self.forgotten, heard)

    def living(self) -> list[Standing]:
        """The alerts that are pending or firing, in the order in which their subjects came up."""
        return [alert for alert in self.latest.values() if alert.state not in ENDED]


def living(history: Iterable[Standing]) -> list[Standing]:
    """The alerts that are pending or firing after all that is told."""
    return Past(history).living()
