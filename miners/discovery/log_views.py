"""Smaller views of a log that a miner can make a readable model of.

Activities are codes here, numbered as their names sort. A view is a list of (activities, cases)
per variant, the most frequent first, or a directly-follows graph with `START` and `END` in it.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise, product

MINED_EVENTS = 5_000
"""Events in the variants that the miner is shown at most: a second of its time or so."""
MEASURED_CASES = 300
"""Cases that fitness and precision are measured on, where the variants are too many and long."""
START, END = -1, -2
"""Stand for a case's beginning and end in a directly-follows graph."""

_COVERAGES = (1.0, 0.95, 0.8, 0.6)
_FEWER_ACTIVITIES = (24, 16, 10)

Ways = Sequence[tuple[tuple[int, ...], int]]
Edges = Mapping[tuple[int, int], float]


def activity_choices(
    frequency: Mapping[int, int], readable_nodes: int
) -> Iterator[tuple[int, ...]]:
    """Choose activities: all that can fit beside a start and an end, then ever fewer."""
    ranked = sorted(frequency, key=lambda letter: (-frequency[letter], letter))
    most = max(1, min(len(ranked), readable_nodes - 2))
    for size in (most, *(fewer for fewer in _FEWER_ACTIVITIES if fewer < most)):
        yield tuple(sorted(ranked[:size]))


def ordered(ways: Mapping[tuple[int, ...], int]) -> Ways:
    """Put the most frequent variants first, and equal ones in the order of their activities."""
    return sorted(ways.items(), key=lambda item: (-item[1], item[0]))


def keep(ways: Ways, kept: frozenset[int]) -> Ways:
    """Leave out all other activities; variants that become equal become one."""
    shorter: Counter[tuple[int, ...]] = Counter()
    for way, cases in ways:
        shorter[tuple(letter for letter in way if letter in kept)] += cases
    return ordered(shorter)


def most_frequent(ways: Ways) -> Iterator[tuple[float, Ways]]:
    """Take the most frequent variants until they cover 100, 95, 80, 60 % of the cases.

    Each with the share of the cases that it does cover; at most `MINED_EVENTS` events, though
    always the most frequent variant.
    """
    ends = list(accumulate(cases for _, cases in ways))
    events = list(accumulate(len(way) for way, _ in ways))
    most = max(1, bisect_right(events, MINED_EVENTS))
    sizes = [bisect_left(ends, share * ends[-1]) + 1 for share in _COVERAGES]
    for size in dict.fromkeys(min(size, most, len(ways)) for size in sizes):
        yield ends[size - 1] / ends[-1], ways[:size]


def evenly(ways: Ways) -> Ways:
    """Take `MEASURED_CASES` cases at equal distances, where the variants are more and long."""
    if len(ways) <= MEASURED_CASES or sum(len(way) for way, _ in ways) <= MINED_EVENTS:
        return ways
    ends = list(accumulate(cases for _, cases in ways))
    places = ((2 * i + 1) * ends[-1] // (2 * MEASURED_CASES) for i in range(MEASURED_CASES))
    hits = Counter(bisect_right(ends, place) for place in places)
    return [(ways[i][0], cases) for i, cases in sorted(hits.items())]


def edges_of(ways: Ways) -> Edges:
    """Count what comes directly after what."""
    edges: Counter[tuple[int, int]] = Counter()
    for way, cases in ways:
        for pair in pairwise((START, *way, END)):
            edges[pair] += cases
    return dict(sorted(edges.items()))


def without_noise(edges: Edges, noise: float) -> Edges:
    """Drop edges seen at most `noise` times the most frequent edge from the same activity.

    The most frequent edge into and out of an activity stays, so that nothing hangs loose.
    """
    leaving: dict[int, tuple[float, tuple[int, int]]] = {}
    coming: dict[int, tuple[float, tuple[int, int]]] = {}
    for edge, seen in edges.items():
        source, target = edge
        leaving[source] = max(leaving.get(source, (0.0, edge)), (seen, edge))
        if source != target:
            coming[target] = max(coming.get(target, (0.0, edge)), (seen, edge))
    spared = {edge for _, edge in (*leaving.values(), *coming.values())}
    return {
        edge: seen
        for edge, seen in edges.items()
        if edge in spared or seen > noise * leaving[edge[0]][0]
    }


def bridge(edges: Edges, kept: tuple[int, ...]) -> Edges:
    """Leave the other activities out, one after the other, and join what they stood between."""
    joined = dict(edges)
    inner = {letter for edge in edges for letter in edge} - {START, END, *kept}
    for letter in sorted(inner):
        before = {a: n for (a, b), n in joined.items() if b == letter != a}
        after = {b: n for (a, b), n in joined.items() if a == letter != b}
        joined = {edge: n for edge, n in joined.items() if letter not in edge}
        total = sum(after.values())
        for (a, seen), (b, share) in product(before.items(), after.items()):
            joined[a, b] = joined.get((a, b), 0.0) + seen * share / total
    return dict(sorted(joined.items()))
