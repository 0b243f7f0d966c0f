"""Reads a BPMN file as a drawing, and says what in it cannot be used and what to do about it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from eventlog.errors import UsageError
from miners.procedure.drawing import Drawing, Flow, Kind, Node, called, cut_off, loose_ends
from miners.procedure.safe_xml import Element, read_xml

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ALLOWED = (
    "allowed are start and end events, tasks, exclusive and parallel gateways, sequence flows "
    "and lanes"
)
_PROBLEMS = 20


_TASKS = (
    "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask",
    "businessRuleTask",
)  # fmt: skip
_KINDS: Mapping[str, Kind] = {
    "startEvent": Kind.START,
    "endEvent": Kind.END,
    "exclusiveGateway": Kind.EXCLUSIVE,
    "parallelGateway": Kind.PARALLEL,
    **dict.fromkeys(_TASKS, Kind.TASK),
}
# They say something to readers and to machines that run the process, nothing of the order of steps.
_SILENT = frozenset(
    {
        "documentation", "extensionElements", "auditing", "monitoring", "laneSet", "property",
        "ioSpecification", "ioBinding", "supportedInterfaceRef", "correlationSubscription",
        "resourceRole", "performer", "humanPerformer", "potentialOwner", "dataObject",
        "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group",
    }
)  # fmt: skip
_GATEWAYS = (
    "draw what is chosen between with exclusive, what is done together with parallel gateways"
)
_STEPS = "draw its steps in the process itself"
_EVENT = "draw a task where the log has an activity for it, else leave it out"
_WAYS_OUT: Mapping[str, tuple[str, str]] = {
    "subProcess": ("sub-process", _STEPS),
    "adHocSubProcess": ("ad-hoc sub-process", _STEPS),
    "transaction": ("transaction", _STEPS),
    "callActivity": ("call activity", "draw a task, or the steps of the process that it calls"),
    "intermediateCatchEvent": ("intermediate event", _EVENT),
    "intermediateThrowEvent": ("intermediate event", _EVENT),
    "boundaryEvent": ("boundary event", "draw an exclusive gateway behind the task"),
    "inclusiveGateway": ("inclusive gateway", _GATEWAYS),
    "complexGateway": ("complex gateway", _GATEWAYS),
    "eventBasedGateway": ("event-based gateway", "draw an exclusive gateway, a task per event"),
}
_PLAIN_ENDS = frozenset({"messageEventDefinition", "signalEventDefinition"})
_REPEATS = frozenset({"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"})


def read_drawing(content: bytes, *, name: str) -> Drawing:
    """Read the one process of a BPMN 2.0 file; `name` is how errors call the file.

    UsageError lists what is wrong, one line each: not BPMN, several pools, elements whose meaning
    cannot be followed in a log, steps without a name, ways that lead nowhere.
    """
    root = read_xml(content, name=name)
    if root.tag != f"{BPMN} definitions":
        raise UsageError(
            f'{name}: this is not a BPMN 2.0 drawing; its outermost element is "{_local(root)}", '
            'expected "definitions" of BPMN 2.0; save the drawing as BPMN 2.0 XML'
        )
    process = _only_process(root, name)
    found = _Reading(process)
    _refuse(name, found.problems)
    drawing = found.drawing()
    _refuse(name, [*found.problems, *loose_ends(drawing)])
    _refuse(name, cut_off(drawing))
    return drawing


def _refuse(name: str, problems: Iterable[str]) -> None:
    lines = [f"{name}: {problem}" for problem in problems]
    if lines:
        more = [f"{name}: and {len(lines) - _PROBLEMS} more"] if len(lines) > _PROBLEMS else []
        raise UsageError("\n".join(lines[:_PROBLEMS] + more))


def _only_process(root: Element, name: str) -> Element:
    """The process that has nodes; two of them, or pools that write to each other, are refused."""
    shared = [child for part in root.children if _is(part, "collaboration")
              for child in part.children]  # fmt: skip
    pools = [child for child in shared if _is(child, "participant")]
    processes = [
        child
        for child in root.children
        if _is(child, "process")
        and any(_local(node) not in _SILENT for node in child.children if _bpmn(node))
    ]
    if len(pools) > 1 or len(processes) > 1:
        parts = pools if len(pools) > 1 else processes
        names = ", ".join(f'"{_name(part) or part.attributes.get("id", "")}"' for part in parts)
        raise UsageError(
            f"{name}: draws {len(parts)} {'pools' if len(pools) > 1 else 'processes'} "
            f"({names}); allowed is one; keep the one that handles the application, with the "
            "other parties as lanes in it"
        )
    messages = [child for child in shared if _is(child, "messageFlow")]
    if messages:
        flow = messages[0]
        raise UsageError(
            f"{name}: the message flow {called('', _name(flow), flow.attributes.get('id', ''))} "
            f"is not supported; {ALLOWED}; draw a task where the log has an activity for it"
        )
    if not processes:
        raise UsageError(f"{name}: draws no process; expected a start event, tasks, an end event")
    return processes[0]


class _Reading:
    """Goes through the elements of a process once and keeps what is wrong with them."""

    def __init__(self, process: Element) -> None:
        self.problems: list[str] = []
        self._nodes: list[Node] = []
        self._flows: list[Element] = []
        for element in process.children:
            if _bpmn(element) and _local(element) not in _SILENT:
                self._take(element)
        counted = Counter(node.id for node in self._nodes)
        self.problems += [
            f'the identifier "{key}" stands {often} times; each element needs one of its own'
            for key, often in counted.items()
            if often > 1
        ]
        for kind in (Kind.START, Kind.END):
            if not any(node.kind is kind for node in self._nodes):
                self.problems.append(
                    f"has no {kind}; draw one where the process {kind.split()[0]}s"
                )

    def drawing(self) -> Drawing:
        """The nodes with the arrows between them; arrows that hang loose become problems."""
        places = {node.id: place for place, node in enumerate(self._nodes)}
        flows = []
        for flow in self._flows:
            ends = [flow.attributes.get(end, "") for end in ("sourceRef", "targetRef")]
            missing = [end for end in ends if end not in places]
            if missing:
                arrow = called("sequence flow", _name(flow), flow.attributes.get("id", ""))
                self.problems.append(
                    f'the {arrow} begins or ends at "{missing[0]}", which is not drawn; '
                    "connect it again"
                )
            else:
                flows.append(Flow(source=places[ends[0]], target=places[ends[1]]))
        return Drawing(nodes=tuple(self._nodes), flows=tuple(flows))

    def _take(self, element: Element) -> None:
        tag, key, name = _local(element), element.attributes.get("id", ""), _name(element)
        if tag == "sequenceFlow":
            self._flows.append(element)
            return
        if tag not in _KINDS:
            word, way_out = _WAYS_OUT.get(tag, (tag, "leave it out"))
            self.problems.append(
                f"the {called(word, name, key)} is not supported; {ALLOWED}; {way_out}"
            )
            return
        node = Node(id=key, kind=_KINDS[tag], name=name)
        self._nodes.append(node)
        if not key:
            self.problems.append(f"a {node.kind} has no id; save the drawing again with one")
        if node.kind is Kind.TASK and not name:
            self.problems.append(f"the {node} has no name; name it as the log names the activity")
        self.problems += _strange(element, node)


def _strange(element: Element, node: Node) -> Iterator[str]:
    """What is drawn into a node and changes what it does."""
    inside = [_local(child) for child in element.children if _bpmn(child)]
    if node.kind is Kind.TASK and _REPEATS.intersection(inside):
        yield (
            f"the {node} has a repeat marker, which is not supported; draw the way back with an "
            "exclusive gateway"
        )
    if element.attributes.get("isForCompensation") == "true":
        yield f"the {node} is for compensation, which is not supported; {ALLOWED}"
    if node.kind is Kind.END:
        for word in inside:
            if word.endswith("EventDefinition") and word not in _PLAIN_ENDS:
                yield (
                    f"the {node} is of the kind {word.removesuffix('EventDefinition')}, which is "
                    "not supported; draw a plain end event"
                )


def _name(element: Element) -> str:
    """The name on one line: drawing tools break long names with line ends."""
    return " ".join(element.attributes.get("name", "").split())


def _local(element: Element) -> str:
    return element.tag.rpartition(" ")[2]


def _bpmn(element: Element) -> bool:
    return element.tag.startswith(f"{BPMN} ")


def _is(element: Element, local: str) -> bool:
    return element.tag == f"{BPMN} {local}"
