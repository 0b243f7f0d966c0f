"""Draw the plan of a process map: a straight spine downwards, detours beside it.

The engine is `graphlay` (0.x, therefore pinned and called from this one place); where it fails,
Graphviz (`graphviz-pure`, the same program on every platform) draws the map instead.
"""

import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import graphlay

from eventlog.errors import StopError
from reports.maps.graph import Place, ProcessMap, Terminal, spine
from reports.maps.labels import place_labels
from reports.maps.plan import CHIP, Plan, Point, Route, Sizes, measure, settle, with_ports

_SECONDS = 60
_POINTS_PER_INCH = 72.0
_BEZIER_STEPS = 12
_WIDE, _NARROW, _BETWEEN = 30.0, 18.0, 34.0
_SPINE = 10.0
"""How much more the spine weighs than its frequency: enough to come out straight.

Measured on receipt, BPIC15_1, bpic2012 and a hiring log with 25 to 60 paths: no bend in any.
"""


class LayoutError(StopError):
    """A layout engine could not place the map."""


def layout(graph: ProcessMap) -> Plan:
    """Place all activities, edges and labels of the map; an empty map gives an empty plan.

    The same map gives the same plan. Lay out the largest choice once and draw smaller ones on
    the same plan, and nothing moves between them.
    """
    try:
        return layout_graphlay(graph)
    except LayoutError:
        return layout_graphviz(graph)


def layout_roomy(graph: ProcessMap) -> Plan:
    """As `layout`, for maps of many paths: a box is as wide as its paths need side by side.

    Measured on receipt with 59 paths: no bend in the spine instead of 3, 6 crossings instead of 9.
    """
    try:
        return _graphlay(graph, with_ports(measure(graph), graph, gap=_NARROW), _NARROW)
    except LayoutError:
        return layout_graphviz(graph)


def layout_graphlay(graph: ProcessMap) -> Plan:
    """Place the map with graphlay's `process_map` preset; raises `LayoutError` when it fails."""
    return _graphlay(graph, measure(graph), _WIDE)


def _graphlay(graph: ProcessMap, sizes: Sizes, port_gap: float) -> Plan:
    """The map with lines that leave a box at least `port_gap` px apart."""
    request = graphlay.Graph()
    for place, box in sizes.boxes.items():
        request.node(place, width=box.width, height=box.height, label="")
    straight = spine(graph)
    for edge in graph.edges:
        request.edge(
            edge.source,
            edge.target,
            weight=edge.frequency * (_SPINE if edge.key in straight else 1.0),
            thickness=sizes.strokes[edge.key],
            label_size={"width": sizes.labels[edge.key], "height": CHIP},
        )
    try:
        drawn = graphlay.layout(
            request,
            preset="process_map",
            options={"spacing": {"port_gap": port_gap, "dummy_gap": _BETWEEN}},
        )
        places = dict(zip(sizes.boxes, drawn.nodes, strict=True))
        centres = {place: _point(node["center"]) for place, node in places.items()}
        routes = {}
        for edge, line in zip(graph.edges, drawn.edges, strict=True):
            points = [_point(point) for point in line["points"]]
            anchor = line.get("label_anchor")
            routes[edge.key] = Route(
                points=tuple(points),
                label=_point(anchor) if anchor else _middle(points),
                label_width=sizes.labels[edge.key],
            )
        return settle(sizes, centres, routes, place_labels)
    except (ValueError, KeyError, TypeError, StopError) as problem:
        raise LayoutError(f"graphlay could not place the map: {problem}") from problem
    except BaseException as problem:
        # A panic of the Rust engine arrives as an exception that cannot be imported.
        if type(problem).__name__ != "PanicException":
            raise
        raise LayoutError(f"graphlay stopped: {problem}") from problem


