"""`runut check`: the process definition in words, and how far a file's events can be trusted."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.common import settled
from flows.options import AsJson, Process, Quiet, examples
from flows.screen import screen

if TYPE_CHECKING:
    from flows.checking import Checked

EXAMPLES = examples(
    "runut check --process building-permit",
    "runut check --process building-permit events.csv",
)


def check(
    *,
    process: Process = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A log to check the definition against.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check a process definition, and with a file also the quality of its events.

    Nothing is stored. Exit code 2 when the definition is wrong.
    """
    settings = settled(quiet=quiet, process=process)
    from flows import wire  # noqa: PLC0415 (process files take half a second)
    from flows.checking import check_file  # noqa: PLC0415
    from flows.describe import describe  # noqa: PLC0415

    guessed: tuple[str, ...] = ()
    if settings.process is None and file is not None:
        from flows.importing import guess  # noqa: PLC0415

        known = guess(file)
        found, guessed = known.process, known.notes
    else:
        found = wire.definition(settings, here=Path.cwd())
    lines = [*(f"Guessed: {note}." for note in guessed), *describe(found)]
    fields: dict[str, Any] = {
        "process": found.process,
        "hash": found.hash,
        "definition": found.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    with screen(as_json=as_json, quiet=quiet) as view:
        if file is not None:
            with view.progress.stage(f"reading {file.name}"):
                checked = check_file(file, found)
            lines += ["", *checked.report.sentences, *checked.never_seen]
            fields["file"] = _fields(checked)
        view.show(lines, fields)


def _fields(checked: "Checked") -> dict[str, Any]:
    return {**dataclasses.asdict(checked.report), "never_seen": list(checked.never_seen)}
