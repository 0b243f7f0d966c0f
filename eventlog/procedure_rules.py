"""Whether the order that a procedure asks for can be kept at all."""

from collections import deque
from collections.abc import Mapping, Sequence


def circles(order: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The circles in pairs (first, then): each begins with the step that its end should precede.

    Of circles that share steps the shortest through the first name in alphabetical order is told.

    >>> circles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])
    [('a', 'b', 'c')]
    """
    then: dict[str, list[str]] = {}
    for one, other in sorted(set(order)):
        then.setdefault(one, []).append(other)
    found = list[tuple[str, ...]]()
    told = set[str]()
    for step in then:
        circle = () if step in told else _back_to(step, then)
        if circle and told.isdisjoint(circle):
            found.append(circle)
            told.update(circle)
    return found


def in_words(circle: Sequence[str]) -> str:
    """A circle as a sentence about the key `order`, with the way out.

    >>> in_words(("a", "b"))
    'order asks for "a" before "b" before "a", which nobody can keep; leave one of these out'
    """
    if len(circle) == 1:
        return f'order asks for "{circle[0]}" before itself; leave this pair out'
    steps = " before ".join(f'"{step}"' for step in (*circle, circle[0]))
    return f"order asks for {steps}, which nobody can keep; leave one of these out"


def _back_to(step: str, then: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The shortest way from a step back to it; empty where there is none."""
    ways = deque[tuple[str, ...]]([(step,)])
    reached = set[str]()
    while ways:
        way = ways.popleft()
        for after in then.get(way[-1], ()):
            if after == step:
                return way
            if after not in reached:
                reached.add(after)
                ways.append((*way, after))
    return ()