def layout_graphviz(graph: ProcessMap) -> Plan:
    """Place the map with Graphviz's `dot`; raises `LayoutError` when it is absent or fails."""
    sizes = measure(graph)
    program = Path(sys.executable).with_name("graphviz-pure")
    found = str(program) if program.exists() else shutil.which("graphviz-pure")
    if found is None:
        raise LayoutError("no map could be drawn: graphviz-pure is missing; reinstall runut")
    try:
        run = subprocess.run(  # noqa: S603 - our own program, our own text, no shell
            [found, "-Kdot", "-Tjson"],
            input=_dot(graph, sizes).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
        return _read_graphviz(json.loads(run.stdout), graph, sizes)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, StopError) as problem:
        raise LayoutError(f"Graphviz could not place the map: {problem}") from problem


def _dot(graph: ProcessMap, sizes: Sizes) -> str:
    """The map in Graphviz's language; places are numbered, so no name has to be escaped."""
    names = {place: f"n{index}" for index, place in enumerate(sizes.boxes)}
    lines = ["digraph {", "rankdir=TB; nodesep=0.75; ranksep=0.5; ordering=out; splines=true;"]
    lines.append('node [shape=box, fixedsize=true, label=""]; edge [dir=none];')
    for place, box in sizes.boxes.items():
        size = (
            f"width={box.width / _POINTS_PER_INCH:.4f}, height={box.height / _POINTS_PER_INCH:.4f}"
        )
        lines.append(f"{names[place]} [{size}];")
    for terminal, rank in ((Terminal.START, "source"), (Terminal.END, "sink")):
        if terminal in names:
            lines.append(f"{{rank={rank}; {names[terminal]};}}")
    straight = spine(graph)
    top = max((edge.frequency for edge in graph.edges), default=1)
    for index, edge in enumerate(graph.edges):
        table = (
            f'<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="{sizes.labels[edge.key]:.0f}" '
            f'HEIGHT="{CHIP:.0f}"><TR><TD></TD></TR></TABLE>'
        )
        weight = 1 + 99 * edge.frequency // top + 100 * (edge.key in straight)
        ends = f"{names[edge.source]} -> {names[edge.target]}"
        lines.append(f'{ends} [id="e{index}", weight={weight}, label=<{table}>];')
    return "\n".join([*lines, "}"])


def _read_graphviz(content: dict[str, object], graph: ProcessMap, sizes: Sizes) -> Plan:
    objects = content.get("objects", [])
    edges = content.get("edges", [])
    if not isinstance(objects, list) or not isinstance(edges, list):
        raise LayoutError("Graphviz's answer lists no objects")
    by_name = {item["name"]: item for item in objects if "pos" in item}
    centres: dict[Place, Point] = {
        place: _read_point(by_name[f"n{index}"]["pos"]) for index, place in enumerate(sizes.boxes)
    }
    by_id = {item["id"]: item for item in edges}
    routes = {}
    for index, edge in enumerate(graph.edges):
        item = by_id[f"e{index}"]
        points = _sample([_read_point(text) for text in item["pos"].split(" ")])
        routes[edge.key] = Route(
            points=tuple(points),
            label=_read_point(item["lp"]),
            label_width=sizes.labels[edge.key],
        )
    return settle(sizes, centres, routes, place_labels)


def _point(content: dict[str, float]) -> Point:
    return (float(content["x"]), float(content["y"]))


def _read_point(text: str) -> Point:
    """Graphviz's `x,y`; its y grows upwards."""
    x, y = text.split(",")
    return (float(x), -float(y))


def _sample(knots: list[Point]) -> list[Point]:
    """Points along a chain of cubic Bézier curves, which Graphviz gives by their 3n+1 knots."""
    points = [knots[0]]
    for first in range(0, len(knots) - 1, 3):
        a, b, c, d = knots[first : first + 4]
        for step in range(1, _BEZIER_STEPS + 1):
            t = step / _BEZIER_STEPS
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points.append(
                (
                    sum(w * k[0] for w, k in zip(weights, (a, b, c, d), strict=True)),
                    sum(w * k[1] for w, k in zip(weights, (a, b, c, d), strict=True)),
                )
            )
    return points


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _middle(points: list[Point]) -> Point:
    """The point half way along a line."""
    rest = sum(_distance(a, b) for a, b in pairwise(points)) / 2
    for a, b in pairwise(points):
        length = _distance(a, b)
        if length >= rest and length > 0:
            share = rest / length
            return (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
        rest -= length
    return points[0]
