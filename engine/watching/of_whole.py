"""What a mining run hands to alert rules: all cases, in the shapes in which a watch keeps its own.

What both must count alike is here: work that is done again, the unit that open work waits at, and
the sums over all that was ever seen.
"""

from collections.abc import Mapping

import numba
import numpy as np

from engine.looks import Whole, compared
from engine.watching.watched import Cases, Ever, OpenWork, Watched, Work
from eventlog.coded import Coded, Vocabulary
from eventlog.definition import Definition
from eventlog.identity import hash_strings
from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from miners.open_items import ONLY_NEXT, OpenItems
from miners.work_items import Items

Pair = tuple[str, str | None]
"""An activity, and a unit or None."""


def of_whole(whole: Whole, definition: Definition) -> Watched:
    """All cases of a mining run as alert rules are read from them, at its `now`."""
    ever = Ever(
        **_work_ever(whole.items),
        cases={
            name: cases_by_value(whole.attributes[name])
            for name in told_by(definition)
            if name in whole.attributes
        },
    )
    return Watched(
        now=whole.now,
        heard=_heard(whole),
        cases=Cases(
            key=hash_strings(whole.case_ids),
            began=whole.starts,
            last=whole.ends,
            closed=whole.closed,
            is_open=whole.is_open,
            over=whole.over,
            due=whole.due,
            ended=None if whole.standing is None else whole.standing.ended,
            suspended=whole.suspended,
            attributes={
                name: whole.attributes[name]
                for name in kept_attributes(definition)
                if name in whole.attributes
            },
        ),
        ids=lambda places: whole.case_ids.take(places).to_pylist(),
        open=None if whole.still is None else open_work(whole.still, ever.items),
        work=None if whole.items is None else work(whole.items),
        ever=ever,
        standing=lambda: whole.standing,
        calendars=whole.calendars,
        applicants=whole.applicants,
    )


def told_by(definition: Definition) -> tuple[str, ...]:
    """The case attributes by whose values alert rules are told apart."""
    named = [rule.by for rule in definition.alerts if rule.by is not None]
    known = set(definition.case_attributes)
    return tuple(dict.fromkeys(name for name in named if name in known))


def kept_attributes(definition: Definition) -> tuple[str, ...]:
    """The case attributes that alert rules need: those, and whatever makes cases comparable."""
    named = [*told_by(definition), *compared(definition)]
    if definition.equity is not None:
        named += definition.equity.service_class
    if definition.applicant_id is not None:
        named.append(definition.applicant_id)
    known = set(definition.case_attributes)
    return tuple(dict.fromkeys(name for name in named if name in known))


def work(items: Items) -> Work:
    """Work items of complete cases as rules are read from them, in the same order."""
    return Work(
        case=items.case,
        activity=items.activity,
        resource=items.resource,
        unit=items.unit,
        enabled=items.enabled,
        started=items.started,
        completed=items.completed,
        again=again(items.case, items.activity, items.completed),
    )


def open_work(still: OpenItems, ever: Mapping[Pair, int]) -> OpenWork:
    """What open cases wait for, with the units that such work is mostly done by.

    `ever` is how many work items there were, by (activity, unit or None).
    """
    return OpenWork(
        case=still.case,
        activity=still.activity,
        unit=units_of_open(still.activity, still.unit, still.rule, ever),
        enabled=still.enabled,
        started=still.started,
        rule=still.rule,
    )


def again(case: Int32s, activity: Coded, completed: Int64s) -> Bools:
    """Which items follow a completed one of the same activity in their case; all [items].

    The items of a case must lie together, and be all it has. Of two that were completed at the
    same moment the one that stands first counts as first; what is not completed yet follows all
    that is.

    >>> import pyarrow as pa
    >>> twice = Coded.of(pa.array(["check", "check", "check"]))
    >>> again(np.zeros(3, np.int32), twice, np.array([5, 9, UNKNOWN])).tolist()
    [False, True, True]
    """
    out = np.zeros(len(case), np.bool_)
    _mark_again(case, activity.codes, completed, len(activity.vocabulary), out)
    return out


@numba.njit(cache=True, nogil=True)
def _mark_again(case: Int32s, activity: Int32s, completed: Int64s, labels: int, out: Bools) -> None:
    """As `again`; `first` is the row of the first completed item of each activity in a case."""
    seen, first = np.full(labels, -1, np.int64), np.full(labels, -1, np.int64)
    begin = 0
    while begin < case.size:
        end = begin
        while end < case.size and case[end] == case[begin]:
            label = activity[end]
            if seen[label] != begin:
                seen[label], first[label] = begin, -1
            if completed[end] != UNKNOWN and (
                first[label] < 0 or completed[end] < completed[first[label]]
            ):
                first[label] = end
            end += 1
        for row in range(begin, end):
            leads = first[activity[row]]
            out[row] = leads >= 0 and leads != row
        begin = end


def units_of_open(activity: Coded, unit: Coded, rule: Int8s, ever: Mapping[Pair, int]) -> Coded:
    """The unit at which each piece of open work waits; columns are [open].

    Work known as the only next step goes to the unit that does most of its activity, as
    `miners.placed` decides: of equals the first by name, and to none only where none is named.
    `ever` counts all work items by (activity, unit or None).
    """
    usual: dict[str, tuple[int, str]] = {}
    for (name, where), count in sorted(ever.items(), key=lambda entry: entry[0][1] or ""):
        if where is not None and count > usual.get(name, (0, ""))[0]:
            usual[name] = (count, where)
    labels = list(unit.vocabulary.labels)
    place = {label: code for code, label in enumerate(labels)}
    codes = np.full(len(activity.vocabulary) + 1, -1, np.int32)
    for code, name in enumerate(activity.vocabulary.labels):
        if name in usual:
            where = usual[name][1]
            codes[code] = place.setdefault(where, len(place))
    return Coded(
        codes=np.where(rule == ONLY_NEXT, codes[activity.codes], unit.codes).astype(np.int32),
        vocabulary=Vocabulary(labels=tuple(place)),
    )


def count_pairs(activity: Coded, unit: Coded, rows: Bools | None = None) -> dict[Pair, int]:
    """How many of the rows (None: of all) have each activity and unit; columns are [items]."""
    units = len(unit.vocabulary) + 1
    key = activity.codes.astype(np.int64) * units + unit.codes + 1
    counts = np.bincount(
        key if rows is None else key[rows], minlength=len(activity.vocabulary) * units
    )
    names = (None, *unit.vocabulary.labels)
    return {
        (activity.vocabulary.labels[place // units], names[place % units]): int(counts[place])
        for place in np.flatnonzero(counts).tolist()
    }


def cases_by_value(values: Coded) -> dict[str, int]:
    """How many cases have each value, as the source writes it; `values` [cases]."""
    labels = values.vocabulary.labels
    counts = np.bincount(values.codes[values.codes >= 0], minlength=len(labels)).tolist()
    return {label: count for label, count in zip(labels, counts, strict=True) if count}


def _work_ever(items: Items | None) -> dict[str, dict[Pair, int]]:
    if items is None:
        return {"items": {}, "waited": {}, "known": {}}
    named = items.waited & (items.resource.codes >= 0)
    return {
        "items": count_pairs(items.activity, items.unit),
        "waited": count_pairs(items.activity, items.unit, items.waited),
        "known": count_pairs(items.activity, items.unit, named),
    }


def _heard(whole: Whole) -> int:
    """The latest first or last event of a case that lies not in the future."""
    moments = np.concatenate([whole.starts, whole.ends])
    return int(moments[moments <= whole.now].max(initial=UNKNOWN))
