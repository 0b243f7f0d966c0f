"""What the map shows first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlog.errors import StopError
from reports.maps.graph import Activity, Edge, Terminal, choose, read_map, spine

logs = st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=9), max_size=60)


def ends_meet(graph):
    """Every activity can be reached from the start and reaches the end over shown edges."""

    def reached(origin, pairs):
        found, waiting = {origin}, [origin]
        while waiting:
            here = waiting.pop()
            new = {t for s, t in pairs if s == here} - found
            found |= new
            waiting += new
        return found

    pairs = {edge.key for edge in graph.edges}
    ahead = reached(Terminal.START, pairs)
    back = reached(Terminal.END, {(t, s) for s, t in pairs})
    return all(a.name in ahead and a.name in back for a in graph.activities)


@settings(max_examples=60, deadline=None)
@given(traces=logs, few=st.integers(1, 12), more=st.integers(0, 20))
def test_every_choice_is_connected_and_part_of_every_larger_one(map_of, traces, few, more):
    whole = map_of(traces)
    small, large = choose(whole, paths=few), choose(whole, paths=few + more)
    assert ends_meet(small)
    assert ends_meet(large)
    assert {e.key for e in small.edges} <= {e.key for e in large.edges}
    assert {e.key for e in large.edges} <= {e.key for e in whole.edges}
    assert bool(small.edges) == bool(traces)


def test_a_choice_of_all_paths_is_the_whole_map(map_of, office):
    whole = map_of(office)
    assert choose(whole, paths=1000) == whole


def test_a_choice_keeps_to_its_number_of_paths_once_one_way_is_complete(map_of, office):
    assert len(choose(map_of(office), paths=7).edges) <= 7
    assert len(choose(map_of(office), paths=1).edges) == 5  # one whole way, however long


def test_the_spine_is_the_way_that_most_cases_take(map_of, office):
    assert spine(map_of(office)) == {
        (Terminal.START, "Receive"),
        ("Receive", "Check"),
        ("Check", "Decide"),
        ("Decide", "Send"),
        ("Send", Terminal.END),
    }


def test_a_detour_of_common_steps_comes_before_a_rare_short_cut(map_of):
    whole = map_of([["a", "b", "c", "d"]] * 50 + [["a", "d"]] * 4)
    assert ("a", "d") not in {e.key for e in choose(whole, paths=5).edges}


def test_an_activity_called_start_is_not_the_start(map_of):
    graph = map_of([["start", "end"]])
    assert {e.key for e in graph.edges} == {
        (Terminal.START, "start"),
        ("start", "end"),
        ("end", Terminal.END),
    }


def test_a_map_that_does_not_hold_what_it_needs_is_refused_by_name():
    with pytest.raises(StopError, match="KeyError"):
        read_map({"activities": []})
    with pytest.raises(StopError, match="'b' is not among"):
        read_map(
            {
                "activities": [{"activity": "a", "cases": 1, "events": 1, "rework": 0}],
                "edges": [{"source": "a", "target": "b", "frequency": 1, "cases": 1}],
                "starts": {},
                "ends": {},
            }
        )
    with pytest.raises(StopError, match="count -1"):
        Activity(name="a", cases=-1, events=1, rework=0)
    with pytest.raises(StopError, match="frequency 0"):
        Edge(source="a", target="b", frequency=0, cases=0)
    with pytest.raises(StopError, match="leaves the end"):
        Edge(source=Terminal.END, target="b", frequency=1, cases=1)
