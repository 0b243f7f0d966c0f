"""In an office where nothing changes, nobody is told to have improved, and little to have moved."""

from datetime import date

import pytest

from simulation.hours import WorkingHours
from simulation.office import STAFFING, Office
from simulation.running import simulate

ASKED = ("p80_working_days", "on_time_share", "straight_share", "rework_share", "waiting_share")


@pytest.mark.long
def test_in_quiet_offices_hardly_any_change_is_told(score_events):
    told, improved = [], 0
    for seed in range(20):
        office = Office(
            cases=2700,
            seed=seed,
            season=(1.0,) * 12,
            staffing={unit: round(1.6 * officers) for unit, officers in STAFFING.items()},
            start=date(2025, 1, 6),
            hours=WorkingHours(country=None),
            online=0.0,
        )
        content = score_events(simulate(office, ()).events, ASKED)
        improved += bool(content["improved"]["units"])
        told += [line["trend"]["told"] for line in content["lines"]]
    assert len(told) == 20 * len(ASKED)
    assert improved <= 1
    assert sum(one != "no clear change" for one in told) <= 0.05 * len(told)
