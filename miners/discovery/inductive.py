"""A readable model of how permits usually travel, discovered by pm4py, and how far it holds.

The inductive miner (Leemans, Fahland and van der Aalst 2013; with noise 2014; on directly-follows
graphs 2018) always gives a sound, block-structured model, but on real logs one of ninety shapes.
Which part of the log it is shown decides how readable the model is, so `discover_from_variants`
tries a short ladder of views and keeps the best of the readable ones.

This is the only module beside `miners.procedure.bpmn_net` that imports pm4py, and it does so when a
model is asked for: the import costs two seconds, which every command would pay otherwise. Of pm4py
only the miner is used.
Its replay leaves out what the model does not know and hangs on memory addresses, its files carry
random identifiers, its layout needs a system program; those are `tree_replay`, `model_files` and
`bpmn_layout` here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from miners.discovery.bpmn_layout import Diagram, draw
from miners.discovery.log_views import (
    END,
    START,
    Edges,
    Ways,
    activity_choices,
    bridge,
    edges_of,
    evenly,
    keep,
    most_frequent,
    ordered,
    without_noise,
)
from miners.discovery.model_files import PetriNet, petri_net, render_bpmn, render_pnml
from miners.discovery.process_tree import SILENT, Block, Kind, activities, arrange
from miners.discovery.tree_pairs import measure_pairs
from miners.discovery.tree_replay import Quality, Variant, measure

READABLE_NODES = 40
"""BPMN shapes (events, gateways, steps) that fit a screen and a head."""
_NOISES = (0.0, 0.2, 0.4)


@dataclass(frozen=True, kw_only=True)
class Model:
    """A discovered process, its files, and how it was chosen.

    `tree`: the process tree. `net`: the Petri net. `diagram`: the BPMN diagram with its layout.
    `bpmn`, `pnml`: the files. `noise`: of the inductive miner,
    0..1. `coverage`: the share of the cases whose variant the miner was shown (1.0 for a
    directly-follows graph). `kept`, `left_out`: activities in the model, and those left out of it
    for readability, which `quality` counts as deviations. `measured`: the cases, or the
    directly-follows pairs, that `quality` was measured on. `readable`: no more shapes than asked.
    """

    tree: Block
    net: PetriNet
    diagram: Diagram
    bpmn: bytes
    pnml: bytes
    noise: float
    coverage: float
    kept: tuple[str, ...]
    left_out: tuple[str, ...]
    quality: Quality
    measured: int
    readable: bool

    @property
    def nodes(self) -> int:
        """The shapes of the diagram: start, end, steps and gateways."""
        return len(self.diagram.nodes)


def discover_from_variants(
    variants: Sequence[Variant], *, readable_nodes: int = READABLE_NODES
) -> Model | None:
    """Discover the best readable model of a log given as (activities, cases) per variant.

    The rule: mine views of the log, each a choice of
    - activities: all where they can fit, else the most frequent; then the 24, 16, 10 most frequent;
    - variants: the most frequent ones that cover 100, 95, 80 and 60 % of the cases, though never
      more than `MINED_EVENTS` events; and the directly-follows graph of all of them;
    - noise: 0, 0.2, 0.4.
    Of the models with at most `readable_nodes` BPMN shapes the one with the highest harmonic mean
    of fitness and precision over all cases is taken (fitness alone would always take "anything
    may follow anything"); of equal ones the first in the order above. Without a readable one, the
    model with the fewest shapes is given, and says that it is not readable.

    None for a log without activities. Same variants in any order, same bytes.
    """
    merged: Counter[tuple[str, ...]] = Counter()
    for way, cases in variants:
        if cases < 1:
            msg = f"the variant {way!r} has {cases} cases; a variant has at least one"
            raise ValueError(msg)
        merged[tuple(way)] += cases
    names = sorted({name for way in merged for name in way})
    if not names:
        return None
    letters = {name: letter for letter, name in enumerate(names)}
    ways = ordered({tuple(letters[a] for a in way): n for way, n in merged.items()})
    sample = [(tuple(names[a] for a in way), cases) for way, cases in evenly(ways)]
    frequency: Counter[int] = Counter()
    for coded, cases in ways:
        frequency.update(dict.fromkeys(coded, cases))
    candidates = (
        _Candidate(coverage=coverage, noise=noise, tree=_named(tree, names, frequency))
        for kept in activity_choices(frequency, readable_nodes)
        for coverage, noise, tree in _mine_ways(keep(ways, frozenset(kept)))
    )
    return _best(
        candidates,
        names=names,
        readable_nodes=readable_nodes,
        quality_of=lambda tree: measure(tree, sample),
        measured=sum(cases for _, cases in sample),
    )


def discover_from_dfg(
    dfg: Mapping[tuple[str, str], int],
    starts: Mapping[str, int],
    ends: Mapping[str, int],
    *,
    readable_nodes: int = READABLE_NODES,
) -> Model | None:
    """Discover the best readable model where only the directly-follows graph is known.

    `dfg`: how often the second activity came right after the first; `starts`, `ends`: how often a
    case began and ended with an activity. Its rule is that of `discover_from_variants` over
    activities and noise; fitness and precision are those of `measure_pairs`. An activity left out
    is bridged in proportion: what came in goes out as its own edges did. Noise drops an edge
    seen at most that share of the most frequent edge from the same activity, though never
    the most frequent edge into or out of an activity.

    None for a graph without activities.
    """
    counts = [*dfg.values(), *starts.values(), *ends.values()]
    if any(count < 1 for count in counts):
        raise ValueError("the directly-follows graph has an edge seen less than once; leave it out")
    names = sorted({name for pair in dfg for name in pair} | set(starts) | set(ends))
    if not names:
        return None
    letters = {name: letter for letter, name in enumerate(names)}
    edges: dict[tuple[int, int], float] = {(letters[a], letters[b]): n for (a, b), n in dfg.items()}
    edges |= {(START, letters[a]): n for a, n in starts.items()}
    edges |= {(letters[a], END): n for a, n in ends.items()}
    edges = dict(sorted(edges.items()))
    frequency: Counter[int] = Counter(dict.fromkeys(range(len(names)), 0))
    for (_, target), seen in edges.items():
        if target != END:
            frequency[target] += int(seen)
    candidates = (
        _Candidate(coverage=1.0, noise=noise, tree=_named(tree, names, frequency))
        for kept in activity_choices(frequency, readable_nodes)
        for noise, tree in _mine_edges(bridge(edges, kept))
    )
    pairs = {("", a): n for a, n in starts.items()} | {(a, ""): n for a, n in ends.items()}
    return _best(
        candidates,
        names=names,
        readable_nodes=readable_nodes,
        quality_of=lambda tree: measure_pairs(tree, {**dfg, **pairs}),
        measured=sum(counts),
    )


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A model that may be chosen, and the view of the log that it was mined from."""

    coverage: float
    noise: float
    tree: Block


def _best(
    candidates: Iterable[_Candidate],
    *,
    names: Sequence[str],
    readable_nodes: int,
    quality_of: Callable[[Block], Quality],
    measured: int,
) -> Model:
    """Apply the rule of `discover_from_variants`; measure a tree once, and only if it counts."""
    seen: set[Block] = set()
    best: tuple[bool, float, _Candidate, Diagram, Quality | None] | None = None
    for candidate in candidates:
        if candidate.tree in seen:
            continue
        seen.add(candidate.tree)
        diagram = draw(candidate.tree)
        nodes = len(diagram.nodes)
        readable = nodes <= readable_nodes
        quality = quality_of(candidate.tree) if readable else None
        worth = _balance(quality) if quality else float(-nodes)
        if best is None or (readable, worth) > best[:2]:
            best = (readable, worth, candidate, diagram, quality)
    assert best is not None, "a log with activities has a directly-follows graph to mine"
    readable, _, chosen, diagram, quality = best
    net = petri_net(chosen.tree)
    kept = set(activities(chosen.tree))  # the miner itself drops rare ones from a graph at times
    return Model(
        tree=chosen.tree,
        net=net,
        diagram=diagram,
        bpmn=render_bpmn(diagram),
        pnml=render_pnml(net),
        noise=chosen.noise,
        coverage=chosen.coverage,
        kept=tuple(sorted(kept)),
        left_out=tuple(name for name in names if name not in kept),
        quality=quality or quality_of(chosen.tree),
        measured=measured,
        readable=readable,
    )


def _balance(quality: Quality) -> float:
    """Take the harmonic mean, rounded so that no platform's last digit decides."""
    total = quality.fitness + quality.precision
    return round(2 * quality.fitness * quality.precision / total, 9) if total else 0.0


def _mine_ways(ways: Ways) -> Iterator[tuple[float, float, Any]]:
    """Mine the views of one choice of activities: (coverage, noise, pm4py's tree)."""
    for coverage, shown in most_frequent(ways):
        for noise in _NOISES:
            yield coverage, noise, _inductive(dict(shown), noise)
    for noise, tree in _mine_edges(edges_of(ways)):
        yield 1.0, noise, tree


def _mine_edges(edges: Edges) -> Iterator[tuple[float, Any]]:
    """Mine a directly-follows graph: (noise, pm4py's tree)."""
    for noise in _NOISES:
        yield noise, _inductive_on_dfg(without_noise(edges, noise))


def _named(tree: Any, names: Sequence[str], frequency: Mapping[int, int]) -> Block:
    """Translate pm4py's tree of coded activities, with the usual branches first."""
    return arrange(_block(tree, names), {names[letter]: n for letter, n in frequency.items()})


def _block(tree: Any, names: Sequence[str]) -> Block:
    if not tree.children:
        if tree.label is None:
            return SILENT
        return Block(kind=Kind.ACTIVITY, name=names[int(tree.label)])
    children = tuple(_block(child, names) for child in tree.children)
    return Block(kind=Kind(tree.operator.value), children=children)


def _inductive(ways: Mapping[tuple[int, ...], int], noise: float) -> Any:
    """Run the inductive miner with noise on variants of coded activities.

    Codes keep the order of their names, on which the miner breaks ties; a set of integers has the
    same order in every process, a set of texts has not.
    """
    # Importing pm4py takes two seconds; see the head of the module.
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL  # noqa: PLC0415
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL  # noqa: PLC0415

    settings = {"noise_threshold": noise, "multiprocessing": False}
    return _fold(IMFUVCL(settings).apply(IMDataStructureUVCL(Counter(ways)), settings))


def _inductive_on_dfg(edges: Edges) -> Any:
    """Run the inductive miner on a directly-follows graph of coded activities."""
    # Importing pm4py takes two seconds; see the head of the module.
    from pm4py.algo.discovery.inductive.dtypes.im_dfg import InductiveDFG  # noqa: PLC0415
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureDFG  # noqa: PLC0415
    from pm4py.algo.discovery.inductive.variants.imd import IMD  # noqa: PLC0415
    from pm4py.objects.dfg.obj import DFG  # noqa: PLC0415

    graph = DFG(
        {edge: seen for edge, seen in edges.items() if edge[0] != START and edge[1] != END},
        {edge[1]: seen for edge, seen in edges.items() if edge[0] == START and edge[1] != END},
        {edge[0]: seen for edge, seen in edges.items() if edge[1] == END and edge[0] != START},
    )
    settings = {"multiprocessing": False}
    skip = (START, END) in edges
    tree = IMD(settings).apply(IMDataStructureDFG(InductiveDFG(dfg=graph, skip=skip)), settings)
    return _fold(tree)


def _fold(tree: Any) -> Any:
    """Let pm4py merge nested blocks; it compares trees as text, so codes become digits first."""
    from pm4py.objects.process_tree.utils.generic import fold  # noqa: PLC0415  # as above

    nodes = [tree]
    for node in nodes:
        if node.label is not None:
            node.label = str(node.label)
        nodes.extend(node.children)
    return fold(tree)
