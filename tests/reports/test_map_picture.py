"""The picture of the map: safe, readable, and the same for the same map."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest

from reports.charts import colours
from reports.maps.graph import choose
from reports.maps.layout import layout, layout_graphviz
from reports.maps.overlays import Overlay
from reports.maps.svg import draw_map, render_map

SVG = "{http://www.w3.org/2000/svg}"
OVERLAYS = pytest.mark.parametrize("overlay", list(Overlay))


def titles(picture):
    return [element.text for element in ET.fromstring(picture).iter(f"{SVG}title")]


@OVERLAYS
def test_every_box_and_every_path_says_in_words_what_it_shows(map_of, office, overlay):
    graph = map_of(office)
    shown = choose(graph)
    told = titles(render_map(graph, overlay))
    assert len(told) == 1 + len(shown.activities) + len(shown.edges)
    assert "Receive: 110 times in 110 cases" in told
    assert any(t.startswith("Receive → Check: 97 times; from step to step: median") for t in told)


def test_numbers_are_written_with_thousands_apart(map_of):
    assert ">1,434</text>" in render_map(map_of([["a"]] * 1434), Overlay.FREQUENCY)


@OVERLAYS
def test_the_same_map_gives_the_same_bytes(map_of, office, overlay):
    assert render_map(map_of(office), overlay) == render_map(map_of(office), overlay)


def test_the_overlay_changes_numbers_and_colours_but_moves_no_box(map_of, office):
    frequency, waiting, working = (
        render_map(map_of(office), overlay)
        for overlay in (Overlay.FREQUENCY, Overlay.WAITING, Overlay.WORKING)
    )
    boxes = [
        re.findall(r'class="activity">.*?<rect x="[^"]*" y="[^"]*"', p)
        for p in (frequency, waiting, working)
    ]
    places = [[re.findall(r'[xy]="[^"]*"', box) for box in found] for found in boxes]
    assert places[0] == places[1] == places[2]
    assert "1 min · 90 % 1 min</text>" in waiting
    assert "20 s · 90 % 20 s</text>" in working
    assert "90 % 1 min</text>" not in frequency


@OVERLAYS
def test_hostile_names_stay_text(map_of, overlay):
    names = [
        "<script>alert(1)</script>",
        "a\"b'c&d",
        "]]>",
        "\x00\x0bbell\ud800",
        "مراجعة الطلب",
        "a > b",
    ]
    picture = render_map(map_of([names] * 9), overlay)
    root = ET.fromstring(picture)  # well-formed, or this fails
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert any("<script>alert(1)</script>: 9 times" in t for t in titles(picture))
    assert "مراجعة الطلب" in picture
    assert picture.encode("utf-8")


@OVERLAYS
def test_an_empty_map_is_a_picture_that_says_so(map_of, overlay):
    assert "nothing that can be shown" in render_map(map_of([]), overlay)


def test_the_picture_of_the_fallback_engine_is_whole_too(map_of, office):
    graph = choose(map_of(office))
    classes = colours.activity_colours(a.name for a in graph.activities)
    picture = draw_map(graph, layout_graphviz(graph), Overlay.FREQUENCY, classes)
    assert len(titles(picture)) == 1 + len(graph.activities) + len(graph.edges)


def test_a_small_choice_can_be_drawn_on_the_plan_of_a_larger_one(map_of, office):
    """Later a slider adds paths, and nothing that is already there moves."""
    graph = map_of(office)
    large, small = choose(graph, paths=60), choose(graph, paths=6)
    plan = layout(large)
    classes = colours.activity_colours(a.name for a in graph.activities)

    def boxes(picture):
        return set(re.findall(r'<g class="activity">.*?</title><rect x="[^"]*" y="[^"]*"', picture))

    drawn = [draw_map(g, plan, Overlay.FREQUENCY, classes) for g in (small, large)]
    assert boxes(drawn[0]) < boxes(drawn[1])


def test_letters_are_never_smaller_than_12_px(map_of, office):
    sizes = re.findall(r'font-size="([\d.]+)"', render_map(map_of(office), Overlay.WAITING))
    assert min(map(float, sizes)) >= 12


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_letters_stand_out_from_every_colour_behind_them():
    for events in range(101):
        fill, ink = colours.node_fill(events, top=100), colours.node_ink(events, top=100)
        assert contrast(fill, ink) >= 4.5
    for fill in map(colours.class_fill, colours.activity_colours(map(str, range(12))).values()):
        assert contrast(fill, colours.INK) >= 4.5


def test_scales_can_be_read_without_seeing_hue():
    for scale in (colours.node_scale(), colours.wait_scale()):
        lights = [luminance(colour) for colour in scale]
        assert lights == sorted(lights, reverse=True)
        assert all(contrast(a, b) >= 1.15 for a, b in itertools.pairwise(scale))
    assert all(contrast(colour, "#ffffff") >= 2.9 for colour in colours.wait_scale())
