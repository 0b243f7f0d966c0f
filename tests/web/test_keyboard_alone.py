"""Everything that the mouse does is done with keys alone, and who comes by key sees where."""

import pytest

# How an element looks with all that is in it, and the mark beside a hidden button of a choice.
LOOK = """(one) => {
  const parts = [one, ...one.querySelectorAll("*"), one.nextElementSibling].filter(Boolean);
  return parts.map((part) => {
    const style = getComputedStyle(part);
    const line = style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor;
    return [line, style.boxShadow, style.stroke, style.strokeWidth, style.strokeOpacity].join();
  }).join("|");
}"""
WALK = f"""() => {{
  const look = {LOOK};
  const before = window.walked;
  const wrong = [];
  const one = document.activeElement;
  // Within a date, Tab goes from the day to the month; the browser marks those itself.
  if (before && before.one === one) return {{ name: before.name, wrong }};
  if (before && before.look === look(before.one)) wrong.push(before.name);
  if (!one || one === document.body) {{ window.walked = null; return {{ left: true, wrong }}; }}
  const box = one.getBoundingClientRect();
  const name = `${{one.tagName}} ${{one.id || one.getAttribute("aria-label") || one.name ||
    one.textContent.trim().slice(0, 30)}}`;
  if (box.bottom < 0 || box.top > innerHeight || box.width * box.height < 4)
    wrong.push(`unseen ${{name}}`);
  window.walked = {{ one, look: look(one), name }};
  return {{ name, wrong }};
}}"""
MANY = 400


def reach(page, locator, *, most=200):
    """Press Tab until it has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if locator.evaluate("one => one === document.activeElement"):
            return locator
    pytest.fail(f"Tab does not lead to {locator}")


def focused(page, asked="outerHTML"):
    return page.evaluate(f"document.activeElement.{asked}")


def settled(page):
    page.wait_for_selector(".explorer:not([aria-busy])")


@pytest.mark.parametrize(
    "path",
    [
        "/map?a.district=north&vs.a.district=south",
        pytest.param("/", marks=pytest.mark.long),
        pytest.param("/cases", marks=pytest.mark.long),
        pytest.param("/bpmn", marks=pytest.mark.long),
        pytest.param("/before-after", marks=pytest.mark.long),
        pytest.param("/treatment", marks=pytest.mark.long),
    ],
)
def test_tab_passes_everything_is_seen_everywhere_and_is_caught_nowhere(page_checked, path):
    page = page_checked.goes(path)
    passed, wrong = [], []
    for _ in range(MANY):
        page.keyboard.press("Tab")
        step = page.evaluate(WALK)
        wrong += step["wrong"]
        if step.get("left"):
            break
        passed.append(step["name"])
    assert len(passed) < MANY, "caught"
    assert wrong == []
    assert len(passed) > 15


def test_the_first_key_leads_past_the_navigation(page_checked):
    page = page_checked.goes("/findings")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("one => one.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_pages_and_languages_are_changed_by_key(page_checked):
    page = page_checked.goes("/")
    reach(page, page.get_by_role("link", name="Bahasa Indonesia"))
    page.keyboard.press("Enter")
    page.wait_for_selector("html[lang=id]")
    reach(page, page.get_by_role("navigation").get_by_role("link", name="Peta", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/map**")
    assert page.locator("html").get_attribute("lang") == "id"


def test_the_slider_and_the_overlays(page_checked):
    page = page_checked.goes("/map")
    slider = reach(page, page.get_by_role("slider", name="Paths"))
    edges = page.locator("a.edge:not(.off)")
    before = edges.count()
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    assert edges.count() < before
    assert f"paths={slider.input_value()}" in page.url
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**overlay=waiting**")
    settled(page)
    assert focused(page, "value") == "waiting"
    assert f"paths={slider.input_value()}" in page.url
    page.go_back()
    page.wait_for_url(lambda url: "overlay" not in url)
    settled(page)
    assert page.locator(".looks input:checked").get_attribute("value") == "frequency"


def test_a_step_is_opened_and_left_and_cases_are_chosen_by_it(page_checked):
    page = page_checked.goes("/map")
    step = reach(page, page.locator("a.activity[href*='Request']"))
    page.keyboard.press("Enter")
    page.locator(".map-known .facts").wait_for()
    assert page.locator(".map-known").evaluate("one => one === document.activeElement")
    page.keyboard.press("Escape")
    assert page.locator(".facts").count() == 0
    assert step.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    page.locator(".map-known .facts").wait_for()
    reach(page, page.get_by_role("link", name="Only cases through here"))
    page.keyboard.press("Enter")
    page.wait_for_url("**through=Request+documents**")
    settled(page)
    assert page.evaluate("document.querySelector('.explorer').contains(document.activeElement)")
    reach(page, page.get_by_role("link", name="Remove the filter"), most=20)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "through" not in url)
    settled(page)
    assert page.get_by_text("all cases").first.is_visible()
    assert page.evaluate("document.querySelector('.explorer').contains(document.activeElement)")


def test_the_map_is_moved_and_sized(page_checked):
    page = page_checked.goes("/map")
    frame = reach(page, page.get_by_role("region", name="Process map"))

    def width():
        return frame.locator("svg").first.bounding_box()["width"]

    whole = width()
    page.keyboard.press("+")
    assert width() > whole
    top = frame.evaluate("one => one.scrollTop")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("top => document.querySelector('.frame').scrollTop > top", arg=top)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert width() < whole
    page.keyboard.press("0")
    assert frame.evaluate("one => one.scrollHeight <= one.clientHeight + 40")


def test_the_replay_is_begun_stopped_and_wound(page_checked):
    page = page_checked.goes("/map")
    begin = reach(page, page.get_by_role("button", name="Replay", exact=True))
    page.keyboard.press("Enter")
    page.locator("circle.token[visibility=visible]").first.wait_for(state="attached")
    page.keyboard.press("Space")
    assert begin.inner_text() == "Replay"
    clock = page.locator(".replay output")
    reach(page, page.get_by_role("slider", name="Moment of the replay"), most=2)
    told = clock.inner_text()
    page.keyboard.press("End")
    assert clock.inner_text() != told
    reach(page, page.get_by_role("combobox", name="Speed of the replay"), most=2)


def test_who_wants_no_motion_gets_none_but_can_wind_the_replay(watched, served):
    page = watched(served, reduced_motion="reduce").goes("/map")
    page.get_by_role("button", name="Replay", exact=True).click()
    seek = page.get_by_role("slider", name="Moment of the replay")
    seek.wait_for()
    assert page.get_by_role("button", name="Pause").count() == 0
    assert seek.input_value() == "0"
    clock = page.locator(".replay output")
    before = clock.inner_text()
    seek.fill("500")
    assert clock.inner_text() != before
    assert page.locator("circle.token[visibility=visible]").count() > 0
