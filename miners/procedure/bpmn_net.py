"""A drawn procedure as a Petri net: pm4py reads and converts it, the silent steps are cut here.

pm4py gets the drawing written anew with nothing in it but what Runut allows, for its reader goes
by how the names of elements end, leaves out what it does not know without a word (call activities,
repeat markers, what a boundary event interrupts), lets several arrows out of a task be a choice
where BPMN means all of them, and takes line ends out of names together with the space. What is
left to it, it converts right (`tests/miners/procedure`). Its own reduction hangs on the order of
sets, so that the same drawing gives several nets; the one here does not.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from miners.discovery.model_files import PetriNet
from miners.procedure.drawing import Drawing, Kind
from miners.procedure.drawing_file import BPMN

_TAGS: Mapping[Kind, str] = {
    Kind.START: "startEvent",
    Kind.END: "endEvent",
    Kind.TASK: "task",
    Kind.EXCLUSIVE: "exclusiveGateway",
    Kind.PARALLEL: "parallelGateway",
}
_START, _END = 0, 1


@dataclass(frozen=True, kw_only=True)
class DrawnNet:
    """The net of a drawing, and what of the drawing is behind it.

    `nodes` [transitions] are the places of the drawn nodes that a transition stands for; `at`
    [places] is the node that a token there has come to, -1 at the end.
    """

    net: PetriNet
    nodes: tuple[tuple[int, ...], ...]
    at: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class _Transition:
    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    nodes: tuple[int, ...]


def net_of(drawing: Drawing) -> DrawnNet:
    """The workflow net of a drawing whose nodes are all connected; the same net always."""
    places, transitions = _converted(drawing)
    kept = _reduced(transitions)
    used = sorted({_START, _END}.union(*({*t.before, *t.after} for t in kept)))
    number = {place: new for new, place in enumerate(used)}
    moved = sorted(
        (t.name, tuple(number[p] for p in t.before), tuple(number[p] for p in t.after), t.nodes)
        for t in kept
    )
    return DrawnNet(
        net=PetriNet(places=len(used), transitions=tuple(entry[:3] for entry in moved)),
        nodes=tuple(entry[3] for entry in moved),
        at=tuple(places[place] for place in used),
    )


def _converted(drawing: Drawing) -> tuple[list[int], list[_Transition]]:
    """What pm4py makes of it, in an order of its own: the node at each place, and transitions."""
    # Importing pm4py takes two seconds, which only those pay who have a drawing.
    from pm4py.objects.bpmn.importer import importer  # noqa: PLC0415
    from pm4py.objects.conversion.bpmn.variants import to_petri_net  # noqa: PLC0415

    settings = {to_petri_net.Parameters.RETURN_FLOW_TRANS_MAP: True}
    graph = importer.deserialize(_written(drawing))
    net, starts, ends, _, of_node = to_petri_net.apply(graph, settings)
    nodes = {
        transition: int(node.get_id()[1:])
        for node, transitions in of_node.items()
        for transition in transitions
    }
    (first,), (last,) = starts, ends
    rest = sorted((place for place in net.places if place not in {first, last}), key=_named)
    number = {place: i for i, place in enumerate([first, last, *rest])}
    transitions = [
        _Transition(
            name="" if transition.label is None else drawing.nodes[nodes[transition]].name,
            before=_numbers(transition.in_arcs, number, "source"),
            after=_numbers(transition.out_arcs, number, "target"),
            nodes=(nodes[transition],),
        )
        for transition in net.transitions
    ]
    transitions.sort(key=lambda t: (t.nodes, t.before, t.after))
    at = {place: t.nodes[0] for t in transitions for place in t.before}
    return [at.get(i, -1) for i in range(len(number))], transitions


def _named(place: Any) -> str:
    return str(place.name)


def _numbers(arcs: Any, number: Mapping[Any, int], end: str) -> tuple[int, ...]:
    return tuple(sorted(number[getattr(arc, end)] for arc in arcs))


def _written(drawing: Drawing) -> bytes:
    """The drawing as a file with places for names, which no reader can get wrong."""
    root = Element("definitions", {"xmlns": BPMN})
    process = SubElement(root, "process", {"id": "p"})
    for i, node in enumerate(drawing.nodes):
        SubElement(process, _TAGS[node.kind], {"id": f"n{i}", "name": f"n{i}"})
    for i, flow in enumerate(drawing.flows):
        ends = {"sourceRef": f"n{flow.source}", "targetRef": f"n{flow.target}"}
        SubElement(process, "sequenceFlow", {"id": f"f{i}", **ends})
    return bytes(tostring(root))


def _reduced(transitions: Sequence[_Transition]) -> list[_Transition]:
    """Cut silent transitions that only pass a token on, as long as there are any.

    Runs, deadlocks and how many tokens may meet stay what they are (Berthelot 1987: pre- and
    post-agglomeration).
    """
    cutting = _Cutting(transitions)
    silent = [key for key, transition in cutting.kept.items() if not transition.name]
    left = len(silent) + 1
    while len(silent) < left:
        left = len(silent)
        silent = [key for key in silent if not cutting.cut(key)]
    return list(cutting.kept.values())


class _Cutting:
    """The transitions that are left, and which of them take from and put into each place."""

    def __init__(self, transitions: Sequence[_Transition]) -> None:
        self.kept: dict[int, _Transition] = {}
        self._takers: defaultdict[int, set[int]] = defaultdict(set)
        self._putters: defaultdict[int, set[int]] = defaultdict(set)
        for key, transition in enumerate(transitions):
            self._keep(key, transition)

    def cut(self, key: int) -> bool:
        """Cut a silent transition where nothing changes by it; whether it was."""
        silent = self.kept[key]
        if len(silent.before) == 1 and silent.before[0] not in {_START, *silent.after}:
            (place,) = silent.before
            if self._takers[place] == {key}:
                # Whoever puts a token there puts it behind the silent step at once.
                others = sorted(self._putters[place])
                self._drop(key)
                for other in others:
                    old = self.kept[other]
                    after = _exchanged(old.after, place, silent.after)
                    self._change(other, replace(_joined(old, silent), after=after))
                return True
        if len(silent.after) == 1 and silent.after[0] not in {_END, *silent.before}:
            (place,) = silent.after
            others = sorted(self._takers[place])
            if self._putters[place] == {key} and all(
                self.kept[other].before == (place,) for other in others
            ):
                # Whoever takes the token from there takes what the silent step would have taken.
                self._drop(key)
                for other in others:
                    joined = _joined(self.kept[other], silent)
                    self._change(other, replace(joined, before=silent.before))
                return True
        return False

    def _change(self, key: int, transition: _Transition) -> None:
        self._drop(key)
        self._keep(key, transition)

    def _keep(self, key: int, transition: _Transition) -> None:
        self.kept[key] = transition
        for place in transition.before:
            self._takers[place].add(key)
        for place in transition.after:
            self._putters[place].add(key)

    def _drop(self, key: int) -> None:
        transition = self.kept.pop(key)
        for place in transition.before:
            self._takers[place].discard(key)
        for place in transition.after:
            self._putters[place].discard(key)


def _joined(transition: _Transition, silent: _Transition) -> _Transition:
    return replace(transition, nodes=tuple(sorted({*transition.nodes, *silent.nodes})))


def _exchanged(places: Sequence[int], one: int, others: Sequence[int]) -> tuple[int, ...]:
    """The places with others where the one stood, as often as it stood there."""
    parts = (others if place == one else (place,) for place in places)
    return tuple(sorted(chain.from_iterable(parts)))
