"""Event logs written as letters, for tests and examples: log("P: a b c", "Q: a c")."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from eventlog import schema
from eventlog.identity import finish
from eventlog.log import Log

_HOUR = 3_600_000_000
# Monday, 5 January 2026, 08:00 UTC.
_BEGINNING = 1_767_600_000_000_000


def table(
    *cases: str,
    step: int = _HOUR,
    case_attributes: Mapping[str, Mapping[str, str]] | None = None,
) -> pa.Table:
    """Rows of the lake for cases written as letters; one event every `step` microseconds.

    A case is "name: activity activity …"; an activity is `a`, `a/start` (a lifecycle), `a@ann`
    (a resource) or both, `a/start@ann`; `a+30` comes 30 minutes after the event before it.
    `case_attributes` gives attribute → case → value.
    """
    given = case_attributes or {}
    columns: dict[str, list[object]] = {
        field.name: [] for field in schema.incoming(given) if field.name not in given
    }
    values: dict[str, list[str | None]] = {name: [] for name in given}
    for case in cases:
        name, _, steps = case.partition(":")
        moment = _BEGINNING
        for place, word in enumerate(steps.split()):
            rest, _, resource = word.partition("@")
            rest, _, minutes = rest.partition("+")
            activity, _, lifecycle = rest.partition("/")
            if place:
                moment += int(minutes) * 60_000_000 if minutes else step
            row = {
                "event_id": f"{name}-{place}",
                "case_id": name,
                "activity": activity,
                "timestamp": moment,
                "sequence": place,
                "lifecycle": lifecycle or "complete",
                "resource": resource or None,
                "source": "letters",
            }
            for column, cells in columns.items():
                cells.append(row.get(column))
            for attribute, by_case in given.items():
                values[attribute].append(by_case.get(name))
    fields = schema.incoming(given)
    arrays = {**columns, **values}
    return finish(
        pa.table({f.name: pa.array(arrays[f.name], f.type) for f in fields}, schema=fields)
    )


def log(
    *cases: str,
    step: int = _HOUR,
    case_attributes: Mapping[str, Mapping[str, str]] | None = None,
) -> Log:
    """An event log written as letters; see `table`.

    >>> log("P: a b c", "Q: a c").cases
    2
    """
    rows = table(*cases, step=step, case_attributes=case_attributes)
    return Log.of(rows, attributes=tuple(case_attributes or ()))


def empty(attributes: tuple[str, ...] = ()) -> Log:
    """The log without a case."""
    rows = schema.events(attributes).empty_table()
    return Log.of(rows, attributes=attributes)


def shuffled(rows: pa.Table, seed: int) -> pa.Table:
    """The same rows in another order."""
    return rows.take(np.random.default_rng(seed).permutation(rows.num_rows))
