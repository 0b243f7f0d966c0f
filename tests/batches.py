"""What a mining run makes of a lake, and what it has in common with what a watch keeps of it."""

from datetime import timedelta
from functools import partial

import numpy as np

from engine.abstraction import coarsened, coarser
from engine.alerting.rules import case_window, item_window
from engine.batch import case_ids, instances, read_log
from engine.case_look import look_at
from engine.looks import Looks
from engine.opening import OpeningHours
from engine.watching.of_whole import of_whole
from miners import dfg


def batch(lake, definition):
    """Gives what a mining run makes of the whole lake at a moment."""
    version, coarse = lake.version, None
    log = read_log(lake, None, version=version, attributes=definition.case_attributes)
    if definition.abstract is not None:
        words = log.activity.vocabulary.labels
        counts = np.bincount(log.activity.codes, minlength=len(words)).tolist()
        coarse = coarser(dict(zip(words, counts, strict=True)), definition.abstract)
    mined = coarsened(log, coarse)
    names = partial(instances, lake, version)
    ids = case_ids(lake, log.case_key, None, version=version)
    edges = dfg.summarise(dfg.observe(mined)).edges
    pairs = list(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))

    def watched(now):
        opening = OpeningHours(definition)
        looks = Looks(definition, opening, now=now, coarse=coarse)
        look = look_at(log, mined, definition, opening, now=now, instances=names)
        looks.add(log, mined, look, ids)
        return of_whole(looks.whole(pairs), definition)

    return watched


def canonical(watched, definition, latest):
    """All that it says of what matters at the `latest` moment, whatever the order of its rows."""
    micro = timedelta(microseconds=1)
    cases = watched.cases
    standing = watched.standing()
    matter = cases.last > latest - case_window(definition) // micro
    matter |= False if cases.is_open is None else cases.is_open
    told = [cases.key, watched.ids(np.arange(len(cases))), cases.began, cases.last, cases.closed]
    optional = (cases.is_open, cases.over, cases.due, cases.ended, cases.suspended)
    told += [column for column in optional if column is not None]
    told += [texts(column) for column in cases.attributes.values()]
    if standing is not None:
        columns = ("entered", "seen", "last", "elapsed", "working", "ended", "withdrawn", "term")
        every = [getattr(standing, name) for name in (*columns, "in_working")]
        told += [column for column in every if column is not None]
    said = {
        "now": watched.now,
        "heard": watched.heard if watched.now == latest else None,
        "cases": listed(told, matter),
        "missing": [column is None for column in optional],
        "day": None if standing is None else standing.working_day,
        "ever": watched.ever,
        "applicants": watched.applicants,
    }
    work, open_ = watched.work, watched.open
    if work is not None:
        since = latest - item_window(definition) // micro
        recent = np.maximum.reduce([work.enabled, work.started, work.completed]) > since
        columns = (work.activity, work.resource, work.unit, work.enabled, work.started)
        said["work"] = table(cases, work, (*columns, work.completed, work.again), recent)
    if open_ is not None:
        columns = (open_.activity, open_.unit, open_.enabled, open_.started, open_.rule)
        said["open"] = table(cases, open_, columns, np.ones(len(open_), bool))
    return said


def table(cases, rows, columns, marked):
    told = [cases.key[rows.case], *(texts(c) if hasattr(c, "codes") else c for c in columns)]
    return listed(told, marked)


def listed(columns, marked):
    return sorted(zip(*(list(np.asarray(column)[marked]) for column in columns), strict=True))


def texts(column):
    return np.array([*column.vocabulary.labels, ""], object)[column.codes]
