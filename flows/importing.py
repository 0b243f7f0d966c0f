"""Brings files into a lake; where nobody says which column is which, guesses and says so."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors import files
from engine.importing import ImportReport, import_files
from engine.progress import Progress
from eventlog.definition import Definition
from flows import wire
from flows.settings import Settings

_NAME_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came in, under which definition; `guesses` are sentences, `kept` where they are kept."""

    report: ImportReport
    process: Definition
    guesses: tuple[str, ...] = ()
    kept: Path | None = None


def import_into(
    settings: Settings, paths: Sequence[Path], *, here: Path, progress: Progress
) -> Imported:
    """Add the files to the lake that `settings` name, made when it is not there yet.

    Without a process file, and without an earlier guess beside the lake, the columns are guessed
    from the first file and kept as LAKE/process.yaml, which later commands find.
    """
    wire.lake_address(settings)
    for path in paths:
        files.fingerprint(path)  # says which file is not there, before a lake is made
    process = wire.definition_if_any(settings, here=here)
    guessed = None
    if process is None:
        wire.place_of_guess(settings)  # says so where there is none, before a lake is made
        with progress.stage(f"guess {paths[0].name}"):
            guessed = guess(paths[0])
        process = guessed.process
    key = wire.pseudonym_key(settings, process)
    lake = wire.open_or_make_lake(settings, process)
    if guessed is not None:
        guessed = dataclasses.replace(guessed, kept=wire.keep_guess(settings, process))
    report = import_files(paths, lake, process, key=key, progress=progress)
    return Imported(
        report=report,
        process=process,
        guesses=guessed.notes if guessed else (),
        kept=guessed.kept if guessed else None,
    )


@dataclass(frozen=True, kw_only=True)
class Guessed:
    """A definition that nobody wrote, and what each column was taken for."""

    process: Definition
    notes: tuple[str, ...]
    kept: Path | None = None


def guess(path: Path) -> Guessed:
    """The definition that fits the file's columns; UsageError names what cannot be told."""
    _, process, found = files.read_guessed(path, Definition.bare(process=process_name(path)))
    return Guessed(process=process, notes=found.notes)


def process_name(path: Path) -> str:
    """A process name made of a file's: `receipt` for `receipt.csv.gz`.

    >>> process_name(Path("Permits 2026 (final).csv"))
    'Permits 2026 -final'
    """
    stem = path.name.removesuffix(".gz").rpartition(".")[0]
    plain = re.sub(r"[^A-Za-z0-9 ._-]+", "-", stem).strip(" ._-")
    return plain[:_NAME_LENGTH] or "unnamed"
