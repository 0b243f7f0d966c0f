"""The model in BPMN, as people see it in a browser."""

import pytest

from miners.procedure.bpmn import parse_procedure


def drawn(watched):
    watched.page.wait_for_selector("#bpmn-canvas[data-drawn]")
    return watched.page


def test_it_is_drawn_with_its_numbers_and_keeps_the_mark_of_its_makers(page_checked):
    page_checked.goes("/bpmn")
    page = drawn(page_checked)
    assert page.locator(".djs-shape").count() > 8
    badges = page.locator(".bpmn-badge").all_text_contents()
    assert any(text.replace(",", "").strip("≈ ").isdigit() for text in badges), badges
    assert page.locator(".bjs-powered-by").is_visible()
    assert page_checked.axe() == []
    page_checked.looks("model")


def test_the_colours_change_with_what_they_tell(page_checked):
    def fills():
        rects = page.locator(".djs-shape .djs-visual > rect")
        return rects.evaluate_all("all => all.map(one => one.style.fill)")

    page_checked.goes("/bpmn")
    page = drawn(page_checked)
    often = fills()
    page.get_by_role("link", name="Where it strays").click()
    drawn(page_checked)
    assert "overlay=conformance" in page.url
    assert fills() != often


def test_keys_move_and_zoom_it(page_checked):
    page_checked.goes("/bpmn")
    page = drawn(page_checked)
    picture = page.locator("#bpmn-canvas svg[role=application]")
    picture.focus()

    def view():
        return page.locator("#bpmn-canvas .viewport").get_attribute("transform")

    seen = [view()]
    for key in ("+", "ArrowRight", "0", "-"):
        page.keyboard.press(key)
        seen.append(view())
    assert len(set(seen)) == len(seen)
    page.get_by_role("button", name="Show all").click()
    assert view() != seen[-1]


def test_the_model_can_be_taken_along_as_file_and_picture(page_checked, tmp_path):
    page_checked.goes("/bpmn")
    page = drawn(page_checked)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the model").click()
    file = tmp_path / "model.bpmn"
    coming.value.save_as(file)
    assert parse_procedure(file.read_bytes(), name="model.bpmn").net
    with page.expect_download() as coming:
        page.get_by_role("button", name="Save the picture").click()
    picture = tmp_path / coming.value.suggested_filename
    coming.value.save_as(picture)
    drawing = picture.read_text()
    assert drawing.lstrip().startswith("<?xml")
    assert "Assess fee" in "".join(drawing.split("\n"))


@pytest.mark.parametrize("width", ["phone", "tablet"])
def test_on_smaller_screens_nothing_is_cut_off(watched, served, width):
    page = watched(served, width=width, language="id")
    page.goes("/bpmn?lang=id")
    drawn(page)
    assert not page.too_wide()
    assert page.axe() == []
    page.looks(f"model-{width}-id")


def test_without_scripts_the_table_tells_the_same(watched, served):
    page = watched(served, scripts=False)
    shown = page.goes("/bpmn")
    assert shown.get_by_text("The model is drawn here by JavaScript").is_visible()
    assert shown.get_by_role("rowheader", name="Assess fee").is_visible()
