"""Discovery: the same tree as pm4py alone, files that other tools read, the same bytes always."""

import hashlib
import os
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from miners.discovery import discover_from_dfg, discover_from_variants, inductive
from miners.discovery.bpmn_layout import Shape
from miners.discovery.process_tree import Block, Kind, activities
from miners.discovery.tree_pairs import measure_pairs
from miners.discovery.tree_replay import measure

ROOT = Path(__file__).parents[2]

PERMITS = [
    (("receive", "check", "advise", "decide", "send"), 40),
    (("receive", "advise", "check", "decide", "send"), 35),
    (("receive", "check", "ask again", "check", "advise", "decide", "send"), 12),
    (("receive", "check", "advise", "decide"), 8),
    (("receive", "withdraw"), 3),
]


def letters(*words):
    return [(tuple(word.split()), cases) for word, cases in words]


def graph(variants):
    dfg, starts, ends = Counter(), Counter(), Counter()
    for way, cases in variants:
        starts[way[0]] += cases
        ends[way[-1]] += cases
        for pair in pairwise(way):
            dfg[pair] += cases
    return dict(dfg), dict(starts), dict(ends)


def shape(tree):
    """A tree without the order of its branches."""
    inner = [shape(child) for child in tree.children]
    if tree.kind in {Kind.CHOICE, Kind.PARALLEL}:
        inner.sort(key=repr)
    return (str(tree.kind), tree.name, *inner)


def from_pm4py(tree):
    if not tree.children:
        return Block(kind=Kind.ACTIVITY, name=tree.label) if tree.label else Block(kind=Kind.SILENT)
    children = tuple(from_pm4py(child) for child in tree.children)
    return Block(kind=Kind(tree.operator.value), children=children)


def event_log(variants):
    from pm4py.objects.log.obj import Event, EventLog, Trace

    log = EventLog()
    for way, cases in variants:
        for _ in range(cases):
            log.append(Trace([Event({"concept:name": name}) for name in way]))
    return log


def tags(xml, name):
    return [e for e in ET.fromstring(xml).iter() if e.tag.rpartition("}")[2] == name]


def assert_drawn(model):
    """Every node has a shape with bounds, every flow two ends and an orthogonal edge."""
    nodes = {
        e.get("id"): e.tag.rpartition("}")[2] for kind in Shape for e in tags(model.bpmn, str(kind))
    }
    flows = {e.get("id"): e for e in tags(model.bpmn, "sequenceFlow")}
    shapes = {e.get("bpmnElement"): e for e in tags(model.bpmn, "BPMNShape")}
    edges = {e.get("bpmnElement"): e for e in tags(model.bpmn, "BPMNEdge")}
    assert set(shapes) == set(nodes)
    assert len(nodes) == model.nodes
    assert set(edges) == set(flows)
    sizes = {"task": (100, 80), "startEvent": (36, 36), "endEvent": (36, 36)}
    boxes = {}
    for name, drawn in shapes.items():
        bounds = {k: int(v) for k, v in drawn[0].attrib.items()}
        assert (bounds["width"], bounds["height"]) == sizes.get(nodes[name], (50, 50))
        boxes[name] = bounds
    for one in boxes.values():
        for other in boxes.values():
            assert (
                one is other
                or one["x"] + one["width"] <= other["x"]
                or other["x"] + other["width"] <= one["x"]
                or one["y"] + one["height"] <= other["y"]
                or other["y"] + other["height"] <= one["y"]
            ), "two shapes lie on each other"
    for name, flow in flows.items():
        points = [(int(p.get("x")), int(p.get("y"))) for p in edges[name]]
        assert len(points) >= 2
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
        for end, point in (("sourceRef", points[0]), ("targetRef", points[-1])):
            box = boxes[flow.get(end)]
            assert box["x"] <= point[0] <= box["x"] + box["width"]
            assert box["y"] <= point[1] <= box["y"] + box["height"]
            inside = box["x"] < point[0] < box["x"] + box["width"]
            assert not (inside and box["y"] < point[1] < box["y"] + box["height"])
    assert sorted(name for name in activities(model.tree)) == sorted(
        e.get("name") for e in tags(model.bpmn, "task")
    )


@pytest.mark.parametrize(
    "variants",
    [
        letters(("a b c d", 5)),
        letters(("a b c d", 5), ("a c b d", 4), ("a e d", 2)),
        letters(("a b c", 3), ("a b c b c", 2), ("a b c b c b c", 1)),
    ],
)
def test_a_log_gives_the_tree_that_pm4py_mines_from_its_events(variants):
    import pm4py

    model = discover_from_variants(variants)
    assert (model.noise, model.coverage, model.left_out) == (0.0, 1.0, ())
    expected = pm4py.discover_process_tree_inductive(event_log(variants))
    assert shape(model.tree) == shape(from_pm4py(expected))


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.4])
def test_with_noise_the_tree_is_that_of_pm4py_too(noise):
    import pm4py

    names = sorted({name for way, _ in PERMITS for name in way})
    coded = {tuple(names.index(name) for name in way): cases for way, cases in PERMITS}
    ours = inductive._block(inductive._inductive(coded, noise), names)
    theirs = pm4py.discover_process_tree_inductive(event_log(PERMITS), noise_threshold=noise)
    assert shape(ours) == shape(from_pm4py(theirs))


