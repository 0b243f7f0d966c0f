"""Where exactly a case and the procedure part: step by step, the same answer always.

An alignment is the cheapest way to walk a case and the model side by side, where a step of the
case alone or of the model alone counts as one deviation (Adriansyah 2014). Many alignments cost the
same; of these the one is taken that

1. goes along with the case as long as it can: what is done first counts as done in its place, what
   comes again later is the repetition;
2. lets the model go ahead, by the fewest steps, to where it can go along with an activity that the
   case has not done yet: a step is missing when something is done that needs it, not before;
3. else lets the case stray, and only then the model go ahead for what the case does again. Of equal
   steps of the model the first by name is taken.

So the answer hangs on what the procedure allows, not on how its net is drawn, numbered or searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eventlog.errors import StopError
from eventlog.kernels import Int8s, Int32s, Int64s
from miners.discovery.model_files import PetriNet
from miners.move_layers import (
    BLOCK,
    DESK_ROWS,
    DONE,
    FAR,
    LEVEL,
    QUEUE,
    STAMP,
    relax,
)
from miners.move_loops import LOG, SYNC, walk
from miners.procedure.states import States, explore

__all__ = [
    "AT_THE_END", "LOG", "ON_THE_WAY", "SYNC", "Moves", "Ways", "align_moves", "align_prefixes",
    "coded", "moves_of",
]  # fmt: skip

ON_THE_WAY, AT_THE_END = 0, 1
"""Whether a way may stop anywhere in the procedure, or has come to its end."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ways:
    """Ways through a process, one behind the other.

    `offsets` [ways + 1]; `codes` [steps] are places in `labels` of the states that they are walked
    with, -1 for an activity that these do not have; `ending` [ways] is ON_THE_WAY or AT_THE_END.
    """

    offsets: Int64s
    codes: Int32s
    ending: Int8s


@dataclass(frozen=True, kw_only=True, eq=False)
class Moves:
    """How case and procedure go side by side; [steps] over all ways, [ways] and [alone].

    `kinds` [steps]: SYNC where both do the step, LOG where only the case does. What the procedure
    did alone: way i has the rows alone_offsets[i] to alone_offsets[i + 1] of `alone` (places in the
    states' labels) and `after` (the step within the way behind which it is missing, -1: ahead of
    the first). `deviations` [ways] are the fewest that there can be.
    """

    kinds: Int8s
    alone_offsets: Int64s
    alone: Int32s
    after: Int64s
    deviations: Int64s


@dataclass(frozen=True, kw_only=True)
class WayMoves:
    """One way: SYNC or LOG for each step, and (activity, step behind which only the model did it).

    The step is -1 for what is missing ahead of the first.
    """

    steps: tuple[int, ...]
    alone: tuple[tuple[str, int], ...]


def align_moves(variants: Sequence[Sequence[str]], net: PetriNet) -> list[WayMoves]:
    """Align every variant (its activities) from the start of a workflow net to its end.

    StopError when the net has no way to its end, two tokens in one place, or too many states.

    >>> net = PetriNet(places=3, transitions=(("a", (0,), (2,)), ("b", (2,), (1,))))
    >>> align_moves([("a", "x")], net)
    [WayMoves(steps=(0, 1), alone=(('b', 1),))]
    """
    return _each(variants, explore(net), AT_THE_END)


def align_prefixes(variants: Sequence[Sequence[str]], net: PetriNet) -> list[WayMoves]:
    """The same for cases on their way: what the procedure has still to come is no deviation."""
    return _each(variants, explore(net), ON_THE_WAY)


def _each(variants: Sequence[Sequence[str]], states: States, ending: int) -> list[WayMoves]:
    ways = coded(variants, states, np.full(len(variants), ending, np.int8))
    moves = moves_of(ways, states)
    kinds, alone, after = moves.kinds.tolist(), moves.alone.tolist(), moves.after.tolist()
    return [
        WayMoves(
            steps=tuple(kinds[first:last]),
            alone=tuple((states.labels[alone[at]], after[at]) for at in range(begin, end)),
        )
        for (first, last), (begin, end) in zip(
            pairwise(ways.offsets.tolist()), pairwise(moves.alone_offsets.tolist()), strict=True
        )
    ]


