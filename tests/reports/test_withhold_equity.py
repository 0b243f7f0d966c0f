"""Of unequal treatment, nothing is told of a few, of everybody in a group, or of an officer."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog.errors import StopError
from reports.contents.equity_content import equity_content, favouritism_content
from reports.contents.equity_reading import read_equity
from reports.contents.favour import read_favouritism
from reports.withheld.equity import largest_gap, with_gap, withhold_equity
from reports.withheld.favour import withhold_favouritism
from reports.withheld.reasons import told_reason
from reports.withheld.waiting import few_serve

LEAST = 5


@pytest.fixture(scope="module")
def office_map(map_of):
    """600 applications of the permit office; "Secret" is on no map that may be passed on."""
    return map_of([["Check", "Ask", "Check", "Decide"]] * 3_000 + [["Check", "Decide"]] * 2_000)


@pytest.fixture(scope="module")
def withhold(office_map):
    def call(found, few=lambda _: False, least=LEAST):
        return withhold_equity(found, graph=office_map, few=few, least=least)

    return call


def share(gap, **changes):
    """Sent back for documents: 360 of the 1,200, and 660 of the 3,300 others."""
    return gap(**{
        "measure": "route", "feature": "requests", "unit": "share", "cases": 1_200,
        "others": 3_300, "mean_others": 0.2, "edges": [], "parts": [],
        "raw": {"value": 0.1, "ci_low": 0.07, "ci_high": 0.13},
        "entry": {"value": 0.0812, "ci_low": 0.0521, "ci_high": 0.1103}, "process": None,
        "direct": None, **changes,
    })  # fmt: skip


def test_counts_and_gaps_are_rounded(equity_of, gap, withhold):
    told = withhold(equity_of(gap())).gaps[0]
    assert (told.cases, told.others, told.coverage) == (1_190, 3_310, 0.9)
    assert (told.entry.value, told.entry.low, told.entry.high) == (2.9, 2.4, 3.4)
    assert [(part.what, part.gap.value) for part in told.parts] == [
        ("requests", 1.7), ("unexplained", 0.8),
    ]  # fmt: skip
    assert [(half.first, half.last) for half in told.halves] == [
        ("2026-01", "2026-01"), ("2026-01", "2026-03"),
    ]  # fmt: skip


def test_what_is_of_persons_is_not_even_read(equity_file, gap, silent, picked):
    """Agents are kept under pseudonyms: neither they nor officers reach anything public."""
    found = read_equity(
        equity_file(
            gap(),
            gap(attribute="agent", group="0a1b", restricted=True),
            silent(attribute="agent", group="2c3d", restricted=False),
            intersections=[gap(attribute="agent+district", group="0a1b+north")],
            attributes=[{"attribute": "agent", "basis": None, "sensitive": False,
                         "groups": [{"group": "0a1b", "cases": 300}], "coverage": 1.0}],
            routes=[{"attribute": "agent", "p_value": 0.001, "q_value": 0.001}],
        )
    )  # fmt: skip
    assert "agent" not in json.dumps(equity_content(found))
    assert (len(found.gaps), found.persons, found.compared) == (1, 3, 1)
    officers = [{"resource": "officer-17", "activity": "Check", "review": [{"case_id": "P1"}]}]
    found = read_favouritism(
        {"picks": 9, "groups": [picked(), picked(attribute="agent", restricted=True)],
         "officers": officers, "not_tested": []}
    )  # fmt: skip
    assert "officer-17" not in str(asdict(found))
    assert "agent" not in str(asdict(found))
    assert (len(found.groups), found.persons) == (1, 2)


def test_a_sensitive_attribute_without_a_basis_is_nowhere(equity_file, gap, withhold):
    content = equity_file(gap(), gap(attribute="district", group="north"))
    content["attributes"][0]["basis"] = None
    found = withhold(read_equity(content))
    assert [one.attribute for one in found.gaps] == ["district"]
    assert [one.attribute for one in found.attributes] == ["district"]


def groups(*sizes, attribute="affiliation"):
    return [{"attribute": attribute, "basis": None, "sensitive": False, "coverage": 1.0,
             "groups": [{"group": name, "cases": n} for name, n in sizes]}]  # fmt: skip


def test_a_small_group_takes_another_with_it(equity_of, gap, withhold):
    sizes = [("ours", 900), ("other", 97), ("guest", 3)]
    gaps = [gap(group=name, cases=n, others=1_000 - n) for name, n in sizes]
    found = withhold(equity_of(*gaps, cases=1_000, attributes=groups(*sizes)))
    assert [one.group for one in found.gaps] == ["ours"]
    assert [one.group for one in found.attributes[0].groups] == ["ours"]
    assert found.hidden == 4
    assert "guest" not in json.dumps(equity_content(found))


def test_of_two_groups_of_which_one_is_small_neither_is_told(equity_of, gap, withhold):
    sizes = [("ours", 997), ("other", 3)]
    found = equity_of(gap(group="ours", cases=997, others=3), cases=1_000,
                      attributes=groups(*sizes))  # fmt: skip
    told = withhold(found)
    assert told.gaps == ()
    assert told.attributes[0].groups == ()


@pytest.mark.parametrize(
    ("there", "raw"),
    [(0.2, -0.2), (0.2, 0.8), (0.2, -0.198), (0.2, 0.798), (0.0, 0.2), (1.0, -0.3), (0.001, 0.2),
     (None, 0.1)],
)  # fmt: skip
def test_where_it_happened_to_nobody_to_all_or_to_a_few_the_gap_is_not_told(
    equity_of, gap, silent, withhold, there, raw
):
    changes = {"mean_others": there, "raw": {"value": raw, "ci_low": None, "ci_high": None}}
    assert withhold(equity_of(share(gap))).gaps[0].entry.value == 0.081
    assert withhold(equity_of(share(gap, **changes))).gaps == ()
    quiet = withhold(equity_of(share(silent, **changes))).gaps[0]
    assert (quiet.smallest_seen, quiet.why_not, quiet.raw) == (None, "few", None)


def test_that_nothing_differs_is_told_as_that_it_could_not_be_tested(equity_of, silent, withhold):
    """What is the same for everybody says of each what it is."""
    found = withhold(
        equity_of(
            *(
                silent(group=name, why_not=why, entry=None, smallest_seen=None)
                for name, why in (("ours", "constant"), ("other", "few"), ("none", "alone"))
            )
        )
    )
    assert {one.why_not for one in found.gaps} == {"few"}


def test_of_what_is_no_finding_only_what_would_have_been_seen_is_told(equity_of, silent, withhold):
    told = withhold(equity_of(silent())).gaps[0]
    assert (told.entry, told.raw, told.mean_others) == (None, None, None)
    assert (told.smallest_seen, told.why_not, told.cases) == (0.71, "unsure", 1_190)


def test_groups_that_leave_a_few_of_all_are_not_told(equity_of, gap, withhold):
    """Of 1,023 that were sent back, 360 and 660 are told: three are left."""
    rows = [
        share(gap, group="ours", cases=1_200, others=3_300, mean_others=663 / 3_300,
              raw={"value": 0.3 - 663 / 3_300, "ci_low": None, "ci_high": None}),
        share(gap, group="none", cases=2_200, others=2_300, mean_others=363 / 2_300,
              raw={"value": 0.3 - 363 / 2_300, "ci_low": None, "ci_high": None}),
    ]  # fmt: skip
    assert [one.group for one in withhold(equity_of(*rows)).gaps] == ["none"]
    assert len(withhold(equity_of(rows[0])).gaps) == 1


def test_a_pair_that_leaves_a_few_of_its_group_is_not_told(equity_of, gap, silent, withhold):
    wide, also = share(gap), silent(attribute="district", group="north")
    pair = {"attribute": "affiliation+district", "group": "other+north"}
    told = share(gap, **pair, cases=600, others=3_900, mean_others=0.2)
    almost = share(gap, **pair, cases=1_197, others=3_303, mean_others=0.2)
    # 357 of the 360 that were sent back
    nearly = share(gap, **pair, cases=900, others=3_600, mean_others=0.2,
                   raw={"value": 357 / 900 - 0.2, "ci_low": None, "ci_high": None})  # fmt: skip
    for one, count in ((told, 1), (almost, 0), (nearly, 0)):
        assert len(withhold(equity_of(wide, also, intersections=[one])).intersections) == count
    slow = [gap(**pair, cases=n, others=4_503 - n) for n in (600, 1_188)]
    assert len(withhold(equity_of(gap(), also, intersections=slow[:1])).intersections) == 1
    assert withhold(equity_of(gap(), also, intersections=slow[1:])).intersections == ()
    strange = {**told, "group": "other+east"}
    assert withhold(equity_of(wide, also, intersections=[strange])).intersections == ()


def test_what_one_or_two_officers_do_is_not_told_of_a_step(
    equity_of, gap, silent, withhold, waiting_of, queue
):
    few = few_serve(
        waiting_of(
            queue("Sign", officers=1.0),
            queue("Sign", unit="b", officers=1.0),
            queue("Check", officers=2.0),
            queue("Check", unit="b", officers=1.0),
        )
    )
    rows = [gap(measure="waiting", activity=name) for name in ("Sign", "Check", "Lost")]
    quiet = silent(measure="waiting", activity="Sign", group="ours")
    found = withhold(equity_of(*rows, quiet), few)
    assert [(one.activity, one.told) for one in found.gaps] == [("Check", True), ("Sign", False)]
    assert few_serve(None)("Check") is True
    assert few_serve(waiting_of(queue("Check", officers=0.0)))("Check") is False


def test_who_is_picked_sooner_is_told_of_groups_of_enough_files(
    equity_of, favouritism_of, picked, waiting_of, queue
):
    few = few_serve(waiting_of(queue("Sign", officers=2.0), queue("Check")))
    equity = equity_of()
    found = favouritism_of(
        picked(), picked(group="other", items=4), picked(group="none", items=900),
        picked(activity="Sign"), picked(attribute="lobby", group="x", told=False),
    )  # fmt: skip
    told = withhold_favouritism(found, equity=equity, few=few, least=LEAST)
    assert [(one.attribute, one.group) for one in told.groups] == [
        ("affiliation", "ours"), ("lobby", "x"),
    ]  # fmt: skip
    one, quiet = told.groups
    assert (one.items, one.others, one.positions.value, one.overtakes) == (1_400, 4_705, 1.4, 3.2)
    assert (quiet.positions, quiet.overtakes, quiet.smallest_seen) == (None, None, 0.41)
    assert (told.picks, told.hidden) == (22_405, 3)
    assert "Sign" not in json.dumps(favouritism_content(told))


def test_paths_that_carry_a_gap_are_those_that_the_map_has_and_never_all_but_one(
    equity_of, gap, withhold, office_map
):
    """Hidden: from "Secret", behind the last step. With one hidden alone, a shown one goes too."""
    found = withhold(equity_of(gap())).gaps[0]
    assert [(one.source, one.target, one.gap.value) for one in found.edges] == [
        ("Check", "Ask", 2.1), ("Ask", "Check", 0.6), ("Check", "Decide", -0.3),
    ]  # fmt: skip
    assert "Secret" not in str(asdict(found))
    edges = gap()["edges"]
    alone = withhold(equity_of(gap(edges=[*edges[:3], edges[4]]))).gaps[0]
    assert [one.target for one in alone.edges] == ["Ask", "Check"]
    few = withhold(equity_of(gap(cases=10, others=4_493))).gaps[0]
    assert few.edges == ()
    graph = with_gap(office_map, found)
    lags = {(e.source, e.target): e.gap for e in graph.edges if e.gap}
    assert lags["Check", "Ask"].days.value == 2.1
    assert lags["Check", "Ask"].part == pytest.approx(2.1 / 2.9)
    assert with_gap(office_map, None) == office_map


def test_the_map_shows_the_largest_gap_in_time_of_which_it_is_known_where_it_lies(
    equity_of, gap, silent, withhold
):
    large = {"value": -4.0, "ci_low": -5.0, "ci_high": -3.0}
    found = withhold(equity_of(gap(), gap(group="ours", entry=large), silent(group="none")))
    assert largest_gap(found).group == "ours"
    assert largest_gap(withhold(equity_of(gap(edges=[])))) is None


@pytest.mark.parametrize(
    ("what", "why", "told"),
    [
        ('treatment of a "x", "y"', "too few", ("treatment of a (2 small groups)", "too few")),
        ("a", "3 of 5000 have no value", ("a", "few of 5000 have no value")),
        ("a", "4998 of 5000 have no value", ("a", "nearly all of 5000 have no value")),
        ("a", "group has 17 cases", ("a", "group has about 15 cases")),
        ("a", "the Mayor is alone", ("a", "the … is alone")),
    ],
)
def test_reasons_hold_no_numbers_and_names_of_a_few(what, why, told):
    assert told_reason(what, why, least=LEAST, hidden={"mayor"}) == told


rows = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 60), st.booleans()).map(
        lambda row: (row[0], min(row[1], row[0]), row[2])
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(rows=rows, least=st.sampled_from([2, 5]))
def test_no_few_can_be_worked_out_from_shares_and_sizes(equity_of, gap, withhold, rows, least):
    """An attacker subtracts what is told of groups from what is known of all."""
    people, happened = sum(n for n, _, _ in rows), sum(k for _, k, _ in rows)
    gaps = []
    for place, (n, k, told) in enumerate(rows):
        there = (happened - k) / (people - n)
        raw = {"value": k / n - there, "ci_low": None, "ci_high": None}
        gaps.append(share(gap, group=f"g{place}", cases=n, others=people - n, mean_others=there,
                          raw=raw, told=told, why_not=None if told else "unsure"))  # fmt: skip
    sizes = [(f"g{place}", n) for place, (n, _, _) in enumerate(rows)]
    found = equity_of(*gaps, cases=people, attributes=groups(*sizes))
    shown = {int(one.group[1:]) for one in withhold(found, least=least).gaps if one.told}
    for place in shown:
        n, k, _ = rows[place]
        assert least <= k <= n - least
    rest = [row for place, row in enumerate(rows) if place not in shown]
    for left in (sum(k for _, k, _ in rest), sum(n - k for n, k, _ in rest)):
        assert not shown or not rest or left >= least


def test_a_file_of_another_version_is_refused_with_the_way_out(equity_of, gap):
    with pytest.raises(StopError, match=r"equity.json .*'gaps'.* run `runut mine` again"):
        read_equity({})
    with pytest.raises(StopError, match=r"favouritism.json .* run `runut mine` again"):
        read_favouritism({})
    for changes, words in (
        ({"measure": "mood"}, "is by 'mood'; expected one of time, outcome"),
        ({"unit": "parsec"}, "is in 'parsec'; expected one of working days"),
        ({"entry": None}, "is told and has no size"),
    ):
        with pytest.raises(StopError, match=words):
            equity_of(gap(**changes))
