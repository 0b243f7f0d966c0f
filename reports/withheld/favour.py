"""What may be passed on of who is picked sooner: groups of enough files, queues of enough officers.

Who takes later files first at a step of one or two officers is one of these, so nothing is told of
such a queue (decision 11). Officers and others are not even read (`reports.contents.favour`).
"""

from dataclasses import replace
from itertools import groupby

from reports.contents.equity import Equity
from reports.contents.favour import Favouritism, Picked
from reports.withheld.equity import Few
from reports.withheld.figures import figure, figures, stepped
from reports.withheld.gaps import Member, told_members
from reports.withheld.totals import nearest, withheld

_POSITIONS = "positions"


def withhold_favouritism(
    found: Favouritism, *, equity: Equity | None, few: Few, least: int
) -> Favouritism:
    """The groups of which it may be told; `equity` is exact and says which groups are too small."""
    told: list[Picked] = []
    small = _small(equity, least)
    for (activity, attribute), rows in groupby(
        sorted(found.groups, key=lambda one: one.key), key=lambda one: one.key[:2]
    ):
        own = list(rows)
        if few(activity):
            continue
        sizes = [one.items for one in own]
        rest = max(own[0].items + own[0].others - sum(sizes), 0)
        gone = withheld([*sizes, rest], least)
        told += [
            one
            for place, one in enumerate(own)
            if place not in gone and (attribute, one.group) not in small
        ]
    keys = {one.key for one in told}
    listed = [one for one in found.groups if one.key in keys]
    return replace(
        found,
        picks=nearest(found.picks, least),
        groups=tuple(_told(one, least) for one in listed),
        hidden=len(found.groups) - len(listed),
    )


def _small(equity: Equity | None, least: int) -> frozenset[Member]:
    """The groups that equity.json knows and that may not be told."""
    if equity is None:
        return frozenset()
    every = {(one.attribute, group.group) for one in equity.attributes for group in one.groups}
    allowed = [one for one in equity.attributes if one.basis or not one.sensitive]
    return frozenset(every - told_members(allowed, equity.cases, least))


def _told(one: Picked, least: int) -> Picked:
    seen = None if one.smallest_seen is None else figure(one.smallest_seen, _POSITIONS)
    shown = one.told and one.positions is not None
    return replace(
        one,
        items=nearest(one.items, least),
        others=nearest(one.others, least),
        positions=figures(one.positions, _POSITIONS) if shown and one.positions else None,
        overtakes=round(one.overtakes, 1) if shown and one.overtakes is not None else None,
        overtaken=round(one.overtaken, 1) if shown and one.overtaken is not None else None,
        coverage=stepped(one.coverage, one.items, least),
        smallest_seen=seen,
        strength=one.strength if shown else None,
        severity=one.severity if shown else None,
    )
