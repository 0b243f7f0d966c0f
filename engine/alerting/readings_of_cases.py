"""Reads off whole applications what alert rules ask: what is late, what comes in and goes out."""

from collections.abc import Iterator

import numpy as np

from engine.alerting.life import Reading
from engine.alerting.readings_apart import Asked, apart, named, passed
from eventlog.kernels import UNKNOWN, Bools
from miners.lateness import lateness


def overdue_cases(asked: Asked) -> Iterator[Reading]:
    """Open cases whose clock runs and passed their term."""
    cases = asked.watched.cases
    assert cases.over is not None  # else the rule is off
    assert cases.due is not None
    for subject, rows in apart(asked, np.flatnonzero(_running(asked) & cases.over), _all(asked)):
        yield Reading(
            subject=subject,
            value=len(rows),
            unit="files",
            cases=named(asked, subject, rows, cases.due[rows]),
            since=passed(cases.due[rows], asked.rule),
        )


def soon_overdue_cases(asked: Asked) -> Iterator[Reading]:
    """Open cases whose clock runs now and will pass their term within the window, as it looks."""
    watched, cases = asked.watched, asked.watched.cases
    assert cases.over is not None  # else the rule is off
    assert cases.due is not None
    soon = _running(asked) & ~cases.over & (cases.due != UNKNOWN)
    soon &= cases.due <= watched.now + asked.window
    if cases.suspended is not None:
        soon &= ~cases.suspended
    for subject, rows in apart(asked, np.flatnonzero(soon), _all(asked)):
        yield Reading(
            subject=subject,
            value=len(rows),
            unit="files",
            cases=named(asked, subject, rows, cases.due[rows]),
        )


def share_over_term(asked: Asked) -> Iterator[Reading]:
    """Of the cases whose clock began in the window, the share over term, open ones counted."""
    standing = asked.watched.standing()
    assert standing is not None  # else the rule is off
    recent = np.flatnonzero(asked.lately(standing.entered))
    for subject, rows in apart(asked, recent, _all(asked)):
        share = lateness(standing.take(rows)).share
        if share is not None:
            yield Reading(subject=subject, value=share.value, unit="share")


def arrivals_less_completions(asked: Asked) -> Iterator[Reading]:
    """Cases that began lately less those that were closed; below 0 where the office catches up."""
    cases = asked.watched.cases
    began, closed = asked.lately(cases.began), asked.lately(cases.closed)
    change = began.astype(np.int8) - closed.astype(np.int8)
    for subject, rows in apart(asked, np.flatnonzero(change), _all(asked)):
        yield Reading(subject=subject, value=int(change[rows].sum(dtype=np.int64)), unit="files")


def _running(asked: Asked) -> Bools:
    """Which cases are open and their clock not over; [cases]."""
    cases = asked.watched.cases
    running = np.zeros(len(cases), bool) if cases.is_open is None else cases.is_open.copy()
    if cases.ended is not None:
        running &= ~cases.ended
    return running


def _all(asked: Asked) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(len(asked.watched.cases))
