"""The cheapest way from one place to every other, and the only bridges between places."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True)
class Reached(Generic[P]):
    """What it costs to get here, and from where one comes (None at the origin)."""

    cost: int
    before: P | None


def neighbours(edges: Iterable[tuple[P, P, int]]) -> Callable[[P], Sequence[tuple[P, int]]]:
    """Where one gets from a place and at what cost, for directed edges (from, to, cost)."""
    leaving: dict[P, list[tuple[P, int]]] = {}
    for source, target, cost in edges:
        leaving.setdefault(source, []).append((target, cost))
    return lambda place: leaving.get(place, ())


def cheapest(
    origin: P, steps: Callable[[P], Iterable[tuple[P, int]]], *, goal: P | None = None
) -> dict[P, Reached[P]]:
    """Cheapest paths from `origin` (Dijkstra), to all places or until `goal` is reached.

    `steps` gives the places that follow a place and what each costs, whole numbers >= 0. Among
    equally cheap ways the step that comes first wins, so the same input gives the same answer.
    Places that cannot be reached are absent.

    >>> cheapest("a", neighbours([("a", "b", 1), ("b", "c", 1), ("a", "c", 3)]))["c"]
    Reached(cost=2, before='b')
    """
    found: dict[P, Reached[P]] = {}
    queue: list[tuple[int, int, P, P | None]] = [(0, 0, origin, None)]
    pushed = 0
    while queue and goal not in found:
        cost, _, place, before = heappop(queue)
        if place in found:
            continue
        found[place] = Reached(cost, before)
        for target, step in steps(place):
            if target not in found:
                pushed += 1
                heappush(queue, (cost + step, pushed, target, place))
    return found


def bridges(edges: Sequence[tuple[P, P]]) -> list[int]:
    """Indices of the edges that lie on no cycle, directions ignored; parallel edges are cycles.

    Method: Tarjan, A note on finding the bridges of a graph (1974), without recursion.

    >>> bridges([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])
    [3]
    """
    around: dict[P, list[tuple[P, int]]] = {}
    for index, (one, other) in enumerate(edges):
        around.setdefault(one, []).append((other, index))
        around.setdefault(other, []).append((one, index))
    seen: dict[P, int] = {}
    low: dict[P, int] = {}
    found: list[int] = []
    for root, nearby in around.items():
        if root in seen:
            continue
        seen[root] = low[root] = len(seen)
        stack = [(root, -1, iter(nearby))]
        while stack:
            place, came_by, rest = stack[-1]
            for near, index in rest:
                if index == came_by:
                    continue
                if near in seen:
                    low[place] = min(low[place], seen[near])
                else:
                    seen[near] = low[near] = len(seen)
                    stack.append((near, index, iter(around[near])))
                    break
            else:
                stack.pop()
                if stack:
                    parent = stack[-1][0]
                    low[parent] = min(low[parent], low[place])
                    if low[place] > seen[parent]:
                        found.append(came_by)
    return sorted(found)
