"""Follows a topic into the lake, judges the alert rules all the while, and tells of alerts."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine.alerting.rules import unreadable
from engine.alerting.slots import Slots
from engine.alerting.standing import Standing
from engine.alerting.telling import message
from engine.watching.now import EventClock, WallClock
from eventlog.definition import Definition
from eventlog.errors import RetryError, StopError
from eventlog.lake import Lake
from flows import wire
from flows.live.operations.health import Heartbeats, Readiness
from flows.live.operations.http import answering
from flows.live.operations.logs import Log, log_to
from flows.live.operations.metrics import Metrics
from flows.live.telling import tellers
from flows.live.watching import Around, Watching
from flows.options import WatchClock
from flows.settings import Settings
from flows.stopping import keep_on

# Seconds.
_TURN = 0.001


@dataclass(frozen=True, kw_only=True)
class Began:
    """What a watch says when it begins.

    `watched` are the rules that are judged, `unread` why others never can be; `address` is where
    it tells of itself, `channels` whom it tells of alerts.
    """

    process: Definition
    lake: str
    watched: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]
    address: str | None
    channels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WatchReport:
    """What a watch did: rows committed, how often it judged, how many alerts fired and ended."""

    events: int
    rejects: int
    evaluations: int
    fired: int
    over: int


def watch(
    settings: Settings,
    *,
    here: Path,
    clock: WatchClock,
    once: bool,
    stop: Callable[[], bool],
    began: Callable[[Began], None],
    alert: Callable[[Mapping[str, Any]], None],
) -> WatchReport:
    """Watch until `stop` says so, or with `once` until all that was sent is read and judged.

    `began` hears what is watched, once; `alert` gets the message (interface.md) of each alert that
    fires and each that is over, in the thread that judges. What was read is committed and judged
    before this returns.
    """
    process = wire.definition(settings, here=here)
    address = wire.lake_address(settings)
    key = wire.alert_key(settings)
    is_closed = Slots(process).is_closed

    def tell(changed: Standing) -> None:
        alert(message(changed, timezone=process.timezone, url=None, is_closed=is_closed))

    with ExitStack() as stack:
        stack.enter_context(_turns())
        log = stack.enter_context(log_to(sys.stderr, settings.log))
        lake = _lake(settings, process, log=log, once=once, stop=stop)
        wire.require_same_process(lake, process)
        ending = stack.enter_context(ExitStack())
        telling = ending.enter_context(
            tellers(settings, lake, process, on_event=log, environment=os.environ)
        )
        around = Around(
            log=log,
            telling=telling,
            metrics=Metrics(
                process=process.process,
                rules=process.alerts,
                version=version("runut"),
                told=telling.snapshot,
            ),
            health=Heartbeats(),
            readiness=Readiness("topic", "evaluation"),
            alert=tell,
        )
        listens = stack.enter_context(
            answering(
                settings.operations_address,
                metrics=around.metrics.page,
                heartbeats=around.health,
                readiness=around.readiness,
            )
        )
        why = {rule.name: unreadable(rule, process) for rule in process.alerts}
        began(
            Began(
                process=process,
                lake=address,
                watched=tuple(name for name, reason in why.items() if reason is None),
                unread=tuple((name, reason) for name, reason in why.items() if reason is not None),
                address=listens,
                channels=tuple(each.channel for each in telling.snapshot()),
            )
        )
        log.started(
            process=process.process,
            version=version("runut"),
            address=listens,
            rules=len(process.alerts),
        )
        run = Watching(
            lambda: wire.source(settings, process),
            lake,
            process,
            key=key,
            now=WallClock() if clock is WatchClock.WALL else EventClock(),
            around=around,
        )
        run(once=once, stop=stop)
        # What was judged last is told, or kept, before it is said that nothing is half done.
        ending.close()
        log.stopped()
    return WatchReport(
        events=run.events,
        rejects=run.rejects,
        evaluations=run.evaluations,
        fired=run.fired,
        over=run.over,
    )


@contextmanager
def _turns() -> Iterator[None]:
    """Let threads take turns at the interpreter five times as often as they would.

    Who judges works outside it most of the time, and would wait the full turn of the one who reads
    the topic each time that it comes back: at full rate that took twice as long as the work.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _lake(
    settings: Settings, process: Definition, *, log: Log, once: bool, stop: Callable[[], bool]
) -> Lake:
    """The lake; made when it is not there yet, but not before a broker answers."""
    try:
        return wire.open_lake(settings)
    except StopError:
        pass  # it is not there yet, or what is wrong is said when it is made

    def made() -> Lake:
        wire.source(settings, process).close()
        return wire.open_or_make_lake(settings, process)

    def waiting(error: RetryError, seconds: float) -> None:
        log.waiting("topic", error, again=seconds)

    return made() if once else keep_on(made, stop, waiting)
