"""`runut watch`: Kafka into the lake, and alerts as soon as they are due."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.common import settled
from flows.failures import SIGNALLED
from flows.options import AsJson, Kafka, Lake, Process, Quiet, WatchClock, examples
from flows.screen import Manner, Screen, screen, wrapped
from flows.stopping import stop_by_signal

if TYPE_CHECKING:
    from flows.live.watch import Began

EXAMPLES = examples(
    "runut watch --process building-permit --lake lake",
    "runut watch --process building-permit --lake lake --clock events",
)


def watch(
    *,
    process: Process = None,
    lake: Lake = None,
    kafka: Kafka = None,
    clock: Annotated[
        WatchClock,
        typer.Option(
            help="By what it knows the time: the clock on the wall, or, for a log that is "
            "replayed, its events.",
        ),
    ] = WatchClock.WALL,
    once: Annotated[
        bool,
        typer.Option(
            "--once", metavar="", help="Stop when all that was sent has been read and judged."
        ),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int | None:
    """Read permit events from Kafka into the lake, and tell of alerts as soon as they are due.

    Judges the alert rules of the process file after every batch of events and by the clock, and
    tells the channels that the settings name of each alert that fires, and when it is over. Follows
    the topic until Ctrl-C or SIGTERM, which first commit, judge and tell what was read. One watch
    to a lake; `runut ingest` may help it with the topic.
    """
    settings = settled(quiet=quiet, process=process, lake=lake, kafka=kafka)
    from flows.live.watch import watch as run  # noqa: PLC0415 (numba and Arrow take seconds)

    with screen(as_json=as_json, quiet=quiet) as view, stop_by_signal() as stop:
        report = run(
            settings,
            here=Path.cwd(),
            clock=clock,
            once=once,
            stop=stop,
            began=partial(_say_what, view),
            alert=partial(_tell, view),
        )
        if not as_json:
            done = (
                f"{report.events:,} events are in the lake, {report.rejects:,} were set aside as "
                f"unusable. Alerts that fired: {report.fired:,}; that are over: {report.over:,}."
            )
            view.show([done], {})
    return None if stop.number is None else SIGNALLED + stop.number


def _say_what(view: Screen, began: "Began") -> None:
    """What is watched, for a person, before the first event comes."""
    rules = len(began.watched)
    view.note(
        f"Watching {began.process.process} in {began.lake}: {rules} alert "
        f"{'rule' if rules == 1 else 'rules'}"
        + (
            f" ({', '.join(began.watched)})"
            if rules
            else "; the process file has none under alerts"
        )
        + "."
    )
    for name, why in began.unread:
        view.note(f"- Not watched: {name}: {why}.")
    if began.channels:
        view.note(f"Alerts go to: {', '.join(began.channels)}.")
    else:
        view.note("Alerts go nowhere but here; docs/how-to/watch-a-stream.md says how to be told.")
    if began.address is not None:
        view.note(f"Figures for Prometheus: http://{began.address}/metrics; Ctrl-C ends the watch.")


def _tell(view: Screen, message: Mapping[str, Any]) -> None:
    """An alert as a sentence, or for scripts as JSON on a line of its own."""
    if view.manner is Manner.JSON:
        print(json.dumps(message, ensure_ascii=False), flush=True)
    elif view.manner is Manner.WORDS:
        state = "over" if message["state"] == "resolved" else message["severity"]
        print(wrapped(f"{state}: {message['alert_id']}: {message['wording']['en']}"), flush=True)
