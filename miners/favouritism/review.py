"""Which files to look at by hand after an officer is told, and what may explain them innocently."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.causes import Spans
from miners.equity.rows import Grouping
from miners.favouritism.officers import Scan, returned
from miners.favouritism.overtakes import Overtakes
from miners.favouritism.picks import Waits
from miners.work_items import Items

MOST = 20
"""So many files are looked at by hand at the most."""
TOGETHER = "taken up together with other files"
AGAIN = "the file had been at this step before"
KNOWN = "the officer had worked on this file before"
SUSPENDED = "most of the older files it passed were waiting for their applicants"
OTHERS = "most of the older files it passed differ in {attribute}"
SAME_APPLICANT = "another file of the same applicant was picked by this officer within a day"
NO_CLASS = "the service class of this file is unknown"
_DAY = 86_400_000_000
_MOST_OF = 0.5


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """One file that was picked: the places of its item and its case, and when it was picked.

    `passed` older files of its line waited still, `passed_by` younger ones were picked before it.
    `notes` may explain it; where there are none, that proves nothing.
    """

    item: int
    case: int
    picked: int
    passed: int
    passed_by: int
    notes: tuple[str, ...]


def review(
    scan: Scan,
    pair: int,
    items: Items,
    waits: Waits,
    overtakes: Overtakes,
    groupings: Sequence[Grouping],
    *,
    service_class: Int64s,
    cluster: Int64s | None,
    divided_by: Sequence[Grouping] = (),
    applicant: Spans | None = None,
) -> tuple[Reviewed, ...]:
    """The files behind place `pair` of a scan: those that passed most first, at most `MOST`.

    Where the officer picks the group late, those that were passed by most. `divided_by` are
    attributes by which work may rightly be shared out, e.g. the district; the rows of all
    groupings are cases. `service_class` and `cluster` (applicants, -1 unknown) are [cases].
    """
    grouping = groupings[scan.attribute[pair]]
    code = items.activity.vocabulary.labels.index(scan.activity)
    own = waits.picked & (waits.officer == scan.officer[pair])
    own &= (waits.line >= 0) & (items.activity.codes == code)
    mine = own & (grouping.place[items.case] == scan.value[pair]) & ~returned(items)
    rows = np.flatnonzero(mine)
    moved = overtakes.passed if scan.paired[pair] > 0 else overtakes.passed_by
    rows = rows[np.lexsort((waits.left[rows], -moved[rows].astype(np.int64)))][:MOST]
    own_rows = np.flatnonzero(own)
    found = []
    for row in rows.tolist():
        case = int(items.case[row])
        beside = own_rows[(waits.left[own_rows] == waits.left[row]) & (own_rows != row)]
        notes = [TOGETHER] if (waits.line[beside] == waits.line[row]).any() else []
        notes += _of_the_case(items, row)
        notes += _of_those_passed(items, waits, row, divided_by, applicant)
        if cluster is not None and cluster[case] >= 0:
            near = own_rows[np.abs(waits.left[own_rows] - waits.left[row]) <= _DAY]
            theirs = cluster[items.case[near]] == cluster[case]
            notes += [SAME_APPLICANT] if (theirs & (items.case[near] != case)).any() else []
        notes += [NO_CLASS] if service_class[case] < 0 else []
        found.append(
            Reviewed(
                item=row,
                case=case,
                picked=int(waits.left[row]),
                passed=int(overtakes.passed[row]),
                passed_by=int(overtakes.passed_by[row]),
                notes=tuple(notes),
            )
        )
    return tuple(found)


def _of_the_case(items: Items, row: int) -> list[str]:
    """What happened to the file before."""
    first, last = np.searchsorted(items.case[: row + 1], [items.case[row], items.case[row] + 1])
    before = np.arange(first, min(last, row))
    before = before[items.completed[before] <= items.started[row]]
    same = items.activity.codes[before] == items.activity.codes[row]
    by_same = items.resource.codes[before] == items.resource.codes[row]
    return [AGAIN] * bool(same.any()) + [KNOWN] * bool((by_same & ~same).any())


def _of_those_passed(
    items: Items,
    waits: Waits,
    row: int,
    divided_by: Sequence[Grouping],
    applicant: Spans | None,
) -> list[str]:
    """What sets apart the older files that waited still when it was picked."""
    older = (waits.line == waits.line[row]) & (waits.joined < waits.joined[row])
    older &= (waits.left > waits.left[row]) | (~waits.picked & (waits.left == waits.left[row]))
    cases = items.case[older]
    if not len(cases):
        return []
    notes = []
    if applicant is not None and _mostly(_suspended(applicant, cases, int(waits.left[row]))):
        notes.append(SUSPENDED)
    notes += [
        OTHERS.format(attribute=grouping.attribute)
        for grouping in divided_by
        if _mostly(grouping.place[cases] != grouping.place[items.case[row]])
    ]
    return notes


def _suspended(applicant: Spans, cases: Int64s, moment: int) -> Bools:
    """Which cases were with their applicants at a moment."""
    owner = np.repeat(np.arange(len(applicant.offsets) - 1), np.diff(applicant.offsets))
    there = (applicant.start <= moment) & (moment < applicant.end)
    return np.isin(cases, owner[there])


def _mostly(marked: Bools) -> bool:
    return bool(marked.mean() > _MOST_OF)
