"""Queues: closed forms, the simulator's own account, and which queue comes first."""

import math

import numpy as np
import pytest

from eventlog.coded import Coded, Vocabulary
from eventlog.kernels import UNKNOWN
from eventlog.letters import log
from miners.causes import split
from miners.hands import in_hand
from miners.open_items import ONLY_NEXT, OpenItems
from miners.queues import queues
from miners.staffing import done_again, replayed
from miners.work_items import Items, work_items
from simulation.demo import demo_plants
from simulation.misconduct import Understaffed
from simulation.office import Office
from simulation.running import simulate

HOUR = 3_600_000_000
EVERYTHING = ("schedule", "start", "complete")


def erlang_c_wait(load, servers, hours):
    """Mean wait in an M/M/c queue (Erlang 1917), in hours."""
    offered = load * servers
    last = offered**servers / math.factorial(servers) / (1 - load)
    waits = last / (sum(offered**k / math.factorial(k) for k in range(servers)) + last)
    return waits * hours / (servers * (1 - load))


def drawn(seed, items, load, servers, hours, constant):
    """Poisson arrivals and exponential or constant services, in microseconds."""
    chance = np.random.default_rng(seed)
    joined = np.cumsum(chance.exponential(hours / (load * servers), items) * HOUR)
    service = np.full(items, hours) if constant else chance.exponential(hours, items)
    return joined.astype(np.int64), (service * HOUR).astype(np.int64)


def served(joined, service, servers):
    """Items taken up first come, first served: (officer, started, completed), item by item."""
    free = np.zeros(servers, np.int64)
    officer, started = np.empty(len(joined), np.int32), np.empty(len(joined), np.int64)
    for item, moment in enumerate(joined):
        officer[item] = np.argmin(free)
        started[item] = max(moment, free[officer[item]])
        free[officer[item]] = started[item] + service[item]
    return officer, started, started + service


def coded(codes, label, labels):
    return Coded(
        codes=np.asarray(codes, np.int32),
        vocabulary=Vocabulary(labels=tuple(f"{label} {n}" for n in range(labels))),
    )


def found_in(items, began, now, **given):
    hands = in_hand(items, now)
    causes = split(items, hands, calendars=None, now=now)
    return queues(items, hands, causes, calendars=None, began=began, now=now, **given)


def one_queue(joined, service, servers):
    officer, started, completed = served(joined, service, servers)
    n = len(joined)
    items = Items(
        case=np.arange(n, dtype=np.int32),
        position=np.zeros(n, np.int32),
        activity=coded(np.zeros(n), "step", 1),
        resource=coded(officer, "officer", servers),
        unit=coded(np.zeros(n), "unit", 1),
        enabled=joined,
        started=started,
        completed=completed,
        scheduled=np.zeros(n, bool),
    )
    (queue,) = found_in(items, int(joined[0]), int(completed.max())).queues
    return queue


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (4, 0.7), (10, 0.75)])
def test_a_queue_with_exponential_services_is_as_erlang_says(servers, load):
    queue = one_queue(*drawn(servers, 100_000, load, servers, 2.0, constant=False), servers)
    expected = erlang_c_wait(load, servers, 2.0)
    assert queue.mean * 24 == pytest.approx(expected, rel=0.07)
    assert queue.low < expected / 24 < queue.high
    assert queue.utilisation == pytest.approx(load, rel=0.02)
    assert queue.length == pytest.approx(expected * load * servers / 2.0, rel=0.08)
    assert queue.service_rate == pytest.approx(0.5, rel=0.02)
    assert queue.officers == pytest.approx(servers, rel=0.001)
    assert abs(queue.little) < 0.001


def test_constant_services_wait_half_as_long_as_pollaczek_and_khinchine_say():
    queue = one_queue(*drawn(5, 100_000, 0.7, 1, 2.0, constant=True), 1)
    assert queue.mean * 24 == pytest.approx(erlang_c_wait(0.7, 1, 2.0) / 2, rel=0.05)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (5, 0.9)])
def test_one_officer_more_changes_the_wait_as_erlang_says(servers, load):
    joined, service = drawn(3, 200_000, load, servers, 2.0, constant=False)
    observed = replayed(joined, service, servers) / len(joined)
    again = done_again(joined, service, observed=float(observed), offered=load * servers)
    now = erlang_c_wait(load, servers, 2.0)
    then = erlang_c_wait(load * servers / (servers + 1), servers + 1, 2.0)
    assert again.ratio == pytest.approx(then / now, rel=0.15)
    assert again.officers == pytest.approx(servers, abs=0.01)


def test_what_one_officer_more_would_do_is_left_out_where_nobody_can_say():
    joined, service = drawn(3, 49, 0.9, 1, 2.0, constant=False)
    assert done_again(joined, service, observed=1e9, offered=0.9).reason == "few items"
    joined, service = drawn(3, 500, 0.9, 1, 2.0, constant=False)
    assert done_again(joined, service, observed=1e15, offered=0.9).reason == "does not fit"
    assert done_again(joined, 0 * service, observed=1.0, offered=0.9).reason == "service unknown"
    again = done_again(joined, service, observed=HOUR, offered=0.9)
    assert again.applied(3.0, 0.4).reason == "other causes"
    assert again.applied(3.0, 1.0).wait == pytest.approx(3.0 * again.ratio)


def test_the_estimate_for_one_officer_more_is_near_what_one_more_really_brings(mined):
    """The same year twice, with 12 officers and with 13: the wait falls by what was said."""
    told, real = [], []
    for seed in (7, 8):
        few, more = (
            mined(simulate(Office(cases=1500, seed=seed, staffing={"planning": officers})))
            for officers in (12, 13)
        )
        told.append(zoning(few).estimate.wait)
        real.append(zoning(more).mean)
    assert np.mean(told) == pytest.approx(np.mean(real), rel=0.2)


