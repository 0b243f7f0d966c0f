"""Which broker the tests talk to: a given one, Apache Kafka of their own, or a stand-in."""

import os
import socket
import subprocess
import time
from importlib import resources, util
from pathlib import Path
from shutil import which
from typing import NoReturn, Protocol

import pytest

from .apache import ApacheBroker, NoBrokerError, cache, free_port, java, version

INSIST = "RUNUT_TEST_BROKER"
GIVEN = "RUNUT_KAFKA"


class Broker(Protocol):
    """A running broker at `bootstrap` (host:port); `kind` is apache, given or noida."""

    kind: str
    bootstrap: str

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def close(self) -> None: ...


def announce() -> str:
    """The line of the pytest header that names the broker; starts and fetches nothing."""
    if given := os.environ.get(GIVEN):
        return f"broker: the one at {given} ({GIVEN})"
    apache = f"broker: Apache Kafka {version()}, started when a test asks for it"
    if _wanted() == "apache":
        return f"{apache} ({INSIST}=apache: nothing else will do)"
    why = _why_no_apache()
    return f"broker: noida-db, tests marked kafka are skipped ({why})" if why else apache


def open_broker(folder: Path) -> Broker:
    """The broker for this session, running; what it writes lies below `folder`.

    Raises NoBrokerError where Apache Kafka is insisted upon and cannot be had.
    """
    if given := os.environ.get(GIVEN):
        return GivenBroker(given)
    if _wanted() == "apache":
        return ApacheBroker(folder)
    why = _why_no_apache()
    if not why:
        try:
            return ApacheBroker(folder)
        except NoBrokerError as error:
            why = str(error)
    return NoidaBroker(folder, why)


def _wanted() -> str:
    wanted = os.environ.get(INSIST, "")
    if wanted not in {"", "apache", "noida"}:
        message = f"{INSIST} is {wanted!r}; expected apache, noida or nothing"
        raise pytest.UsageError(message)
    return wanted


def _why_no_apache() -> str:
    """What keeps Apache Kafka from being started here; empty: nothing that can be seen cheaply."""
    if _wanted() == "noida":
        return f"{INSIST}=noida"
    try:
        java()
    except NoBrokerError as error:
        return str(error)
    return "" if cache().is_dir() or which("mvn") else f"no mvn, and no {cache()}"


class _Steady:
    """A broker that the suite may not, or cannot truly, stop: a test that wants to is skipped."""

    kind: str

    def _skip(self) -> NoReturn:
        pytest.skip(f"stopping the broker needs Apache Kafka of our own, not {self.kind}")

    start = stop = kill = restart = pause = resume = _skip


class GivenBroker(_Steady):
    """A broker that somebody else runs."""

    kind = "given"

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def close(self) -> None:
        """Leave it as it is."""


class NoidaBroker(_Steady):
    """noida-db from PyPI: speaks Kafka's protocol well enough for reading and writing.

    It ignores fetch limits, never evicts a killed member and loses seconds when it is killed, so
    tests of such things are marked kafka and skipped. `why` says why Apache Kafka is not here.
    """

    kind = "noida"

    def __init__(self, folder: Path, why: str) -> None:
        if util.find_spec("noida_db") is None:
            message = f"neither Apache Kafka ({why}) nor noida-db is here"
            raise NoBrokerError(message)
        self.why = why
        port = free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        program = Path(str(resources.files("noida_db") / "noida-db"))
        program.chmod(0o755)  # as its own launcher does: wheels forget it
        command = [str(program), "start", "--data-dir", str(folder / "data")]
        command += ["--only", "kafka", "--kafka-port", str(port)]
        with (folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.close()
        raise NoBrokerError(f"noida-db did not start: see {folder / 'broker.log'}")

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=10)
