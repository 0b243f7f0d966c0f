"""What is told of a step or a path is what happened there, and of nobody."""

import numpy as np
import pytest

from reports.explore.facts import of_edge, of_place
from reports.explore.filters import Filter, chosen, preset
from reports.explore.protected import rounded_map, told_map
from reports.maps.graph import Terminal


@pytest.fixture(scope="module")
def small(traces_of):
    """Twelve permits: ten are checked for one hour after two hours, three officers take turns."""
    lines = [f"P{n}: apply check/start+120@o{n % 3} check+60@o{n % 3} sign" for n in range(10)]
    return traces_of(*lines, "Q: apply sign", "R: apply check/start+999@o1", *_odd())


def _odd():
    return [f"S{n}: apply sign apply sign" for n in range(6)]


def test_a_step_tells_how_often_how_long_and_what_comes_beside_it(small):
    everything = small.everything
    told = told_map(small, everything)
    facts = of_place(small, everything, "check", told)
    assert (facts.times, facts.cases, facts.officers) == (10, 10, 3)
    assert (facts.waiting.n, facts.waiting.value, facts.waiting.p90) == (11, 7200.0, 7200.0)
    assert (facts.service.n, facts.service.value, facts.service.low) == (10, 3600.0, 3600.0)
    assert facts.waiting_worked is None
    assert [(one.place, one.times) for one in facts.before] == [("apply", 10)]
    assert [(one.place, one.times) for one in facts.after] == [("sign", 10)]
    assert [(way.cases, way.activities) for way in facts.ways] == [(10, ("apply", "check", "sign"))]


def test_a_path_tells_how_long_it_takes(small):
    told = told_map(small, small.everything)
    facts = of_edge(small, small.everything, "apply", "check", told)
    assert (facts.times, facts.between.n, facts.between.value) == (10, 10, 10_800.0)
    begun = of_edge(small, small.everything, Terminal.START, "apply", told)
    assert (begun.cases, begun.between) == (18, None)


def test_what_is_not_on_the_map_has_no_facts(small):
    told = told_map(small, small.everything)
    assert of_edge(small, small.everything, "sign", "check", told) is None
    assert of_place(small, small.everything, "nothing", told) is None


def test_no_number_is_of_a_few(office):
    for wanted in [Filter(), Filter(through=("ask",)), *preset(office)]:
        cases = chosen(office, wanted)
        told = told_map(office, cases)
        for activity in told.graph.activities:
            facts = of_place(office, cases, activity.name, told)
            assert facts.officers is None or facts.officers >= 3
            for unit in facts.units:
                assert unit.cases >= 5
            for way in facts.ways:
                assert way.cases >= 5
            for length in (facts.waiting, facts.service):
                assert length is None or length.n >= 5
            left = (activity.cases or 0) - sum(way.cases for way in facts.ways)
            assert activity.cases is None or not 0 < left < 5


def test_viewers_see_no_exact_length_and_no_exact_count(office):
    counts, lengths = [], []
    for wanted in preset(office):
        cases = chosen(office, wanted)
        told = rounded_map(office, cases)
        for activity in told.graph.activities:
            facts = of_place(office, cases, activity.name, told)
            lengths += [one for one in (facts.waiting, facts.service) if one]
            counts += [facts.times, *(one.cases for one in (*facts.units, *facts.ways))]
        for edge in told.graph.edges:
            facts = of_edge(office, cases, *edge.key, told)
            lengths += [facts.between] if facts.between else []
    counts += [one.n for one in lengths]
    assert len(counts) > 20
    assert all(count % 10 == 0 for count in counts)
    for one in lengths:
        for value in (one.value, one.low, one.high, one.p90):
            assert value is None or float(f"{value:.1e}") == value


def test_a_length_that_few_tell_is_not_told(traces_of):
    """Twenty are checked; of four it is known when that began."""
    lines = [f"P{n}: apply check" for n in range(16)]
    lines += [f"Q{n}: apply check/start check" for n in range(4)]
    traces = traces_of(*lines)
    told = told_map(traces, traces.everything)
    facts = of_place(traces, traces.everything, "check", told)
    assert (facts.cases, facts.waiting, facts.service) == (20, None, None)


def test_findings_are_those_that_speak_of_the_place(office):
    told = told_map(office, office.everything)
    assert "bottleneck/sign" in of_place(office, office.everything, "sign", told).findings
    assert of_place(office, office.everything, "apply", told).findings == ()
    waits = np.mean(office.work.waiting_ms[office.work.waiting_ms > 0])
    assert waits > 0
