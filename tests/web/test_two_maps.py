"""Maps on a touch screen, in full screen and beside each other."""

MIDDLES = """(one) => [...one.querySelectorAll("[data-place]")].map((step) => {
  const box = step.querySelector("rect").getBBox();
  return [step.dataset.place, `${box.x + box.width / 2} ${box.y}`];
})"""


def pinch(page, *, apart):
    """Two fingers on the middle of the map, as far apart at the end as told, in px."""
    box = page.locator(".frame").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"], 300) / 2
    device = page.context.new_cdp_session(page)

    def fingers(kind, spread):
        points = [{"x": x - spread / 2, "y": y}, {"x": x + spread / 2, "y": y}]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 60)
    for step in range(1, 6):
        fingers("touchMove", 60 + (apart - 60) * step / 5)
    device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_two_fingers_make_the_map_larger_and_smaller(watched, served):
    page = watched(served, width="phone", has_touch=True, is_mobile=True).goes("/map")
    svg = page.locator(".frame svg").first

    def width():
        return svg.evaluate("one => one.getBoundingClientRect().width")

    before = width()
    page.locator(".frame").first.scroll_into_view_if_needed()
    pinch(page, apart=120)
    assert before * 1.5 < width() < before * 2.5
    pinch(page, apart=20)
    assert width() < before
    assert page.evaluate("visualViewport.scale") == 1


def test_the_map_fills_the_screen_and_comes_back(page_checked):
    page = page_checked.goes("/map")
    button = page.get_by_role("button", name="Full screen")
    button.click()
    page.wait_for_function("document.fullscreenElement")
    assert page.get_by_role("region", name="Process map").is_visible()
    page.locator("a.activity").first.click()
    page.locator(".map-known .facts").wait_for()
    assert page.locator(".map-known").is_visible()
    button.click()
    page.wait_for_function("!document.fullscreenElement")


def test_two_maps_move_together(page_checked):
    page = page_checked.goes("/map?a.district=north&vs.a.district=south")
    one, other = page.locator(".frame").all()
    place = "one => [Math.round(one.scrollLeft), Math.round(one.scrollTop)]"
    one.evaluate("one => one.scrollTo(30, 200)")
    page.wait_for_function("document.querySelectorAll('.frame')[1].scrollTop > 150")
    assert other.evaluate(place) == one.evaluate(place)
    page.get_by_role("button", name="Larger").click()
    wide = [frame.locator("svg").first.bounding_box()["width"] for frame in (one, other)]
    assert wide[0] == wide[1]
    other.evaluate("one => one.scrollTo(0, 60)")
    page.wait_for_function("document.querySelectorAll('.frame')[0].scrollTop < 100")
    assert one.evaluate(place) == other.evaluate(place)
    middles = [dict(frame.evaluate(MIDDLES)) for frame in (one, other)]
    both = middles[0].keys() & middles[1].keys()
    assert len(both) > 10
    assert all(middles[0][step] == middles[1][step] for step in both)
