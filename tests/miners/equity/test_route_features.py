"""What the office had cases go through, told of all alike by the same time."""

import numpy as np
import pytest

from eventlog.letters import table
from eventlog.log import Log
from miners.detours.episodes import APPLICANT, DUPLICATE, KINDS, OFFICE, SKIPPED, Episodes, Subject
from miners.detours.steps import steps_of
from miners.equity.route_features import FEATURES, features, requests_of
from miners.work_items import work_items

HOUR = 3_600_000_000
EIGHT = 1_767_600_000_000_000  # when cases written as letters begin


class Office:
    """Cases written as letters, `r` asks the applicant, who does `a` and `p`."""

    def __init__(self, *cases):
        events = table(*(f"{place}: {case}" for place, case in enumerate(cases)))
        log = Log.of(events)
        ids = dict(zip(events["case_key"].to_pylist(), events["case_id"].to_pylist(), strict=True))
        self.written = [int(ids[key]) for key in log.case_key.tolist()]
        self.steps = steps_of(work_items(log), log.cases)

    def of_case(self, values):
        return np.array([values[place] for place in self.written])

    def detours(self, *rows):
        """Detours as (case as written, kind, first step in the case, cause)."""
        kinds = [Subject(kind=kind, activities=("x",)) for kind in KINDS]
        rows = sorted((self.written.index(case), *rest) for case, *rest in rows)
        case = np.array([row[0] for row in rows], np.int32)
        first = [self.steps.offsets[row[0]] + row[2] if row[2] >= 0 else -1 for row in rows]
        first = np.array(first, np.int64)
        return Episodes(
            case=case,
            subject=np.array([row[1] for row in rows], np.int32),
            before=first,
            first=first,
            last=first,
            after=first,
            cause=np.array([row[3] for row in rows], np.int8),
            subjects=kinds,
        )

    def features(self, *detours, hours=99, cohort=None, decided=None):
        many = len(self.written)
        found = features(
            self.steps,
            self.detours(*detours),
            requests=frozenset("r"),
            applicants=frozenset("ap"),
            cohort=self.of_case(cohort or [True] * many),
            until=np.full(many, EIGHT + hours * HOUR),
            decided=self.of_case(decided or [True] * many),
        )
        assert tuple(found) == FEATURES
        out = {}
        for name, scores in found.items():
            by_case = dict(zip(self.written, scores.tolist(), strict=True))
            told = [by_case[place] for place in range(many)]
            out[name] = [None if np.isnan(score) else score for score in told]
        return out


def test_who_was_asked_and_who_was_asked_again():
    found = Office("a b c", "a b r p b c", "a b r p b r p c").features()
    assert found["requests"] == [0, 1, 1]
    assert found["requests-again"] == [0, 0, 1]


def test_work_done_again_because_of_what_the_applicant_sent_is_no_rework():
    found = Office("a b c", "a b r p b c", "a b c b", "a b b r p b").features()
    assert found["rework"] == [0, 0, 1, 1]


def test_what_is_asked_or_sent_again_is_no_rework():
    assert Office("a r r c", "a b p p c").features()["rework"] == [0, 0]


def test_all_are_told_by_the_same_time_whether_they_are_over_or_not():
    found = Office("a b r p c", "a b c c r").features(hours=3)
    assert found["requests"] == [1, 0]
    assert found["rework"] == [0, 1]


def test_outside_the_cohort_nothing_is_told():
    found = Office("a b r", "a b r").features(cohort=[True, False])
    assert all(scores[1] is None and scores[0] is not None for scores in found.values())


def test_a_step_is_only_left_out_of_cases_that_were_decided():
    found = Office("a b c", "a b", "a b c").features(
        (0, SKIPPED, -1, OFFICE), (1, SKIPPED, 1, OFFICE), decided=[True, False, True]
    )
    assert found["skipped"] == [1, None, 0]


@pytest.mark.parametrize(("hours", "expected"), [(9, 1), (2, 1), (1, 0)])
def test_a_detour_counts_once_it_has_begun(hours, expected):
    found = Office("a b c c").features((0, DUPLICATE, 2, OFFICE), hours=hours)
    assert found["duplicate-approval"] == [expected]


def test_what_the_applicant_causes_is_not_what_the_office_does():
    found = Office("a b c c", "a b c c").features(
        (0, DUPLICATE, 3, APPLICANT), (1, DUPLICATE, 3, OFFICE)
    )
    assert found["duplicate-approval"] == [0, 1]


def test_a_step_on_everybodys_way_that_suspends_the_clock_is_no_request():
    office = Office(*["a f p c"] * 9, "a f p r p c", "a b")
    decided = office.of_case([True] * 10 + [False])
    found = requests_of(office.steps, frozenset("frap"), frozenset("ap"), decided)
    assert found == frozenset("r")


def test_marks_for_other_cases_are_refused():
    office = Office("a b c")
    with pytest.raises(ValueError, match="cohort has 2 rows; expected 1"):
        features(
            office.steps,
            office.detours(),
            requests=frozenset(),
            applicants=frozenset(),
            cohort=np.ones(2, bool),
            until=np.zeros(1, np.int64),
            decided=np.ones(1, bool),
        )
