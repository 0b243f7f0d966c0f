"""Moves deviate as often as in pm4py and r4pm: on real logs, and on process trees of any shape."""

import random
import warnings
from collections import Counter
from itertools import groupby
from pathlib import Path

import pandas as pd
import pm4py
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pm4py.objects.log.obj import Event, EventLog, Trace

from connectors import files
from engine.abstraction import coarsened, coarser
from eventlog.definition import Definition
from eventlog.definition_file import load
from eventlog.identity import finish
from eventlog.log import Log
from miners import variants
from miners.discovery.bpmn_layout import draw
from miners.discovery.inductive import discover_from_variants
from miners.discovery.model_files import petri_net, render_bpmn, render_pnml
from miners.discovery.process_tree import SILENT, Block, Kind
from miners.moves import align_moves
from miners.procedure.bpmn import parse_procedure

from .by_r4pm import deviations

PROCESSES = Path(__file__).parents[2] / "config" / "processes"


def theirs(ways, net, folder):
    """The deviations of each way as pm4py counts them, and how well it fits."""
    path = folder / "net.pnml"
    path.write_bytes(render_pnml(net))
    log = EventLog([Trace([Event({"concept:name": step}) for step in way]) for way in ways])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = pm4py.read_pnml(str(path))
        found = pm4py.conformance_diagnostics_alignments(log, *whole)
    # Silent steps cost it 1 each, so that they vanish here.
    return [one["cost"] // 10_000 for one in found], [one["fitness"] for one in found]


def grown(rng, depth):
    """A process tree of any shape over the letters a to f."""
    if depth == 0 or rng.random() < 0.25:
        return Block(kind=Kind.ACTIVITY, name=rng.choice("abcdef"))
    kind = rng.choice([Kind.SEQUENCE, Kind.CHOICE, Kind.PARALLEL, Kind.LOOP])
    children = [grown(rng, depth - 1), grown(rng, depth - 1)]
    if kind is Kind.CHOICE and rng.random() < 0.3:
        children.append(SILENT)
    return Block(kind=kind, children=tuple(children))


def as_in_pm4py(ways, net, folder):
    """The moves of each way deviate as often as in pm4py and r4pm, and fit as well."""
    *found, shortest = [sum(one.steps) + len(one.alone) for one in align_moves([*ways, ()], net)]
    counted, fitness = theirs(ways, net, folder)
    assert found == counted
    assert found == deviations(ways, net).tolist()
    # As `miners.detours.aligned` has it. pm4py counts silent steps too, a ten-thousandth each.
    ours = [1 - many / max(len(way) + shortest, 1) for way, many in zip(ways, found, strict=True)]
    assert ours == pytest.approx(fitness, abs=0.01)


@pytest.mark.parametrize("seed", range(8))
def test_on_any_tree_each_way_deviates_as_often_as_in_pm4py(seed, tmp_path):
    rng = random.Random(seed)
    net = petri_net(grown(rng, 3))
    ways = sorted({tuple(rng.choices("abcdefg", k=rng.randint(1, 6))) for _ in range(8)})
    as_in_pm4py(ways, net, tmp_path)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_on_any_drawn_tree_each_way_deviates_as_often_as_in_pm4py(seed, tmp_path_factory):
    rng = random.Random(seed)
    drawn = parse_procedure(render_bpmn(draw(grown(rng, 3))), name="tree.bpmn")
    ways = sorted({tuple(rng.choices("abcdefg", k=rng.randint(1, 6))) for _ in range(4)})
    as_in_pm4py(ways, drawn.net, tmp_path_factory.mktemp("drawn"))


def test_the_routes_of_receipt_deviate_as_often_as_in_pm4py(real_log, tmp_path):
    frame = pd.read_csv(real_log("receipt.csv"))
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    ordered = frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    counted = ordered.groupby("case:concept:name")["concept:name"].agg(tuple).value_counts()
    model = discover_from_variants(list(counted.items()))
    # All of them take pm4py minutes (make bench does that); some of every frequency say enough.
    ways = sorted(counted.index, key=lambda way: (-counted[way], way))[::12]
    as_in_pm4py(ways, model.net, tmp_path)
    as_in_pm4py(ways[::3], parse_procedure(model.bpmn, name="receipt.bpmn").net, tmp_path)


@pytest.fixture(scope="module")
def coarse(real_log):
    """The routes of BPIC15_1 as its process file makes them coarser, and a drawn model of them."""
    reading, _, _ = files.read_guessed(real_log("BPIC15_1.xes.gz"), Definition.bare())
    log = Log.of(finish(reading.events, numbered_by_reader=True))
    names = reading.events.column("activity").to_pylist()
    abstraction = load(PROCESSES / "bpic15.yaml").abstract
    _, routes, counts = variants.ranked(
        variants.observe(coarsened(log, coarser(Counter(names), abstraction)))
    )
    ways = Counter()
    for route, cases in zip(routes, counts[:, 0].tolist(), strict=True):
        ways[tuple(name for name, _ in groupby(route))] += cases
    model = discover_from_variants(ways.most_common(200))
    return sorted(ways), parse_procedure(model.bpmn, name="bpic15.bpmn").net


@pytest.mark.long
def test_some_coarse_routes_of_bpic15_deviate_as_often_as_in_pm4py(coarse, tmp_path):
    ways, net = coarse
    as_in_pm4py(ways[::40], net, tmp_path)


@pytest.mark.long
def test_all_coarse_routes_of_bpic15_deviate_as_often_as_in_pm4py(coarse, tmp_path):
    ways, net = coarse
    as_in_pm4py(ways, net, tmp_path)
