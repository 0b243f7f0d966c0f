"""What should happen, as the office has drawn it: a BPMN file becomes a procedure to compare with.

A drawing is taken when it can be followed in a log without guessing: start and end events, tasks
that are named as the log names its activities, exclusive and parallel gateways, and every way
through it comes to an end. Everything else is refused with the element's name and a way out.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from eventlog.errors import StopError, UsageError
from miners.discovery.model_files import PetriNet
from miners.procedure.bpmn_net import net_of
from miners.procedure.drawing import Drawing, Kind
from miners.procedure.drawing_file import read_drawing
from miners.procedure.safe_xml import LARGEST
from miners.procedure.soundness import can_end, unsound
from miners.procedure.states import States, explore


@dataclass(frozen=True, kw_only=True, eq=False)
class Procedure:
    """A sound procedure. `net` begins with one token in place 0 and ends with it in place 1.

    `activities` are the names of its tasks, sorted; `mandatory` are those that every run has.
    `states` are all situations it can be in. `fingerprint` (16 hexadecimal digits) changes when
    what is drawn changes, not when it is only laid out anew. `notes` are worth telling its author.
    """

    net: PetriNet
    states: States
    activities: tuple[str, ...]
    mandatory: frozenset[str]
    fingerprint: str
    notes: tuple[str, ...]


def read_procedure(path: Path) -> Procedure:
    """Read the procedure that a BPMN 2.0 file draws; UsageError says what is wrong with it."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such BPMN file") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_procedure(content, name=path.name)


def parse_procedure(content: bytes, *, name: str) -> Procedure:
    """Read the procedure in the bytes of a BPMN file; `name` is how errors call the file."""
    drawing = read_drawing(content, name=name)
    drawn = net_of(drawing)
    try:
        states = explore(drawn.net)
    except StopError as error:
        raise UsageError(f"{name}: {error}") from error
    problems = [f"{name}: {problem}" for problem in unsound(drawing, drawn, states)]
    if problems:
        raise UsageError("\n".join(problems))
    return Procedure(
        net=drawn.net,
        states=states,
        activities=states.labels,
        mandatory=mandatory(states),
        fingerprint=_fingerprint(drawing),
        notes=tuple(_notes(drawing)),
    )


def mandatory(states: States) -> frozenset[str]:
    """The activities without which the end is not reached."""
    return frozenset(
        label for code, label in enumerate(states.labels) if not can_end(states, without=code)[0]
    )


def _notes(drawing: Drawing) -> list[str]:
    names = Counter(node.name for node in drawing.of(Kind.TASK))
    return [
        f'{often} tasks are named "{name}"; what is done counts for whichever fits best'
        for name, often in names.items()
        if often > 1
    ]


def _fingerprint(drawing: Drawing) -> str:
    nodes = [(node.kind.value, node.name) for node in drawing.nodes]
    flows = [(flow.source, flow.target) for flow in drawing.flows]
    return hashlib.sha256(repr((nodes, flows)).encode()).hexdigest()[:16]
