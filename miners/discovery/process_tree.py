"""A process as nested blocks: steps in sequence, choices, things side by side, and repeats."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a block does with its children; the value is the usual sign of the operator."""

    ACTIVITY = "activity"
    SILENT = "tau"
    SEQUENCE = "->"
    CHOICE = "X"
    PARALLEL = "+"
    LOOP = "*"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One node of a process tree. A loop has two children: what is done, and the way back to it.

    `name` is the activity of a leaf and empty everywhere else. Inner blocks have two children or
    more.
    """

    kind: Kind
    name: str = ""
    children: tuple["Block", ...] = ()

    def __post_init__(self) -> None:
        """Refuse a tree that no reader could draw."""
        least = {Kind.ACTIVITY: 0, Kind.SILENT: 0}.get(self.kind, 2)
        most = {Kind.ACTIVITY: 0, Kind.SILENT: 0, Kind.LOOP: 2}.get(self.kind)
        if len(self.children) < least or (most is not None and len(self.children) > most):
            msg = f"a {self.kind.name.lower()} block cannot have {len(self.children)} children"
            raise ValueError(msg)
        if bool(self.name) != (self.kind is Kind.ACTIVITY):
            msg = f"a {self.kind.name.lower()} block is named {self.name!r}; only activities are"
            raise ValueError(msg)

    def __str__(self) -> str:
        """As process-mining papers write it: `->( 'a', X( 'b', tau ) )`, quotes doubled."""
        if self.kind is Kind.ACTIVITY:
            return "'" + self.name.replace("'", "''") + "'"
        if self.kind is Kind.SILENT:
            return str(self.kind)
        return f"{self.kind}( {', '.join(map(str, self.children))} )"


SILENT = Block(kind=Kind.SILENT)


def activities(block: Block) -> Iterator[str]:
    """Read the names of all leaves, from left to right."""
    if block.kind is Kind.ACTIVITY:
        yield block.name
    for child in block.children:
        yield from activities(child)


def arrange(block: Block, cases: Mapping[str, int]) -> Block:
    """Put the most frequent branch of every choice and parallel block first, the skip last.

    A drawing keeps its first branch on the straight line, so the usual way becomes the spine; and
    the order no longer hangs on whatever order a discovery algorithm returned. `cases` is how
    often each activity occurs; ties go by name.
    """
    children = tuple(arrange(child, cases) for child in block.children)
    if block.kind in {Kind.CHOICE, Kind.PARALLEL}:
        children = tuple(sorted(children, key=lambda child: _rank(child, cases)))
    return Block(kind=block.kind, name=block.name, children=children)


def _rank(block: Block, cases: Mapping[str, int]) -> tuple[bool, int, str]:
    most = max((cases.get(name, 0) for name in activities(block)), default=0)
    return block.kind is Kind.SILENT, -most, str(block)
