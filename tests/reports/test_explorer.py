"""The map that people explore: nothing moves, everything is a link, all of it can be shared."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from eventlog.errors import UsageError
from reports.contents.equity import Lag
from reports.contents.terms import Kept, Limits, Terms
from reports.environment import environment
from reports.explore.facts import Beside, Facts, Unit, Way
from reports.explore.medians import Median
from reports.language import LANGUAGES, speaking
from reports.map_page.asked import Asked, read_asked
from reports.map_page.details import details_view
from reports.map_page.picture import draw_download
from reports.map_page.places import levels, plan_of
from reports.map_page.view import Seen, Setting, explorer, late_steps, with_gaps, with_late
from reports.map_page.words import Choices
from reports.maps.graph import Late, Terminal, choose
from reports.maps.overlays import Overlay

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["<script>alert(1)</script>", "a\"b'c&d", "مراجعة الطلب", "x > y", "long name " * 12]


def setting(graph, names=None, **changes):
    return Setting(
        plan=plan_of(graph, names or {}),
        choices=Choices(
            steps=[a.name for a in graph.activities],
            attributes={"permit_type": ("house", "<b>")},
            days=True,
        ),
        total=110,
        **changes,
    )


def view(graph, asked=None, whole=None, **changes):
    return explorer(
        [Seen(graph=graph, cases=110)], asked or Asked(), setting(whole or graph), **changes
    )


def page(told):
    template = environment().get_template("sections/map-explorer.html.j2")
    return template.render(explorer=told, chip={}, names={})


def boxes(picture):
    """Where each step's box is, by its short name."""
    return {
        link.get("data-place"): (box.get("x"), box.get("y"))
        for link in ET.fromstring(picture).iter(f"{SVG}a")
        if link.get("data-place") and (box := link.find(f"{SVG}rect")) is not None
    }


def shown(picture):
    """The paths that are not hidden."""
    links = ET.fromstring(picture).iter(f"{SVG}a")
    return {
        link.get("data-edge")
        for link in links
        if link.get("data-edge") and "off" not in link.get("class").split()
    }


def test_each_level_shows_what_choose_would_keep(map_of, office):
    graph = map_of(office)
    plan = plan_of(graph)
    told = levels(graph, plan)
    always = sum(level == 0 for level in told.values())
    for paths in range(1, 61):
        kept = {edge.key for edge in choose(graph, paths=paths).edges}
        assert {key for key, level in told.items() if level <= paths} == kept
        assert len(kept) <= max(paths, always)


def test_nothing_moves_with_the_slider_the_overlay_or_the_filter(map_of, office):
    graph, part = map_of(office), map_of(office[60:])
    where = boxes(view(graph).sides[0].picture)
    for asked in (Asked(paths=5), Asked(paths=60, overlay=Overlay.WAITING)):
        assert boxes(view(graph, asked).sides[0].picture) == where
    filtered = boxes(view(part, whole=graph).sides[0].picture)
    assert filtered.items() <= where.items()


def test_the_slider_hides_and_shows_the_same_paths_that_the_server_would(map_of, office):
    graph = map_of(office)
    picture = view(graph, Asked(paths=60)).sides[0].picture
    level = {
        link.get("data-edge"): int(link.get("data-level", "0"))
        for link in ET.fromstring(picture).iter(f"{SVG}a")
        if link.get("data-edge")
    }
    for paths in (5, 8, 60):
        drawn = shown(view(graph, Asked(paths=paths)).sides[0].picture)
        assert drawn == {one for one, least in level.items() if least <= paths}


def test_a_place_has_the_same_short_name_in_every_language(map_of, office):
    graph = map_of(office)
    ids = []
    for code, names in zip(LANGUAGES, ({}, {"Receive": "Terima", "Ask": "Z"}), strict=False):
        with speaking(code):
            ids.append(plan_of(graph, names).ids)
    assert ids[0] == ids[1]


