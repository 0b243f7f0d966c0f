"""Live pages and the mailed report are one: the same parts, around which a page has its links."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from eventlog.errors import UsageError
from reports.page import render_published
from reports.pages import (
    SECTIONS,
    Around,
    links,
    render_finding,
    render_findings,
    render_in_shell,
    render_page,
    stylesheet,
)
from reports.suppress import suppress
from reports.views import docs as docs_pages
from reports.views import finding as finding_page
from reports.views.docs import doc_names, read_doc, render_doc

VOID = {"meta", "input", "br", "link", "img", "rect", "path", "polygon"}
AROUND = Around(
    language="en",
    path="/detours",
    query="through=Check&lang=en",
    pages=links("detours"),
    person="Ani <b>",
    role="analyst",
    assets={"page.css": "/assets/page-1.css", "map.js": "/assets/map-1.js"},
    source="https://code.example/runut",
    version="0.1.0",
    can_leave=True,
    form_token="word",
)
FINDINGS = (
    {
        "id": "bottleneck/Check/planning", "kind": "bottleneck", "severity": "high",
        "strength": "strong", "cases": 400, "subject": {"activity": "Check", "unit": "planning"},
        "effect": {"value": 2.03, "unit": "working days", "ci_low": 1.4, "ci_high": 2.6,
                   "raw": None},
        "cost": {"value": 812.3, "unit": "case-days"},
        "wording": {"en": "Check (planning): files wait 2.0 working days on average. That is much.",
                    "id": "Check (planning): berkas menunggu 2,0 hari kerja. Itu lama."},
        "evidence": {"open_now": 17, "officers": 6.0, "main_cause": None,
                     "one_more_officer": None},
    },
    {
        "id": "data-quality/missing/r%C3%A9source", "kind": "data-quality", "severity": "low",
        "strength": "strong", "cases": 60, "subject": {"check": "missing"},
        "effect": {"value": 0.5, "unit": "share", "ci_low": None, "ci_high": None, "raw": None},
        "cost": None, "wording": {"en": "55 of 110 cases lack it.", "id": "55 dari 110."},
        "evidence": {"affected": 55, "total": 110, "of": "cases"},
    },
)  # fmt: skip


class Reader(HTMLParser):
    """Reads a page as a browser would; every tag that is opened is closed again."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.ids, self.hrefs, self.open = [], [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        self.hrefs += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def told(everything):
    return suppress(replace(everything, findings=FINDINGS))


def sections_of(page):
    return dict(
        re.findall(r'(?s)<section aria-labelledby="([\w-]+)"[^>]*>(.*?)</section>', page)
    )  # fmt: skip


def without_links(html):
    """What the mailed report has of it: no links, and of further tables none."""
    further = r'(?s)<details class="further">.*?</details>|<a class="how"[^>]*>.*?</a>'
    return re.sub(r"</?a\b[^>]*>", "", re.sub(further, "", html))


def holds(page):
    """The page keeps the strict policy of the server, and every address in it is given once."""
    read = Reader(page)
    assert not {"style", "iframe", "object", "embed", "img"} & set(read.tags)
    assert not {"style", "srcset"} & set(read.attributes)
    assert not [name for name in read.attributes if name.startswith("on")]
    assert all(re.fullmatch(r'<script src="/assets/\S+" defer>', one)
               for one in re.findall(r"<script[^>]*>", page))  # fmt: skip
    assert len(read.ids) == len(set(read.ids))
    assert read.tags.count("h1") == 1
    assert read.tags.count("main") == 1
    return read


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.name)
def test_a_page_holds_the_same_html_as_the_mailed_report_but_for_its_links(told, section):
    page = render_page(told, section.name, AROUND)
    holds(page)
    here, mailed = sections_of(page), sections_of(render_published(told))
    own = {"empty", "stands-out", "not-asked", "rests-on"}
    if section.name == "map":
        own |= set(here)
    for name in here.keys() - own:
        assert without_links(here[name]).split() == without_links(mailed[name]).split(), name
    if section.name == "quality":
        assert here["quality"] != mailed["quality"]


