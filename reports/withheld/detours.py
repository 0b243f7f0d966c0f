"""What may be passed on of detours: no few cases that took one, and no few that did not.

Counts are rounded to the smallest cell, and every share and interval is computed anew from the
rounded counts, for a share to three digits would tell them exactly. Case-days are those of the
rounded number of cases. A detour that all but a few took is told as if all had (decision 11).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from miners.shares import wilson
from reports.contents.detours import Among, Detour, Detours, Months, Usual
from reports.contents.terms import Limits
from reports.withheld.figures import rounded
from reports.withheld.reform import withhold_idle_step, withhold_without
from reports.withheld.totals import nearest, pinned, tellable, withheld

# A point of a curve is made of this many smallest cells of applications.
_CELLS_PER_POINT = 4
_FEWEST_POINTS, _MOST_POINTS = 3, 24
# What share could be compared is told by the highest of these that it reaches.
_STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_FEW_STEPS = (0.0, 0.3, 0.6, 0.9)


def withhold_detours(found: Detours, *, least: int) -> Detours:
    """Detours of at least `least` cases, with numbers from which no fewer follow.

    The parts about paths and steps on the map are left out: `reports.withheld.strays` tells them.
    """
    told = [_detour(one, least) for one in found.detours if one.cases >= least]
    hidden = [one for one in found.detours if one.cases < least]
    few = found.detoured is not None and 0 < found.detoured < least
    detoured = None if few else _detoured(found.detoured, found.cases, told, len(hidden), least)
    idle = [one for one in found.idle_steps if one.cases >= least]
    gone = withheld([one.cases for one in found.usual], least)
    return replace(
        found,
        cases=nearest(found.cases, least),
        detoured=detoured,
        days=_total_days(found, detoured, hidden) if found.days and detoured else None,
        coverage=_at_least(found.coverage, sum(one.times for one in found.detours), least),
        conforming=None if detoured is None else _share_of(found.conforming, found.cases, least),
        detours=tuple(
            sorted(
                told, key=lambda one: -float("inf") if one.case_days is None else one.case_days,
                reverse=True,
            )
        ),
        edges=(),
        activities=(),
        idle_steps=tuple(withhold_idle_step(one, least) for one in idle),
        usual=tuple(
            _usual(one, least) for place, one in enumerate(found.usual) if place not in gone
        ),
        # Who took any detour is counted there too.
        without=withhold_without(found.without, least) if found.without and detoured else None,
        few=few,
        hidden=len(hidden),
    )  # fmt: skip


def _detoured(
    detoured: int | None, cases: int, told: Sequence[Detour], hidden: int, least: int
) -> int | None:
    """About how many took a detour; None where that would fix how many took a hidden one.

    A case may take several detours, so those that took any are at most the sum over all detours.
    """
    if detoured is None:
        return None
    number = nearest(_as_all(detoured, cases, least), least)
    return None if pinned(number, (one.cases for one in told), hidden, least) else number


def _detour(one: Detour, least: int) -> Detour:
    cases = nearest(_as_all(one.cases, one.eligible, least), least)
    eligible = max(nearest(one.eligible, least), cases)
    # Those of the times that could be priced, by how many cases there are to a time.
    priced = round(one.coverage * one.times)
    dear = priced * one.cases >= least * one.times
    case_days = one.case_days if dear else None
    return replace(
        one,
        cases=cases,
        eligible=eligible,
        share=share_with_limits(cases, eligible),
        times=max(nearest(one.times, least), cases),
        days=rounded(one.days, 1) if dear and one.days is not None else None,
        case_days=None if case_days is None else float(round(case_days * cases / one.cases)),
        coverage=_at_least(one.coverage, one.times, least),
        months=_stretches(one.months, least),
        trend=rounded(one.trend, 3)
        if one.trend is not None and _halves_tellable(one.months, least)
        else None,
        among=_among(one, least),
        without=withhold_without(one.without, least) if dear and one.without else None,
    )


def _at_least(share: float, of: int, least: int) -> float:
    """The highest step that the share of so many reaches: of few, the steps lie far apart.

    >>> _at_least(0.944, 18, 5), _at_least(0.944, 500, 5), _at_least(0.3684, 19, 5)
    (0.9, 0.9, 0.3)
    """
    steps = _STEPS if of >= len(_STEPS) * least else _FEW_STEPS
    return max(step for step in steps if step <= share)


def share_with_limits(cases: int, eligible: int) -> Limits:
    """The share of counts that may be told, with Wilson's 95 % limits of the same counts.

    >>> share_with_limits(500, 1000)
    Limits(value=0.5, low=0.469, high=0.531)
    """
    low, high = wilson(np.array([cases], np.int64), np.array([eligible], np.int64))
    return Limits(
        value=round(cases / eligible, 3) if eligible else 0.0,
        low=round(float(low[0]), 3),
        high=round(float(high[0]), 3),
    )


def _as_all(part: int, whole: int, least: int) -> int:
    """The part, or the whole where all but a few belong to it."""
    return whole if 0 < whole - part < least else part


def _share_of(share: float | None, cases: int, least: int) -> float | None:
    """A share of so many cases, from rounded counts; None where few are in it or out of it."""
    if share is None or not tellable(round(share * cases), cases, least):
        return None
    return round(nearest(round(share * cases), least) / max(nearest(cases, least), 1), 3)


def _total_days(found: Detours, detoured: int, hidden: Sequence[Detour]) -> Limits | None:
    """All case-days, in steps in which those of a single hidden detour drown.

    What detours cost adds up to the total, so a finer one would tell what a hidden one costs.
    """
    assert found.days is not None
    scale = detoured / (found.detoured or detoured)
    largest = max((abs(one.case_days) for one in hidden if one.case_days is not None), default=0.0)
    step = _round_step(2 * largest)
    if abs(found.days.value) < step:
        return None
    limits = (found.days.low, found.days.high)
    low, high = (None if one is None else _stepped(scale * one, step) for one in limits)
    return Limits(value=_stepped(scale * found.days.value, step), low=low, high=high)


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is no smaller.

    >>> _round_step(0.0), _round_step(3.0), _round_step(130.0)
    (1.0, 5.0, 200.0)
    """
    step = 1.0
    while step < least:
        for part in (2.0, 5.0, 10.0):
            if step * part >= least:
                return step * part
        step *= 10.0
    return step


