"""The log and the work items as Arrow tables."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from simulation.applications import Applications
from simulation.hours import Ints
from simulation.journal import Journal
from simulation.opinions import Opinions
from simulation.process import ASSESS, ENTRY_ATTRIBUTES, OUTCOME_OF

MICROSECONDS, MILLISECONDS = 1_000_000, 1_000


def events_table(applications: Applications, journal: Journal, opinions: Opinions) -> pa.Table:
    """One row an event, in global time order."""
    told = journal.told
    case = np.fromiter((one.case for one in told), np.int64, len(told))
    sequence = np.fromiter((one.sequence for one in told), np.int64, len(told))
    at = np.fromiter((one.at for one in told), np.int64, len(told))
    columns: dict[str, pa.Array] = {
        "event_id": pa.array(
            [f"{one.case + 1:06d}-{one.sequence:02d}" for one in told], pa.string()
        ),
        "case_id": _texts(applications.ids, case),
        "activity": pa.array([one.activity for one in told], pa.string()),
        "timestamp": pa.array(at * MICROSECONDS, pa.timestamp("us", tz="UTC")),
        "sequence": pa.array(sequence),
        "lifecycle": pa.array([one.lifecycle for one in told], pa.string()),
        "resource": pa.array([one.resource for one in told], pa.string()),
        "unit": pa.array([one.unit for one in told], pa.string()),
    }
    entry = sequence == 1
    for name in ENTRY_ATTRIBUTES:
        columns[name] = _texts(applications.attributes[name].tolist(), case, entry)
    activity = np.array([one.activity for one in told], object)
    complete = np.array([one.lifecycle == "complete" for one in told], np.bool_)
    assessed = _first(case, complete & (activity == ASSESS))
    for name, money in (
        ("fee_official", applications.fee_official),
        ("fee_charged", applications.fee_charged),
    ):
        columns[name] = _texts(money.astype(str).tolist(), case, assessed)
    deciding = complete & np.isin(activity, list(OUTCOME_OF))
    scores = opinions.texts()
    outcomes: list[str | None] = [None] * len(told)
    satisfied: list[str | None] = [None] * len(told)
    for row in np.flatnonzero(deciding).tolist():
        outcomes[row] = OUTCOME_OF[activity[row]]
        satisfied[row] = scores[case[row]]
    columns["outcome"] = pa.array(outcomes, pa.string())
    columns["satisfaction_score"] = pa.array(satisfied, pa.string())
    return pa.table(columns)


def items_table(applications: Applications, journal: Journal) -> pa.Table:
    """One row an execution that was started, in the order of their starts.

    Columns: case_id, activity, unit, resource, enabled, started, completed (UTC; planned where the
    log ends before), service and the five causes of waiting in working milliseconds.
    """
    done = journal.done
    case = np.fromiter((one.case for one in done), np.int64, len(done))
    columns: dict[str, pa.Array] = {"case_id": _texts(applications.ids, case)}
    for name in ("activity", "unit", "resource"):
        columns[name] = pa.array([getattr(one, name) for one in done], pa.string())
    for name in ("enabled", "started", "completed"):
        moments = np.array([getattr(one, name) for one in done], np.int64) * MICROSECONDS
        columns[name] = pa.array(moments, pa.timestamp("us", tz="UTC"))
    for name in (
        "service",
        "batching",
        "prioritisation",
        "contention",
        "unavailability",
        "extraneous",
    ):
        spent = np.array([getattr(one, name) for one in done], np.int64) * MILLISECONDS
        columns[f"{name}_ms"] = pa.array(spent)
    return pa.table(columns)


def _texts(values: Sequence[str], places: Ints, shown: object = None) -> pa.Array:
    """`values[places]`, null where `shown` is false; coded on the way, for speed."""
    mask = None if shown is None else ~np.asarray(shown, np.bool_)
    return pa.array(list(values), pa.string()).take(pa.array(places, mask=mask))


def _first(case: Ints, chosen: object) -> object:
    """The first of the chosen rows in each case."""
    rows = np.flatnonzero(np.asarray(chosen))
    _, first = np.unique(case[rows], return_index=True)
    flags = np.zeros(len(case), np.bool_)
    flags[rows[first]] = True
    return flags
