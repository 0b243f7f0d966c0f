"""Planted detours of every kind are found by the rules of the process file, and nothing else is."""

from datetime import timedelta

import numpy as np
import pytest

from miners.detours.episodes import KINDS, OFFICE
from miners.detours.finding import episodes
from miners.detours.rules import mark, rules_of
from simulation.innocence import BusySeason, Concurrent, IncompleteFiles, SlowOffice
from simulation.misconduct import (
    DuplicateApproval,
    Inserted,
    PingPong,
    Repeated,
    Skipped,
    WrongOrder,
)
from simulation.office import Office
from simulation.process import APPLICANT_STEPS
from simulation.running import simulate

PLANTS = (
    Repeated(), PingPong(), DuplicateApproval(), Inserted(), Skipped(), WrongOrder(share=0.3),
)  # fmt: skip


def detoured(simulation, office_log, process):
    """Which cases have which kind of detour, judged by the process file; and all causes."""
    seen, applicants = office_log(simulation), frozenset(APPLICANT_STEPS)
    every = np.zeros(seen.steps.cases, np.int32)
    marks = mark(seen.steps, [rules_of(process, None)], every, seen.decided, applicants)
    detours = episodes(seen.steps, marks, applicants)
    cases = {kind: set() for kind in KINDS}
    for case, kind in zip(detours.case, detours.kind, strict=True):
        cases[KINDS[kind]].add(seen.case_ids[case])
    return cases, set(detours.cause.tolist())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_detours_are_found_and_no_others(office_log, process, seed):
    office = Office(cases=400, seed=seed, horizon=timedelta(days=200))
    simulation = simulate(office, PLANTS)
    cases, causes = detoured(simulation, office_log, process)
    for planted in simulation.truth["plants"]:
        true, ours = set(planted["cases"]), cases[planted["kind"]]
        assert len(true) >= 8
        assert len(true & ours) >= 0.95 * max(len(true), len(ours))
    assert causes == {OFFICE}


def test_detours_are_found_while_files_are_under_way(office_log, process):
    """A file that is on its way back has strayed already, which the truth does not count yet."""
    simulation = simulate(Office(cases=400, seed=4), PLANTS)
    cases, _ = detoured(simulation, office_log, process)
    for planted in simulation.truth["plants"]:
        true, ours = set(planted["cases"]), cases[planted["kind"]]
        assert true <= ours
        assert len(ours - true) <= 3


@pytest.mark.parametrize(
    "plants",
    [
        (),
        (Concurrent(), IncompleteFiles(), BusySeason(), SlowOffice()),
        (
            Concurrent(activities=("Review zoning", "Inspect site")),
            Concurrent(activities=("Assess fee", "Review zoning")),
        ),
    ],
    ids=["clean", "innocent", "side by side"],
)
@pytest.mark.parametrize("seed", [1, 6])
def test_nothing_is_found_in_a_clean_office(office_log, process, plants, seed):
    cases, _ = detoured(simulate(Office(cases=400, seed=seed), plants), office_log, process)
    assert not any(cases.values())
