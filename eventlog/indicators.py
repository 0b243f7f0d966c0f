"""What a scorecard can tell: every indicator by name, what it is counted in, which way is better.

The four perspectives are those of the Balanced Scorecard (Kaplan & Norton 1992), with citizens
where a company has customers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal

Perspective = Literal["citizens", "internal process", "cost", "learning and growth"]
PERSPECTIVES: tuple[Perspective, ...] = (
    "citizens", "internal process", "cost", "learning and growth",
)  # fmt: skip
Measured = Literal[
    "working days", "share", "times", "score", "per hundred", "applications", "currency", "hours",
    "pieces a week", "change",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Known:
    """One indicator: its perspective, what its numbers are, and which way is better.

    `better` is None where neither is: a target is then a ceiling. `by_unit` says whether a unit of
    the office can have one of its own, `by_value` whether the applications with one value of an
    attribute can.
    """

    perspective: Perspective
    measured_in: Measured
    better: Literal["lower", "higher"] | None = "lower"
    by_unit: bool = False
    by_value: bool = True


INDICATORS: Mapping[str, Known] = MappingProxyType(
    {
        "p50_working_days": Known(perspective="citizens", measured_in="working days", by_unit=True),
        "p80_working_days": Known(perspective="citizens", measured_in="working days", by_unit=True),
        "p90_working_days": Known(perspective="citizens", measured_in="working days", by_unit=True),
        "on_time_share": Known(perspective="citizens", measured_in="share", better="higher"),
        "requests_per_case": Known(perspective="citizens", measured_in="times"),
        "satisfaction_mean": Known(perspective="citizens", measured_in="score", better="higher"),
        "complaints_per_100": Known(perspective="citizens", measured_in="per hundred"),
        "straight_share": Known(
            perspective="internal process", measured_in="share", better="higher"
        ),
        "conforming_share": Known(
            perspective="internal process", measured_in="share", better="higher"
        ),
        "rework_share": Known(perspective="internal process", measured_in="share", by_unit=True),
        "waiting_share": Known(perspective="internal process", measured_in="share", by_unit=True),
        "open_now": Known(perspective="internal process", measured_in="applications", by_unit=True),
        "oldest_open_days": Known(
            perspective="internal process", measured_in="working days", by_unit=True
        ),
        "cost_per_permit": Known(perspective="cost", measured_in="currency", by_unit=True),
        "hours_per_permit": Known(perspective="cost", measured_in="hours", by_unit=True),
        "fee_over_tariff": Known(perspective="cost", measured_in="currency"),
        "items_per_officer_week": Known(
            perspective="learning and growth",
            measured_in="pieces a week",
            better=None,
            by_unit=True,
            by_value=False,
        ),
        "handovers_per_case": Known(
            perspective="learning and growth", measured_in="times", by_unit=True
        ),
        "cross_training": Known(
            perspective="learning and growth",
            measured_in="share",
            better="higher",
            by_unit=True,
            by_value=False,
        ),
        "learning_curve": Known(
            perspective="learning and growth", measured_in="change", by_unit=True, by_value=False
        ),
    }
)


def known_indicator(name: str) -> str:
    """The name, if there is such an indicator; ValueError otherwise."""
    if name not in INDICATORS:
        close = get_close_matches(name, INDICATORS, n=1)
        hint = f'; did you mean "{close[0]}"?' if close else ""
        raise ValueError(f"expected one of {', '.join(INDICATORS)}{hint}")
    return name
