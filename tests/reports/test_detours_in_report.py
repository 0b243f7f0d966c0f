"""The report tells a reform team which detours cost most, and by what that was judged."""

import html
import json
import re
from dataclasses import replace

import pytest

from reports.page import render_report
from reports.publish import publish
from reports.reading import _detours
from reports.suppress import suppress


def text(page):
    """The words of a page, without its style sheet."""
    words = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(words))


def section(page, name="detours"):
    return re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL).group()


def told(results, detours):
    return text(section(render_report(replace(results, detours=detours))))


def test_detours_are_told_in_plain_words_with_n_and_interval(everything):
    words = text(section(render_report(everything)))
    for said in (
        "≈ 40 of ≈ 110 applications (36.4 %) took a detour. All detours together cost",
        "cost ≈ 128 case-days (95 % limits",
        "(95 % limits: 99 to 157); time in which detours overlap counts once.",
        "This is judged by the procedure of the process file. Days in this section are working",
        "Back and forth Check ⇄ Ask no step of the applicant lies in it",
        "More often where kind of building is shop : 50.0 %, elsewhere 18.2 %; among comparable",
        "ones +31.0 points (+12.0 to +50.0), n ≈ 40",
        "≈ 35 of ≈ 100 35.0 % 26.4 % to 44.7 % 3.0 2.6 to 3.5 ≈ 106",
        "at most 50.0 %, lately 50.0 % ↗ more often in the later half: +21.0 points (+2.0 to",
        "Done again Check a step of the applicant is part of it",
        "Wrong order Decide ahead of Check who causes it is not known",
        "~0.7 ~1.2 to 0.1 ≈ ~4".replace("~", "\N{MINUS SIGN}"),
        "One detour that few applications took is not told.",
        "Back and forth Check ⇄ Ask ≈ 35 of ≈ 105 applications 14.2 → 13.3 13.0 to 13.5",
        "28.0 % → 21.0 % 19.0 % to 23.0 %",
        "This is an estimate.",
        "Decide ≈ 100 Send always 2.9 % 10.0 % +1.1 points (~2.0 to +4.0) ≈ 41 ≈ 83".replace(
            "~", "\N{MINUS SIGN}"
        ),
    ):
        assert said in words, said
    assert "None" not in words
    assert "%%" not in words


def test_it_stands_between_the_map_and_where_applications_wait(everything):
    named = re.findall(r'<section aria-labelledby="(\w+)"', render_report(everything))
    assert named[:2] == ["map", "detours"]
    assert named.index("detours") < named.index("waits")


@pytest.mark.parametrize(
    ("kind", "activities", "units", "said"),
    [
        ("repeated", ["Check"], None, "Done again Check"),
        ("repeated", ["Check", "Ask", "Wait"], None, "Gone back and done again Check Ask Wait"),
        ("ping-pong", ["Check", "Ask"], None, "Back and forth Check ⇄ Ask"),
        ("ping-pong", ["Check"], ["desk", "field"],
         "Back and forth between units desk ⇄ field done again: Check"),
        ("duplicate-approval", ["Sign"], ["head"], "Approved twice Sign the second time by head"),
        ("inserted", ["Ask mayor"], None, "Step added Ask mayor"),
        ("skipped", ["Visit"], None, "Step left out Visit"),
        ("wrong-order", ["Check", "Sign"], None, "Wrong order Sign ahead of Check"),
    ],
)  # fmt: skip
def test_each_kind_has_its_words(everything, detours_of, detour, kind, activities, units, said):
    found = detours_of(detour(kind, *activities, units=units))
    assert said in told(everything, found)


def test_it_is_said_what_it_is_judged_by(everything, detours_of, detour):
    for by, said in (
        ("bpmn", "judged by the BPMN file that the process file names"),
        ("usual routes", "No procedure is given, so this is judged by the usual simple routes"),
    ):
        found = detours_of(detour("repeated", "Check"), by=by, unit="days", reference=[
            {"stratum": {"kind_of_building": "shop"}, "cases": 60, "routes": 2,
             "mandatory": ["Receive", "Check"], "once": [], "order": 1},
            {"stratum": {}, "cases": 50, "routes": 1, "mandatory": ["Receive"], "once": [],
             "order": 0},
        ])  # fmt: skip
        words = told(everything, found)
        assert said in words
        assert "days in this section have 24 hours" in words
        usual = "kind of building : shop ≈ 60 2 Receive , Check all applications ≈ 50 1 Receive"
        assert (usual in words) is (by == "usual routes")