def zoning(found):
    return next(one for one in found.queues.queues if one.activity == "Review zoning")


@pytest.mark.parametrize("plants", [(), (Understaffed(),), demo_plants()])
def test_queues_are_as_the_simulator_kept_them(mined, plants):
    found = mined(simulate(Office(cases=1200, seed=4, lifecycle=EVERYTHING), plants))
    for queue in found.queues.queues:
        truth = found.truth["activities"][queue.activity]
        if truth["joined"] < 100 or truth["servers"] != round(queue.officers):
            continue
        assert queue.items == truth["joined"]
        assert queue.taken == truth["started"]
        assert queue.waiting == pytest.approx(truth["waiting_days"], rel=0.01)
        assert queue.mean * 8 == pytest.approx(truth["waiting_hours_mean"], rel=0.01)
        assert queue.length == pytest.approx(truth["queue_mean"], rel=0.02)
        assert queue.utilisation == pytest.approx(truth["utilisation"], rel=0.05)
        assert queue.arrivals * 8 == pytest.approx(truth["arrival_rate"], rel=0.02)
        assert 1 / queue.service_rate == pytest.approx(truth["service_hours"], rel=0.05)
    assert sum(one.share for one in found.queues.queues) == pytest.approx(1)


def test_the_length_of_every_day_sums_to_the_waiting(mined):
    found = mined(simulate(Office(cases=300, seed=4, lifecycle=EVERYTHING)))
    for queue in found.queues.queues:
        # All days but the last one, on which the log ends, are whole.
        low, high = queue.daily[:-1].sum(), queue.daily.sum()
        assert low - 1e-9 <= queue.waiting <= high + 1e-9
        assert queue.longest == queue.daily_most.max() >= math.ceil(queue.daily.max())


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_understaffed_step_comes_first(mined, seed):
    found = mined(simulate(Office(cases=800, seed=seed), [Understaffed()]))
    assert found.queues.queues[0].activity == "Review zoning"


@pytest.mark.long
@pytest.mark.parametrize("activity", ["Review zoning", "Inspect site"])
def test_the_understaffed_step_comes_first_in_95_of_100_offices(mined, activity):
    first = sum(
        mined(simulate(Office(cases=800, seed=seed), [Understaffed(activity=activity)]))
        .queues.queues[0]
        .activity
        == activity
        for seed in range(1, 101)
    )
    assert first >= 95


def test_without_starts_waiting_and_service_are_told_as_one():
    of = log("P: a@ann b+600@bob c+30@bob", "Q: a@ann b+120@ann")
    items = work_items(of)
    found = found_in(items, int(of.timestamp.min()), int(of.timestamp.max()))
    by_name = {one.activity: one for one in found.queues}
    assert by_name["b"].waiting == pytest.approx(12 / 24)
    assert not by_name["b"].service_known
    assert by_name["b"].utilisation is by_name["b"].load is by_name["b"].estimate is None
    assert set(by_name["b"].causes.values()) == {0}


def test_what_applicants_do_is_nobodys_queue():
    of = log("P: a@ann b+600 c+30@bob")
    items = work_items(of)
    span = int(of.timestamp.min()), int(of.timestamp.max())
    assert [one.activity for one in found_in(items, *span).queues] == ["c"]
    steps = frozenset({"c"})
    assert found_in(items, *span, applicant_steps=steps).queues == ()


def test_work_that_no_event_tells_of_yet_lies_in_the_queue_of_its_only_next_step():
    of = log("P: a@ann b/start+60@bob b@bob", "Q: a@ann")
    items = work_items(of)
    began, now = int(of.timestamp.min()), int(of.timestamp.max())
    labels = items.activity.vocabulary.labels
    standing = OpenItems(
        case=np.array([1], np.int32),
        activity=Coded(
            codes=np.array([labels.index("b")], np.int32), vocabulary=items.activity.vocabulary
        ),
        resource=coded([-1], "officer", 0),
        unit=coded([-1], "unit", 0),
        enabled=np.array([began]),
        started=np.array([UNKNOWN]),
        rule=np.array([ONLY_NEXT], np.int8),
        item=np.array([-1]),
    )
    found = found_in(items, began, now, open_items=standing)
    queue = next(one for one in found.queues if one.activity == "b")
    assert queue.open_now == 1
    assert dict(queue.open_by_rule) == {"only next step": 1}
    assert queue.oldest == pytest.approx((now - began) / (24 * HOUR))


def test_the_order_of_rows_changes_nothing(mined):
    found = mined(simulate(Office(cases=200, seed=4, lifecycle=EVERYTHING)))
    items = found.items
    order = np.random.default_rng(1).permutation(len(items))
    mixed = Items(
        case=items.case[order],
        position=items.position[order],
        activity=items.activity.take(order),
        resource=items.resource.take(order),
        unit=items.unit.take(order),
        enabled=items.enabled[order],
        started=items.started[order],
        completed=items.completed[order],
        scheduled=items.scheduled[order],
    )
    known = items.completed != UNKNOWN
    began, now = int(items.enabled[items.waited].min()), int(items.completed[known].max())
    for one, other in zip(
        found_in(items, began, now).queues, found_in(mixed, began, now).queues, strict=True
    ):
        assert (one.activity, one.items, one.open_now) == (
            other.activity,
            other.items,
            other.open_now,
        )
        assert one.waiting == other.waiting
        assert one.median == other.median
        assert one.utilisation == other.utilisation
        assert one.daily.tolist() == other.daily.tolist()
