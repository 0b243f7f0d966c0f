"""The simulated office that is watched: when it opens, what is planted in it, how it is ruled."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from eventlog import definition_file
from eventlog.definition import Definition
from simulation.innocence import Strike
from simulation.office import Office

SEEDS = {
    "quiet": range(41_000, 41_020),
    "drift": range(40_000, 40_020),
    "strike": range(41_000, 41_003),
}
"""The seeds of each part; how spreads are told was chosen on quiet offices from 40,000 on."""
LEARNING = 5
"""Weeks in which thresholds are chosen and what is usual is learnt; the strike is in the next."""
WEEKS = 20
HOUR = 3_600_000_000
WEEK = 168 * HOUR
_PROCESS = Path(__file__).parents[1] / "config" / "processes" / "building-permit.yaml"
_OPENS = date(2025, 6, 2)
# A Monday, midnight in Jakarta: the office has been open for eight weeks and is no longer filling.
_BEGINS = datetime(2025, 7, 27, 17, tzinfo=UTC)
BEGINS = round(_BEGINS.timestamp()) * 1_000_000
STRIKE = Strike(unit="planning", begins=date(2025, 9, 1), days=7)


def watched_office(seed: int, weeks: int = WEEKS) -> Office:
    """An office that is watched for so many weeks from `BEGINS` on."""
    horizon = _BEGINS + timedelta(weeks=weeks) - datetime(2025, 6, 2, tzinfo=UTC)
    return Office(
        cases=16 * 5 * (weeks + 10),
        start=_OPENS,
        seed=seed,
        horizon=horizon,
        lifecycle=("schedule", "start", "complete"),
    )


def long_office(seed: int) -> Office:
    """An office of some twenty months, for what is compared with half a year before."""
    return Office(cases=5700, seed=seed)


def process(alerts: list[dict[str, object]]) -> Definition:
    """The process file of the demo with these rules."""
    known = definition_file.load(_PROCESS)
    said = known.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return Definition.model_validate({**said, "alerts": alerts})