def test_paths_without_a_place_are_counted_and_can_be_arranged_anew(map_of, office):
    whole, part = map_of(office[:60]), map_of(office)
    side = view(part, Asked(chosen=[("through", "Ask")]), whole=whole).sides[0]
    assert side.left_out == len(part.edges) - 5
    assert 0 < side.left_share < 1
    told = page(view(part, Asked(chosen=[("through", "Ask")]), whole=whole))
    assert "Arrange anew" in told
    assert "arrange=anew" in told


def test_every_step_and_path_leads_to_its_details_with_the_filter(map_of, office):
    asked = Asked(chosen=[("a.district", "north & south")], overlay=Overlay.WAITING)
    picture = view(map_of(office), asked).sides[0].picture
    links = [link.get("href") for link in ET.fromstring(picture).iter(f"{SVG}a")]
    for link in links:
        pairs = parse_qsl(urlsplit(link).query)
        assert ("a.district", "north & south") in pairs
        assert {key for key, _ in pairs} & {"place", "source", "target"}
        assert read_asked(pairs) == replace(asked, chosen=(("a.district", "north & south"),))


def test_every_link_and_figure_has_words_for_those_who_cannot_see_it(map_of, office):
    for link in ET.fromstring(view(map_of(office)).sides[0].picture).iter(f"{SVG}a"):
        assert re.search(r": \d+ times?", link.find(f"{SVG}title").text)


@pytest.mark.parametrize("overlay", list(Overlay))
def test_hostile_names_stay_text_and_no_style_or_script_is_inline(map_of, overlay):
    graph = map_of([HOSTILE, HOSTILE[1:]] * 20)
    chosen = [("through", HOSTILE[0]), ("a.permit_type", "<b>")]
    told = page(view(graph, Asked(overlay=overlay, chosen=chosen)))
    assert "<script" not in told
    assert "<b>:" not in told
    assert not re.search(r"<[^>]*\s(style|on\w+)=", told)
    assert "&lt;script&gt;" in told


def test_a_filter_is_removed_by_its_own_link_and_the_rest_stays(map_of, office):
    chosen = [("step", "Check"), ("next", "Ask"), ("a.permit_type", "house"), ("late", "no")]
    chips = view(map_of(office), Asked(chosen=chosen, paths=40)).sides[0].chips
    assert [chip.words for chip in chips] == [
        "Check directly followed by Ask",
        "permit type: house",
        "not late",
    ]
    assert parse_qsl(urlsplit(chips[0].without).query) == [
        ("a.permit_type", "house"),
        ("late", "no"),
        ("paths", "40"),
    ]


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(overlay=Overlay.WORKING, paths=60, chosen=(("through", "a"), ("through", "b & c"))),
        Asked(chosen=(("from", "2026-01-01"),), beside=(("a.x", "y"), ("until", "2025-12-31"))),
        Asked(beside=(), arranged_anew=True),
    ],
)
def test_an_address_holds_the_whole_view(asked):
    assert read_asked(parse_qsl(urlsplit(asked.at("/map")).query)) == asked


def test_an_overlay_that_is_not_known_is_answered_with_those_that_are():
    with pytest.raises(UsageError, match=r"heat.*frequency.*waiting"):
        read_asked([("overlay", "heat")])
    with pytest.raises(UsageError, match="5 to 60"):
        read_asked([("paths", "many")])
    assert read_asked([("paths", "900")]).paths == 60


def test_what_is_not_known_of_a_selection_is_said_and_the_map_tells_how_often(map_of, office):
    told = view(map_of(office), Asked(overlay=Overlay.LATENESS))
    assert told.fallen_back
    assert "not known of these cases" in page(told)


