"""How a plant is written on the command line, and what is refused."""

import dataclasses
from datetime import date

import pytest

from eventlog.errors import UsageError
from simulation.innocence import Strike
from simulation.misconduct import PingPong, Understaffed
from simulation.office import Office
from simulation.plants import PLANTS, described, parse_plant


def test_a_plant_is_read_with_its_fields():
    assert parse_plant("understaffed:activity=Sign decision,factor=0.6") == Understaffed(
        activity="Sign decision", factor=0.6
    )
    assert parse_plant("ping-pong: activities=Assess fee > Review zoning, days=2") == PingPong(
        activities=("Assess fee", "Review zoning"), days=2.0
    )
    assert parse_plant("strike:unit=planning,begins=2025-02-03,days=4") == Strike(
        unit="planning", begins=date(2025, 2, 3), days=4
    )


@pytest.mark.parametrize("kind", PLANTS)
def test_every_plant_has_usable_defaults_and_a_kind(kind):
    plant = parse_plant(kind)
    assert described(plant)["kind"] == kind
    assert set(described(plant)["parameters"]) == {one.name for one in dataclasses.fields(plant)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("understafed", "known are understaffed, extra-documents"),
        ("understaffed:factr=1", "expected field=value with activity, factor"),
        ("understaffed:factor", "expected field=value"),
        ("understaffed:factor=low", "factor is 'low'; expected a number"),
        ("understaffed:factor=0", "factor is 0.0; expected a number above 0"),
        ("understaffed:factor=1,factor=2", "factor is given twice"),
        ("understaffed:activity=Pay fee", "expected one of Check completeness"),
        ("extra-documents:points=1.5", "expected a share from 0 to 1"),
        ("extra-documents:attribute=colour", "expected one of permit_type"),
        ("extra-documents:group=green", "expected one of none, ruling, other"),
        ("ping-pong:activities=Assess fee", "expected 2 different ones"),
        ("strike:begins=tomorrow", "expected a date such as 2025-06-02"),
        ("bad-officers:officers=0", "expected a whole number from 1"),
        ("bad-officers:officers=1.5", "expected a whole number"),
    ],
)
def test_a_wrong_plant_is_refused_with_what_is_allowed(text, words):
    with pytest.raises(UsageError, match="(?s)" + words):
        parse_plant(text)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cases": 0}, "cases is 0"),
        ({"staffing": {"canteen": 2}}, "known are counter"),
        ({"staffing": {"counter": 0}}, "staffing of counter is 0"),
        ({"service": {"Pay fee": 2}}, "service names 'Pay fee'"),
        ({"season": (1.0,)}, "expected 12"),
        ({"lifecycle": ("start",)}, "expected complete"),
        ({"routes": {}}, "routes are for"),
    ],
)
def test_an_office_that_cannot_be_is_refused(fields, words):
    with pytest.raises(UsageError, match=words):
        Office(**fields)
