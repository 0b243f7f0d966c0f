"""The report tells a reform team where applications wait, and whether terms are kept."""

import html
import re
from dataclasses import replace

import pytest

from reports.page import render_report


def text(page):
    """The words of a page, without its style sheet."""
    words = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(words))


def section(page, name):
    return re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL).group()


def test_queues_are_told_in_plain_words(everything):
    told = text(section(render_report(everything), "waits"))
    for words in (
        "Files waited 872 case-days in all",
        "93.1 % of this is at Check .",
        "Days in this section are working days of the office's calendar.",
        "Check planning ≈ 410 2.0 1.4 to 2.6 0.7 5.5",
        "officers are busy with earlier files (75.0 %)",
        "6 91 %",
        "≈ 15 over 5",
        "at most ≈ 25",
        "with earlier files 600 75.0 %",
        "What one more officer would change",
        "2.0 about 1.4",
        "What this takes for granted: The same files come.",
    ):
        assert words in told, words
    assert "None" not in told


def test_where_starts_are_missing_that_is_said_and_marked(everything, waiting_of, queue):
    told = text(section(render_report(everything), "waits"))
    assert "† The log has no start times here" in told
    assert "Send † " in told
    blind = waiting_of(queue("Send", service_known=False, causes={}, one_more_officer=None))
    told = text(section(render_report(replace(everything, waiting=blind)), "waits"))
    assert "The log has no start times, so waiting and work cannot be told apart" in told
    assert "†" not in told
    assert "Why files wait" not in told
    assert "one more officer" not in told


def test_dates_without_times_give_whole_days(everything, waiting_of, queue):
    dated = waiting_of(queue("Check", dated=0.9))
    told = text(section(render_report(replace(everything, waiting=dated)), "waits"))
    assert "Check ‡ planning ≈ 410 2 1 to 3 1 6" in told
    assert "‡ Most times here are dates without a time of day" in told


def test_days_of_24_hours_are_called_so(everything, waiting_of, queue):
    told = render_report(replace(everything, waiting=waiting_of(queue("Check"), unit="days")))
    assert "No working calendar was given, so days in this section have 24 hours" in text(told)


def test_what_one_officer_does_is_not_told_and_it_is_said_why(everything):
    page = section(render_report(everything), "waits")
    row = re.search(r"<tr>(?:(?!<tr>).)*board.*?</tr>", page, re.DOTALL).group()
    assert "because it would tell of one or two officers" in row
    assert "busy with" not in row
    assert "Of units with one or two officers, causes, time spent and estimates" in text(page)


def test_open_applications_are_told_with_the_rule(everything):
    told = text(section(render_report(everything), "open"))
    assert "Check it is the only step that can come next ≈ 10 5.5 over 52" in told
    assert "Check work on it has begun ≈ 5" in told
    assert "after Ask it was done last; what comes next is not known ≈ 10" in told
    assert "2 more places are not told" in told


def test_terms_and_promises_are_told_in_plain_words(everything):
    told = text(section(render_report(everything), "terms"))
    for words in (
        "10.0 % of the applications take longer than their term of 14 working days.",
        "The whole application 14 working days 10.0 % 8.1 % to 12.1 % ≈ 910 2.0 ≈ 10",
        "Check 3 working days",
        "Kind of building : house",
        "does not compare like with like",
        "80 % of the applicants 12 working days 81.0 % 79.0 % to 83.0 % ≈ 500 yes",
        "no: it was kept too rarely",
        "half of the decisions are there within 5.3 working days, but one applicant in ten",
        "longer than 12.7, 2.4 times as long",
        "pay at most 1.00 times the tariff; one in ten pays 1.15 times or more",
    ):
        assert words in told, words
    assert "None" not in told


def test_a_few_late_ones_are_called_fewer_than_five(everything, terms_of, kept):
    for over, words in ((3, "Fewer than 5 of ≈ 910 applications took longer than their term"),
                        (910, "Fewer than 5 of ≈ 910 applications kept their term")):  # fmt: skip
        terms = terms_of(term=kept(over=over, open_over=0))
        assert words in text(render_report(replace(everything, terms=terms)))


def test_without_a_term_nothing_is_said_of_lateness_but_promises_are(everything, terms_of, kept):
    none = kept(cases=0, judged=0, over=0, open_over=0, share=None, days_over=None, terms=[])
    told = text(render_report(replace(everything, terms=terms_of(term=none))))
    assert "No term was given for these applications" in told
    assert "What could be promised" in told


def test_working_time_stands_beside_elapsed_time(everything):
    told = text(section(render_report(everything), "throughput"))
    assert "In working time, counted by the office's calendar, it is a median of 1 h , " in told


def test_whose_time_it_was_is_told_of_parties_with_enough_cases(everything):
    told = text(section(render_report(everything), "throughput"))
    assert "the office 66.7 % 2 h ≈ 110 the applicant 33.3 % 2.4 h ≈ 45" in told
    assert "third parties" not in told


def test_sections_that_nobody_asked_for_are_not_there(results_of, office):
    page = render_report(results_of(office))
    assert not re.search(r'id="(waits|open|terms)"', page)


def test_every_table_of_waits_and_terms_has_a_caption_and_heads(everything):
    page = render_report(everything)
    for name in ("waits", "open", "terms"):
        tables = re.findall(r"<table.*?</table>", section(page, name), re.DOTALL)
        assert tables
        for table in tables:
            assert table.count("<caption>") == 1
            assert table.count('<th scope="row">') == table.count("<tr>") - 1
            assert "<td" not in re.search(r"<thead>.*?</thead>", table, re.DOTALL).group()
            columns = len(re.findall(r"<th scope=\"col\"", table))
            for row in re.findall(r"<tbody>.*</tbody>", table, re.DOTALL)[0].split("</tr>")[:-1]:
                cells = len(re.findall(r"<t[dh][ >]", row))
                spans = sum(int(n) - 1 for n in re.findall(r'colspan="(\d+)"', row))
                assert cells + spans == columns, row


def test_pictures_in_tables_say_in_words_what_they_show(everything):
    page = section(render_report(everything), "waits")
    told = re.findall(r'<svg[^>]*role="img"[^>]*><title>(.*?)</title>', page)
    assert any("earlier files 75.0 %; later files are taken up first 25.0 %" in t for t in told)
    assert any(re.search(r"From 1 Jan 2026 to .* at most 13.7 on average", t) for t in told)


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><b onclick=x>', "{{ 7 * 7 }}"])
def test_names_in_queues_and_groups_stay_text(
    everything, waiting_of, terms_of, queue, place, kept, hostile
):
    waiting = waiting_of(queue(hostile, unit=hostile), places=[place(hostile, 9, hostile)])
    group = kept(attribute=hostile, group=hostile, cases=1003, judged=912)
    terms = terms_of(groups=[group], steps=[kept(standard="Check")])
    page = render_report(replace(everything, waiting=waiting, terms=terms))
    assert "<script" not in page
    assert "<b onclick" not in page
    assert hostile in html.unescape(page)


def test_a_page_with_all_sections_stays_small(everything):
    assert len(render_report(everything).encode()) < 200 * 1024
