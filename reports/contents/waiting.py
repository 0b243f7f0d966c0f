"""Where applications wait, as the report tells it: queues, their causes, who stands where now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from eventlog.errors import StopError
from reports.contents.needed import needed

CAUSES = (
    "contention", "prioritisation", "batching", "unavailability", "extraneous", "applicant",
)  # fmt: skip
"""Why a file waits (miners.causes), in the order of legends and bars."""
AFTER = "waiting after"
"""The rule of an open application of which nobody knows what comes next."""

_MOSTLY = 0.5

Words = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one more officer would leave of the mean wait, in days; None, and why, if unknown."""

    wait: float | None
    silent_because: Words | None
    assumptions: Words


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One step in one unit: how many files came, how long they waited there, and why.

    Days are those of `Waiting.unit`; `waiting` are case-days and `share` their part of all. Without
    start events (`service_known` is false) the time until the work was done is told, for waiting
    and work cannot be told apart. `causes` are case-days by cause. `lengths` are how many files
    waited, as means over `stretch_days` days each, from `first_day` to `last_day`. `dated` marks
    that most times are dates without a time of day, so that all is good to a day only. What is
    None or empty is not known or may not be told; where `few_officers`, because it would tell of
    persons.
    """

    activity: str
    unit: str | None
    service_known: bool
    cases: int
    items: int
    waiting: float
    share: float
    mean: float
    low: float | None
    high: float | None
    median: float
    p90: float
    causes: Mapping[str, float]
    officers: float | None
    utilisation: float | None
    estimate: Estimate | None
    longest: int | None
    lengths: tuple[float, ...]
    stretch_days: int
    first_day: str
    last_day: str
    open_now: int | None
    oldest: float | None
    few_officers: bool = False
    dated: bool = False

    def __post_init__(self) -> None:
        """Refuse counts below zero and causes that nobody knows."""
        if min(self.cases, self.items, self.waiting) < 0:
            raise StopError(f"the queue of {self.activity!r} counts below zero; expected >= 0")
        if unknown := self.causes.keys() - set(CAUSES):
            raise StopError(
                f"the queue of {self.activity!r} waits because of {min(unknown)!r}; "
                f"expected one of {', '.join(CAUSES)}"
            )

    @property
    def main_cause(self) -> str | None:
        """The cause of most of the waiting, the earlier in `CAUSES` among equals."""
        told = {cause: days for cause in CAUSES if (days := self.causes.get(cause, 0.0)) > 0}
        return max(told, key=told.__getitem__) if told else None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Open applications that stand at a step (or wait after it), and by what rule that is known.

    `median_days` and `oldest_days` are how long they have stood there, elapsed days.
    """

    activity: str
    rule: str
    cases: int
    median_days: float
    oldest_days: float

    @property
    def after(self) -> bool:
        """Whether the step is done, and what comes next is not known."""
        return self.rule == AFTER


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Open applications at one activity: those at the step, and those that wait after it.

    0 is none, or not told; `about` marks numbers that were rounded.
    """

    at: int = 0
    after: int = 0
    about: bool = False


NOBODY = Standing()
"""No open applications."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """All queues, most waiting first, in `unit` (`working days` or `days`), and who stands where.

    `hidden_queues` and `hidden_places` are how many are not listed; `standing` is by activity.
    """

    unit: str
    queues: tuple[Queue, ...]
    places: tuple[Place, ...]
    standing: Mapping[str, Standing]
    hidden_queues: int = 0
    hidden_places: int = 0

    @property
    def waiting(self) -> float:
        """Case-days of waiting in the listed queues."""
        return sum(queue.waiting for queue in self.queues)

    @property
    def causes(self) -> Mapping[str, float]:
        """Case-days of the listed queues by cause, as far as causes are told."""
        return {
            cause: sum(queue.causes.get(cause, 0.0) for queue in self.queues) for cause in CAUSES
        }

    @property
    def unexplained(self) -> float:
        """Case-days of waiting of which no cause is told."""
        return max(self.waiting - sum(self.causes.values()), 0.0)


def read_waiting(content: Mapping[str, Any]) -> Waiting:
    """Read what `bottlenecks.json` holds, exact.

    Raises `StopError` when a part is missing or does not fit.
    """
    with needed("bottlenecks.json"):
        places = tuple(
            Place(
                activity=p["activity"],
                rule=p["rule"],
                cases=p["cases"],
                median_days=p["median_days"],
                oldest_days=p["oldest_days"],
            )
            for p in content["open"]
        )
        return Waiting(
            unit=content["unit"],
            queues=tuple(_queue(q) for q in content["queues"]),
            places=places,
            standing=standing(places),
        )


def standing(places: Sequence[Place]) -> Mapping[str, Standing]:
    """How many open applications stand at each activity, by whichever rule, and after it.

    >>> standing([Place(activity="a", rule="started", cases=2, median_days=1.0, oldest_days=1.0)])
    mappingproxy({'a': Standing(at=2, after=0, about=False)})
    """
    at: dict[str, int] = {}
    after: dict[str, int] = {}
    for place in places:
        side = after if place.after else at
        side[place.activity] = side.get(place.activity, 0) + place.cases
    return MappingProxyType(
        {
            name: Standing(at=at.get(name, 0), after=after.get(name, 0))
            for name in dict.fromkeys(place.activity for place in places)
        }
    )


def _queue(content: Mapping[str, Any]) -> Queue:
    days = content["days"]
    told = content["one_more_officer"]
    return Queue(
        activity=content["activity"],
        unit=content["unit"],
        service_known=content["service_known"],
        cases=content["cases"],
        items=content["items"],
        waiting=content["waiting"],
        share=content["share_of_waiting"],
        mean=content["mean"],
        low=content["ci_low"],
        high=content["ci_high"],
        median=content["median"],
        p90=content["p90"],
        causes={cause: days for cause, days in content["causes"].items() if days},
        officers=content["officers"],
        utilisation=content["utilisation"],
        estimate=told
        and Estimate(
            wait=told["wait_with_one_more"],
            silent_because=told["silent_because"],
            assumptions=told["assumptions"],
        ),
        longest=content["queue_longest"],
        lengths=tuple(day["mean"] for day in days),
        stretch_days=1,
        first_day=days[0]["day"] if days else "",
        last_day=days[-1]["day"] if days else "",
        open_now=content["open_now"],
        oldest=content["oldest_open"],
        dated=(content.get("dated") or 0.0) >= _MOSTLY,
    )
