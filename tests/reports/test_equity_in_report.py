"""The report tells a reform team which gaps there are, how sure they are, and what was not seen."""

import html
import json
import re
from dataclasses import replace

import pytest

from reports.charts.bars import three_bars
from reports.contents.terms import Limits
from reports.page import render_report
from reports.publish import publish
from reports.reading import _equity, _favouritism
from reports.suppress import suppress


def text(page):
    """The words of a page, without its style sheet and its pictures' titles."""
    words = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(words)).replace("\N{MINUS SIGN}", "~")


def section(page, name="equity"):
    return re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL).group()


@pytest.fixture(scope="module")
def treated(everything, equity_of, favouritism_of, gap, silent, picked):
    """The permit office in which one group waits longer, and another is picked sooner."""
    return replace(
        everything,
        equity=equity_of(
            gap(edges=[{**edge, "value": edge["value"] / 10, "ci_low": edge["ci_low"] / 10,
                        "ci_high": edge["ci_high"] / 10} for edge in gap()["edges"]][:2],
                entry={"value": 0.29, "ci_low": 0.24, "ci_high": 0.34}, severity="medium"),
            gap(measure="outcome", unit="share", activity="Check", mean_others=0.8, edges=[],
                parts=[], raw={"value": -0.1, "ci_low": -0.13, "ci_high": -0.07},
                entry={"value": -0.083, "ci_low": -0.11, "ci_high": -0.05}, process=None,
                direct=None),
            silent(attribute="district", group="north"),
            silent(attribute="district", group="north", measure="fee", unit="currency",
                   smallest_seen=25_132.0),
            silent(attribute="district", group="north", measure="waiting", activity="Decide",
                   why_not="few", smallest_seen=None),
            silent(attribute="agent", group="0a1b", restricted=True),
            intersections=[silent(attribute="affiliation+district", group="other+north",
                                  cases=603, others=3_900, smallest_seen=1.13)],
            routes=[{"attribute": "affiliation", "p_value": 0.001, "q_value": 0.004}],
            fee_speed={"rho": -0.123, "ci_low": -0.151, "ci_high": -0.092, "p_value": 0.001,
                       "q_value": 0.004, "rows": 4_203},
            not_tested=[{"what": 'treatment of district "east", "west"', "why": "too few"}],
        ),
        favouritism=favouritism_of(
            picked(), picked(group="other", told=False, smallest_seen=0.52)
        ),
    )  # fmt: skip


def test_gaps_are_told_worst_first_with_their_sentence_three_bars_and_limits(treated):
    words = text(section(render_report(treated)))
    for said in (
        "3 of 8 comparisons show a gap in treatment between comparable applications.",
        "Comparable applications are alike in permit type and month of entry.",
        "high Applications with affiliation “other” passed Check 8.3 percentage points less often",
        "As they came ~10.0 (~13.0 to ~7.0) Comparable ones ~8.3 (~11.0 to ~5.0)",
        "medium Applications with affiliation “other” took",
        (
            "As they came +3.6 (+3.1 to +4.1) Comparable ones +0.29 (+0.24 to +0.34) "
            "… and handled alike +0.8 (+0.3 to +1.3)"
        ),
        "Gap in working days, with 95 % limits; n ≈ 1,190, compared with ≈ 3,310 others.",
        "requests for documents 1.7 working days",
        "Basis for looking at affiliation: audit order 12/2026.",
        "found in each half of the period by itself.",
        "would have to account for at least 18 % of what is left open",
    ):
        assert said in words, said
    assert words.index("passed Check") < words.index("took 0.3 working")
    assert "None" not in words
    assert "%%" not in words


def test_below_the_gaps_stands_all_that_was_looked_at_and_what_would_have_been_seen(treated):
    words = text(section(render_report(treated)))
    for said in (
        "took other ways through the office depending on their affiliation, more than by chance.",
        (
            "Who pays more over the tariff waits less, among comparable applications (rank "
            "correlation ~0.12, 95 % limits ~0.15 to ~0.09, n ≈ 4,205)."
        ),
        (
            "Who is picked out of turn medium Files with affiliation “ours” were picked up 1.4 "
            "positions earlier at Check than comparable files"
        ),
        "Time to a decision district 1 0.71 working days",
        "Paid over the tariff district 1 25,100 Waiting",
        "Waiting at a step district 1 1 could not be tested none could be tested",
        "Time to a decision two attributes at once affiliation and district 1 1.1 working days",
        "Order in which files are picked affiliation 1 0.52 positions in the queue",
        "Affiliation basis: audit order 12/2026 ours ≈ 1,205, other ≈ 1,305, none ≈ 2,495",
        "treatment of district (2 small groups) too few",
        "One comparison is about persons and stays in the restricted results.",
    ):
        assert said in words, said
    assert "agent" not in words
    assert "0a1b" not in render_report(treated)


