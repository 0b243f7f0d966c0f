"""What several pictures of a page have in common is written once, and nothing is lost by it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from reports.maps.layout import layout
from reports.maps.once import once, shareable, whole
from reports.maps.overlays import Overlay
from reports.maps.svg import draw_map, draw_maps

LONG = "<path d='" + 90 * "M" + "'/>"


PART = re.compile(r'<g id="(m\d+)">((?:(?!<g id=|<g>|</g>).)*)</g>')


def unfold(pictures):
    """The pictures with each reference replaced by what it refers to."""
    parts = {}

    def take(found):
        parts[found[1]] = found[2]
        return found[2]

    told = list(pictures)
    for place in range(len(told)):
        while PART.search(told[place]):
            told[place] = PART.sub(take, told[place], count=1)
    for place in range(len(told)):
        while "<use" in told[place]:
            told[place] = re.sub(r'<use href="#(m\d+)"/>', lambda m: parts[m[1]], told[place])
    return told


def test_a_part_that_one_picture_has_alone_or_that_is_short_stays_as_it_is():
    assert once([shareable(LONG), "x"], prefix="m") == (LONG, "x")
    assert once([shareable("<b/>")] * 2, prefix="m") == ("<b/>", "<b/>")


def test_parts_within_parts_are_shared_by_themselves():
    inner, title = shareable(LONG), "<title>a</title>"
    first, second, third = once(
        [shareable(title + inner), shareable(title + inner), "<title>b</title>" + inner],
        prefix="m",
    )
    assert first == f'<g id="m2">{title}<g id="m1">{LONG}</g></g>'
    assert (second, third) == ('<use href="#m2"/>', '<title>b</title><use href="#m1"/>')


parts = st.recursive(
    st.sampled_from(["a", LONG, LONG.replace("M", "L")]).map(shareable),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map("".join).map(shareable),
    max_leaves=5,
)


@given(st.lists(st.lists(parts, max_size=4).map("".join), max_size=4))
def test_with_every_reference_followed_the_pictures_are_whole(pictures):
    assert unfold(once(pictures, prefix="m")) == [whole(picture) for picture in pictures]


def test_maps_of_a_page_are_the_same_as_by_themselves_and_take_less_room(map_of, office):
    graph = map_of(office)
    looks = (Overlay.FREQUENCY, Overlay.WAITING, Overlay.WORKING)
    classes = dict.fromkeys((a.name for a in graph.activities), "a0 b0")
    plan = layout(graph)
    shared = draw_maps(graph, plan, looks, classes)
    alone = [draw_map(graph, plan, look, classes) for look in looks]
    ids = re.findall(r'id="(m\d+)"', "".join(shared))
    used = set(re.findall(r'href="#(m\d+)"', "".join(shared)))
    assert len(ids) == len(set(ids))
    assert used <= set(ids)
    assert "<use" not in "".join(alone)
    assert not any("\x02" in picture or "\x03" in picture for picture in (*shared, *alone))
    assert len("".join(shared)) < 0.75 * len("".join(alone))
