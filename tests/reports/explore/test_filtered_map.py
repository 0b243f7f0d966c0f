"""The map of chosen applications is the map that mining them alone would have given."""

import json
from datetime import date

import pytest

from reports.explore.filters import Filter, chosen
from reports.explore.graph import filtered
from reports.explore.traces import read_traces
from reports.maps.graph import read_map

CHOICES = [
    Filter(through=("ask",)),
    Filter(without=("ask",), starts=("apply",)),
    Filter(ends=("issue",), edges=(("check", "check"),)),
    Filter(edges=(("check", "sign"),), attributes={"district": ("south", "west")}),
    Filter(still_open=True),
    Filter(variant=2),
    Filter(entered_from=date(2026, 1, 5), entered_until=date(2026, 1, 5)),
    Filter(through=("court",), without=("court",)),
]


@pytest.fixture(scope="module")
def log(permits):
    return permits(240, seed=9)


@pytest.fixture(scope="module")
def whole(log, traces_of):
    lines, by = log
    return traces_of(*lines, by=by, clock={"closes": ["issue"]})


@pytest.mark.parametrize("wanted", CHOICES, ids=lambda wanted: wanted.query())
def test_a_filter_gives_the_map_of_these_cases_alone(log, whole, mined, wanted):
    lines, _ = log
    cases = chosen(whole, wanted)
    kept = set(whole.case_ids.filter(cases).to_pylist())
    folder = mined(*(line for line in lines if line.partition(":")[0] in kept))
    told = read_map(json.loads((folder / "map.json").read_text()))
    drawn = filtered(whole, cases)
    assert drawn.activities == told.activities
    assert [(e.key, e.frequency, e.cases) for e in drawn.edges] == [
        (e.key, e.frequency, e.cases) for e in told.edges
    ]
    for one, other in zip(drawn.edges, told.edges, strict=True):
        assert (one.seconds is None) == (other.seconds is None)
        if one.seconds and other.seconds:
            assert one.seconds.mean == pytest.approx(other.seconds.mean)
            assert one.seconds.p90 == pytest.approx(other.seconds.p90, rel=0.03)
    again = read_traces(folder)
    # Their own quantiles are exact, so they are equal to the last digit.
    assert filtered(again, again.everything) == drawn
