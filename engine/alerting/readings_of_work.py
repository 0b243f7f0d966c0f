"""Reads off work what alert rules ask: what waits, how long, how fast it goes, what is redone."""

from collections.abc import Iterator

import numpy as np

from engine.alerting.life import Reading, Subject
from engine.alerting.readings_apart import Asked, apart, days, labelled, named, passed
from engine.watching.watched import OpenWork, Work
from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.open_items import RULES, WAITING_AFTER

_FEWEST_WAITS = 10
_FEWEST_DONE = 20
# How long files wait at a unit of fewer officers, or what it does again, tells of one of them.
_FEWEST_OFFICERS = 3


def queue_length(asked: Asked) -> Iterator[Reading]:
    """Files that wait."""
    work = _open(asked)
    for subject, rows in _waiting(asked, work):
        yield Reading(
            subject=subject,
            value=len(rows),
            unit="files",
            cases=named(asked, subject, work.case[rows], work.enabled[rows]),
            rule=_rules(work, rows),
            since=passed(work.enabled[rows], asked.rule),
        )


def oldest_item(asked: Asked) -> Iterator[Reading]:
    """The days that the file has waited which has waited longest."""
    watched, work = asked.watched, _open(asked)
    for subject, rows in _waiting(asked, work):
        now = np.full(len(rows), watched.now)
        age, unit = days(watched, work.enabled[rows], now, work.unit.take(rows))
        yield Reading(
            subject=subject,
            value=float(age.max(initial=0.0)),
            unit=unit,
            cases=named(asked, subject, work.case[rows], work.enabled[rows]),
            rule=_rules(work, rows),
        )


def waiting_p90(asked: Asked) -> Iterator[Reading]:
    """The days that one in ten of the files taken up lately had waited, or more."""
    watched, work = asked.watched, _work(asked)
    recent = asked.recent(work.activity, work.started)
    recent = recent[work.enabled[recent] != UNKNOWN]
    for subject, rows in _done(asked, work, recent):
        if len(rows) < max(_FEWEST_WAITS, asked.smallest) or _few_officers(asked, work, rows):
            continue
        waited, unit = days(watched, work.enabled[rows], work.started[rows], work.unit.take(rows))
        rank = int(np.ceil(0.9 * len(waited))) - 1
        yield Reading(subject=subject, value=float(np.partition(waited, rank)[rank]), unit=unit)


def rework_share(asked: Asked) -> Iterator[Reading]:
    """Of the work completed lately, the share that the case had had done before."""
    work = _work(asked)
    recent = asked.recent(work.activity, work.completed)
    for subject, rows in _done(asked, work, recent):
        if len(rows) < max(_FEWEST_DONE, asked.smallest) or _few_officers(asked, work, rows):
            continue
        value = int(work.again[rows].sum()) / len(rows)
        yield Reading(subject=subject, value=value, unit="share")


def arrivals_less_completions(asked: Asked) -> Iterator[Reading]:
    """Files that came to the activity lately less those done there; below 0 where it catches up.

    Work of which no event tells when it came came when it was first heard of. What was dropped
    because its case was closed neither came nor was done.
    """
    open_, work = _open(asked), _work(asked)
    rows = np.flatnonzero(asked.asked_of(work.activity) & (work.completed != UNKNOWN))
    came = asked.lately(_heard_of(work.enabled[rows], work.started[rows], work.completed[rows]))
    change = np.zeros(len(work), np.int8)
    change[rows] = came.astype(np.int8) - asked.lately(work.completed[rows]).astype(np.int8)
    moved = rows[change[rows] != 0]
    there = asked.asked_of(open_.activity) & (open_.rule != WAITING_AFTER)
    still = np.flatnonzero(there & asked.lately(_heard_of(open_.enabled, open_.started)))
    units = asked.units_ever() | _labels(open_.unit, there)
    done = apart(asked, moved, work.case, unit=work.unit, units=units)
    left = apart(asked, still, open_.case, unit=open_.unit, units=units)
    for (subject, own), (_, waiting) in zip(done, left, strict=True):
        value = int(change[own].sum(dtype=np.int64)) + len(waiting)
        yield Reading(subject=subject, value=value, unit="files")


def waits(asked: Asked, work: OpenWork) -> Bools:
    """Which open work waits, [open]: not in hand, known what for, and for the office.

    What waits for the applicant is no queue of the office, unless the rule asks for that activity.
    """
    waiting: Bools = (work.started == UNKNOWN) & (work.rule != WAITING_AFTER)
    theirs = asked.watched.applicants if asked.rule.activity is None else ()
    waiting &= asked.asked_of(work.activity) & ~labelled(work.activity, theirs)
    return waiting


def _waiting(asked: Asked, work: OpenWork) -> Iterator[tuple[Subject, Int64s]]:
    """Places among the open work of what waits, for each subject of the rule.

    Units are those that have any open work.
    """
    rows = np.flatnonzero(waits(asked, work))
    units = _labels(work.unit, np.ones(len(work), bool))
    return apart(asked, rows, work.case, unit=work.unit, units=units)


def _done(asked: Asked, work: Work, rows: Int64s) -> Iterator[tuple[Subject, Int64s]]:
    """Those of the rows that each subject did."""
    return apart(asked, rows, work.case, unit=work.unit, units=asked.units_ever())


def _few_officers(asked: Asked, work: Work, rows: Int64s) -> bool:
    """Whether so few did this work at one unit that they would be told of."""
    if asked.rule.by != "unit":
        return False
    files = np.bincount(work.resource.codes[rows] + 1)
    return int(np.count_nonzero(files[1:])) < _FEWEST_OFFICERS


def _labels(column: Coded, rows: Bools) -> set[str]:
    """The labels that any of the rows has."""
    counts = np.bincount(column.codes[rows] + 1, minlength=1)[1:]
    return {column.vocabulary.labels[code] for code in np.flatnonzero(counts).tolist()}


def _heard_of(*moments: Int64s) -> Int64s:
    """The first of the moments of each row that is known; each [rows]."""
    first = moments[0]
    for later in moments[1:]:
        first = np.where(first != UNKNOWN, first, later)
    return first


def _open(asked: Asked) -> OpenWork:
    assert asked.watched.open is not None  # else the rule is off
    return asked.watched.open


def _work(asked: Asked) -> Work:
    assert asked.watched.work is not None  # else the rule is off
    return asked.watched.work


def _rules(work: OpenWork, rows: Int64s) -> str | None:
    """By which rules the open work was placed, the most frequent first."""
    counts = np.bincount(work.rule[rows], minlength=len(RULES))
    order = np.argsort(-counts, kind="stable")
    return ", ".join(RULES[rule] for rule in order.tolist() if counts[rule]) or None
