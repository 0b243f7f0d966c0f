"""How well a process tree explains a directly-follows graph, where whole cases are not known."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from miners.discovery.process_tree import Block, Kind, activities
from miners.discovery.tree_replay import Quality


def measure_pairs(tree: Block, pairs: Mapping[tuple[str, str], int]) -> Quality:
    """Compare a tree with a directly-follows graph: the same two questions, one step at a time.

    `pairs`: how often the second activity came right after the first, "" for the case's beginning
    and end. `fitness` and `replayed`: the share of these steps that the tree allows somewhere.
    `precision`: the share of what the tree allows after an activity that was seen after it,
    weighted by how often something followed (the order-1 Markovian abstraction of Augusto et al.
    2019).
    """
    names = sorted({*activities(tree), *(name for pair in pairs for name in pair if name)})
    letters = {name: i for i, name in enumerate(names)} | {"": len(names)}
    allowed = _followers(tree, letters)
    seen: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    fit = 0
    for (source, target), times in pairs.items():
        seen[source] |= 1 << letters[target]
        left[source] += times
        fit += times * (allowed[source] >> letters[target] & 1)
    total = sum(left.values())
    may = sum(left[source] * allowed[source].bit_count() for source in left)
    new = sum(left[source] * (allowed[source] & ~seen[source]).bit_count() for source in left)
    return Quality(
        fitness=fit / total,
        precision=1.0 - new / may if may else 1.0,
        replayed=fit / total,
        bounded=0.0,
    )


@dataclass(frozen=True, kw_only=True)
class _Ends:
    """What a block may begin with (bit set), what it may end with, and whether it may be empty."""

    first: int
    last: frozenset[str]
    empty: bool


def _followers(tree: Block, letters: Mapping[str, int]) -> dict[str, int]:
    """What may follow each activity directly, and the beginning (""), as bit sets of letters."""
    follow: dict[str, int] = defaultdict(int)
    ends = _link(tree, letters, follow)
    follow[""] = ends.first | (1 << letters[""] if ends.empty else 0)
    for name in ends.last:
        follow[name] |= 1 << letters[""]
    return follow


def _link(block: Block, letters: Mapping[str, int], follow: dict[str, int]) -> _Ends:
    if block.kind is Kind.ACTIVITY:
        return _Ends(first=1 << letters[block.name], last=frozenset([block.name]), empty=False)
    if block.kind is Kind.SILENT:
        return _Ends(first=0, last=frozenset(), empty=True)
    inner = [_link(child, letters, follow) for child in block.children]
    if block.kind is Kind.SEQUENCE:
        return reduce(lambda one, two: _after(one, two, follow), inner)
    if block.kind is Kind.LOOP:
        return _loop(inner[0], inner[1], follow)
    if block.kind is Kind.PARALLEL:
        for child in block.children:
            beside = (activities(other) for other in block.children if other is not child)
            bits = reduce(or_, (1 << letters[name] for names in beside for name in names), 0)
            for name in activities(child):
                follow[name] |= bits
    empties = [ends.empty for ends in inner]
    return _Ends(
        first=reduce(or_, (ends.first for ends in inner)),
        last=frozenset[str]().union(*(ends.last for ends in inner)),
        empty=all(empties) if block.kind is Kind.PARALLEL else any(empties),
    )


def _after(one: _Ends, two: _Ends, follow: dict[str, int]) -> _Ends:
    for name in one.last:
        follow[name] |= two.first
    return _Ends(
        first=one.first | (two.first if one.empty else 0),
        last=two.last | (one.last if two.empty else frozenset()),
        empty=one.empty and two.empty,
    )


def _loop(do: _Ends, redo: _Ends, follow: dict[str, int]) -> _Ends:
    for name in do.last:
        follow[name] |= redo.first | (do.first if redo.empty else 0)
    for name in redo.last:
        follow[name] |= do.first | (redo.first if do.empty else 0)
    if not do.empty:
        return do
    return _Ends(first=do.first | redo.first, last=do.last | redo.last, empty=True)
