"""What may be passed on of the office without a detour, and of steps that decided nothing."""

from dataclasses import replace

from reports.contents.reform import Change, IdleStep, Without
from reports.withheld.figures import rounded
from reports.withheld.totals import nearest, tellable


def withhold_without(one: Without, least: int) -> Without | None:
    """Days to one decimal; the share over term only where neither it nor its change is of few."""
    if one.detoured < least:
        return None
    kept = {name: _change(each, 1) for name, each in one.figures.items() if name != "over_term"}
    over = one.figures.get("over_term")
    if over is not None:
        now, then = round(over.now * one.cases), round(over.then * one.cases)
        if all(tellable(part, one.cases, least) for part in (now, then, abs(now - then))):
            kept["over_term"] = _change(over, 3)
    return Without(
        cases=nearest(one.cases, least),
        detoured=min(nearest(one.detoured, least), nearest(one.cases, least)),
        clock=one.clock,
        figures=kept,
    )


def _change(one: Change, digits: int) -> Change:
    return Change(
        now=round(one.now, digits),
        then=round(one.then, digits),
        low=None if one.low is None else round(one.low, digits),
        high=None if one.high is None else round(one.high, digits),
    )


def _part(share: float) -> float:
    """A share to three digits; one that is not the whole does not become it."""
    return share if share == 1 else min(round(share, 3), 0.999)


def withhold_idle_step(one: IdleStep, least: int) -> IdleStep:
    """A step of enough cases; where few went elsewhere after it, how few is not told."""
    cases = nearest(one.cases, least)
    scale = one.cases / cases
    ended = one.unfavourable
    if ended is not None and not tellable(ended, one.cases, least):
        ended = None
    same = one.share_next is None or tellable(
        round(one.share_next * one.cases), one.cases, least
    )  # fmt: skip
    return replace(
        one,
        cases=cases,
        share_next=None if one.share_next is None or not same else _part(one.share_next),
        upper_bound=None
        if one.upper_bound is None or not same
        else min(round(one.upper_bound * scale, 3), 1.0),
        unfavourable=None if ended is None else nearest(ended, least),
        gap=None if ended is None or one.gap is None else rounded(one.gap, 3),
        service=None if one.service is None else float(round(one.service / scale)),
        waiting=None if one.waiting is None else float(round(one.waiting / scale)),
    )
