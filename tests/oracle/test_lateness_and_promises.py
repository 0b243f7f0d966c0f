"""Lateness is what the simulated office knows it to be; promises of the past were kept as said."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from connectors import files
from eventlog import definition_file
from eventlog.calendar import Calendars
from eventlog.identity import finish
from eventlog.log import Log
from miners.cases import outcomes
from miners.clock import clock_times
from miners.deadlines import deadlines
from miners.lateness import lateness
from miners.promises import promises
from miners.standing import Standing, standing_of
from simulation.demo import demo_office, demo_plants
from simulation.office import Office
from simulation.running import simulate

PROCESSES = Path(__file__).parents[2] / "config" / "processes"
WORKING_DAY = 28_800_000
ENDS = {"Issue decision", "Refuse", "Withdraw"}
PAUSES = {"Request documents": "Resubmit documents", "Assess fee": "Pay fee"}


def standing(simulation, office, now=None):
    """The clocks of a simulated office at `now`, case after case in the plainest way."""
    events = simulation.events.filter(pc.equal(simulation.events["lifecycle"], "complete"))
    times = events["timestamp"].cast("int64").to_pylist()
    now = max(times) if now is None else now
    told = {}
    rows = zip(events["case_id"].to_pylist(), events["activity"].to_pylist(), times, strict=True)
    for case, activity, at in rows:
        if at <= now:
            told.setdefault(case, []).append((activity, at))
    hours = office.hours.timetable(office.start, office.start + timedelta(days=1500))

    def worked(start, end):
        return hours.between(start // 1_000_000, end // 1_000_000) * 1000

    found = {name: [] for name in ("entered", "seen", "last", "elapsed", "working")}
    ended, withdrawn = [], []
    for steps in told.values():
        end = next(((a, at) for a, at in steps if a in ENDS), None)
        entered, seen = steps[0][1], now if end is None else end[1]
        pauses, waits = [], None
        for activity, at in steps:
            if waits is None and activity in PAUSES:
                waits, since = PAUSES[activity], at
            elif activity == waits:
                pauses.append((since, min(at, seen)))
                waits = None
        if waits is not None:
            pauses.append((since, seen))
        found["entered"].append(entered)
        found["seen"].append(seen)
        found["last"].append(steps[-1][1])
        found["elapsed"].append((seen - entered - sum(b - a for a, b in pauses)) // 1000)
        found["working"].append(worked(entered, seen) - sum(worked(a, b) for a, b in pauses))
        ended.append(end is not None)
        withdrawn.append(end is not None and end[0] == "Withdraw")
    return now, Standing(
        **{name: np.array(column, np.int64) for name, column in found.items()},
        ended=np.array(ended),
        withdrawn=np.array(withdrawn),
        term=np.full(len(ended), 4 * WORKING_DAY),
        in_working=np.ones(len(ended), bool),
        working_day=WORKING_DAY,
    )


def test_the_share_over_term_seen_half_way_is_what_became_of_the_cases_in_the_end():
    office = Office(cases=900, seed=7, horizon=timedelta(days=500))
    simulation = simulate(office)
    _, at_last = standing(simulation, office)
    assert at_last.ended.all()
    middle = int(np.quantile(at_last.entered, 0.6))
    _, half_way = standing(simulation, office, now=middle)
    truth = at_last.take(at_last.entered <= middle)
    over = float(np.mean(truth.working > truth.term))
    found = lateness(half_way)
    assert found.cases > found.judged
    assert found.share.low < over < found.share.high
    assert found.share.value == pytest.approx(over, abs=0.05)


@pytest.fixture(scope="module")
def demo():
    office = demo_office()
    return standing(simulate(office, demo_plants()), office)


def test_of_the_later_cases_of_the_demo_office_four_in_five_keep_the_p80(demo):
    now, cases = demo
    p80 = promises(cases, now).promises[1]
    assert 0.75 <= p80.kept.value <= 0.85
    assert p80.tested > 2000
    assert p80.reason is None


def test_in_the_demo_office_as_many_are_late_as_a_plain_count_says(demo):
    _, cases = demo
    cases = replace(cases, term=np.full(len(cases), 14 * WORKING_DAY))
    found = lateness(cases)
    assert found.over == int((cases.working > cases.term).sum())
    closed = cases.ended
    plain = float((cases.working[closed] > cases.term[closed]).mean())
    assert found.share.value == pytest.approx(plain, abs=0.01)


@pytest.mark.parametrize("name", ["BPIC15_1", pytest.param("BPIC15_2", marks=pytest.mark.long)])
def test_of_later_building_permits_four_in_five_keep_the_p80(name, real_log):
    definition = definition_file.load(PROCESSES / "bpic15.yaml")
    reading = files.read(real_log(f"{name}.xes.gz"), definition)
    log = Log.of(finish(reading.events), attributes=definition.case_attributes)
    calendars = Calendars.of(definition, int(log.timestamp.min()), int(log.timestamp.max()))
    clock = clock_times(log, definition, calendars)
    due = deadlines(log, definition, calendars, clock)
    cases = standing_of(log, clock, due, outcomes(log, definition.outcome), calendars)
    p80 = promises(cases, clock.now).promises[1]
    assert 0.75 <= p80.kept.value <= 0.85
    assert p80.tested > 200
    assert p80.reason is None
    found = lateness(cases)
    assert (found.unit, found.terms) == ("days", (56.0, 182.0))
    assert found.over == int(due.over.sum())
    assert found.silent > 0.1 * found.over
