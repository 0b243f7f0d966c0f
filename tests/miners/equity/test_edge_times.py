"""The clock of a case, split by the edges it went over, is the clock of the case."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog import letters
from eventlog.calendar import Calendars
from eventlog.coded import Coded, Vocabulary
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from miners.causes import Spans
from miners.clock import clock_times
from miners.detours.steps import Steps, steps_of
from miners.equity.edge_times import edge_times, elapsed
from miners.work_items import work_items

HOUR = 3_600_000_000
LABELS = ("a", "b", "c")


def steps(cases):
    """Steps of cases, each a list of (activity code, µs done) in order."""
    rows = [step for case in cases for step in case]
    done = np.array([at for _, at in rows], np.int64)
    codes = np.array([code for code, _ in rows], np.int32)
    column = Coded(codes=codes, vocabulary=Vocabulary(labels=LABELS))
    return Steps(
        offsets=np.cumsum([0, *(len(case) for case in cases)]).astype(np.int64),
        activity=column,
        unit=column,
        began=done,
        done=done,
        item=np.arange(len(rows)),
        count=np.ones(len(rows), np.int32),
    )


def spans(cases):
    """Suspensions of cases, each a list of (since, until) µs, in the order of their starts."""
    rows = [sorted(case) for case in cases]
    return Spans(
        offsets=np.cumsum([0, *(len(case) for case in rows)]).astype(np.int64),
        start=np.array([since for case in rows for since, _ in case], np.int64),
        end=np.array([until for case in rows for _, until in case], np.int64),
    )


def told(found):
    """Per case: hours by edge."""
    out = [{} for _ in found.total]
    rows = zip(found.case.tolist(), found.edge.tolist(), found.milliseconds, strict=True)
    for case, edge, ms in rows:
        assert found.edges[edge] not in out[case]
        out[case][found.edges[edge]] = ms / 3_600_000
    return out


def hours(*cases):
    return [[(LABELS.index(name), at * HOUR) for name, at in case] for case in cases]


def split(cases, *, entered, until, suspended=None):
    return edge_times(
        steps(hours(*cases)),
        worked=elapsed,
        entered=np.array(entered, np.int64) * HOUR,
        until=np.array(until, np.int64) * HOUR,
        suspended=None if suspended is None else spans(suspended),
    )


def test_time_goes_from_the_entry_over_every_step_to_nobody_knows_where_while_it_is_open():
    found = split([[("a", 2), ("b", 5)]], entered=[0], until=[9])
    assert told(found) == [{(None, "a"): 2, ("a", "b"): 3, ("b", None): 4}]


def test_the_way_to_a_step_counts_as_far_as_the_horizon_and_nothing_behind_it():
    found = split([[("a", 0), ("b", 10), ("c", 12)]], entered=[0], until=[6])
    assert told(found) == [{("a", "b"): 6}]


def test_ways_that_are_gone_twice_are_one_part():
    found = split([[("a", 0), ("b", 1), ("a", 3), ("b", 7)]], entered=[0], until=[7])
    assert told(found) == [{("a", "b"): 5, ("b", "a"): 2}]
    assert found.between(found.edges.index(("a", "b"))).tolist() == [5 * 3_600_000]


def test_what_was_suspended_is_taken_out_of_the_edge_in_which_it_lies_once():
    pauses = [[(1 * HOUR, 4 * HOUR), (2 * HOUR, 6 * HOUR), (7 * HOUR, 8 * HOUR)]]
    found = split([[("a", 0), ("b", 5), ("c", 10)]], entered=[0], until=[10], suspended=pauses)
    assert told(found) == [{("a", "b"): 1, ("b", "c"): 3}]


def test_a_clock_that_never_began_went_nowhere():
    cases = steps(hours([("a", 1), ("b", 2)], [("a", 1), ("b", 2)]))
    entered, until = np.array([UNKNOWN, HOUR]), np.array([UNKNOWN, 2 * HOUR])
    found = edge_times(cases, worked=elapsed, entered=entered, until=until, suspended=None)
    assert told(found) == [{}, {("a", "b"): 1}]
    assert found.total.tolist() == [0, 3_600_000]


def test_steps_ahead_of_the_entry_take_no_time():
    found = split([[("a", 1), ("b", 3), ("c", 5)]], entered=[3], until=[5])
    assert told(found) == [{("b", "c"): 2}]


@pytest.mark.parametrize("until", [2 * HOUR, UNKNOWN])
def test_a_clock_that_ends_before_it_began_or_nobody_knows_when_shows_nothing(until):
    found = edge_times(
        steps(hours([("a", 1), ("b", 5)])),
        worked=elapsed,
        entered=np.array([4 * HOUR]),
        until=np.array([until]),
        suspended=None,
    )
    assert found.total.tolist() == [0]


def test_each_case_has_its_own_part_of_an_edge():
    found = split([[("a", 0), ("b", 1)]] * 2, entered=[0, 0], until=[1, 1])
    assert told(found) == [{("a", "b"): 1}] * 2


def test_marks_for_other_cases_are_refused():
    with pytest.raises(ValueError, match="entered has 2 rows; expected 1"):
        split([[("a", 1)]], entered=[3, 4], until=[5])


@st.composite
def offices(draw):
    moment = st.integers(0, 10_000)
    cases = draw(
        st.lists(st.lists(st.tuples(st.integers(0, 2), moment), max_size=6), min_size=1, max_size=4)
    )
    cases = [sorted(case, key=lambda step: step[1]) for case in cases]
    count = len(cases)
    entered = draw(st.lists(moment, min_size=count, max_size=count))
    ran = draw(st.lists(moment, min_size=count, max_size=count))
    pauses = st.lists(st.tuples(moment, moment).map(sorted).map(tuple), max_size=4)
    still = draw(st.lists(pauses, min_size=count, max_size=count))
    return cases, entered, [a + b for a, b in zip(entered, ran, strict=True)], still


def slow(moments):
    """A clock that stands every other thousand microseconds."""
    return moments // 2000 * 1000 + np.minimum(moments % 2000, 1000)


@given(offices(), st.sampled_from([elapsed, slow]))
def test_the_parts_of_a_case_add_up_to_its_clock_less_what_was_suspended(office, worked):
    cases, entered, until, still = office
    found = edge_times(
        steps(cases),
        worked=worked,
        entered=np.array(entered, np.int64),
        until=np.array(until, np.int64),
        suspended=spans(still),
    )
    sums = np.zeros(len(cases), np.int64)
    np.add.at(sums, found.case, found.milliseconds)
    assert sums.tolist() == found.total.tolist()
    every = worked(np.arange(20_001))
    for case, (begin, end) in enumerate(zip(entered, until, strict=True)):
        runs = np.diff(every[begin : end + 1])
        for since, over in still[case]:
            runs[max(since - begin, 0) : max(over - begin, 0)] = 0
        assert found.total[case] == runs.sum() // 1000
        edges = told(found)[case]
        names = [None, *(LABELS[code] for code, _ in cases[case]), None]
        assert set(edges) <= set(pairwise(names))


def test_up_to_the_end_of_each_case_the_total_is_what_the_statutory_clock_ran():
    day = 24 * HOUR
    log = letters.log(
        "P: a b+1441 c+2017 b+7 c+4000 d+333", "Q: a b+77 c+5001", "R: b c+100", step=day // 7
    )
    said = Definition.model_validate(
        {
            "process": "p",
            "timezone": "Asia/Jakarta",
            "calendar": {"hours": "08:00-12:00, 13:00-16:00", "holidays": [date(2026, 1, 7)]},
            "clock": {
                "starts": ["a"],
                "stops": ["d"],
                "suspended": [{"from": "b", "until": "c"}],
            },
        }
    )
    calendars = Calendars.of(said, int(log.timestamp.min()), int(log.timestamp.max()))
    clock = clock_times(log, said, calendars)
    found = edge_times(
        steps_of(work_items(log), log.cases),
        worked=calendars.office.worked,
        entered=clock.started,
        until=clock.seen,
        suspended=Spans(
            offsets=clock.suspensions.offsets,
            start=clock.suspensions.since,
            end=clock.suspensions.until,
        ),
    )
    ran = np.where(clock.started == UNKNOWN, 0, clock.running_working_ms)
    assert found.total.tolist() == ran.tolist()
    assert sorted(ran.tolist())[1] > 0
