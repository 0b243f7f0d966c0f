"""What people come for, done with the mouse alone from the first page on, in a few clicks."""

from datetime import timedelta, timezone

import pyarrow.parquet as pq
import pytest

from miners.procedure.bpmn import parse_procedure

JAKARTA = timezone(timedelta(hours=7))
MOST = 6
"""So many clicks a task may take; choosing from a list is one."""


class Hand:
    """Clicks on a page, and counts how often."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, locator):
        """Click it, and wait for where it leads."""
        self.clicks += 1
        locator.click()
        self.page.wait_for_load_state()

    def choose(self, name, option):
        """Choose from a list."""
        self.clicks += 1
        self.page.get_by_role("combobox", name=name).filter(visible=True).select_option(option)

    def turn_to(self, page):
        """Follow the navigation."""
        navigation = self.page.get_by_role("navigation", name="Pages")
        self.click(navigation.get_by_role("link", name=page, exact=True))


@pytest.fixture
def hand(page_checked):
    """A hand on the mouse, on the first page."""
    hand = Hand(page_checked.goes("/"))
    yield hand
    assert 0 < hand.clicks <= MOST


def settled(page):
    """The map when it has been drawn anew."""
    page.wait_for_selector(".explorer:not([aria-busy])")
    return page


def test_the_costliest_detour_and_its_cases(hand):
    hand.turn_to("Detours")
    row = hand.page.locator("table.detours tbody tr").first
    kind, days = row.locator("b").inner_text(), row.locator("td").nth(2).inner_text().split("\n")[0]
    hand.click(row.get_by_role("link"))
    assert days.strip("≈ ") in hand.page.get_by_role("article").inner_text()
    hand.click(hand.page.get_by_role("link", name="Its cases"))
    rows = hand.page.locator("table.cases tbody tr")
    assert rows.count() >= 5
    assert all(kind.lower() in row.lower() for row in rows.all_inner_texts())
    hand.click(rows.first.get_by_role("link"))
    assert hand.page.get_by_role("heading", name="Detours that it took").is_visible()


def test_two_districts_beside_each_other(hand):
    hand.turn_to("Map")
    hand.click(hand.page.get_by_text("Add a filter"))
    hand.choose("district", "north")
    hand.click(hand.page.get_by_text("Compare with"))
    hand.page.locator('[name="vs.a.district"]').select_option("south")
    hand.clicks += 1
    hand.click(hand.page.get_by_role("button", name="Show beside"))
    hand.page.wait_for_url("**vs.a.district=south**")
    first, second = settled(hand.page).locator(".map-seen").all_inner_texts()
    assert "north" in first
    assert "south" in second
    assert "95 % limits" in first
    assert "95 % limits" in second
    assert hand.page.get_by_role("region", name="Second process map").is_visible()


def test_who_waits_longest_today(hand, served):
    hand.turn_to("Cases")
    first = hand.page.locator("table.cases tbody tr").first
    waits = first.locator("td").nth(2).inner_text()
    hand.click(first.get_by_role("link"))
    assert hand.page.get_by_text("It is open").is_visible()
    told = hand.page.get_by_role("main").inner_text()
    assert f"that is {waits}." in told
    since = min(pq.read_table(served.results / "open_items.parquet")["since"].to_pylist())
    assert f"Since {since.astimezone(JAKARTA):%-d %b %Y, %H:%M} UTC+7" in told


def test_a_view_is_shared_by_its_address(hand, watched, served):
    hand.turn_to("Map")
    page = hand.page
    hand.click(page.locator("a.activity", has_text="Request documents"))
    hand.click(page.get_by_role("link", name="Only cases through here"))
    page.wait_for_url("**through=**")
    hand.click(settled(page).locator(".looks label", has_text="Time from step to step"))
    page.wait_for_url("**overlay=waiting**")
    seen = settled(page).locator(".map-seen strong").inner_text()
    other = watched(served, language="id-ID")
    shared = other.goes(page.url.removeprefix(served.address))
    assert shared.locator("html").get_attribute("lang") == "id"
    assert shared.locator(".map-seen strong").inner_text() == seen.replace(",", ".")
    assert shared.locator(".looks input:checked").get_attribute("value") == "waiting"
    edges = "all => all.map(one => one.dataset.edge).sort()"
    here, there = (one.locator("a.edge") for one in (page, shared))
    assert here.evaluate_all(edges) == there.evaluate_all(edges)


def test_the_model_is_taken_along(hand, tmp_path):
    hand.turn_to("Model (BPMN)")
    with hand.page.expect_download() as coming:
        hand.click(hand.page.get_by_role("link", name="Download the model"))
    coming.value.save_as(tmp_path / "model.bpmn")
    model = parse_procedure((tmp_path / "model.bpmn").read_bytes(), name="model.bpmn")
    assert {"Submit application", "Assess fee"} <= set(model.activities)