def coded(variants: Sequence[Sequence[str]], states: States, ending: Int8s) -> Ways:
    """Ways told by names, as `moves_of` takes them."""
    code = {name: i for i, name in enumerate(states.labels)}
    steps = [code.get(name, -1) for way in variants for name in way]
    lengths = [len(way) for way in variants]
    return Ways(
        offsets=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        codes=np.array(steps, np.int32),
        ending=ending,
    )


def moves_of(ways: Ways, states: States) -> Moves:
    """Align all ways with a procedure, given by its states; see the head of the module.

    Takes time and memory in proportion to the states, and time to the steps as well.
    """
    if states.crowded is not None:
        raise StopError("the model puts two tokens into one place; it cannot be aligned with")
    many, longest = len(ways.ending), int(np.diff(ways.offsets).max(initial=0))
    begins, pairs = arrows_of(states)
    desk = new_desk(begins.shape[1])
    ends = _ends(states, begins, pairs, desk)
    shortest = int(ends[AT_THE_END, 0])
    if shortest >= FAR:
        raise StopError("the model has no way from its start to its end; draw one")
    kinds, alone_offsets = np.zeros(len(ways.codes), np.int64), np.zeros(many + 1, np.int64)
    # As many as there can be; of what is not written to, the system makes no memory.
    alone = np.empty((2, len(ways.codes) + many * shortest), np.int64)
    deviations = np.zeros(many, np.int64)
    kept = np.empty((max(1, -(-longest // BLOCK)) + 1, len(states)), np.int64)
    block = np.empty((BLOCK + 1, len(states)), np.int64)
    codes, ending = ways.codes.astype(np.int64), ways.ending.astype(np.int64)
    walk(
        ways.offsets, codes, ending, ends, kept, block, begins, pairs, desk, kinds,
        alone_offsets, alone, deviations,
    )  # fmt: skip
    found = alone[:, : alone_offsets[-1]]
    return Moves(
        kinds=kinds.astype(np.int8),
        alone_offsets=alone_offsets,
        alone=found[0].astype(np.int32),
        after=found[1].copy(),
        deviations=deviations,
    )


def arrows_of(states: States) -> tuple[Int64s, Int64s]:
    """The arrows of the reachability graph in three orders, as `miners.move_layers` tells."""
    named = np.flatnonzero(states.label >= 0)
    by_label = named[np.argsort(states.label[named], kind="stable")]
    back = np.argsort(states.target, kind="stable")
    orders = (
        (states.source, states.target, states.label),
        (states.label[by_label], states.source[by_label], states.target[by_label]),
        (states.target[back], states.source[back], states.label[back] >= 0),
    )
    places = np.arange(max(len(states), len(states.labels)) + 1)
    begins = np.array([np.searchsorted(keys, places) for keys, _, _ in orders], np.int64)
    pairs = np.zeros((len(orders), len(states.source), 2), np.int64)
    for order, (keys, one, other) in enumerate(orders):
        pairs[order, : len(keys), 0], pairs[order, : len(keys), 1] = one, other
    return begins, pairs


def new_desk(places: int) -> Int64s:
    """Room to work in, as `miners.move_layers` tells; `places` is how wide `begins` is."""
    desk = np.zeros((DESK_ROWS, places), np.int64)
    desk[[LEVEL, DONE]] = -1
    desk[STAMP] = 1
    return desk


def _ends(states: States, begins: Int64s, pairs: Int64s, desk: Int64s) -> Int64s:
    """What it costs to stop in a state: nothing on the way, else all that is still to come."""
    ends = np.zeros((2, len(states)), np.int64)
    ends[AT_THE_END] = FAR
    if states.final >= 0:
        ends[AT_THE_END, states.final] = 0
        desk[QUEUE, 0] = states.final
        relax(ends, AT_THE_END, 1, begins, pairs, desk)
    return ends
