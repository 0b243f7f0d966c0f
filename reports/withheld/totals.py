"""Whether a number that is told would tell one that is hidden."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


def tellable(part: int, whole: int, least: int) -> bool:
    """Whether neither the part nor what it leaves of the whole is a group of fewer than `least`.

    >>> tellable(599, 600, 5), tellable(600, 600, 5), tellable(3, 600, 5)
    (False, True, False)
    """
    return all(count == 0 or count >= least for count in (part, whole - part))


def nearest(count: int, least: int) -> int:
    """The count to the nearest multiple of `least`; what is there does not become nothing.

    So it cannot be subtracted from an exact number: groups of fewer than `least` drown in it.

    >>> nearest(5112, 5), nearest(7, 5), nearest(8, 5), nearest(1, 5), nearest(0, 5)
    (5110, 5, 10, 5, 0)
    """
    return max((2 * count + least) // (2 * least) * least, least) if count else 0


def drowned(part: int, whole: int, step: int) -> int:
    """The part to the nearest multiple of `step`, beside a whole that is told exactly.

    A part that leaves fewer than `step` is told as if it left nothing: else 100 of 96 would say
    that it leaves one at most.

    >>> drowned(95, 96, 10), drowned(87, 96, 10), drowned(84, 96, 10), drowned(96, 96, 10)
    (100, 100, 80, 100)
    """
    return nearest(whole if whole - part < step else part, step)


def at_least(told: int, least: int) -> int:
    """The fewest that a count which `nearest` has rounded to this can be, being no few.

    >>> at_least(5, 5), at_least(10, 5), at_most(10, 5), at_least(7, 1)
    (5, 8, 12, 7)
    """
    return max(least, told - least // 2) if told else 0


def at_most(told: int, least: int) -> int:
    """The most that a count which `nearest` has rounded to this can be."""
    return told + (least - 1) // 2 if told else 0


def pinned(whole: int, parts: Iterable[int], hidden: int, least: int) -> bool:
    """Whether a whole that is told would fix the hidden parts at the most that they can be.

    `whole` and `parts` are what `nearest` has told; `hidden` further parts are of fewer than
    `least`. The whole is no more than all parts together.

    >>> pinned(10, [], 2, 5), pinned(10, [5], 2, 5)
    (True, False)
    """
    most = sum(at_most(part, least) for part in parts)
    return hidden > 0 and at_least(whole, least) - most >= hidden * (least - 1)


def withheld(parts: Sequence[int], least: int) -> frozenset[int]:
    """Which parts of a sum that is known must not be told: the few, and what would give them away.

    The smallest other parts go too until at least two are hidden, which together are enough.

    >>> sorted(withheld([90, 3, 40, 8], 5)), sorted(withheld([90, 0, 40], 5))
    ([1, 3], [])
    """
    hidden = [place for place, count in enumerate(parts) if 0 < count < least]
    others = [place for place, count in enumerate(parts) if count >= least]
    others.sort(key=lambda place: (-parts[place], -place))
    while hidden and others and (len(hidden) == 1 or sum(parts[p] for p in hidden) < least):
        hidden.append(others.pop())
    return frozenset(hidden)


def total_tells(
    hidden: Sequence[tuple[P, P]], *, counted: Sequence[int], small: Sequence[int]
) -> bool:
    """Whether the exact sum of the `counted` hidden cells would fix one of the `small` ones.

    What flows in flows out, so hidden flows can only differ by rings of hidden cells. The sum
    fixes a cell when every ring changes both in the same proportion. `counted` and `small` are
    indices into `hidden`, which holds the cells as (from, to). Method: fundamental cycles of a
    spanning forest, one for each cell outside it.

    >>> total_tells([("a", "b"), ("a", "b")], counted=[0], small=[0])
    True
    >>> total_tells([("a", "b"), ("a", "b")], counted=[0, 1], small=[0])
    False
    """
    rings = _rings(hidden)
    weight = dict.fromkeys(counted, 1)
    changes = {
        number: change
        for number, ring in enumerate(rings)
        if (change := sum(sign * weight.get(cell, 0) for cell, sign in ring.items()))
    }
    if not changes:
        return False
    shares: dict[int, dict[int, int]] = {cell: {} for cell in small}
    for number, ring in enumerate(rings):
        for cell, sign in ring.items():
            if cell in shares:
                shares[cell][number] = sign
    first = min(changes)
    return any(
        share.keys() == changes.keys()
        and all(share[n] * changes[first] == share[first] * changes[n] for n in changes)
        for share in shares.values()
    )


@dataclass(frozen=True)
class _Link(Generic[P]):
    """How a place hangs in the forest: below what, by which cell, and its direction downwards."""

    above: P
    cell: int
    sign: int


def _forest(hidden: Sequence[tuple[P, P]]) -> tuple[dict[P, _Link[P]], dict[P, int]]:
    """A spanning forest of the cells, directions ignored: links upwards, and depths."""
    around: dict[P, list[tuple[P, int, int]]] = {}
    for index, (tail, head) in enumerate(hidden):
        around.setdefault(tail, []).append((head, index, 1))
        around.setdefault(head, []).append((tail, index, -1))
    links: dict[P, _Link[P]] = {}
    depth: dict[P, int] = {}
    for root in around:
        if root in depth:
            continue
        depth[root] = 0
        waiting = [root]
        for place in waiting:
            for near, index, sign in around[place]:
                if near not in depth:
                    links[near], depth[near] = _Link(place, index, sign), depth[place] + 1
                    waiting.append(near)
    return links, depth


def _rings(hidden: Sequence[tuple[P, P]]) -> list[dict[int, int]]:
    """One ring for each cell outside a spanning forest: its cells with their direction (1, -1)."""
    links, depth = _forest(hidden)
    in_forest = {link.cell for link in links.values()}
    rings = []
    for index, (tail, head) in enumerate(hidden):
        if index in in_forest:
            continue
        ring = {index: 1}
        low, high = head, tail  # the way back climbs from the head and comes down to the tail
        while low != high:
            if depth[low] >= depth[high]:
                ring[links[low].cell] = -links[low].sign
                low = links[low].above
            else:
                ring[links[high].cell] = links[high].sign
                high = links[high].above
        rings.append(ring)
    return rings
