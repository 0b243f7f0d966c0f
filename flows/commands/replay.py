"""`runut replay`: a log back onto Kafka."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.common import settled
from flows.options import AsJson, Kafka, Process, Quiet, examples
from flows.screen import screen

EXAMPLES = examples(
    "runut replay events.csv --process building-permit --topic permit.events",
    "runut replay events.csv --process building-permit --topic permit.events --speed 3600",
)


def replay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, Parquet, JSONL, XES; also .gz.")
    ],
    *,
    topic: Annotated[str, typer.Option(metavar="T", help="Topic to send to; it must be there.")],
    process: Process = None,
    kafka: Kafka = None,
    speed: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            min=0.001,
            help="Keep the log's rhythm, N times faster; 3600 is an hour a second. Without it "
            "everything is sent at once, in order.",
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Send a log back onto a Kafka topic, in the order and rhythm in which it happened.

    Events carry the ids and the order that an import of the same file gives them, so both ways
    into a lake lead to the same events. The key of each message is its case.
    """
    settings = settled(quiet=quiet, process=process, kafka=kafka)
    from flows import replay as back  # noqa: PLC0415 (numba and Arrow take seconds)
    from flows import wire  # noqa: PLC0415

    found = wire.definition(settings, here=Path.cwd())
    with screen(as_json=as_json, quiet=quiet) as view:
        with view.progress.stage(f"read {file.name}"):
            events = back.read_events(file, found, key=wire.pseudonym_key(settings, found))
        sink = wire.sink(settings, topic, named_in="--topic")
        try:
            sent = back.replay(
                back.messages(events),
                sink,
                speed=speed,
                total=events.num_rows,
                progress=view.progress,
            )
        finally:
            sink.close()
        view.show(
            [f"Sent {sent:,} events of {file.name} to {topic} on {settings.kafka}."],
            {"sent": sent, "topic": topic, "kafka": settings.kafka},
        )
