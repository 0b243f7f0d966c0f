"""Moves: the cheapest there are, the same whatever the order, and those that a reader expects."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog.errors import StopError
from miners.discovery.model_files import PetriNet, petri_net
from miners.discovery.process_tree import SILENT, Block, Kind
from miners.move_layers import BLOCK
from miners.moves import LOG, SYNC, align_moves, align_prefixes
from miners.procedure.states import explore

ROOT = Path(__file__).parents[2]

leaves = st.sampled_from("abcdef").map(lambda name: Block(kind=Kind.ACTIVITY, name=name))
inner = st.sampled_from([Kind.SEQUENCE, Kind.CHOICE, Kind.PARALLEL, Kind.LOOP])
trees = st.recursive(
    leaves | st.just(SILENT),
    lambda parts: st.builds(
        lambda kind, one, other: Block(kind=kind, children=(one, other)), inner, parts, parts
    ),
    max_leaves=8,
)
ways = st.lists(st.text("abcdefg", max_size=8).map(tuple), min_size=1, max_size=6)


def straight(*names):
    """A net that does one activity after another."""
    last = len(names) - 1
    places = [0, *range(2, len(names) + 1), 1]
    steps = [(name, (places[i],), (places[i + 1],)) for i, name in enumerate(names)]
    return PetriNet(places=last + 2, transitions=tuple(steps))


def told(way, net, how=align_moves):
    """Moves in one line: "a" together, "+a" the case alone, "-a" the model alone."""
    (found,) = how([way.split()], net)
    words = []
    for step, name in enumerate(["", *way.split()]):
        if step:
            words.append(name if found.steps[step - 1] == SYNC else f"+{name}")
        words += [f"-{lone}" for lone, after in found.alone if after == step - 1]
    return " ".join(words)


def run_of(found, way):
    """The run of the model that the moves tell."""
    run = [name for name, after in found.alone if after == -1]
    for step, name in enumerate(way):
        run += [name] if found.steps[step] == SYNC else []
        run += [lone for lone, after in found.alone if after == step]
    return run


def states_after(run, net):
    """All states of the net after a run; empty when it cannot do it."""
    states = explore(net)
    arrows = list(
        zip(states.source.tolist(), states.target.tolist(), states.label.tolist(), strict=True)
    )
    here = {0}
    for name in [*run, None]:
        grown = set()
        while grown != here:
            grown = here | {t for s, t, label in arrows if s in here and label < 0}
            grown, here = here, grown
        if name is not None:
            here = {t for s, t, label in arrows if s in here and states.labels[label] == name
                    and label >= 0}  # fmt: skip
    return here, states


@settings(max_examples=60)
@given(trees, ways)
def test_moves_are_a_run_of_the_model_and_deviate_as_often_as_r4pm_says(by_r4pm, tree, some):
    net = petri_net(tree)
    for way, found, deviations in zip(
        some, align_moves(some, net), by_r4pm(some, net), strict=True
    ):
        assert found.steps.count(LOG) + len(found.alone) == deviations
        here, states = states_after(run_of(found, way), net)
        assert states.final in here


@settings(max_examples=60)
@given(trees, ways)
def test_a_case_on_its_way_strays_at_most_as_far_as_any_run_that_it_may_become(tree, some):
    net = petri_net(tree)
    for way, found, whole in zip(
        some, align_prefixes(some, net), align_moves(some, net), strict=True
    ):
        here, states = states_after(run_of(found, way), net)
        assert here, "the procedure can have come so far"
        assert len(found.alone) + sum(found.steps) <= len(whole.alone) + sum(whole.steps)
        assert all(after < len(way) - 1 for _, after in found.alone), "nothing is missing behind"
        assert len(states) > 0


@settings(max_examples=60)
@given(trees, ways, st.randoms(use_true_random=False))
def test_the_answer_hangs_neither_on_the_order_of_ways_nor_on_how_the_net_is_numbered(
    tree, some, rng
):
    net = petri_net(tree)
    numbers = [0, 1, *rng.sample(range(2, net.places), net.places - 2)]
    steps = [
        (name, tuple(numbers[p] for p in before), tuple(numbers[p] for p in after))
        for name, before, after in rng.sample(net.transitions, len(net.transitions))
    ]
    other = PetriNet(places=net.places, transitions=tuple(steps))
    expected = dict(zip(some, align_moves(some, net), strict=True))
    mixed = rng.sample(some, len(some))
    assert [expected[way] for way in mixed] == align_moves(mixed, other)


@pytest.mark.parametrize(
    ("way", "moves"),
    [
        ("a b c d", "a b c d"),
        ("a b b c d", "a b +b c d"),
        ("a b c b c d", "a b c +b +c d"),
        ("a x b c d", "a +x b c d"),
        ("a c d", "a -b c d"),
        ("a b c", "a b c -d"),
        ("a c b d", "a -b c +b d"),
        ("a d b c", "a +d b c -d"),
        ("", "-a -b -c -d"),
        ("x", "+x -a -b -c -d"),
    ],
)
def test_what_is_done_first_is_in_its_place_and_a_step_is_missing_when_it_is_needed(way, moves):
    assert told(way, straight(*"abcd")).strip() == moves


@pytest.mark.parametrize(
    ("way", "moves"),
    [
        ("", ""),
        ("a", "a"),
        ("a b", "a b"),
        ("a c", "a -b c"),
        ("a d", "a +d"),
        ("a d b", "a +d b"),
        ("b c", "-a b c"),
        ("a b a", "a b +a"),
    ],
)
def test_what_is_still_to_come_is_not_missing(way, moves):
    assert told(way, straight(*"abcd"), align_prefixes).strip() == moves


def test_a_step_beside_others_is_missing_only_once_they_have_to_be_joined():
    beside = PetriNet(
        places=7,
        transitions=(
            ("a", (0,), (2, 3)),
            ("b", (2,), (4,)),
            ("c", (3,), (5,)),
            ("d", (4, 5), (1,)),
        ),
    )
    for way in ("a b c d", "a c b d"):
        assert told(way, beside).strip() == way
    assert told("a c", beside, align_prefixes).strip() == "a c"
    assert told("a c d", beside, align_prefixes).strip() == "a c -b d"


def test_a_repetition_is_no_missing_way_back():
    loop = PetriNet(
        places=4,
        transitions=(("a", (0,), (2,)), ("b", (2,), (3,)), ("r", (3,), (2,)), ("c", (3,), (1,))),
    )
    assert told("a b r b c", loop).strip() == "a b r b c"
    assert told("a b b c", loop).strip() == "a b +b c"


@pytest.mark.parametrize("length", [BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3])
def test_long_cases_are_aligned_like_short_ones(by_r4pm, length):
    loop = PetriNet(
        places=4,
        transitions=(("a", (0,), (2,)), ("b", (2,), (3,)), ("r", (3,), (2,)), ("c", (3,), (1,))),
    )
    rng = random.Random(length)
    some = [tuple(rng.choices("abrc", k=length)) for _ in range(4)]
    found = align_moves(some, loop)
    costs = [sum(one.steps) + len(one.alone) for one in found]
    assert costs == by_r4pm(some, loop).tolist()


def test_nets_that_cannot_be_followed_are_refused():
    stuck = PetriNet(places=3, transitions=(("a", (0,), (2,)),))
    with pytest.raises(StopError, match="no way from its start to its end"):
        align_moves([("a",)], stuck)
    twice = PetriNet(places=3, transitions=(("a", (0,), (2, 2)), ("b", (2,), (1,))))
    with pytest.raises(StopError, match="two tokens"):
        align_moves([("a",)], twice)
    assert align_moves([], straight("a")) == []


SCRIPT = """
from miners.moves import align_moves
from miners.discovery.model_files import PetriNet
steps = [("", (0,), (2, 3)), ("b", (2,), (4,)), ("c", (3,), (5,)), ("c", (2,), (4,)),
         ("", (4, 5), (6,)), ("a", (6,), (1,)), ("d", (6,), (1,)), ("", (6,), (0,))]
net = PetriNet(places=7, transitions=tuple(steps))
print(align_moves(["abcd", "ccdda", "dbac", "x", "bbccaa"], net))
"""


def test_the_same_moves_come_out_in_every_process():
    outs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "4711")
    }
    assert len(outs) == 1


def test_a_model_with_thousands_of_situations_is_walked_in_a_moment():
    many = tuple((f"t{n}", (2 + n,), (14 + n,)) for n in range(12))
    net = PetriNet(
        places=26,
        transitions=(
            ("", (0,), tuple(range(2, 14))),
            *many,
            ("", tuple(range(14, 26)), (1,)),
        ),
    )
    rng = np.random.default_rng(0)
    some = [tuple(f"t{n}" for n in rng.integers(0, 13, 20)) for _ in range(50)]
    for way, found in zip(some, align_moves(some, net), strict=True):
        right = {name for name in way if name != "t12"}
        assert found.steps.count(SYNC) == len(right)
        assert {name for name, _ in found.alone} == {f"t{n}" for n in range(12)} - right
