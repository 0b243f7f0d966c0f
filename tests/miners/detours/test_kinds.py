"""The kinds of detours: where each begins and ends, whose it is, and who causes it."""

import numpy as np
import pytest

from eventlog.letters import empty
from miners.detours.episodes import APPLICANT, NOBODY_KNOWS, OFFICE
from miners.detours.finding import episodes
from miners.detours.marks import Marks, Rules
from miners.detours.rules import mark
from miners.detours.steps import steps_of
from miners.work_items import work_items

APPLICANTS = frozenset("p")


def detours_of(told, case, applicants=APPLICANTS, **rules):
    of = told(case)
    (one,) = of.detours(of.marked(Rules(**rules), applicants=applicants), applicants)
    return one


@pytest.mark.parametrize(
    ("case", "kind", "activities", "places"),
    [
        ("a a b", "repeated", ("a",), (0, 1, 1, 2)),
        ("a a a b", "repeated", ("a",), (0, 1, 2, 3)),
        ("a b a c", "ping-pong", ("a", "b"), (1, 2, 2, 3)),
        ("a b a b c", "ping-pong", ("a", "b"), (1, 2, 3, 4)),
        ("a b a b a b", "ping-pong", ("a", "b"), (1, 2, 5, -1)),
        ("a b c a b c d", "repeated", ("a", "b", "c"), (2, 3, 5, 6)),
        ("a b c d e a f", "repeated", ("a",), (4, 5, 5, 6)),
        ("a b c d e a b c d e f", "repeated", ("a", "b", "c", "d", "e"), (4, 5, 9, 10)),
        ("a b b a c", "ping-pong", ("a", "b"), (1, 2, 3, 4)),
        ("a c b a b d", "ping-pong", ("a", "b"), (2, 3, 4, 5)),
        ("a b c a b d", "repeated", ("a", "b"), (2, 3, 4, 5)),
    ],
)
def test_a_loop_of_any_length_is_one_detour(told, case, kind, activities, places):
    assert detours_of(told, case, once=frozenset("abcdef")) == [
        (kind, activities, None, places, OFFICE)
    ]


def test_loops_that_share_no_step_are_detours_of_their_own(told):
    kinds = [one[:2] for one in detours_of(told, "a a b b c", once=frozenset("abc"))]
    assert kinds == [("repeated", ("a",)), ("repeated", ("b",))]


def test_the_way_back_to_where_the_file_was_belongs_to_the_loop(told):
    (one,) = detours_of(told, "a b a b c", once=frozenset("a"))
    assert one[:2] == ("ping-pong", ("a", "b"))
    assert one[3] == (1, 2, 3, 4)


def test_what_lay_beside_a_repeated_step_is_no_ping_pong(told):
    (one,) = detours_of(told, "a/start b/start a b a c", once=frozenset("ab"))
    assert one[:2] == ("repeated", ("a",))
    beside = "a/start b/start a b"
    (one,) = detours_of(told, f"{beside} {beside}", once=frozenset("ab"))
    assert one[:2] == ("repeated", ("a", "b"))


@pytest.mark.parametrize(
    ("case", "kind", "units"),
    [
        ("a@one a@two b", "duplicate-approval", ("two",)),
        ("a@one a@one b", "repeated", None),
        ("a@one a b", "repeated", None),
        ("a@one p a@two b", "ping-pong", None),
        ("p/start a@one p a@two b", "repeated", None),  # beside it, and yet in between
        ("a@one b@two c@two a@one", "ping-pong", ("one", "two")),
        ("a@one b@two c@six a@one", "repeated", None),
        ("a@one b@one c@two a@two", "repeated", None),
        ("a@one b@two c a@one", "repeated", None),
        ("a@one p b@two c@one a@one", "ping-pong", ("one", "two")),
    ],
)
def test_units_make_a_second_approval_or_a_ping_pong(told, case, kind, units):
    (one,) = detours_of(told, case, once=frozenset("abc"))
    assert (one[0], one[2]) == (kind, units)


def test_a_pair_is_told_one_way_round_the_commoner_one(told):
    of = told("a b a b c", "b a b a c", "a b a c")
    detours = of.detours(of.marked(Rules(once=frozenset("abc"))))
    assert [one[1] for case in detours for one in case] == [("a", "b")] * 3


def test_steps_that_the_procedure_does_not_know_are_inserted(told):
    assert detours_of(told, "a x y x b x", known=frozenset("ab")) == [
        ("inserted", ("x",), None, (0, 1, 3, 4), OFFICE),
        ("inserted", ("y",), None, (0, 2, 2, 4), OFFICE),
        ("inserted", ("x",), None, (4, 5, 5, -1), OFFICE),
    ]


def test_wrong_order_lasts_until_the_step_that_should_have_come_first(told):
    assert detours_of(told, "a c d b e", order=(("b", "c"),)) == [
        ("wrong-order", ("b", "c"), None, (0, 1, 3, 4), OFFICE)
    ]


def test_what_is_left_out_is_missing_between_two_steps(told):
    rules = {"mandatory": frozenset("bz"), "order": (("b", "c"),), "known": frozenset("abcz")}
    assert detours_of(told, "a x c", **rules) == [
        ("skipped", ("b",), None, (0, 0, 0, 2), OFFICE),
        ("inserted", ("x",), None, (0, 1, 1, 2), OFFICE),
        ("skipped", ("z",), None, (2, 2, 2, -1), OFFICE),
    ]
    (one,) = detours_of(told, "c a", mandatory=frozenset("b"), order=(("b", "c"),))
    assert one[3] == (-1, -1, -1, 0)


@pytest.mark.parametrize(
    ("case", "cause"),
    [
        ("a b a", OFFICE),
        ("a p a", APPLICANT),  # it comes back right behind the applicant's step
        ("a p b a", OFFICE),
        ("p x a", OFFICE),
        ("p a c b", OFFICE),
        ("a c p b", APPLICANT),
        ("a q b", APPLICANT),
    ],
)
def test_a_step_of_the_applicant_in_it_makes_a_detour_the_applicants(told, case, cause):
    rules = {
        "once": frozenset("ab"),
        "order": (("b", "c"),),
        "known": frozenset("abcp"),
        "applicants": frozenset("pq"),
    }
    assert [one[4] for one in detours_of(told, case, **rules)] == [cause]


def test_without_applicant_steps_nobody_knows_who_causes_a_detour(told):
    (one,) = detours_of(told, "a a", applicants=frozenset(), once=frozenset("a"))
    assert one[4] == NOBODY_KNOWS


def test_cases_that_nobody_judges_have_no_detours(told):
    steps = told("a a b", "c").steps
    nothing = Marks.none(len(steps), steps.activity.vocabulary.labels)
    assert len(episodes(steps, nothing, APPLICANTS)) == 0


def test_a_log_without_cases_has_no_detours():
    of = empty()
    steps = steps_of(work_items(of), of.cases)
    rules = Rules(mandatory=frozenset("a"), once=frozenset("a"), order=(("a", "b"),))
    nobody = np.empty(0, np.int32)
    marks = mark(steps, [rules], nobody, nobody.astype(bool), APPLICANTS)
    assert len(episodes(steps, marks, APPLICANTS)) == 0
