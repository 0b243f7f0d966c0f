"""Detours are those that a plain account by the words of the docstring tells of."""

from collections import Counter
from itertools import combinations, groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from miners.detours.episodes import APPLICANT, OFFICE
from miners.detours.finding import episodes
from miners.detours.marks import AGAIN, CONFORMING, EARLY, FOREIGN, Rules

words = st.builds(
    "{}{}{}{}".format,
    st.sampled_from("aabbccpx"),
    st.sampled_from(["", "", "/start"]),
    st.sampled_from(["", "", "+0", "+200"]),
    st.sampled_from(["", "@one", "@two", "@two", "@six"]),
)
cases = st.lists(st.lists(words, min_size=1, max_size=10).map(" ".join), min_size=1, max_size=6)
names = st.frozensets(st.sampled_from("abcz"))
rule_books = st.builds(
    lambda mandatory, once, order: Rules(
        mandatory=mandatory, once=once, order=tuple(order), known=frozenset("abcpz")
    ),
    names,
    st.just(frozenset("abc")) | names,
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=3),
)
APPLICANTS = frozenset("p")
LOOPS = {"repeated", "ping-pong", "duplicate-approval"}


class Plain:
    """One case, its detours told by the words of the docstring; pairs of a ping-pong are sets."""

    def __init__(self, of, marks, case):
        steps, self.begins = of.steps, int(of.steps.offsets[case])
        self.size = int(steps.offsets[case + 1]) - self.begins
        rows = slice(self.begins, self.begins + self.size)
        units = (*steps.unit.vocabulary.labels, None)
        self.marks, self.case = marks, case
        self.stray = marks.stray[rows].tolist()
        self.partner = marks.partner[rows].tolist()
        self.name = [marks.labels[code] for code in steps.activity.codes[rows]]
        self.unit = [units[code] for code in steps.unit.codes[rows]]
        self.began, self.done = steps.began[rows].tolist(), steps.done[rows].tolist()
        self.own = [label in APPLICANTS for label in self.name]

    def detours(self):
        return Counter([*self.skipped(), *self.inserted(), *self.early(), *self.circles()])

    def conforming(self, places):
        return next((at for at in places if self.stray[at] == CONFORMING), -1)

    def around(self, kind, activities, units, first, last):
        before = self.conforming(range(first - 1, -1, -1))
        since = before if kind in LOOPS else before + 1
        theirs = any(self.own[max(since, 0) : last + 1])
        places = (before, first, last, self.conforming(range(last + 1, self.size)))
        return kind, activities, units, places, APPLICANT if theirs else OFFICE

    def skipped(self):
        columns = (self.marks.skipped_case, self.marks.skipped_activity, self.marks.skipped_after)
        for case, code, after in zip(*columns, strict=True):
            if case == self.case:
                at = int(after) - self.begins if after >= 0 else -1
                before = self.conforming(range(at, -1, -1))
                places = (before, before, before, self.conforming(range(at + 1, self.size)))
                name = self.marks.labels[code]
                yield "skipped", (name,), None, places, APPLICANT if name in APPLICANTS else OFFICE

    def inserted(self):
        stretch = []
        for at in range(self.size + 1):
            if at < self.size and self.stray[at] != CONFORMING:
                stretch += [at] if self.stray[at] == FOREIGN else []
                continue
            for name in {self.name[one] for one in stretch}:
                those = [one for one in stretch if self.name[one] == name]
                yield self.around("inserted", (name,), None, those[0], those[-1])
            stretch = []

    def early(self):
        for at in range(self.size):
            if self.stray[at] == EARLY:
                partner = self.marks.labels[self.partner[at]]
                until = self.name.index(partner, at)
                yield self.around("wrong-order", (partner, self.name[at]), None, at, until)

    def circles(self):
        """Loops as sets of steps; any two that share a step are put together until none do."""
        again = [at for at in range(self.size) if self.stray[at] == AGAIN]
        ago = {at: max(i for i in range(at) if self.name[i] == self.name[at]) for at in again}
        loops = [set(range(ago[at], at + 1)) for at in again]
        while both := [(one, two) for one, two in combinations(loops, 2) if one & two]:
            one, two = both[0]
            loops = [loop for loop in loops if loop is not one and loop is not two] + [one | two]
        for loop in loops:
            yield self.circle(loop, {at: ago[at] for at in again if at in loop})

    def circle(self, loop, ago):
        between = {
            k
            for at, before in ago.items()
            for k in range(before + 1, at)
            if self.stray[k] != FOREIGN
            and self.began[k] >= self.done[before]
            and self.done[k] <= self.began[at]
        }
        within = sorted({*ago, *ago.values(), *between})
        names = list(dict.fromkeys(self.name[at] for at in within))
        last = max(loop)
        while self.name[last + 1 : last + 2] and self.name[last + 1] in names:
            if self.stray[last + 1] != CONFORMING:
                break
            last += 1
        redone = tuple(one for one in names if one in {self.name[at] for at in ago})
        others, moves = self.others(ago), self.moves(within)
        kind = ("repeated", redone, None)
        if len(names) == 1:
            kind = ("duplicate-approval", redone, others[:1]) if others else kind
        elif between and len(names) == 2:
            kind = ("ping-pong", (frozenset(names),), None)
        elif between and None not in moves and len(set(moves)) == 2 < len(moves):
            kind = ("ping-pong", redone, moves[:2])
        return self.around(*kind, min(ago), last)

    def others(self, ago):
        """The units that did again what another did before, no applicant between."""
        pairs = [(at, self.unit[before], self.unit[at]) for at, before in ago.items()]
        return tuple(
            two
            for at, one, two in pairs
            if None not in {one, two} and one != two and not any(self.own[ago[at] : at + 1])
        )

    def moves(self, within):
        """Through which units the office's steps went."""
        return tuple(
            unit for unit, _ in groupby(self.unit[at] for at in within if not self.own[at])
        )