def test_every_part_of_the_mailed_report_is_on_some_page(told):
    pages = "".join(render_page(told, one.name, AROUND) for one in SECTIONS)
    there = sections_of(pages + render_findings(told, AROUND))
    assert sections_of(render_published(told)).keys() - there.keys() <= {"findings", "map"}


@pytest.mark.parametrize("size", [0, 3])
def test_where_there_is_nothing_each_page_says_so(results_of, size):
    nothing = suppress(results_of([["Secret"]] * size))
    for section in SECTIONS:
        page = render_page(nothing, section.name, AROUND)
        holds(page)
        assert "Secret" not in page
        main = re.search(r"(?s)<main.*</main>", page).group()
        assert 'class="none"' in main or section.name == "quality"
    assert "Nothing stands out" in render_findings(nothing, AROUND)


def test_what_was_not_analysed_stands_on_the_page_where_one_looks_for_it(results_of, office):
    off = {"equity": "the process file names no equity.groups", "working time": "no calendar"}
    told = suppress(results_of(office, run={"switched_off": off}))
    page = render_page(told, "treatment", AROUND)
    assert "the process file names no equity.groups" in sections_of(page)["not-asked"]
    assert "no calendar" not in page
    assert '/docs/how-to/write-a-process-definition?lang=en"' in page
    assert "no calendar" in render_page(told, "promises", AROUND)


def test_names_from_outside_stay_text_on_every_page(results_of):
    hostile = '<script>alert("1")</script><b onclick=x>'
    right_to_left, long = "مراجعة الطلب", "a very long name " * 7 + "!"
    finding = {**FINDINGS[1], "id": f"data-quality/{hostile}", "cases": 20, "kind": hostile,
               "severity": hostile, "wording": {"en": hostile},
               "evidence": {hostile: hostile, "total": 9}}  # fmt: skip
    told = suppress(
        results_of(
            [[hostile, right_to_left, long]] * 20,
            process=hostile,
            findings=(finding,),
            run={"switched_off": {"equity": hostile}, "rejects": {hostile: 9}},
        )
    )
    pages = [render_page(told, one.name, AROUND) for one in SECTIONS]
    pages += [render_findings(told, AROUND), render_finding(told, finding["id"], AROUND)]
    for page in pages:
        read = holds(page)
        assert "onclick" not in read.attributes
        assert "<b onclick" not in page
        assert "alert(" not in re.sub(r"&lt;script&gt;alert\(", "", page)
    assert right_to_left in pages[1]
    assert long in pages[1]


def test_each_finding_has_a_page_with_its_figures_and_the_way_to_how_it_was_computed(told):
    for finding in told.findings:
        page = render_finding(told, finding["id"], AROUND)
        read = holds(page)
        assert finding["wording"]["en"].partition(". ")[0] in page
        name, _, part = next(h for h in read.hrefs if h.startswith("/docs/con")).partition("#")
        doc = read_doc(name.removeprefix("/docs/").partition("?")[0])
        assert not part or f'id="{part}"' in doc.html
    page = render_finding(told, "bottleneck/Check/planning", AROUND)
    for words in (
        "2.0 working days",
        "95 % limits: 1.4 to 2.6",
        "812",
        "n ≈ 400",
        "Waits because officers are busy with earlier files",
        "/map/details?place=Check&amp;",
    ):
        assert words in page, words  # fmt: skip
    # Whoever may not choose freely, or see cases, is not led there.
    assert "/map?through=" not in page
    assert "/cases?at=" not in page
    free = render_finding(told, "bottleneck/Check/planning", replace(AROUND, free=True))
    assert "/map?through=Check&amp;" in free
    assert "/cases?at=Check&amp;open=yes&amp;" in free
    assert render_finding(told, "bottleneck/Check/other", AROUND) is None


def test_every_finding_is_led_to_by_an_address_that_means_its_id(told):
    page = render_findings(told, AROUND)
    addresses = {unquote(href.partition("?")[0]) for href in Reader(page).hrefs}
    assert {f"/findings/{finding['id']}" for finding in told.findings} <= addresses
    assert finding_page.find(told, "data-quality/missing/r%C3%A9source") is not None
    assert "working days on average.</a> That is much." in page