def test_what_the_miner_dropped_is_told():
    """pm4py's miner on graphs loses "ask again" here: the model must not claim it."""
    model = discover_from_dfg(*graph(PERMITS))
    assert set(model.kept) == set(activities(model.tree))
    assert set(model.kept) | set(model.left_out) == {name for way, _ in PERMITS for name in way}


def test_a_graph_gives_the_tree_that_pm4py_mines_from_it():
    from pm4py.algo.discovery.inductive import algorithm
    from pm4py.objects.dfg.obj import DFG

    variants = letters(("a b c d", 5), ("a c b d", 4), ("a e d", 2))
    expected = algorithm.apply(DFG(*graph(variants)), variant=algorithm.Variants.IMd)
    model = discover_from_dfg(*graph(variants))
    assert shape(model.tree) == shape(from_pm4py(expected))
    assert (model.quality.fitness, model.quality.precision) == (1.0, 1.0)


def messy(seed):
    """Forty cases of five steps that are shuffled, repeated and left out."""
    chance = random.Random(seed)
    ways = Counter()
    for _ in range(40):
        way = ["in", *chance.sample(["ask", "check", "pay", "visit"], chance.randint(1, 4)), "out"]
        way += [chance.choice(way)] * (chance.random() < 0.3)
        ways[tuple(way)] += 1
    return list(ways.items())


# pm4py's search takes numpy's old matrix, and takes the warning about it for an unsound net.
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("variants", [[*PERMITS, (("send", "receive"), 2)], messy(1), messy(2)])
def test_the_files_are_read_by_pm4py_and_replay_the_cases_as_well_as_we_say(tmp_path, variants):
    import pm4py
    from pm4py.algo.conformance.alignments.petri_net import algorithm

    log = event_log([(way, 1) for way, _ in variants])
    cases = sum(n for _, n in variants)
    for model in (discover_from_variants(variants), discover_from_dfg(*graph(variants))):
        quality = measure(model.tree, variants)
        (tmp_path / "model.bpmn").write_bytes(model.bpmn)
        (tmp_path / "model.pnml").write_bytes(model.pnml)
        bpmn = pm4py.read_bpmn(str(tmp_path / "model.bpmn"))
        assert len(bpmn.get_nodes()) == model.nodes
        assert len(bpmn.get_flows()) == len(model.diagram.flows)
        petri = pm4py.read_pnml(str(tmp_path / "model.pnml"))
        assert len(petri[0].places) == model.net.places
        for net in (petri, pm4py.convert_to_petri_net(bpmn)):
            found = algorithm.apply_log(log, *net, parameters={"show_progress_bar": False})
            shares = [a["fitness"] * n for a, (_, n) in zip(found, variants, strict=True)]
            assert sum(shares) / cases == pytest.approx(quality.fitness)


@pytest.mark.parametrize(
    "variants",
    [letters(("a b c d", 5), ("a c b d", 4), ("a e d", 2)), PERMITS[:2], letters(("a a b", 2))],
)
def test_precision_is_that_of_pm4py_where_every_case_fits(tmp_path, variants):
    import pm4py

    model = discover_from_variants(variants)
    assert model.quality.replayed == 1.0
    (tmp_path / "model.pnml").write_bytes(model.pnml)
    net = pm4py.read_pnml(str(tmp_path / "model.pnml"))
    theirs = pm4py.precision_token_based_replay(event_log(variants), *net)
    assert model.quality.precision == pytest.approx(theirs)


def test_fitness_and_precision_by_hand():
    step = [Block(kind=Kind.ACTIVITY, name=name) for name in "abc"]
    tree = Block(kind=Kind.SEQUENCE, children=(step[0], Block(kind=Kind.CHOICE, children=step[1:])))
    quality = measure(tree, letters(("a b", 3), ("a x", 1)))
    # "a x" leaves out one step of the model and has one of its own, of 2 + 2 in the worst case.
    assert quality.fitness == pytest.approx((3 * 1.0 + 0.5) / 4)
    assert quality.replayed == 0.75
    # Before "a" one step is allowed; after it two are, of which only b is ever aligned.
    assert quality.precision == pytest.approx(1 - 4 / 12)
    pairs = measure_pairs(tree, {("", "a"): 4, ("a", "b"): 3, ("a", ""): 1, ("b", ""): 3})
    assert pairs.fitness == pytest.approx(10 / 11)
    assert pairs.precision == pytest.approx(1 - 4 / 15)


@pytest.mark.parametrize(
    "variants",
    [
        PERMITS,
        letters(("a", 1)),
        letters(("a a a", 3), ("a", 1)),
        letters(("a b", 1), ("b a", 1), ("a", 1), ("b", 1)),
        letters(("a c d b e", 4), ("a d c b e", 3), ("a b a b e", 2), ("b", 1)),
        letters(("s a b c t", 4), ("s c b a t", 3), ("s b x b t", 2), ("s t", 1), ("s s t", 1)),
    ],
)
def test_every_model_is_drawn_in_full_and_without_overlap(variants):
    model = discover_from_variants(variants)
    assert_drawn(model)
    assert_drawn(discover_from_dfg(*graph(variants)))


