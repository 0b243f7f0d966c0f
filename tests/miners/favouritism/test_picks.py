"""Pick scores: laws of a line, small lines by hand and by brute force, and what is in no line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.kernels import UNKNOWN
from eventlog.letters import log
from miners.causes import Spans
from miners.desks import owners_of
from miners.favouritism.overtakes import overtakes_of
from miners.favouritism.picks import Waits, picks_of, waits_of
from miners.placed import placed
from miners.work_items import work_items

MINUTE = 60_000_000


def waits(rows):
    """Lines written as (line, joined, left, picked)."""
    line, joined, left, picked = (np.array(column) for column in zip(*rows, strict=True))
    return Waits(
        line=line.astype(np.int32),
        lines=int(line.max()) + 1,
        queue=np.zeros(int(line.max()) + 1, np.int64),
        joined=joined.astype(np.int64),
        left=left.astype(np.int64),
        picked=picked.astype(bool),
        officer=np.zeros(len(line), np.int32),
    )


def by_definition(rows):
    """The score and the overtakes of each row, told one by one from all the others."""
    out = []
    for line, joined, left, picked in rows:
        beside = [row for row in rows if row[0] == line]
        expected = 0.0
        for moment in {row[2] for row in beside if row[3] and joined <= row[2] <= left}:
            there = sum(row[1] <= moment <= row[2] for row in beside)
            expected += sum(row[3] and row[2] == moment for row in beside) / there
        # Who is not picked at a moment was still there when others were.
        passed = sum(
            picked and row[1] < joined and (row[2], not row[3]) > (left, False) for row in beside
        )
        passed_by = sum(
            row[3] and row[1] > joined and (row[2], False) < (left, not picked) for row in beside
        )
        out.append((picked - expected, passed, passed_by))
    return out


ROWS = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 6), st.integers(0, 6), st.booleans()
    ).map(lambda row: (row[0], row[1], row[1] + row[2], row[3])),
    min_size=1,
    max_size=12,
)  # fmt: skip


@given(ROWS)
def test_scores_and_overtakes_are_what_their_definition_says(rows):
    line = waits(rows)
    picks, overtakes = picks_of(line), overtakes_of(line)
    told = zip(
        picks.score.tolist(), overtakes.passed.tolist(), overtakes.passed_by.tolist(), strict=True
    )
    for ours, theirs in zip(told, by_definition(rows), strict=True):
        assert ours == pytest.approx(theirs)


def large(seed):
    chance = np.random.default_rng(seed)
    joined = chance.integers(0, 3000, 2000)
    left = joined + chance.integers(0, 300, 2000)
    return waits(
        zip(chance.integers(0, 5, 2000), joined, left, chance.random(2000) < 0.9, strict=True)
    )


def test_the_scores_of_a_line_sum_to_nothing_and_who_passes_is_passed_as_often():
    line = large(1)
    picks, overtakes = picks_of(line), overtakes_of(line)
    for one in range(line.lines):
        mine = line.line == one
        assert picks.score[mine].sum() == pytest.approx(0, abs=1e-9)
        assert overtakes.passed[mine].sum() == overtakes.passed_by[mine].sum() > 0


def test_a_large_line_is_counted_as_its_definition_says():
    line = large(2)
    rows = list(
        zip(*(x.tolist() for x in (line.line, line.joined, line.left, line.picked)), strict=True)
    )
    some = [row for row in rows if row[0] == 0]
    mine = np.flatnonzero(line.line == 0)
    told = by_definition(some)
    assert picks_of(line).score[mine] == pytest.approx([row[0] for row in told])
    assert overtakes_of(line).passed[mine].tolist() == [row[1] for row in told]
    assert overtakes_of(line).passed_by[mine].tolist() == [row[2] for row in told]


def test_first_come_first_served_passes_nobody():
    joined = np.sort(np.random.default_rng(3).integers(0, 10**6, 500))
    line = waits([(0, at, at + 10**4, True) for at in joined.tolist()])
    assert not overtakes_of(line).passed.any()
    assert not overtakes_of(line).passed_by.any()


def test_no_order_is_invented_among_files_that_are_picked_in_one_folder():
    """Three of four are taken up at once: each of the four could expect three quarters."""
    line = waits([(0, 1, 9, True), (0, 2, 9, True), (0, 3, 9, True), (0, 4, 20, False)])
    assert picks_of(line).score.tolist() == [0.25, 0.25, 0.25, -0.75]
    assert overtakes_of(line).passed.tolist() == [0, 0, 0, 0]


def test_who_waits_still_has_had_no_pick_but_those_it_might_have_had():
    line = waits([(0, 1, 30, False), (0, 2, 10, True), (0, 3, 20, True)])
    assert picks_of(line).score == pytest.approx([-1 / 3 - 1 / 2, 1 - 1 / 3, 1 - 1 / 3 - 1 / 2])
    assert overtakes_of(line).net.tolist() == [-2.0, 1.0, 1.0]
    assert picks_of(line).waiting.tolist() == [1, 3, 2]


def seen(*cases, classes=None, applicant=None, theirs=()):
    """The waits of cases written as letters, in which each letter is a queue."""
    told = log(*cases)
    items, rule = placed(work_items(told), None)
    classes = np.zeros(told.cases, np.int64) if classes is None else np.array(classes)
    found = waits_of(
        items,
        rule,
        owners_of(items, frozenset(theirs)),
        classes,
        ends=told.ends,
        now=int(told.timestamp.max()),
        applicant=applicant,
    )
    names = [items.activity.vocabulary.labels[code] for code in items.activity.codes]
    return items, found, names


def test_a_pick_is_a_start_and_where_none_is_told_a_completion():
    items, found, names = seen("P: a b/start+30 b+10", "Q: a b/start+40 b+10")
    b = [name == "b" for name in names]
    assert (found.left[b] == items.started[b]).all()
    items, found, names = seen("P: a b+30", "Q: a b+40")
    b = [name == "b" for name in names]
    assert (found.left[b] == items.completed[b]).all()
    assert (found.line[b] == 0).all()


def test_what_has_no_known_beginning_or_no_known_pick_is_in_no_line():
    """The first step of a case was enabled by nothing; one b of three has no start."""
    items, found, names = seen(
        "P: a b/start+30 b+10", "Q: a b/start+40 b+10", "R: a b+5", theirs="a"
    )
    lines = dict(
        zip(zip(items.case.tolist(), names, strict=True), found.line.tolist(), strict=True)
    )
    assert sorted(line for (_, name), line in lines.items() if name == "a") == [-1, -1, -1]
    assert sorted(line for (_, name), line in lines.items() if name == "b") == [-1, 0, 0]
    assert np.isnan(picks_of(found).score[found.line < 0]).all()


def test_each_service_class_has_lines_of_its_own_and_the_unknown_one_too():
    _, found, names = seen("P: a b+30", "Q: a b+40", "R: a b+50", classes=[3, -1, 3])
    b = np.array([name == "b" for name in names])
    assert len(set(found.line[b].tolist())) == 2
    assert found.lines == 2
    assert found.queue.tolist() == [found.queue[0]] * 2


def test_a_file_that_its_applicant_has_joins_when_it_comes_back():
    items, found, names = seen("P: a b/start+30 b+10")
    b = names.index("b")
    away = Spans(
        offsets=np.array([0, 1]),
        start=items.enabled[[b]],
        end=items.enabled[[b]] + 20 * MINUTE,
    )
    _, later, _ = seen("P: a b/start+30 b+10", applicant=away)
    assert found.joined[b] == items.enabled[b] != UNKNOWN
    assert later.joined[b] == items.enabled[b] + 20 * MINUTE


def test_a_log_without_office_work_has_no_lines():
    _, found, _ = seen("P: a b", theirs="ab")
    assert found.lines == 0
    assert np.isnan(picks_of(found).score).all()
    assert not overtakes_of(found).net.any()


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="before it joins"):
        waits([(0, 5, 4, True)])
    one = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="differ in length"):
        Waits(
            line=np.zeros(2, np.int32), lines=1, queue=one, joined=one, left=one,
            picked=np.ones(1, bool), officer=np.zeros(1, np.int32),
        )  # fmt: skip
