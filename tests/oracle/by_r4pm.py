"""How far ways stray from a model as r4pm counts it: an opinion for tests, a peer in benchmarks.

The search is r4pm's, in Rust, over the same costs as everybody's (Adriansyah 2014).
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from eventlog.kernels import Int64s
from miners.discovery.model_files import PetriNet

# A silent step costs next to nothing, yet not nothing, so that a model cannot go round silently for
# ever.
_DEVIATION = 10_000
_COSTS = {
    "log_move_cost": _DEVIATION,
    "model_move_cost": _DEVIATION,
    "silent_move_cost": 1,
    "sync_move_cost": 0,
}


def deviations(ways: Sequence[Sequence[str]], net: PetriNet) -> Int64s:
    """The fewest steps that each way or the model must do alone; shape [ways].

    The search has no limit: it can take long where a model lets anything happen side by side.
    """
    import r4pm
    from r4pm.bindings.conformance.case_centric import alignments

    names = sorted({step for way in ways for step in way})
    number = {name: place for place, name in enumerate(names)}
    log = {
        "activities": names,
        "act_to_index": number,
        "traces": [[[number[step] for step in way], 1] for way in sorted({*map(tuple, ways)})],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "variants.json"
        path.write_text(json.dumps(log), encoding="utf-8")
        kept = r4pm.import_item("EventLogActivityProjection", str(path))
    try:
        done = alignments.align_variants(_model(net), kept, {"cost_fn": _COSTS})
    finally:
        r4pm.remove_item(kept)
    found = {tuple(one["activities"]): one["result"]["Ok"]["cost"] for one in done}
    return np.array([found[tuple(way)] for way in ways], np.int64) // _DEVIATION


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
