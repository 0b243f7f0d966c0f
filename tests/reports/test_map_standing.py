"""Open applications stand on the map where they are stuck, and nothing else moves for them."""

import re
import xml.etree.ElementTree as ET

import pytest

from reports.contents.waiting import Standing
from reports.maps.graph import choose, with_standing
from reports.maps.layout import layout
from reports.maps.overlays import Overlay, overlays
from reports.maps.plan import badge_width, measure
from reports.maps.svg import render_map

SVG = "{http://www.w3.org/2000/svg}"
STUCK = {"Check": Standing(at=27, after=1_083), "Decide": Standing(at=5, about=True)}


@pytest.fixture(scope="module")
def stuck(map_of, office):
    return with_standing(map_of(office), STUCK)


def badges(picture):
    root = ET.fromstring(picture)
    drawn = [g for g in root.iter(f"{SVG}g") if g.get("class") == "standing"]
    return [(g.find(f"{SVG}rect"), g.find(f"{SVG}text").text) for g in drawn]


@pytest.mark.parametrize("overlay", list(Overlay))
def test_badges_are_on_every_overlay_and_explained_in_the_legend(stuck, overlay):
    picture = render_map(stuck, overlay)
    assert [words for _, words in badges(picture)] == ["27", "1,083", "≈ 5", "12", "12"]
    assert "stand at the step now" in picture
    assert "did it last; next step not known" in picture


def test_a_box_says_in_words_who_stands_there(stuck):
    titles = [t.text for t in ET.fromstring(render_map(stuck, Overlay.WAITING)).iter(f"{SVG}title")]
    check = next(t for t in titles if t.startswith("Check:"))
    assert check.endswith(
        "; 27 open applications stand here now; "
        "1,083 open ones left here, their next step is not known"
    )
    assert any(t.endswith("; about 5 open applications stand here now") for t in titles)


def test_a_map_without_open_applications_has_no_badges(map_of, office):
    picture = render_map(map_of(office), Overlay.FREQUENCY)
    assert badges(picture) == []
    assert "Open: how many" not in picture


def test_badges_lie_inside_their_box_and_beside_its_name(stuck):
    shown = choose(stuck)
    plan = layout(shown)
    sizes = measure(shown)
    for activity in shown.activities:
        box = plan.boxes[activity.name]
        assert box.width == sizes.boxes[activity.name].width
        for count in (activity.standing.at, activity.standing.after):
            room = (box.width - 7.0 * len(activity.name)) / 2
            assert not count or badge_width(f"{count:,}") < max(room, 16)


def test_badges_do_not_overlap_each_other(stuck):
    areas = [
        [float(rect.get(name)) for name in ("x", "y", "width", "height")]
        for rect, _ in badges(render_map(stuck, Overlay.FREQUENCY))[:3]
    ]
    for i, (x, y, w, h) in enumerate(areas):
        for a, b, c, d in areas[i + 1 :]:
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y


def test_working_time_is_an_overlay_only_where_it_is_known(map_of, office):
    graph = map_of(office)
    assert Overlay.WORKING in overlays(graph)
    nowhere = map_of([["a"]] * 9)
    assert Overlay.WORKING not in overlays(nowhere)


def test_the_legend_lies_inside_the_picture(stuck):
    for overlay in Overlay:
        root = ET.fromstring(render_map(stuck, overlay))
        key = next(g for g in root.iter(f"{SVG}g") if g.get("class") == "legend")
        rows = [float(re.search(r"\(0 ([\d.]+)\)", g.get("transform"))[1]) for g in key
                if g.get("transform")]  # fmt: skip
        assert max(rows) + 12 <= float(root.get("height"))
