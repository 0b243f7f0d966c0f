"""The drawing that a process file names: where it is, and how its errors name the process file."""

from pathlib import Path
from typing import TYPE_CHECKING

from eventlog.definition import Definition
from eventlog.errors import UsageError

if TYPE_CHECKING:
    from miners.procedure.bpmn import Procedure


def drawn_procedure(process: Definition, path: Path) -> "Procedure | None":
    """The procedure that the process file at `path` names as `procedure.bpmn`, beside that file.

    None where it names none. UsageError names process file, key and value, and what is wrong in the
    drawing, a line each.
    """
    if process.procedure is None or process.procedure.bpmn is None:
        return None
    # a drawing brings pm4py, which takes two seconds
    from miners.procedure.bpmn import read_procedure  # noqa: PLC0415

    named = process.procedure.bpmn
    try:
        return read_procedure(path.parent / named)
    except UsageError as error:
        where = f'{path.name}: procedure.bpmn is "{named}"'
        lines = [f"{where}; {line}" for line in str(error).splitlines()]
        raise UsageError("\n".join(lines)) from error
