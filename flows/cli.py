"""The command `runut`: every command by its name, and what becomes of errors."""

import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Annotated

import typer

from flows.commands import check, demo, deploy, ingest, load, mine, replay, settings, simulate
from flows.failures import exit_code

# In the order in which a newcomer meets them.
_COMMANDS: tuple[tuple[str, ModuleType, Callable[..., int | None]], ...] = (
    ("demo", demo, demo.demo),
    ("import", load, load.load),
    ("ingest", ingest, ingest.ingest),
    ("mine", mine, mine.mine),
    ("check", check, check.check),
    ("replay", replay, replay.replay),
    ("simulate", simulate, simulate.simulate),
    ("deploy", deploy, deploy.deploy),
    ("settings", settings, settings.settings),
)


def _paragraphs(text: str) -> str:
    """A docstring as paragraphs of one line each, for the terminal to break where it likes."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(part.split()) for part in parts)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 (typer calls it with the option's value)
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 (reads the disk)

        print(f"runut {version('runut')}")
        raise typer.Exit


def _runut(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            help="Print the version.",
            callback=_tell_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Traces, step by step, how permits really travel."""


def _made() -> typer.Typer:
    app = typer.Typer(
        name="runut",
        add_completion=False,
        # failures.py says what went wrong
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(_runut)
    for name, module, command in _COMMANDS:
        text = _paragraphs(command.__doc__ or "")
        app.command(name, help=text, epilog=module.EXAMPLES, short_help=text.split("\n")[0])(
            command
        )
    return app


app = _made()


def run(arguments: Sequence[str]) -> int:
    """Run one command line (without the program's name) and give its exit code."""
    return exit_code(
        lambda: app(list(arguments) or ["--help"], prog_name="runut", standalone_mode=False),
        environment=os.environ,
    )


def main() -> None:
    """What the installed command calls."""
    if os.environ.get("RUNUT_DEBUG"):
        logging.basicConfig(level=logging.INFO)
    else:
        # What libraries say to developers is no help to whoever runs the command; what matters
        # of it, they raise.
        logging.getLogger().addHandler(logging.NullHandler())
        warnings.simplefilter("ignore")
    sys.exit(run(sys.argv[1:]))
