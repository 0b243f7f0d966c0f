"""Take small numbers out of a map so that they cannot be worked out from what stays.

What goes into an activity comes out of it, so a single hidden number could be worked out from its
neighbours. A set of hidden numbers is safe when none of them is the only link (a *bridge*) between
two parts of the network of hidden numbers; each bridge is therefore closed into a ring by taking
in the smallest further numbers, as in cell suppression for tables (Gusfield, A graph theoretic
approach to statistical data security, 1988). Numbers that are large enough stay readable: the
hidden cases are counted along the ring as if they had gone that way, and the number is marked as
approximate. So all published numbers agree with each other, and say nothing about the hidden ones.
"""

from dataclasses import dataclass, replace

from reports.graph import Activity, Edge, Place, ProcessMap, Terminal, keep_edges
from reports.paths import bridges, cheapest
from reports.totals import total_tells

_Cell = tuple[str, str]
"""A number on the network: an edge, or the passage through an activity from `in` to `out`."""


@dataclass(frozen=True, kw_only=True)
class ProtectedMap:
    """A map fit to be passed on, and how many activities and edges it does not show.

    `events_about` is true when the exact sum of all executions would tell a hidden number.
    """

    graph: ProcessMap
    hidden_activities: int
    hidden_edges: int
    events_about: bool


def protect(graph: ProcessMap, *, smallest_cell: int) -> ProtectedMap:
    """Hide what fewer than `smallest_cell` cases did, with what is needed to keep it hidden.

    Durations go with their edge. `cases` and `rework` become None where the difference to the
    number of executions would tell a small number. Numbers marked `about` are off by less than
    the hidden cases beside them.
    """
    values: dict[_Cell, int] = {}
    small: set[_Cell] = set()
    for activity in graph.activities:
        values[_margin(activity)] = activity.events
        if activity.cases is None or activity.cases < smallest_cell:
            small.add(_margin(activity))
    for edge in graph.edges:
        values[_link(edge)] = edge.frequency
        if edge.cases is None or edge.cases < smallest_cell:
            small.add(_link(edge))
    touched = _close_rings(values, small)
    # An approximate number that is itself nearly small is not worth showing.
    gone = {cell for cell in touched if cell in small or values[cell] < 2 * smallest_cell}
    activities = {
        a.name: _shown_activity(a, values, touched, smallest_cell)
        for a in graph.activities
        if _margin(a) not in gone
    }
    edges = [
        _shown_edge(e, values, touched, smallest_cell)
        for e in graph.edges
        if _link(e) not in gone and all(isinstance(p, Terminal) or p in activities for p in e.key)
    ]
    shown = ProcessMap(activities=tuple(activities.values()), edges=tuple(edges))
    shown = keep_edges(shown, {edge.key for edge in edges})
    told = {_margin(a) for a in shown.activities if not a.about}
    told |= {_link(e) for e in shown.edges if not e.about}
    unknown = [cell for cell in values if cell not in told]
    passages = {_margin(activity) for activity in graph.activities}
    return ProtectedMap(
        graph=shown,
        hidden_activities=len(graph.activities) - len(shown.activities),
        hidden_edges=len(graph.edges) - len(shown.edges),
        events_about=total_tells(
            unknown,
            counted=[index for index, cell in enumerate(unknown) if cell in passages],
            small=[index for index, cell in enumerate(unknown) if cell in small],
        ),
    )


def _margin(activity: Activity) -> _Cell:
    return (f"in {activity.name}", f"out {activity.name}")


def _link(edge: Edge) -> _Cell:
    return (_knot("out", edge.source), _knot("in", edge.target))


def _knot(side: str, place: Place) -> str:
    return f"{side} {place}" if isinstance(place, str) else place.value


def _close_rings(values: dict[_Cell, int], small: set[_Cell]) -> set[_Cell]:
    """All cells that must not be told exactly; moves the small flows in `values` to their rings."""
    order = {cell: index for index, cell in enumerate(values)}
    around: dict[str, list[tuple[str, _Cell, int]]] = {}
    for cell in values:
        around.setdefault(cell[0], []).append((cell[1], cell, 1))
        around.setdefault(cell[1], []).append((cell[0], cell, -1))
    hidden = set(small)
    hopeless: set[_Cell] = set()
    while True:
        cells = sorted(hidden - hopeless, key=order.__getitem__)
        open_cells = [cells[index] for index in bridges(cells)]
        if not open_cells:
            return hidden
        closed: set[_Cell] = set()
        for bridge in open_cells:
            if bridge in closed:
                continue  # it lies on the ring of another
            ring = _ring(bridge, around, values, hidden)
            if not ring:
                hopeless.add(bridge)  # all cases pass it, and their number is told anyway
            moved, values[bridge] = values[bridge], 0
            for cell, sign in ring:
                values[cell] += sign * moved
            closed.update(cell for cell, _ in ring)
            hidden |= closed


def _ring(
    bridge: _Cell,
    around: dict[str, list[tuple[str, _Cell, int]]],
    values: dict[_Cell, int],
    hidden: set[_Cell],
) -> list[tuple[_Cell, int]]:
    """The way round a bridge over hidden and then over the smallest cells, with its direction."""

    def cost(cell: _Cell) -> int:
        return 1 if cell in hidden else 1000 * max(values[cell], 1)

    def steps(knot: str) -> list[tuple[str, int]]:
        return [(near, cost(cell)) for near, cell, _ in around[knot] if cell != bridge]

    reached = cheapest(bridge[0], steps, goal=bridge[1])
    ring: list[tuple[_Cell, int]] = []
    knot = bridge[1]
    while knot in reached and (before := reached[knot].before) is not None:
        ways = [(cell, sign) for near, cell, sign in around[before] if near == knot]
        ring.append(min((way for way in ways if way[0] != bridge), key=lambda way: cost(way[0])))
        knot = before
    return ring


def _shown_activity(
    activity: Activity, values: dict[_Cell, int], touched: set[_Cell], smallest_cell: int
) -> Activity:
    cell = _margin(activity)
    if cell in touched:
        return replace(activity, events=values[cell], cases=None, rework=None, about=True)
    if activity.rework is not None and 0 < activity.rework < smallest_cell:
        return replace(activity, cases=None, rework=None)
    return activity


def _shown_edge(
    edge: Edge, values: dict[_Cell, int], touched: set[_Cell], smallest_cell: int
) -> Edge:
    cell = _link(edge)
    if cell in touched:
        return replace(edge, frequency=values[cell], cases=None, about=True)
    if edge.cases is not None and 0 < edge.frequency - edge.cases < smallest_cell:
        return replace(edge, cases=None)
    return edge
