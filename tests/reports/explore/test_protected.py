"""No small group can be made out, whatever is subtracted from whatever."""

from itertools import chain

import numpy as np
import pytest
from scipy.optimize import linprog

from reports.explore.filters import Filter, chosen, preset
from reports.explore.graph import filtered
from reports.explore.protected import digits, rounded_map, told_map
from reports.maps.graph import Edge, Terminal
from reports.withheld.totals import drowned

LEAST = 5


def count(cell):
    return cell.frequency if isinstance(cell, Edge) else cell.events


def key(cell):
    return cell.key if isinstance(cell, Edge) else cell.name


def cells(graph):
    return {key(cell): cell for cell in chain(graph.edges, graph.activities)}


def first(traces, n):
    return np.arange(traces.cases) < n


@pytest.mark.parametrize(("chosen_cases", "told"), [(0, False), (4, False), (5, True)])
def test_few_are_not_told_of_and_the_reason_does_not_say_how_few(office, chosen_cases, told):
    found = told_map(office, first(office, chosen_cases))
    assert (found.cases is not None) == bool(found.graph.edges) == told
    assert found.reason == ("" if told else told_map(office, first(office, 0)).reason)


def test_all_but_a_few_are_not_told_of_but_all_are(office):
    assert told_map(office, first(office, office.cases - 4)).reason
    assert not told_map(office, first(office, office.cases - 4)).graph.activities
    assert not told_map(office, first(office, office.cases - 5)).reason
    assert not told_map(office, first(office, office.cases)).reason


def test_viewers_are_told_of_groups_twice_as_large_and_of_no_exact_number(office):
    assert rounded_map(office, first(office, 9)).reason
    assert rounded_map(office, first(office, office.cases - 9)).reason
    seen = rounded_map(office, first(office, 300))
    assert (seen.cases, seen.about) == (300, True)
    for cell in cells(seen.graph).values():
        assert count(cell) % (2 * LEAST) == 0
        assert count(cell) > 0
        assert cell.cases is None
        assert cell.about
    for edge in seen.graph.edges:
        if edge.seconds:
            assert edge.seconds.p50 == digits(edge.seconds.p50) == edge.seconds.mean
            assert edge.working is None


def test_nothing_that_few_did_is_on_a_map(office):
    for wanted in [Filter(), Filter(through=("ask",)), *preset(office)]:
        cases = chosen(office, wanted)
        exact = cells(filtered(office, cases))
        for place, cell in cells(told_map(office, cases).graph).items():
            assert exact[place].cases >= LEAST
            assert cell.cases is None or cell.cases >= LEAST


def test_few_repeats_are_not_told(traces_of):
    """Three cases signed ten times each: 30 repeats, which are no small number, by three."""
    lines = [f"P{n}: apply sign" for n in range(50)]
    lines += [f"Q{n}: apply {'sign ' * 11}" for n in range(3)]
    traces = traces_of(*lines)
    sign = next(a for a in told_map(traces, traces.everything).graph.activities if a.name == "sign")
    assert (sign.cases, sign.rework) == (None, None)


def test_a_preset_subtracted_from_the_whole_leaves_a_span(office):
    """For each value and each number on its map: what the others have left to be.

    The span that is left begins with none at all, or reaches what may be told.
    """
    step = 2 * LEAST
    whole = cells(told_map(office, office.everything).graph)
    for wanted in preset(office):
        for place, cell in cells(rounded_map(office, chosen(office, wanted)).graph).items():
            if place not in whole:
                continue
            low, high = count(cell) - step // 2, count(cell) + step // 2 - 1
            left = range(max(count(whole[place]) - high, 0), count(whole[place]) - low + 1)
            assert 0 in left or max(left) >= LEAST
            assert len(left) > 1 or left[0] == 0


@pytest.mark.parametrize("whole", [10, 95, 96, 99, 100, 104, 150])
def test_what_a_rounded_part_leaves_of_an_exact_whole_is_any_few_or_none(whole):
    """Told as 100 of 96 by plain rounding, it would leave one at most."""
    step = 2 * LEAST
    left = {}
    for part in range(LEAST, whole + 1):
        left.setdefault(drowned(part, whole, step), set()).add(whole - part)
    few = [told for told in left.values() if min(told) < LEAST]
    assert few == [set(range(min(step, whole - LEAST + 1)))]


