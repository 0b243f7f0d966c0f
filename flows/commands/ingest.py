"""`runut ingest`: Kafka into the lake."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import settled
from flows.failures import SIGNALLED
from flows.options import AsJson, Kafka, Lake, Process, Quiet, examples
from flows.screen import screen
from flows.stopping import keep_on, stop_by_signal

if TYPE_CHECKING:
    from engine.ingest import IngestReport

EXAMPLES = examples(
    "runut ingest --process building-permit --lake lake",
    "runut ingest --process building-permit --lake lake --kafka broker:9092 --once",
)


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

            report = read() if once else keep_on(read, stop, view.waiting)
        view.show(
            [
                f"{report.events:,} events are in the lake {settings.lake}"
                + (f"; set aside as unusable: {report.rejects:,}." if report.rejects else ".")
            ],
            {**asdict(report), "lake": settings.lake},
        )
    return None if stop.number is None else SIGNALLED + stop.number
