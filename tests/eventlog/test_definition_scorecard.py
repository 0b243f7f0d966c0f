"""A scorecard names indicators that there are, and tells them of what can have them."""

import pytest
from pydantic import ValidationError

from eventlog.definition import Definition


def said(*lines, **parts):
    return Definition.bare(scorecard=list(lines), **parts)


def test_an_unknown_indicator_is_refused_with_the_known_ones_and_the_nearest():
    with pytest.raises(ValidationError, match=r"expected one of p50_working_days.*did you mean"):
        said({"indicator": "p80_working_day"})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"indicator": "on_time_share", "unit": "planning"}, "not of units"),
        ({"indicator": "on_time_share", "by": "unit"}, "not of units"),
        ({"indicator": "cross_training", "by": "kind"}, "of the office and its units"),
        ({"indicator": "open_now", "by": "kind", "unit": "x"}, "give one of them"),
        ({"indicator": "open_now", "by": "colour"}, "not among case_attributes"),
        ({"indicator": "open_now", "by": "owner"}, "stands for persons"),
    ],
)
def test_a_line_is_told_only_of_what_can_have_it(line, why):
    with pytest.raises(ValidationError, match=why):
        said(line, case_attributes=["kind"], applicant_id="owner")


def test_a_line_stands_once_and_needs_no_target():
    assert said({"indicator": "open_now"}).scorecard[0].target is None
    with pytest.raises(ValidationError, match="open_now of planning twice"):
        said(*[{"indicator": "open_now", "unit": "planning"}] * 2)


@pytest.mark.parametrize(
    "costs", [{}, {"currency": "IDR"}, {"officer_hour": -1}, {"officer_hour": 1, "currency": "rp"}]
)
def test_costs_say_something_and_nothing_below_zero(costs):
    with pytest.raises(ValidationError):
        Definition.bare(costs=costs)
