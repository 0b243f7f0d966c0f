"""Take small numbers out of a map so that they cannot be worked out from what stays.

What goes into an activity comes out of it, so a single hidden number could be worked out from its
neighbours. A set of hidden numbers is safe when none of them is the only link (a *bridge*) between
two parts of the network of hidden numbers; each bridge is therefore closed into a ring by taking
in the smallest further numbers, as in cell suppression for tables (Gusfield, A graph theoretic
approach to statistical data security, 1988). Numbers that are large enough stay readable: the
hidden cases are counted along the ring as if they had gone that way, and the number is marked as
approximate. So all published numbers agree with each other, and say nothing about the hidden ones.
What nearly all cases did tells how few did not: such a number is told as if all had done it.
"""

from dataclasses import dataclass, replace

from reports.maps.graph import Activity, Edge, Place, ProcessMap, Terminal, keep_edges
from reports.maps.paths import bridges, cheapest
from reports.withheld.totals import tellable, total_tells

_Cell = tuple[str, str]
"""A number on the network: an edge, or the passage through an activity from `in` to `out`."""
_Around = dict[str, list[tuple[str, _Cell, int]]]


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
    number of executions, or to the number of all cases, would tell a small number. Numbers
    marked `about` are off by less than the hidden cases beside them.
    """
    total = sum(edge.frequency for edge in graph.edges if edge.source is Terminal.START)
    values: dict[_Cell, int] = {}
    small: set[_Cell] = set()
    nearly_all: list[_Cell] = []
    for cell, count, cases in _counts(graph):
        values[cell] = count
        if cases is None or cases < smallest_cell:
            small.add(cell)
        elif count < total and not tellable(cases, total, smallest_cell):
            nearly_all.append(cell)
    touched = _close_rings(values, small)
    touched |= _fill_up(values, nearly_all, touched, total)
    # An approximate number that is itself nearly small is not worth showing.
    gone = {cell for cell in touched if cell in small or values[cell] < 2 * smallest_cell}
    activities = {
        a.name: _shown_activity(a, values, touched, smallest_cell, total)
        for a in graph.activities
        if _margin(a) not in gone
    }
    known = {a.name: a.cases or 0 for a in graph.activities}
    wholes = {
        e.key: (total, *(known[place] for place in e.key if isinstance(place, str)))
        for e in graph.edges
    }
    edges = [
        _shown_edge(e, values, touched, smallest_cell, wholes)
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
            small=[
                index for index, cell in enumerate(unknown) if cell in small or cell in nearly_all
            ],
        ),
    )


def _counts(graph: ProcessMap) -> list[tuple[_Cell, int, int | None]]:
    """All cells of a map, each with how often it was passed and in how many cases."""
    return [
        *((_margin(a), a.events, a.cases) for a in graph.activities),
        *((_link(e), e.frequency, e.cases) for e in graph.edges),
    ]


def _margin(activity: Activity) -> _Cell:
    return (f"in {activity.name}", f"out {activity.name}")


def _link(edge: Edge) -> _Cell:
    return (_knot("out", edge.source), _knot("in", edge.target))


def _knot(side: str, place: Place) -> str:
    return f"{side} {place}" if isinstance(place, str) else place.value


def _close_rings(values: dict[_Cell, int], small: set[_Cell]) -> set[_Cell]:
    """All cells that must not be told exactly; moves the small flows in `values` to their rings."""
    order = {cell: index for index, cell in enumerate(values)}
    around = _around(values)
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


def _fill_up(
    values: dict[_Cell, int], nearly_all: list[_Cell], hidden: set[_Cell], total: int
) -> set[_Cell]:
    """Count in `values` the few cases that passed a cell by as if they had passed it.

    They are taken from a ring, so that what goes in still comes out. A way round there is
    always, because not all cases pass these cells. Gives the cells that are touched.
    """
    around = _around(values)
    touched: set[_Cell] = set()
    for cell in nearly_all:
        missing = total - values[cell]
        if missing <= 0:
            continue  # a ring of a small number has filled it up already
        ring = _ring(cell, around, values, hidden | touched)
        values[cell] += missing
        for other, sign in ring:
            values[other] -= sign * missing
        touched |= {cell, *(other for other, _ in ring)}
    return touched


def _around(values: dict[_Cell, int]) -> _Around:
    """The cells at each knot: where each leads, the cell, and 1 if it leads away, else -1."""
    around: _Around = {}
    for cell in values:
        around.setdefault(cell[0], []).append((cell[1], cell, 1))
        around.setdefault(cell[1], []).append((cell[0], cell, -1))
    return around


def _ring(
    bridge: _Cell,
    around: _Around,
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
    activity: Activity,
    values: dict[_Cell, int],
    touched: set[_Cell],
    smallest_cell: int,
    total: int,
) -> Activity:
    cell = _margin(activity)
    if cell in touched:
        return replace(activity, events=values[cell], cases=None, rework=None, about=True)
    few_repeats = activity.rework is not None and 0 < activity.rework < smallest_cell
    few_without = activity.cases is not None and not tellable(activity.cases, total, smallest_cell)
    if few_repeats or few_without:
        # Executions less repeats are the cases, so both go.
        return replace(activity, cases=None, rework=None)
    return activity


def _shown_edge(
    edge: Edge,
    values: dict[_Cell, int],
    touched: set[_Cell],
    smallest_cell: int,
    wholes: dict[tuple[Place, Place], tuple[int, ...]],
) -> Edge:
    cell = _link(edge)
    if cell in touched:
        return replace(edge, frequency=values[cell], cases=None, about=True)
    if edge.cases is None:
        return edge
    # Of all cases, of those with its source, of those with its target: few may lack the edge.
    told = all(tellable(edge.cases, whole, smallest_cell) for whole in wholes[edge.key])
    if not told or 0 < edge.frequency - edge.cases < smallest_cell:
        return replace(edge, cases=None)
    return edge
