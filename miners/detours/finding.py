"""Puts straying steps together into detours, and says of what kind each is and who causes it."""

from collections import Counter
from dataclasses import replace

import numpy as np

from eventlog import kernels
from eventlog.kernels import Int32s, Int64s
from miners.detours import finding_loops as loops
from miners.detours.circling_loops import CASE, ENDS, FIRST, KIND, LAST, OTHER_UNIT, UNIT
from miners.detours.episodes import KINDS, NOBODY_KNOWS, PING_PONG, Episodes, Subject
from miners.detours.marks import Marks
from miners.detours.steps import Steps, applicant_steps

_PING_PONG = KINDS[PING_PONG]
_PAIR = 2


def episodes(steps: Steps, marks: Marks, applicants: frozenset[str]) -> Episodes:
    """The detours in `steps`, in the order of cases, of where they begin, and of their subjects.

    - *inserted*: a FOREIGN step, with those of the same activity until something conforming is
      done; *skipped*: what was left out; *wrong-order*: an EARLY step, up to its partner.
    - Steps that are done AGAIN make a loop with the execution before each; loops that share a step
      are one. Of one activity it is a *duplicate-approval* if another unit did it again, both
      known, and no applicant came in between, else *repeated*. Between two activities it is a
      *ping-pong*, also if on its way forth it passed others once. Else of more, it is a *ping-pong*
      with `units` if the office's steps in it go back and
      forth between exactly two, else *repeated*; it is about the activities that are done again.
      What lay beside it in time, or is FOREIGN, is no part of it. Conforming steps right behind a
      loop that were done in it are its way back.
    - The applicant causes what strays by a step of the applicant's, or has one between where the
      file was last on its way and where the detour ends; also a loop right behind such a step. The
      office causes the rest; without `applicants` nobody knows.

    Of a pair with a *ping-pong* the one that mostly came first is named first.
    """
    labels = len(marks.labels)
    own = applicant_steps(steps, applicants)
    found, members = loops.detours(
        *(steps.offsets, steps.activity.codes, steps.unit.codes, steps.began, steps.done, own),
        *(marks.stray, marks.partner),
        (marks.skipped_case, marks.skipped_activity, marks.skipped_after),
        labels,
    )
    theirs = np.array([label in applicants for label in marks.labels], bool)
    loops.surround(found, members, steps.offsets, marks.stray, own, theirs)
    subjects, subject = _subjects(found, members, marks.labels, steps.unit.vocabulary.labels)
    order = np.lexsort((subject, found[:, LAST], found[:, FIRST], found[:, CASE]))
    found = found[order]
    cause = found[:, loops.CAUSE].astype(np.int8)
    return Episodes(
        case=found[:, CASE].astype(np.int32),
        subject=subject[order],
        before=found[:, loops.BEFORE].copy(),
        first=found[:, FIRST].copy(),
        last=found[:, LAST].copy(),
        after=found[:, loops.AFTER].copy(),
        cause=cause if applicants else np.full(len(found), NOBODY_KNOWS, np.int8),
        subjects=subjects,
    )


def _subjects(
    found: Int64s, members: Int32s, labels: tuple[str, ...], units: tuple[str, ...]
) -> tuple[list[Subject], Int32s]:
    """What the detours are about, by kind and in alphabetical order, and the place of each."""
    codes, _ = kernels.distinct(loops.fingerprints(found, members))
    _, some = np.unique(codes, return_index=True)
    told = list[Subject]()
    for row in some.tolist():
        begins = int(found[row - 1, ENDS]) if row else 0
        names = members[begins : found[row, ENDS]].tolist()
        both = [units[code] for code in found[row, [UNIT, OTHER_UNIT]].tolist() if code >= 0]
        told.append(
            Subject(
                kind=KINDS[found[row, KIND]],
                activities=tuple(labels[name] for name in names),
                units=tuple(both) or None,
            )
        )
    told = _one_way_round(told, np.bincount(codes).tolist())
    subjects = sorted(
        set(told), key=lambda one: (KINDS.index(one.kind), one.activities, one.units or ())
    )
    place = {one: code for code, one in enumerate(subjects)}
    return subjects, np.array([place[one] for one in told], np.int32)[codes]


def _one_way_round(told: list[Subject], times: list[int]) -> list[Subject]:
    """The same with pairs that files go between told one way round: the way that is commoner."""
    ways = Counter[tuple[str, ...]]()
    for one, many in zip(told, times, strict=True):
        if one.kind == _PING_PONG and len(one.activities) == _PAIR:
            ways[one.activities] += many

    def turned(one: Subject) -> Subject:
        if one.kind != _PING_PONG or len(one.activities) != _PAIR:
            return one
        back = one.activities[::-1]
        there = min((one.activities, back), key=lambda way: (-ways[way], way))
        return replace(one, activities=there)

    return [turned(one) for one in told]
