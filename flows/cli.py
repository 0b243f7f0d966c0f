"""The command `runut`: every command by its name, and what becomes of errors."""

import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from flows.commands import (
    alerts,
    audit,
    check,
    demo,
    deploy,
    ingest,
    load,
    mine,
    replay,
    serve,
    settings,
    simulate,
    token,
    watch,
)
from flows.failures import exit_code

# In the order in which a newcomer meets them.
_COMMANDS: tuple[tuple[str, ModuleType, Callable[..., int | None]], ...] = (
    ("demo", demo, demo.demo),
    ("import", load, load.load),
    ("ingest", ingest, ingest.ingest),
    ("watch", watch, watch.watch),
    ("mine", mine, mine.mine),
    ("serve", serve, serve.serve),
    ("token", token, token.token),
    ("audit", audit, audit.audit),
    ("check", check, check.check),
    ("replay", replay, replay.replay),
    ("simulate", simulate, simulate.simulate),
    ("deploy", deploy, deploy.deploy),
    ("settings", settings, settings.settings),
)
# A command with others below it comes after this one.
_GROUPS = {"alerts": ("check", alerts, alerts.alerts, alerts.WITHIN)}
_NAMES = tuple(
    each
    for name, *_ in _COMMANDS
    for each in (name, *(group for group, (after, *_) in _GROUPS.items() if after == name))
)


class _InOrder(TyperGroup):
    """Lists the commands as they stand above, those with others below them among the rest."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        del ctx
        return sorted(self.commands, key=_NAMES.index)


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
        cls=_InOrder,
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
    for name, (_after, module, command, within) in _GROUPS.items():
        app.add_typer(_group(module, command, within), name=name)
    return app


def _group(
    module: ModuleType, command: Callable[..., None], within: Sequence[Callable[..., None]]
) -> typer.Typer:
    """A command that does something by itself, and has others below it."""
    text = _paragraphs(command.__doc__ or "")
    group = typer.Typer(rich_markup_mode="rich")
    group.callback(
        invoke_without_command=True,
        help=text,
        epilog=module.EXAMPLES,
        short_help=text.split("\n")[0],
    )(command)
    for each in within:
        said = _paragraphs(each.__doc__ or "")
        group.command(each.__name__, help=said, short_help=said.split("\n")[0])(each)
    return group


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
