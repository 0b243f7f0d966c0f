"""Without JavaScript the map answers the same questions, by links and forms."""

import pytest


@pytest.fixture
def plain(watched, served):
    """A page of a browser that runs no scripts."""
    return watched(served, scripts=False)


def test_the_slider_and_the_overlay_are_sent_as_a_form(plain):
    page = plain.goes("/map")
    page.get_by_role("slider", name="Paths").fill("10")
    page.get_by_role("radio", name="Time from step to step").check(force=True)
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**overlay=waiting**")
    assert "paths=10" in page.url
    assert page.get_by_role("slider", name="Paths").input_value() == "10"
    assert page.get_by_role("radio", name="Time from step to step").is_checked()
    assert page.get_by_role("button", name="Replay").count() == 0
    assert page.get_by_role("button", name="Full screen").count() == 0


def test_cases_are_chosen_and_set_beside_others(plain):
    page = plain.goes("/map")
    page.get_by_text("Add a filter").click()
    page.locator('[name="a.district"]').select_option("north")
    page.get_by_role("button", name="Show these cases").click()
    page.wait_for_url("**a.district=north**")
    assert page.locator(".map-seen .on").inner_text().startswith("district: north")
    page.get_by_text("Compare with").click()
    page.locator('[name="vs.a.district"]').select_option("south")
    page.get_by_role("button", name="Show beside").click()
    page.wait_for_url("**vs.a.district=south**")
    assert page.get_by_role("region", name="Second process map").is_visible()
    page.get_by_role("link", name="Swap the two").click()
    assert "south" in page.locator(".map-seen").first.inner_text()
    page.get_by_role("link", name="Remove all filters").click()
    assert page.get_by_text("all cases").first.is_visible()


def test_a_step_and_a_path_have_pages_of_their_own(plain):
    page = plain.goes("/map")
    page.locator("a.activity", has_text="Request documents").click()
    page.wait_for_url("**/map/details?place=Request+documents")
    assert page.get_by_role("heading", name="Request documents").is_visible()
    assert page.get_by_role("navigation", name="Pages").is_visible()
    page.get_by_role("link", name="Only cases without it").click()
    page.wait_for_url("**without=Request+documents**")
    path = page.locator("a.edge[href*='source=Submit']").first
    page.goto(f"{plain.address}{path.get_attribute('href')}")
    assert page.get_by_role("heading", name="Submit application →").is_visible()
    page.get_by_role("link", name="Back to the map").click()
    page.wait_for_url("**/map?without=Request+documents")
    assert page.get_by_text("Same data as a table").is_visible()