def test_where_nothing_strays_that_is_said(everything, detours_of):
    nothing = {"detoured_cases": 0, "days": 0.0, "ci_low": 0.0, "ci_high": 0.0, "conforming": 1.0}
    words = told(everything, detours_of(**nothing))
    assert "No application strays from the procedure." in words
    assert "Nothing strays: no step was done again" in words
    words = told(everything, detours_of(**nothing, by="usual routes"))
    assert "No application strays from the usual routes." in words


def test_where_only_few_took_detours_they_are_not_told(everything, detours_of, detour):
    rare = [detour("inserted", name, cases=3, times=3) for name in ("Secret", "Mayor")]
    words = told(everything, detours_of(*rare, detoured_cases=4))
    assert "Fewer than 5 of ≈ 110 applications took a detour." in words
    assert "There are 2 kinds of detours, each taken by too few" in words
    assert "Secret" not in words
    words = told(everything, detours_of(*(rare + rare[:1]), detoured_cases=9))
    assert "≈ 10 of ≈ 110 applications" in words
    words = told(everything, detours_of(*[{**one, "cases": 4, "times": 4} for one in rare],
                                        detoured_cases=8))  # fmt: skip
    assert "how many did altogether is not told" in words


def test_what_was_not_looked_for_says_why(results_of, office):
    run = {"switched_off": {"detours": "left out by --only"}}
    assert "Detours were not looked for: left out by --only." in text(
        section(render_report(results_of(office, run=run)))
    )
    assert 'id="detours"' not in render_report(results_of(office))


def test_a_detour_without_a_price_has_dashes_that_say_why(everything, detours_of, detour):
    one = detour("repeated", "Check", days_per_case=None, case_days=None, without=None,
                 trend=None, months=[], concentrates=[])  # fmt: skip
    found = replace(everything, detours=detours_of(one, days=None))
    page = section(render_report(found))
    assert page.count("too few comparable applications went straight on") == 2
    assert "If this detour did not happen" not in page
    assert "All detours together cost" not in page
    one = {**one, "days_per_case": 0.4}
    page = section(render_report(replace(everything, detours=detours_of(one))))
    assert page.count("the limits of the days include none") == 1


def test_how_many_could_be_compared_is_told_where_it_was_not_nearly_all(
    everything, detours_of, detour
):
    """17 of 18 are nearly all: rounding both to fives would make them 15 of 20."""
    one = detour("repeated", "Check", cases=18, times=18, coverage=17 / 18)
    words = told(everything, detours_of(one, coverage=17 / 18))
    assert "compared" not in words.split("Table of", maxsplit=1)[0].split("Days added are")[0]
    found = detours_of({**one, "cases": 98, "times": 98, "coverage": 0.48}, coverage=0.59)
    words = told(everything, found)
    assert "3.0 2.6 to 3.5 at least 40 % could be compared" in words
    assert (
        "counts once. Of all times that a detour was taken, at least 50 % could be compared; "
        "the rest is taken to cost as much." in words
    )
    assert "only a few could be compared" in told(everything, detours_of(one, coverage=0.02))


def test_a_share_that_falls_is_told_of_the_later_half(everything, detours_of, detour):
    trend = {"change": -0.21, "ci_low": -0.39, "ci_high": -0.02, "told": True}
    assert "↘ less often in the later half: " in told(
        everything, detours_of(detour("repeated", "Check", trend=trend))
    )
    assert "→ no clear change: " in told(
        everything, detours_of(detour("repeated", "Check", trend={**trend, "told": False}))
    )


@pytest.mark.parametrize("alone", [True, False])
def test_times_without_a_detour_say_by_which_clock_they_go(everything, detours_of, detour, alone):
    one = detour("repeated", "Check")
    for clock in (True, False):
        without = {**one["without"], "clock": clock}
        found = detours_of({**one, "without": without if alone else None}, without=without)
        said = "now → then; times by the statutory clock Detour" in told(everything, found)
        assert said is clock


