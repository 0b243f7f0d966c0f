"""Small numbers cannot be worked out from what the map still says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reports.charts.spans import merge_small, rebin
from reports.maps.graph import Terminal
from reports.suppress import suppress
from reports.withheld.protect import protect

LEAST = 5

# A few ways, some of them common: the shape in which one small number stands among large ones.
logs = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5),
        st.sampled_from([1, 2, 3, 4, 6, 20, 90]),
    ),
    min_size=1,
    max_size=9,
).map(lambda ways: [trace for trace, times in ways for _ in range(times)])


def bounds_of_small_numbers(whole, safe, cases):
    """What an attacker can work out: the least and the most that each small number can be.

    The attacker knows every published number, the number of cases, the number of events where
    it is told, that what goes into an activity comes out of it, and even which numbers exist.
    """
    flows = [("through", a.name) for a in whole.activities] + [e.key for e in whole.edges]
    place = {flow: index for index, flow in enumerate(flows)}
    rows, sides = [], []

    def equation(terms, value):
        row = np.zeros(len(flows))
        for flow, factor in terms:
            row[place[flow]] += factor
        rows.append(row)
        sides.append(value)

    for activity in whole.activities:
        through = (("through", activity.name), -1)
        equation([through, *((e.key, 1) for e in whole.edges if e.target == activity.name)], 0)
        equation([through, *((e.key, 1) for e in whole.edges if e.source == activity.name)], 0)
    equation([(e.key, 1) for e in whole.edges if e.source is Terminal.START], cases)
    equation([(e.key, 1) for e in whole.edges if e.target is Terminal.END], cases)
    for activity in safe.graph.activities:
        if not activity.about:
            equation([(("through", activity.name), 1)], activity.events)
    for edge in safe.graph.edges:
        if not edge.about:
            equation([(edge.key, 1)], edge.frequency)
    if not safe.events_about:
        equation([(("through", a.name), 1) for a in whole.activities], whole.events)
    small = [("through", a.name) for a in whole.activities if a.cases < LEAST]
    small += [e.key for e in whole.edges if e.cases < LEAST]
    for flow in small:
        goal = np.zeros(len(flows))
        goal[place[flow]] = 1
        low, high = (linprog(s * goal, A_eq=np.array(rows), b_eq=sides) for s in (1, -1))
        unbounded = 3
        yield flow, low.fun, float("inf") if high.status == unbounded else -high.fun


@settings(max_examples=60, deadline=None)
@given(traces=logs)
def test_no_small_number_can_be_worked_out_from_the_published_ones(map_of, traces):
    whole = map_of(traces)
    if len(traces) < LEAST:
        return  # then nothing at all is published
    safe = protect(whole, smallest_cell=LEAST)
    for flow, low, high in bounds_of_small_numbers(whole, safe, len(traces)):
        assert high - low > 0.5, f"{flow} lies between {low} and {high}"


@settings(max_examples=60, deadline=None)
@given(traces=logs)
def test_what_is_shown_is_large_and_exact_or_marked_and_near(map_of, traces):
    whole = map_of(traces)
    safe = protect(whole, smallest_cell=LEAST)
    truth = {e.key: e for e in whole.edges}
    for edge in safe.graph.edges:
        assert truth[edge.key].cases >= LEAST
        assert edge.about or edge.frequency == truth[edge.key].frequency
        assert edge.cases is None or edge.cases >= LEAST
        assert edge.cases is None or not 0 < edge.frequency - edge.cases < LEAST
    for activity in safe.graph.activities:
        assert activity.cases is None or activity.cases >= LEAST
        assert not activity.rework or activity.rework >= LEAST


def test_a_short_cut_of_three_cases_is_counted_with_the_main_way(map_of):
    """a > b > c goes 997 times, a > c 3 times: 1,000 less 997 must not be left to subtract."""
    safe = protect(map_of([["a", "b", "c"]] * 997 + [["a", "c"]] * 3), smallest_cell=LEAST)
    shown = {e.key: (e.frequency, e.about) for e in safe.graph.edges}
    assert shown == {
        (Terminal.START, "a"): (1000, False),
        ("a", "b"): (1000, True),
        ("b", "c"): (1000, True),
        ("c", Terminal.END): (1000, False),
    }
    assert safe.events_about
    assert safe.hidden_edges == 1


def test_nothing_is_touched_where_nothing_is_small(map_of):
    whole = map_of([["a", "b"]] * 40 + [["a", "c"]] * 30)
    safe = protect(whole, smallest_cell=LEAST)
    assert safe.graph == whole
    assert not safe.events_about
    assert protect(map_of([["a", "b"], ["a"]]), smallest_cell=1).hidden_edges == 0


@given(bins=st.lists(st.integers(0, 12), min_size=1, max_size=14).filter(lambda n: sum(n) >= LEAST))
def test_joined_bins_hold_no_small_number_and_lose_nobody(bins):
    spans = tuple((float(i), float(i + 1), n) for i, n in enumerate(bins))
    merged = merge_small(spans, LEAST)
    assert sum(n for _, _, n in merged) == sum(bins)
    assert all(n == 0 or n >= LEAST for _, _, n in merged)
    assert [high for _, high, _ in merged][:-1] == [low for low, _, _ in merged][1:]


def test_bins_end_where_people_would_end_them():
    assert rebin(((0.0, 1.0, 2), (59.0, 61.0, 3), (70_000.0, 90_000.0, 1))) == (
        (0.0, 60.0, 5),
        (60.0, 600.0, 0),
        (600.0, 3600.0, 0),
        (3600.0, 21_600.0, 0),
        (21_600.0, 86_400.0, 1),
    )


@settings(max_examples=40, deadline=None)
@given(traces=logs)
def test_variants_and_their_rest_are_never_small(results_of, traces):
    told = suppress(results_of(traces))
    if len(traces) < LEAST:
        assert told.cases is None
        assert not told.variants
        return
    assert all(v.cases >= LEAST for v in told.variants)
    assert told.rest_cases == 0 or told.rest_cases >= LEAST
    assert sum(v.cases for v in told.variants) + told.rest_cases == len(traces)


@pytest.mark.parametrize(("still_open", "told"), [(0, 0), (3, None), (20, 20), (22, None)])
def test_open_cases_are_told_only_when_they_and_the_others_are_many(results_of, still_open, told):
    results = results_of([["a"]] * 25, open_cases=still_open)
    assert suppress(results).open_cases == told
