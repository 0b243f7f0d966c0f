"""After a day of stream, late and told twice, over restarts and tidying, a watch knows the truth.

The truth is what a mining run reads of the same lake at the same moment.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from engine.alerting.readings import read_alerts
from engine.batch import read_log
from engine.watching.following import follow
from engine.watching.watched import Feed
from eventlog import definition_file, identity, schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from simulation.office import Office
from simulation.running import simulate

PROCESSES = Path(__file__).parents[2] / "config" / "processes"
HOUR = 3_600_000_000
STREAM = "office/permit.events/0"
RULES = [
    {"measure": "queue_length"},
    {"measure": "queue_length", "activity": "Review zoning", "by": "district"},
    {"measure": "queue_length", "by": "unit"},
    {"measure": "oldest_item"},
    {"measure": "oldest_item", "activity": "Inspect site"},
    {"measure": "waiting_p90", "window": "7 days"},
    {"measure": "waiting_p90", "activity": "Review zoning", "by": "permit_type"},
    {"measure": "waiting_p90", "by": "unit"},
    {"measure": "arrivals_less_completions", "window": "1 day"},
    {"measure": "arrivals_less_completions", "activity": "Check completeness", "by": "office"},
    {"measure": "overdue_cases"},
    {"measure": "overdue_cases", "by": "district"},
    {"measure": "soon_overdue_cases", "by": "permit_type"},
    {"measure": "share_over_term", "by": "applicant_type", "window": "30 days"},
    {"measure": "rework_share", "window": "14 days"},
    {"measure": "rework_share", "by": "unit"},
    {"measure": "disparity_drift", "by": "district"},
    {"measure": "silence"},
    {"measure": "silence", "activity": "Sign decision", "by": "district"},
    {"measure": "silence", "by": "office"},
    {"measure": "rejects"},
    {"measure": "lag"},
]


@dataclass(frozen=True, kw_only=True)
class Story:
    """How large the office is, for how long it is streamed, in how many commits, and what is seen.

    So often everything is compared; as often the watch is begun anew.
    """

    cases: int
    per_day: float
    days: int
    commits: int
    looks: int
    seed: int


def office():
    """The definition of the demo, with a rule for everything that can be asked."""
    shipped = definition_file.load(PROCESSES / "building-permit.yaml")
    said = shipped.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    rules = [{"name": f"rule {place}", "above": 3, **rule} for place, rule in enumerate(RULES)]
    return Definition.model_validate({**said, "alerts": rules})


def told(story, definition):
    """All events of the office, as the lake takes them, in the order in which they happen."""
    made = Office(
        cases=story.cases,
        per_day=story.per_day,
        seed=story.seed,
        start=date(2025, 9, 1),
        lifecycle=("schedule", "start", "complete"),
    )
    events = simulate(made).events
    columns = []
    for field in schema.incoming(definition.case_attributes):
        if field.name == "source":
            columns.append(pa.array(["office"] * events.num_rows, field.type))
        elif field.name in events.column_names:
            columns.append(events[field.name].cast(field.type))
        else:
            columns.append(pa.nulls(events.num_rows, field.type))
    return pa.table(columns, schema=schema.incoming(definition.case_attributes))


def arriving(events, story, rng):
    """What is there before the last days; then, in the order it is sent, the stream of these.

    One event in twenty comes hours late, one in five twice.
    """
    moments = events["timestamp"].cast(pa.int64()).to_numpy()
    # The last applications come then; after that the office would only empty itself.
    submitted = pc.equal(events["activity"], "Submit application").to_numpy(zero_copy_only=False)
    end = int(moments[submitted].max())
    begin = end - story.days * 24 * HOUR
    rows = np.flatnonzero((moments > begin) & (moments <= end))
    late = np.where(rng.random(len(rows)) < 0.05, rng.integers(1, 12, len(rows)) * HOUR, 0)
    again = rng.random(len(rows)) < 0.2
    more = rng.integers(0, 6 * HOUR, int(again.sum()))
    comes = np.concatenate([moments[rows] + late, moments[rows][again] + more])
    rows = np.concatenate([rows, rows[again]])
    order = np.argsort(comes, kind="stable")
    return events.take(np.flatnonzero(moments <= begin)), events.take(rows[order]), comes[order]


class Told:
    """A lake, and what is sent to it."""

    def __init__(self, folder, definition):
        attributes = definition.case_attributes
        self.lake = Lake.create(folder, process=definition.process, case_attributes=attributes)

    def send(self, rows):
        writer = self.lake.writer(STREAM)
        start = writer.position or 0
        events = identity.finish(rows, from_stream=True)
        end = start + events.num_rows
        writer.append(events, schema.REJECTS.empty_table(), start=start, next=end)

    def repeats(self):
        log = read_log(self.lake, None, version=self.lake.version, attributes=())
        return int(log.repeats.sum())


def holds(story, folder, batches):
    """Stream, restart, tidy and compare; how many readings of each measure there were."""
    definition, rng = office(), np.random.default_rng(story.seed)
    before, stream, comes = arriving(told(story, definition), story, rng)
    town = Told(folder, definition)
    town.send(before)
    now = int(comes[0]) - 1
    following, seen = follow(town.lake, definition, now=now), dict[str, int]()
    begun, counted = town.repeats(), 0
    edges = np.linspace(0, stream.num_rows, story.commits + 1).astype(int)
    every = story.commits // story.looks
    for place, (first, last) in enumerate(pairwise(edges), 1):
        town.send(stream.slice(first, last - first))
        now = int(comes[last - 1]) + int(rng.integers(0, HOUR // 60))
        if place % every == every // 2:
            following = follow(town.lake, definition, now=now)
            begun, counted = town.repeats(), 0
        counted += following.catch_up().repeats
        feed = Feed(lag=len(comes) - int(last), rejects=np.array([now - HOUR]))
        found = following.watched(now, feed)
        if place % every:
            continue
        expected = replace(batches.batch(town.lake, definition)(now), feed=feed)
        assert batches.canonical(found, definition, now) == batches.canonical(
            expected, definition, now
        )
        read, truth = read_alerts(found, definition), read_alerts(expected, definition)
        assert read.off == truth.off
        assert read.found == truth.found
        assert begun + counted == town.repeats()
        for rule in definition.alerts:
            seen[rule.measure] = seen.get(rule.measure, 0) + len(truth.found.get(rule.name, ()))
        if place % (2 * every):
            town.lake.compact()
        else:
            town.lake.tidy(retention=timedelta(days=90))
    return seen


def test_a_watch_of_a_day_of_stream_reads_what_a_mining_run_reads(tmp_path, batches):
    story = Story(cases=350, per_day=14, days=1, commits=18, looks=6, seed=7)
    seen = holds(story, tmp_path / "lake", batches)
    # A gap of groups is told of more cases than are here; those of a week have one.
    assert [measure for measure, readings in seen.items() if not readings] == ["disparity_drift"]


@pytest.mark.long
def test_a_watch_of_a_week_of_stream_reads_what_a_mining_run_reads(tmp_path, batches):
    story = Story(cases=6000, per_day=100, days=7, commits=600, looks=24, seed=8)
    seen = holds(story, tmp_path / "lake", batches)
    assert all(seen.values()), seen
