"""What is usual is told from simple frequent routes, and what is legitimate is no detour."""

import numpy as np
import pytest

from miners.detours.finding import episodes
from miners.detours.rules import mark
from miners.detours.usual import ALL, Usual, usual_routes
from miners.detours.usual_rules import ENOUGH, acyclic
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

NOBODY = frozenset()


@pytest.fixture
def usual(told):
    """What is usual in cases written as letters, "12 * a b c" for twelve of them."""

    def tell(*cases, decided=None, applicants=NOBODY, strata=None):
        letters, every, cells = [], [], []
        for at, case in enumerate(cases):
            times, _, steps = case.partition(" * ")
            letters += [steps] * int(times)
            every += [True if decided is None else decided[at]] * int(times)
            cells += [-1 if strata is None else strata[at]] * int(times)
        log = told(*letters)
        reference = usual_routes(
            log.steps,
            log.of_case(cells).astype(np.int32),
            None if decided is None else log.of_case(every),
            applicants,
        )
        return reference, [reference.told[place] for place in log.in_order(reference.which)]

    return tell


@pytest.fixture
def rules(usual):
    """The rules that all cases together tell."""

    def tell(*cases, **more):
        return usual(*cases, **more)[0].told[0].rules

    return tell


def test_what_all_do_is_mandatory_once_and_in_their_order(rules):
    told = rules("40 * a b c d")
    assert told.mandatory == told.once == told.known == {"a", "b", "c", "d"}
    assert told.order == (("a", "b"), ("b", "c"), ("c", "d"))


def test_too_few_decided_cases_tell_nothing_and_that_is_said(usual):
    reference, each = usual("29 * a b c", "90 * a b", decided=[True, False])
    (only,) = reference.told
    assert (only.cell, only.decided, only.rules.mandatory, only.rules.order) == (
        ALL,
        29,
        NOBODY,
        (),
    )
    assert "only 29 cases are decided" in only.why[0]
    assert set(map(id, each)) == {id(only)}


def test_without_anything_nothing_is_told(told):
    log = told()
    found = usual_routes(log.steps, np.empty(0, np.int32), None, NOBODY)
    assert [one.cases for one in found.told] == [0]


def test_the_frequent_routes_leave_rare_ones_aside(usual):
    reference, _ = usual("40 * a b c", "20 * a c b", "4 * a x c", "9 * a b a b c")
    (only,) = reference.told
    assert (only.routes, only.used, only.decided) == (2, 60, 73)
    assert only.covered == pytest.approx(60 / 64)
    assert "commonest routes (2)" in only.why[0]
    assert "open ones count as decided" in only.why[1]


def test_where_every_case_has_a_route_of_its_own_all_that_do_not_loop_tell(usual):
    letters = "bcdefgh"
    cases = [f"1 * a {' '.join(letters[k:] + letters[:k])} z" for k in range(7)]
    cases += [f"1 * a {' '.join(reversed(letters[k:] + letters[:k]))} z" for k in range(7)]
    cases += [f"1 * a {x} {y} z" for x in letters for y in letters if x < y]
    (only,) = usual(*cases)[0].told
    assert only.used == only.routes == 35
    assert only.rules.order == (("a", "z"),)
    assert "a route of its own" in only.why[0]


def test_where_all_loop_the_half_that_repeats_least_tells(usual):
    (only,) = usual("40 * a b a b c", "40 * a b a b a b a b c")[0].told
    assert (only.used, only.rules.once) == (40, {"c"})
    assert "only 0 of 80 decided cases do nothing twice" in only.why[0]


def test_both_orders_are_concurrency_and_no_rule(rules):
    assert rules("70 * a b c", "30 * a c b").order == (("a", "b"), ("a", "c"))
    assert ("b", "c") in rules("97 * a b c", "3 * a c b").order


def test_what_ties_or_overlaps_tells_no_order(rules):
    assert rules("40 * a b c", "40 * a b/start c/start b c").order == (("a", "b"), ("a", "c"))
    assert rules("40 * a b+0 c").order == (("a", "c"), ("b", "c"))
    assert rules("40 * a b/start c/start b c d").order == (
        ("a", "b"),
        ("a", "c"),
        ("b", "d"),
        ("c", "d"),
    )


