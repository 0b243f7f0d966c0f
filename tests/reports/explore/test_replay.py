"""What is watched is what happened, and queues are counted from all that were chosen."""

import json

import numpy as np
import pytest

from eventlog.kernels import UNKNOWN
from reports.explore.filters import Filter, chosen
from reports.explore.replay import rounded_sample, sample


@pytest.fixture(scope="module")
def desk(traces_of):
    """Twenty permits are checked one after the other; the last is still being checked."""
    lines = [f"P{n:02}: apply check/start+{30 + n} check+{60 * (n + 1)}" for n in range(19)]
    return traces_of(*lines, "Q: apply check/start+2000", clock={"closes": ["check"]})


def test_a_case_arrives_when_work_begins_and_departs_when_it_is_done(desk):
    told = sample(desk, desk.everything)
    apply, check = desk.place["apply"], desk.place["check"]
    assert (told.of, len(told.moves)) == (20, 20)
    came = 8 * 3600  # letters begin at 08:00, and what is watched with the day
    assert (apply, came, came, check, came + 30 * 60, came + 90 * 60) in told.moves
    assert (apply, came, came, check, came + 2000 * 60, None) in told.moves


def test_queues_are_what_had_come_and_was_not_done(office):
    cases = chosen(office, Filter(attributes={"district": ("north", "south")}))
    told = sample(office, cases, most=3)
    assert len(told.moves) == 3
    work, unsure = office.work, set()
    for name, lengths in told.queues.items():
        rows = cases[work.case] & (work.activity == office.place[name])
        rows &= (work.completed != UNKNOWN) | (office.still_open[work.case] == 1)
        for moment, length in zip(told.times, lengths, strict=True):
            at = moment + told.origin
            came = np.where(
                work.enabled != UNKNOWN,
                work.enabled,
                np.where(work.started != UNKNOWN, work.started, work.completed),
            )
            there = (came // 10**6 <= at) & (
                (work.completed == UNKNOWN) | (work.completed // 10**6 > at)
            )
            true = int((rows & there).sum())
            lying = office.still.unseen & cases[office.still.case]
            lying &= (office.still.activity == office.place[name]) & (
                office.still.since // 10**6 <= at
            )
            true += int(lying.sum())
            if length is None and true >= 5:
                unsure.add(name)  # nobody knows what open cases come to next
                continue
            assert length in ((None,) if 0 < true < 5 else (true, None))


def test_a_queue_does_not_melt_away_before_now(traces_of):
    """Half wait for the signature, of which no event has come; the queue is as long as that."""
    lines = [f"P{n:02}: apply sign+{60 * (n + 1)}" for n in range(20)]
    lines += [f"Q{n:02}: apply" for n in range(20)]
    waiting = traces_of(*lines, clock={"closes": ["sign"]})
    told = sample(waiting, waiting.everything)
    assert told.queues["sign"][-1] == 20
    assert told.queues["apply"][-1] == 0


def test_where_nobody_knows_what_comes_next_the_last_lengths_are_not_known(traces_of):
    lines = [f"P{n:02}: apply sign+{60 * (n + 1)} end" for n in range(20)]
    lines += [f"R{n:02}: apply ask+{60 * (n + 1)} end" for n in range(20)]
    lines += [f"Q{n:02}: apply" for n in range(20)]
    waiting = traces_of(*lines, clock={"closes": ["end"]})
    told = sample(waiting, waiting.everything)
    assert told.queues["sign"][-1] is None
    assert told.queues["apply"][-1] == 0


def test_the_same_seed_shows_the_same_cases(office):
    one, again = (sample(office, office.everything, most=30) for _ in range(2))
    assert one == again
    assert one.moves != sample(office, office.everything, most=30, seed=1).moves
    assert len(one.times) == 200
    assert "P0" not in json.dumps(one.plain())


def test_viewers_watch_queues_and_no_case(office):
    told = rounded_sample(office, chosen(office, Filter(attributes={"district": ("north",)})))
    assert told.moves == ()
    lengths = {length for row in told.queues.values() for length in row}
    assert all(length is None or length % 10 == 0 for length in lengths)
    assert max(length or 0 for length in lengths) >= 10
    assert 0 not in lengths, "nobody is told like a few"
    assert (told.of % 10, told.origin % 86_400) == (0, 0)


def test_a_step_that_few_ever_came_to_is_not_named(traces_of):
    lines = [*(f"P{n:02}: apply check+{n}" for n in range(20)), "Q: apply court+5 check"]
    there = traces_of(*lines)
    for watch in (sample, rounded_sample):
        told = watch(there, there.everything).plain()
        assert "check" in told["queues"]
        assert "court" not in json.dumps(told)


def test_few_are_not_watched(office):
    few = np.arange(office.cases) < 3
    for watch in (sample, rounded_sample):
        for cases in (few, ~few):
            told = watch(office, cases)
            assert told.reason
            assert (told.moves, told.queues, told.of) == ((), {}, 0)
