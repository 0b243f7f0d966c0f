"""`runut audit`: whether anybody changed the log of who looked at which case."""

from pathlib import Path
from typing import Annotated

import typer

from eventlog.errors import StopError
from flows.commands.common import settled
from flows.options import AsJson, Quiet, examples
from flows.screen import screen

EXAMPLES = examples("runut audit", "runut audit --log /var/lib/runut-audit/audit.jsonl --json")


def audit(
    *,
    log: Annotated[
        Path | None,
        typer.Option("--log", metavar="FILE", help="The log [what serve_audit_log says]."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Verify the audit log of `runut serve`: each line holds the digest of the line before it.

    Says how many lines there are, and the last digest: kept elsewhere, it shows later whether the
    end of the log is still there. Exit code 1 where a line was changed or taken out.
    """
    settings = settled(quiet=quiet, serve_audit_log=log)
    from web.access.audit import verify  # noqa: PLC0415 (brings the server's libraries)

    path = settings.serve_audit_log.expanduser()
    found = verify(path)
    if found.broken is not None:
        raise StopError(
            f"{path}: line {found.broken} does not follow from the one before it: the log was "
            "changed there, or a line was taken out"
        )
    with screen(as_json=as_json, quiet=quiet) as view:
        view.show(
            [f"{path}: {found.lines} lines, each follows from the one before it.",
             f"Last digest: {found.last}"],
            {"log": str(path), "lines": found.lines, "last": found.last},
        )  # fmt: skip
