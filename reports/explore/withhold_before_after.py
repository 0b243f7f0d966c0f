"""What may be told of before and after: about how many, and no share that tells of a few."""

from dataclasses import replace

from reports.contents.terms import Limits
from reports.explore.before_after_found import BeforeAfter, Month, Side
from reports.withheld.detours import share_with_limits
from reports.withheld.figures import rounded
from reports.withheld.totals import nearest, tellable

_DAYS, _SHARE = 1, 3


def withhold_before_after(found: BeforeAfter, *, least: int) -> BeforeAfter:
    """Counts to the smallest cell, days to tenths, shares from rounded counts.

    A share of too few is told as none and one of all but so few as all; then no difference is told.
    Where all but a few were chosen, nothing but about how many is: those few would follow from it.
    """
    before, after = (
        None if side is None else _side(side, least) for side in (found.before, found.after)
    )
    told = all(_tellable(side, least) for side in (found.before, found.after))
    digits = _DAYS if found.in_days else _SHARE
    return replace(
        found,
        before=before,
        after=after,
        raw=rounded(found.raw, digits) if told and found.raw else None,
        comparable=rounded(found.comparable, digits) if told and found.comparable else None,
        coverage=round(found.coverage, 1),
        months=tuple(_month(one, least) for one in found.months),
    )


def _side(side: Side, least: int) -> Side:
    if not _enough(side, least):
        return Side(cases=nearest(side.cases, least), open=None, value=None)
    still = side.open or 0
    return replace(
        side,
        cases=nearest(side.cases, least),
        open=nearest(still, least) if tellable(still, side.cases, least) else None,
        value=_value(side.value, side.hits, side.cases, least),
        hits=None,
        of=None,
        median=None if side.median is None else round(side.median, _DAYS),
        p80=None if side.p80 is None else round(side.p80, _DAYS),
    )


def _tellable(side: Side | None, least: int) -> bool:
    if side is None or not _enough(side, least):
        return False
    return side.hits is None or tellable(side.hits, side.cases, least)


def _enough(found: Side | Month, least: int) -> bool:
    """Whether neither those that were chosen nor those that were not are a few."""
    whole = found.cases if found.of is None else found.of
    return found.cases >= least and tellable(found.cases, whole, least)


def _month(one: Month, least: int) -> Month:
    told = replace(one, cases=nearest(one.cases, least), value=None, hits=None, of=None)
    if not _enough(one, least):
        return told
    return replace(told, value=_value(one.value, one.hits, one.cases, least))


def _value(value: Limits | None, hits: int | None, cases: int, least: int) -> Limits | None:
    if value is None or hits is None:
        return None if value is None else rounded(value, _DAYS)
    whole = nearest(cases, least)
    # Few are told as none, and all but a few as all.
    told = 0 if hits < least else cases if cases - hits < least else hits
    return share_with_limits(min(nearest(told, least), whole), whole)
