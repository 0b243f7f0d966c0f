"""Every situation that a procedure can be in, and the steps that lead from one to the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventlog.errors import StopError
from eventlog.kernels import Int32s, Int64s
from miners.discovery.model_files import PetriNet

MOST_STATES = 20_000
"""Situations of one procedure; fourteen steps in any order have 16,384."""


@dataclass(frozen=True, kw_only=True, eq=False)
class States:
    """The reachability graph of a net in which no place ever holds two tokens.

    `markings` [states] are sets of places as bits; the first is the start. Arrows [arrows] stand in
    the order of `source`: `label` is a place in `labels` (the activities, sorted), -1 for a silent
    transition; `transition` is the one of the net. `crowded` is an arrow's (state, transition) that
    would put a second token into a place, None where none does; exploring ends there.
    """

    labels: tuple[str, ...]
    markings: tuple[int, ...]
    source: Int32s
    target: Int32s
    label: Int32s
    transition: Int32s
    crowded: tuple[int, int] | None

    def __len__(self) -> int:
        """How many situations there are."""
        return len(self.markings)

    @cached_property
    def begins(self) -> Int64s:
        """Where each state's arrows begin; shape [states + 1]."""
        return np.searchsorted(self.source, np.arange(len(self) + 1)).astype(np.int64)

    @property
    def final(self) -> int:
        """The state in which only the end holds a token; -1 where it is never reached."""
        return self.markings.index(2) if 2 in self.markings else -1  # noqa: PLR2004 (bit of place 1)


def explore(net: PetriNet, *, most: int = MOST_STATES) -> States:
    """Walk through all situations of a net, the nearest first; the same order always.

    StopError where there are more than `most` of them.
    """
    labels = tuple(sorted({name for name, _, _ in net.transitions if name}))
    code = {name: i for i, name in enumerate(labels)}
    moves = [(code.get(name, -1), *_bits(before, after)) for name, before, after in net.transitions]
    number = {1: 0}
    todo = [1]
    arrows: list[tuple[int, int, int, int]] = []
    crowded = None
    for state, marking in enumerate(todo):
        for place, (label, takes, puts, twice) in enumerate(moves):
            if marking & takes != takes:
                continue
            left = marking & ~takes
            if twice or left & puts:
                crowded = (state, place)
                break
            then = left | puts
            if then not in number:
                number[then] = len(todo)
                todo.append(then)
            arrows.append((state, number[then], label, place))
        if crowded is not None:
            break
        if len(todo) > most:
            raise StopError(
                f"the procedure has more than {most:,} situations, for too many steps may be done "
                "in any order; draw the order in which they are usually done"
            )
    columns = np.array(arrows, np.int32).reshape(-1, 4).T
    source, target, label_of, transition = (np.ascontiguousarray(column) for column in columns)
    return States(
        labels=labels,
        markings=tuple(todo),
        source=source,
        target=target,
        label=label_of,
        transition=transition,
        crowded=crowded,
    )


def _bits(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[int, int, bool]:
    """What a transition takes and puts as bits, and whether it puts two tokens into one place."""
    takes, puts = sum(1 << p for p in set(before)), sum(1 << p for p in set(after))
    return takes, puts, len(set(after)) < len(after) or len(set(before)) < len(before)


def places_of(marking: int) -> Iterator[int]:
    """The places that hold a token."""
    place = 0
    while marking >> place:
        if marking >> place & 1:
            yield place
        place += 1
