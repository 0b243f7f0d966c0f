"""Planted detours of every kind are found by a drawing of the office's procedure, and no others."""

from datetime import timedelta

import pytest

from miners.detours.aligned import mark_aligned
from miners.detours.episodes import APPLICANT, INSERTED, KINDS, OFFICE
from miners.detours.finding import episodes
from miners.discovery.bpmn_layout import draw
from miners.discovery.model_files import render_bpmn
from miners.discovery.process_tree import SILENT, Block, Kind
from miners.procedure.bpmn import parse_procedure
from simulation.innocence import BusySeason, IncompleteFiles, SlowOffice
from simulation.misconduct import (
    DuplicateApproval,
    Inserted,
    PingPong,
    Repeated,
    Skipped,
    WrongOrder,
)
from simulation.office import Office
from simulation.process import (
    APPLICANT_STEPS,
    ASSESS,
    CHECK,
    FIRE,
    INSPECT,
    ISSUE,
    PAY,
    REFUSE,
    REQUEST,
    RESUBMIT,
    SIGN,
    SUBMIT,
    ZONING,
)
from simulation.running import simulate

PLANTS = (
    Repeated(), PingPong(), DuplicateApproval(), Inserted(), Skipped(), WrongOrder(share=0.3),
)  # fmt: skip


def block(kind, *parts):
    children = [Block(kind=Kind.ACTIVITY, name=p) if isinstance(p, str) else p for p in parts]
    return Block(kind=kind, children=tuple(children))


@pytest.fixture(scope="module")
def drawing():
    """What the office does; that citizens withdraw and complain is not drawn."""
    complete = block(Kind.LOOP, CHECK, block(Kind.SEQUENCE, REQUEST, RESUBMIT))
    looked_at = block(Kind.SEQUENCE, INSPECT, block(Kind.CHOICE, FIRE, SILENT))
    decided = block(Kind.SEQUENCE, SIGN, block(Kind.CHOICE, ISSUE, REFUSE))
    visit = block(Kind.CHOICE, looked_at, SILENT)
    tree = block(Kind.SEQUENCE, SUBMIT, complete, ASSESS, PAY, ZONING, visit, decided)
    return parse_procedure(render_bpmn(draw(tree)), name="office.bpmn")


def detoured(simulation, office_log, drawing):
    """Which cases have which kind of detour that the office causes."""
    seen = office_log(simulation)
    marks = mark_aligned(seen.steps, drawing, seen.decided)
    detours = episodes(seen.steps, marks, frozenset(APPLICANT_STEPS))
    cases = {kind: set() for kind in KINDS}
    for case, kind, cause in zip(detours.case, detours.kind, detours.cause, strict=True):
        if cause == OFFICE:
            cases[KINDS[kind]].add(seen.case_ids[case])
        else:
            assert (cause, kind) == (APPLICANT, INSERTED)
    return cases


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_detours_are_found_and_no_others(office_log, drawing, seed):
    office = Office(cases=400, seed=seed, horizon=timedelta(days=200))
    simulation = simulate(office, PLANTS)
    cases = detoured(simulation, office_log, drawing)
    for planted in simulation.truth["plants"]:
        true, ours = set(planted["cases"]), cases[planted["kind"]]
        assert len(true) >= 8
        assert len(true & ours) >= 0.95 * max(len(true), len(ours))


@pytest.mark.parametrize(
    "plants", [(), (IncompleteFiles(), BusySeason(), SlowOffice())], ids=["clean", "innocent"]
)
def test_nothing_is_found_in_a_clean_office(office_log, drawing, plants):
    cases = detoured(simulate(Office(cases=400, seed=6), plants), office_log, drawing)
    assert not any(cases.values())
