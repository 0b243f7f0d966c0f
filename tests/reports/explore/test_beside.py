"""Two sets of applications on one map: what differs is found, what does not is not marked."""

import numpy as np

from reports.explore.beside import beside, rounded_beside
from reports.explore.filters import Filter, chosen
from reports.explore.protected import digits, told_map


def by_district(traces, *values):
    return chosen(traces, Filter(attributes={"district": values}))


def marked(told):
    return {(both.place, both.to): both for both in told.edges if both.sure}


def test_the_path_on_which_a_group_waits_longer_is_marked_and_no_other(office):
    south, north = by_district(office, "south"), by_district(office, "north")
    told = beside(office, south, north)
    assert set(marked(told)) == {("check", "sign")}
    both = marked(told)["check", "sign"]
    # The office keeps files of the south 840 minutes longer.
    assert both.difference.low < 840 / 1440 < both.difference.high
    assert (told.first.cases, told.second.cases) == (int(south.sum()), int(north.sum()))
    edge = next(e for e in told.first.graph.edges if e.key == ("check", "sign"))
    assert edge.gap.sure
    assert edge.gap.days == both.difference
    shares = [one for one in told.edges if one.cases is not None and one.others is not None]
    assert shares
    assert all(one.share == one.cases / told.first.cases for one in shares)
    assert all(one.others_share == one.others / told.second.cases for one in shares)
    assert not told.shared
    assert "nothing is adjusted" in told.note


def test_turned_round_the_difference_is_the_same_with_the_other_sign(office):
    south, north = by_district(office, "south"), by_district(office, "north")
    one, other = beside(office, south, north), beside(office, north, south)
    for both, back in zip(one.edges, other.edges, strict=False):
        if both.difference and (both.place, both.to) == (back.place, back.to):
            assert both.difference.value == -back.difference.value
            assert both.difference.low == -back.difference.high


def test_halves_drawn_by_lot_do_not_differ(office):
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(40):
        half = rng.random(office.cases) < 0.5
        wrong += bool(marked(beside(office, half, ~half)))
    assert wrong <= 3


def test_nobody_is_compared_with_himself(office):
    south = by_district(office, "south")
    told = beside(office, south, office.everything)
    apart = beside(office, south, ~south)
    assert told.shared
    assert "in both sets" in told.note
    assert told.second.cases == office.cases
    key = ("check", "sign")
    assert marked(told)[key].difference == marked(apart)[key].difference
    assert beside(office, office.everything, office.everything).reason


def test_what_few_of_one_set_did_is_not_compared(office):
    rare, other = by_district(office, "west"), by_district(office, "north", "south", "east")
    told = beside(office, rare, other)
    shown = {edge.key for edge in told_map(office, rare).graph.edges}
    for both in told.edges:
        assert both.difference is None or (both.place, both.to) in shown
        assert both.cases is None or both.cases >= 5
    few = np.arange(office.cases) < 3
    assert beside(office, few, ~few).reason
    assert beside(office, few, ~few).edges == ()


def test_viewers_see_differences_to_two_digits(office):
    told = rounded_beside(office, by_district(office, "south"), by_district(office, "north"))
    both = marked(told)["check", "sign"]
    assert both.difference.value == digits(both.difference.value)
    assert both.cases is None
    gaps = [edge.gap for edge in told.first.graph.edges if edge.gap]
    assert gaps
    assert all(gap.days.low == digits(gap.days.low) for gap in gaps)