def test_a_detour_that_takes_no_time_is_not_written_in_noughts(everything, detours_of, detour):
    one = detour("repeated", "Check", days_per_case=0.0007, days_ci_low=0.0001, days_ci_high=0.002,
                 case_days=0.0053)  # fmt: skip
    words = told(everything, detours_of(one))
    assert "26.4 % to 44.7 % under 0.1 under 1 " in words
    words = told(everything, detours_of({**one, "days_ci_high": 0.2, "case_days": 1.3}))
    assert "26.4 % to 44.7 % 0.0 0.0 to 0.2 ≈ 1 " in words


def test_every_table_has_a_caption_heads_and_whole_rows(everything):
    tables = re.findall(r"<table.*?</table>", section(render_report(everything)), re.DOTALL)
    assert len(tables) == 3
    for table in tables:
        assert table.count("<caption>") == 1
        assert table.count('<th scope="row">') == table.count("<tr>") - 1
        columns = len(re.findall(r"<th scope=\"col\"", table))
        for row in re.findall(r"<tbody>.*</tbody>", table, re.DOTALL)[0].split("</tr>")[:-1]:
            assert len(re.findall(r"<t[dh][ >]", row)) == columns, row


def test_a_curve_says_in_words_what_it_shows(everything):
    page = section(render_report(everything))
    titles = re.findall(r'<svg class="curve"[^>]*><title>(.*?)</title>', page)
    assert "From Jan 2026 to Jun 2026 at most 50.0 %, lately 50.0 %" in titles


def test_an_activity_has_one_colour_in_detours_and_in_ways(everything):
    page = render_report(everything)
    looks = {
        found
        for name in ("detours", "variants")
        for found in re.findall(r'class="chip (\w+ \w+)">Ask<', section(page, name))
    }
    assert len(looks) == 1


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><b onclick=x>', "{{ 7 * 7 }}"])
def test_names_in_detours_stay_text(everything, detours_of, detour, idle_step, hostile):
    cell = {**detour("repeated", "a")["concentrates"][0], "attribute": hostile, "value": hostile}
    found = detours_of(
        detour("ping-pong", hostile, "b", units=[hostile, "x"], concentrates=[cell]),
        by="usual routes",
        idle_steps=[idle_step(activity=hostile, next=hostile)],
        reference=[{"stratum": {hostile: hostile}, "cases": 110, "routes": 1,
                    "mandatory": [hostile], "once": [], "order": 0}],
    )  # fmt: skip
    page = render_report(replace(everything, detours=found))
    assert "<script" not in page
    assert "<b onclick" not in page
    assert hostile in html.unescape(page)


def test_the_map_has_the_overlay_and_its_table_only_with_detours(everything, results_of, office):
    page = section(render_report(everything), "map")
    assert "Where it strays" in text(page)
    assert 'class="map conformance"' in page
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    ask = next(text(row) for row in rows if "Ask" in row and "25" in row)
    assert ask.strip().endswith("≈ 25")
    without = render_report(results_of(office))
    assert "Where it strays" not in without
    assert 'class="map conformance"' not in without


def test_what_may_be_passed_on_is_a_file_too_and_keeps_the_few_inside(everything, tmp_path):
    publish(everything, tmp_path)
    written = (tmp_path / "public" / "detours.json").read_text(encoding="utf-8")
    content = json.loads(written)
    assert [one["kind"] for one in content["detours"]] == ["ping-pong", "repeated", "wrong-order"]
    assert content["not_shown"] == {"detours": 1}
    assert {"source": "Check", "target": "Ask", "count": 5, "few": False, "left_out": 0} in content[
        "strays"
    ]["paths"]
    for trace in ("secret desk", "Appeal"):
        assert trace not in written
    assert suppress(everything).hidden["detours"] == 1


def test_detours_are_read_from_the_folder_of_results(detour, tmp_path):
    assert _detours(tmp_path / "detours.json") is None
    content = {
        "by": "rules", "unit": "days", "cases": 110, "detoured_cases": 34, "days": 103.4,
        "ci_low": 90.0, "ci_high": 120.0, "coverage": 1.0, "conforming": 0.69,
        "detours": [detour("repeated", "Check")],
        "edges": [], "activities": [], "idle_steps": [], "reference": [], "without": None,
    }  # fmt: skip
    (tmp_path / "detours.json").write_text(json.dumps(content), encoding="utf-8")
    found = _detours(tmp_path / "detours.json")
    assert (found.detoured, found.detours[0].kind) == (34, "repeated")
