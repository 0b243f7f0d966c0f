"""Which paths and steps of the map leave the way, as far as that may be passed on.

Numbers are rounded to the smallest cell; where few cases strayed, only that is told. What strays at
a step strays on the paths to it and from it, so a step has no number where that number would
tell how many the few on a path are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from reports.maps.graph import Edge, Place, ProcessMap, Terminal
from reports.maps.strays import StrayingActivity, StrayingEdge, Strays
from reports.withheld.totals import nearest, pinned, tellable

_Key = tuple[Place, Place]


def with_strays(
    shown: ProcessMap,
    *,
    exact: ProcessMap,
    edges: Sequence[StrayingEdge],
    activities: Sequence[StrayingActivity],
    cases: int,
    least: int,
) -> ProcessMap:
    """The map that may be passed on, with what strays on it.

    `shown` is the map after `protect`, `exact` before; `edges` and `activities` are exact and of
    `cases` cases. Paths from the start and to the end, and whatever is not among `edges` or
    `activities`, get nothing.
    """
    carriers = {edge.key: edge.cases or edge.frequency for edge in exact.edges}
    off: dict[_Key, StrayingEdge] = {(one.source, one.target): one for one in edges}
    ends = {
        edge.key: edge.frequency
        for edge in exact.edges
        if Terminal.START is edge.source or Terminal.END is edge.target
    }
    times = {activity.name: activity.events for activity in shown.activities}
    steps = {
        one.activity: _told_step(one, times[one.activity], edges, ends, least)
        for one in activities
        if one.activity in times
    }
    left_out = {
        one.activity: nearest(one.skipped, least)
        for one in activities
        if tellable(one.skipped, cases, least)
    }
    return replace(
        shown,
        edges=tuple(_edge(edge, off, carriers, least) for edge in shown.edges),
        activities=tuple(
            replace(a, strays=replace(steps[a.name], left_out=left_out.get(a.name, 0)))
            if a.name in steps
            else a
            for a in shown.activities
        ),
    )


def _told_step(
    one: StrayingActivity,
    times: int,
    edges: Sequence[StrayingEdge],
    ends: Mapping[_Key, int],
    least: int,
) -> Strays:
    """What may be told of a step beside all paths to it, and beside all paths from it.

    `ends` is how often cases begin and end where.
    """
    told = _strays(one.straying, one.cases, times, one.events, least, least)
    name = one.activity
    for beside, other in (
        ([edge for edge in edges if edge.target == name], ends.get((Terminal.START, name), 0)),
        ([edge for edge in edges if edge.source == name], ends.get((name, Terminal.END), 0)),
    ):
        few = [edge for edge in beside if 0 < edge.cases < least]
        many = [nearest(edge.straying, least) for edge in beside if edge.cases >= least]
        # A case may also begin or end with the step, and no path tells whether that strayed.
        if told.count and pinned(told.count, [*many, other], len(few), least):
            return Strays(count=None)
    return told


def _edge(
    edge: Edge, off: Mapping[_Key, StrayingEdge], carriers: Mapping[_Key, int], least: int
) -> Edge:
    one = off.get(edge.key)
    if one is None:
        return edge
    # Passages are not cases: as many passages as the fewest cases have on average.
    fewest = max(least, ceil(least * one.frequency / max(carriers.get(edge.key, 1), 1)))
    strays = _strays(one.straying, one.cases, edge.frequency, one.frequency, fewest, least)
    return replace(edge, strays=strays)


def _strays(
    straying: int, cases: int, told: int, frequency: int, fewest: int, least: int
) -> Strays:
    """What may be told of a number of which `straying` of `frequency` stray, in `cases` cases.

    `told` is the number on the map, which may be rounded.
    """
    if 0 < cases < least:
        return Strays(count=None, few=True)
    if straying and frequency - straying < fewest:
        return Strays(count=told)  # as if all had strayed
    return Strays(count=min(nearest(straying, least), told))
