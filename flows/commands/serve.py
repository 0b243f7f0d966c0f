"""`runut serve`: the results as pages for people, in a browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import settled
from flows.options import Quiet, examples

if TYPE_CHECKING:
    from flows.serving import Serving

EXAMPLES = examples(
    "runut serve --results results",
    "runut serve --results results --address 127.0.0.1:8081",
)


def serve(
    *,
    results: Annotated[
        Path | None,
        typer.Option("--results", "-r", metavar="DIR", help="Folder that `runut mine` wrote."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address", "-a", metavar="HOST:PORT", help="Where to listen [127.0.0.1:8080]."
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Show results in a browser: scorecard, map, findings, in English and Bahasa Indonesia.

    Without any setting it answers this machine only, and asks nobody to sign in. Before others may
    reach it, say how they sign in: docs/how-to/serve-the-pages.md. New results are shown as soon as
    `runut mine` has replaced the folder. Ctrl-C ends it.
    """
    settings = settled(quiet=quiet, results=results, serve_address=address)
    from flows.serving import serve as run  # noqa: PLC0415 (the libraries of a server take a second)

    run(settings, began=lambda serving: None if quiet else _tell(serving))


def _tell(serving: "Serving") -> None:
    print(f"Results of {serving.folder}: {serving.address}", flush=True)
    print(f"- people get in {', '.join(serving.ways)}", flush=True)
    print(f"- who looked at cases is written to {serving.audit_log}", flush=True)
