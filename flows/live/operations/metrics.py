"""How the watch does, in figures that Prometheus collects; none is about a case or a person.

Labels are words of the process file and of Runut itself: rules, severities, channels. Which group
of a sensitive attribute an alert is about stands in the alert, never here: a rule that looks at
each group is told by how many of them fire.
"""

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from engine.ingest import IngestReport
from engine.watching.watch import Evaluated
from eventlog.definition_alert import Alert
from flows.live.operations.present import Present
from flows.live.telling import Telling

# From a small commit to a lake that is read anew.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


class Metrics:
    """The figures of one watch; each method is called by whoever saw it happen, in any thread.

    `told` is asked at every look how the channels do; `seconds` is the time of day since 1970.
    """

    def __init__(
        self,
        *,
        process: str,
        rules: Sequence[Alert],
        version: str,
        told: Callable[[], Iterable[Telling]],
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self.registry = CollectorRegistry()
        self._process = process
        self._seconds = seconds
        self._report = IngestReport()
        self._now = Present(process, rules, told, seconds)
        self.registry.register(self._now)
        ProcessCollector(namespace="runut", registry=self.registry)
        build = Gauge(
            "runut_build_info", "Which Runut this is", ["process", "version"], registry=None
        )
        build.labels(process, version).set(1)
        self.registry.register(build)
        self._events = self._counter("events", "Events committed to the lake").labels(process)
        self._rejects = self._counter("rejects", "Messages set aside, by what was wrong", "reason")
        self._repeats = self._counter("repeats", "Events that had come before").labels(process)
        self._batches = self._counter("batches", "Batches committed").labels(process)
        self._conflicts = self._counter("conflicts", "Batches dropped and read again").labels(
            process
        )
        self._compactions = self._counter("compactions", "Times files were joined").labels(process)
        self._changes = self._counter(
            "alert_transitions", "Changes of alerts", "rule", "severity", "state"
        )
        self._committing = self._histogram("batch", "Seconds that a commit took")
        self._following = self._histogram("follow", "Seconds to take in what was committed")
        self._evaluating = self._histogram("evaluate", "Seconds to read and judge the rules")

    def page(self, accept: str) -> tuple[str, bytes]:
        """The type and the bytes of all figures, in the format that `accept` (HTTP) asks for."""
        encode, kind = choose_encoder(accept)
        return kind, encode(self.registry)

    def ingested(self, report: IngestReport) -> None:
        """A batch is in the lake, or was dropped for another's sake; `report` are all so far."""
        came, self._report = report.since(self._report), report
        self._events.inc(came.events)
        for reason, count in came.reasons.items():
            self._rejects.labels(self._process, reason).inc(count)
        self._batches.inc(came.batches)
        self._conflicts.inc(came.conflicts)
        self._compactions.inc(came.compactions)
        if came.batches:
            self._committing.observe(came.seconds)
            now = self._seconds()
            self._now.figures["last_commit_timestamp_seconds"] = now
            self._now.unjudged_since = self._now.unjudged_since or now

    def lagging(self, *, events: int | None, behind: timedelta | None) -> None:
        """So many events on the topic have not been read, the oldest of them for so long.

        None stands for what is not known.
        """
        self._now.figures["lag_events"] = events
        self._now.unread_since = self._seconds() - behind.total_seconds() if behind else None

    def evaluated(self, found: Evaluated) -> None:
        """The rules were judged. A rule that was not read this time still reads what it did."""
        self._now.unjudged_since = None
        self._following.observe(found.following_seconds)
        self._evaluating.observe(found.judging_seconds)
        self._repeats.inc(found.repeats)
        for alert in found.changed:
            if alert.state != "firing" or alert.key not in found.fired:  # else it was told again
                labels = self._process, alert.alert_id, alert.severity, alert.state
                self._changes.labels(*labels).inc()
        now = self._now
        known = {name: read for name, read in now.readings.items() if name not in found.off}
        now.readings = {**known, **found.readings}
        now.alerts = Tally((alert.alert_id, alert.state) for alert in found.living)
        now.figures.update(
            last_evaluation_timestamp_seconds=self._seconds(),
            lake_version=found.version,
            latest_event_timestamp_seconds=None if found.heard is None else found.heard.timestamp(),
            cases_kept=found.cases,
            rows_kept=found.rows,
        )

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"runut_{name}", told, ["process", *labels], registry=self.registry)

    def _histogram(self, name: str, told: str) -> Histogram:
        return Histogram(
            f"runut_{name}_seconds", told, ["process"], buckets=_SECONDS, registry=self.registry
        ).labels(self._process)
