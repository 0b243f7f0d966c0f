"""Every page, in both languages and on every screen: complete, readable, and nothing complains."""

import itertools

import pytest

from reports.language import LANGUAGES, say, speaking
from reports.sections import DOCS, NAVIGATION

from .addresses import every_page, read
from .browser import WIDTHS

SCREENS = list(itertools.product(WIDTHS, LANGUAGES))
TITLES = {one.address.strip("/") or "first": one.title for one in NAVIGATION if one is not DOCS}


@pytest.fixture(scope="module")
def pages(served):
    """The address of every page, by name."""
    return every_page(served)


def faults(page, name, path, width, language):
    """What is wrong with the page as somebody sees it on such a screen."""
    page.at(WIDTHS[width])
    shown = page.goes(f"{path}{'&' if '?' in path else '?'}lang={language}")
    if name == "bpmn":
        shown.wait_for_selector("#bpmn-canvas[data-drawn]")
    found = page.axe()
    if page.too_wide():
        found.append("wider than the screen")
    if shown.locator("html").get_attribute("lang") != language:
        found.append("says another language")
    with speaking(language):
        title = say(TITLES[name]) if name in TITLES else ""
    if not shown.title().startswith(title) or shown.title().startswith("Runut"):
        found.append(f"is called {shown.title()}")
    return found


@pytest.mark.parametrize(("width", "language"), SCREENS)
@pytest.mark.long
def test_every_page_can_be_used_by_everybody(watched, served, pages, width, language):
    page, wrong = watched(served), {}
    for name, path in pages.items():
        if found := faults(page, name, path, width, language):
            wrong[name] = found
        page.looks(f"{name}-{width}-{language}")
    assert wrong == {}


def test_every_second_page_can_be_used_by_everybody_on_one_screen_each(watched, served, pages):
    page, wrong = watched(served), {}
    for (name, path), (width, language) in zip(
        list(pages.items())[::2], itertools.cycle(SCREENS), strict=False
    ):
        if found := faults(page, name, path, width, language):
            wrong[f"{name} {width} {language}"] = found
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_in_the_language_asked_for(served, pages, language):
    for path in pages.values():
        answer = read(served, f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert f'<html lang="{language}">' in answer
        assert answer.rstrip().endswith("</html>")


@pytest.mark.parametrize(
    ("width", "language"),
    [
        pytest.param(*screen, marks=[] if screen == ("phone", "id") else pytest.mark.long)
        for screen in SCREENS
    ],
)
def test_who_is_not_let_in_finds_a_page_that_says_so(watched, guarded, width, language):
    page = watched(guarded, width=width)
    page.expected = ("401", "403", "404")
    viewer = watched(guarded, width=width, headers=guarded.headers("viewer"))
    viewer.expected = ("403", "404")
    for one, path, name in (
        (page, "/sign-in", "sign-in"),
        (page, "/cases", "not-signed-in"),
        (viewer, "/cases", "not-allowed"),
        (viewer, "/nowhere", "nowhere"),
    ):
        shown = one.goes(f"{path}?lang={language}")
        assert one.axe() == []
        assert not one.too_wide()
        assert shown.locator("html").get_attribute("lang") == language
        assert shown.get_by_role("main").inner_text().strip()
        one.looks(f"{name}-{width}-{language}")
