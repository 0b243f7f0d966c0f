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
    assert (apply, 0, 0, check, 30 * 60, 90 * 60) in told.moves
    assert (apply, 0, 0, check, 2000 * 60, None) in told.moves


def test_queues_are_what_had_come_and_was_not_done(office):
    cases = chosen(office, Filter(attributes={"district": ("north", "south")}))
    told = sample(office, cases, most=3)
    assert len(told.moves) == 3
    work = office.work
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
            assert length == (None if 0 < true < 5 else true)


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
    assert told.of % 10 == 0


def test_few_are_not_watched(office):
    few = np.arange(office.cases) < 3
    for watch in (sample, rounded_sample):
        for cases in (few, ~few):
            told = watch(office, cases)
            assert told.reason
            assert (told.moves, told.queues, told.of) == ((), {}, 0)
