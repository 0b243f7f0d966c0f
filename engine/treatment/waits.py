"""What is asked about waiting at each step: files that joined a queue at about the same time."""

from collections.abc import Iterator

import numpy as np

from engine.happened import happened
from engine.treatment.asking import Asked, Asking
from engine.treatment.coverage import enough
from engine.treatment.gap import WAITING, Question
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.equity.rows import Grouping, Strata
from miners.quality import midnights
from miners.work_items import Items

_FEW_ITEMS = 30
_MIDNIGHT = 0.5
# How many working days of arrivals at a queue are held for comparable: the fewest that leave
# enough of them with somebody to compare with.
_WINDOWS = (2, 5, 10, 20)


def waiting(asking: Asking) -> Iterator[Asked]:
    """Waiting at each office step, in working days where there is a calendar."""
    whole = asking.whole
    assert whole.items is not None
    items = happened(whole.items, whole.now)
    known = items.enabled != UNKNOWN
    if dates_only(items, known, asking.definition.timezone):
        why = "most steps are dated without a time; who waited longer cannot be told"
        asking.off.append(("equal waiting at single steps", why))
        return
    picked = items.started if bool(items.served.any()) else items.completed
    if picked is items.completed:
        why = "no step has a start event; waiting and work are told as one"
        asking.off.append(("waiting apart from work, in comparisons", why))
    known &= picked != UNKNOWN
    labels = items.activity.vocabulary.labels
    for code in np.argsort(labels).tolist():
        if labels[code] in whole.applicants:
            continue
        rows = np.flatnonzero(known & (items.activity.codes == code))
        if len(rows) < 2 * _FEW_ITEMS:
            continue
        yield _at_step(asking, labels[code], items, rows, with_work=not bool(items.served.any()))


def _at_step(
    asking: Asking, activity: str, items: Items, rows: Int64s, *, with_work: bool
) -> Asked:
    case = items.case[rows].astype(np.int64)
    picked = (items.completed if with_work else items.started)[rows]
    enabled, calendars = items.enabled[rows], asking.whole.calendars
    if calendars is None:
        waited = (picked - enabled) // 1000
    else:
        waited = calendars.between(enabled, picked, items.unit.take(rows))
    score = waited / asking.time.day
    question = Question(
        measure=WAITING,
        activity=activity,
        with_work=with_work,
        unit=asking.time.unit,
        score=score,
        rows=case,
        entered=enabled,
        material=asking.material.days,
        least=_FEW_ITEMS,
        **asking.but_refused(score, case),
    )
    queue = items.unit.codes[rows].astype(np.int64)

    def comparable(grouping: Grouping) -> Strata:
        return _queued(asking, grouping, case, queue, enabled)

    return Asked(question=question, comparable=comparable)


def _queued(
    asking: Asking, grouping: Grouping, case: Int64s, queue: Int64s, enabled: Int64s
) -> Strata:
    """Those that joined the same queue within a few days, alike in what is legitimate."""
    frame = asking.frame
    alike = {**frame.legitimate, **(frame.service_class or {})}
    codes = [code[case] for name, code in alike.items() if name != grouping.attribute]
    cluster = None if frame.cluster is None else frame.cluster[case]
    place = grouping.place[case]
    begun = np.full(len(enabled), asking.whole.began)
    day = asking.time.between(begun, enabled) // asking.time.day
    return enough((Strata.of([queue, *codes, day // days], cluster) for days in _WINDOWS), place)


def dates_only(items: Items, known: Bools, timezone: str) -> bool:
    """Whether most of the `known` items [items] came up at midnight: dates without a time."""
    moments = items.enabled[known]
    return bool(len(moments)) and float(midnights(moments, timezone).mean()) > _MIDNIGHT
