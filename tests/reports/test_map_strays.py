"""The map shows where cases leave the way that they should take, and nothing else changes."""

import itertools
import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts import colours
from reports.maps.graph import Terminal
from reports.maps.overlays import Overlay, overlays
from reports.maps.strays import StrayingActivity, StrayingEdge, Strays
from reports.maps.svg import render_map
from reports.withheld.protect import protect
from reports.withheld.strays import with_strays
from reports.withheld.totals import at_least, at_most
from reports.words.wording import FONT, width

SVG = "{http://www.w3.org/2000/svg}"
LEAST = 5


def edge(source, target, frequency, straying, cases=None):
    return StrayingEdge(
        source=source, target=target, frequency=frequency, straying=straying,
        cases=straying if cases is None else cases,
    )  # fmt: skip


def step(activity, events, straying, skipped=0):
    return StrayingActivity(
        activity=activity, events=events, straying=straying, cases=straying, skipped=skipped
    )


EDGES = [
    edge("Receive", "Check", 94, 0),
    edge("Check", "Ask", 25, 6),
    edge("Ask", "Check", 25, 25),
    edge("Check", "Decide", 94, 12),
    edge("Check", "Check", 9, 7),
    edge("Decide", "Send", 94, 3),
]
STEPS = [step("Check", 128, 17, skipped=13), step("Ask", 25, 25), step("Decide", 94, 3)]


@pytest.fixture(scope="module")
def common(office):
    """The permit office without the ways that hardly anybody went."""
    return office[:106]


@pytest.fixture(scope="module")
def strayed(map_of, common):
    whole = map_of(common)
    shown = protect(whole, smallest_cell=LEAST).graph
    return with_strays(
        shown, exact=whole, edges=EDGES, activities=STEPS, cases=len(common), least=LEAST
    )


def groups(picture, name):
    return [g for g in ET.fromstring(picture).iter(f"{SVG}g") if g.get("class") == name]


def dashed(picture, name, shape):
    return {
        g.find(f"{SVG}title").text.partition(":")[0]
        for g in groups(picture, name)
        if g.find(f"{SVG}{shape}").get("stroke-dasharray")
    }


def test_lines_and_boxes_that_mostly_stray_are_dashed_on_this_overlay_alone(strayed):
    picture = render_map(strayed, Overlay.CONFORMANCE)
    assert dashed(picture, "edge", "path") == {"Ask → Check", "Check → Check"}
    assert dashed(picture, "activity", "rect") == {"Ask"}
    for other in set(Overlay) - {Overlay.CONFORMANCE}:
        picture = render_map(strayed, other)
        assert dashed(picture, "edge", "path") == dashed(picture, "activity", "rect") == set()


def test_numbers_say_how_many_stray_of_all_and_boxes_too(strayed):
    picture = render_map(strayed, Overlay.CONFORMANCE)
    written = {t.text for g in groups(picture, "number") for t in g.iter(f"{SVG}text")}
    assert written == {"0 of 94", "≈ 5 of 25", "all ≈ 25", "≈ 10 of 94", "few of 94", "all ≈ 9"}
    titles = {g.find(f"{SVG}title").text for g in groups(picture, "activity")}
    assert "Ask: 25 times in 25 cases; about 25 of them stray" in titles
    assert any(
        t.startswith("Check:") and t.endswith("about 15 of them stray; left out in about 15 cases")
        for t in titles
    )
    said = {g.find(f"{SVG}title").text for g in groups(picture, "edge")}
    assert any(t.startswith("Decide → Send: 94 times") and "in a few cases" in t for t in said)
    assert any("Receive → Check" in t and "none of them stray" in t for t in said)


def test_the_legend_explains_colours_numbers_and_dashes(strayed):
    words = " ".join(groups(render_map(strayed, Overlay.CONFORMANCE), "legend")[0].itertext())
    for said in ("never", "under 10 %", "50 % or more", "stray from the procedure or the",
                 "half of these steps or more stray"):  # fmt: skip
        assert said in words
    assert "stray" not in " ".join(
        groups(render_map(strayed, Overlay.WAITING), "legend")[0].itertext()
    )


def test_the_overlay_is_there_only_where_somebody_asked(map_of, office, strayed):
    assert Overlay.CONFORMANCE in overlays(strayed)
    assert Overlay.CONFORMANCE not in overlays(map_of(office))


def test_without_detours_every_picture_is_as_it_was(map_of, common, strayed):
    """What strays makes room for its numbers; where nothing is known of it there is none."""
    plain = protect(map_of(common), smallest_cell=LEAST).graph
    bare = replace(
        strayed,
        edges=tuple(replace(e, strays=None) for e in strayed.edges),
        activities=tuple(replace(a, strays=None) for a in strayed.activities),
    )
    assert render_map(bare, Overlay.FREQUENCY) == render_map(plain, Overlay.FREQUENCY)


def test_words_fit_into_their_boxes(strayed):
    for group in groups(render_map(strayed, Overlay.CONFORMANCE), "activity"):
        room = float(group.find(f"{SVG}rect").get("width"))
        for text in group.findall(f"{SVG}g/{SVG}text"):
            assert width(text.text, size=FONT) <= room - 16


def test_colours_of_straying_can_be_told_apart_without_seeing_hue():
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    lights = [luminance(colour) for colour in colours.stray_scale()]
    assert all(a / b >= 1.15 for a, b in itertools.pairwise(lights))
    assert all(1.05 / light >= 2.9 for light in lights)
    shades = [colours.stray_colour(part, some=True) for part in (0.0, 0.1, 0.5)]
    assert [colours.stray_colour(0.0, some=False), *shades] == list(colours.stray_scale())


