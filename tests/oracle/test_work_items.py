"""Work items of real and simulated logs are those that a plain, slow computation finds."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from connectors import files
from eventlog import schema
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.kernels import UNKNOWN
from eventlog.log import Log
from miners.work_items import items_table, work_items
from simulation.innocence import Concurrent
from simulation.office import Office
from simulation.running import simulate

MINUTE = 60_000_000
KEY = ("case_id", "activity", "enabled", "started", "completed")


def log_of(events):
    """The log of rows that stand in the order of their cases, and the id of each of its cases."""
    rows = finish(events, numbered_by_reader=True)
    of = Log.of(rows)
    names = dict(zip(rows["case_key"].to_pylist(), rows["case_id"].to_pylist(), strict=True))
    return of, pa.array([names[key] for key in of.case_key.tolist()], pa.string())


@pytest.fixture(scope="module")
def bpic2012(real_log):
    return files.read(real_log("bpic2012.xes.gz"), Definition.bare()).events


def plainly(events):
    """Items by case and activity: lists of (waiting, service) in microseconds, None if unknown.

    A scheduled item waits from there, any other since the last completion in the case. This log
    has no suspensions, no two events of a case and activity at one moment, and nothing scheduled
    twice before it is started.
    """
    found = defaultdict(list)
    columns = (events["case_id"], events["activity"], events["lifecycle"])
    words = [column.to_pylist() for column in columns]
    moments = events["timestamp"].cast(pa.int64()).to_pylist()
    cases = defaultdict(list)
    for case, activity, word, moment in zip(*words, moments, strict=True):
        cases[case].append((moment, activity, word))
    for case, steps in cases.items():
        before = None
        waiting, started = defaultdict(list), defaultdict(list)
        for moment, activity, word in sorted(steps, key=lambda step: step[0]):
            if word == "schedule":
                waiting[activity].append(moment)
            elif word == "start":
                enabled = waiting[activity].pop(0) if waiting[activity] else before
                started[activity].append((enabled, moment))
            else:
                enabled, start = None, None
                if started[activity]:
                    enabled, start = started[activity].pop(0)
                elif waiting[activity]:
                    waiting[activity].pop(0)
                found[case, activity].append(
                    (
                        None if enabled is None else start - enabled,
                        None if start is None else moment - start,
                    )
                )
                before = moment
    return found


def test_bpic2012_waits_and_works_as_long_as_a_plain_computation_says(bpic2012):
    of, names = log_of(bpic2012)
    items = work_items(of)
    done = items.completed != UNKNOWN
    found = defaultdict(list)
    labels = of.activity.vocabulary.labels
    order = np.lexsort((items.completed, items.case))
    case_ids = names.to_pylist()
    for item in order[done[order]].tolist():
        case, activity = case_ids[items.case[item]], labels[items.activity.codes[item]]
        waiting, service = int(items.waiting_ms[item]), int(items.service_ms[item])
        found[case, activity].append(
            (
                None if waiting == UNKNOWN else waiting * 1000,
                None if service == UNKNOWN else service * 1000,
            )
        )
    assert dict(found) == dict(plainly(bpic2012))
    assert int(items.served.sum()) == 71_373


def test_receipt_tells_no_starts_and_so_no_waiting(real_log):
    frame = pd.read_csv(real_log("receipt.csv"))
    moments = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    given = {
        "case_id": frame["case:concept:name"].astype(str),
        "activity": frame["concept:name"],
        "timestamp": moments.dt.as_unit("us"),
        "sequence": frame.groupby("case:concept:name").cumcount(),
        "lifecycle": ["complete"] * len(frame),
    }
    columns = schema.incoming([])
    events = pa.table(
        [
            pa.array(given[f.name], f.type) if f.name in given else pa.nulls(len(frame), f.type)
            for f in columns
        ],
        schema=columns,
    )
    of, names = log_of(events)
    table = items_table(work_items(of), case_ids=names, calendars=None)
    assert table.num_rows == len(frame)
    for name in ("started", "waiting_seconds", "service_seconds"):
        assert table[name].null_count == len(frame)
    assert table["enabled"].null_count == frame["case:concept:name"].nunique()
    sojourn = (
        table["completed"].cast(pa.int64()).to_numpy()
        - table["enabled"].cast(pa.int64()).to_pandas()
    )
    ordered = moments.groupby(frame["case:concept:name"]).apply(lambda at: at.sort_values().diff())
    assert sojourn.sum() == pytest.approx(ordered.dt.total_seconds().sum() * 1e6, abs=1)


def simulated(lifecycle, plants=()):
    """A simulated office: its own items and ours, both completed within the log, as rows."""
    told = simulate(Office(cases=600, seed=11, lifecycle=lifecycle), plants)
    columns = schema.incoming([])
    names = told.events.column_names
    rows = pa.table(
        [
            told.events[f.name].cast(f.type)
            if f.name in names
            else pa.nulls(told.events.num_rows, f.type)
            for f in columns
        ],
        schema=columns,
    )
    of, names = log_of(rows)
    ours = items_table(work_items(of), case_ids=names, calendars=None)
    return told, ours


def by_item(rows, *, columns):
    return sorted(tuple(row[name] for name in columns) for row in rows)


@pytest.mark.parametrize("plants", [(), (Concurrent(),)], ids=["in line", "side by side"])
def test_a_simulated_office_that_tells_all_has_its_items_exactly(plants):
    told, ours = simulated(("schedule", "start", "complete"), plants)
    end = max(told.events["timestamp"].to_pylist())
    columns = (*KEY, "unit", "resource")
    theirs = [
        {**row, "completed": row["completed"] if row["completed"] <= end else None}
        for row in told.items.to_pylist()
    ]
    # Applicants' steps are one event each and no item of an officer.
    mine = [row for row in ours.to_pylist() if row["started"] is not None]
    assert by_item(
        [{**row, "completed": row["completed"] or end} for row in mine], columns=columns
    ) == by_item([{**row, "completed": row["completed"] or end} for row in theirs], columns=columns)


def test_without_schedules_the_rule_finds_when_work_in_line_was_enabled():
    told, ours = simulated(("start", "complete"))
    mine = {
        (row["case_id"], row["activity"], row["started"]): row["enabled"]
        for row in ours.to_pylist()
        if row["started"] is not None
    }
    theirs = {
        (row["case_id"], row["activity"], row["started"]): row["enabled"]
        for row in told.items.to_pylist()
    }
    assert mine.keys() == theirs.keys()
    agreed = sum(mine[key] == enabled for key, enabled in theirs.items())
    assert agreed == len(theirs)
