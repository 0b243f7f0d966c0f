"""How many steps each route through the process strays from a model, counted exactly.

An alignment is the cheapest way to walk a case and the model side by side, where a step of the
case alone or of the model alone counts as one deviation (Adriansyah 2014). The search is r4pm's, in
Rust; its answers are those of pm4py (`tests/oracle`), up to hundreds of times faster. Where the
deviations are, `miners.moves` tells. This is the only module beside the connectors that imports
r4pm.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from eventlog.errors import StopError
from eventlog.kernels import Int64s
from miners.discovery.model_files import PetriNet

# Costs as everybody counts them: a silent step costs next to nothing, yet not nothing, so that a
# model cannot go round silently for ever.
_DEVIATION = 10_000
_COSTS: dict[str, Any] = {
    "log_move_cost": _DEVIATION,
    "model_move_cost": _DEVIATION,
    "silent_move_cost": 1,
    "sync_move_cost": 0,
}


@dataclass(frozen=True, kw_only=True)
class Alignments:
    """What aligning each variant costs; all [variants].

    `deviations`: steps that the case or the model made alone, at their fewest. `costs`: 10,000 a
    deviation and 1 a silent step of the model. `fitness`: one minus the deviations over those of
    leaving the case and the model's shortest run apart, 0..1.
    """

    deviations: Int64s
    costs: Int64s
    fitness: npt.NDArray[np.float64]


def align(variants: Sequence[Sequence[str]], net: PetriNet) -> Alignments:
    """Align every variant (its activities) with a workflow net; the same answer always.

    The search has no limit: it can take long where a model lets anything happen side by side.
    StopError when the net has no way from its start to its end.
    """
    ways = sorted({(), *map(tuple, variants)})
    found = dict(zip(ways, _costs(ways, _model(net)), strict=True))
    shortest = found[()] // _DEVIATION
    costs = np.array([found[tuple(way)] for way in variants], np.int64)
    deviations = costs // _DEVIATION
    worst = np.array([len(way) + shortest for way in variants], np.int64)
    return Alignments(
        deviations=deviations, costs=costs, fitness=1.0 - deviations / np.maximum(worst, 1)
    )


def _costs(ways: Sequence[tuple[str, ...]], model: Mapping[str, Any]) -> list[int]:
    """What each of these distinct ways costs, searched side by side."""
    import r4pm  # noqa: PLC0415 (heavy)
    from r4pm.bindings.conformance.case_centric import alignments  # noqa: PLC0415 (heavy)

    names = sorted({step for way in ways for step in way})
    number = {name: place for place, name in enumerate(names)}
    log = {
        "activities": names,
        "act_to_index": number,
        "traces": [[[number[step] for step in way], 1] for way in ways],
    }
    options: Any = {"cost_fn": _COSTS}
    net: Any = model
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "variants.json"
        path.write_text(json.dumps(log), encoding="utf-8")
        kept = r4pm.import_item("EventLogActivityProjection", str(path))
    try:
        done = alignments.align_variants(net, kept, options)
    finally:
        r4pm.remove_item(kept)
    found = {tuple(one["activities"]): one["result"] for one in done}
    return [_cost(found[way], way) for way in ways]


def _cost(result: Mapping[str, Any], way: tuple[str, ...]) -> int:
    if "Ok" not in result:
        raise StopError(
            f"the model cannot be aligned with {' > '.join(way) or 'an empty case'} "
            f"({result.get('Err')}); has it a way from its start to its end?"
        )
    return int(result["Ok"]["cost"])


def _model(net: PetriNet) -> Mapping[str, Any]:
    """The net as r4pm wants it, with numbers for the identifiers that it insists on."""
    places = [str(UUID(int=number)) for number in range(net.places)]
    transitions = [str(UUID(int=net.places + number)) for number in range(len(net.transitions))]
    return {
        "places": {place: {"id": place} for place in places},
        "transitions": {
            key: {"id": key, "label": name or None}
            for key, (name, _, _) in zip(transitions, net.transitions, strict=True)
        },
        "arcs": list(_arcs(net, places, transitions)),
        "initial_marking": {places[0]: 1},
        "final_markings": [{places[1]: 1}],
    }


def _arcs(
    net: PetriNet, places: Sequence[str], transitions: Sequence[str]
) -> Iterator[Mapping[str, Any]]:
    for key, (_, before, after) in zip(transitions, net.transitions, strict=True):
        ways = [("PlaceTransition", [places[place], key]) for place in before]
        ways += [("TransitionPlace", [key, places[place]]) for place in after]
        for kind, nodes in ways:
            yield {"from_to": {"type": kind, "nodes": nodes}, "weight": 1}
