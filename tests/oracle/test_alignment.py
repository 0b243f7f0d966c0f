"""Aligning costs what it costs in pm4py: on a real log, and on process trees of any shape."""

import random
import warnings

import numpy as np
import pandas as pd
import pm4py
import pytest
from pm4py.objects.log.obj import Event, EventLog, Trace

from eventlog.errors import StopError
from miners.alignment import align
from miners.discovery.inductive import discover_from_variants
from miners.discovery.model_files import PetriNet, petri_net
from miners.discovery.process_tree import SILENT, Block, Kind


def theirs(ways, net, folder):
    """What pm4py says that each way costs, and how well it fits."""
    from miners.discovery.model_files import render_pnml

    path = folder / "net.pnml"
    path.write_bytes(render_pnml(net))
    log = EventLog([Trace([Event({"concept:name": step}) for step in way]) for way in ways])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = pm4py.read_pnml(str(path))
        found = pm4py.conformance_diagnostics_alignments(log, *whole)
    return [one["cost"] for one in found], [one["fitness"] for one in found]


def grown(rng, depth):
    """A process tree of any shape over the letters a to f."""
    if depth == 0 or rng.random() < 0.25:
        return Block(kind=Kind.ACTIVITY, name=rng.choice("abcdef"))
    kind = rng.choice([Kind.SEQUENCE, Kind.CHOICE, Kind.PARALLEL, Kind.LOOP])
    children = [grown(rng, depth - 1), grown(rng, depth - 1)]
    if kind is Kind.CHOICE and rng.random() < 0.3:
        children.append(SILENT)
    return Block(kind=kind, children=tuple(children))


@pytest.mark.parametrize("seed", range(8))
def test_on_any_tree_each_way_costs_what_it_costs_in_pm4py(seed, tmp_path):
    rng = random.Random(seed)
    net = petri_net(grown(rng, 3))
    ways = sorted({tuple(rng.choices("abcdefg", k=rng.randint(1, 6))) for _ in range(8)})
    found = align(ways, net)
    costs, fitness = theirs(ways, net, tmp_path)
    assert found.costs.tolist() == costs
    assert found.deviations.tolist() == [cost // 10_000 for cost in costs]
    # pm4py counts silent steps into its fitness too, a ten-thousandth of a deviation each.
    assert found.fitness == pytest.approx(fitness, abs=0.01)


def test_the_routes_of_receipt_cost_what_they_cost_in_pm4py(real_log, tmp_path):
    frame = pd.read_csv(real_log("receipt.csv"))
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    ordered = frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    counted = ordered.groupby("case:concept:name")["concept:name"].agg(tuple).value_counts()
    model = discover_from_variants(list(counted.items()))
    # All of them take pm4py minutes (make bench does that); some of every frequency say enough.
    ways = sorted(counted.index, key=lambda way: (-counted[way], way))[::12]
    found = align(ways, model.net)
    assert found.costs.tolist() == theirs(ways, model.net, tmp_path)[0]
    assert (found.costs == align(ways, model.net).costs).all()


def test_a_model_without_a_way_to_its_end_is_refused():
    stuck = PetriNet(places=3, transitions=(("a", (0,), (2,)),))
    with pytest.raises(StopError, match="has it a way from its start to its end"):
        align([("a",)], stuck)


def test_no_variants_have_no_costs():
    nothing = align([], PetriNet(places=2, transitions=(("a", (0,), (1,)),)))
    assert nothing.costs.dtype == np.int64
    assert len(nothing.costs) == 0
