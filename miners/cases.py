"""One row a permit: when it came, how long it took, how it ended, which route it went."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from eventlog import schema
from eventlog.definition import Definition
from eventlog.definition_parts import Outcome
from eventlog.event import COMPLETE
from eventlog.kernels import UNKNOWN, Int64s
from eventlog.log import Log

FAVOURABLE, UNFAVOURABLE, WITHDRAWN = "favourable", "unfavourable", "withdrawn"


def case_table(
    log: Log, definition: Definition, *, case_ids: pa.Array, looked: Mapping[str, Any]
) -> pa.Table:
    """The case table of interface.md (`cases.parquet`), in the order of case keys.

    `log` has the activities as they came, before any abstraction; `case_ids` is the id of each of
    its cases, shape [cases]; `looked` are the columns of working times, clocks and work. What is
    not known is null, for instance `open` without closing activities. `variant` is for whoever
    knows all cases to fill in.
    """
    milliseconds = (log.ends - log.starts) // 1000
    columns: dict[str, Any] = {
        "case_id": case_ids,
        "start": pa.array(log.starts, schema.TIMESTAMP),
        "end": pa.array(log.ends, schema.TIMESTAMP),
        "open": open_cases(log, definition),
        "events": pa.array(np.diff(log.offsets), pa.int64()),
        "variant": pa.nulls(log.cases, pa.int64()),
        "throughput_seconds": pa.array(milliseconds / 1000, pa.float64()),
        **looked,
        "outcome": outcomes(log, definition.outcome),
    }
    for name in definition.case_attributes:
        if name not in columns:  # the attribute that says how the case ended is told as outcome
            columns[name] = current(log, name)
    return pa.table(columns)


def current(log: Log, attribute: str) -> pa.Array:
    """The current value of an attribute per case, as text; shape [cases]."""
    codes = log.current_values(attribute)
    labels = pa.array(log.attributes[attribute].vocabulary.labels, pa.string())
    return labels.take(pa.array(codes, pa.int32(), mask=codes < 0))


def open_cases(log: Log, definition: Definition) -> pa.Array:
    """Whether no closing activity has completed yet; null when the process does not say."""
    closing = definition.closing
    if not closing:
        return pa.nulls(log.cases, pa.bool_())
    return pa.array(~_has(log, closing))


def closed_at(log: Log, definition: Definition) -> Int64s:
    """When a closing activity first completed, µs UTC; `UNKNOWN` for open cases; shape [cases]."""
    wanted = [label in definition.closing for label in log.activity.vocabulary.labels]
    moments = np.full(log.cases, UNKNOWN, np.int64)
    closes = np.flatnonzero(
        np.array(wanted, bool)[log.activity.codes] & (log.lifecycle == COMPLETE)
    )
    if len(closes):
        case = np.searchsorted(log.offsets, closes, side="right") - 1
        first, at = np.unique(case, return_index=True)
        moments[first] = log.timestamp[closes[at]]
    return moments


def outcomes(log: Log, outcome: Outcome | None) -> pa.Array:
    """How each case ended: favourable, unfavourable, withdrawn, or null; shape [cases].

    By activities, withdrawal outweighs a refusal and a refusal outweighs an approval, because
    what came last undid the rest; by attribute, the current value decides.
    """
    if outcome is None:
        return pa.nulls(log.cases, pa.string())
    said = np.full(log.cases, None, object)
    if outcome.attribute is not None:
        words = {
            **{value.lower(): FAVOURABLE for value in outcome.favourable},
            **{value.lower(): UNFAVOURABLE for value in outcome.unfavourable},
            **{value.lower(): WITHDRAWN for value in outcome.withdrawn},
        }
        values = current(log, outcome.attribute).to_pylist()
        found = [words.get(value.lower()) if value is not None else None for value in values]
        return pa.array(found, pa.string())
    for activities, word in (
        (outcome.favourable_activities, FAVOURABLE),
        (outcome.unfavourable_activities, UNFAVOURABLE),
        (outcome.withdrawn_activities, WITHDRAWN),
    ):
        said[_has(log, activities)] = word
    return pa.array(said, pa.string())


def _has(log: Log, activities: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cases completed any of these activities; shape [cases]."""
    wanted = np.array([label in activities for label in log.activity.vocabulary.labels], bool)
    if not len(log):
        return np.zeros(log.cases, bool)
    hit: Int64s = (wanted[log.activity.codes] & (log.lifecycle == COMPLETE)).astype(np.int64)
    return np.add.reduceat(hit, log.offsets[:-1]) > 0
