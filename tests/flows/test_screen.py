"""Results go to stdout, progress to a terminal's stderr, and neither into the other."""

import json
import os
import pty
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.progress import Silent
from flows.screen import Manner, Screen, wrapped


@pytest.mark.parametrize("manner", list(Manner))
def test_words_are_for_people_json_for_scripts_and_quiet_is_quiet(manner, capsys):
    screen = Screen(manner=manner, progress=Silent())
    screen.note("on the way")
    screen.show(["three cases"], {"cases": 3, "where": Path("lake")})
    out, err = capsys.readouterr()
    if manner is Manner.JSON:
        assert json.loads(out) == {"cases": 3, "where": "lake"}
    else:
        assert out == ("three cases\n" if manner is Manner.WORDS else "")
    assert err == ("" if manner is Manner.QUIET else "on the way\n")


def test_long_lines_break_at_words_and_a_bullet_keeps_its_indent(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    path = "/a/very/long/path/that/nobody/could/break/without/harm.html"
    lines = wrapped(f"- the report of this office, in a browser: {path}").splitlines()
    assert lines[0].startswith("- the report")
    assert all(line.startswith("  ") for line in lines[1:])
    assert lines[-1].strip() == path
    assert wrapped("") == ""


def test_progress_on_a_terminal_leaves_results_to_stdout(here):
    ours, theirs = pty.openpty()
    command = [Path(sys.executable).with_name("runut"), "simulate", "--cases", "30", "--json"]
    ran = subprocess.Popen(
        [*command, "--out", here / "office"], stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    # A terminal that nobody reads is full after some thousand bytes; then the command waits.
    with ThreadPoolExecutor(1) as reader, ran:
        watching = reader.submit(_all_of, ours)
        out, _ = ran.communicate(timeout=60)
        seen = watching.result(timeout=60)
    os.close(ours)
    assert ran.returncode == 0
    assert json.loads(out)["cases"] == 30
    assert b"simulating" in seen
    assert b'"cases"' not in seen


def _all_of(terminal):
    seen = b""
    while chunk := _read(terminal):
        seen += chunk
    return seen


def _read(terminal):
    """What is left on the terminal; Linux says EIO when the other side has closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
