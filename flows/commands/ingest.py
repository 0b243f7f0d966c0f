"""`runut ingest`: Kafka into the lake."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from eventlog.errors import RetryError
from flows.commands.common import settled
from flows.failures import SIGNALLED
from flows.options import AsJson, Kafka, Lake, Process, Quiet, examples
from flows.screen import Screen, screen

if TYPE_CHECKING:
    from engine.ingest import IngestReport

EXAMPLES = examples(
    "runut ingest --process building-permit --lake lake",
    "runut ingest --process building-permit --lake lake --kafka broker:9092 --once",
)
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


@dataclass
class Stop:
    """Whether a signal has asked us to stop, and which."""

    number: int | None = None

    def __call__(self) -> bool:
        """Asked between two reads."""
        return self.number is not None


def ingest(
    *,
    process: Process = None,
    lake: Lake = None,
    kafka: Kafka = None,
    once: Annotated[
        bool, typer.Option("--once", metavar="", help="Stop when all that was sent has been read.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int | None:
    """Read permit events from Kafka into the lake, each exactly once.

    Follows the topic until Ctrl-C or SIGTERM, which first commit what was read. Run several with
    the same process to share the topic's partitions.
    """
    settings = settled(quiet=quiet, process=process, lake=lake, kafka=kafka)
    from flows.ingest import ingest as run  # noqa: PLC0415 (numba and Arrow take seconds)

    with screen(as_json=as_json, quiet=quiet) as view, stop_by_signal() as stop:
        with view.progress.stage("ingest") as stage:
            seen = 0

            def committed(report: "IngestReport") -> None:
                nonlocal seen
                total = report.events + report.rejects
                stage.advance(total - seen)
                seen = total

            def read() -> "IngestReport":
                return run(settings, here=Path.cwd(), once=once, stop=stop, progress=committed)

            report = read() if once else keep_on(read, stop, view)
        view.show(
            [
                f"{report.events:,} events are in the lake {settings.lake}"
                + (f"; set aside as unusable: {report.rejects:,}." if report.rejects else ".")
            ],
            {**asdict(report), "lake": settings.lake},
        )
    return None if stop.number is None else SIGNALLED + stop.number


def keep_on(
    read: Callable[[], "IngestReport"], stop: Callable[[], bool], view: Screen
) -> "IngestReport":
    """Read until stopped; what may heal by itself is waited for with growing pauses."""
    pause = _FIRST_PAUSE
    while True:
        began = time.monotonic()
        try:
            return read()
        except RetryError as error:
            if stop():
                raise
            if time.monotonic() - began > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE  # it had worked for a while: a new trouble
            view.note(f"{error}; trying again in {pause:g} s")
            until = time.monotonic() + pause
            while time.monotonic() < until and not stop():
                time.sleep(0.1)
            pause = min(pause * 2, _LONGEST_PAUSE)


@contextmanager
def stop_by_signal() -> Iterator[Stop]:
    """The first Ctrl-C or SIGTERM asks for an orderly end, the second ends at once."""
    stop = Stop()
    before = {}

    def asked(number: int, _frame: FrameType | None) -> None:
        if stop.number is not None:
            raise KeyboardInterrupt
        stop.number = number

    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, asked)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
