"""Looks at a file through a process definition, without storing anything."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from connectors import files
from connectors.tabular import Reading
from engine.abstraction import coarser
from engine.abstraction_proposals import Proposals, propose
from engine.applicants import applicants
from engine.importing import FileReport, report
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.log import Log
from flows.describe import never_drawn, never_seen
from miners.procedure.bpmn import Procedure


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is in the file, and what the definition names but no event of the file has."""

    report: FileReport
    never_seen: tuple[str, ...]


def check_file(path: Path, process: Definition, procedure: Procedure | None) -> Checked:
    """Read the file as an import would, and compare it with the definition and its BPMN file."""
    return _checked(files.read(path, process), path, process, procedure)


def check_and_suggest(
    path: Path, process: Definition, procedure: Procedure | None
) -> tuple[Checked, Proposals]:
    """Check the file, and look in it for ways to fewer activities than the log has of its own."""
    reading = files.read(path, process)
    checked = _checked(reading, path, process, procedure)
    return checked, propose(Log.of(finish(reading.events)), applicants(process, None))


def _checked(
    reading: Reading, path: Path, process: Definition, procedure: Procedure | None
) -> Checked:
    seen = Counter(reading.events.column("activity").to_pylist())
    mined = set(coarser(seen, process.abstract).values()) if process.abstract else set(seen)
    # a process file may speak in the log's own codes or in the coarser ones, a drawing is compared
    # with what is mined
    lines = never_seen(process, mined.union(seen))
    if procedure is not None:
        lines += never_drawn(procedure, mined)
    return Checked(report=report(reading, process, source=path.name), never_seen=tuple(lines))
