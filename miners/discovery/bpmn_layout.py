"""Where the shapes of a BPMN diagram stand: the usual way straight through, the rest beneath it.

A process tree is nested blocks, so its diagram is too: every block is a rectangle with one way in
and one way out at the same height, branches lie below each other, and the way back of a loop runs
beneath it from right to left. Lines are horizontal and vertical by construction and never cross.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from miners.discovery.process_tree import Block, Kind

TASK_WIDTH, TASK_HEIGHT = 100, 80
GATEWAY = 50
EVENT = 36
GAP = 50
"""Free space between neighbours on one line, in px."""
LANE = 30
"""Free space between branches, in px."""
MARGIN = 20


class Shape(StrEnum):
    """What a node is; the value is its BPMN element."""

    START = "startEvent"
    END = "endEvent"
    TASK = "task"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"


_SIZES = {
    Shape.START: (EVENT, EVENT),
    Shape.END: (EVENT, EVENT),
    Shape.TASK: (TASK_WIDTH, TASK_HEIGHT),
    Shape.EXCLUSIVE: (GATEWAY, GATEWAY),
    Shape.PARALLEL: (GATEWAY, GATEWAY),
}


@dataclass(frozen=True, kw_only=True)
class Node:
    """One shape; `x` and `y` are its upper left corner in px."""

    shape: Shape
    name: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One arrow between two nodes (their indices), along its corner points in px."""

    source: int
    target: int
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """A drawn process: node 0 is the start, the last node is the end."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]


def draw(tree: Block) -> Diagram:
    """Lay a process tree out from left to right."""
    pen = _Pen()
    room = _room(tree)
    y = MARGIN + max(room.above, EVENT // 2)
    start = pen.node(Shape.START, "start", MARGIN, y)
    x = MARGIN + EVENT + GAP
    way = pen.block(tree, x, y, 1, _Way(source=start, points=((MARGIN + EVENT, y),)))
    x += room.width + (GAP if room.width else 0)
    end = pen.node(Shape.END, "end", x, y)
    pen.arrive(way, end, (x, y))
    return Diagram(nodes=tuple(pen.nodes), flows=tuple(pen.flows))


@dataclass(frozen=True, kw_only=True)
class _Room:
    """What a block needs: its width, and what lies above and below its line."""

    width: int
    above: int
    below: int


@dataclass(frozen=True, kw_only=True)
class _Way:
    """An arrow that has left its node and not yet arrived."""

    source: int
    points: tuple[tuple[int, int], ...]


def _room(block: Block) -> _Room:
    if block.kind is Kind.ACTIVITY:
        return _Room(width=TASK_WIDTH, above=TASK_HEIGHT // 2, below=TASK_HEIGHT // 2)
    if block.kind is Kind.SILENT:
        return _Room(width=0, above=0, below=0)
    rooms = [_room(child) for child in block.children]
    if block.kind is Kind.SEQUENCE:
        return _Room(
            width=sum(room.width for room in rooms) + GAP * (len(rooms) - 1),
            above=max(room.above for room in rooms),
            below=max(room.below for room in rooms),
        )
    inner = max(room.width for room in rooms)
    return _Room(
        width=2 * GATEWAY + (inner + 2 * GAP if inner else GAP),
        above=max(rooms[0].above, GATEWAY // 2),
        below=_lines(rooms)[-1] + rooms[-1].below,
    )


def _lines(rooms: list[_Room]) -> list[int]:
    """How far below the first branch each branch has its line."""
    lines = [0]
    for upper, lower in pairwise(rooms):
        free = max(upper.below, GATEWAY // 2 if lines == [0] else 0)
        lines.append(lines[-1] + free + LANE + lower.above)
    return lines


@dataclass(frozen=True)
class _Pen:
    """Collects what is drawn. `towards` is 1 from left to right, and -1 on the way back."""

    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def node(self, shape: Shape, name: str, x: int, y: int) -> int:
        width, height = _SIZES[shape]
        self.nodes.append(
            Node(shape=shape, name=name, x=x, y=y - height // 2, width=width, height=height)
        )
        return len(self.nodes) - 1

    def arrive(self, way: _Way, target: int, *points: tuple[int, int]) -> None:
        line = _straighten((*way.points, *points))
        self.flows.append(Flow(source=way.source, target=target, points=line))

    def block(self, block: Block, x: int, y: int, towards: int, way: _Way) -> _Way:
        """Draw a block whose left edge is at `x` and whose line is at `y`; give its way out."""
        if block.kind is Kind.SILENT:
            return way
        if block.kind is Kind.ACTIVITY:
            near, far = (x, x + TASK_WIDTH)[::towards]
            task = self.node(Shape.TASK, block.name, x, y)
            self.arrive(way, task, (near, y))
            return _Way(source=task, points=((far, y),))
        if block.kind is Kind.SEQUENCE:
            return self._sequence(block, x, y, towards, way)
        return self._fork(block, x, y, towards, way)

    def _sequence(self, block: Block, x: int, y: int, towards: int, way: _Way) -> _Way:
        place = x if towards > 0 else x + _room(block).width
        for child in block.children:
            width = _room(child).width
            way = self.block(child, place if towards > 0 else place - width, y, towards, way)
            place += towards * (width + GAP)
        return way

    def _fork(self, block: Block, x: int, y: int, towards: int, way: _Way) -> _Way:
        """Draw a choice, a parallel block or a loop: two gateways and the branches between them."""
        width = _room(block).width
        shape = Shape.PARALLEL if block.kind is Kind.PARALLEL else Shape.EXCLUSIVE
        left, right = x, x + width - GATEWAY
        first, last = (left, right)[::towards]
        opening = self.node(shape, "", first, y)
        self.arrive(way, opening, (first if towards > 0 else first + GATEWAY, y))
        rooms = [_room(child) for child in block.children]
        inner = max(room.width for room in rooms)
        closing = -1
        endings: list[tuple[_Way, int]] = []
        for child, room, line in zip(block.children, rooms, _lines(rooms), strict=True):
            redo = block.kind is Kind.LOOP and line > 0
            heading = -towards if redo else towards
            origin, at = (closing, last) if redo else (opening, first)
            place = x + GATEWAY + GAP + (0 if heading > 0 else inner - room.width)
            way = self.block(child, place, y + line, heading, _leave(origin, at, y, line, towards))
            if block.kind is Kind.LOOP and line == 0:
                closing = self.node(shape, "", last, y)
                self._join(way, closing, last, y, line, towards)
            else:
                endings.append((way, line))
        if block.kind is not Kind.LOOP:
            closing = self.node(shape, "", last, y)
        target, at = (opening, first) if block.kind is Kind.LOOP else (closing, last)
        for way, line in endings:
            self._join(way, target, at, y, line, towards)
        return _Way(source=closing, points=((last + (GATEWAY if towards > 0 else 0), y),))

    def _join(self, way: _Way, target: int, x: int, y: int, line: int, towards: int) -> None:
        """Come in to the gateway whose left edge is at `x`: along its line, or from beneath."""
        if line == 0:
            self.arrive(way, target, (x if towards > 0 else x + GATEWAY, y))
        else:
            middle = x + GATEWAY // 2
            self.arrive(way, target, (middle, y + line), (middle, y + GATEWAY // 2))


def _leave(source: int, x: int, y: int, line: int, towards: int) -> _Way:
    """Go out of the gateway whose left edge is at `x`: along its line, or beneath it."""
    if line == 0:
        return _Way(source=source, points=((x + (GATEWAY if towards > 0 else 0), y),))
    middle = x + GATEWAY // 2
    return _Way(source=source, points=((middle, y + GATEWAY // 2), (middle, y + line)))


def _straighten(points: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Leave out points that are repeated or lie on a straight line between their neighbours."""
    line: list[tuple[int, int]] = []
    for point in points:
        if line and line[-1] == point:
            continue
        if len(line) > 1 and (
            line[-2][0] == line[-1][0] == point[0] or line[-2][1] == line[-1][1] == point[1]
        ):
            line[-1] = point
        else:
            line.append(point)
    return tuple(line)
