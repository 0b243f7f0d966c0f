"""What people ask of the pages: filters of the map, and the pages of a reader's session; seeded."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

import numpy as np

from reports.sections import SECTIONS
from simulation.process import (
    ASSESS,
    CHECK,
    FIRE,
    GROUPS,
    INSPECT,
    ISSUE,
    REFUSE,
    REQUEST,
    RESUBMIT,
    SIGN,
    ZONING,
)

Pairs = list[tuple[str, str]]

_STEPS = (CHECK, REQUEST, RESUBMIT, ASSESS, ZONING, INSPECT, FIRE, SIGN, ISSUE, REFUSE)
# What viewers may choose by, as the process file has it.
_PRESET = ("permit_type", "applicant_type", "district", "office", "docs_complete")
_VALUES = [(name, value) for name in _PRESET for value in GROUPS[name]]
_FIRST, _DAYS = date(2024, 10, 7), 600
_A_MONTH = 30
BEFORE_ALL = "/map?through=Submit+application&a.office=harbour"
"""A filter to wait with until all is read; nobody asks for it later."""
_STATIC = ("/static/page.css", "/static/map.js")


def filters() -> dict[str, list[str]]:
    """Addresses of the map by the kind of their filter, each of which is there once."""
    months = [_period(day, day + timedelta(days=90)) for day in map(_day, range(0, 200, 20))]
    some = _VALUES[:10]
    return {
        "through a step": [_map([("through", step)]) for step in _STEPS],
        "without a step": [_map([("without", step)]) for step in _STEPS if step != CHECK],
        "a value of an attribute": [_map([_value(one)]) for one in _VALUES],
        "two together": [
            _map([("through", step), _value(one)]) for step, one in zip(_STEPS, some, strict=True)
        ],
        "a period": [_map(period) for period in months],
        "two beside each other": [
            *(_map([_value(one), ("vs", "all")]) for one in some[:5]),
            *(
                _map([*one, *((f"vs.{key}", day) for key, day in other)])
                for one, other in zip(months[:5], months[5:], strict=True)
            ),
        ],
    }


def periods(many: int) -> list[str]:
    """So many other addresses of the map, each with a period of its own."""
    return [_map(_period(_day(n), _day(n + 200))) for n in range(1, many + 1)]


def session(chance: np.random.Generator, findings: Sequence[str]) -> list[tuple[str, str]]:
    """One visit of a viewer: what each page is, and its address.

    The first page is the start, with what every page needs; the others come in any order.
    """
    chosen = [_VALUES[n] for n in chance.choice(len(_VALUES), 2, replace=False)]
    told = [findings[n] for n in chance.choice(len(findings), 2, replace=False)]
    sections = [one for one in SECTIONS[1:] if one.name != "map"]
    step = _STEPS[int(chance.integers(len(_STEPS)))]
    others = [
        ("the map", "/map"),
        *(("the map, filtered", _map([_value(one)])) for one in chosen),
        *(("a finding", one) for one in told),
        ("a section", sections[int(chance.integers(len(sections)))].address),
        ("details of a step", "/map/details?" + urlencode([("place", step)])),
    ]
    order = chance.permutation(len(others)).tolist()
    first = [("the start", "/"), *(("style and script", path) for path in _STATIC)]
    return [*first, *(others[n] for n in order)]


def unasked(chance: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Filters of an analyst without end, as good as none of them twice."""
    while True:
        first = int(chance.integers(_DAYS - _A_MONTH))
        pairs = _period(_day(first), _day(first + int(chance.integers(_A_MONTH, _DAYS))))
        kind = int(chance.integers(4))
        if kind == 1:
            pairs.append(("through", _STEPS[int(chance.integers(len(_STEPS)))]))
        elif kind == 2:
            pairs.append(_value(_VALUES[int(chance.integers(len(_VALUES)))]))
        elif kind == 3:
            pairs.append(("vs", "all"))
        yield ("beside all" if kind == 3 else "a new filter"), _map(pairs)


def _day(number: int) -> date:
    return _FIRST + timedelta(days=number)


def _map(pairs: Sequence[tuple[str, str]]) -> str:
    return "/map?" + urlencode(pairs)


def _value(one: tuple[str, str]) -> tuple[str, str]:
    name, value = one
    return f"a.{name}", value


def _period(first: date, last: date) -> Pairs:
    return [("from", first.isoformat()), ("until", last.isoformat())]