def test_findings_are_chosen_by_kind_and_severity_in_their_order(told):
    def listed(**asked):
        page = render_findings(told, AROUND, **asked)
        return re.findall(r'href="/findings/([\w-]+)', page)

    assert listed() == ["bottleneck", "data-quality"]
    assert listed(kind="data-quality") == ["data-quality"]
    assert listed(severity="high") == ["bottleneck"]
    assert listed(kind="data-quality", severity="high") == []
    assert "No finding is of this kind" in render_findings(told, AROUND, kind="x")


def test_the_shell_names_process_time_languages_pages_person_and_source(told):
    page = render_page(told, "detours", AROUND)
    for html in (
        '<html lang="en">',
        '<a class="skip" href="#content">',
        '<h1 dir="auto"><a href="/?lang=en">building-permit</a></h1>',
        "As known on 2 Mar 2026, 09:14 UTC",
        '<a href="/detours?through=Check&amp;lang=id" hreflang="id" lang="id">Bahasa Indonesia</a>',
        '<a href="/detours?lang=en" aria-current="page">Detours</a>',
        '<link rel="stylesheet" href="/assets/page-1.css">',
        "You are Ani &lt;b&gt; (analyst).",
        '<form method="post" action="/sign-out">',
        '<input type="hidden" name="form_token" value="word">',
        '<a href="https://code.example/runut">Source code (AGPL-3.0)</a>',
    ):
        assert html in page, html
    assert page.count('aria-current="page"') == 2  # wide and narrow
    assert 'src="/assets/map-1.js"' not in page
    assert 'src="/assets/map-1.js"' in render_page(told, "map", AROUND)


def test_behind_a_proxy_every_address_begins_with_its_prefix(told):
    page = render_page(told, "scorecard", replace(AROUND, root="/permits", path="/permits/"))
    hrefs = [href for href in Reader(page).hrefs if href.startswith("/") and "assets" not in href]
    assert hrefs
    assert all(href.startswith("/permits/") for href in hrefs)


def test_a_page_is_in_the_language_that_is_asked_for(told):
    page = render_page(told, "detours", replace(AROUND, language="id", query="lang=id"))
    assert '<html lang="id">' in page
    assert "Keadaan per 2 Mar 2026" in page
    assert 'href="/map?lang=id"' in page
    with pytest.raises(UsageError, match="'xx' is not known"):
        Around(language="xx")


def test_an_unknown_section_is_named_with_those_that_are_known(told):
    with pytest.raises(UsageError, match="'secrets' is not known; expected one of scorecard, map"):
        render_page(told, "secrets", AROUND)


def test_a_page_without_navigation_is_for_those_who_are_not_let_in_yet():
    around = Around(language="en", assets={})
    page = render_in_shell("refused.html.j2", around, sentence="Not here.", root="", status=404)
    holds(page)
    assert "<nav" not in page
    assert "Not here." in page


def test_links_between_pages_of_the_documentation_lead_somewhere():
    for name in doc_names():
        doc = read_doc(name)
        for href in re.findall(r'href="(/docs/[^"]*)"', doc.html):
            path, _, part = href.removeprefix("/docs/").partition("#")
            target = read_doc(path)
            assert target is not None, (name, href)
            assert not part or f'id="{part}"' in target.html, (name, href)
        assert 'href="../' not in doc.html
        assert '.md"' not in doc.html


def test_every_page_of_the_documentation_stands_in_the_shell():
    for name in doc_names():
        page = render_doc(name, AROUND)
        holds(re.sub(r'<img src="/docs/images/[^>]*>', "", page))
        assert not re.search(r"<th[^>]*></th>|<pre>", page)
    assert docs_pages._reader().render("<b onclick=x>") == "<p>&lt;b onclick=x&gt;</p>\n"
    page = render_doc("concepts/detours", AROUND)
    assert "<h2 id=" in page
    assert '<li><a href="/docs/glossary?lang=en">' in page
    assert render_doc("../pyproject", AROUND) is None


def test_the_style_sheet_loads_nothing():
    assert "url(" not in stylesheet()
    assert "@import" not in stylesheet()
