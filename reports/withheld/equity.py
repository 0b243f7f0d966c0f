"""What may be passed on of unequal treatment: no few applications, no officer, nobody for certain.

Of which groups it may be told is asked in `reports.withheld.gaps`. What happens at a step of one or
two officers is what these do (decision 11), and stays inside.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from reports.contents.equity import (
    Carried,
    Equity,
    FeeSpeed,
    Gap,
    Group,
    Half,
    Lag,
    NotTested,
    Robustness,
)
from reports.contents.terms import Limits
from reports.maps.graph import ProcessMap
from reports.withheld.figures import figure, figures, rounded, stepped
from reports.withheld.gaps import Key, Member, gone_of, inside, known, told_members
from reports.withheld.reasons import told_reason
from reports.withheld.totals import nearest

Few = Callable[[str], bool]
"""Whether so few officers serve an activity that what is said of it tells of persons."""

# Halves of the time are told of groups of so many smallest cells, and edges that carry a part.
_CELLS_PER_HALF = 4
_CELLS_PER_EDGE = 4
_LEAST_PART = 0.05
_UNTOLD_WHY = {"small": "small", "unsure": "unsure", "coverage": "coverage",
               "not direct": "not direct", "mirror": "mirror", "open": "open",
               "refused": "refused"}  # fmt: skip
_FEW = "few"


def withhold_equity(
    found: Equity, *, graph: ProcessMap, few: Few, least: int, hidden: frozenset[str] = frozenset()
) -> Equity:
    """The comparisons that may be passed on; `graph` is the map that may be.

    `hidden` are names of steps and units that are not told.
    """
    attributes = tuple(one for one in found.attributes if one.basis or not one.sensitive)
    members = told_members(attributes, found.cases, least)
    gone = gone_of(found.gaps, least)
    gaps = [_fit(one, members, gone, few, least) for one in found.gaps]
    kept = {one.key: exact for one, exact in zip(gaps, found.gaps, strict=True) if one}
    crossed = gone_of(found.intersections, least) | {
        one.key for one in found.intersections if not inside(one, list(kept.values()), least)
    }
    pairs = [_fit(one, members, crossed, few, least) for one in found.intersections]
    groups = {one.attribute: one.groups for one in attributes}
    listed = [one for one in (*gaps, *pairs) if one]
    lost = len(gaps) + len(pairs) - len(listed)
    every = {(one.attribute, group.group) for one in found.attributes for group in one.groups}
    hidden_names = frozenset(group for _, group in every - members)
    return replace(
        found,
        cases=nearest(found.cases, least),
        cohort=nearest(found.cohort, least),
        attributes=tuple(
            replace(
                one,
                groups=tuple(
                    Group(group=each.group, cases=nearest(each.cases, least))
                    for each in groups[one.attribute]
                    if (one.attribute, each.group) in members
                ),
            )
            for one in attributes
        ),
        gaps=tuple(_told(one, graph, found.cases, least) for one in gaps if one),
        intersections=tuple(_told(one, graph, found.cases, least) for one in pairs if one),
        ways=tuple(way for way in found.ways if way.attribute in groups),
        fee_speed=_fee_speed(found.fee_speed, least),
        not_tested=tuple(_reasons(found.not_tested, hidden_names | hidden, least)),
        hidden=lost + len(hidden_names),
    )


def _fee_speed(one: FeeSpeed | None, least: int) -> FeeSpeed | None:
    if one is None or one.rows < least:
        return None
    return replace(one, rho=rounded(one.rho, 2), rows=nearest(one.rows, least))


def _fit(one: Gap, members: frozenset[Member], gone: set[Key], few: Few, least: int) -> Gap | None:
    """The gap as it is, as one that could not be told, or None: that it was asked is not told."""
    if not known(one, members) or min(one.cases, one.others) < least:
        return None
    if one.told and (one.key in gone or (one.activity is not None and few(one.activity))):
        return None
    if one.told:
        return one
    why = _FEW if one.key in gone else _UNTOLD_WHY.get(one.why_not or "", _FEW)
    return replace(one, why_not=why, smallest_seen=None if why == _FEW else one.smallest_seen)


def _told(one: Gap, graph: ProcessMap, cases: int, least: int) -> Gap:
    """The gap in numbers that may be passed on; of one that is not told, none but how many."""
    seen = one.smallest_seen
    counted = replace(
        one,
        cases=nearest(one.cases, least),
        others=nearest(one.others, least),
        coverage=stepped(one.coverage, one.cases, least),
        smallest_seen=None if seen is None else figure(seen, one.unit),
    )
    if not one.told:
        return replace(
            counted,
            raw=None,
            entry=None,
            process=None,
            direct=None,
            mean_others=None,
            severity=None,
            strength=None,
            parts=(),
            edges=(),
            halves=(),
            robustness=None,
        )
    there = one.mean_others
    halves = min(one.cases, one.others) >= _CELLS_PER_HALF * least
    return replace(
        counted,
        entry=_figures(one.entry, one.unit),
        raw=_figures(one.raw, one.unit),
        process=_figures(one.process, one.unit),
        direct=_figures(one.direct, one.unit),
        mean_others=None if there is None else figure(there, one.unit),
        parts=tuple(replace(part, gap=figures(part.gap, one.unit)) for part in one.parts),
        edges=_carried(one, graph, cases, least),
        halves=tuple(_half(half, one.unit) for half in one.halves) if halves else (),
        robustness=_robustness(one.robustness, one.unit),
    )


def _figures(told: Limits | None, unit: str) -> Limits | None:
    return None if told is None else figures(told, unit)


def _robustness(one: Robustness | None, unit: str) -> Robustness | None:
    if one is None:
        return None
    left = None if one.left is None else figure(one.left, unit)
    return replace(one, value=round(one.value, 2), left=left)


def _half(half: Half, unit: str) -> Half:
    """A half of the time: from month to month, for a day may be that of a single application."""
    return Half(
        first=half.first[:7],
        last=half.last[:7],
        value=None if half.value is None else figure(half.value, unit),
        p_value=None if half.p_value is None else round(half.p_value, 3),
    )


def _carried(one: Gap, graph: ProcessMap, cases: int, least: int) -> tuple[Carried, ...]:
    """The paths that carry a part worth telling; what lies elsewhere is never of one path alone.

    A path is told where the map has it and where, if all groups took it alike, enough of the
    group and of the others would have.
    """
    assert one.entry is not None
    passed: dict[tuple[object, object], int] = {
        edge.key: edge.cases or edge.frequency for edge in graph.edges
    }
    enough = _CELLS_PER_EDGE * least * max(cases, 1) / max(min(one.cases, one.others), 1)
    shown = [
        edge
        for edge in one.edges
        if passed.get((edge.source, edge.target), 0) >= enough
        and abs(edge.gap.value) >= _LEAST_PART * abs(one.entry.value)
    ]
    shown.sort(key=lambda edge: -abs(edge.gap.value))
    if len(one.edges) - len(shown) == 1:
        shown = shown[:-1]
    return tuple(replace(edge, gap=figures(edge.gap, one.unit)) for edge in shown)


def _reasons(
    not_tested: Iterable[NotTested], hidden: frozenset[str], least: int
) -> Iterable[NotTested]:
    for one in not_tested:
        told = told_reason(one.what, one.why, least=least, hidden=hidden)
        yield NotTested(what=told[0], why=told[1])


def largest_gap(found: Equity) -> Gap | None:
    """The largest gap in time that is told and of which it is known between which steps it lies."""
    told = [one for one in found.gaps if one.told and one.measure == "time" and one.edges]
    return max(told, key=_size, default=None)


def _size(one: Gap) -> float:
    return abs(one.entry.value) if one.entry else 0.0


def with_gap(graph: ProcessMap, gap: Gap | None) -> ProcessMap:
    """The map with what its edges carry of a gap, in days."""
    if gap is None:
        return graph
    whole = gap.entry.value if gap.entry else 0.0
    lags: dict[tuple[object, object], Lag] = {
        (edge.source, edge.target): Lag(
            days=edge.gap, part=edge.gap.value / whole if whole else 0.0
        )
        for edge in gap.edges
    }
    return replace(
        graph, edges=tuple(replace(edge, gap=lags.get(edge.key)) for edge in graph.edges)
    )
