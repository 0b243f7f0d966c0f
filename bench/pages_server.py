"""Results of a large office, and `runut serve` over them as a process of its own."""

import html
import http.client
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stock import PROCESS, ROOT

from web.access.roles import Role
from web.access.tokens import new_token

# The environment of the benchmarks has its packages, but not Runut itself.
RUNUT = ROOT / ".venv" / "bin" / "runut"
READERS, ANALYSTS = 50, 10
_PATIENCE = 60
_LOOK = 0.005


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: its port, its number, when it was started, and who may come."""

    port: int
    number: int
    began: float
    readers: tuple[str, ...]
    analysts: tuple[str, ...]

    @property
    def address(self) -> str:
        """What all addresses begin with."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory(self) -> int:
        """Bytes that it holds now."""
        return self._status("VmRSS")

    @property
    def most(self) -> int:
        """The most bytes that it ever held."""
        return self._status("VmHWM")

    @property
    def processor(self) -> float:
        """Seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.number}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> int:
        told = Path(f"/proc/{self.number}/status").read_text("ascii")
        found = re.search(rf"^{name}:\s+(\d+) kB", told, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024


def mined(lake: Path, out: Path) -> tuple[int, int]:
    """Mine the lake into `out`; how many events and cases it is about."""
    command = [RUNUT, "mine", "--process", PROCESS, "--lake", lake, "--out", out, "--quiet"]
    subprocess.run(command, check=True, cwd=out.parent)
    counts = json.loads((out / "run.json").read_text("utf-8"))["counts"]
    return int(counts["events"]), int(counts["cases"])


@contextmanager
def served(results: Path, folder: Path) -> Iterator[Server]:
    """A server over these results that lets in whoever has a token; ended by SIGTERM.

    It is handed on at once, before it answers.
    """
    drawn = [
        (role, new_token(f"{role.name.lower()}-{number}", role))
        for role, many in ((Role.VIEWER, READERS), (Role.ANALYST, ANALYSTS))
        for number in range(many)
    ]
    lines = "\n".join(line for _, (line, _) in drawn)
    (folder / "tokens").write_text(f"{lines}\n", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "RUNUT_SERVE_TOKENS": str(folder / "tokens"),
        "RUNUT_SERVE_AUDIT_LOG": str(folder / "audit.jsonl"),
        "RUNUT_KEY_FILE": str(folder / "key"),
    }
    command = [RUNUT, "serve", "--quiet", "--results", results, "--address", f"127.0.0.1:{port}"]
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        began = time.perf_counter()
        running = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield Server(
                port=port,
                number=running.pid,
                began=began,
                readers=tuple(secret for role, (_, secret) in drawn if role is Role.VIEWER),
                analysts=tuple(secret for role, (_, secret) in drawn if role is Role.ANALYST),
            )
        finally:
            running.terminate()
            running.wait(_PATIENCE)


def await_health(server: Server) -> float:
    """Seconds since its start when the server first says that it is well."""
    while time.perf_counter() < server.began + _PATIENCE:
        try:
            ask(server, "/health")
        except OSError:
            time.sleep(_LOOK)
        else:
            return time.perf_counter() - server.began
    raise SystemExit("the server never answered")


def findings(server: Server) -> list[str]:
    """The addresses of all findings, as the page for readers has them."""
    page, _ = _asked(server, "/findings", server.readers[0])
    found = re.findall(r'href="(/findings/[^"?#]+)"', page)
    return sorted({html.unescape(one) for one in found})


def ask(server: Server, path: str, token: str = "") -> float:
    """Milliseconds from asking for an address until all of the answer is there."""
    _, took = _asked(server, path, token)
    return 1000 * took


def _asked(server: Server, path: str, token: str) -> tuple[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_PATIENCE)
    try:
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        page = answer.read()
        took = time.perf_counter() - began
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"{path}: {answer.status}\n{page.decode()[-2000:]}")
    return page.decode(), took
