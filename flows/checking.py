"""Looks at a file through a process definition, without storing anything."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from connectors import files
from engine.abstraction import coarser
from engine.importing import FileReport, report
from eventlog.definition import Definition
from flows.describe import never_seen


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is in the file, and what the definition names but no event of the file has."""

    report: FileReport
    never_seen: tuple[str, ...]


def check_file(path: Path, process: Definition) -> Checked:
    """Read the file as an import would, and compare it with the definition."""
    reading = files.read(path, process)
    seen = Counter(reading.events.column("activity").to_pylist())
    # a process file may speak in the log's own codes or in the coarser ones
    labels = {*seen, *(coarser(seen, process.abstract).values() if process.abstract else ())}
    return Checked(
        report=report(reading, process, source=path.name),
        never_seen=tuple(never_seen(process, labels)),
    )
