"""README and docs can be believed: every command in them runs, or exists with its options.

What a block of a page may say is told in `markdown.py`, who types it in `newcomer.py`.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
import tomllib
import urllib.request
from importlib import util
from pathlib import Path

import pytest
import typer
import yaml

from flows.cli import app
from flows.settings import Settings

from .markdown import PAGES, ROOT, RUN, Block, blocks, name_of
from .newcomer import Newcomer, shows

COMMANDS = typer.main.get_command(app).commands
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# What the pages use of docker's own; no engine is here to be asked.
COMPOSE = {"up": {"-d"}, "ps": set(), "logs": set(), "exec": set(), "cp": set(), "build": set()}


def pages_that_need(need):
    """The README each time; the others take minutes together, and are run by `make test-long`."""
    found = [p for p in PAGES if any(b.kind in RUN and b.needs == need for b in blocks(p))]
    long = pytest.mark.long
    marked = [p if p.name == "README.md" else pytest.param(p, marks=long) for p in found]
    return pytest.mark.parametrize("page", marked, ids=[name_of(p) for p in found])


@pytest.fixture
def newcomer(tmp_path):
    """Makes a newcomer, with a home of their own and nothing set that a stranger has not."""
    made = []

    def make(*replace, **more):
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("RUNUT_", "PREFECT_"))}
        home = tmp_path / "home"
        home.mkdir()
        own = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{plain['PATH']}",
            "HOME": str(home),
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "COLUMNS": "100",
            "RUNUT_SERVE_ADDRESS": "127.0.0.1:0",  # any free port: several pages are served at once
        }
        made.append(Newcomer(tmp_path, {**plain, **own, **more}, replace))
        return made[-1]

    yield make
    for one in made:
        one.leave()


# DuckDB is not among what Runut needs; its queries are run where it is installed.
AT_HAND = {"nothing", "duckdb"} if util.find_spec("duckdb") else {"nothing"}


@pages_that_need("nothing")
def test_every_command_of_the_page_runs(page, newcomer):
    newcomer().read([block for block in blocks(page) if block.needs in AT_HAND])


@pytest.mark.skipif("duckdb" not in AT_HAND, reason="DuckDB is not installed")
@pages_that_need("duckdb")
def test_queries_for_duckdb_are_run_with_the_rest_of_their_page(page):
    assert any(block.kind in RUN and block.needs == "nothing" for block in blocks(page))


@pages_that_need("broker")
def test_every_command_for_a_broker_runs(page, newcomer, broker, new_topic):
    topic = new_topic(2)
    reader = newcomer(
        ("permit.events", topic),
        ("localhost:9092", broker.bootstrap),
        RUNUT_KAFKA=broker.bootstrap,
        RUNUT_OPERATIONS_ADDRESS="127.0.0.1:0",
        RUNUT_LOG="off",
    )
    process = reader.clone / "config" / "processes" / "building-permit.yaml"
    process.write_text(
        process.read_text(encoding="utf-8")
        .replace("topic: permit.events", f"topic: {topic}")
        .replace("group: runut", f"group: {topic}"),
        encoding="utf-8",
    )
    shown_by = []
    for block in (block for block in blocks(page) if block.needs == "broker"):
        if "runs until stopped" not in block.says:
            reader.read([block])
            continue
        *before, (command, shown) = block.commands
        for earlier, _ in before:
            reader.type(earlier, block)
        shown_by.append((reader.start(command, lambda told: "Ctrl-C ends" in told), shown))
    for told, shown in shown_by:
        reader.wait(told, lambda said, shown=shown: shows(said, shown))


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return str(door.getsockname()[1])


def healthy(address):
    try:
        return urllib.request.urlopen(f"{address}/health", timeout=2).status == 200
    except OSError:
        return False


@pytest.mark.long
@pages_that_need("prefect")
def test_every_command_for_prefect_runs(page, newcomer):
    port = free_port()
    reader = newcomer(
        ("4200", port), PREFECT_SERVER_API_PORT=port, PREFECT_RUNNER_POLL_FREQUENCY="1"
    )
    shell = Block(kind="sh", text="", line=0, says={})
    reader.type("runut simulate --cases 50 --out office", shell)
    for lake in ("lake", "kafka/lake"):
        reader.type(f"runut import office/events.csv -p building-permit --lake {lake}", shell)
    wanted = [block for block in blocks(page) if block.needs == "prefect"]
    api = f"http://127.0.0.1:{port}/api"
    if not any("server start" in block.text for block in wanted):
        reader.start("prefect server start", lambda _: healthy(api))
    for block in wanted:
        for command, _ in block.commands:
            if command.startswith("prefect server"):
                reader.start(command, lambda _: healthy(api))
            elif command.startswith("runut deploy"):
                reader.start(command, lambda told: "Serving 4 deployments" in told)
            else:
                reader.type(command, block)


ELSEWHERE = [
    pytest.param(command, id=f"{name_of(page)}: {command[:60]}")
    for page in PAGES
    for block in blocks(page)
    if block.kind in RUN and block.needs in {"prefect", "containers", "make", "cluster"}
    for command, _ in block.commands
]


@pytest.mark.parametrize("command", ELSEWHERE)
def test_every_other_command_exists_with_its_options(command):
    exists(shlex.split(command))


def exists(words):
    program, *rest = words
    options = {word.partition("=")[0] for word in rest if word.startswith("-")}
    match program:
        case "runut":
            assert rest[0] in COMMANDS, f"there is no runut {rest[0]}"
            known = options_of(COMMANDS[rest[0]], rest[1:2])
            assert options <= known, f"runut {rest[0]} has no {options - known}"
        case "prefect":
            command = [word for word in rest[:2] if not word.startswith("-")]
            told = subprocess.run(
                [Path(sys.executable).with_name("prefect"), *command, "--help"],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "COLUMNS": "200"},
            )
            assert told.returncode == 0, told.stderr
            assert not [option for option in options if option not in told.stdout]
        case "docker":
            assert rest[0] == "compose"
            exists_in_compose(rest[1:])
        case "make":
            targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
            assert set(rest) <= set(targets)
        case "export":
            name, _, _ = rest[0].partition("=")
            known = {f"RUNUT_{field.upper()}" for field in Settings.model_fields}
            assert name in known | {"PREFECT_API_URL"}
        case "cp":
            assert (ROOT / rest[0]).is_file()
        case "pip":
            extra = re.fullmatch(r"runut\[(\w+)\]", rest[1])
            assert extra[1] in PROJECT["optional-dependencies"]
        case "aws":
            pass  # the store's own tool, which cannot be asked here
        case "chmod":
            assert (ROOT / f"{rest[1]}.example").is_file()
        case _:
            pytest.fail(f"nobody checks {program}")


def options_of(command, next_word):
    """The options of a command, or of the one below it that is named next: alerts silence."""
    for word in next_word:
        command = getattr(command, "commands", {}).get(word, command)
    return {option for p in command.params for option in (*p.opts, *p.secondary_opts)}


def exists_in_compose(words):
    profiles = {name for service in SERVICES.values() for name in service.get("profiles", [])}
    if words[0] == "--profile":
        assert words[1] in profiles
        words = words[2:]
    command, *rest = words
    options = [word for word in rest if word.startswith("-")] if command != "exec" else []
    assert set(options) <= COMPOSE[command]
    named = [word for word in rest if not word.startswith("-")]
    match command:
        case "exec":
            assert named[0] in SERVICES
            exists(rest[1:])
        case "cp":
            assert named[0].partition(":")[0] in SERVICES
        case _:
            assert set(named) <= set(SERVICES)


def test_what_the_readme_says_is_missing_is_missing():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = text.partition("## What is not there yet")[2].partition("\n\nA process")[0]
    commands = re.findall(r"`runut (\w+)`", missing)
    options = re.findall(r"`(--\w+)`", missing)
    assert commands
    assert not set(commands) & set(COMMANDS)
    assert not set(options) & {o for p in COMMANDS["mine"].params for o in p.opts}


def test_a_marker_says_only_what_is_understood():
    for page in PAGES:
        for block in blocks(page):
            where = f"{name_of(page)}:{block.line}"
            assert set(block.says) <= {"file", "exits", "needs", "runs until stopped"}, where
            known = {"nothing", "broker", "prefect", "containers", "make", "cluster", "duckdb"}
            assert block.needs in known, where
            assert block.kind in RUN | {"yaml", "toml", "json"}, where


def test_shown_output_is_compared_with_what_is_said():
    assert shows("runut: 3 events\n  added\nmore", "… events added\n")
    assert not shows("runut: 3 events\n", "… cases\n")
    assert not shows("told late: 3", "3")
