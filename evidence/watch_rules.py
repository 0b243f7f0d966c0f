"""The alert rules under which the simulated offices are watched, and thresholds for them."""

from collections.abc import Mapping, Sequence
from math import ceil

from engine.alerting.standing import Reading, Subject
from simulation.process import ZONING

QUEUE, WAITING, SILENCE = "queue", "waiting", "silence"
MEASURED: dict[str, dict[str, object]] = {
    QUEUE: {"measure": "queue_length", "activity": ZONING, "for": "4h"},
    WAITING: {"measure": "waiting_p90", "activity": ZONING, "window": "7 days"},
    SILENCE: {"measure": "silence", "activity": ZONING},
}
"""What is read, by the word that rules and results have for it."""
UNITS = {QUEUE: "files", WAITING: "working days", SILENCE: "working hours"}
SUBJECT = Subject(activity=ZONING)
SPREADS = (3, 4, 5, 8)
"""How many usual spreads above the usual are tried."""
USUALLY = (QUEUE, WAITING)
"""What is held against what is usual at the hour, too."""
# No office has so many files waiting, or waits for so many days.
_NEVER = 10_000
_MARGIN = 1.5


def untold() -> list[dict[str, object]]:
    """Rules that only read."""
    return [{"name": name, **said, "above": _NEVER} for name, said in MEASURED.items()]


def unusual(spreads: Sequence[int] = SPREADS) -> list[dict[str, object]]:
    """Rules that go by what is usual."""
    return [
        {"name": above_usual(name, k), **MEASURED[name], "above_usual": k}
        for name in USUALLY
        for k in spreads
    ]


def above_usual(name: str, k: int) -> str:
    """What the rule is called that speaks from `k` spreads above the usual on."""
    return f"{name} {k} spreads above usual"


def fixed(highest: Mapping[str, float]) -> list[dict[str, object]]:
    """Rules with a number each: half as much again as the highest reading of the first weeks."""
    return [
        {"name": name, **said, "above": ceil(highest[name] * _MARGIN)}
        for name, said in MEASURED.items()
    ]


def highest(readings: Sequence[Mapping[str, Sequence[Reading]]]) -> dict[str, float]:
    """The highest of all that was read, by word."""
    return {
        name: max(one.value for each in readings for one in each.get(name, ())) for name in MEASURED
    }
