"""What still lies in a queue: open work that no event tells of yet, put among the work items."""

from dataclasses import replace

import numpy as np

from eventlog.coded import Coded, Vocabulary
from eventlog.kernels import UNKNOWN, Int8s, Int32s
from miners.open_items import ONLY_NEXT, SCHEDULED, STARTED, OpenItems
from miners.work_items import Items


def placed(items: Items, open_items: OpenItems | None) -> tuple[Items, Int8s]:
    """The items, open work without an event behind them, and the rule of each that is open.

    Rules are places in `miners.open_items.RULES`, -1 for what is done or was dropped with its
    case; shape [items]. Work known by the rule of the only next step goes to the unit that does
    most of its activity. Where nobody knows which cases are open (None), all work is open that is
    not completed; who is waiting after a step, and for what nobody knows, is in no queue.
    """
    rule = np.full(len(items), -1, np.int8)
    if open_items is None:
        rule[items.completed == UNKNOWN] = STARTED
        rule[(items.completed == UNKNOWN) & (items.started == UNKNOWN)] = SCHEDULED
        return items, rule
    there = open_items.item >= 0
    rule[open_items.item[there]] = open_items.rule[there]
    more = np.flatnonzero(~there & (open_items.rule == ONLY_NEXT))
    if not len(more):
        return items, rule
    activity = _joined(items.activity, open_items.activity.take(more))
    unit = _usual_units(activity, items.unit, len(items))[activity.codes[len(items) :]]
    nobody = np.full(len(more), -1, np.int32)
    unknown = np.full(len(more), UNKNOWN, np.int64)
    grown = replace(
        items,
        case=np.concatenate([items.case, open_items.case[more]]),
        position=np.concatenate([items.position, nobody]),
        activity=activity,
        resource=replace(items.resource, codes=np.concatenate([items.resource.codes, nobody])),
        unit=replace(items.unit, codes=np.concatenate([items.unit.codes, unit])),
        enabled=np.concatenate([items.enabled, open_items.enabled[more]]),
        started=np.concatenate([items.started, unknown]),
        completed=np.concatenate([items.completed, unknown]),
        scheduled=np.concatenate([items.scheduled, np.zeros(len(more), bool)]),
    )
    return grown, np.concatenate([rule, open_items.rule[more]])


def _joined(one: Coded, other: Coded) -> Coded:
    """Both columns, one after the other, in one vocabulary that begins as the first does."""
    labels = list(one.vocabulary.labels)
    place = {label: code for code, label in enumerate(labels)}
    for label in other.vocabulary.labels:
        if label not in place:
            place[label] = len(labels)
            labels.append(label)
    codes = np.array([*(place[label] for label in other.vocabulary.labels), -1], np.int32)
    return Coded(
        codes=np.concatenate([one.codes, codes[other.codes]]),
        vocabulary=Vocabulary(labels=tuple(labels)),
    )


def _usual_units(activity: Coded, unit: Coded, rows: int) -> Int32s:
    """The unit that most of the first `rows` items of each activity have, -1 for none; [labels].

    Of equals the first in alphabetical order.
    """
    units = len(unit.vocabulary) + 1
    key = activity.codes[:rows].astype(np.int64) * units + unit.codes + 1
    counts = np.bincount(key, minlength=len(activity.vocabulary) * units).reshape(-1, units)
    counts[:, 0] = 0  # a unit that is not named is not a usual one, unless there is no other
    names = unit.vocabulary.labels
    order = np.array([0, *(1 + code for code in sorted(range(len(names)), key=names.__getitem__))])
    return np.asarray(order[counts[:, order].argmax(axis=1)] - 1, np.int32)
