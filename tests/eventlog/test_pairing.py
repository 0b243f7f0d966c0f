"""Events become executions: whatever the log, as a plain reading of the rules has them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.event import LIFECYCLES
from eventlog.kernels import UNKNOWN, Bools
from eventlog.letters import log
from eventlog.pairing import overlapping, pair, sums_of_known

MINUTE = 60_000_000


class Execution:
    def __init__(self, first, enabled=None):
        self.first, self.enabled = first, enabled
        self.scheduled = self.started = self.completed = self.rests = None
        self.pauses = []


def plainly(events):
    """The executions of one case; events are (activity, lifecycle, moment) in order.

    Each is (activity, enabled, rows of schedule, start and complete, pauses); None is unknown.
    """
    moment = [when for _, _, when in events]
    found = []
    for activity in sorted({name for name, _, _ in events}):
        own = [(row, word) for row, (name, word, _) in enumerate(events) if name == activity]
        found += [(activity, one) for one in executions(own, moment)]
    told = []
    for activity, one in found:
        if one.scheduled is None:
            one.enabled = enabled_by(one, [other for _, other in found], events, moment)
        first = moment[one.first] if one.enabled is None else one.enabled
        rows = (one.scheduled, one.started, one.completed)
        told.append((first, one.first, (activity, one.enabled, rows, one.pauses)))
    return [row for *_, row in sorted(told, key=lambda row: row[:2])]


class Desk:
    """One activity of one case: who waits, who is in hand, and what may be a mere handing on."""

    def __init__(self, moment):
        self.moment = moment
        self.all, self.waiting, self.in_hand = [], [], []
        self.spare, self.touched = False, None

    def begin(self, row):
        self.all.append(Execution(row))
        return self.all[-1]

    def next_in_line(self, row):
        if not self.waiting:
            return self.begin(row)
        one = self.waiting.pop(0)
        self.spare = bool(self.waiting)
        return one

    def schedule(self, row):
        now, last = self.moment[row], self.touched
        if last and last.scheduled is None and self.moment[last.first] == now:
            last.scheduled, last.enabled = row, now
            return
        if self.spare:
            self.forget(self.waiting)
            self.waiting, self.spare = [], False
        one = self.begin(row)
        one.scheduled, one.enabled = row, now
        self.waiting.append(one)

    def start(self, row):
        last = self.touched
        if last and last.started is None and self.moment[last.completed] == self.moment[row]:
            last.started = row
            return
        self.touched = self.next_in_line(row)
        self.touched.started = row
        self.in_hand.append(self.touched)

    def complete(self, row):
        if self.in_hand:
            self.resume(row)
            self.in_hand.pop(0).completed = row
        else:
            self.touched = self.next_in_line(row)
            self.touched.completed = row

    def suspend(self, row):
        if self.in_hand and self.in_hand[0].rests is None:
            self.in_hand[0].rests = self.moment[row]

    def resume(self, row):
        if self.in_hand and self.in_hand[0].rests is not None:
            self.in_hand[0].pauses.append((self.in_hand[0].rests, self.moment[row]))
            self.in_hand[0].rests = None

    def forget(self, handed_on):
        self.all = [one for one in self.all if one not in handed_on]


def executions(own, moment):
    """Of one activity in one case, before it is known what enabled them."""
    desk = Desk(moment)
    for row, word in own:
        getattr(desk, word)(row)
    desk.forget(desk.waiting if desk.spare else desk.waiting[1:])
    return desk.all


def enabled_by(one, others, events, moment):
    """The latest completion before it, or at the moment of its start by who had started before."""
    before = [moment[row] for row in range(one.first) if events[row][1] == "complete"]
    if one.first == one.started:
        now = moment[one.started]
        for other in others:
            known = other.started is not None and other.completed is not None
            if known and moment[other.completed] == now and moment[other.started] < now:
                before.append(now)
    return max(before, default=None)


def told(of):
    """What the compiled loops say, in the form of `plainly`, case by case."""
    found = pair(of.offsets, of.activity.codes, len(of.activity.vocabulary), of.lifecycle,
                 of.timestamp)  # fmt: skip
    cases = [[] for _ in range(of.cases)]
    for item, case in enumerate(found.case.tolist()):
        base = int(of.offsets[case])
        rows = tuple(
            None if rows[item] < 0 else int(rows[item]) - base
            for rows in (found.scheduled, found.started, found.completed)
        )
        any_row = next(row for row in rows if row is not None) + base
        enabled = int(found.enabled[item])
        cases[case].append(
            (
                of.activity.vocabulary.labels[of.activity.codes[any_row]],
                None if enabled == UNKNOWN else enabled,
                rows,
                [(a, b) for i, a, b in found.pauses.tolist() if i == item],
            )
        )
        assert found.position[item] == len(cases[case]) - 1
    return cases


def read(of):
    """The events of each case, plainly."""
    names = [of.activity.vocabulary.labels[code] for code in of.activity.codes]
    words = [LIFECYCLES[code] for code in of.lifecycle]
    rows = list(zip(names, words, of.timestamp.tolist(), strict=True))
    return [rows[a:b] for a, b in zip(of.offsets[:-1], of.offsets[1:], strict=True)]


def logs(words):
    steps = st.builds(
        "{}/{}{}".format,
        st.sampled_from("ab"),
        st.sampled_from(words),
        st.sampled_from(["", "+0", "+0", "+7"]),
    )
    cases = st.lists(st.lists(steps, min_size=1, max_size=14), min_size=1, max_size=4)
    return cases.map(lambda all_: log(*(f"{n}: {' '.join(one)}" for n, one in enumerate(all_))))


@pytest.mark.parametrize(
    "words",
    [
        LIFECYCLES,
        ["schedule", "start", "complete"],
        ["start", "complete"],
        ["complete"],
        ["start", "suspend", "resume", "complete", "complete"],
    ],
    ids=" ".join,
)
def test_executions_are_those_of_a_plain_reading(words):
    @given(logs(words))
    def agree(of):
        assert told(of) == [plainly(events) for events in read(of)]

    agree()


@given(logs(LIFECYCLES))
def test_a_case_is_read_alike_alone_and_among_others(of):
    assert told(of) == [told(of.between(n, n + 1))[0] for n in range(of.cases)]


@given(logs(LIFECYCLES))
def test_every_start_and_every_completion_belongs_to_exactly_one_execution(of):
    found = pair(of.offsets, of.activity.codes, len(of.activity.vocabulary), of.lifecycle,
                 of.timestamp)  # fmt: skip
    for rows, word in ((found.started, "start"), (found.completed, "complete")):
        expected = np.flatnonzero(of.lifecycle == LIFECYCLES.index(word))
        assert sorted(rows[rows >= 0].tolist()) == expected.tolist()
    known = found.started >= 0
    assert (found.enabled[known] <= of.timestamp[found.started[known]]).all()


def unfinished_twice(events):
    """Activities of a case with two unfinished executions at once, first in, first out."""
    mixed = set()
    for activity in {name for name, _, _ in events}:
        waiting = started = 0
        for name, word, _ in events:
            if name != activity:
                continue
            if word == "schedule":
                waiting += 1
            elif word == "start":
                waiting, started = max(waiting - 1, 0), started + 1
            elif word == "complete" and started:
                started -= 1
            elif word == "complete":
                waiting = max(waiting - 1, 0)
            if waiting + started > 1:
                mixed.add(activity)
    return mixed


@given(logs(LIFECYCLES))
def test_guesses_are_known_to_be_guesses(of):
    marked: Bools = overlapping(
        of.offsets, of.activity.codes, len(of.activity.vocabulary), of.lifecycle
    )
    plain = []
    for events in read(of):
        mixed = unfinished_twice(events)
        plain += [name in mixed for name, _, _ in events]
    assert marked.tolist() == plain


def stages(text):
    """Per execution the minutes since the case began: (activity, enabled, started, completed)."""
    of = log(f"P: {text}")
    found = pair(of.offsets, of.activity.codes, len(of.activity.vocabulary), of.lifecycle,
                 of.timestamp)  # fmt: skip
    minutes = ((of.timestamp - of.timestamp[0]) // MINUTE).tolist()
    names = [of.activity.vocabulary.labels[code] for code in of.activity.codes]

    def at(row):
        return None if row < 0 else minutes[row]

    return [
        (
            names[max(scheduled, started, completed)],
            None if enabled == UNKNOWN else (enabled - int(of.timestamp[0])) // MINUTE,
            at(started),
            at(completed),
        )
        for enabled, scheduled, started, completed in zip(
            *(found.enabled.tolist(), found.scheduled.tolist()),
            *(found.started.tolist(), found.completed.tolist()),
            strict=True,
        )
    ]


STORIES = {
    "the first complete closes the first start": (
        "a/start a/start+10 a+10 a+10",
        [("a", None, 0, 20), ("a", None, 10, 30)],
    ),
    "what is completed twice was started once": (
        "a/start a+10 a+10",
        [("a", None, 0, 10), ("a", 10, None, 20)],
    ),
    "parallel work shares what enabled it": (
        "x a/start+5 b/start+5 a+10 b+10 c/start+5",
        [("x", None, None, 0), ("a", 0, 5, 20), ("b", 0, 10, 30), ("c", 30, 35, None)],
    ),
    "work handed on waits since the first time": (
        "a/schedule a/schedule+10 a/start+10 a+10",
        [("a", 0, 20, 30)],
    ),
    "what was handed on is not waiting still when the work comes back": (
        "a/schedule a/schedule+10 a/start+10 a+10 a/schedule+10 a/start+10 a+10",
        [("a", 0, 20, 30), ("a", 40, 50, 60)],
    ),
    "two pieces scheduled and started are two": (
        "a/schedule a/schedule+10 a/start+10 a/start+10 a+10 a+10",
        [("a", 0, 20, 40), ("a", 10, 30, 50)],
    ),
    "the next piece may be scheduled before this one is done": (
        "a/schedule a/start+10 a/schedule+10 a+10 a/start+10 a+10",
        [("a", 0, 10, 30), ("a", 20, 40, 50)],
    ),
    "scheduled, and nobody came": (
        "x a/schedule+10",
        [("x", None, None, 0), ("a", 10, None, None)],
    ),
    "a start told behind its own completion, at one moment": (
        "x a+10 a/start+0 b/start+5",
        [("x", None, None, 0), ("a", 0, 10, 10), ("b", 10, 15, None)],
    ),
    "a schedule told behind its own start, at one moment": (
        "x a/start+10 a/schedule+0 a+5",
        [("x", None, None, 0), ("a", 10, 10, 15)],
    ),
    "a completion told behind the start that it let happen, at one moment": (
        "a/start b/start+10 a+0 b+10",
        [("a", None, 0, 10), ("b", 10, 10, 20)],
    ),
    "work of no length does not enable what came with it": (
        "x a/start+10 b/start+0 a+0 b+0",
        [("x", None, None, 0), ("a", 0, 10, 10), ("b", 0, 10, 10)],
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_stories_of_pairing(story):
    text, expected = STORIES[story]
    assert stages(text) == expected


def test_a_case_of_many_unfinished_executions_does_not_hang():
    size = 200_000
    lifecycle = np.tile(np.array([0, 1, 2, 0], np.int8), size // 4)
    moment = np.zeros(size, np.int64)
    found = pair(np.array([0, size]), np.zeros(size, np.int32), 1, lifecycle, moment)
    assert len(found.case) > size // 4


def test_a_sum_is_of_what_is_known_and_unknown_without_any():
    sums = sums_of_known(
        np.array([0, 0, 2, 2], np.int32), np.array([5, UNKNOWN, UNKNOWN, UNKNOWN]), 3
    )
    assert sums.tolist() == [5, UNKNOWN, UNKNOWN]
