"""Of which groups a gap may be told so that nobody can work out what happened to a few.

A share of a group and its size are how many it happened to. So of each question, what is told of
groups may leave no few to whom it happened or did not happen: in a group, in those that are not
told, and in what is left of a group where two attributes meet. Where it happened to everybody or
to nobody in a group, each member is told of, so that is not told either.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from reports.contents.equity import Compared, Gap
from reports.withheld.totals import tellable, withheld

Member = tuple[str, str]
"""An attribute and its value."""
Key = tuple[str, str, str, str | None, str | None]
"""What tells a gap from every other (`Gap.key`)."""


def told_members(attributes: Iterable[Compared], cases: int, least: int) -> frozenset[Member]:
    """The groups whose size may be told beside that of all applications."""
    told: set[Member] = set()
    for one in attributes:
        sizes = [group.cases for group in one.groups]
        # Those without a value are a part too, which nobody names.
        gone = withheld([*sizes, max(cases - sum(sizes), 0)], least)
        told |= {
            (one.attribute, group.group)
            for place, group in enumerate(one.groups)
            if place not in gone
        }
    return frozenset(told)


def known(one: Gap, members: frozenset[Member]) -> bool:
    """Whether the group, or both of a pair, may be told of.

    A name may hold the sign that joins a pair, so every way of taking it apart is tried.
    """
    if (one.attribute, one.group) in members:
        return True
    return any(
        (a, x) in members and (b, y) in members
        for a, b in _halves_of(one.attribute)
        for x, y in _halves_of(one.group)
    )


def _halves_of(joined: str) -> list[tuple[str, str]]:
    """The ways to take a pair apart.

    >>> _halves_of("a+b"), _halves_of("a")
    ([('a', 'b')], [])
    """
    parts = joined.split("+")
    return [("+".join(parts[:at]), "+".join(parts[at:])) for at in range(1, len(parts))]


def _question(one: Gap) -> tuple[str, str, str, str]:
    return (one.attribute, one.measure, one.activity or "", one.feature or "")


def gone_of(gaps: Sequence[Gap], least: int) -> set[Key]:
    """The gaps of which nothing may be told, question by question."""
    gone: set[Key] = set()
    for _, found in groupby(sorted(gaps, key=_question), key=_question):
        rows = list(found)
        whole = rows[0].cases + rows[0].others
        sizes = [one.cases for one in rows]
        gone |= _few_of(rows, sizes, max(whole - sum(sizes), 0), least)
        shares = [one for one in rows if one.unit == "share"]
        # Without both shares nobody can say how many it happened to.
        counted = [one for one in shares if _happened(one) is not None]
        gone |= {one.key for one in shares if _happened(one) is None}
        gone |= {one.key for one in counted if not _neither_all_nor_none(one, least)}
        told = [one for one in counted if one.told and one.key not in gone]
        while told:
            new = _left_over(told, least)
            if not new:
                break
            gone |= new
            told = [one for one in told if one.key not in new]
    return gone


def _few_of(rows: Sequence[Gap], counts: Sequence[int], rest: int, least: int) -> set[Key]:
    """The rows whose counts would tell a few, in them or in the `rest` that they leave."""
    places = withheld([*counts, rest], least)
    return {rows[place].key for place in places if place < len(rows)}


def _happened(one: Gap) -> tuple[int, int] | None:
    """To how many of the group it happened, and to how many of the others; None: not known."""
    if one.raw is None or one.mean_others is None:
        return None
    there = one.mean_others
    return round((there + one.raw.value) * one.cases), round(there * one.others)


def _neither_all_nor_none(one: Gap, least: int) -> bool:
    """Whether enough of the group and of the others did, and enough of both did not."""
    counts = _happened(one)
    assert counts is not None
    return all(
        least <= part <= whole - least
        for part, whole in zip(counts, (one.cases, one.others), strict=True)
    )


def _left_over(told: Sequence[Gap], least: int) -> set[Key]:
    """The told rows that must go, since what they leave of all would be a few, or be nobody."""
    first = told[0]
    whole, every = first.cases + first.others, sum(_happened(first) or (0, 0))
    counts = [found[0] for one in told if (found := _happened(one)) is not None]
    misses = [one.cases - count for one, count in zip(told, counts, strict=True)]
    others = max(whole - sum(one.cases for one in told), 0)
    rest = max(every - sum(counts), 0)
    missed = max(others - rest, 0)
    # That it happened to nobody, or to everybody, of those that are left says it of each of them.
    few = 1 if others else 0
    return _few_of(told, counts, max(rest, few), least) | _few_of(
        told, misses, max(missed, few), least
    )


def inside(one: Gap, margins: Sequence[Gap], least: int) -> bool:
    """Whether the pair leaves no few of either of its groups, for which the same was asked."""
    pairs = {
        (attribute, group)
        for attributes in _halves_of(one.attribute)
        for groups in _halves_of(one.group)
        for attribute, group in zip(attributes, groups, strict=True)
    }
    mine = _happened(one)
    for margin in margins:
        same = _question(margin)[1:] == _question(one)[1:]
        if not same or (margin.attribute, margin.group) not in pairs:
            continue
        if not tellable(one.cases, margin.cases, least):
            return False
        theirs = _happened(margin)
        if margin.unit == "share" and mine is not None and theirs is not None:
            missed, of = one.cases - mine[0], margin.cases - theirs[0]
            if not tellable(mine[0], theirs[0], least) or not tellable(missed, of, least):
                return False
    return True
