"""An office on a real broker that `runut watch` watches, and what the watch tells of itself."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
PARTITIONS = 6
PATIENCE = 180
STEPS = ("Apply", "Check", "Issue")
PROBED = "Review"
COUNTERS = 50
# The environment of the benchmarks has its packages, but not Runut itself.
_RUNUT = ROOT / ".venv" / "bin" / "runut"


@dataclass(frozen=True, kw_only=True)
class Office:
    """Topics on a broker, a folder with the process file, and where the watch tells of itself."""

    bootstrap: str
    folder: Path
    events: str
    alerts: str
    address: str

    @property
    def lake(self) -> Path:
        """Where the watch keeps its lake."""
        return self.folder / "lake"


def office(bootstrap: str, folder: Path) -> Office:
    """New topics, and a process with an alert for each desk whose queue exceeds one.

    The other rules are there to be read: what they ask of comes, but never reaches them.
    """
    from kafka import KafkaAdminClient

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    stamp = time.time_ns()
    made = Office(
        bootstrap=bootstrap,
        folder=folder,
        events=f"watch-{stamp}",
        alerts=f"alerts-{stamp}",
        address=address,
    )
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        wanted = {made.events: PARTITIONS, made.alerts: 1}
        admin.create_topics(
            {n: {"num_partitions": p, "replication_factor": 1} for n, p in wanted.items()},
            wait_for_metadata=True,
        )
    finally:
        admin.close()
    queue = {"measure": "queue_length", "activity": PROBED, "by": "desk", "above": 1}
    rules = [
        {"name": "queue", **queue, "keep_firing_for": "1 second"},
        {"name": "crowd", "measure": "queue_length", "activity": "Check", "above": 1e9},
        {"name": "oldest", "measure": "oldest_item", "above": 1e9},
        {"name": "late", "measure": "overdue_cases", "by": "desk", "above": 1e9},
        {"name": "soon", "measure": "soon_overdue_cases", "above": 1e9},
        {"name": "silent", "measure": "silence", "above": 1e9},
        {"name": "lag", "measure": "lag", "above": 1e9},
    ]
    definition = {
        "process": "office",
        "timezone": "UTC",
        "source": {"topic": made.events, "group": made.events},
        "case_attributes": ["desk"],
        "clock": {"starts": ["Apply"], "stops": ["Issue"], "closes": ["Issue"]},
        "standard": {"term": "14 days"},
        # Else a desk of which fewer than five cases are known would not be told of.
        "privacy": {"smallest_cell": 1},
        "alerts": rules,
    }
    (folder / "office.yaml").write_text(json.dumps(definition), encoding="utf-8")
    return made


@contextmanager
def watched(made: Office, *arguments: str) -> Iterator[int]:
    """`runut watch` as a process of its own, ready, by its number; ended by SIGTERM.

    Its log is kept beside.
    """
    command = [str(_RUNUT), "watch", "--process", "office.yaml"]
    with (made.folder / "watch.log").open("w", encoding="utf-8") as log:
        running = subprocess.Popen(
            [*command, "--lake", str(made.lake), "--json", *arguments],
            cwd=made.folder,
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "RUNUT_KAFKA": made.bootstrap,
                "RUNUT_KEY_FILE": str(made.folder / "key"),
                "RUNUT_ALERTS_TOPIC": made.alerts,
                "RUNUT_OPERATIONS_ADDRESS": made.address,
            },
        )
        try:
            _await_ready(made, running)
            yield running.pid
        finally:
            running.terminate()
            running.wait(PATIENCE)


def _await_ready(made: Office, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if running.poll() is not None:
            raise SystemExit((made.folder / "watch.log").read_text("utf-8")[-3000:])
        if page(made.address, "/ready") is not None:
            return
        time.sleep(0.2)
    raise SystemExit("the watch never became ready")


def page(address: str, path: str) -> str | None:
    """A page of the watch's own address; None where it does not answer with 200."""
    try:
        with urlopen(f"http://{address}{path}", timeout=10) as answer:
            content: str = answer.read().decode()
            return content
    except OSError:
        return None


def figures(address: str) -> Mapping[str, float]:
    """What the watch tells Prometheus, each figure summed over its labels; empty without one."""
    found: dict[str, float] = {}
    for line in (page(address, "/metrics") or "").splitlines():
        if not line.startswith("#"):
            name = line.partition("{")[0].partition(" ")[0]
            found[name] = found.get(name, 0.0) + float(line.rsplit(" ", 1)[1])
    return found
