"""Single applications, as an analyst on this machine clicks through them."""

import csv
import json


def actions(served):
    lines = served.audit_log.read_text().splitlines()
    return [json.loads(line)["action"] for line in lines]


def test_who_waits_longest_today_is_found_by_clicking(page_checked, served):
    page = page_checked.goes("/")
    page.get_by_role("navigation").get_by_role("link", name="Cases").first.click()
    page.get_by_role("combobox", name="Applications").select_option("under way")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**open=yes**")
    first = page.locator("table.cases tbody tr").first
    name = first.get_by_role("rowheader").inner_text()
    assert first.locator("td").nth(2).inner_text().endswith(("d", "h"))
    assert page_checked.axe() == []
    page_checked.looks("cases")
    first.get_by_role("link").click()
    page.wait_for_load_state()
    assert page.get_by_role("heading", level=2).first.inner_text() == name
    assert page.get_by_text("It is open").is_visible()
    assert page_checked.axe() == []
    page_checked.looks("case")
    assert actions(served)[-1] == "view case"


def test_the_cases_of_a_detour_are_found_and_taken_along(page_checked, served, tmp_path):
    page = page_checked.goes("/cases")
    detours = page.get_by_role("combobox", name="Took the detour")
    detours.select_option(index=1)
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_load_state()
    assert page.get_by_role("combobox", name="Took the detour").input_value().startswith("detour/")
    kind = (
        page.get_by_role("combobox", name="Took the detour").locator("option:checked").inner_text()
    )
    listed = page.locator("table.cases tbody tr")
    assert all(kind in row for row in listed.all_inner_texts())
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the list").click()
    coming.value.save_as(tmp_path / "cases.csv")
    with (tmp_path / "cases.csv").open() as file:
        rows = list(csv.DictReader(file))
    shown = listed.get_by_role("rowheader").all_inner_texts()
    assert [row["case"] for row in rows][: len(shown)] == shown
    assert actions(served)[-1] == "export"
    told = (tmp_path / "cases.csv").read_text()
    assert "PBG-" not in told
    assert "applicant-" not in told


def test_the_list_turns_page_by_page_with_the_keyboard_alone(page_checked):
    page = page_checked.goes("/cases?sort=newest")
    before = page.locator("table.cases tbody tr").first.inner_text()
    following = page.get_by_role("link", name="Next")
    for _ in range(200):
        page.keyboard.press("Tab")
        if following.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**page=2**")
    assert "sort=newest" in page.url
    assert page.locator("table.cases tbody tr").first.inner_text() != before


def test_nobody_is_named_on_a_page_of_a_case(watched, served):
    page = watched(served, width="phone", language="id")
    shown = page.goes("/cases?lang=id&open=no")
    shown.locator("table.cases tbody tr a").first.click()
    shown.wait_for_load_state()
    html = shown.content()
    assert "PBG-" not in html
    assert "applicant-" not in html
    assert not page.too_wide()
    assert page.axe() == []
    page.looks("case-phone-id")


def test_a_case_that_there_is_not_says_so(page_checked):
    page_checked.expected = ("404",)
    page = page_checked.goes("/cases/case-0000000000000000")
    assert page.get_by_text("There is no such page here").is_visible()
