"""Where a strayed span begins and ends, and which straight ones go the same way."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventlog.kernels import UNKNOWN
from eventlog.letters import log
from miners.causes import Spans as Suspended
from miners.detours.finding import episodes
from miners.detours.marks import AGAIN, EARLY, FOREIGN, Rules
from miners.detours.rules import mark
from miners.detours.spans import elapsed, followed, on_the_clock, sides
from miners.detours.steps import steps_of
from miners.work_items import work_items

HOUR, HOUR_MS = 3_600_000_000, 3_600_000
NOBODY = frozenset()


def both(told, rules, *cases, over=True, decided=True, now_after=1000):
    """The sides of cases written as letters; `over` holds for all, or one value a case."""
    seen = told(*cases)
    marks = seen.marked(rules, decided=decided, applicants=NOBODY)
    found = episodes(seen.steps, marks, NOBODY)
    flags = seen.of_case(np.broadcast_to(over, len(cases)))
    now = int(seen.steps.done.max()) + now_after * HOUR
    return seen, found, sides(seen.steps, marks, found, followed(seen.steps, flags, now))


def hours(spans):
    return sorted((elapsed(spans) // HOUR_MS).tolist())


def test_a_span_reaches_from_the_step_before_the_detour_to_the_one_after(told):
    _, _, two = both(told, Rules(once=frozenset("b")), "a b+60 b+120 c+180", "a b+60 c+240")
    assert hours(two.strayed) == [5]
    assert hours(two.straight) == [4]


def test_a_file_that_passes_other_steps_in_between_is_no_yardstick(told):
    """Of the two that go from a to d, one does what the strayed one did, in the right order."""
    rules = Rules(order=(("b", "c"),))
    _, found, two = both(told, rules, "a c b d+300", "a b c d", "a d+600")
    assert [one.kind for one in found.subjects] == ["wrong-order"]
    assert hours(two.strayed) == [7]
    assert hours(two.straight) == [3]


def test_a_step_that_was_left_out_is_done_by_those_one_is_compared_with(told):
    rules = Rules(mandatory=frozenset("b"), order=(("b", "c"),))
    _, _, two = both(told, rules, "a c", "a b+60 c+120", "a b+60 x c")
    assert hours(two.strayed) == [1]
    assert hours(two.straight) == [3]


def test_detours_whose_spans_overlap_share_one_and_those_that_touch_do_not(told):
    rules = Rules(once=frozenset("bc"), known=frozenset("abcd"))
    _, found, two = both(told, rules, "a b b x c c d", "a b c d")
    assert [one.kind for one in found.subjects] == ["repeated", "repeated", "inserted"]
    assert two.span[found.subject == 0] == two.span[found.subject == 2]
    assert hours(two.strayed) == [2, 3]
    assert hours(two.straight) == [1, 1]


def test_a_detour_within_a_longer_one_is_part_of_its_span(told):
    """While b is out of turn, the file passes x, then e as it should, then y."""
    rules = Rules(order=(("b", "c"),), known=frozenset("abcde"))
    _, found, two = both(told, rules, "a c x e y b d", "a b c e d")
    assert len(found) == 3
    assert hours(two.strayed) == [6]
    assert hours(two.straight) == [4]


def test_what_is_done_again_on_the_way_back_is_part_of_the_circle(told):
    """Only b should be done once, but c is done again because b was."""
    _, _, two = both(told, Rules(once=frozenset("b")), "a b c b c d", *["a b c d+120"] * 3)
    assert hours(two.strayed) == [3]
    assert hours(two.straight) == [2, 2, 2]


def test_a_circle_that_nobody_leaves_in_the_middle_is_the_detour_as_a_whole(told):
    """Asking (x) may be done often; but from x nobody goes on to c, all go from b to c."""
    rules = Rules(once=frozenset("b"))
    _, _, two = both(told, rules, "a b x b c", "a b c", "a b c", "a b c")
    assert hours(two.strayed) == [3]
    assert hours(two.straight) == [1, 1, 1]


def test_a_file_is_followed_from_its_entry_to_its_end(told):
    rules = Rules(known=frozenset("abc"))
    _, _, two = both(told, rules, "x a b", "a b y+180", "a b")
    assert hours(two.strayed) == [1, 3]
    assert hours(two.straight) == [0, 0, 0, 0]


def test_where_an_open_case_will_be_back_nobody_knows(told):
    rules = Rules(known=frozenset("ab"))
    _, _, two = both(told, rules, "a b y", "a b y", "a b", "a b", over=(True, False, True, False))
    assert two.strayed.open.tolist().count(True) == 1
    assert len(two.straight) == 1


def test_a_case_that_strays_is_compared_where_it_does_not(told):
    rules = Rules(once=frozenset("d"))
    _, _, two = both(told, rules, "a d b d c b d+240 c")
    assert len(two.strayed) == 1
    assert len(two.straight) == 0
    _, _, two = both(told, Rules(known=frozenset("abc")), "a x b c a b+240 c")
    assert hours(two.strayed) == [2]
    assert hours(two.straight) == [4]


def test_the_clock_costs_nothing_while_it_stands_or_before_it_began(told):
    _, _, two = both(told, Rules(once=frozenset("b")), "a b+60 b+120 c+180", "a b+60 c+240")
    span = two.strayed
    start = int(span.start[0])
    suspended = Suspended(
        offsets=np.array([0, 2, 4]),
        start=np.tile([start + HOUR, start + 2 * HOUR], 2),
        end=np.tile([start + 3 * HOUR, start + 4 * HOUR], 2),
    )

    def ran(entered):
        clock = on_the_clock(
            lambda since, until: (until - since) // 1000,
            entered=np.full(2, entered),
            seen=np.full(2, start + 100 * HOUR),
            suspended=suspended,
        )
        return clock(span).tolist()

    assert ran(start) == [2 * HOUR_MS]
    assert ran(start + 4 * HOUR) == [HOUR_MS]
    assert ran(UNKNOWN) == [0]


def ways(letters, stray):
    """Every way without a bend, by hand: (before, after, what lies between), with its length."""
    kept = [place for place, mark in enumerate(stray) if mark not in {AGAIN, FOREIGN}]
    found = []
    for one, other in combinations(kept, 2):
        within = range(one, other + 1)
        if all(stray[place] == 0 for place in within):
            between = "".join(sorted(letters[place] for place in within[1:-1]))
            found.append((letters[one], letters[other], between, other - one))
    return found


@given(st.lists(st.text("abcx", min_size=1, max_size=7), min_size=1, max_size=6))
def test_straight_spans_are_those_that_one_finds_by_looking(cases):
    """All ways of one case to another, one by one, against the sums of hashes."""
    steps = steps_of(
        work_items(log(*(f"{n}: {' '.join(one)}" for n, one in enumerate(cases)))), len(cases)
    )
    rules = Rules(known=frozenset("abc"), order=(("a", "b"),))
    every, decided = np.zeros(steps.cases, np.int32), np.zeros(steps.cases, bool)
    marks = mark(steps, [rules], every, decided, NOBODY)
    found = episodes(steps, marks, NOBODY)
    over = np.zeros(steps.cases, bool)
    two = sides(steps, marks, found, followed(steps, over, int(steps.done.max())))
    labels = steps.activity.vocabulary.labels
    letters = [labels[code] for code in steps.activity.codes]
    straight, strayed = [], []
    for case in range(steps.cases):
        rows = range(steps.offsets[case], steps.offsets[case + 1])
        straight += ways([letters[row] for row in rows], [marks.stray[row] for row in rows])
    for place in np.unique(two.span[(found.after >= 0) & (found.before >= 0)]):
        mine = np.flatnonzero(two.span == place)
        if two.strayed.open[place] or (found.before[mine] < 0).any():
            continue
        first, last = found.before[mine].min(), found.after[mine].max()
        kept = [row for row in range(first + 1, last) if marks.stray[row] in {0, EARLY}]
        between = "".join(sorted(letters[row] for row in kept))
        strayed.append((letters[first], letters[last], between))
    wanted = sorted(length for *way, length in straight if tuple(way) in set(strayed))
    entries = two.straight.before == -1
    assert hours(two.straight.take(~entries)) == wanted
