"""Whether a drawn procedure can be followed to its end from wherever it leads, and where not."""

from collections.abc import Iterator

import numpy as np

from eventlog.kernels import Bools, Int32s
from miners.procedure.bpmn_net import DrawnNet
from miners.procedure.drawing import Drawing, Kind
from miners.procedure.states import States, places_of

_END = 1
_SHOWN = 8


def unsound(drawing: Drawing, drawn: DrawnNet, states: States) -> Iterator[str]:
    """What keeps the procedure from being sound, with a run that leads there; nothing where it is.

    Sound (van der Aalst 1997): the end can be reached from every situation, nothing is left to do
    at the end, and every step can be done at some time.
    """
    early = [
        i
        for i, marking in enumerate(states.markings)
        if marking >> _END & 1 and marking != 1 << _END
    ]
    if early:
        yield (
            f"the procedure can end while something is still to be done{_after(states, early[0])}; "
            "join what runs side by side with a parallel gateway before the end"
        )
    if states.crowded is not None:
        if not early:
            yield _crowded(drawing, drawn, states.crowded, states)
        return
    stuck = [
        i
        for i in np.flatnonzero(np.diff(states.begins) == 0).tolist()
        if not states.markings[i] >> _END & 1
    ]
    if stuck:
        yield _stuck(drawing, drawn, states, stuck[0])
    lost = np.flatnonzero(~can_end(states))
    if not early and not stuck and len(lost):
        yield f"the end can no longer be reached{_after(states, int(lost[0]))}; draw a way to it"
    done = {node for place in np.unique(states.transition) for node in drawn.nodes[place]}
    for place, node in enumerate(drawing.nodes):
        if node.kind is Kind.TASK and place not in done:
            yield f"the {node} can never be done; nothing that leads to it ever comes together"


def can_end(states: States, without: int | None = None) -> Bools:
    """From which states the end can be reached, without ever doing the activity `without`."""
    kept = states.label != without if without is not None else np.ones(len(states.label), bool)
    found = np.zeros(len(states), bool)
    if states.final < 0:
        return found
    order = np.argsort(states.target[kept], kind="stable")
    source = states.source[kept][order]
    begins = np.searchsorted(states.target[kept][order], np.arange(len(states) + 1))
    todo = [states.final]
    found[states.final] = True
    while todo:
        state = todo.pop()
        for before in source[begins[state] : begins[state + 1]].tolist():
            if not found[before]:
                found[before] = True
                todo.append(before)
    return found


def _crowded(drawing: Drawing, drawn: DrawnNet, arrow: tuple[int, int], states: States) -> str:
    state, transition = arrow
    name, before, after = drawn.net.transitions[transition]
    left = set(places_of(states.markings[state])) - set(before)
    place = next(p for i, p in enumerate(after) if p in left or p in after[:i])
    node = drawing.nodes[drawn.at[place]]
    return (
        f"two branches that run side by side can both come to the {node}"
        f"{_after(states, state, name)}; join them with a parallel gateway before it"
    )


def _stuck(drawing: Drawing, drawn: DrawnNet, states: States, state: int) -> str:
    there = set(places_of(states.markings[state]))
    for (_, before, _), nodes in zip(drawn.net.transitions, drawn.nodes, strict=True):
        if there.intersection(before):
            joins = [n for n in nodes if drawing.nodes[n].kind is Kind.PARALLEL]
            waits = drawing.nodes[joins[0]] if joins else drawing.nodes[nodes[0]]
            return (
                f"the procedure gets stuck{_after(states, state)}: the {waits} waits for a branch "
                "that was not taken; lead alternatives together with an exclusive gateway"
            )
    return f"the procedure gets stuck{_after(states, state)}; draw a way on"


def _after(states: States, state: int, then: str = "") -> str:
    """The activities of a shortest way to the state and one more, in words."""
    first = _first_arrows(states)
    steps = [then] if then else []
    while state:
        arrow = int(first[state])
        if states.label[arrow] >= 0:
            steps.append(states.labels[states.label[arrow]])
        state = int(states.source[arrow])
    if not steps:
        return " at once"
    shown = [f'"{step}"' for step in reversed(steps[:_SHOWN])]
    return f" after {'… > ' if len(steps) > _SHOWN else ''}{' > '.join(shown)}"


def _first_arrows(states: States) -> Int32s:
    """The arrow by which each state was found first; states are numbered as they were found."""
    _, first = np.unique(states.target, return_index=True)
    arrows = np.full(len(states), -1, np.int32)
    arrows[states.target[first]] = first
    return arrows