def _stepped(value: float, step: float) -> float:
    return float(round(value / step) * step)


def _stretches(months: Sequence[Months], least: int) -> tuple[Months, ...]:
    """Months joined until of each stretch neither few took the detour nor few did not."""
    size = max(-(-len(months) // _MOST_POINTS), 1)
    enough = _CELLS_PER_POINT * least if least > 1 else 1
    joined: list[Months] = []
    pending: list[Months] = []
    for month in months:
        pending.append(month)
        whole = _join(pending)
        if len(pending) >= size and whole.eligible >= enough and _fine(whole, least):
            joined.append(whole)
            pending = []
    while pending and joined:
        whole = _join([joined.pop(), *pending])
        pending = [] if _fine(whole, least) else [whole]
        joined += [] if pending else [whole]
    if len(joined) < _FEWEST_POINTS:
        return ()
    return tuple(
        replace(one, cases=min(cases, eligible), eligible=eligible)
        for one in joined
        for cases, eligible in [(nearest(one.cases, least), nearest(one.eligible, least))]
    )


def _join(months: Sequence[Months]) -> Months:
    return Months(
        first=months[0].first,
        last=months[-1].last,
        cases=sum(month.cases for month in months),
        eligible=sum(month.eligible for month in months),
    )


def _fine(one: Months, least: int) -> bool:
    return tellable(one.cases, one.eligible, least)


def _halves_tellable(months: Sequence[Months], least: int) -> bool:
    """Whether of neither half of the time few took the detour, or few did not.

    A trend compares halves of the applications, which need not end with a month: of all that can
    be meant, none may be of few.
    """
    if not months:
        return False
    whole = _join(months)
    behind = list(accumulate(month.eligible for month in months))
    middle = next(place for place, count in enumerate(behind) if 2 * count >= whole.eligible)
    return all(
        _fine(_join(half), least)
        for cut in {middle, middle + 1}
        for half in (months[:cut], months[cut:])
        if half
    )


def _among(one: Detour, least: int) -> tuple[Among, ...]:
    """The values of which it may be told beside all others of their attribute."""
    whole = _join(one.months) if one.months else None
    cases, eligible = (whole.cases, whole.eligible) if whole else (one.cases, one.eligible)
    told = []
    for attribute in dict.fromkeys(each.attribute for each in one.among):
        own = [each for each in one.among if each.attribute == attribute]
        gone: frozenset[int] = frozenset()
        for parts, total in (
            ([each.cases for each in own], cases),
            ([each.eligible - each.cases for each in own], eligible - cases),
        ):
            # All other values together are a part too.
            gone |= withheld([*parts, max(total - sum(parts), 0)], least)
        told += [each for place, each in enumerate(own) if place not in gone]
    return tuple(
        _one_among(each, eligible - each.eligible, least)
        for each in sorted(told, key=lambda each: -each.difference.value)
        if tellable(
            round(each.elsewhere * (eligible - each.eligible)), eligible - each.eligible, least
        )
    )


def _one_among(one: Among, others: int, least: int) -> Among:
    eligible = nearest(one.eligible, least)
    elsewhere = nearest(round(one.elsewhere * others), least)
    return replace(
        one,
        cases=min(nearest(one.cases, least), eligible),
        eligible=eligible,
        elsewhere=min(round(elsewhere / max(nearest(others, least), 1), 3), 1.0),
        difference=rounded(one.difference, 3),
    )


def _usual(one: Usual, least: int) -> Usual:
    return replace(one, cases=nearest(one.cases, least))