def both_ways(detours):
    """The detours with pairs of a ping-pong as sets, in no order."""
    return Counter(
        (
            kind,
            (frozenset(names),) if kind == "ping-pong" and units is None else names,
            units,
            *more,
        )
        for kind, names, units, *more in detours
    )


@given(cases, rule_books, st.booleans())
def test_detours_are_what_the_words_say(told, written, rules, decided):
    of = told(*written)
    marks = of.marked(rules, decided=decided)
    ours = of.detours(marks)
    plain = of.in_order([Plain(of, marks, case).detours() for case in range(of.steps.cases)])
    for one, other in zip(ours, plain, strict=True):
        assert both_ways(one) == other


@given(cases, rule_books)
def test_every_straying_step_belongs_to_a_detour_and_no_other_case_has_one(told, written, rules):
    of = told(*written)
    marks = of.marked(rules)
    detours = episodes(of.steps, marks, APPLICANTS)
    rows = zip(detours.first, detours.last, detours.case, strict=True)
    covered = {(case, at) for first, last, case in rows for at in range(first, last + 1)}
    strays = np.flatnonzero(marks.stray != CONFORMING)
    assert {(of.steps.case[at], at) for at in strays} <= covered
    assert set(detours.case) == {*of.steps.case[strays], *marks.skipped_case}
    for place in (*detours.before, *detours.after):
        assert place < 0 or marks.stray[place] == CONFORMING
    assert (detours.first <= detours.last).all()
    order = np.lexsort((detours.first, detours.case))
    assert order.tolist() == list(range(len(detours)))


@given(cases, rule_books, st.randoms(use_true_random=False))
def test_the_order_of_cases_changes_nothing(told, written, rules, chance):
    others = [f"case-{n}" for n in range(len(written))]
    chance.shuffle(others)
    one, other = told(*written), told(*written, names=others)
    assert one.detours(one.marked(rules)) == other.detours(other.marked(rules))
