"""A strike: nobody takes up what the unit does, files come in as ever, and are worked off after."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from simulation.innocence import Strike
from simulation.running import simulate

WEEK = Strike(unit="planning", begins=date(2024, 11, 4), days=7)
FROM, TO = datetime(2024, 11, 3, 17, tzinfo=UTC), datetime(2024, 11, 10, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def struck(office):
    return simulate(office, [WEEK])


def moments(simulation, name):
    return simulation.items.filter(pa.compute.equal(simulation.items["activity"], "Review zoning"))[
        name
    ].to_pylist()


def queue(simulation, at):
    """How many files wait for the unit on strike."""
    pairs = zip(moments(simulation, "enabled"), moments(simulation, "started"), strict=True)
    return sum(enabled <= at < started for enabled, started in pairs)


def test_the_truth_says_from_when_to_when_nobody_took_up_what(struck):
    (told,) = struck.truth["plants"]
    assert told["activities"] == ["Review zoning"]
    assert (told["from"], told["to"]) == (FROM.isoformat(), TO.isoformat())
    started = moments(struck, "started")
    assert not [at for at in started if FROM <= at < TO]
    assert [at for at in started if TO <= at < TO + timedelta(days=1)]


def test_applications_come_in_as_if_nothing_were(clean, struck):
    for simulation in (clean, struck):
        rows = simulation.events.filter(
            pa.compute.equal(simulation.events["activity"], "Submit application")
        )
        assert rows.num_rows == 500
    before = pa.scalar(FROM, pa.timestamp("us", tz="UTC"))
    early = [
        one.events.filter(pa.compute.less(one.events["timestamp"], before))
        for one in (clean, struck)
    ]
    assert early[0].equals(early[1])


def test_the_queue_grows_in_a_strike_and_is_worked_off_after_it(clean, struck):
    evening = TO - timedelta(hours=1)
    assert queue(struck, evening) > queue(clean, evening) + 20
    weeks = [queue(struck, TO + timedelta(weeks=n)) for n in range(4)]
    assert weeks[3] <= queue(clean, TO + timedelta(weeks=3)) + 3
    assert weeks[3] < weeks[0]
