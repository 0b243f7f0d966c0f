"""Somebody in a fresh clone who types what a page says, from top to bottom."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from .markdown import ROOT, RUN

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


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
            elif "runs until stopped" in block.says:
                self.visit(block)
            elif block.kind in RUN:
                for command, shown in block.commands:
                    said = self.type(command, block)
                    assert shows(said, shown), f"line {block.line}: {command}\nsays\n{said}"

    def visit(self, block):
        """Start the server of a block, and look at the page whose address it tells."""
        *before, (command, shown) = block.commands
        for earlier, _ in before:
            self.type(earlier, block)
        told = Path(self.start(command, ADDRESS.search).name).read_text()
        assert shows(told, shown), f"line {block.line}: {command}\nsays\n{told}"
        with urllib.request.urlopen(ADDRESS.search(told)[0]) as page:
            assert "</html>" in page.read().decode()

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
        """Start what runs until it is stopped; where it tells, once that is `ready`."""
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
        self.wait(told, ready)
        return told

    def wait(self, told, ready):
        """Until what was told by what was started is `ready`."""
        (process,) = (process for process, said in self.running if said is told)
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
