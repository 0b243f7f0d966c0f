"""What the work on applications shows: how long it waits, what is done twice, what it costs."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from engine.lateness_results import without_applicant
from engine.scorecard.ground import YEAR, Counted, Ground, Untold
from engine.scorecard.of_cases import Builder
from engine.scorecard.rows import Ratio, Rows, Share, Within, rows
from engine.watching.of_whole import again, of_whole
from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from miners.detours.steps import steps_of
from miners.open_items import ONLY_NEXT
from miners.shares import Floats
from miners.standing import DAY

_HOUR_MS = 3_600_000


def done_within(ground: Ground, *, share: float) -> Counted | Untold:
    """Days from when work reaches a unit until it is done, less the applicant's own time.

    What is not done yet counts as lasting longer, also where no event of it has come: else the
    work of the last weeks would be told by what was quick. What was dropped is followed until then.
    """
    items, whole = ground.items, ground.whole
    labels = items.activity.vocabulary.labels
    own = np.array([*(name not in whole.applicants for name in labels), False], bool)
    chosen = own[items.activity.codes] & (items.unit.codes >= 0) & (items.enabled != UNKNOWN)
    places = np.flatnonzero(chosen)
    if not len(places):
        return Untold(why="no units")
    case, enabled = items.case[places], items.enabled[places]
    done = items.completed[places] != UNKNOWN
    dropped = np.where(ground.over[case], whole.ends[case], whole.now)
    end = np.where(done, items.completed[places], dropped)
    unit = items.unit.codes[places]
    waiting_case, since, waiting_unit = _without_event(ground)
    case, enabled = np.concatenate([case, waiting_case]), np.concatenate([enabled, since])
    end = np.maximum(np.concatenate([end, np.full(len(since), whole.now)]), enabled)
    unit = np.concatenate([unit, waiting_unit])
    done = np.concatenate([done, np.zeros(len(since), bool)])
    coded = Coded(codes=unit.astype(np.int32), vocabulary=items.unit.vocabulary)
    elapsed, worked = without_applicant(whole, case, enabled, end, coded)
    calendars = whole.calendars
    day = DAY if calendars is None else calendars.working_day_ms
    return Counted(
        rows=rows(
            enabled,
            case.astype(np.int64),
            (elapsed if worked is None else worked).astype(np.float64),
            done.astype(np.float64),
            unit=unit.astype(np.int64),
        ),
        statistic=Within(share, day),
        measured_in="days" if worked is None else "working days",
        counts="entered",
    )


def _without_event(ground: Ground) -> tuple[Int32s, Int64s, Int32s]:
    """Work that lies with a unit though no event of it has come: case, since when, unit; [open]."""
    whole = ground.whole
    if whole.still is None:
        return np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int32)
    lying = of_whole(whole, ground.definition).open
    assert lying is not None
    theirs = [name in whole.applicants for name in lying.activity.vocabulary.labels]
    own = np.array([*theirs, False], bool)[lying.activity.codes]
    labels = list(ground.items.unit.vocabulary.labels)
    names = lying.unit.vocabulary.labels
    code = np.array([*(labels.index(one) if one in labels else -1 for one in names), -1], np.int32)
    unit = code[lying.unit.codes]
    chosen = (lying.rule == ONLY_NEXT) & ~own & (unit >= 0) & (lying.enabled != UNKNOWN)
    return lying.case[chosen], lying.enabled[chosen], unit[chosen]


def rework(ground: Ground) -> Counted | Untold:
    """Finished work of the office that had been done in the same application before.

    Where codes are made coarser, an activity that follows itself is one piece of work.
    """
    steps = ground.judged.steps
    own = ground.office_work[steps.item]
    if not bool(own.any()):
        return Untold(why="no events")
    repeated = again(steps.case, steps.activity, steps.done)[own].astype(np.float64)
    counted = _of_items(ground, steps.item[own], repeated, np.ones(len(repeated)))
    return Counted(rows=counted, statistic=Share(), measured_in="share")


def waiting(ground: Ground) -> Counted | Untold:
    """Of the time that work took, from when it could be done, the part in which it lay."""
    items = ground.items
    places = np.flatnonzero(ground.office_work & items.waited & items.served)
    if not len(places):
        return Untold(why="no service times")
    lay, in_hand = items.waiting_ms[places], items.service_ms[places]
    counted = _of_items(ground, places, lay.astype(np.float64), (lay + in_hand).astype(np.float64))
    return Counted(rows=counted, statistic=Ratio(), measured_in="share")


def hours(ground: Ground, *, group: "Groups") -> Counted | Untold:
    """Working hours in hand, per application that was closed."""
    found = _hours(ground)
    if found is None:
        return Untold(why="no service times")
    places, worked = found
    return Counted(rows=group(ground, places, worked), statistic=Ratio(), measured_in="hours")


def hours_known(ground: Ground, unit: int | None) -> float:
    """Of what share of the office's (or a unit's) work of the last year the hours are known."""
    items = ground.items
    chosen = ground.office_work if unit is None else ground.office_work & (items.unit.codes == unit)
    places = np.flatnonzero(chosen)
    places = places[ground.month(items.completed[places]) >= -YEAR]
    return float(items.served[places].mean()) if len(places) else 0.0


def cost(ground: Ground, *, group: "Groups") -> Counted | Untold:
    """What the work on an application cost, per application that was closed: hours and amounts."""
    said, items = ground.definition.costs, ground.items
    if said is None:
        return Untold(why="no costs")
    labels = items.activity.vocabulary.labels
    amounts = np.array([*(said.activities.get(name, 0.0) for name in labels), 0.0])
    spent = np.where(items.completed != UNKNOWN, amounts[items.activity.codes], 0.0)
    if said.officer_hour is not None:
        found = _hours(ground)
        if found is None:
            return Untold(why="no service times")
        places, worked = found
        spent[places] += worked * said.officer_hour
    places = np.flatnonzero(items.completed != UNKNOWN)
    return Counted(
        rows=group(ground, places, spent[places]), statistic=Ratio(), measured_in="currency"
    )


def handovers(ground: Ground, *, group: "Groups") -> Counted | Untold:
    """How often the next step was another officer's, per application that was closed.

    Where no officer is named, how often it was another unit's.
    """
    items = ground.items
    who = items.resource.codes if ground.names_officers else items.unit.codes
    if not bool((who[ground.office_work] >= 0).any()):
        return Untold(why="no officers")
    steps = steps_of(items, len(ground.over))
    place = steps.item[(ground.office_work & (who >= 0))[steps.item]]
    case, by, unit = items.case[place], who[place], items.unit.codes[place]
    passed = np.zeros(len(place))
    passed[1:] = (case[1:] == case[:-1]) & (by[1:] != by[:-1])
    if group is by_unit:  # only what stays in the unit: from one of its officers to another
        passed[1:] *= unit[1:] == unit[:-1]
    return Counted(rows=group(ground, place, passed), statistic=Ratio(), measured_in="times")


Groups = Callable[[Ground, Int64s, Floats], Rows]
"""Sums a number of items, (places of items, numbers), over what it is told of."""


def by_case(ground: Ground, places: Int64s, amounts: Floats) -> Rows:
    """A row for each closed case."""
    case = ground.items.case[places]
    sums = np.bincount(case, amounts, minlength=len(ground.over)).astype(np.float64)
    closed = np.flatnonzero(ground.over)
    return rows(ground.over_at[closed], closed, sums[closed], np.ones(len(closed)))


def by_unit(ground: Ground, places: Int64s, amounts: Floats) -> Rows:
    """A row for each closed case and unit that did something for it."""
    items = ground.items
    known = ground.over[items.case[places]] & (items.unit.codes[places] >= 0)
    places, amounts = places[known], amounts[known]
    many = max(len(items.unit.vocabulary), 1)
    pair = items.case[places].astype(np.int64) * many + items.unit.codes[places]
    distinct, at = np.unique(pair, return_inverse=True)
    sums = np.bincount(at, amounts, minlength=len(distinct)).astype(np.float64)
    case = distinct // many
    return rows(ground.over_at[case], case, sums, np.ones(len(case)), unit=distinct % many)


OF_WORK: Mapping[str, Builder] = MappingProxyType(
    {
        "rework_share": rework,
        "waiting_share": waiting,
        "hours_per_permit": partial(hours, group=by_case),
        "cost_per_permit": partial(cost, group=by_case),
        "handovers_per_case": partial(handovers, group=by_case),
    }
)
"""Indicators of the work of the whole office, by name."""
OF_UNITS: Mapping[str, Builder] = MappingProxyType(
    {
        "p50_working_days": partial(done_within, share=0.5),
        "p80_working_days": partial(done_within, share=0.8),
        "p90_working_days": partial(done_within, share=0.9),
        "rework_share": rework,
        "waiting_share": waiting,
        "hours_per_permit": partial(hours, group=by_unit),
        "cost_per_permit": partial(cost, group=by_unit),
        "handovers_per_case": partial(handovers, group=by_unit),
    }
)
"""The same of units: their rows say which."""


def _of_items(ground: Ground, places: Int64s, top: Floats, bottom: Floats) -> Rows:
    items = ground.items
    return rows(
        items.completed[places],
        items.case[places].astype(np.int64),
        top,
        bottom,
        unit=items.unit.codes[places].astype(np.int64),
    )


def _hours(ground: Ground) -> tuple[Int64s, Floats] | None:
    """The finished work of the office with known hours: its places, and the hours each took."""
    items, calendars = ground.items, ground.whole.calendars
    known: Bools = ground.office_work & items.served
    if not bool(known.any()):
        return None
    took = items.service_ms if calendars is None else items.service_working_ms(calendars)
    places = np.flatnonzero(known)
    return places, took[places] / _HOUR_MS
