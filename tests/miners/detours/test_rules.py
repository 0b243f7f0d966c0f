"""Rules: what is foreign, done again, done early and left out, against plain words for each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import abstraction
from eventlog.definition import Definition
from miners.detours.marks import AGAIN, CONFORMING, EARLY, FOREIGN, Rules
from miners.detours.rules import REST, contradictions, mark, rules_of

words = st.builds(
    "{}{}{}".format,
    st.sampled_from("aabbccdx"),
    st.sampled_from(["", "", "/start", "/start"]),
    st.sampled_from(["", "+0", "+7", "+200"]),
)
cases = st.lists(st.lists(words, min_size=1, max_size=9).map(" ".join), min_size=1, max_size=6)
names = st.frozensets(st.sampled_from("abcdz"))
rule_books = st.builds(
    lambda mandatory, once, order, known: Rules(
        mandatory=mandatory, once=once, order=tuple(order), known=known
    ),
    names,
    names,
    st.lists(st.tuples(st.sampled_from("abcdz"), st.sampled_from("abcdz")), max_size=4),
    st.none() | names,
)


def judged(of, rules, *, decided=True, applicants=frozenset(), stratum=0):
    """The marks of `Told` cases, each in the order written: (strays, partners, left out)."""
    steps, every = of.steps, np.ones(of.steps.cases, np.int32)
    flags = of.of_case(decided) if isinstance(decided, list) else every == decided
    strata = of.of_case(stratum) if isinstance(stratum, list) else every * stratum
    books = rules if isinstance(rules, list) else [rules]
    marks = mark(steps, books, strata.astype(np.int32), flags, applicants)
    found = []
    for case in range(steps.cases):
        rows = range(steps.offsets[case], steps.offsets[case + 1])
        partners = [marks.labels[marks.partner[row]] for row in rows if marks.partner[row] >= 0]
        left_out = sorted(
            (marks.labels[activity], int(after - rows.start) if after >= 0 else -1)
            for of_case, activity, after in zip(
                marks.skipped_case, marks.skipped_activity, marks.skipped_after, strict=True
            )
            if of_case == case
        )
        assert all(
            after < 0 or of.steps.case[after] == case
            for case, after in zip(marks.skipped_case, marks.skipped_after, strict=True)
        )
        found.append((marks.stray[rows.start : rows.stop].tolist(), partners, left_out))
    return of.in_order(found)


class Plain:
    """The same by the words of the docstring, pair by pair."""

    def __init__(self, of, books, stratum, decided, applicants):
        steps = of.steps
        labels = steps.activity.vocabulary.labels
        self.books, self.stratum, self.decided = books, stratum, decided
        self.applicants = applicants
        self.done = [[] for _ in range(steps.cases)]
        rows = zip(steps.case, steps.activity.codes, steps.began, steps.done, strict=True)
        for case, code, began, done in rows:
            self.done[case].append((labels[code], began, done))
        self.in_hand = {
            (case, labels[code])
            for case, code in zip(steps.open_case, steps.open_activity, strict=True)
        }
        self.order = [self.kept(place, set(book.order)) for place, book in enumerate(books)]

    def kept(self, place, order):
        """The pairs of a stratum that are not done side by side."""
        cases = [case for case, of in enumerate(self.stratum) if of == place]
        stand = {pair: [self.stands(case, *pair) for case in cases] for pair in order}
        return [
            pair
            for pair, said in stand.items()
            if not 0 < said.count("together") >= said.count("against")
        ]

    def stands(self, case, first, then):
        """None, or how two steps stand: "against" the order or "together"."""
        one = [step for step in self.done[case] if step[0] == first]
        other = [step for step in self.done[case] if step[0] == then]
        if first == then or not one or not other:
            return None
        _, began, over = other[0]
        taken_up = min(step[1] for step in one)
        told_apart = all(step[1] < step[2] for step in one if step[1] == taken_up)
        if over < taken_up or (over == taken_up and told_apart):
            return "against"
        return "together" if taken_up < over and began < one[0][2] else None

    def marks(self, case):
        """The strays, for each EARLY step the partners that it may have, and what is left out."""
        if self.stratum[case] < 0:
            return [CONFORMING] * len(self.done[case]), [], []
        strays = [self.stray(case, at) for at in range(len(self.done[case]))]
        partners = [
            self.partners(case, self.done[case][at][0])
            for at, stray in enumerate(strays)
            if stray == EARLY
        ]
        return strays, partners, sorted(self.left_out(case))

    def stray(self, case, at):
        book, name = self.books[self.stratum[case]], self.done[case][at][0]
        if book.known is not None and name not in book.known:
            return FOREIGN
        if name in {step[0] for step in self.done[case][:at]}:
            return AGAIN if name in book.once - self.applicants else CONFORMING
        return EARLY if self.partners(case, name) else CONFORMING

    def partners(self, case, name):
        late = {
            first: min(step[1] for step in self.done[case] if step[0] == first)
            for first, then in self.order[self.stratum[case]]
            if then == name and self.stands(case, first, then) == "against"
        }
        return {first for first, moment in late.items() if moment == max(late.values())}

    def left_out(self, case):
        names = [step[0] for step in self.done[case]]
        order = self.order[self.stratum[case]]
        for name in self.books[self.stratum[case]].mandatory.difference(names):
            later = [names.index(two) for one, two in order if one == name and two in names]
            ahead = [at for at, one in enumerate(names) if (one, name) in order]
            if self.decided[case] or (later and (case, name) not in self.in_hand):
                yield name, min(later) - 1 if later else max(ahead, default=len(names) - 1)


@given(cases, st.lists(rule_books, min_size=1, max_size=2), st.frozensets(st.just("b")), st.data())
def test_marks_are_what_the_words_say(told, written, books, applicants, data):
    of = told(*written)
    count = len(written)
    few = st.lists(st.integers(-1, len(books) - 1), min_size=count, max_size=count)
    stratum = data.draw(few)
    decided = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    ours = judged(of, books, decided=decided, applicants=applicants, stratum=stratum)
    plain = Plain(of, books, of.of_case(stratum), of.of_case(decided), applicants)
    theirs = of.in_order([plain.marks(case) for case in range(count)])
    for (strays, partners, left_out), (said, allowed, missing) in zip(ours, theirs, strict=True):
        assert strays == said
        assert left_out == missing
        assert len(partners) == len(allowed)
        assert all(one in some for one, some in zip(partners, allowed, strict=True))


@given(cases, rule_books, st.randoms(use_true_random=False))
def test_the_order_of_cases_changes_nothing(told, written, rules, chance):
    others = [f"case-{n}" for n in range(len(written))]
    chance.shuffle(others)
    assert judged(told(*written), rules) == judged(told(*written, names=others), rules)


def test_a_repeated_step_is_again_and_an_unknown_one_is_foreign(told):
    rules = Rules(once=frozenset("a"), known=frozenset("ab"))
    ((strays, _, _),) = judged(told("a b a b x"), rules)
    assert strays == [CONFORMING, CONFORMING, AGAIN, CONFORMING, FOREIGN]


def test_what_the_applicant_does_again_is_no_detour(told):
    rules = Rules(once=frozenset("a"))
    ((strays, _, _),) = judged(told("a b a"), rules, applicants=frozenset("a"))
    assert strays == [CONFORMING] * 3


def test_a_step_is_early_if_it_was_over_before_the_one_ahead_of_it_was_taken_up(told):
    ((strays, partners, _),) = judged(told("b a c"), Rules(order=(("a", "b"), ("b", "c"))))
    assert (strays, partners) == ([EARLY, CONFORMING, CONFORMING], ["a"])


@pytest.mark.parametrize(
    ("case", "early"),
    [
        ("b/start b a/start a", True),
        ("b/start b a/start+0 a", True),  # taken up the moment the other was laid down
        ("b/start a/start b a", False),  # in hand together
        ("a/start b/start b a", False),
        ("b a+0", False),  # two dates
        ("b a/start+0 a+0", False),
        ("b c", False),  # the other was never done
        ("a b a", False),
    ],
)
def test_overlap_and_ties_are_no_disorder(told, case, early):
    ((strays, _, _),) = judged(told(case), Rules(order=(("a", "b"),)))
    assert (EARLY in strays) == early


def test_of_two_steps_that_came_too_late_the_last_is_the_partner(told):
    ((_, partners, _),) = judged(told("c b a"), Rules(order=(("a", "c"), ("b", "c"))))
    assert partners == ["a"]


def test_where_two_steps_are_mostly_in_hand_together_their_order_is_chance(told):
    rules = Rules(order=(("a", "b"),), mandatory=frozenset("a"))
    beside, against = "a/start b/start b a", "b a/start a"
    some = judged(told(beside, against, "b"), rules, decided=[True, True, False])
    assert [EARLY in strays for strays, _, _ in some] == [False] * 3
    assert [left_out for _, _, left_out in some] == [[]] * 3
    many = judged(told(beside, against, against, "b"), rules, decided=[True, True, True, False])
    assert [EARLY in strays for strays, _, _ in many] == [False, True, True, False]
    assert [left_out for _, _, left_out in many] == [[], [], [], [("a", -1)]]


def test_a_mandatory_step_is_left_out_once_the_case_is_decided_or_past_it(told):
    rules = Rules(mandatory=frozenset("b"), order=(("a", "b"), ("b", "c")))
    of = told("a", "a d", "a d c", "a d c")
    found = judged(of, rules, decided=[False, True, False, True])
    assert [left_out for _, _, left_out in found] == [[], [("b", 0)], [("b", 1)], [("b", 1)]]


def test_what_is_in_hand_is_left_out_only_when_the_case_is_decided_without_it(told):
    rules = Rules(mandatory=frozenset("b"), order=(("b", "c"),))
    of = told("a b/start c", "a b/start c", "a b/schedule c", "a c")
    found = judged(of, rules, decided=[False, True, False, False])
    assert [bool(left_out) for _, _, left_out in found] == [False, True, False, True]


def test_a_step_that_nobody_ever_did_can_be_left_out(told):
    ((_, _, left_out),) = judged(told("a b"), Rules(mandatory=frozenset("z")))
    assert left_out == [("z", 1)]


def test_each_case_has_the_rules_of_its_stratum(told):
    rules = [Rules(once=frozenset("a")), Rules(once=frozenset("b"))]
    found = judged(told("a a b b", "a a b b", "a a b b"), rules, stratum=[0, 1, -1])
    assert [strays for strays, _, _ in found] == [[0, AGAIN, 0, 0], [0, 0, 0, AGAIN], [0] * 4]
    with pytest.raises(ValueError, match="a case has stratum 2; there are rules for 2"):
        judged(told("a"), rules, stratum=2)


def test_the_rules_of_the_process_file_know_whatever_it_names(process):
    rules = rules_of(process, None)
    assert rules.mandatory == {"Check completeness", "Review zoning", "Sign decision"}
    assert ("Inspect site", "Fire brigade advice") in rules.order
    assert rules.known == {*process.activities, REST}
    assert contradictions(rules) == []


@pytest.mark.parametrize("said", [{}, {"procedure": {}}, {"procedure": {"bpmn": "permits.bpmn"}}])
def test_a_process_file_without_rules_has_none(said):
    assert rules_of(Definition.bare(**said), None) is None


def test_without_a_map_of_activities_none_is_foreign():
    assert rules_of(Definition.bare(procedure={"once": ["a"]}), None).known is None


def test_rules_for_fine_codes_say_of_coarser_ones_only_what_follows():
    codes = ["01_a", "01_b", "02_a", "05_a"]
    definition = Definition.bare(
        activities={code: {"en": code} for code in codes},
        procedure={
            "mandatory": ["01_a", "03_a", "05_a"],
            "once": ["01_a", "02_a", "04", "05_a"],
            "order": [["01_a", "02_a"], ["02_a", "04"], ["05_a", "02_a"]],
        },
    )
    coarse = {"01_a": "01", "01_b": "01", "02_a": "02", "04_a": "04", "04_b": "04", "05_a": REST}
    rules = rules_of(definition, coarse)
    assert rules.mandatory == {"01", "03_a"}
    assert rules.once == {"02", "04"}
    assert rules.order == (("02", "04"),)
    assert rules.known == {"01", "02", "03_a", "04", REST}
    assert REST == abstraction.REST


def test_rules_that_cannot_hold_together_are_told_with_the_way_out():
    order = (("a", "b"), ("b", "a"), ("c", "c"))
    assert contradictions(Rules(order=order)) == [
        'order asks for "a" before "b" before "a", which nobody can keep; leave one of these out',
        'order asks for "c" before itself; leave this pair out',
    ]
