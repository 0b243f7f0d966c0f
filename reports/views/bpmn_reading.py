"""Reads the BPMN model of the results back into its drawing, and takes steps out of it."""

from collections.abc import Collection
from dataclasses import replace
from itertools import groupby

from eventlog.errors import RunutError, StopError
from miners.discovery.bpmn_layout import Diagram, Flow, Node, Shape
from miners.procedure.safe_xml import Element, read_xml

_MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL "
_DRAWN = "http://www.omg.org/spec/BPMN/20100524/DI "
_BOUNDS = "http://www.omg.org/spec/DD/20100524/DC Bounds"
_POINT = "http://www.omg.org/spec/DD/20100524/DI waypoint"
_FLOW = f"{_MODEL}sequenceFlow"
_SHAPES = {f"{_MODEL}{shape}": shape for shape in Shape}

Points = tuple[tuple[int, int], ...]


def read_diagram(content: bytes) -> Diagram:
    """The drawing in `model.bpmn`, as `miners.discovery.model_files.render_bpmn` wrote it.

    StopError for anything else.
    """
    try:
        return _diagram(read_xml(content, name="model.bpmn"))
    except (KeyError, ValueError, RunutError) as problem:
        raise StopError(
            f"model.bpmn is not as Runut writes it ({problem}); run `runut mine` again"
        ) from problem


def _diagram(root: Element) -> Diagram:
    process = _only(root, f"{_MODEL}process")
    plane = _only(_only(root, f"{_DRAWN}BPMNDiagram"), f"{_DRAWN}BPMNPlane")
    drawn = {one.attributes["bpmnElement"]: one for one in plane.children}
    nodes = [one for one in process.children if one.tag in _SHAPES]
    places = {one.attributes["id"]: place for place, one in enumerate(nodes)}
    return Diagram(
        nodes=tuple(_node(one, drawn[one.attributes["id"]]) for one in nodes),
        flows=tuple(
            Flow(
                source=places[one.attributes["sourceRef"]],
                target=places[one.attributes["targetRef"]],
                points=_points(drawn[one.attributes["id"]]),
            )
            for one in process.children
            if one.tag == _FLOW
        ),
    )


def _only(parent: Element, tag: str) -> Element:
    """The one child of this kind; ValueError where there are none or several."""
    (found,) = (child for child in parent.children if child.tag == tag)
    return found


def _node(element: Element, drawn: Element) -> Node:
    bounds = _only(drawn, _BOUNDS).attributes
    return Node(
        shape=_SHAPES[element.tag],
        name=element.attributes.get("name", ""),
        x=int(bounds["x"]),
        y=int(bounds["y"]),
        width=int(bounds["width"]),
        height=int(bounds["height"]),
    )


def _points(drawn: Element) -> Points:
    found = (child.attributes for child in drawn.children if child.tag == _POINT)
    return tuple((int(one["x"]), int(one["y"])) for one in found)


def without(diagram: Diagram, names: Collection[str]) -> Diagram:
    """The drawing without the tasks of these names: what led to one leads on past it.

    A task has one way in and one way out (`bpmn_layout`), so what is left is whole.
    """
    gone = {
        place
        for place, node in enumerate(diagram.nodes)
        if node.shape is Shape.TASK and node.name in names
    }
    onward = {flow.source: flow for flow in diagram.flows}
    flows = []
    for flow in diagram.flows:
        if flow.source in gone:
            continue
        target, points = flow.target, flow.points
        while target in gone:
            points += onward[target].points
            target = onward[target].target
        flows.append(replace(flow, target=target, points=_straight(points)))
    kept = [place for place in range(len(diagram.nodes)) if place not in gone]
    now = {before: after for after, before in enumerate(kept)}
    return Diagram(
        nodes=tuple(diagram.nodes[place] for place in kept),
        flows=tuple(
            replace(flow, source=now[flow.source], target=now[flow.target]) for flow in flows
        ),
    )


def _straight(points: Points) -> Points:
    """Without points that stand twice, and without those between two others on one line."""
    line = [point for point, _ in groupby(points)]
    corners = [
        here
        for before, here, after in zip(line, line[1:], line[2:], strict=False)
        if not (before[0] == here[0] == after[0] or before[1] == here[1] == after[1])
    ]
    return (line[0], *corners, line[-1])
