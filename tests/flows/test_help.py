"""The help: every command has an example that parses, and it is quick to come."""

import inspect
import re
import shlex
import subprocess
import sys

import pytest
import typer

from flows.cli import app

COMMANDS = typer.main.get_command(app).commands
EXAMPLES = [
    (name, line)
    for name, command in COMMANDS.items()
    for line in (command.epilog or "").splitlines()[1:]
]


def test_there_are_the_commands_of_the_interface_and_no_others():
    assert typer.main.get_command(app).list_commands(None) == [
        "demo", "import", "ingest", "watch", "mine", "serve", "token", "audit", "check", "alerts",
        "replay", "simulate", "deploy", "settings",
    ]  # fmt: skip


def test_every_command_has_an_example():
    assert {name for name, _ in EXAMPLES} == set(COMMANDS)


@pytest.mark.parametrize(("name", "line"), EXAMPLES)
def test_each_example_parses(name, line):
    words = [word for word in shlex.split(line) if not re.match(r"[A-Z_]+=", word)]
    assert words[:2] == ["runut", name]
    command, rest = COMMANDS[name], words[2:]
    below = getattr(command, "commands", {})
    if rest and rest[0] in below:
        command, rest = below[rest[0]], rest[1:]
    context = command.make_context(name, rest)
    # what is parsed fits what is called
    takes = inspect.signature(command.callback)
    also = {"context": context} if "context" in takes.parameters else {}
    takes.bind(**context.params, **also)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_a_terminal_of_100_columns_and_shows_the_examples(runut, name):
    ran = runut(name, "--help")
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 100
    for of, line in EXAMPLES:
        if of == name:
            assert line in ran.out


def test_without_a_command_the_help_comes(runut):
    ran = runut()
    assert ran.code == 0
    assert all(f" {name} " in ran.out for name in COMMANDS)


def test_the_version_is_told(runut):
    assert re.fullmatch(r"runut \d+\.\d+\.\d+\n", runut("--version").out)


def test_help_waits_for_nothing_heavy():
    heavy = {"numpy", "numba", "pandas", "pyarrow", "pm4py", "prefect", "kafka", "deltalake"}
    code = f"import sys, flows.cli; print(*({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mime"], "No such command 'mime'. Did you mean 'mine'"),
        (["mine", "--lak", "x"], "No such option: --lak"),
        (["simulate"], "Missing option '--out'"),
        (["simulate", "--out", "x", "--seed", "one"], "seed"),
        (["import"], "Missing argument 'FILE...'"),
        (["erase"], "No such command"),
        (["mine", "--colour", "red"], "No such option: --colour"),
    ],
)
def test_wrong_usage_is_2_and_says_where_to_read(runut, arguments, said):
    ran = runut(*arguments)
    assert ran.failed_clearly(said, "--help") == 2
