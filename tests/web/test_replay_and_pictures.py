"""The replay shows how cases moved and where they queued; pictures of the map hold the map."""

import json
import re
import struct
import zlib

import pytest
from lxml import etree

from .addresses import read

PLACES = """() => [...document.querySelectorAll("circle.token[visibility=visible]")]
  .map((one) => `${one.getAttribute("cx")} ${one.getAttribute("cy")}`)"""
QUEUES = """() => [...document.querySelectorAll(".queue:not(.off) text")]
  .map((one) => one.textContent)"""


def wound(page, share):
    """The replay at a share of its length."""
    page.get_by_role("slider", name="Moment of the replay").fill(str(round(1000 * share)))
    return page.evaluate(PLACES), page.evaluate(QUEUES)


def pixels(picture):
    """What a PNG file is painted with, as bytes."""
    packed, at = b"", 8
    while at < len(picture):
        size, kind = struct.unpack(">I4s", picture[at : at + 8])
        packed += picture[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return zlib.decompress(packed)


def begun(page):
    page.get_by_role("button", name="Replay", exact=True).click()
    page.get_by_role("slider", name="Moment of the replay").wait_for()
    return page


def test_dots_move_queues_change_and_both_are_explained(page_checked):
    page = begun(page_checked.goes("/map"))
    page.wait_for_function(f"({PLACES})().length > 0")
    before = page.evaluate(PLACES)
    page.wait_for_function(f"before => ({PLACES})().join() !== before", arg=",".join(before))
    page.get_by_role("button", name="Pause").click()
    told = page.locator(".replay-told").inner_text()
    assert re.search(r"\d+ of 600 cases", told)
    assert "{" not in told
    dots, queues = wound(page, 0.5)
    later, longer = wound(page, 0.8)
    assert dots
    assert dots != later
    assert queues
    assert queues != longer
    assert all(int(number) >= 5 for number in queues + longer)
    assert page_checked.axe() == []
    page_checked.looks("replay")


def test_who_may_see_no_cases_sees_no_dots_and_coarse_queues(watched, guarded):
    viewer = watched(guarded, headers=guarded.headers("viewer"))
    page = begun(viewer.goes("/map"))
    dots, queues = wound(page, 0.5)
    assert dots == []
    assert queues
    assert all(int(number) % 5 == 0 for number in queues)
    assert page.locator(".replay-told").inner_text().startswith("Black numbers")
    told = json.loads(read(guarded, "/map/replay.json", **guarded.headers("viewer")))
    assert told["moves"] == []


def test_a_picture_to_take_along_holds_the_map(page_checked, tmp_path):
    page = page_checked.goes("/map?paths=40&overlay=waiting")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download as SVG").click()
    coming.value.save_as(tmp_path / "map.svg")
    drawn = etree.parse(tmp_path / "map.svg")
    said = "".join(drawn.getroot().itertext())
    for name in page.locator("a.activity").evaluate_all("all => all.map(one => one.dataset.code)"):
        assert name in said
    assert not drawn.xpath("//*[local-name()='script' or local-name()='a']")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download as PNG").click()
    coming.value.save_as(tmp_path / "map.png")
    picture = (tmp_path / "map.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    wide, high = struct.unpack(">II", picture[16:24])
    assert wide > 800
    assert high > 800
    assert len(set(pixels(picture))) > 50


@pytest.mark.parametrize("query", ["", "?through=Request+documents"])
def test_the_picture_is_of_the_cases_on_the_page(page_checked, query):
    page = page_checked.goes(f"/map{query}")
    asked = page.get_by_role("link", name="Download as SVG").get_attribute("href")
    drawn = etree.fromstring(read(page_checked, asked).encode())
    times = page.locator("a.activity text").all_text_contents()
    said = {text.strip() for text in drawn.itertext()}
    assert {text.strip() for text in times} <= said