def told(map_of, traces, edges, activities=()):
    whole = map_of(traces)
    shown = protect(whole, smallest_cell=LEAST).graph
    found = with_strays(
        shown, exact=whole, edges=edges, activities=activities, cases=len(traces), least=LEAST
    )
    return (
        {e.key: e.strays for e in found.edges if e.strays},
        {a.name: a.strays for a in found.activities if a.strays},
    )


@pytest.mark.parametrize(
    ("straying", "cases", "expected"),
    [
        (0, 0, Strays(count=0)),
        (4, 4, Strays(count=None, few=True)),
        (20, 4, Strays(count=None, few=True)),
        (12, 12, Strays(count=10)),
        (57, 57, Strays(count=60)),
        (60, 60, Strays(count=60)),
    ],
)
def test_neither_few_cases_that_stray_nor_few_that_do_not_are_told(
    map_of, straying, cases, expected
):
    paths, _ = told(map_of, [["a", "b"]] * 60, [edge("a", "b", 60, straying, cases)])
    assert paths == {("a", "b"): expected}


def test_passages_are_not_cases_where_a_few_go_round_and_round(map_of):
    """Ten cases pass 60 times, 54 of them astray: the other six may be of one case."""
    paths, _ = told(map_of, [["a", "b"] * 6] * 10, [edge("a", "b", 60, 54, 9)])
    assert paths["a", "b"].count == 60


def test_a_step_does_not_tell_how_many_the_few_on_its_paths_are(map_of):
    """Eight executions of "c" stray, four of them from "a" and four from "b"."""
    traces = [["a", "c", "d"]] * 30 + [["b", "c", "d"]] * 30
    edges = [edge("a", "c", 30, 4), edge("b", "c", 30, 4)]
    assert told(map_of, traces, edges, [step("c", 60, 8)])[1]["c"] == Strays(count=None)
    assert told(map_of, traces, edges, [step("c", 60, 7)])[1]["c"] == Strays(count=5)


def test_a_number_of_the_map_that_was_shifted_is_not_told_by_what_strays(map_of):
    """All of "b" strays: its exact executions would tell the three that the map hides."""
    traces = [["a", "b", "c"]] * 997 + [["a", "c"]] * 3
    _, steps = told(map_of, traces, [], [step("b", 997, 997)])
    assert steps["b"].count == 1000


logs = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), min_size=1, max_size=5),
        st.sampled_from([1, 2, 4, 6, 20]),
    ),
    min_size=2,
    max_size=8,
).map(lambda ways: [way for way, times in ways for _ in range(times)])


def count_strays(marked):
    """Paths and steps of traces in which each step is marked as straying or not.

    A path strays where a step at either end of it does.
    """
    seen, off, carriers = Counter(), Counter(), defaultdict(set)
    for number, way in enumerate(marked):
        for (a, strays), (b, too) in pairwise(way):
            seen[a, b] += 1
            if strays or too:
                off[a, b] += 1
                carriers[a, b].add(number)
        for a, strays in way:
            seen[a] += 1
            if strays:
                off[a] += 1
                carriers[a].add(number)
    edges = [edge(*key, n, off[key], len(carriers[key]))
             for key, n in seen.items() if isinstance(key, tuple)]  # fmt: skip
    steps = [
        StrayingActivity(
            activity=key, events=n, straying=off[key], cases=len(carriers[key]), skipped=0
        )
        for key, n in seen.items()
        if isinstance(key, str)
    ]
    return edges, steps


@settings(max_examples=120, deadline=None)
@given(marked=logs)
def test_few_that_stray_are_never_told_and_cannot_be_worked_out(map_of, marked):
    if len(marked) < LEAST:
        return  # then nothing at all is published
    edges, steps = count_strays(marked)
    paths, told_steps = told(map_of, [[a for a, _ in way] for way in marked], edges, steps)
    exact = {(one.source, one.target): one for one in edges}
    ends = Counter((way[end][0], side) for way in marked for side, end in ((0, 0), (1, -1)))
    for key, strays in paths.items():
        assert Terminal.START not in key
        assert strays.few is (0 < exact[key].cases < LEAST)
        assert not strays.count or (strays.count >= LEAST and exact[key].cases >= LEAST)
    for name, strays in told_steps.items():
        if not strays.count:
            continue
        # What strays at a step strays on the paths to it, so the few are at least what is missing.
        for side in (0, 1):
            beside = [one for key, one in exact.items() if key[1 - side] == name]
            few = [one for one in beside if 0 < one.cases < LEAST]
            known = sum(at_most(-(-one.straying // LEAST) * LEAST, LEAST)
                        for one in beside if one.cases >= LEAST)  # fmt: skip
            known += at_most(-(-ends[name, side] // LEAST) * LEAST, LEAST)
            missing = at_least(strays.count, LEAST) - known
            assert not few or missing < len(few) * (LEAST - 1)


def test_the_same_strays_give_the_same_bytes_and_hostile_names_stay_text(map_of):
    names = ["<script>alert(1)</script>", "a\"b'c&d"]
    whole = map_of([names] * 9)
    found = with_strays(
        whole, exact=whole, edges=[edge(*names, 9, 9)], activities=[step(names[0], 9, 9)],
        cases=9, least=LEAST,
    )  # fmt: skip
    picture = render_map(found, Overlay.CONFORMANCE)
    assert picture == render_map(found, Overlay.CONFORMANCE)
    assert not re.search("<script", picture)
    assert dashed(picture, "activity", "rect") == {names[0].partition(":")[0]}