def test_it_stands_between_where_applications_wait_and_the_terms(treated):
    named = re.findall(r'<section aria-labelledby="(\w+)"', render_report(treated))
    assert named.index("waits") < named.index("equity") < named.index("terms")


def test_where_no_gap_is_told_it_is_said_how_large_one_would_have_been_seen(
    everything, equity_of, silent
):
    quiet = equity_of(silent(attribute="district", group="north"))
    words = text(section(render_report(replace(everything, equity=quiet))))
    assert "No gap in treatment is told. One comparison between" in words
    assert "That is no proof that there is none" in words
    assert "Time to a decision district 1 0.71 working days" in words
    nothing = replace(everything, equity=equity_of())
    words = text(section(render_report(nothing)))
    assert "No comparison could be made; below stands why." in words
    assert "A gap is told where" not in words
    off = {"switched_off": {"equity": "the process file names no equity.groups"}}
    words = text(section(render_report(replace(nothing, run=off))))
    assert "Treatment was not compared: the process file names no equity.groups." in words


def test_without_the_question_nothing_changes_and_what_is_off_says_why(results_of, office):
    assert 'id="equity"' not in render_report(results_of(office))
    off = {"switched_off": {"equity": "the process file names no groups"}}
    assert "Treatment was not compared: the process file names no groups." in text(
        section(render_report(results_of(office, run=off)))
    )


def test_the_order_of_work_is_told_where_treatment_was_not_compared(
    everything, favouritism_of, picked
):
    run = {"switched_off": {"equity": "left out by --only"}}
    words = text(
        section(render_report(replace(everything, run=run, favouritism=favouritism_of(picked()))))
    )
    assert "Treatment was not compared: left out by --only." in words
    assert "Files with affiliation “ours” were picked up 1.4 positions earlier" in words


def test_the_map_shows_where_the_largest_gap_lies_and_the_table_the_same(
    results_of, everything, equity_of, gap
):
    traces = [["Check", "Ask", "Check", "Decide"]] * 300 + [["Check", "Decide"]] * 200
    parts = [{"group": "other", "cases": 200}, {"group": "ours", "cases": 300}]
    named = [{"attribute": "affiliation", "basis": None, "sensitive": False, "groups": parts}]
    found = equity_of(gap(cases=199, others=298), cases=500, attributes=named)
    page = section(render_report(results_of(traces, equity=found)), "map")
    assert "Where affiliation “other” takes longer" in text(page)
    assert 'class="map gap"' in page
    assert ">+2.1 (+1.8 … +2.4)</text>" in page
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    ask = next(text(row) for row in rows if re.match(r"\s*Check\s+Ask", text(row)))
    assert ask.strip().endswith("+2.1 (+1.8 … +2.4)")
    without = render_report(everything)
    assert 'class="map gap"' not in without
    assert "takes longer" not in without


def test_every_table_has_heads_or_a_caption_and_whole_rows(treated):
    page = section(render_report(treated))
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) == 5
    for table in tables:
        assert "<caption>" in table or "<thead>" in table
        columns = len(re.findall(r"<th scope=\"col\"", table)) or 2
        for row in re.findall(r"<tbody>.*</tbody>", table, re.DOTALL)[0].split("</tr>")[:-1]:
            assert len(re.findall(r"<t[dh][ >]", row)) == columns, row
    pictures = re.findall(r'<svg class="bars".*?</svg>', page, re.DOTALL)
    assert len(pictures) == page.count("the same data as a table") == 2
    assert all("<title>" in picture for picture in pictures)


