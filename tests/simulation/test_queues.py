"""The office as a queue: closed forms, Little's law and the account of why files waited."""

import math
from datetime import timedelta

import pyarrow as pa
import pytest

from simulation.demo import demo_plants
from simulation.hours import ALWAYS
from simulation.office import Office
from simulation.process import ROUTES
from simulation.running import simulate

CAUSES = ("batching", "prioritisation", "contention", "unavailability", "extraneous")


def one_step_office(*, servers, load, variation, cases, seed):
    """Poisson arrivals around the clock, one activity, nobody ever away."""
    hours = 2.0
    per_day = load * servers * 24 / hours
    return Office(
        cases=cases,
        seed=seed,
        hours=ALWAYS,
        per_day=per_day,
        online=1.0,
        season=(1.0,) * 12,
        staffing={"planning": servers},
        service={"Review zoning": hours},
        variation=variation,
        absence=0.0,
        routes=dict.fromkeys(ROUTES, ("Review zoning",)),
        horizon=timedelta(days=cases / per_day + 3),
    )


def erlang_c_wait(load, servers, hours=2.0):
    """Mean wait in an M/M/c queue, in hours (Erlang 1917)."""
    offered = load * servers
    last = offered**servers / math.factorial(servers) / (1 - load)
    waits = last / (sum(offered**k / math.factorial(k) for k in range(servers)) + last)
    return waits * hours / (servers * (1 - load))


@pytest.mark.parametrize(("servers", "load", "seeds"), [(1, 0.6, (1, 2)), (4, 0.7, (1, 2))])
def test_exponential_service_waits_as_erlang_says(servers, load, seeds):
    waits = [
        simulate(
            one_step_office(servers=servers, load=load, variation=1.0, cases=4000, seed=seed)
        ).truth["activities"]["Review zoning"]["waiting_hours_mean"]
        for seed in seeds
    ]
    assert sum(waits) / len(waits) == pytest.approx(erlang_c_wait(load, servers), rel=0.12)


def test_constant_service_waits_half_as_long():
    office = one_step_office(servers=1, load=0.6, variation=0.0, cases=6000, seed=4)
    account = simulate(office).truth["activities"]["Review zoning"]
    assert account["waiting_hours_mean"] == pytest.approx(erlang_c_wait(0.6, 1) / 2, rel=0.08)
    assert account["utilisation"] == pytest.approx(0.6, rel=0.03)


@pytest.fixture(scope="module")
def planted(office):
    return simulate(office, demo_plants())


def test_the_mean_queue_is_the_arrival_rate_times_the_mean_wait(clean, planted):
    """Little's law; the queue is swept over time, the waits are summed over items."""
    for simulation in (clean, planted):
        for account in simulation.truth["activities"].values():
            a_day = account["arrival_rate"] * account["waiting_hours_mean"] / 8
            assert account["queue_mean"] == pytest.approx(a_day)
            assert 0 <= account["queue_mean"] <= max(1, account["queue_p99"])


def test_every_working_second_of_waiting_has_one_cause(office, planted):
    table = office.hours.timetable(office.start, office.start + timedelta(days=500))
    for item in planted.items.to_pylist():
        parts = [item[f"{cause}_ms"] for cause in CAUSES]
        assert min(parts) >= 0
        start, end = (round(item[name].timestamp()) for name in ("enabled", "started"))
        assert sum(parts) == table.between(start, end) * 1000


def test_the_causes_are_those_that_a_slow_look_at_the_log_finds(office, planted):
    """Prioritisation and contention, second by second, from the items of the officer who came."""
    table = office.hours.timetable(office.start, office.start + timedelta(days=500))
    work = {}
    for item in planted.items.to_pylist():
        times = [round(item[name].timestamp()) for name in ("enabled", "started", "completed")]
        clock = [table.worked(moment) for moment in times]
        work.setdefault(item["resource"], []).append((item, times[0], clock))
    checked = 0
    for theirs in work.values():
        folders = {}
        for _, enabled, (_, begun, done) in theirs:
            last, _ = folders.get(begun, (enabled, done))
            folders[begun] = max(last, enabled), done
        for item, enabled, (since, until, _) in theirs:
            if item["batching_ms"]:
                continue  # what comes before its folder is full is batching, whatever else goes on
            later = earlier = 0
            for begun, (other_enabled, done) in folders.items():
                overlap = max(0, min(done, until) - max(begun, since))
                later += overlap * (other_enabled > enabled)
                earlier += overlap * (other_enabled <= enabled)
            assert item["prioritisation_ms"] == later * 1000
            assert item["contention_ms"] == earlier * 1000
            checked += bool(later) and bool(earlier)
    assert checked > 20


def test_a_clean_office_waits_only_for_busy_or_absent_officers(clean):
    waiting = clean.truth["waiting"]
    assert waiting["batching"] == waiting["prioritisation"] == waiting["extraneous"] == 0
    assert waiting["contention"] > waiting["unavailability"] > 0
    assert waiting["total"] == pytest.approx(sum(waiting[cause] for cause in CAUSES))


def test_busy_time_in_the_items_is_the_utilisation_of_the_account(office, clean):
    table = office.hours.timetable(office.start, office.start + timedelta(days=500))
    end = round(clean.events["timestamp"].cast(pa.int64()).to_numpy()[-1] / 1e6)
    capacity = table.worked(end)
    for unit, account in clean.truth["units"].items():
        busy = sum(
            min(item["service_ms"] / 1000, table.between(round(item["started"].timestamp()), end))
            for item in clean.items.to_pylist()
            if item["unit"] == unit
        )
        spent = busy / (capacity * len(account["officers"]))
        assert account["utilisation"] == pytest.approx(spent, rel=0.01)
        assert account["utilisation"] < account["utilisation_present"] < 1


def test_the_usual_office_is_busy_and_not_overrun():
    truth = simulate(Office(cases=1500)).truth
    for unit, account in truth["units"].items():
        assert 0.55 < account["utilisation"] < 0.85, unit
