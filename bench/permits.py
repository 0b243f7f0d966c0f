"""Makes permit applications in any number, with ten groups who are all treated alike: seeded.

Straight from chance, without queues: a million cases take a minute. Office steps have a start and
an end, so that waiting and who is picked first can be asked; files come over eighteen months.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from eventlog import schema
from eventlog.definition import Definition
from eventlog.identity import hash_strings

GROUPS = 10
OFFICERS = 60
ATTRIBUTES = ("permit_type", "group", "district", "applicant", "charged", "official")
_BEGINNING = 1_704_067_200_000_000  # 2024-01-01 UTC
_MONTHS = 18
_DAY = 86_400_000_000
_STEPS = (
    "Submit application", "Check completeness", "Request documents", "Resubmit documents",
    "Check completeness", "Assess fee", "Review zoning", "Inspect site", "Sign decision",
    "Issue decision", "Refuse", "Withdraw",
)  # fmt: skip
_BY_OFFICE = np.array([name not in {_STEPS[0], _STEPS[3], _STEPS[11]} for name in _STEPS])
_REQUESTED, _GATE, _ISSUED, _REFUSED, _GAVE_UP = (2, 3, 4), 8, 9, 10, 11


def definition() -> Definition:
    """The process file of these permits: every question about treatment is asked."""
    said: Mapping[str, Any] = {
        "process": "bench",
        "timezone": "Asia/Jakarta",
        "case_attributes": list(ATTRIBUTES),
        "applicant_id": "applicant",
        "calendar": {"country": "ID"},
        "clock": {
            "starts": ["Submit application"],
            "stops": ["Issue decision", "Refuse", "Withdraw"],
            "suspended": [{"from": "Request documents", "until": "Resubmit documents"}],
        },
        "applicant_steps": ["Submit application", "Resubmit documents", "Withdraw"],
        "procedure": {"mandatory": ["Check completeness"], "once": ["Assess fee"]},
        "outcome": {
            "favourable_activities": ["Issue decision"],
            "unfavourable_activities": ["Refuse"],
            "withdrawn_activities": ["Withdraw"],
        },
        "equity": {
            "groups": ["group", "district"],
            "legitimate": ["permit_type"],
            "service_class": ["permit_type"],
        },
        "favouritism": {"favoured": ["group"]},
        "fees": {"charged": "charged", "official": "official"},
    }
    return Definition.model_validate(said)


def permits(cases: int, *, seed: int = 1, cases_per_block: int = 100_000) -> Iterator[pa.Table]:
    """So many applications in blocks of whole cases, rows of a block in order of time."""
    chance = np.random.default_rng(seed)
    for first in range(0, cases, cases_per_block):
        yield _block(chance, first, min(cases_per_block, cases - first), cases)


def _block(chance: np.random.Generator, first: int, cases: int, whole: int) -> pa.Table:
    taken = _route(chance, cases)
    hours = np.where(_BY_OFFICE, 0.5, 72.0) * chance.exponential(1.0, taken.shape)
    waits = np.where(_BY_OFFICE, 20.0, 0.0) * chance.exponential(1.0, taken.shape)
    both = (np.where(taken, waits + hours, 0.0) * 3.6e9).astype(np.int64)
    entered = _BEGINNING + chance.integers(0, _MONTHS * 30 * _DAY, cases)
    done = entered[:, None] + np.cumsum(both, axis=1) - both[:, :1]
    begun = done - (np.where(taken, hours, 0.0) * 3.6e9).astype(np.int64)
    case, step = np.nonzero(taken)
    started = np.flatnonzero(_BY_OFFICE[step])
    officer = chance.integers(0, OFFICERS, len(case))
    row = np.concatenate([started, np.arange(len(case))])
    at = np.concatenate([begun[case, step][started], done[case, step]])
    ends = np.arange(len(row)) >= len(started)
    order = np.lexsort((ends, at))
    row, at, ends = row[order], at[order], ends[order]
    case, step, officer = case[row], step[row], officer[row]
    return _table(first, case, step, officer, at, ends, _people(chance, cases, whole))


def _route(chance: np.random.Generator, cases: int) -> Any:
    """Which steps each case takes, [cases, steps]."""
    taken = np.ones((cases, len(_STEPS)), bool)
    luck = chance.random(cases)
    taken[:, _REQUESTED] = (chance.random(cases) < 0.25)[:, None]
    refused, gone = luck < 0.1, luck > 0.97
    taken[:, _REFUSED], taken[:, _GAVE_UP] = refused, gone
    taken[:, _ISSUED] = ~refused & ~gone
    taken[gone, _GATE - 2 : _GATE + 1] = False
    return taken


def _people(chance: np.random.Generator, cases: int, whole: int) -> Mapping[str, pa.Array]:
    official = chance.integers(5, 200, cases) * 100_000
    waived = np.where(chance.random(cases) < 0.05, 0.75, 1.0)
    named = {
        "permit_type": np.array(["house", "shop", "warehouse"]),
        "group": np.array([f"group {n}" for n in range(GROUPS)]),
        "district": np.array(["north", "south", "east", "west"]),
    }
    drawn = {name: values[chance.integers(0, len(values), cases)] for name, values in named.items()}
    drawn["applicant"] = np.char.mod("applicant-%d", chance.integers(0, 3 * whole // 4, cases))
    drawn["official"] = official.astype(str)
    drawn["charged"] = (official * waived).astype(np.int64).astype(str)
    return {name: pa.array(values.tolist(), pa.string()) for name, values in drawn.items()}


def _table(
    first: int, case: Any, step: Any, officer: Any, at: Any, ends: Any,
    people: Mapping[str, pa.Array],
) -> pa.Table:  # fmt: skip
    rows = len(case)
    ids = pa.array([f"PBG-{n:09d}" for n in range(first, first + int(case.max()) + 1)])
    # Attributes stand on the first event of a case.
    entry = pa.array(np.where(step == 0, case, -1), mask=step != 0)
    event = pa.array(np.char.mod("%012x", case * 64 + step * 2 + ends + first * 64))
    by_office = _BY_OFFICE[step]
    columns: dict[str, Any] = {
        "event_id": event,
        "case_id": ids.take(pa.array(case)),
        "activity": pa.array(_STEPS).take(pa.array(step)),
        "timestamp": pa.array(at, schema.TIMESTAMP),
        "sequence": pa.array(step * 2 + ends),
        "lifecycle": pa.array(["start", "complete"]).take(pa.array(ends.astype(np.int64))),
        "resource": pa.array([f"officer-{n:02d}" for n in range(OFFICERS)]).take(
            pa.array(officer, mask=~by_office)
        ),
        **{name: values.take(entry) for name, values in people.items()},
        "case_key": pa.array(hash_strings(ids)[case]),
        "event_key": pa.array(hash_strings(event)),
        "content_key": pa.array(hash_strings(event)),
    }
    fields = schema.events(ATTRIBUTES)
    return pa.table(
        {one.name: columns.get(one.name, pa.nulls(rows, one.type)) for one in fields},
        schema=fields,
    )
