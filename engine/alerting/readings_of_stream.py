"""Reads off the stream of events what alert rules ask: whether it goes on, and arrives."""

from collections.abc import Iterator

import numpy as np

from engine.alerting.life import Reading, Subject
from engine.alerting.readings_apart import Asked, apart
from eventlog.coded import Coded, Vocabulary
from eventlog.kernels import Int64s

_HOUR_US = 3_600_000_000
_HOUR_MS = 3_600_000


def silence(asked: Asked) -> Iterator[Reading]:
    """Hours since anything was heard: of all, of an activity's completions, of a group's cases.

    In working hours where there is a calendar: that of the unit which was heard last, else the
    office's. Where nothing was heard within the window, as long as that, or as there are cases.
    """
    if asked.rule.activity is not None or asked.rule.by == "unit":
        yield from _of_work(asked)
    elif asked.rule.by is not None:
        yield from _of_cases(asked)
    else:
        heard = np.array([asked.watched.heard], np.int64)
        yield _silent(asked, asked.subject, heard, _nobody(1))


def rejects(asked: Asked) -> Iterator[Reading]:
    """Events that were set aside lately."""
    feed = asked.watched.feed
    assert feed is not None  # else the rule is off
    value = int(asked.lately(feed.rejects).sum())
    yield Reading(subject=asked.subject, value=value, unit="files")


def lag(asked: Asked) -> Iterator[Reading]:
    """Events on the topic that are not in the lake yet."""
    feed = asked.watched.feed
    assert feed is not None  # else the rule is off
    assert feed.lag is not None
    yield Reading(subject=asked.subject, value=feed.lag, unit="events")


def _of_work(asked: Asked) -> Iterator[Reading]:
    work = asked.watched.work
    assert work is not None  # else the rule is off
    units = asked.units_ever()
    recent = asked.recent(work.activity, work.completed)
    for subject, rows in apart(asked, recent, work.case, unit=work.unit, units=units):
        if len(rows):
            moments = work.completed[rows]
            last = rows[moments == moments.max()]
            yield _silent(asked, subject, work.completed[last], work.unit.take(last))
        else:
            own = sorted(name for name in units if name.lower() == subject.group)
            unit = _one(own[0]) if own and asked.rule.by == "unit" else _nobody(1)
            yield _silent(asked, subject, _for_long(asked), unit)


def _of_cases(asked: Asked) -> Iterator[Reading]:
    cases = asked.watched.cases
    recent = np.flatnonzero(asked.lately(cases.last))
    for subject, rows in apart(asked, recent, np.arange(len(cases))):
        heard = cases.last[rows].max(keepdims=True) if len(rows) else _for_long(asked)
        yield _silent(asked, subject, heard, _nobody(1))


def _for_long(asked: Asked) -> Int64s:
    """Since when nothing was heard, at the latest, where the window has nothing; [1].

    The beginning of the window, or of the first case that is open or had an event in it: a watch
    knows no others.
    """
    watched, cases = asked.watched, asked.watched.cases
    since = watched.now - asked.window
    known = cases.last > since
    if cases.is_open is not None:
        known |= cases.is_open
    if known.any():
        since = min(max(since, int(cases.began[known].min())), watched.now)
    if watched.calendars is not None:
        since = max(since, watched.calendars.office.begins)
    return np.array([since], np.int64)


def _silent(asked: Asked, subject: Subject, heard: Int64s, unit: Coded) -> Reading:
    """The least time since any of the moments, each counted as its unit works; both [moments]."""
    watched = asked.watched
    now = np.full(len(heard), watched.now, np.int64)
    if watched.calendars is None:
        hours, told_in = (now - heard).min() / _HOUR_US, "hours"
    else:
        worked = watched.calendars.between(heard, now, unit)
        hours, told_in = worked.min() / _HOUR_MS, "working hours"
    return Reading(subject=subject, value=max(float(hours), 0.0), unit=told_in)


def _nobody(rows: int) -> Coded:
    return Coded(codes=np.full(rows, -1, np.int32), vocabulary=Vocabulary(labels=()))


def _one(label: str) -> Coded:
    return Coded(codes=np.zeros(1, np.int32), vocabulary=Vocabulary(labels=(label,)))
