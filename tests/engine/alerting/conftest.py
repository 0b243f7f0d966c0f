"""An office whose cases are written as letters, as alert rules see it."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from engine.alerting.readings import read_alerts
from engine.batch import ids_of
from engine.case_look import look_at
from engine.looks import Looks, Whole
from engine.opening import OpeningHours
from engine.watching.of_whole import of_whole
from eventlog.definition import Definition
from eventlog.letters import table
from eventlog.log import Log

CLOCK = {"starts": ["a"], "stops": ["d"]}


def _office(*rules: dict[str, Any], **parts: Any) -> Definition:
    alerts = [{"name": f"rule {place}", **rule} for place, rule in enumerate(rules)]
    given = {"clock": CLOCK, "privacy": {"smallest_cell": 1}, "alerts": alerts, **parts}
    return Definition.bare(**given)


def _whole(definition, *cases, now, attributes=None, units=None, successors=()) -> Whole:
    rows = table(*cases, case_attributes=attributes)
    named = [(units or {}).get(activity) for activity in rows.column("activity").to_pylist()]
    place = rows.schema.get_field_index("unit")
    rows = rows.set_column(place, rows.schema.field(place), pa.array(named, pa.string()))
    log = Log.of(rows, attributes=tuple(attributes or ()))
    opening, moment = OpeningHours(definition), round(now.timestamp()) * 1_000_000
    looks = Looks(definition, opening, now=moment, coarse=None)
    looked = look_at(log, log, definition, opening, now=moment)
    looks.add(log, log, looked, ids_of(log.case_key, rows.to_batches()))
    return looks.whole(successors)


@pytest.fixture
def office() -> Callable[..., Definition]:
    """A process file with these rules, called "rule 0" and so on, and other parts."""
    return _office


@pytest.fixture
def whole() -> Callable[..., Any]:
    """What mining hands over for cases written as letters; `units` is activity -> unit."""
    return _whole


@pytest.fixture
def watched() -> Callable[..., Any]:
    """The same as alert rules are read from it."""
    return lambda definition, *cases, **given: of_whole(
        _whole(definition, *cases, **given), definition
    )


@pytest.fixture
def read(watched: Callable[..., Any]) -> Callable[..., Any]:
    """The readings of the first rule, which can be read."""

    def first(definition, *cases, **given):
        found = read_alerts(watched(definition, *cases, **given), definition)
        assert not found.off
        return found.found["rule 0"]

    return first
