"""A watch under way: one thread ingests, one judges, and operations can see both."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from connectors.contracts import Source
from engine.alerting.book import Evaluate
from engine.alerting.life import evaluate
from engine.alerting.standing import ENDED, Standing
from engine.ingest import IngestReport, Limits, ingest
from engine.watching.now import Now
from engine.watching.watch import Evaluated, Watch
from eventlog.definition import Definition
from eventlog.errors import RetryError
from eventlog.lake import Lake
from flows.live.judging import TURN, Judging
from flows.live.listening import Listening
from flows.live.operations.health import Heartbeats, Readiness
from flows.live.operations.logs import Log
from flows.live.operations.metrics import Metrics
from flows.live.telling import Tellers
from flows.stopping import keep_on

# So long events wait for others to be committed with; of what an alert takes, the most.
_LIMITS = Limits(linger=timedelta(milliseconds=250))
# So many committed events may wait to be judged before the ingest waits too: after each commit,
# and well within what a broker allows between two reads. Two seconds' worth at full rate, for
# what waits here is seen by no alert.
_MOST_BEHIND = 50_000
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, kw_only=True)
class Around:
    """Who sees a watch from outside: its log, its figures, its channels, and who asks for health.

    `alert` hears of each alert that fires or is over.
    """

    log: Log
    telling: Tellers
    metrics: Metrics
    health: Heartbeats
    readiness: Readiness
    alert: Callable[[Standing], None]


class Watching:
    """Called once; `events`, `rejects`, `evaluations`, `fired` and `over` tell what it did.

    `source` connects to the topic, anew after each failure of the broker.
    """

    def __init__(
        self,
        source: Callable[[], Source],
        lake: Lake,
        process: Definition,
        *,
        key: bytes,
        now: Now,
        around: Around,
    ) -> None:
        self._connect = source
        self._lake = lake
        self._process = process
        self._key = key
        self._around = around
        self._unread: int | None = None
        self._report = IngestReport()
        self._beat = around.health.expect("ingest", within=TURN)
        self._judging = Judging(
            lambda: Watch(lake, process, key=key, now=now, evaluate=self._evaluate),
            hearer=self,
            beat=around.health.expect("judge", within=TURN),
            lag=lambda: self._unread,
        )
        self._once = False
        self._evaluate: Evaluate | None = None
        self.events, self.rejects = 0, 0
        self.evaluations, self.fired, self.over = 0, 0, 0

    def __call__(self, *, once: bool, stop: Callable[[], bool]) -> None:
        """Ingest until `stop` and judge all the while; or with `once` until caught up, then judge.

        Who looks once knows no more than a mining run of what lay between two looks: what is back
        is over, and nothing is said of events that are not read yet.
        """

        def ending() -> bool:
            return stop() or self._judging.broken

        self._once = once
        if once:
            self._evaluate = evaluate
            self._around.health.ended("judge")  # it begins later
        else:
            self._judging.start()
        try:
            if once:
                self._ingest(once=True, stop=ending)
            else:
                keep_on(lambda: self._ingest(once=False, stop=ending), ending, self._no_topic)
        finally:
            self._around.health.ended("ingest")
            if once:
                self._judging.start()
            self._judging.finish()
            self._around.health.ended("judge")

    def _ingest(self, *, once: bool, stop: Callable[[], bool]) -> None:
        self._beat()
        ingest(
            Listening(self._connect(), turned=self._turned),
            self._lake,
            self._process,
            key=self._key,
            once=once,
            stop=stop,
            progress=lambda report: self._committed(report, stop),
            limits=_LIMITS,
        )

    def _turned(self, unread: int | None, behind: timedelta | None) -> None:
        """The topic was read once more."""
        self._lagging(unread, behind)
        self._around.readiness.reached("topic")

    def _lagging(self, unread: int | None, behind: timedelta | None) -> None:
        self._beat()
        self._unread = unread
        self._around.metrics.lagging(events=unread, behind=behind)

    def _no_topic(self, error: RetryError, seconds: float) -> None:
        self._lagging(None, None)
        self._around.readiness.lost("topic")
        self._around.log.waiting("topic", error, again=seconds)

    def _committed(self, report: IngestReport, stop: Callable[[], bool]) -> None:
        """Called after every commit, in the thread that ingests."""
        self._around.metrics.ingested(report)
        self._around.log.ingested(report)
        came, self._report = report.since(self._report), report
        self.events += came.events
        self.rejects += came.rejects
        if self._once:
            return
        self._judging.committed(self.events + self.rejects)
        until = time.monotonic() + _LONGEST_WAIT
        while self._judging.behind > _MOST_BEHIND and time.monotonic() < until and not stop():
            self._beat()
            self._judging.wait(0.2)

    def evaluated(self, found: Evaluated) -> None:
        """The rules were judged (`flows.live.judging.Hearer`); called in the thread that judges."""
        around = self._around
        around.metrics.evaluated(found)
        around.log.evaluated(found)
        if found.changed:
            around.telling.wake()
        self.evaluations += 1
        for alert in found.changed:
            known = alert.key in found.fired
            self.fired += alert.state == "firing" and not known
            self.over += alert.state in ENDED and known
            if alert.state == "firing" or (alert.state in ENDED and known):
                around.alert(alert)
        around.readiness.reached("evaluation")

    def waiting(self, error: Exception, seconds: float) -> None:
        """The lake does not answer (`flows.live.judging.Hearer`)."""
        self._around.readiness.lost("evaluation")
        self._around.log.waiting("lake", error, again=seconds)
