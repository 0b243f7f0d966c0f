"""A favoured agent is found in a simulated office; a fast lane that the rules provide is not."""

import numpy as np
import pytest

from miners.favouritism.groups import strata_of_items
from miners.favouritism.picks import Waits
from simulation.innocence import Batches, FastLane
from simulation.misconduct import BadOfficers, Favouritism
from simulation.office import Office
from simulation.process import ZONING
from simulation.running import simulate

BUSY = {"planning": 12}


def test_an_agent_whose_files_are_picked_first_is_found_and_no_other(looked):
    simulation = simulate(Office(cases=900, seed=21, staffing=BUSY), [Favouritism()])
    seen = looked(simulation)
    (zoning,) = seen.favoured(ZONING)
    agent = zoning.grouping.names.index("agent-3")
    assert zoning.score.p_value[agent] < 1e-4
    assert zoning.score.value[agent] > 0.2
    assert zoning.positions.low[agent] > 0.5
    theirs = zoning.rows[zoning.grouping.place == agent]
    assert seen.overtakes.passed[theirs].mean() > 1
    assert len(theirs) > 20
    others = np.delete(zoning.score.p_value, agent)
    assert np.nanmin(others) > 0.05 / len(others)


def test_a_fast_lane_is_no_favour_among_files_of_one_service_class(looked):
    """Houses go first by the rules, and most companies build no houses."""
    simulation = simulate(Office(cases=900, seed=22, staffing=BUSY), [FastLane()])
    groups = ("applicant_type",)
    (fair,) = looked(simulation, groups=groups).favoured(ZONING)
    assert fair.score.p_value[0] > 0.05
    (naive,) = looked(simulation, classes=(), groups=groups).favoured(ZONING)
    assert naive.score.p_value[0] < 1e-3


def test_folders_are_no_favour(looked):
    simulation = simulate(Office(cases=700, seed=23), [Batches(activity=ZONING, size=4)])
    (zoning,) = looked(simulation).favoured(ZONING)
    assert np.nanmin(zoning.score.p_value) > 0.05 / len(zoning.score)


def test_a_bad_officer_is_told_and_no_clean_one(looked):
    staff = {"counter": 12, "finance": 8, "planning": 22, "inspection": 18, "fire brigade": 6,
             "head office": 6}  # fmt: skip
    office = Office(cases=1500, seed=24, per_day=28, staffing=staff)
    simulation = simulate(office, [BadOfficers(officers=2)])
    seen = looked(simulation)
    names = seen.items.resource.vocabulary.labels
    scans = seen.scanned()
    tests = sum(len(one) for one in scans)
    told = set()
    for one in scans:
        chosen = one.p_value <= 0.05 / tests
        sure = one.sure(chosen, in_all=int(chosen.sum()), tests=tests, false=0.05, material=0.05)
        told |= {names[officer] for officer in one.officer[sure].tolist()}
    assert told == set(simulation.truth["plants"][0]["officers"])


def test_files_that_still_wait_count_with_the_picks_they_did_not_get(looked):
    everything = ("schedule", "start", "complete")
    office = Office(cases=300, seed=25, staffing={"planning": 4}, lifecycle=everything)
    simulation = simulate(office)
    seen = looked(simulation)
    waiting = (seen.waits.line >= 0) & ~seen.waits.picked
    assert waiting.sum() > 20
    assert (seen.picks.score[waiting] <= 0).all()
    for one in seen.favoured(ZONING):
        known = one.grouping.place >= 0
        assert int(one.score.rows.sum()) == int(known.sum())
        assert (waiting[one.rows] & known).any()


@pytest.mark.parametrize(("a_day", "together"), [(12, 1), (6, 2), (2, 3)])
def test_files_that_joined_within_one_to_three_days_are_comparable(a_day, together):
    """The fewer come on a day, the more days are taken together."""
    day = np.repeat(np.arange(30), a_day)
    joined = day * 86_400_000_000 + np.tile(np.arange(a_day), 30)
    line = np.zeros(len(day), np.int32)
    waits = Waits(
        line=line, lines=1, queue=np.zeros(1, np.int64), joined=joined, left=joined + 1,
        picked=line == 0, officer=line,
    )  # fmt: skip
    strata = strata_of_items(waits)
    assert strata.count == 30 // together
    assert np.bincount(strata.stratum).tolist() == [a_day * together] * strata.count
