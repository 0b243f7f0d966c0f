"""Printed pages: what was asked for, whole, on a few sheets, and nothing that one must click."""

import re

import pytest

from .addresses import every_page

SHEET = re.compile(rb"/Type\s*/Page\b(?!s)")
A4_INSIDE = 688
"""px between the margins of 14 mm."""
CUT = """(wide) => [...document.querySelectorAll("main *")].filter((one) => {
  if (one.closest(".hidden,svg svg,[hidden]")) return false;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const lost = one.scrollWidth > one.clientWidth + 1 && style.overflowX !== "visible";
  return box.width && (box.right > wide + 1 || (lost && !one.closest(".chip")));
}).map((one) => `${one.tagName}.${one.getAttribute("class")} ${one.textContent.slice(0, 40)}`)
  .slice(0, 5)"""


@pytest.mark.parametrize(
    ("name", "most"), [("first", 6), ("map", 2), ("finding-detour", 2), ("treatment", 3)]
)
def test_a_page_is_printed_whole_on_a_few_sheets(page_checked, served, name, most, tmp_path):
    page = page_checked.goes(every_page(served)[name])
    printed = page.pdf(path=tmp_path / f"{name}.pdf", prefer_css_page_size=True, format="A4")
    assert len(SHEET.findall(printed)) <= most
    page.emulate_media(media="print")
    page_checked.at(A4_INSIDE, 1000)
    for role in ("navigation", "button", "textbox", "combobox", "slider"):
        assert page.get_by_role(role).count() == 0, role
    assert page.get_by_role("link", name="Skip to the content").count() == 0
    assert page.evaluate(CUT, A4_INSIDE) == []
    assert page.get_by_role("heading", level=2).first.is_visible()
    page_checked.looks(f"printed-{name}")
