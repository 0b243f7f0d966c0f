"""A watch judges after every commit and by the clock, and a restart changes nothing."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from engine.watching.now import EventClock
from engine.watching.watch import Watch
from eventlog import identity, schema
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.lake import Lake

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = b"k" * 32


def minutes(count):
    return timedelta(minutes=count)


class Office:
    """A lake that events are sent to, its rules, and a clock that a test may turn."""

    def __init__(self, folder, *rules):
        self.definition = Definition.bare(
            clock={"starts": ["Submit"], "stops": ["Issue"], "closes": ["Issue"]},
            standard={"term": "3h"},
            alerts=list(rules),
        )
        self.lake = Lake.create(folder, process="unnamed", case_attributes=[])
        self.now = MONDAY
        self.start()

    def start(self):
        """Begin a watch, as after a restart."""
        self.watch = Watch(self.lake, self.definition, key=KEY, now=lambda _: self._moment())

    def _moment(self):
        return int(self.now.timestamp()) * 1_000_000

    def send(self, *events):
        """(case, activity, lifecycle) of events that happen now."""
        writer = self.lake.writer("office/permit.events/0")
        start = writer.position or 0
        rows = [
            {
                "source": "office",
                "event_id": f"e{start + place}",
                "case_id": case,
                "activity": activity,
                "lifecycle": lifecycle,
                "timestamp": self._moment() + place,
            }
            for place, (case, activity, lifecycle) in enumerate(events)
        ]
        table = identity.finish(pa.Table.from_pylist(rows, schema.incoming([])), from_stream=True)
        rejects = schema.REJECTS.empty_table()
        writer.append(table, rejects, start=start, next=start + len(rows))

    def after(self, time):
        """What changes when so much time has passed: (rule, state, value)."""
        self.now += time
        found = self.watch.evaluate(lag=0)
        return [(alert.alert_id, alert.state, alert.value) for alert in found.changed]


def scheduled(*cases):
    return [(case, "Review", "schedule") for case in cases]


QUEUE = {"name": "queue", "measure": "queue_length", "activity": "Review", "above": 1}


def test_an_alert_fires_with_the_commit_that_passed_its_threshold_and_ends_after_the_calm(tmp_path):
    office = Office(tmp_path / "lake", {**QUEUE, "keep_firing_for": "10 minutes"})
    assert office.after(minutes(0)) == []
    office.send(*scheduled("P", "Q"))
    assert office.after(minutes(1)) == [("queue", "firing", 2)]
    office.send(("P", "Review", "complete"))
    assert office.after(minutes(1)) == []
    assert office.after(minutes(9)) == []
    assert office.after(minutes(1)) == [("queue", "resolved", 1)]


def test_who_stands_about_for_a_moment_only_is_no_alert(tmp_path):
    office = Office(tmp_path / "lake", {**QUEUE, "for": "1h"})
    office.send(*scheduled("P", "Q"))
    assert office.after(minutes(1)) == [("queue", "pending", 2)]
    office.send(("P", "Review", "complete"))
    assert office.after(minutes(30)) == [("queue", "resolved", 1)]


@pytest.mark.parametrize("restarted", [False, True])
def test_pending_goes_on_over_a_restart_and_fires_by_the_clock_alone(tmp_path, restarted):
    office = Office(tmp_path / "lake", {**QUEUE, "for": "1h"})
    office.send(*scheduled("P", "Q"))
    assert office.after(minutes(1)) == [("queue", "pending", 2)]
    if restarted:
        office.start()
    assert office.after(minutes(58)) == []
    assert office.after(minutes(2)) == [("queue", "firing", 2)]
    assert office.after(minutes(60)) == []


def test_a_restart_tells_nothing_again(tmp_path):
    office = Office(tmp_path / "lake", QUEUE)
    office.send(*scheduled("P", "Q"))
    assert office.after(minutes(1)) == [("queue", "firing", 2)]
    office.start()
    assert office.after(minutes(1)) == []


def test_a_term_ends_though_no_event_comes(tmp_path):
    late = {"name": "late", "measure": "overdue_cases", "above": 0}
    soon = {"name": "soon", "measure": "soon_overdue_cases", "above": 0, "window": "1h"}
    office = Office(tmp_path / "lake", late, {**soon, "keep_firing_for": "1 second"})
    office.send(("P", "Submit", "complete"))
    assert office.after(minutes(119)) == []
    assert office.after(minutes(1)) == [("soon", "firing", 1)]
    assert office.after(minutes(60)) == []
    assert office.after(minutes(1)) == [("late", "firing", 1)]
    assert office.after(minutes(1)) == [("soon", "resolved", 0)]


def test_silence_is_heard(tmp_path):
    office = Office(tmp_path / "lake", {"name": "still", "measure": "silence", "above": 2})
    assert office.after(minutes(300)) == []  # nothing ever came: nobody knows whether it should
    office.send(("P", "Submit", "complete"))
    assert office.after(minutes(120)) == []
    assert office.after(minutes(1)) == [("still", "firing", pytest.approx(121 / 60))]


def test_the_clock_of_events_goes_on_by_itself_and_never_back():
    real = [100.0]
    clock = EventClock(lambda: real[0])
    assert clock(UNKNOWN) == UNKNOWN
    assert clock(5_000_000) == 5_000_000
    real[0] += 2
    assert clock(5_000_000) == 7_000_000
    assert clock(6_000_000) == 7_000_000
    assert clock(9_000_000) == 9_000_000
    real[0] += 1
    assert clock(9_000_000) == 10_000_000
