"""A model shows in colours where the cases do not keep to the procedure."""

import itertools
import xml.etree.ElementTree as ET

import pytest

from miners.discovery import discover_from_variants
from miners.discovery.model_colours import COLOURS, Agreement, Followed, model_colours
from miners.discovery.model_files import Colour, render_bpmn

BIOC = "{http://bpmn.io/schema/bpmn/biocolor/1.0}"
COLOR = "{http://www.omg.org/spec/BPMN/non-normative/color/1.0}"
FOLLOWED = {
    "receive": Followed(events=900, straying=2, skipped=0),
    "check": Followed(events=900, straying=300, skipped=4),
    "ask": Followed(events=300, straying=300, skipped=0),
    "visit": Followed(events=500, straying=0, skipped=70),
}


@pytest.fixture(scope="module")
def model():
    return discover_from_variants(
        [(("receive", "check", "visit", "send"), 5), (("receive", "check", "ask", "send"), 3)]
    )


def tags(xml, name):
    return [e for e in ET.fromstring(xml).iter() if e.tag.rpartition("}")[2] == name]


def drawn(xml):
    """What is drawn of each task, by its name."""
    shapes = {e.get("bpmnElement"): e for e in tags(xml, "BPMNShape")}
    return {e.get("name"): shapes[e.get("id")] for e in tags(xml, "task")}


def test_tasks_have_the_colour_of_what_is_worst_about_them():
    said = {name: one.agreement for name, one in FOLLOWED.items()}
    assert said == {
        "receive": Agreement.CONFORMING,
        "check": Agreement.SOME_STRAY,
        "ask": Agreement.MOSTLY_STRAY,
        "visit": Agreement.OFTEN_SKIPPED,
    }
    never_done = Followed(events=0, straying=0, skipped=9)
    assert never_done.agreement is Agreement.OFTEN_SKIPPED
    assert Followed(events=0, straying=0, skipped=0).agreement is Agreement.CONFORMING


def test_both_namings_of_colours_are_written_and_an_arrow_takes_that_of_its_task(model):
    xml = render_bpmn(model.diagram, model_colours(FOLLOWED))
    for name, one in FOLLOWED.items():
        colour, shape = COLOURS[one.agreement], drawn(xml)[name]
        assert (shape.get(f"{BIOC}stroke"), shape.get(f"{BIOC}fill")) == (
            colour.stroke, colour.fill,
        )  # fmt: skip
        assert shape.get(f"{COLOR}border-color") == colour.stroke
        assert shape.get(f"{COLOR}background-color") == colour.fill
    assert not drawn(xml)["send"].attrib.keys() & {f"{BIOC}fill", f"{COLOR}background-color"}
    targets = {e.get("id"): e.get("targetRef") for e in tags(xml, "sequenceFlow")}
    names = {e.get("id"): e.get("name") for e in tags(xml, "task")}
    for edge in tags(xml, "BPMNEdge"):
        target = names.get(targets[edge.get("bpmnElement")])
        expected = COLOURS[FOLLOWED[target].agreement].stroke if target in FOLLOWED else None
        assert edge.get(f"{BIOC}stroke") == edge.get(f"{COLOR}border-color") == expected


def test_without_colours_the_file_is_as_it_was_and_the_same_bytes_always(model):
    assert render_bpmn(model.diagram) == model.bpmn
    assert b"color" not in model.bpmn
    colours = model_colours(FOLLOWED)
    backwards = dict(reversed(colours.items()))
    assert render_bpmn(model.diagram, colours) == render_bpmn(model.diagram, backwards)


def test_a_coloured_file_is_read_by_pm4py_as_the_plain_one_is(model, tmp_path):
    import pm4py

    read = []
    coloured = render_bpmn(model.diagram, model_colours(FOLLOWED))
    for name, xml in (("plain", model.bpmn), ("coloured", coloured)):
        (tmp_path / f"{name}.bpmn").write_bytes(xml)
        bpmn = pm4py.read_bpmn(str(tmp_path / f"{name}.bpmn"))
        flows = [(f.get_source().get_id(), f.get_target().get_id()) for f in bpmn.get_flows()]
        read.append((sorted(n.get_name() for n in bpmn.get_nodes()), sorted(flows)))
    assert read[0] == read[1]
    assert len(read[1][0]) == model.nodes


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_fills_can_be_told_apart_without_seeing_hue_and_black_letters_read_on_all():
    lights = sorted(luminance(colour.fill) for colour in COLOURS.values())
    assert all((b + 0.05) / (a + 0.05) >= 1.05 for a, b in itertools.pairwise(lights))
    assert all((light + 0.05) / 0.05 >= 7 for light in lights)


def test_what_is_no_colour_or_no_count_is_refused():
    with pytest.raises(ValueError, match="'red' is not written as #rrggbb"):
        Colour(stroke="red", fill="#ffffff")
    with pytest.raises(ValueError, match="4 of 3 stray"):
        Followed(events=3, straying=4, skipped=0)
