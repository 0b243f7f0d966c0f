"""A drawn procedure: its steps, gateways and arrows, and ways in it that lead nowhere."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a node does with the file that arrives; the value is how messages call it."""

    START = "start event"
    END = "end event"
    TASK = "task"
    EXCLUSIVE = "exclusive gateway"
    PARALLEL = "parallel gateway"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One shape of the drawing. `name` is without line breaks, empty where it has none."""

    id: str
    kind: Kind
    name: str

    def __str__(self) -> str:
        """As messages call it: by name where it has one, and by the file's own identifier."""
        return called(self.kind, self.name, self.id)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """An arrow between two nodes, told by their places in the drawing."""

    source: int
    target: int


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One process, every node of it on a way from a start event to an end event."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    def of(self, kind: Kind) -> Iterator[Node]:
        """The nodes of a kind, in the order of the file."""
        return (node for node in self.nodes if node.kind is kind)


def loose_ends(drawing: Drawing) -> Iterator[str]:
    """Nodes with too few or too many arrows for what they are."""
    comes = Counter(flow.target for flow in drawing.flows)
    goes = Counter(flow.source for flow in drawing.flows)
    for place, node in enumerate(drawing.nodes):
        if node.kind is Kind.START and comes[place]:
            yield f"a sequence flow leads into the {node}; lead it to a gateway behind it"
        elif node.kind is not Kind.START and not comes[place]:
            yield f"no sequence flow leads to the {node}; connect it, or leave it out"
        if node.kind is Kind.END and goes[place]:
            yield f"a sequence flow leads out of the {node}; nothing can come behind an end"
        elif node.kind is not Kind.END and not goes[place]:
            yield f"the {node} is a dead end; lead it on, or to an end event"
        if node.kind in {Kind.START, Kind.TASK} and goes[place] > 1:
            # BPMN means all of them, pm4py takes one of them, and many who draw it mean a choice.
            yield (
                f"{goes[place]} sequence flows lead out of the {node}; draw a gateway that says "
                "whether one of them is taken (exclusive) or all (parallel)"
            )


def cut_off(drawing: Drawing) -> Iterator[str]:
    """Nodes that no start event leads to, or that lead to no end event."""
    starts = {i for i, node in enumerate(drawing.nodes) if node.kind is Kind.START}
    ends = {i for i, node in enumerate(drawing.nodes) if node.kind is Kind.END}
    reached = _closure(starts, [(flow.source, flow.target) for flow in drawing.flows])
    leading = _closure(ends, [(flow.target, flow.source) for flow in drawing.flows])
    for place, node in enumerate(drawing.nodes):
        if place not in reached:
            yield f"the {node} can never be reached from a start event; connect it"
        elif place not in leading:
            yield f"from the {node} no end event can be reached; lead it on"


def _closure(found: set[int], pairs: Iterable[tuple[int, int]]) -> set[int]:
    following: dict[int, list[int]] = {}
    for source, target in pairs:
        following.setdefault(source, []).append(target)
    todo, found = list(found), set(found)
    while todo:
        new = set(following.get(todo.pop(), ())) - found
        found |= new
        todo.extend(new)
    return found


def called(word: str, name: str, key: str) -> str:
    """What messages call an element of the file: its kind, its name, its identifier."""
    short = name if len(name) <= 60 else f"{name[:59]}…"  # noqa: PLR2004 (a line of a screen)
    parts = [word, f'"{short}"' if short else "", f"({key})" if short and key else key]
    return " ".join(part for part in parts if part)
