"""A Prefect server of this session, on loopback: on Postgres where that is at hand, else SQLite."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

START_SECONDS = 600


def backend():
    """Which database the server is to keep its runs in; it stands in the ids of the tests.

    RUNUT_TEST_SCHEDULER=sqlite asks for that one where Postgres is at hand too.
    """
    if os.environ.get("RUNUT_TEST_SCHEDULER") == "sqlite":
        return "sqlite"
    there = shutil.which("initdb") and shutil.which("postgres")
    return "postgres" if there and (os.geteuid() or _stand_in()) else "sqlite"


@contextlib.contextmanager
def scheduler(home):
    """The address of the API of a server that keeps everything below `home`."""
    with contextlib.ExitStack() as stack:
        database = f"sqlite+aiosqlite:///{home}/prefect.db"
        if backend() == "postgres":
            database = stack.enter_context(_postgres())
        port = _free_port()
        command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
        environment = {
            **os.environ,
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database,
            # as long as a test waits: a busy machine is no server that fails
            "PREFECT_SERVER_DATABASE_TIMEOUT": "120",
            "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
        }
        log = stack.enter_context((home / "server.log").open("w"))
        server = stack.enter_context(
            _running(
                [sys.executable, "-m", *command, "--no-ui"],
                env={**environment, "NO_PROXY": "127.0.0.1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        )
        api = f"http://127.0.0.1:{port}/api"
        _await(server, lambda: _healthy(api), home / "server.log")
        yield api


@contextlib.contextmanager
def _postgres():
    """The address of an empty database that nobody else can reach, and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="runut-postgres-") as folder:
        keep, log = Path(folder) / "keep", Path(folder) / "log"
        # Postgres refuses to be run by root, who may become somebody else for it.
        who = {} if os.geteuid() else {"user": _stand_in()}
        if who:
            shutil.chown(folder, who["user"])
        made = ["initdb", "-D", keep, "-A", "trust", "-U", "prefect", "--no-sync", "--locale=C"]
        subprocess.run([*made, "-E", "UTF8"], check=True, capture_output=True, cwd="/", **who)
        port = _free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "fsync": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (
            log.open("w") as said,
            _running(
                ["postgres", "-D", keep, "-p", str(port), *options],
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                **who,
            ) as server,
        ):
            _await(server, lambda: "ready to accept connections" in log.read_text(), log)
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"


def _stand_in():
    """Somebody whom root may become to run Postgres; None where there is nobody."""
    known = {line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


@contextlib.contextmanager
def _running(command, **how):
    with subprocess.Popen(command, **how) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(process, done, log):
    until = time.monotonic() + START_SECONDS
    while not done():
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail(f"{process.args[0]} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)


def _free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def _healthy(api):
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{api}/health", timeout=2) as answer:
        return answer.status == 200
    return False
