"""The report as one file: it shows what it should, and nothing that it must not."""

import base64
import hashlib
import random
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from reports.maps.graph import read_map
from reports.page import render_report
from reports.results import Giver, Handover, Rework, Throughput
from reports.suppress import suppress
from reports.words.wording import duration, number, share

VOID = {"meta", "input", "br", "link", "img", "rect", "path", "polygon"}


class Reader(HTMLParser):
    """Reads a page as a browser would: its tags, its attributes and its words."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words, self.ids, self.open = [], [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, words):
        if not self.open or self.open[-1] != "style":
            self.words.append(words)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def test_the_report_tells_the_main_figures_in_plain_words(results_of, office):
    text = Reader(render_report(results_of(office))).text
    for words in (
        "building-permit",
        "Events from 2 Jan 2026 to 2 Mar 2026. As known on 2 Mar 2026, 09:14 UTC.",
        "Cases 110",
        "elapsed time",
        "Every case counts",
        "lateness no activity closes a case",
        "no time zone 2",
        "What fewer than 5 cases have in common is not shown",
        "Runut 0.1.0. Lake version 3. Definition abc.",
    ):
        assert words in text, words
    assert "None" not in text
    assert re.search(r"[1-9]\d* small cells not shown", text)


def test_the_page_is_well_formed_and_each_address_in_it_is_given_once(
    results_of, office, everything
):
    for results in (results_of(office), everything):
        read = Reader(render_report(results))
        assert read.open == []
        assert len(read.ids) == len(set(read.ids))


def test_the_page_fetches_nothing_and_forbids_itself_to(everything):
    page = render_report(everything)
    read = Reader(page)
    assert not {"script", "link", "iframe", "object", "embed", "img"} & set(read.tags)
    assert not {"src", "style", "srcset", "action"} & set(read.attributes)
    assert all(re.fullmatch(r"#m\d+", place) for place in re.findall(r'href="([^"]*)"', page))
    assert not [name for name in read.attributes if name.startswith("on")]
    assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;" in page


def test_names_from_outside_stay_text(results_of):
    hostile = '<script>alert("1")</script><b onclick=x>'
    page = render_report(
        results_of(
            [[hostile, "مراجعة الطلب", "{{ 7 * 7 }}", "100 % sure %(x)s"]] * 20,
            process=hostile,
            handover=(Handover(source=hostile, target="b", frequency=9, cases=9),),
            findings=(
                {"id": "x", "kind": "detour", "severity": "<i>", "cases": 9,
                 "wording": {"en": hostile}, "subject": {}},
            ),
            run={"rejects": {hostile: 3}, "switched_off": {hostile: hostile},
                 "counts": {hostile: 4}, "definition": hostile},
        )
    )  # fmt: skip
    read = Reader(page)
    assert "script" not in read.tags
    assert "onclick" not in read.attributes
    assert "{{ 7 * 7 }}" in read.text
    assert "100 % sure %(x)s" in read.text
    assert "مراجعة الطلب" in read.text


def test_the_same_results_give_the_same_bytes(results_of, office):
    assert render_report(results_of(office)) == render_report(results_of(office))


def test_nothing_of_a_small_group_is_anywhere_in_the_page(results_of, office):
    """Steps, ways, repeats, handovers and findings of fewer than five cases leave no trace."""
    page = render_report(
        results_of(
            office,
            rework=(
                Rework(activity="Check", cases=34, executions=34),
                Rework(activity="Secret step", cases=4, executions=77_777),
            ),
            handover=(
                Handover(source="counter", target="planning", frequency=9, cases=8),
                Handover(source="secret unit", target="planning", frequency=66_666, cases=4),
            ),
            findings=(
                {"id": "few", "kind": "detour", "severity": "high", "cases": 4,
                 "wording": {"en": "Few cases did a thing"}, "subject": {}},
                {"id": "officer", "kind": "favouritism", "severity": "high", "cases": 400,
                 "wording": {"en": "Officer 17 is quick"}, "subject": {"resource": "officer-17"}},
            ),
        )
    )  # fmt: skip
    for trace in ("Appeal", "Inspect", "Secret step", "77,777", "77777", "secret unit", "66,666",
                  "Few cases did", "fficer 17", "officer-17"):  # fmt: skip
        assert trace not in page, trace
    assert "2 findings about few cases or about one officer are not in this file." in page


def test_officers_are_counted_and_never_named(results_of, office):
    rows = tuple(
        Handover(source=f"officer-{n}", target="officer-9", frequency=9, cases=8) for n in range(3)
    )
    results = results_of(office, handover_by=Giver.RESOURCE, handover=rows)
    assert suppress(results).handover == ()
    page = render_report(results)
    assert "officer-" not in page
    assert "3 pairs of officers handed work on in 5 cases or more." in Reader(page).text


@pytest.mark.parametrize("size", [0, 1, 3, 4])
def test_logs_of_fewer_than_five_cases_give_a_page_that_tells_nothing(results_of, size):
    text = Reader(render_report(results_of([["Secret"]] * size))).text
    assert "Secret" not in text
    assert ("Cases 0 " if size == 0 else "Cases fewer than 5") in text
    assert "nothing that can be shown on a map" in text
    assert "2026" not in text or size == 0 or "As known on 2 Mar 2026" in text


def test_one_activity_makes_a_report(results_of):
    assert "Only step" in Reader(render_report(results_of([["Only step"]] * 12))).text


def test_open_cases_are_named_when_the_times_leave_them_out(results_of):
    told = Throughput(cases=30, mean=9.0, p50=9.0, p90=9.0, bins=((0.0, 60.0, 30),))
    results = results_of([["a", "b"]] * 60, throughput=told, open_cases=30)
    text = Reader(render_report(results)).text
    assert "30 of 60 cases are counted; cases that are still open are not." in text


def test_long_names_and_400_activities_hold(results_of):
    dice = random.Random(3)
    names = [
        f"{n} " + "very long name of an activity, " * 3 + "end of the name here" for n in range(400)
    ]
    traces = [
        [names[i] for i in range(start, start + 9)] for start in dice.choices(range(390), k=500)
    ]
    page = render_report(results_of(traces))
    assert len(page.encode()) < 200 * 1024
    Reader(page)


def receipt():
    """The WABO log beside the repository, if this machine has it (it is never copied)."""
    return Path(__file__).parents[2].parent / "shared" / "data" / "receipt.csv"


@pytest.mark.skipif(not receipt().exists(), reason="the WABO log is not on this machine")
def test_the_report_of_a_real_log_is_small_and_tells_its_figures(results_of):
    frame = pd.read_csv(receipt())
    traces = frame.groupby("case:concept:name", sort=True)["concept:name"].agg(list).tolist()
    page = render_report(results_of(traces))
    text = Reader(page).text
    assert len(page.encode()) < 200 * 1024
    assert "Cases 1,434 Events 8,577 Different ways 116" in text
    assert "713 49.7 %" in text


def test_numbers_are_written_for_people():
    assert [number(n) for n in (0, 1434, 1_234_567)] == ["0", "1,434", "1,234,567"]
    assert [duration(s) for s in (0, 0.2, 59, 5400, 86_400, 86_400 * 123.4)] == [
        "0 s", "< 1 s", "59 s", "1.5 h", "1 d", "123 d",
    ]  # fmt: skip
    assert [share(x) for x in (0.0, 0.0001, 0.5, 1.0)] == ["0.0 %", "< 0.1 %", "50.0 %", "100.0 %"]


def test_a_variant_whose_activities_hold_the_separator_is_taken_apart_rightly(results_of):
    page = render_report(results_of([["a > b", "c"]] * 9))
    assert len(re.findall(r'class="chip [^>]*>a &gt; b<', page)) == 1
    assert read_map(
        {"activities": [], "edges": [], "starts": {}, "ends": {}}
    ).events == 0  # fmt: skip
