"""The command line as tests call it: in this process, in a folder of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import run

from .scheduler import backend, scheduler


@pytest.fixture(scope="session", autouse=True)
def _prefect_at_home(tmp_path_factory):
    """Prefect keeps its things in a folder of this session, and tells nobody about them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        patch.setenv("DO_NOT_TRACK", "1")
        patch.setenv("PREFECT_LOGGING_LEVEL", "WARNING")
        patch.delenv("PREFECT_API_URL", raising=False)
        yield


@pytest.fixture(scope="session", params=[backend()])
def server(_prefect_at_home, tmp_path_factory):
    """The address of a Prefect server on this machine; its database is named in the test's id."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with (
        scheduler(tmp_path_factory.mktemp("scheduler")) as api,
        temporary_settings({PREFECT_API_URL: api}),
    ):
        yield api
        # What is still on its way must not look for a server that is gone.
        APILogWorker.instance().drain()
        EventsWorker.drain_all()


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    def failed_clearly(self, *said):
        """A message on stderr that says this, no traceback, no result."""
        assert self.code in {1, 2}, self
        assert "Traceback" not in self.err + self.out, self.err
        assert "unexpected" not in self.err, self.err
        assert self.err.startswith("runut: "), self.err
        for text in said:
            assert text in self.err, self.err
        return self.code


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder, no settings from outside, keys where tests may write."""
    for name in list(os.environ):
        if name.startswith("RUNUT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RUNUT_KEY_FILE", str(tmp_path / "keys" / "pseudonym.key"))
    monkeypatch.setenv("COLUMNS", "100")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def runut(here, capsys):  # noqa: ARG001 (to be there)
    """Runs one command line: runut("mine", "--lake", "lake")."""

    def call(*arguments):
        capsys.readouterr()
        code = run([str(part) for part in arguments])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return call


@pytest.fixture
def spawned(here):  # noqa: ARG001 (to be there)
    """Starts the installed command itself, as a process of its own."""
    started = []

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [Path(sys.executable).with_name("runut"), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


LOG = """case,activity,time,officer
P1,Submit,2026-03-02 09:00:00,
P1,Check,2026-03-02 10:00:00,ann
P1,Decide,2026-03-03 10:00:00,bob
P2,Submit,2026-03-02 11:00:00,
P2,Check,2026-03-02 12:00:00,ann
P2,Check,2026-03-04 12:00:00,ann
P2,Decide,2026-03-05 10:00:00,bob
P3,Submit,2026-03-04 09:00:00,
P3,Check,2026-03-04 09:30:00,bob
P3,Decide,2026-03-04 10:00:00,bob
"""


@pytest.fixture
def permits(here):
    """A small log whose columns nobody has described."""
    path = here / "permits.csv"
    path.write_text(LOG)
    return path


@pytest.fixture
def process_file(here):
    """A process file for the small log."""
    path = here / "office.yaml"
    path.write_text(
        "process: office\ntimezone: Asia/Jakarta\n"
        "columns: {case_id: case, activity: activity, timestamp: time, resource: officer}\n"
        "clock: {closes: [Decide]}\n"
        "privacy: {pseudonymise: [resource], smallest_cell: 1}\n"
    )
    return path
