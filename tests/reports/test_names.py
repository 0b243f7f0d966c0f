"""People read what activities are called; files and colours go by the codes of the log."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from reports.maps.graph import choose
from reports.maps.overlays import Overlay
from reports.maps.svg import render_map
from reports.page import render_report
from reports.publish import publish
from reports.words.names import named, names_of
from reports.words.wording import FONT, width

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Receive and register the application of a citizen for a building"
NAMES = {"Receive": LONG, "Check": "Completeness", "Ask": "<i>Letter</i>"}


def boxes(picture):
    return [g for g in ET.fromstring(picture).iter(f"{SVG}g") if g.get("class") == "activity"]


@pytest.mark.parametrize(
    ("labels", "codes", "names"),
    [
        ({"a": {"en": "Ask"}}, ["a", "b"], {"a": "Ask"}),
        ({"a": {"en": "a"}}, ["a"], {}),
        ({"a": {"id": "Tanya"}, "b": {"en": " "}}, ["a", "b"], {}),
        ({"a": {"en": "Ask"}, "b": {"en": " Ask"}, "c": {"en": "Look"}}, "abc", {"c": "Look"}),
        ({"a": {"en": "b"}}, ["a", "b"], {}),
        ({"a": {"en": "b"}, "b": {"en": "a"}}, ["a", "b"], {}),
        ({}, ["a"], {}),
    ],
)
def test_a_label_is_used_where_it_tells_one_activity_from_all_others(labels, codes, names):
    assert names_of(labels, codes, "en") == names


def test_boxes_of_the_map_have_room_for_the_label_and_keep_the_code_for_who_points(map_of, office):
    picture = render_map(map_of(office), Overlay.FREQUENCY, NAMES)
    box = next(b for b in boxes(picture) if "Receive" in b.find(f"{SVG}title").text)
    assert box.find(f"{SVG}title").text == f"{LONG} (Receive): 110 times in 110 cases"
    words = [text.text for text in box.findall(f"{SVG}g/{SVG}text")]
    assert " ".join(words[:-1]) == LONG
    for text in words:
        assert width(text, size=FONT) <= float(box.find(f"{SVG}rect").get("width")) - 16
    titles = [t.text for t in ET.fromstring(picture).iter(f"{SVG}title")]
    assert any(title.startswith(f"{LONG} → Completeness: 97 times") for title in titles)
    assert "<i>Letter</i> → Completeness" in " ".join(titles)


def test_labels_change_neither_which_paths_are_shown_nor_a_colour(map_of, office):
    graph = map_of(office)
    assert [e.frequency for e in named(choose(graph), NAMES).edges] == [
        e.frequency for e in choose(graph).edges
    ]

    def stripes(names):
        return {
            b.find(f"{SVG}title").text.partition(":")[0].partition(" (")[0]:
                b.findall(f"{SVG}rect")[1].get("fill")
            for b in boxes(render_map(graph, Overlay.FREQUENCY, names))
        }  # fmt: skip

    bare = {NAMES.get(name, name): fill for name, fill in stripes({}).items()}
    assert stripes(NAMES) == bare


def test_the_report_has_labels_wherever_people_read_of_an_activity(everything):
    codes = {a.name: a.name[::-1] for a in everything.graph.activities}
    page = render_report(replace(everything, names=codes))
    shown = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", page, flags=re.DOTALL)
    for code in ("Receive", "Check", "Ask", "Send"):
        assert code not in shown.split("Findings")[0], code
        assert codes[code] in shown
    assert 'title="ksA (Ask)">ksA<' in page
    assert '<bdi title="Ask">ksA</bdi>' in page


def test_names_that_are_the_codes_change_no_byte(everything, tmp_path):
    """So in an office whose log has names that people use, everything stays as it is."""
    whole = [a.name for a in everything.graph.activities]
    same = names_of({code: {"en": code} for code in whole}, whole, "en")
    publish(everything, tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    publish(replace(everything, names=same), tmp_path)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_files_for_programs_keep_the_codes(everything, tmp_path):
    publish(replace(everything, names=NAMES), tmp_path)
    for path in (tmp_path / "public").iterdir():
        assert ("Completeness" in path.read_text(encoding="utf-8")) is (path.suffix == ".svg")
    assert "Completeness" in (tmp_path / "map.svg").read_text(encoding="utf-8")


def test_labels_stay_text(everything):
    names = {"Check": "<script>alert(1)</script>", "Ask": '"><b onclick=x>'}
    page = render_report(replace(everything, names=names))
    assert "<script" not in page
    assert "<b onclick" not in page


def test_an_attribute_is_called_by_its_label_wherever_a_report_names_it(
    everything, equity_of, favouritism_of, gap, picked
):
    shown = replace(
        everything,
        equity=equity_of(gap()),
        favouritism=favouritism_of(picked()),
        names={"affiliation": "Zugeh\u00f6rigkeit", "permit_type": "what is built"},
        labels={"affiliation": {"en": "Zugeh\u00f6rigkeit"}},
    )
    bare, labelled = (render_report(one) for one in (replace(shown, names={}, labels={}), shown))
    assert "affiliation" in bare
    assert "affiliation" not in re.sub(r'(?:href|id|data-\w+)="[^"]*"', "", labelled)
    assert "Zugeh\u00f6rigkeit" in labelled