@pytest.mark.parametrize("attribute", ["district", "kind"])
def test_not_even_all_presets_and_the_whole_together_pin_a_small_number(office, attribute):
    """An attacker who knows that what goes in comes out, and how all was rounded.

    He looks for the least and the most that each hidden number can be (linear programmes), knowing
    more than he can: which numbers were not shifted.
    """
    office_attack = _Attack(office, attribute)
    assert office_attack.secrets
    for secret in office_attack.secrets:
        low, high = office_attack.span(secret)
        assert low < 1 or high >= LEAST, (secret, low, high)


class _Attack:
    """What is told of the whole and of each value of an attribute, as equations and limits."""

    def __init__(self, traces, attribute):
        told = traces.attributes[attribute]
        groups = {value: told.codes == code for code, value in enumerate(told.values)}
        graph = filtered(traces, traces.everything)
        places = list(cells(graph))
        self.at = {pair: n for n, pair in enumerate((v, p) for v in groups for p in places)}
        self.low, self.high = np.zeros(len(self.at)), np.full(len(self.at), np.inf)
        self.equal, self.sums, self.secrets = [], [], []
        for value in groups:
            self._conserve(value, graph)
        for place, cell in cells(told_map(traces, traces.everything).graph).items():
            if not cell.about:
                self._equal({self.at[value, place]: 1 for value in groups}, count(cell))
        for value, cases in groups.items():
            self._rounded(value, told_map(traces, cases).graph, rounded_map(traces, cases).graph)
            self.secrets += [
                (value, place)
                for place, cell in cells(filtered(traces, cases)).items()
                if cell.cases < LEAST
            ]

    def span(self, secret):
        aim = np.zeros(len(self.at))
        aim[self.at[secret]] = 1
        limits = [self._solve(sign * aim) for sign in (1, -1)]
        assert limits[0].status == 0  # what is told does not contradict itself
        high = np.inf if limits[1].status else -limits[1].fun
        return np.ceil(limits[0].fun - 1e-6), np.floor(high + 1e-6)

    def _solve(self, aim):
        return linprog(
            aim, A_eq=self.equal, b_eq=self.sums, bounds=list(zip(self.low, self.high, strict=True))
        )

    def _conserve(self, value, graph):
        for activity in graph.activities:
            for end in (0, 1):
                row = {self.at[value, e.key]: 1 for e in graph.edges if e.key[end] == activity.name}
                self._equal({**row, self.at[value, activity.name]: -1}, 0)
        row = {}
        for edge in graph.edges:
            if edge.source is Terminal.START:
                row[self.at[value, edge.key]] = 1
            elif edge.target is Terminal.END:
                row[self.at[value, edge.key]] = -1
        self._equal(row, 0)

    def _equal(self, row, total):
        full = np.zeros(len(self.at))
        full[list(row)] = list(row.values())
        self.equal.append(full)
        self.sums.append(total)

    def _rounded(self, value, exact, rounded):
        shifted = {place for place, cell in cells(exact).items() if cell.about}
        for place, cell in cells(rounded).items():
            if place not in shifted:
                self.low[self.at[value, place]] = max(count(cell) - LEAST, LEAST)
                self.high[self.at[value, place]] = count(cell) + LEAST - 1


def test_open_cases_stand_where_they_are_stuck_and_few_are_not_told(traces_of):
    lines = [f"P{n}: apply check/start" for n in range(12)]
    lines += [f"Q{n}: apply check/start" for n in range(20, 23)]
    lines += [f"R{n}: apply check sign" for n in range(9)]
    lines += [f"S{n}: apply ask" for n in range(6)]  # nobody knows what comes after
    by = {"district": {line.partition(":")[0]: line[0] for line in lines}}
    traces = traces_of(*lines, by=by, clock={"closes": ["sign"]})

    def standing(told):
        stood = {a.name: (a.standing.at, a.standing.after) for a in told.graph.activities}
        return {name: both for name, both in stood.items() if any(both)}

    everything = told_map(traces, traces.everything)
    assert standing(everything) == {"check": (15, 0), "ask": (0, 5)}
    assert standing(rounded_map(traces, traces.everything)) == {"check": (20, 0), "ask": (0, 10)}
    some = chosen(traces, Filter(attributes={"district": ("Q", "R")}))
    assert standing(told_map(traces, some)) == {}