def test_rules_of_order_never_go_round_in_a_circle():
    """Each of three may precede the next in most cases; the weakest of these is no rule."""
    rule = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], bool)
    for weakest in range(3):
        strength = np.where(rule, 0.9, 0)
        strength[weakest, (weakest + 1) % 3] = 0.8
        kept = acyclic(rule, strength=strength)
        assert kept.sum() == 2
        assert not kept[weakest, (weakest + 1) % 3]


def test_a_refusal_is_a_choice_and_leaves_nothing_out(rules):
    """Who is refused is neither inspected nor sent a permit, and both are left out by nobody."""
    told = rules("95 * a review inspect sign issue", "5 * a review sign refuse")
    assert told.mandatory == {"a", "review", "sign"}
    skipping = rules("95 * a review inspect sign issue", "5 * a review sign issue")
    assert skipping.mandatory == {"a", "review", "inspect", "sign", "issue"}


def test_a_choice_that_shows_only_over_several_strata_is_one(usual):
    approved, refused = "a review inspect sign issue", "a sign refuse"
    found, _ = usual(
        *(f"40 * {approved}" for _ in range(3)),
        *(f"1 * {refused}" for _ in range(3)),
        strata=[0, 1, 2, 0, 1, 2],
    )
    assert [one.cell for one in found.told] == [ALL, 0, 1, 2]
    assert all("review" not in one.rules.mandatory for one in found.told)


def test_what_may_yet_come_is_not_mandatory(rules):
    """Nine of ten cases are filed away; those that are not have not gone past anything."""
    assert "archive" not in rules("95 * a b archive", "5 * a b").mandatory


def test_what_the_applicant_does_is_neither_mandatory_nor_once_nor_too_early(rules):
    told = rules("60 * submit check pay review", applicants=frozenset({"submit", "pay"}))
    assert told.mandatory == told.once == {"check", "review"}
    assert told.order == (("submit", "check"), ("check", "review"), ("pay", "review"))


def test_what_is_done_again_after_the_applicant_answered_may_be_done_again(rules):
    cases = (
        "60 * check assess sign",
        "20 * check ask answer check assess sign",
        "5 * check assess assess sign",
    )
    theirs = rules(*cases, applicants=frozenset({"answer"}))
    assert theirs.once == {"assess", "sign"}
    assert rules(*cases).once == {"check", "assess", "sign"}
    assert theirs.known == {"check", "assess", "sign", "ask", "answer"}


def test_what_most_cases_do_again_is_usual(rules):
    assert rules("40 * a b c", "80 * a b b c").once == {"a", "c"}


def test_those_who_gave_up_have_left_nothing_out(rules):
    """A withdrawn case is filed away without a decision, which breaks no order."""
    decided = ("60 * a sign file", "2 * a file sign")
    assert ("sign", "file") in rules(*decided, decided=[True, True]).order
    told = rules(*decided, "9 * a file", decided=[True, True, False])
    assert ("sign", "file") not in told.order


@pytest.mark.parametrize(
    ("rare", "why"),
    [
        ("6 * call a b c d", "it begins the case"),
        ("6 * a b c x", "it ends the case"),
        ("6 * a x c d", "it stands in for b"),
    ],
)
def test_a_rare_step_with_a_reason_is_left_in_peace(rules, rare, why):
    told = rules("300 * a b c d", rare)
    assert {*rare.split()[2:]} <= told.known, why


def test_what_comes_after_the_end_of_most_cases_is_known_however_rare(rules):
    told = rules("300 * a b c d", "3 * a b c d objection hear", "3 * a b c d objection mail")
    assert {"objection", "hear", "mail"} <= told.known


def test_what_the_applicant_answers_or_does_is_known_however_rare(rules):
    cases = ("600 * a b c d", "4 * a b ask answer c d", "4 * a b ask amend c d")
    theirs = rules(*cases, applicants=frozenset({"answer", "amend"}))
    assert theirs.known == {*"abcd", "ask", "answer", "amend"}
    assert rules(*cases).known == {*"abcd"}


def test_a_rare_step_that_nothing_explains_is_unknown_to_the_usual_routes(rules):
    told = rules("1200 * a b c d", "35 * a b x y c d")
    assert told.known == {*"abcd"}
    assert told.order == (("a", "b"), ("b", "c"), ("c", "d"))


