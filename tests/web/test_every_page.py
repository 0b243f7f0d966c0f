"""Every page, in both languages and on every screen: complete, readable, and nothing complains."""

import pytest

from reports.sections import NAVIGATION

from .browser import WIDTHS

PAGES = [section.address for section in NAVIGATION]


@pytest.mark.parametrize(
    ("width", "language"),
    [
        ("desk", "en"),
        pytest.param("desk", "id", marks=pytest.mark.long),
        pytest.param("tablet", "en", marks=pytest.mark.long),
        pytest.param("tablet", "id", marks=pytest.mark.long),
        pytest.param("phone", "en", marks=pytest.mark.long),
        ("phone", "id"),
    ],
)
def test_every_page_can_be_used_by_everybody(watched, served, width, language):
    assert width in WIDTHS
    page = watched(served, width=width, language=language)
    wrong = {}
    for path in PAGES:
        shown = page.goes(f"{path}?lang={language}")
        found = page.axe()
        if page.too_wide():
            found.append("wider than the screen")
        if shown.locator("html").get_attribute("lang") != language:
            found.append("says another language")
        if found:
            wrong[path] = found
        page.looks(f"{path.strip('/') or 'first'}-{width}-{language}")
    assert wrong == {}
