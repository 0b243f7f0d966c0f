"""The BPMN model as it may be shown: how often its steps are done, and where they stray.

The model is made from all cases, so it may hold a step that fewer cases took than may be told. Such
a step is taken out, whoever looks, and with it its name; that some way leads past is all that
is left. The ways themselves say that something is possible, never how often. Numbers and
colours are those of `Published`, not those that the results folder has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from miners.discovery.bpmn_layout import Diagram, Node, Shape
from miners.discovery.model_colours import COLOURS, Agreement, Followed
from miners.discovery.model_files import Colour, render_bpmn
from reports.charts.colours import INK, node_scale
from reports.language import mark, say
from reports.maps.graph import Activity, Terminal, place_name
from reports.maps.plan import straying_step_text
from reports.suppress import Published
from reports.views.bpmn_reading import read_diagram, without
from reports.words.wording import clean, number

# The darker fills would not carry dark letters.
_FILLS = node_scale()[:4]


class Look(StrEnum):
    """By what the steps of the model are coloured."""

    FREQUENCY = "frequency"
    CONFORMANCE = "conformance"


LOOKS: Mapping[Look, str] = {
    Look.FREQUENCY: mark("How often"),
    Look.CONFORMANCE: mark("Where it strays"),
}
"""What the looks are called; said through `say`."""

AGREEMENTS: Mapping[Agreement, str] = {
    Agreement.CONFORMING: mark("as it should be"),
    Agreement.SOME_STRAY: mark("some stray"),
    Agreement.MOSTLY_STRAY: mark("half or more stray"),
    Agreement.OFTEN_SKIPPED: mark("left out in one of ten cases or more"),
}
"""What the colours of straying mean; said through `say`."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A step of the model: the id of its element in the file, and what may be told of it."""

    id: str
    name: str
    activity: Activity

    @property
    def agreement(self) -> Agreement | None:
        """How well it is followed, by what may be told; None where that is not told."""
        strays = self.activity.strays
        if strays is None or (strays.count is None and not strays.few):
            return None
        return Followed(
            events=self.activity.events,
            straying=min(strays.count or 0, self.activity.events),
            skipped=strays.left_out,
        ).agreement


@dataclass(frozen=True, kw_only=True)
class BpmnView:
    """The model that may be shown. `withheld` is how many of its steps are not told."""

    diagram: Diagram
    tasks: tuple[Task, ...]
    withheld: int

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """By what the steps can be coloured."""
        known = any(task.agreement is not None for task in self.tasks)
        return tuple(Look) if known else (Look.FREQUENCY,)

    def file(self, look: Look) -> bytes:
        """The model as a BPMN file with these colours."""
        told = (self._colour(task, look) for task in self.tasks)
        colours = {
            task.name: one for task, one in zip(self.tasks, told, strict=True) if one is not None
        }
        return render_bpmn(self.diagram, colours)

    def numbers(self, look: Look) -> Mapping[str, str]:
        """What is printed beside each step, by the id of its element."""
        return {task.id: _printed(task, look) for task in self.tasks}

    def legend(self, look: Look) -> Sequence[tuple[Colour, str]]:
        """The colours that the steps have, each with what it means."""
        if look is Look.CONFORMANCE:
            seen = {task.agreement for task in self.tasks}
            return [(COLOURS[one], say(AGREEMENTS[one])) for one in Agreement if one in seen]
        top = self._top
        return [
            (
                Colour(stroke=INK, fill=fill),
                say(
                    "%(low)s to %(high)s times",
                    low=number(top * step // len(_FILLS) + 1),
                    high=number(top * (step + 1) // len(_FILLS)),
                ),
            )
            for step, fill in enumerate(_FILLS)
            if any(_step(task.activity.events, top) == step for task in self.tasks)
        ]

    @cached_property
    def _top(self) -> int:
        return max((task.activity.events for task in self.tasks), default=0)

    def _colour(self, task: Task, look: Look) -> Colour | None:
        if look is Look.FREQUENCY:
            return Colour(stroke=INK, fill=_FILLS[_step(task.activity.events, self._top)])
        return COLOURS[task.agreement] if task.agreement is not None else None


def view_bpmn(content: bytes, published: Published) -> BpmnView | None:
    """What may be shown of `model.bpmn`; None where no step of it may be told.

    StopError when the file is not as Runut writes it.
    """
    told = {clean(activity.name): activity for activity in published.graph.activities}
    whole = read_diagram(content)
    named = {node.name for node in whole.nodes if node.shape is Shape.TASK}
    withheld = named - told.keys()
    if named == withheld:
        return None
    shown = without(whole, withheld)
    called = {
        code: clean(published.names.get(activity.name, activity.name))
        for code, activity in told.items()
    }
    tasks = tuple(
        Task(id=f"node_{place}", name=called[node.name], activity=told[node.name])
        for place, node in enumerate(shown.nodes)
        if node.shape is Shape.TASK
    )
    return BpmnView(
        diagram=replace(shown, nodes=tuple(_called(node, called) for node in shown.nodes)),
        tasks=tasks,
        withheld=len(withheld),
    )


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How well the model fits: shares of 0 to 1 (`run.json`, model); activities that it left out.

    `fitness` is how much of what happened it allows, `precision` how much of what it allows
    happened, `coverage` the share of cases whose way it was made from.
    """

    fitness: float | None
    precision: float | None
    coverage: float | None
    left_out: tuple[str, ...]


def read_fit(run: Mapping[str, Any], published: Published) -> Fit:
    """What `run.json` tells of the model, without the activities that may not be told."""
    model = run.get("model") or {}
    told = {activity.name for activity in published.graph.activities}
    return Fit(
        fitness=model.get("fitness"),
        precision=model.get("precision"),
        coverage=model.get("coverage"),
        left_out=tuple(name for name in model.get("activities_left_out", ()) if name in told),
    )


def _called(node: Node, called: Mapping[str, str]) -> Node:
    """The node as it is called in the language spoken; a gateway is not called anything."""
    if node.shape is Shape.TASK:
        return replace(node, name=called[node.name])
    terminals = {Shape.START: Terminal.START, Shape.END: Terminal.END}
    return replace(node, name=place_name(terminals[node.shape])) if node.name else node


def _step(events: int, top: int) -> int:
    return min(max(-(-len(_FILLS) * events // max(top, 1)) - 1, 0), len(_FILLS) - 1)


def _printed(task: Task, look: Look) -> str:
    if look is Look.CONFORMANCE:
        return straying_step_text(task.activity)
    return ("≈ " if task.activity.about else "") + number(task.activity.events)
