"""Apache Kafka for the tests: its jars fetched once, one small broker to kill at will."""

import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from xml.etree import ElementTree as ET

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
START_SECONDS = 60.0


class NoBrokerError(Exception):
    """Apache Kafka cannot be had here; the text says what is missing."""


class WrongJarsError(Exception):
    """What was fetched is not what the project was tested with; nothing stands in for that."""


def version() -> str:
    """The version of Apache Kafka that the tests run, from the pom: '4.3.1'."""
    found = ET.parse(POM).find(".//{*}kafka.version")
    assert found is not None, "tests/broker/pom.xml names no kafka.version"
    return str(found.text)


def cache() -> Path:
    """Where the jars are kept between sessions: RUNUT_CACHE, or the user's own cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("RUNUT_CACHE") or Path(home) / "runut") / f"kafka-{version()}"


def java() -> str:
    """The java command, checked to be 17 or newer."""
    home = os.environ.get("JAVA_HOME")
    command = shutil.which("java", path=f"{home}/bin" if home else None)
    if command is None:
        raise NoBrokerError("there is no java; Apache Kafka needs 17 or newer")
    said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False).stderr
    major = said.partition('version "')[2].partition(".")[0].partition('"')[0]
    if not major.isdigit() or int(major) < 17:
        raise NoBrokerError(f"{command} is Java {major or '?'}; Apache Kafka needs 17 or newer")
    return command


def jars() -> Path:
    """The folder of Kafka's jars; the first call fetches them by Maven, checks each hash."""
    folder = cache()
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise NoBrokerError(f"{folder} is absent, and there is no mvn to fetch Apache Kafka with")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as name:
        fetched = Path(name) / "jars"
        command = ["mvn", "-q", "-B", "--strict-checksums", "-f", str(POM)]
        command += ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        command += [f"-DoutputDirectory={fetched}"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise NoBrokerError(f"mvn could not fetch Apache Kafka: {ran.stdout[-600:].strip()}")
        _check_hashes(fetched)
        try:
            fetched.rename(folder)  # whole or not at all: another session may be fetching too
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def _check_hashes(folder: Path) -> None:
    wanted = {}
    for line in (HERE / "jars.sha256").read_text().splitlines():
        sha256, name = line.split()
        wanted[name] = sha256
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.jar")}
    wrong = sorted({name for name, _ in wanted.items() ^ found.items()})
    if wrong:
        message = f"these jars are not what tests/broker/jars.sha256 says: {', '.join(wrong)}"
        raise WrongJarsError(message)


def free_port() -> int:
    """A loopback port that nobody listens on, below the range that outgoing connections use.

    From within that range a client that knocks again and again while the broker is down can end up
    connected to itself, and then holds the port that the broker wants back.
    """
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NoBrokerError("no free loopback port between 20000 and 32000")


class ApacheBroker:
    """One broker process of Apache Kafka in KRaft mode on loopback, its data below one folder.

    Stays at its address and keeps its messages through restart and kill. `log` is its log file.
    """

    kind = "apache"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._java = java()
        self._classpath = f"{jars()}/*"
        self._process: subprocess.Popen[bytes] | None = None
        port, controller = free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        self.log = folder / "broker.log"
        self._settings = folder / "server.properties"
        folder.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(
            (HERE / "server.properties").read_text()
            + f"listeners=PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{controller}\n"
            + f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
            + f"log.dirs={folder / 'data'}\n"
        )
        command = self._command(
            "kafka.tools.StorageTool", "format", "--config", str(self._settings)
        )
        command += ["--cluster-id", "cnVudXQtdGVzdHMtLS0tLQ"]
        formatted = subprocess.run(command, capture_output=True, text=True, check=False)
        if formatted.returncode != 0:
            raise NoBrokerError(f"formatting failed: {formatted.stdout}{formatted.stderr}")
        self.start()

    @property
    def pid(self) -> int:
        """The process to look at; it changes with every start."""
        assert self._process is not None, "the broker is not running; start() it first"
        return self._process.pid

    def start(self) -> None:
        """Start the broker where it is not running, and wait until it answers."""
        assert self._process is None, "the broker is running already"
        command = self._command("kafka.Kafka", str(self._settings))
        if shutil.which("setpriv") and threading.current_thread() is threading.main_thread():
            # A suite that is killed takes its broker along. The kernel watches the starting
            # *thread*, so that only the main thread's word counts.
            command = ["setpriv", "--pdeathsig", "KILL", *command]
        with self.log.open("ab") as log:
            written = log.tell()
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self._await_answer(written)

    def stop(self) -> None:
        """End the broker as an operator would (SIGTERM), and wait until it is gone."""
        assert self._process is not None, "the broker is not running"
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the broker as a power cut would (SIGKILL)."""
        assert self._process is not None, "the broker is not running"
        self._process.kill()
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Stop and start: the same address, the same messages."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the broker (SIGSTOP): connections stay open and nobody answers.

        A thread that runs while the signal comes still ends its turn, and may answer; so wait
        until all of them stand.
        """
        os.kill(self.pid, signal.SIGSTOP)
        give_up = time.monotonic() + 10
        while not self._stands() and time.monotonic() < give_up:
            time.sleep(0.01)

    def _stands(self) -> bool:
        """Whether every thread of the broker is stopped, as the kernel tells it."""
        for status in Path(f"/proc/{self.pid}/task").glob("*/stat"):
            try:
                state = status.read_text().rpartition(")")[2].split()[0]
            except OSError:  # a thread that ended meanwhile
                continue
            if state not in {"T", "t"}:
                return False
        return True

    def resume(self) -> None:
        """Let a frozen broker go on (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """End the broker for good and remove its data; the log file stays."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self._folder / "data", ignore_errors=True)

    def _command(self, main: str, *arguments: str) -> list[str]:
        # Serial collector and first-tier compiler: quick to start, and two cores are shared.
        options = ["-Xms128m", "-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        options += [f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"]
        return [self._java, *options, "-cp", self._classpath, main, *arguments]

    def _await_answer(self, written: int) -> None:
        """Wait for the line that Kafka logs when it takes requests, after `written` bytes of log.

        A client that knocked instead would leak a thread and a socket whenever it came too early.
        """
        assert self._process is not None
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                code, self._process = self._process.returncode, None
                raise NoBrokerError(f"Kafka ended with exit code {code}:\n{self._log_tail()}")
            with self.log.open("rb") as log:
                log.seek(written)
                if b"Kafka Server started" in log.read():
                    return
            time.sleep(0.1)
        self.kill()
        raise NoBrokerError(f"no answer after {START_SECONDS:.0f} s:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
