"""What the watch tells Prometheus of the present: readings, alerts, deliveries, what is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import inf

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engine.alerting.limits import threshold
from engine.alerting.standing import Reading
from eventlog.definition_alert import Alert
from flows.live.telling import Telling

_STATES = ("pending", "firing")
_READING = ("rule", "measure", "unit")
_FIGURES = {
    "lag_events": "Events on the topic that have not been read yet",
    "oldest_unprocessed_seconds": "Age of the oldest event that has not been judged yet",
    "latest_event_timestamp_seconds": "Time of the latest event",
    "last_commit_timestamp_seconds": "When events were last committed",
    "last_evaluation_timestamp_seconds": "When the rules were last judged",
    "lake_version": "The lake's version that was judged last",
    "cases_kept": "Cases kept in memory",
    "rows_kept": "Rows kept in memory",
}


class Present(Collector):
    """What holds at the moment; a figure that is not known is not told."""

    def __init__(
        self,
        process: str,
        rules: Sequence[Alert],
        told: Callable[[], Iterable[Telling]],
        seconds: Callable[[], float],
    ) -> None:
        self.figures: dict[str, float | None] = {}
        self.unread_since: float | None = None
        self.unjudged_since: float | None = None
        self.readings: Mapping[str, Sequence[Reading]] = {}
        self.alerts: Mapping[tuple[str, str], int] = {}
        self._process = process
        self._rules = tuple(rules)
        self._told = told
        self._seconds = seconds

    def collect(self) -> Iterator[Metric]:
        """All of it, as Prometheus wants it."""
        yield from self._figures()
        yield from self._readings()
        yield self._alerts()
        yield from self._deliveries()

    def _figures(self) -> Iterator[Metric]:
        figures = dict(self.figures)
        waits = [since for since in (self.unread_since, self.unjudged_since) if since is not None]
        # It ages while the watch stands still.
        figures["oldest_unprocessed_seconds"] = max(self._seconds() - min(waits, default=inf), 0.0)
        for name, told in _FIGURES.items():
            value = figures.get(name)
            if value is not None:
                gauge = self._gauge(name, told)
                gauge.add_metric([self._process], value)
                yield gauge

    def _readings(self) -> Iterator[Metric]:
        readings = self.readings
        read = self._gauge("rule_read", "Whether the rule can be read (1) or not (0)", "rule")
        value = self._gauge("reading", "What the rule reads now", *_READING)
        usual = self._gauge("reading_usual", "What is usual at this weekday and hour", *_READING)
        limit = self._gauge("reading_threshold", "What must not be passed", *_READING)
        for rule in self._rules:
            found = readings.get(rule.name)
            read.add_metric([self._process, rule.name], float(found is not None))
            for reading in found or ():
                if reading.subject.attribute is not None:
                    continue  # of a group: see above
                labels = [self._process, rule.name, rule.measure, reading.unit]
                value.add_metric(labels, reading.value)
                if reading.usual is not None:
                    usual.add_metric(labels, reading.usual)
                beyond = threshold(rule, reading)
                if beyond is not None:
                    limit.add_metric(labels, beyond)
        yield from (read, value, usual, limit)

    def _alerts(self) -> Metric:
        alerts = self.alerts
        gauge = self._gauge(
            "alerts", "Alerts of the rule in this state", "rule", "severity", "state"
        )
        for rule in self._rules:
            for state in _STATES:
                count = alerts.get((rule.name, state), 0)
                gauge.add_metric([self._process, rule.name, rule.severity, state], count)
        return gauge

    def _deliveries(self) -> Iterator[Metric]:
        labels = ["process", "channel"]
        told = CounterMetricFamily(
            "runut_deliveries", "Alerts sent, and attempts that failed", labels=[*labels, "result"]
        )
        waiting = self._gauge("delivery_waiting", "Alerts that wait to be delivered", "channel")
        last = self._gauge(
            "delivery_last_success_timestamp_seconds", "When one was last delivered", "channel"
        )
        for channel in self._told():
            name = [self._process, channel.channel]
            told.add_metric([*name, "delivered"], channel.delivered)
            told.add_metric([*name, "failed"], channel.failed)
            waiting.add_metric(name, channel.waiting)
            if channel.last is not None:
                last.add_metric(name, channel.last)
        yield from (told, waiting, last)

    @staticmethod
    def _gauge(name: str, told: str, *labels: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"runut_{name}", told, labels=["process", *labels])