@pytest.mark.parametrize(("cases", "known"), [(1, True), (2, True), (3, False), (30, True)])
def test_a_step_is_unknown_only_if_it_is_surely_rare_and_no_accident(rules, cases, known):
    told = rules("300 * a b c d", f"{cases} * a b x c d")
    assert ("x" in told.known) is known


def test_a_rare_step_belongs_to_a_rare_way_that_others_take_too(rules):
    """Views are heard in an extended procedure, which is rare itself."""
    told = rules("300 * a b c d", "30 * a b uov c d", "5 * a b uov views c d")
    assert "views" in told.known


def test_a_rare_step_is_known_where_it_is_common_in_a_stratum_however_small(usual):
    """The fire brigade advises on warehouses; of these there are too few for a reference."""
    cases = ("400 * a b c d", "9 * a b fire c d", "3 * a b c d")
    reference, each = usual(*cases, strata=[0, 1, 1])
    assert [one.cell for one in reference.told] == [ALL, 0]
    assert all("fire" in one.rules.known for one in reference.told)
    assert {one.cell for one in each[-12:]} == {ALL}
    assert "12 cases of small or unknown strata are judged by this" in reference.told[0].why[-1]
    assert "fire" not in usual(*cases)[0].told[0].rules.known


def test_each_stratum_has_its_own_usual_routes(usual):
    reference, each = usual("50 * a b c d", "50 * a c b d", strata=[0, 1])
    assert [one.rules.order for one in reference.told] == [
        (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")),
        (("a", "b"), ("b", "c"), ("c", "d")),
        (("a", "c"), ("b", "d"), ("c", "b")),
    ]
    assert [one.cell for one in each] == [0] * 50 + [1] * 50


# The office is held against nothing but what its own files usually do.
BOTH = ("Review zoning", "Inspect site")
STRATA = ("permit_type", "docs_complete")


def strayed(office_log, simulation):
    """Which case strayed in which way: (kind, activities) -> ids; and what is usual."""
    seen = office_log(simulation)
    at_entry = simulation.events.to_pandas().groupby("case_id")[list(STRATA)].first()
    cell = at_entry.groupby(list(STRATA)).ngroup().loc[seen.case_ids].to_numpy(np.int32)
    applicants = frozenset(APPLICANT_STEPS)
    reference = usual_routes(seen.steps, cell, seen.decided, applicants)
    kinds = [one.rules for one in reference.told]
    marks = mark(seen.steps, kinds, reference.which, seen.decided, applicants)
    found = episodes(seen.steps, marks, applicants)
    out = {}
    for case, place in zip(found.case.tolist(), found.subject.tolist(), strict=True):
        subject = found.subjects[place]
        out.setdefault((subject.kind, subject.activities), set()).add(seen.case_ids[case])
    return out, reference


@pytest.mark.parametrize("seed", [1, 2])
def test_a_clean_office_has_no_detours_and_its_procedure_is_found_out(office_log, seed):
    found, reference = strayed(office_log, simulate(Office(cases=600, seed=seed)))
    assert found == {}
    largest = max(reference.told[1:], key=lambda one: one.cases)
    assert isinstance(largest, Usual)
    assert {"Assess fee", "Review zoning", "Sign decision"} <= largest.rules.mandatory
    assert "Check completeness" not in largest.rules.once
    assert {("Assess fee", "Review zoning"), ("Review zoning", "Inspect site")} <= {
        *largest.rules.order
    }
    assert len(reference.told) > 2
    assert all(one.decided >= ENOUGH for one in reference.told)


@pytest.mark.parametrize(
    ("plant", "activities"),
    [
        (Repeated(), ("Assess fee",)),
        (PingPong(activities=BOTH), BOTH),
        (DuplicateApproval(), ("Sign decision",)),
        (Skipped(), ("Review zoning",)),
        (Inserted(share=0.02), ("Obtain recommendation",)),
        (WrongOrder(activities=BOTH, share=0.05), BOTH),
    ],
)
def test_a_planted_detour_is_found_without_any_procedure(office_log, plant, activities):
    simulation = simulate(Office(cases=1000, seed=1), [plant])
    found, _ = strayed(office_log, simulation)
    planted = set(simulation.truth["plants"][0]["cases"])
    right = found.pop((plant.kind, activities), set()) & planted
    assert len(right) >= 0.95 * len(planted) > 0
    assert sum(map(len, found.values())) <= 0.01 * simulation.truth["cases"], found
