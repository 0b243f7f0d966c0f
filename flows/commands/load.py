"""`runut import`: files into the lake."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.common import settled
from flows.options import AsJson, Lake, Process, Quiet, examples
from flows.screen import screen

if TYPE_CHECKING:
    from flows.importing import Imported
    from flows.settings import Settings

EXAMPLES = examples(
    "runut import events.csv --process building-permit --lake lake",
    "runut import receipt.xes.gz --lake lake",
)


def load(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, Parquet, JSONL, XES; also .gz.")
    ],
    *,
    process: Process = None,
    lake: Lake = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Bring event logs from files into the lake; the same file twice adds nothing.

    Without --process the columns are guessed, told, and kept as LAKE/process.yaml, so that
    `runut mine --lake LAKE` works too.
    """
    settings = settled(quiet=quiet, process=process, lake=lake)
    from flows.importing import import_into  # noqa: PLC0415 (numba and Arrow take seconds)

    with screen(as_json=as_json, quiet=quiet) as view:
        done = import_into(settings, files, here=Path.cwd(), progress=view.progress)
        view.show(_told(done, settings), _fields(done))


def _told(done: "Imported", settings: "Settings") -> list[str]:
    lines = []
    if done.kept is not None:
        lines += ["No process file was given, so the columns were guessed:"]
        lines += [f"- {note}" for note in done.guesses]
        lines += ["- times without an offset are taken for UTC"]
        lines += ["- names, of officers for instance, are stored as they are, not as pseudonyms"]
        lines.append(
            f"Kept in {done.kept}. Is something wrong? Write it right into a process file, remove "
            f"{settings.lake}, and import again with --process."
        )
    for file in done.report.files:
        lines.append(file.sentence)
        lines += [f"- {note}" for note in file.notes]
    process = "" if done.kept or settings.process is None else f" --process {settings.process}"
    lines.append(f"Next: runut mine{process} --lake {settings.lake} --out results")
    return lines


def _fields(done: "Imported") -> dict[str, Any]:
    return {
        "process": done.process.process,
        "guesses": list(done.guesses),
        "definition": None if done.kept is None else str(done.kept),
        "events": done.report.events,
        "rejects": done.report.rejects,
        "files": [
            {
                "name": file.source,
                "events": file.events,
                "rejects": file.rejects,
                "already": file.already,
                "columns": dict(file.columns),
                "notes": list(file.notes),
            }
            for file in done.report.files
        ],
    }
