"""No page says a word that nobody marked for translation, but names in the data."""

import calendar
import json
import re
from urllib.error import HTTPError

import pyarrow.parquet as pq
import pytest

from reports.language import BRACKETED, LANGUAGES
from reports.reading import read_results
from reports.suppress import suppress
from reports.unmarked import sentences, unmarked
from reports.words.names import first_capital

from .addresses import every_page, read

# Codes and names that are the same in every language: of us, of units of time, of settings.
OURS = ("Runut", "UTC", "BPMN", "CSV", "SVG", "PNG", "AGPL", "IDR", "building-permit",
        "a-viewer", "a-analyst", "a-auditor")  # fmt: skip

# Pseudonyms, the documentation itself, and where one leaves it off.
NOT_OURS = re.compile(
    r"\b(?:case|officer|r|p)-[0-9a-f]{16,}\b|(?<=<title>)[^<]*"
    r'|<article class="doc".*?</article>|<nav class="docs".*?</nav>',
    re.DOTALL,
)


@pytest.fixture(scope="module")
def known(office_results):
    """Names in the data of the office, and what its findings say of themselves."""
    published = suppress(read_results(office_results))
    run = json.loads((office_results / "run.json").read_text())
    cases = pq.read_table(office_results / "cases.parquet").to_pydict()
    items = pq.read_table(office_results / "work_items.parquet").to_pydict()
    values = [
        *(value for one in run["attributes"] for value in cases.get(one["name"], ())),
        *(value for name in ("activity", "unit", "resource") for value in items.get(name, ())),
    ]
    labels = {**run["activities"], **run["labels"]}
    names = {*labels, *(told for each in labels.values() for told in each.values())}
    names |= {*map(str, filter(None, set(values))), *OURS, *LANGUAGES.values()}
    names |= {*map(first_capital, names), *filter(None, calendar.month_abbr), "audit order"}
    return names, sentences(published, "en")


def bare_words(page, known):
    """What a page says outside of brackets, but names and what findings say."""
    return unmarked(NOT_OURS.sub(" ", page), *known)


def bracketed(path):
    """The address of the page in brackets."""
    return f"{path}{'&' if '?' in path else '?'}lang={BRACKETED}"


def test_every_word_of_every_page_is_marked_for_translation(served, known):
    pages = {name: read(served, bracketed(path)) for name, path in every_page(served).items()}
    assert {name: found for name in pages if (found := bare_words(pages[name], known))} == {}


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (None, "/sign-in"),
        (None, "/cases"),
        ("viewer", "/cases"),
        ("viewer", "/map"),
        ("viewer", "/nowhere"),
        ("analyst", "/map?through=Nowhere"),
        ("analyst", "/before-after?day=tomorrow"),
        ("auditor", "/identify"),
    ],
)
def test_every_word_of_who_comes_in_or_does_not_is_marked(guarded, known, role, path):
    headers = {"Accept": "text/html", **(guarded.headers(role) if role else {})}
    try:
        page = read(guarded, bracketed(path), **headers)
    except HTTPError as refusal:
        page = refusal.read().decode()
    assert bare_words(page, known) == []
    assert "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}" in page


def test_who_reads_in_brackets_may_take_the_report_along_all_the_same(served):
    report = read(served, bracketed("/report.html"))
    assert '<html lang="en">' in report
