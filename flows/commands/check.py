"""`runut check`: the process definition in words, and how far a file's events can be trusted."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventlog.errors import UsageError
from flows.commands.common import settled
from flows.options import AsJson, Process, Quiet, examples
from flows.screen import screen

if TYPE_CHECKING:
    from engine.abstraction_proposals import Proposals
    from eventlog.definition import Definition
    from flows.checking import Checked

EXAMPLES = examples(
    "runut check --process building-permit",
    "runut check --process building-permit events.csv",
    "runut check --process building-permit events.csv --suggest",
)


def check(
    *,
    process: Process = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A log to check the definition against.")
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest", metavar="", help="Propose how fine-grained activities could become fewer."
        ),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check a process definition, and with a file also the quality of its events.

    Nothing is stored or changed: what is suggested holds once you paste it into the process file.
    Exit code 2 when the definition is wrong.
    """
    if suggest and file is None:
        raise UsageError(
            "--suggest looks for what activities have in common; name a FILE to look in"
        )
    settings = settled(quiet=quiet, process=process)
    from flows import wire  # noqa: PLC0415 (process files take half a second)
    from flows.checking import check_and_suggest, check_file  # noqa: PLC0415
    from flows.describe import describe, describe_drawn  # noqa: PLC0415

    drawn = None
    guessed: tuple[str, ...] = ()
    if settings.process is None and file is not None:
        from flows.importing import guess  # noqa: PLC0415

        known = guess(file)
        found, guessed = known.process, known.notes
    else:
        found, drawn = wire.definition_and_drawing(settings, here=Path.cwd())
    lines = [*(f"Guessed: {note}." for note in guessed), *describe(found)]
    lines += describe_drawn(drawn) if drawn else []
    fields: dict[str, Any] = {
        "process": found.process,
        "hash": found.hash,
        "definition": found.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    if drawn:
        fields["drawn"] = {
            "activities": list(drawn.activities),
            "mandatory": sorted(drawn.mandatory),
            "notes": list(drawn.notes),
        }
    with screen(as_json=as_json, quiet=quiet) as view:
        if file is not None:
            with view.progress.stage(f"reading {file.name}"):
                if suggest:
                    checked, proposed = check_and_suggest(file, found, drawn)
                else:
                    checked, proposed = check_file(file, found, drawn), None
            lines += ["", *checked.report.sentences, *checked.never_seen]
            fields["file"] = _fields(checked)
            if proposed is not None:
                lines += ["", *_suggestions(proposed, found)]
                fields["suggestions"] = [one.fields for one in proposed.found]
        view.show(lines, fields)


def _fields(checked: "Checked") -> dict[str, Any]:
    return {**dataclasses.asdict(checked.report), "never_seen": list(checked.never_seen)}


def _suggestions(proposed: "Proposals", process: "Definition") -> Iterator[str]:
    """What is proposed in words, and below it as YAML to paste."""
    if not proposed.found:
        yield "Nothing is suggested."
    for one in proposed.found:
        yield f"Suggested. {one.sentence}"
        yield from ("", *one.yaml.splitlines(), "")
    for silence in proposed.silence:
        yield f"{silence[0].upper()}{silence[1:]}."
    if proposed.found:
        yield "To accept a suggestion, paste its lines into the process file."
        if process.abstract:
            yield (
                "It has an `abstract` already: put the new `pattern` in place of the old one, and "
                "keep the `groups` that were made by hand beside the new ones."
            )
    if len(proposed.found) > 1:
        yield "`pattern` and `groups` may stand under one `abstract`; groups go first."