def test_bars_begin_at_zero_and_limits_lie_inside_the_picture(equity_of, gap):
    names = {"raw": "a", "entry": "b", "process": "c"}
    for value in (2.9, -2.9, 0.0):
        one = equity_of(gap()).gaps[0]
        told = Limits(value=value, low=value - 3.1, high=value + 0.7)
        picture = three_bars(replace(one, entry=told), names=names, title="t")
        zero = float(re.search(r'class="zero" d="M([\d.]+)', picture)[1])
        bars = [(float(x), float(w)) for x, w in
                re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', picture)]  # fmt: skip
        assert all(abs(x - zero) < 0.11 or abs(x + w - zero) < 0.11 for x, w in bars)
        ends = [float(x) for x in re.findall(r"[MH]([\d.]+)", picture)]
        assert min(ends) >= 139.9
        assert max(ends) <= 340.1
    assert three_bars(replace(one, raw=None, process=None), names=names, title="t").count(
        "<rect"
    ) == 1  # fmt: skip


def finding(gap, **changes):
    """The finding of a gap as findings.json has it, with exact numbers."""
    return {
        "id": "x", "kind": "disparity", "severity": "high", "strength": "strong",
        "subject": {"attribute": gap["attribute"], "group": gap["group"],
                    "measure": gap["measure"], "activity": gap["activity"]},
        "effect": {"value": 2.93124, "unit": "working days", "ci_low": 2.4, "ci_high": 3.4,
                   "raw": 3.6123},
        "q_value": 1e-8, "cases": 1_191, "cost": {"value": 3_491.1, "unit": "case-days"},
        "wording": {"en": "1,191 files of secret", "id": "1.191 berkas rahasia"},
        "evidence": {"called": {}, "cases": ["P1", "P2"]}, **changes,
    }  # fmt: skip


def test_a_finding_is_said_anew_of_the_numbers_that_may_be_told(
    everything, equity_of, favouritism_of, gap, picked
):
    agent = {"activity": "Check", "attribute": "agent", "group": "0a1b", "resource": None}
    results = replace(
        everything,
        equity=equity_of(gap()),
        favouritism=favouritism_of(picked()),
        findings=(
            finding(gap()),
            finding(gap(group="ours")),
            finding(gap(attribute="agent", group="0a1b")),
            finding(gap(), kind="favouritism", subject=agent),
            finding(gap(), kind="favouritism", subject={**agent, "resource": "officer-17"}),
            finding(gap(), kind="favouritism", cases=1_402, cost=None,
                    subject={"activity": "Check", "attribute": "affiliation", "group": "ours"}),
        ),
    )  # fmt: skip
    published = suppress(results)
    assert [one["subject"]["group"] for one in published.findings] == ["other", "ours"]
    assert published.findings_withheld == 4
    one, order = published.findings
    assert one["wording"]["en"].startswith("Applications with affiliation “other” took 2.9 working")
    assert "about 1,190 of this group" in one["wording"]["en"]
    assert "sekitar 1.190" in one["wording"]["id"]
    assert (one["cases"], one["about"], one["evidence"]) == (1_190, True, {})
    assert (one["effect"]["value"], one["effect"]["raw"]) == (2.9, 3.6)
    assert one["cost"]["value"] == round(3_491.1 * 1_190 / 1_191)
    assert "1.4 positions earlier at Check" in order["wording"]["en"]
    assert "service class (permit type)" in order["wording"]["en"]
    page = render_report(results)
    assert not any(trace in page for trace in ("1,191", "rahasia", "0a1b", "officer-17", "P1<"))
    assert "2 findings about treatment stand under Fair treatment." in text(page)


def test_what_may_be_passed_on_is_a_file_too(treated, tmp_path):
    publish(treated, tmp_path)
    content = json.loads((tmp_path / "public" / "equity.json").read_text(encoding="utf-8"))
    assert [(one["told"], one["cases"]) for one in content["gaps"]][:3] == [
        (True, 1_190), (True, 1_190), (False, 1_190),
    ]  # fmt: skip
    assert content["gaps"][2]["entry"] is None
    order = json.loads((tmp_path / "public" / "favouritism.json").read_text(encoding="utf-8"))
    assert [one["positions"] for one in order["groups"]] == [1.4, None]
    assert "agent" not in json.dumps([content, order])


def test_it_is_read_from_the_folder_of_results(equity_file, gap, picked, tmp_path):
    assert _equity(tmp_path / "equity.json") is None
    assert _favouritism(tmp_path / "favouritism.json") is None
    (tmp_path / "equity.json").write_text(json.dumps(equity_file(gap())), encoding="utf-8")
    order = {"picks": 3, "groups": [picked()], "officers": [], "not_tested": []}
    (tmp_path / "favouritism.json").write_text(json.dumps(order), encoding="utf-8")
    assert _equity(tmp_path / "equity.json").gaps[0].group == "other"
    assert _favouritism(tmp_path / "favouritism.json").groups[0].group == "ours"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><b onclick=x>', "{{ 7 * 7 }}"])
def test_names_in_gaps_stay_text(everything, equity_of, gap, silent, hostile):
    pair = [{"group": hostile, "cases": 2_500}, {"group": "b", "cases": 2_500}]
    named = [
        {"attribute": hostile, "basis": hostile, "sensitive": True, "groups": pair, "coverage": 1}
    ]
    found = equity_of(
        gap(attribute=hostile, group=hostile),
        silent(attribute=hostile, group="b"),
        attributes=named,
        compared_on=[hostile],
        not_tested=[{"what": hostile, "why": hostile}],
    )
    page = render_report(replace(everything, equity=found))
    assert "<script" not in page
    assert "<b onclick" not in page
    assert hostile in html.unescape(page)


def test_more_gaps_than_pictures_are_told_in_a_line_each(everything, equity_of, gap):
    many = [gap(measure="route", feature=feature, unit="share", mean_others=0.2, edges=[],
                parts=[], raw={"value": 0.1, "ci_low": 0.07, "ci_high": 0.13},
                entry={"value": 0.08, "ci_low": 0.05, "ci_high": 0.11}, process=None, direct=None)
            for feature in ("requests", "rework", "ping-pong", "skipped", "inserted",
                            "wrong-order")]  # fmt: skip
    page = section(render_report(replace(everything, equity=equity_of(gap(), *many))))
    assert page.count('<svg class="bars"') == 5
    assert "Further gaps" in page
    assert text(page).count("percentage points more often than comparable applications") == 6