def test_the_usual_way_is_one_straight_line_from_start_to_end():
    model = discover_from_variants(PERMITS)
    at = {node.name: node.y + node.height // 2 for node in model.diagram.nodes if node.name}
    assert at["start"] == at["receive"] == at["decide"] == at["send"] == at["end"]
    assert at["withdraw"] > at["receive"]
    names = [node.x for node in model.diagram.nodes if node.name in {"start", "end"}]
    assert min(n.x for n in model.diagram.nodes) == names[0]
    assert max(n.x for n in model.diagram.nodes) == names[1]


def test_nothing_known_is_no_model():
    assert discover_from_variants([]) is None
    assert discover_from_variants([((), 5)]) is None
    assert discover_from_dfg({}, {}, {}) is None


def test_cases_without_steps_may_skip_everything():
    model = discover_from_variants([(("a", "b"), 5), ((), 5)])
    assert str(model.tree) == "X( ->( 'a', 'b' ), tau )"
    assert model.quality.replayed == 1.0


def test_a_count_below_one_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'a'.*0 cases"):
        discover_from_variants([(("a",), 0)])
    with pytest.raises(ValueError, match="less than once"):
        discover_from_dfg({("a", "b"): 0}, {"a": 1}, {"b": 1})


def test_names_of_any_kind_come_through_the_files(tmp_path):
    import pm4py

    names = (
        "<script>alert('&')</script>",
        "x" * 120,
        'say "→ ß"',
        "tau",
        "line\nbreak",
        "bell\x07",
    )
    model = discover_from_variants([(names, 3)])
    drawn = [e.get("name") for e in tags(model.bpmn, "task")]
    assert drawn == [*names[:5], "bell\ufffd"]
    (tmp_path / "model.pnml").write_bytes(model.pnml)
    net, _, _ = pm4py.read_pnml(str(tmp_path / "model.pnml"))
    assert {t.label for t in net.transitions} >= {*names[:4], "bell\ufffd"}


def test_four_hundred_activities_give_a_readable_model_that_says_what_it_leaves_out():
    names = [f"step {i:03}" for i in range(400)]
    variants = [(tuple(names[i : i + 30]), 400 - i) for i in range(0, 400, 30)]
    model = discover_from_variants(variants)
    assert model.readable
    assert model.nodes <= 40
    assert len(model.kept) + len(model.left_out) == 400
    assert model.left_out
    assert model.quality.fitness < 1.0
    from_graph = discover_from_dfg(*graph(variants))
    assert from_graph.readable
    assert set(from_graph.kept) == set(activities(from_graph.tree))


def test_a_limit_that_cannot_be_kept_gives_the_smallest_model_and_says_so():
    model = discover_from_variants(PERMITS, readable_nodes=2)
    assert not model.readable
    assert model.nodes == 3


def test_anything_may_follow_anything_is_not_what_a_log_with_noise_gets():
    odd = [(("a", "bcdefg"[k % 6], "bcdefg"[k * 5 % 7 % 6], "h"), 1) for k in range(30)]
    model = discover_from_variants([(tuple("abcdh"), 500), (tuple("acbdh"), 400), *odd])
    assert model.quality.precision > 0.9
    assert model.quality.fitness > 0.9


SCRIPT = """
import hashlib, random, warnings
warnings.simplefilter("error")
from miners.discovery import discover_from_dfg, discover_from_variants
chance = random.Random(7)
ways = {}
for _ in range(60):
    way = ["in", *chance.sample(["ask", "check", "pay", "visit", "advise"], 4), "out"]
    if chance.random() < 0.3:
        way.insert(chance.randrange(6), chance.choice(["ask", "object"]))
    ways[tuple(way)] = ways.get(tuple(way), 0) + 1
variants = list(ways.items())
if SHUFFLE:
    chance.shuffle(variants)
model = discover_from_variants(variants)
pairs, starts, ends = {}, {}, {}
for way, n in variants:
    starts[way[0]] = starts.get(way[0], 0) + n
    ends[way[-1]] = ends.get(way[-1], 0) + n
    for pair in zip(way, way[1:]):
        pairs[pair] = pairs.get(pair, 0) + n
flat = discover_from_dfg(pairs, starts, ends)
whole = model.bpmn + model.pnml + repr(model.quality).encode() + flat.bpmn + flat.pnml
print(hashlib.sha256(whole + repr(flat.quality).encode()).hexdigest())
"""


def test_the_same_log_gives_the_same_bytes_in_every_process_and_row_order():
    digests = set()
    for seed, shuffle in (("0", False), ("4711", True)):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.replace("SHUFFLE", str(shuffle))],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == "", "pm4py prints its banner or a bar"
        digests.add(done.stdout.strip())
    assert len(digests) == 1
    assert all(len(digest) == hashlib.sha256().digest_size * 2 for digest in digests)


def test_importing_the_module_does_not_import_pm4py():
    code = "import sys, miners.discovery; sys.exit('pm4py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
