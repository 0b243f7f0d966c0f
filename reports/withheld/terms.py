"""What may be passed on of terms and promises: no few who are late, no few who are in time.

A group is told when neither its size nor its late ones follow from what is told of the others of
its attribute and of all; counts are rounded to the smallest cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from reports.contents.terms import Kept, Limits, Promise, Promises, Spread, Terms
from reports.withheld.totals import nearest, tellable, withheld

Group = tuple[str | None, str | None]
"""An attribute and its value."""


def withhold_terms(terms: Terms, *, activity_cases: Mapping[str, int], least: int) -> Terms:
    """Terms and promises without small groups; `activity_cases` is in how many cases a step was."""
    groups = told_groups(terms, least)
    late = groups - _untold_late(terms, least)
    kept = tuple(one for one in terms.groups if (one.attribute, one.group) in late)
    steps = tuple(
        _kept(one, _least_executions(one, activity_cases[one.standard], least), least)
        for one in terms.steps
        if activity_cases.get(one.standard, 0) >= least and one.cases
    )
    promises = tuple(
        _promises(one, least)
        for one in terms.promises
        if one.cases >= least and (one.attribute is None or (one.attribute, one.group) in groups)
    )
    overall = terms.overall
    return Terms(
        overall=_kept(overall, least, least) if overall and overall.cases >= least else None,
        groups=tuple(_kept(one, least, least) for one in kept if one.cases),
        steps=steps,
        promises=promises,
        spreads=tuple(
            _spread(one, least)
            for one in terms.spreads
            if one.attribute is None and one.cases >= least
        ),
        hidden_groups=len(terms.groups) - len(kept),
        hidden_steps=len(terms.steps) - len(steps),
    )


def told_groups(terms: Terms, least: int) -> frozenset[Group]:
    """The groups whose size may be told beside that of all, with a term and without one."""
    begun = [(one.attribute, one.group, one.cases) for one in terms.promises]
    termed = [(one.attribute, one.group, one.cases) for one in terms.groups]
    everybody = next((count for name, _, count in begun if name is None), None)
    gone = _gone(begun, everybody, least)
    gone |= _gone(termed, terms.overall.cases if terms.overall else None, least)
    return frozenset((name, group) for name, group, _ in [*begun, *termed] if name) - gone


def _untold_late(terms: Terms, least: int) -> frozenset[Group]:
    """The groups of which it may not be told how many are late, or how many are not."""
    late = [(one.attribute, one.group, one.over or 0) for one in terms.groups]
    rest = [(one.attribute, one.group, one.judged - (one.over or 0)) for one in terms.groups]
    overall = terms.overall
    if overall is None:
        return _gone(late, None, least) | _gone(rest, None, least)
    over = overall.over or 0
    return _gone(late, over, least) | _gone(rest, overall.judged - over, least)


def _gone(
    counts: Sequence[tuple[str | None, str | None, int]], whole: int | None, least: int
) -> frozenset[Group]:
    """The groups whose count may not be told, attribute by attribute; `whole` is all, if known."""
    gone: set[Group] = set()
    for attribute in {name for name, _, _ in counts if name is not None}:
        own = [(group, count) for name, group, count in counts if name == attribute]
        sizes = [count for _, count in own]
        # Those without a value are a part too, which nobody names.
        rest = max((whole or 0) - sum(sizes), 0)
        gone |= {
            (attribute, own[place][0])
            for place in withheld([*sizes, rest], least)
            if place < len(own)
        }
    return frozenset(gone)


def _least_executions(one: Kept, cases: int, least: int) -> int:
    """As many executions of a step as `least` cases have on average."""
    return max(least, ceil(least * one.cases / cases))


def _kept(one: Kept, fewest: int, least: int) -> Kept:
    """One standard; nothing is said of fewer than `fewest` late ones or ones in time."""
    over = one.over or 0
    few_late, few_kept = 0 < over < fewest, 0 < one.judged - over < fewest
    few = few_late or few_kept
    still = one.still_open or 0
    return replace(
        one,
        cases=nearest(one.cases, least),
        judged=nearest(one.judged, least),
        over=None if few else nearest(over, least),
        still_open=nearest(still, least) if not few and tellable(still, over, fewest) else None,
        share=None if few else _rounded(one.share),
        days_over=None if few or one.days_over is None else round(one.days_over, 1),
        few_late=few_late,
        few_kept=few_kept,
    )


def _promises(one: Promises, least: int) -> Promises:
    return replace(
        one,
        cases=nearest(one.cases, least),
        decided=nearest(one.decided, least),
        promises=tuple(_promise(each, least) for each in one.promises),
    )


def _promise(one: Promise, least: int) -> Promise:
    """One promise; how it held is told where neither few were kept nor few broken."""
    told = one.kept is not None and kept_tells(one.kept.value, one.tested, least)
    return replace(
        one, kept=_rounded(one.kept) if told else None, tested=nearest(one.tested, least)
    )


def kept_tells(share: float, tested: int, least: int) -> bool:
    """Whether a share of so many cases leaves neither few in it nor few out of it.

    >>> kept_tells(0.8, 100, 5), kept_tells(0.98, 100, 5)
    (True, False)
    """
    return tellable(round(share * tested), tested, least)


def _spread(one: Spread, least: int) -> Spread:
    return replace(
        one,
        cases=nearest(one.cases, least),
        ratio=_rounded(one.ratio),
        usual=None if one.usual is None else round(one.usual, 2),
        unlucky=None if one.unlucky is None else round(one.unlucky, 2),
    )


def _rounded(limits: Limits | None) -> Limits | None:
    """To three decimals: more would tell how many there are."""
    if limits is None:
        return None
    low, high = limits.low, limits.high
    return Limits(
        value=round(limits.value, 3),
        low=None if low is None else round(low, 3),
        high=None if high is None else round(high, 3),
    )
