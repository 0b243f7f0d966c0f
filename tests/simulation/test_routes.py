"""How the route of a file bends under each detour."""

import pytest

from simulation.innocence import Concurrent
from simulation.misconduct import (
    DuplicateApproval,
    ExtraDocuments,
    Inserted,
    PingPong,
    Repeated,
    Skipped,
    WrongOrder,
)
from simulation.office import Office
from simulation.routes import Fate, route

SHORT = {
    "Check completeness": "c",
    "Request documents": "q",
    "Resubmit documents": "r",
    "Assess fee": "a",
    "Pay fee": "p",
    "Review zoning": "z",
    "Inspect site": "i",
    "Fire brigade advice": "f",
    "Sign decision": "s",
    "Issue decision": "d",
    "Refuse": "x",
    "Withdraw": "w",
    "File complaint": "k",
    "Obtain recommendation": "o",
}


def letters(fate, *plants):
    return " ".join(SHORT[one.activity] for one in route(Office(), plants, fate))


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        (Fate(permit_type="house"), "c a p z i s d"),
        (Fate(permit_type="warehouse"), "c a p z i f s d"),
        (Fate(permit_type="house", requests=2), "c q r c q r c a p z i s d"),
        (Fate(permit_type="warehouse", gate="Review zoning"), "c a p z s x"),
        (Fate(permit_type="warehouse", gate="Sign decision"), "c a p z i f s x"),
        (Fate(permit_type="house", gives_up=True), "c a w"),
        (Fate(permit_type="house", gives_up=True, requests=1), "c q w"),
        (Fate(permit_type="house", complains=True), "c a p z i s d k"),
    ],
)
def test_without_plants_the_route_follows_the_fate(fate, expected):
    assert letters(fate) == expected


@pytest.mark.parametrize(
    ("plant", "kind", "expected"),
    [
        (Repeated(activity="Assess fee"), "house", "c a a p z i s d"),
        (PingPong(), "house", "c a p z i z i s d"),
        (DuplicateApproval(), "house", "c a p z i s s d"),
        (Inserted(), "house", "c a p z i o s d"),
        (Skipped(), "house", "c a p i s d"),
        (WrongOrder(), "warehouse", "c a p z f i s d"),
        (WrongOrder(), "house", "c a p z i s d"),
        (Skipped(activity="Issue decision"), "house", "c a p z i s d"),
        (PingPong(activities=("Sign decision", "Assess fee")), "house", "c a p z i s d"),
    ],
)
def test_each_detour_bends_the_route_in_its_own_way(plant, kind, expected):
    assert letters(Fate(permit_type=kind, detours=(0,)), plant) == expected


def test_a_refused_case_takes_the_second_signature_too():
    fate = Fate(permit_type="house", gate="Review zoning", detours=(0,))
    assert letters(fate, DuplicateApproval()) == "c a p z s s x"


def test_the_step_at_which_a_case_fails_is_not_skipped():
    fate = Fate(permit_type="house", gate="Review zoning", detours=(0,))
    assert letters(fate, Skipped()) == "c a p z s x"


def test_documents_asked_for_once_more_are_marked_as_the_plants():
    steps = route(Office(), [ExtraDocuments()], Fate(permit_type="house", extra=(0,)))
    assert [one.begins for one in steps[:4]] == [(), (0,), (), ()]
    assert [one.ends for one in steps[:4]] == [(), (), (), ((0, 0.0),)]
    assert [one.visit for one in steps[:4]] == [0, 0, 0, 1]


def test_steps_side_by_side_are_one_place_in_the_route():
    steps = route(Office(), [Concurrent()], Fate(permit_type="warehouse", beside=(0,)))
    assert [one.activity for one in steps[4].beside] == ["Fire brigade advice"]
    assert letters(Fate(permit_type="house", beside=(0,)), Concurrent()) == "c a p z i s d"
