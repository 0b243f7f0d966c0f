"""A process model as files that other tools open: BPMN 2.0 with its layout, and a Petri net."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from miners.discovery.bpmn_layout import Diagram, Node, Shape
from miners.discovery.process_tree import Block, Kind

_NAMESPACES = {
    "xmlns:bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "xmlns:bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "xmlns:dc": "http://www.omg.org/spec/DD/20100524/DC",
    "xmlns:di": "http://www.omg.org/spec/DD/20100524/DI",
    "targetNamespace": "http://bpmn.io/schema/bpmn",
}
_COLOUR_NAMESPACES = {
    "xmlns:bioc": "http://bpmn.io/schema/bpmn/biocolor/1.0",
    "xmlns:color": "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
}
_UNHELD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LABEL_WIDTH, _LABEL_HEIGHT = 90, 20


@dataclass(frozen=True, kw_only=True)
class Colour:
    """How a task is drawn: its border and its fill, each as `#rrggbb`."""

    stroke: str
    fill: str

    def __post_init__(self) -> None:
        """Refuse what is no colour."""
        for part in (self.stroke, self.fill):
            if not re.fullmatch("#[0-9a-f]{6}", part):
                raise ValueError(f"the colour {part!r} is not written as #rrggbb")


_NO_COLOURS: Mapping[str, Colour] = MappingProxyType({})


def render_bpmn(diagram: Diagram, colours: Mapping[str, Colour] = _NO_COLOURS) -> bytes:
    """Write a drawn process as a BPMN 2.0 file with diagram interchange, the same bytes always.

    Identifiers are the places in the diagram, not random ones. Characters that XML cannot hold
    become the replacement character. `colours` are those of tasks by their activity; an arrow has
    the colour of the task it leads to. They are written twice, by the names of bpmn.io and by those
    of the OMG (BPMN in Color 1.0), for modellers know the one or the other; a reader that knows
    neither leaves them out.
    """
    root = Element("bpmn:definitions", {"id": "definitions", **_NAMESPACES})
    if colours:
        root.attrib.update(_COLOUR_NAMESPACES)
    process = SubElement(root, "bpmn:process", {"id": "process", "isExecutable": "false"})
    comes, goes = _neighbours(diagram)
    for i, node in enumerate(diagram.nodes):
        shape = SubElement(process, f"bpmn:{node.shape}", {"id": f"node_{i}"})
        if node.name:
            shape.set("name", _clean(node.name))
        if node.shape in {Shape.EXCLUSIVE, Shape.PARALLEL}:
            direction = "Diverging" if len(goes[i]) > 1 else "Converging"
            shape.set("gatewayDirection", direction)
        for number in comes[i]:
            SubElement(shape, "bpmn:incoming").text = f"flow_{number}"
        for number in goes[i]:
            SubElement(shape, "bpmn:outgoing").text = f"flow_{number}"
    for i, flow in enumerate(diagram.flows):
        ends = {"sourceRef": f"node_{flow.source}", "targetRef": f"node_{flow.target}"}
        SubElement(process, "bpmn:sequenceFlow", {"id": f"flow_{i}", **ends})
    _render_layout(root, diagram, colours)
    return _bytes(root)


def _neighbours(diagram: Diagram) -> tuple[list[list[int]], list[list[int]]]:
    comes: list[list[int]] = [[] for _ in diagram.nodes]
    goes: list[list[int]] = [[] for _ in diagram.nodes]
    for i, flow in enumerate(diagram.flows):
        goes[flow.source].append(i)
        comes[flow.target].append(i)
    return comes, goes


def _render_layout(root: Element, diagram: Diagram, colours: Mapping[str, Colour]) -> None:
    drawing = SubElement(root, "bpmndi:BPMNDiagram", {"id": "diagram"})
    plane = SubElement(drawing, "bpmndi:BPMNPlane", {"id": "plane", "bpmnElement": "process"})
    for i, node in enumerate(diagram.nodes):
        names = {"id": f"shape_{i}", "bpmnElement": f"node_{i}"}
        if node.shape is Shape.EXCLUSIVE:
            names["isMarkerVisible"] = "true"
        if (colour := _colour_of(node, colours)) is not None:
            names |= {"bioc:stroke": colour.stroke, "bioc:fill": colour.fill}
            names |= {"color:border-color": colour.stroke, "color:background-color": colour.fill}
        shape = SubElement(plane, "bpmndi:BPMNShape", names)
        _bounds(shape, node.x, node.y, node.width, node.height)
        if node.shape in {Shape.START, Shape.END}:
            label = SubElement(shape, "bpmndi:BPMNLabel")
            left = node.x + (node.width - _LABEL_WIDTH) // 2
            _bounds(label, left, node.y + node.height + 4, _LABEL_WIDTH, _LABEL_HEIGHT)
    for i, flow in enumerate(diagram.flows):
        names = {"id": f"edge_{i}", "bpmnElement": f"flow_{i}"}
        if (colour := _colour_of(diagram.nodes[flow.target], colours)) is not None:
            names |= {"bioc:stroke": colour.stroke, "color:border-color": colour.stroke}
        edge = SubElement(plane, "bpmndi:BPMNEdge", names)
        for x, y in flow.points:
            SubElement(edge, "di:waypoint", {"x": str(x), "y": str(y)})


def _colour_of(node: Node, colours: Mapping[str, Colour]) -> Colour | None:
    return colours.get(node.name) if node.shape is Shape.TASK else None


def _bounds(parent: Element, x: int, y: int, width: int, height: int) -> None:
    box = {"x": str(x), "y": str(y), "width": str(width), "height": str(height)}
    SubElement(parent, "dc:Bounds", box)


@dataclass(frozen=True, kw_only=True)
class PetriNet:
    """A workflow net: place 0 holds the one token at the start, place 1 at the end.

    `transitions` are (activity or "" for a silent step, places before, places after).
    """

    places: int
    transitions: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]


def petri_net(tree: Block) -> PetriNet:
    """Translate a process tree block by block; a run of the net is a run of the tree."""
    wiring = _Wiring()
    wiring.block(tree, 0, 1)
    return PetriNet(places=wiring.places[0], transitions=tuple(wiring.transitions))


@dataclass(frozen=True)
class _Wiring:
    places: list[int] = field(default_factory=lambda: [2])
    transitions: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)

    def place(self) -> int:
        self.places[0] += 1
        return self.places[0] - 1

    def block(self, block: Block, before: int, after: int) -> None:
        if block.kind in {Kind.ACTIVITY, Kind.SILENT}:
            self.transitions.append((block.name, (before,), (after,)))
        elif block.kind is Kind.SEQUENCE:
            between = [before, *(self.place() for _ in block.children[1:]), after]
            for child, start, end in zip(block.children, between, between[1:], strict=False):
                self.block(child, start, end)
        elif block.kind is Kind.CHOICE:
            # Branches may share their ends: no block puts a token back where it came from, for a
            # loop has an inside of its own.
            for child in block.children:
                self.block(child, before, after)
        elif block.kind is Kind.PARALLEL:
            starts = tuple(self.place() for _ in block.children)
            ends = tuple(self.place() for _ in block.children)
            self.transitions.append(("", (before,), starts))
            for child, start, end in zip(block.children, starts, ends, strict=True):
                self.block(child, start, end)
            self.transitions.append(("", ends, (after,)))
        else:
            enter, leave = self.place(), self.place()
            do, redo = block.children
            self.transitions.append(("", (before,), (enter,)))
            self.block(do, enter, leave)
            self.block(redo, leave, enter)
            self.transitions.append(("", (leave,), (after,)))


def render_pnml(net: PetriNet) -> bytes:
    """Write a Petri net as PNML (ISO/IEC 15909-2), silent transitions marked as ProM does."""
    root = Element("pnml", {"xmlns": "http://www.pnml.org/version-2009/grammar/pnml"})
    kind = "http://www.pnml.org/version-2009/grammar/pnmlcoremodel"
    whole = SubElement(root, "net", {"id": "net", "type": kind})
    page = SubElement(whole, "page", {"id": "page"})
    for i in range(net.places):
        place = SubElement(page, "place", {"id": f"place_{i}"})
        _text(place, "name", f"place_{i}")
        if i == 0:
            _text(place, "initialMarking", "1")
    arcs: list[tuple[str, str]] = []
    for i, (name, before, after) in enumerate(net.transitions):
        transition = SubElement(page, "transition", {"id": f"transition_{i}"})
        _text(transition, "name", _clean(name) if name else f"silent_{i}")
        if not name:
            marks = {"tool": "ProM", "version": "6.4", "activity": "$invisible$"}
            SubElement(transition, "toolspecific", {**marks, "localNodeID": f"silent_{i}"})
        arcs += [(f"place_{place}", f"transition_{i}") for place in before]
        arcs += [(f"transition_{i}", f"place_{place}") for place in after]
    for i, (source, target) in enumerate(arcs):
        SubElement(page, "arc", {"id": f"arc_{i}", "source": source, "target": target})
    marking = SubElement(SubElement(whole, "finalmarkings"), "marking")
    _text(SubElement(marking, "place", {"idref": "place_1"}), "", "1")
    return _bytes(root)


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(SubElement(parent, tag) if tag else parent, "text").text = text


def _clean(name: str) -> str:
    """Replace what XML 1.0 cannot hold: control characters, lone surrogates, non-characters."""
    return _UNHELD.sub("\N{REPLACEMENT CHARACTER}", name)


def _bytes(root: Element) -> bytes:
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'.encode()
