"""Whatever goes wrong, a person reads one clear message, and scripts get the right exit code."""

import os
import signal
import subprocess
import sys

import pytest

from eventlog.errors import RejectError, RetryError, StopError, UsageError
from flows.failures import exit_code


def raising(error):
    def run():
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (StopError("the lake is broken"), 1, "runut: the lake is broken\n"),
        (UsageError("no such thing"), 2, "runut: no such thing\n"),
        (RetryError("busy"), 1, "runut: busy\nThe same command may succeed later.\n"),
        (RejectError("odd"), 1, "runut: odd\n"),
        (FileNotFoundError(2, "No such file", "x.csv"), 1, "runut: x.csv: No such file\n"),
        (OSError(28, "No space left on device"), 1, "runut: No space left on device\n"),
        (KeyboardInterrupt(), 130, "runut: stopped\n"),
        (SystemExit(7), 7, ""),
    ],
)
def test_each_verdict_has_its_exit_code_and_its_words(capsys, error, code, said):
    assert exit_code(raising(error), environment={}) == code
    assert capsys.readouterr().err == said


def test_a_fault_of_ours_is_named_and_kept_in_a_file_for_few_eyes(capsys, tmp_path):
    assert exit_code(raising(KeyError("gone")), environment={"TMPDIR": str(tmp_path)}) == 1
    said = capsys.readouterr().err
    assert said.startswith("runut: unexpected KeyError: 'gone'\n")
    assert "Traceback" not in said
    (kept,) = tmp_path.iterdir()
    assert str(kept) in said
    assert "Traceback" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_with_debug_the_traceback_is_shown(capsys):
    assert exit_code(raising(KeyError("gone")), environment={"RUNUT_DEBUG": "1"}) == 1
    assert "Traceback" in capsys.readouterr().err


def test_sigterm_ends_through_every_finally(capsys):
    ended = []

    def run():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        finally:
            ended.append("tidied up")

    before = signal.getsignal(signal.SIGTERM)
    assert exit_code(run, environment={}) == 143
    assert ended == ["tidied up"]
    assert signal.getsignal(signal.SIGTERM) is before
    assert capsys.readouterr().err == "runut: stopped\n"


def test_who_stops_reading_our_output_gets_no_complaint(spawned):
    process = spawned("settings", "--json")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait(timeout=60)


def test_ctrl_c_while_the_command_still_loads_is_no_traceback():
    story = (
        "import sys\n"
        "class Impatient:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'flows.cli':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Impatient())\n"
        "from flows.start import main\n"
        "main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "runut: stopped\n")