def test_a_late_step_says_its_share_its_number_and_its_limits(map_of, office):
    kept = Kept(
        standard="Check", attribute=None, group=None, cases=110, judged=144, over=36,
        still_open=0, share=Limits(value=0.25, low=0.2, high=0.31), days_over=1.0,
        unit="working days", terms=(3.0,),
    )  # fmt: skip
    terms = Terms(overall=None, groups=(), steps=(kept,), promises=(), spreads=())
    graph = with_late(map_of(office), late_steps(terms))
    told = page(view(graph, Asked(overlay=Overlay.LATENESS)))
    assert "25.0 % late of 144" in told
    assert "late 36 of 144 times (25.0 %; 95 % limits 20.0 % to 31.0 %)" in told
    few = with_late(map_of(office), {"Check": Late(over=None, judged=144, share=None, few=True)})
    assert ", few late" in page(view(few, Asked(overlay=Overlay.LATENESS)))


def test_two_selections_stand_side_by_side_on_one_plan_with_the_difference_on_the_first(
    map_of, office
):
    graph, other = map_of(office), map_of(office[:90])
    lag = Lag(days=Limits(value=2.0, low=1.0, high=3.0), part=0.5)
    compared = replace(graph, edges=tuple(replace(e, gap=lag) for e in graph.edges[:1]))
    seen = [Seen(graph=with_gaps(graph, compared), cases=110), Seen(graph=other, cases=90)]
    asked = Asked(beside=(("a.x", "y"),), overlay=Overlay.BESIDE)
    told = explorer(seen, asked, setting(graph), note="As they came.")
    first, second = (boxes(side.picture) for side in told.sides)
    assert second.items() <= first.items()
    assert "+2 (+1 … +3)" in told.sides[0].picture
    assert "+2 (+1" not in told.sides[1].picture
    assert "As they came." in page(told)


def test_the_download_is_one_picture_by_itself_with_its_legend(map_of, office):
    graph = map_of(office)
    plan = plan_of(graph, {"Receive": "Take in"})
    for overlay in Overlay:
        drawn = draw_download(graph, plan, overlay, paths=60)
        root = ET.fromstring(drawn)
        assert "Take in" in drawn
        assert "href" not in drawn
        assert root.find(f".//{SVG}g[@class='legend']") is not None


def test_an_attribute_with_very_many_values_is_not_offered_as_a_list(map_of, office):
    told = setting(map_of(office))
    many = replace(
        told, choices=replace(told.choices, attributes={"fee": [str(i) for i in range(99)]})
    )
    found = explorer([Seen(graph=map_of(office), cases=110)], Asked(), many)
    assert "a.fee" not in {question.key for question in found.questions}


def test_details_say_how_many_and_how_sure_and_lead_on():
    length = Median(n=144, value=7200.0, low=3600.0, high=10_800.0, p90=86_400.0)
    facts = Facts(
        source="Check", target=None, times=144, cases=98, about=False, waiting=length,
        units=(Unit(name="<planning>", cases=98),), officers=4, open_now=7,
        ways=(Way(rank=1, cases=60, activities=("Receive", "Check", "Check"), of=60),),
        before=(Beside(place="Receive", times=97),), after=(Beside(place=Terminal.END, times=5),),
    )  # fmt: skip
    asked = Asked(chosen=(("a.x", "y"),), paths=40)
    told = details_view(facts, asked, names={"Check": "Look"}, cases_at="/cases")
    html = (
        environment()
        .get_template("sections/map-details.html.j2")
        .render(details=told, chip={}, names={})
    )
    for words in (
        "Look",
        "<strong>144</strong> times",
        "n = 144",
        "95 % limits 1 h to 3 h",
        "&lt;planning&gt;",
    ):
        assert words in html
    assert dict(told.links)["Only cases without it"] == "/map?a.x=y&without=Check&paths=40"
    assert told.cases == "/cases?a.x=y&through=Check"
    edge = details_view(replace(facts, target="Ask"), asked, names={}, cases_at="")
    assert [address for _, address in edge.links] == ["/map?a.x=y&step=Check&next=Ask&paths=40"]
    assert not edge.cases
