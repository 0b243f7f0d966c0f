"""README and docs can be believed: every command in them runs, or exists with its options.

A page is read as a newcomer reads it, from top to bottom, in a folder like a fresh clone. Fenced
blocks of `sh`, `console` and `python` are run; in a console block what stands below a `$` line is
what the output begins with (`…` stands for anything). A comment before a block may say more:
`<!-- file: x -->` the block is the content of x; `<!-- exits: 2 -->` so it ends;
`<!-- needs: broker -->` what must be there (broker, prefect, containers, make, duckdb);
`<!-- needs: prefect; runs until stopped -->`.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import pytest
import typer
import yaml

from flows.cli import app
from flows.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(
    r"(?:^<!-- (?P<says>[^\n]*) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
RUN = {"sh", "console", "python"}
COMMANDS = typer.main.get_command(app).commands
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
# What the pages use of docker's own; no engine is here to be asked.
COMPOSE = {"up": {"-d"}, "ps": set(), "logs": set(), "exec": set(), "cp": set(), "build": set()}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block of a page, and what the comment before it says."""

    kind: str
    text: str
    line: int
    says: Mapping[str, str]

    @property
    def needs(self):
        return self.says.get("needs", "nothing")

    @property
    def commands(self):
        """Each command with the output that the page shows for it."""
        if self.kind == "sh":
            lines = (line.partition("  #")[0].strip() for line in self.text.splitlines())
            return [(line, "") for line in lines if line]
        heads = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        assert not heads[0].strip(), f"line {self.line}: output without a command"
        return [(head, shown) for head, _, shown in (part.partition("\n") for part in heads[1:])]


def blocks(page):
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        words = [part.partition(":") for part in (match["says"] or "").split(";")]
        says = {name.strip(): value.strip() for name, _, value in words if name.strip()}
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(kind=match["kind"], text=match["text"], line=line, says=says))
    return found


def name_of(page):
    return str(page.relative_to(ROOT))


def pages_that_need(need):
    found = [p for p in PAGES if any(b.kind in RUN and b.needs == need for b in blocks(p))]
    return pytest.mark.parametrize("page", found, ids=name_of)


def shows(said, shown):
    """Whether the output begins as shown, white space apart; `…` stands for anything."""
    parts = ["".join(part.split()) for part in shown.split("…")]
    return re.match(".*?".join(map(re.escape, parts)), "".join(said.split())) is not None


class Newcomer:
    """Somebody in a fresh clone who types what the page says into one shell."""

    def __init__(self, folder, environment, replace=()):
        self.here = self.clone = folder / "clone"
        self.environment = environment
        self.replace = replace
        self.running = []
        self._state = folder / "state"
        shutil.copytree(ROOT / "config", self.clone / "config")
        shutil.copytree(ROOT / "docs" / "examples", self.clone / "docs" / "examples")
        (self.clone / ".venv").symlink_to(sys.prefix)

    def read(self, found):
        for block in found:
            if "file" in block.says:
                (self.here / block.says["file"]).write_text(block.text, encoding="utf-8")
            elif block.kind == "python":
                self.run([sys.executable, "-"], block.text, block)
            elif block.kind in RUN:
                for command, shown in block.commands:
                    said = self.type(command, block)
                    assert shows(said, shown), f"line {block.line}: {command}\nsays\n{said}"

    def type(self, command, block):
        """One line of shell; where it leaves the shell, the next line begins."""
        after = f'\npwd > "{self._state}.pwd"\nenv -0 > "{self._state}.env"\n'
        said = self.run(["sh", "-e"], command + after, block)
        if "exits" not in block.says:
            self.here = Path(Path(f"{self._state}.pwd").read_text().rstrip("\n"))
            pairs = Path(f"{self._state}.env").read_text().rstrip("\0").split("\0")
            self.environment = dict(pair.split("=", 1) for pair in pairs)
        return said

    def run(self, program, text, block):
        done = subprocess.run(
            program,
            input=self.as_here(text),
            cwd=self.here,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == int(block.says.get("exits", 0)), f"{text}\nsays\n{said}"
        assert "Traceback" not in said, said
        return said

    def as_here(self, text):
        for theirs, ours in self.replace:
            text = text.replace(theirs, ours)
        return text

    def start(self, command, ready):
        """Start what runs until it is stopped, and wait until it is `ready`."""
        told = (self.clone / f"told-{len(self.running)}.txt").open("w+")
        process = subprocess.Popen(
            shlex.split(self.as_here(command)),
            cwd=self.here,
            env=self.environment,
            stdout=told,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append((process, told))
        until = time.monotonic() + 180
        while not ready(Path(told.name).read_text()):
            assert process.poll() is None, Path(told.name).read_text()
            assert time.monotonic() < until, Path(told.name).read_text()
            time.sleep(0.2)

    def leave(self):
        for process, told in reversed(self.running):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            told.close()


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
        }
        made.append(Newcomer(tmp_path, {**plain, **own, **more}, replace))
        return made[-1]

    yield make
    for one in made:
        one.leave()


@pages_that_need("nothing")
def test_every_command_of_the_page_runs(page, newcomer):
    newcomer().read([block for block in blocks(page) if block.needs == "nothing"])


@pages_that_need("broker")
def test_every_command_for_a_broker_runs(page, newcomer, broker, new_topic):
    topic = new_topic(2)
    reader = newcomer(
        ("permit.events", topic),
        ("localhost:9092", broker.bootstrap),
        RUNUT_KAFKA=broker.bootstrap,
    )
    process = reader.clone / "config" / "processes" / "building-permit.yaml"
    process.write_text(
        process.read_text(encoding="utf-8")
        .replace("topic: permit.events", f"topic: {topic}")
        .replace("group: runut", f"group: {topic}"),
        encoding="utf-8",
    )
    reader.read([block for block in blocks(page) if block.needs == "broker"])


@pytest.mark.skipif(not util.find_spec("duckdb"), reason="DuckDB is not installed")
@pages_that_need("duckdb")
def test_every_query_for_duckdb_runs(page, newcomer):
    newcomer().read([b for b in blocks(page) if b.needs in {"nothing", "duckdb"}])


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
    reader = newcomer(("4200", port), PREFECT_SERVER_API_PORT=port, PREFECT_RUNNER_POLL_FREQUENCY="1")
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
                reader.start(command, lambda told: "Serving 3 deployments" in told)
            else:
                reader.type(command, block)


ELSEWHERE = [
    pytest.param(command, id=f"{name_of(page)}: {command[:60]}")
    for page in PAGES
    for block in blocks(page)
    if block.kind in RUN and block.needs in {"prefect", "containers", "make"}
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
            known = {o for p in COMMANDS[rest[0]].params for o in (*p.opts, *p.secondary_opts)}
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
        case "chmod":
            assert (ROOT / f"{rest[1]}.example").is_file()
        case _:
            pytest.fail(f"nobody checks {program}")


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


def test_a_marker_says_only_what_is_understood():
    for page in PAGES:
        for block in blocks(page):
            where = f"{name_of(page)}:{block.line}"
            assert set(block.says) <= {"file", "exits", "needs", "runs until stopped"}, where
            known = {"nothing", "broker", "prefect", "containers", "make", "duckdb"}
            assert block.needs in known, where
            assert block.kind in RUN | {"yaml", "toml", "json"}, where


def test_shown_output_is_compared_with_what_is_said():
    assert shows("runut: 3 events\n  added\nmore", "… events added\n")
    assert not shows("runut: 3 events\n", "… cases\n")
    assert not shows("told late: 3", "3")
