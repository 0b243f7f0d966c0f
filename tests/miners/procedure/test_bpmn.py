"""BPMN files: what is read means what is drawn, and what cannot be used is named with a way out."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog.errors import UsageError
from miners.discovery.bpmn_layout import draw
from miners.discovery.model_files import petri_net, render_bpmn
from miners.discovery.process_tree import SILENT, Block, Kind
from miners.procedure.bpmn import mandatory, parse_procedure, read_procedure
from miners.procedure.states import explore

ROOT = Path(__file__).parents[3]
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def bpmn(*arrows, more="", around="", **nodes):
    """A BPMN file: nodes by identifier ("task Name", "exclusiveGateway"), arrows as "a > b > c"."""
    parts = []
    for key, said in {"s": "startEvent", "e": "endEvent", **nodes}.items():
        if said:
            tag, _, name = said.partition(" ")
            called = f' name="{name}"' if name else ""
            parts.append(f'<{tag} id="{key}"{called}/>')
    pairs = [
        pair for way in arrows for pair in zip(way.split(" > "), way.split(" > ")[1:], strict=False)
    ]
    for number, (source, target) in enumerate(pairs):
        ends = f'sourceRef="{source}" targetRef="{target}"'
        parts.append(f'<sequenceFlow id="f{number}" {ends}/>')
    process = f'<process id="p">{"".join(parts)}{more}</process>'
    return f'<definitions xmlns="{MODEL}">{process}{around}</definitions>'.encode()


def read(*arrows, **parts):
    return parse_procedure(bpmn(*arrows, **parts), name="permit.bpmn")


def refused(content):
    """What is said about a file, without the name that each line begins with."""
    with pytest.raises(UsageError) as told:
        parse_procedure(content, name="permit.bpmn")
    lines = str(told.value).splitlines()
    assert all(line.startswith("permit.bpmn: ") for line in lines)
    return [line.removeprefix("permit.bpmn: ") for line in lines]


def language(net, most=6):
    """All runs of a net with up to so many activities."""
    states = explore(net)
    runs, front = set(), {((), 0)}
    seen = set(front)
    while front:
        then = set()
        for way, state in front:
            if state == states.final:
                runs.add(way)
            for arrow in range(states.begins[state], states.begins[state + 1]):
                label = states.label[arrow]
                longer = (*way, states.labels[label]) if label >= 0 else way
                if len(longer) <= most:
                    then.add((longer, int(states.target[arrow])))
        front = then - seen
        seen |= front
    return runs


TWO = {"a": "task A", "b": "task B", "x": "exclusiveGateway", "y": "exclusiveGateway"}
BESIDE = {"a": "task A", "b": "task B", "x": "parallelGateway", "y": "parallelGateway"}

leaves = st.sampled_from("abcdef").map(lambda name: Block(kind=Kind.ACTIVITY, name=name))
inner = st.sampled_from([Kind.SEQUENCE, Kind.CHOICE, Kind.PARALLEL, Kind.LOOP])
trees = st.recursive(
    leaves | st.just(SILENT),
    lambda parts: st.builds(
        lambda kind, one, other: Block(kind=kind, children=(one, other)), inner, parts, parts
    ),
    max_leaves=5,
)


@settings(max_examples=60)
@given(trees)
def test_a_drawn_tree_comes_back_with_the_runs_of_the_tree(tree):
    found = parse_procedure(render_bpmn(draw(tree)), name="tree.bpmn")
    runs = language(petri_net(tree))
    assert language(found.net) == runs
    assert not [name for name in found.mandatory for run in runs if name not in run]


def test_what_is_in_every_run_is_mandatory():
    found = read("s > a > x > b > y > c > e", "x > y", **TWO, c="userTask C")
    assert found.activities == ("A", "B", "C")
    assert found.mandatory == {"A", "C"} == mandatory(explore(found.net))
    assert language(found.net) == {("A", "B", "C"), ("A", "C")}
    assert found.notes == ()


def test_tasks_beside_each_other_may_come_in_either_order():
    found = read("s > x > a > y > e", "x > b > y", **BESIDE)
    assert language(found.net) == {("A", "B"), ("B", "A")}


def test_several_starts_and_ends_are_alternatives():
    found = read(
        "s > a > x > e", "t > b > x", "x > u", **{**TWO, "y": ""}, t="startEvent", u="endEvent"
    )
    assert language(found.net) == {("A",), ("B",)}


def test_a_name_over_two_lines_is_one_name():
    assert read("s > a > e", a="task Check&#10; it").activities == ("Check it",)


def test_two_tasks_of_one_name_are_allowed_and_told():
    found = read("s > a > b > e", a="task A", b="task A")
    assert language(found.net) == {("A", "A")}
    assert found.notes == ('2 tasks are named "A"; what is done counts for whichever fits best',)


def test_what_only_readers_see_changes_nothing():
    lanes = '<laneSet id="l"><lane id="l1"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    texts = (
        '<textAnnotation id="n"><text>see law</text></textAnnotation>'
        '<association id="m" sourceRef="n" targetRef="a"/>'
    )
    vendor = (
        "<extensionElements>"
        '<v:userTask xmlns:v="urn:v" id="zz" name="Not a step"/></extensionElements>'
    )
    pool = (
        '<collaboration id="c"><participant id="q" name="Office" processRef="p"/></collaboration>'
    )
    plain = read("s > a > e", a="task A")
    told = read("s > a > e", a="task A", more=lanes + texts + vendor, around=pool)
    assert told.net == plain.net
    assert told.fingerprint == plain.fingerprint
    assert read("s > a > e", a="task B").fingerprint != plain.fingerprint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"case_id;activity", "is not XML"),
        (b"", "is not XML"),
        (b'<?xml version="1.0" encoding="x-unknown"?><a/>', "is not XML"),
        (b"<html/>", 'its outermost element is "html"'),
        (f'<definitions xmlns="{MODEL}"/>'.encode(), "draws no process"),
        (bpmn("a > e", s="", a="task A"), "has no start event"),
        (bpmn("s > a", e="", a="task A"), "has no end event"),
        (bpmn("s > a > e", a="task"), "the task a has no name"),
        (bpmn("s > a > e", "a > b", a="task A", b="task B"), 'the task "B" (b) is a dead end'),
        (bpmn("s > a > e", "b > a", a="task A", b="task B"), 'leads to the task "B" (b)'),
        (bpmn("s > a > e", "a > e", a="task A"), '2 sequence flows lead out of the task "A" (a)'),
        (bpmn("s > a > e", "a > s", a="task A"), "leads into the start event s"),
        (bpmn("s > a > e", "e > a", a="task A"), "leads out of the end event e"),
        (bpmn("s > a > gone", a="task A"), 'begins or ends at "gone"'),
        (
            bpmn("s > a > e", "b > c > b", a="task A", b="task B", c="task C"),
            'the task "B" (b) can never be reached from a start event',
        ),
        (
            bpmn("s > x > a > e", "x > b > c > b", **{**TWO, "y": ""}, c="task C"),
            'from the task "B" (b) no end event can be reached',
        ),
        (bpmn("s > a > e", a="subProcess Check all"), 'the sub-process "Check all" (a) is not'),
        (bpmn("s > a > e", a="transaction Pay"), 'the transaction "Pay" (a) is not supported'),
        (bpmn("s > a > e", a="callActivity Pay"), 'the call activity "Pay" (a) is not supported'),
        (bpmn("s > a > e", a="inclusiveGateway"), "the inclusive gateway a is not supported"),
        (bpmn("s > a > e", a="complexGateway"), "the complex gateway a is not supported"),
        (bpmn("s > a > e", a="eventBasedGateway"), "the event-based gateway a is not supported"),
        (bpmn("s > a > e", a="intermediateCatchEvent 5 days"), 'the intermediate event "5 days"'),
        (bpmn("s > a > e", a="task A", b="boundaryEvent"), "the boundary event b is not supported"),
        (bpmn("s > a > e", a="choreographyTask A"), 'the choreographyTask "A" (a) is not'),
        (
            bpmn("s > a > e", more='<task id="a" name="A"><standardLoopCharacteristics/></task>'),
            'the task "A" (a) has a repeat marker',
        ),
        (
            bpmn(
                "s > a > z", e="", a="task A",
                more='<endEvent id="z"><terminateEventDefinition/></endEvent>',
            ),
            "the end event z is of the kind terminate",
        ),
        (bpmn("s > a > e", a="task A", more='<task id="a" name="B"/>'), '"a" stands 2 times'),
        (
            bpmn("s > a > e", a="task A", around='<process id="q"><task id="z"/></process>'),
            'draws 2 processes ("p", "q")',
        ),
        (
            bpmn(
                "s > a > e", a="task A",
                around='<collaboration id="c"><participant id="q" name="Office"/>'
                '<participant id="r" name="Citizen"/></collaboration>',
            ),
            'draws 2 pools ("Office", "Citizen")',
        ),
        (
            bpmn(
                "s > a > e", a="task A",
                around='<collaboration id="c"><messageFlow id="m" name="letter"/></collaboration>',
            ),
            'the message flow "letter" (m) is not supported',
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_in_a_log_is_named(content, said):
    told = refused(content)
    assert any(said in line for line in told), told
    assert all(";" in line or "is not XML" in line for line in told), "each says what to do"


STUCK = (
    'the procedure gets stuck after "A": the parallel gateway "Join" (y) waits for a branch that '
    "was not taken; lead alternatives together with an exclusive gateway"
)
CROWDED = (
    'two branches that run side by side can both come to the task "C" (c) after "A" > "B"; join '
    "them with a parallel gateway before it"
)
EARLY = (
    'the procedure can end while something is still to be done after "{}"; join what runs side by '
    "side with a parallel gateway before the end"
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            bpmn("s > x > a > y > c > e", "x > b > y", **{**TWO, "y": "parallelGateway Join"},
                 c="task C"),
            [
                STUCK,
                'the task "C" (c) can never be done; nothing that leads to it ever comes together',
            ],
        ),
        (
            bpmn("s > x > a > y > c > e", "x > b > y", **{**BESIDE, "y": "exclusiveGateway"},
                 c="task C"),
            [CROWDED],
        ),
        (
            bpmn("s > x > a > e", "x > b > u", **{**BESIDE, "y": ""}, u="endEvent"),
            [EARLY.format("A")],
        ),
        (
            bpmn("s > y > x > a > y", "x > c > e", x="parallelGateway", y="exclusiveGateway",
                 a="task A", c="task C"),
            [CROWDED.replace('"A" > "B"', '"A"')],
        ),
    ],
)  # fmt: skip
def test_an_unsound_procedure_is_refused_with_a_run_that_shows_it(content, said):
    told = refused(content)
    assert told == said


def test_more_situations_than_can_be_explored_are_refused():
    many = {f"t{n}": f"task T{n}" for n in range(15)}
    ways = [f"x > {key} > y" for key in many]
    content = bpmn("s > x", "y > e", *ways, x="parallelGateway", y="parallelGateway", **many)
    (told,) = refused(content)
    assert told.startswith("the procedure has more than 20,000 situations, for too many steps")


def test_a_file_that_would_grow_without_end_or_name_other_files_is_refused_unread():
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
    bomb = f'<!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]><d>&l12;</d>'
    theft = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d name="&x;"/>'
    for content in (bomb, theft):
        assert refused(content.encode())[0].startswith("has a document type (<!DOCTYPE …>)")
    assert refused(b"<" + b"a" * 5_000_001)[0].startswith("has 5.0 MB, allowed are 5")
    assert refused(b"<a>" * 100_000 + b"</a>" * 100_000)[0].startswith("this is not a BPMN 2.0")


def test_a_long_list_of_what_is_wrong_is_cut():
    nameless = {f"t{n}": "task" for n in range(30)}
    told = refused(bpmn("s > t0 > e", **nameless))
    assert len(told) == 21
    assert told[-1] == "and 10 more"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.bpmn: there is no such BPMN file"):
        read_procedure(tmp_path / "gone.bpmn")
    with pytest.raises(UsageError, match="cannot be read"):
        read_procedure(tmp_path)


SCRIPT = """
import sys
from miners.procedure.bpmn import parse_procedure
found = parse_procedure(sys.stdin.buffer.read(), name="x")
print(found.net, found.fingerprint, found.states.markings)
"""


def test_the_same_drawing_gives_the_same_net_in_every_process():
    content = bpmn(
        "s > x > a > y > z > e", "x > b > w > c > v > y", "w > v", "z > d > x2 > z",
        x="parallelGateway", y="parallelGateway", a="task A", b="task B", c="task C", d="task D",
        w="exclusiveGateway", v="exclusiveGateway", z="exclusiveGateway", x2="exclusiveGateway",
    )  # fmt: skip
    told = set()
    for seed in ("0", "4711"):
        ran = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=content,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        )
        assert ran.stderr == b""
        told.add(ran.stdout)
    assert len(told) == 1
