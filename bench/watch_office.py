"""An office on a real broker that `runut watch` watches: events at a rate, and queues on cue."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa

ROOT = Path(__file__).parents[1]
PARTITIONS = 6
PATIENCE = 180
_DESKS = 200
_STEPS = ("Apply", "Check", "Issue")
_TICK = 0.01


@dataclass(kw_only=True)
class Heard:
    """Seconds from producing the event that makes a queue too long to its alert, by its time."""

    seconds: list[tuple[float, float]] = field(default_factory=list)
    over: int = 0
    repeats: int = 0


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
    """New topics, and a process with an alert for each desk whose queue exceeds one."""
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
    rule = {
        "name": "queue",
        "measure": "queue_length",
        "activity": "Review",
        "by": "desk",
        "above": 1,
        "keep_firing_for": "1 second",
    }
    definition = {
        "process": "office",
        "timezone": "UTC",
        "source": {"topic": made.events, "group": made.events},
        "case_attributes": ["desk"],
        "clock": {"closes": ["Issue"]},
        "alerts": [rule],
    }
    (folder / "office.yaml").write_text(json.dumps(definition), encoding="utf-8")
    return made


def filled(made: Office, commits: int) -> None:
    """Give the lake a past of so many commits of 500 events, as a watch makes them."""
    from concurrent.futures import ThreadPoolExecutor

    from engine.compacting import Compacting
    from eventlog import identity, schema
    from eventlog.lake import Lake

    lake = Lake.create(made.lake, process="office", case_attributes=["desk"])
    writer, nothing = lake.writer("file/past"), schema.REJECTS.empty_table()
    began = datetime.now(UTC) - timedelta(days=2)
    with ThreadPoolExecutor(1) as pool:
        compacting = Compacting(lake, pool, every=300)
        for number in range(commits):
            rows = [
                {
                    "event_id": f"past-{number}-{at}",
                    "case_id": f"past-{number}-{at // len(_STEPS)}",
                    "activity": _STEPS[at % len(_STEPS)],
                    "timestamp": began + timedelta(milliseconds=250 * number, microseconds=at),
                    "lifecycle": "complete",
                    "topic": "past",
                    "partition": 0,
                    "offset": number * 501 + at,
                    "source": "past",
                }
                for at in range(501)
            ]
            table = pa.Table.from_pylist(rows, schema=schema.incoming(("desk",)))
            start = number * 501
            writer.append(identity.finish(table), nothing, start=start, next=start + 501)
            compacting.committed()


@contextmanager
def watched(made: Office) -> Iterator[psutil.Process]:
    """`runut watch` as a process of its own, ready; ended by SIGTERM. Its log is kept beside."""
    with (made.folder / "watch.log").open("w", encoding="utf-8") as log:
        running = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("runut")),
                *("watch", "--process", "office.yaml", "--lake", str(made.lake), "--json"),
            ],
            cwd=made.folder,
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "RUNUT_KAFKA": made.bootstrap,
                "RUNUT_ALERTS_TOPIC": made.alerts,
                "RUNUT_OPERATIONS_ADDRESS": made.address,
            },
        )
        try:
            _await_ready(made, running)
            yield psutil.Process(running.pid)
        finally:
            running.terminate()
            running.wait(PATIENCE)


def _await_ready(made: Office, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if running.poll() is not None:
            raise SystemExit((made.folder / "watch.log").read_text("utf-8")[-3000:])
        if page(made, "/ready") is not None:
            return
        time.sleep(0.2)
    raise SystemExit("the watch never became ready")


def page(made: Office, path: str) -> str | None:
    """A page of the watch's own address; None where it does not answer with 200."""
    from urllib.request import urlopen

    try:
        with urlopen(f"http://{made.address}{path}", timeout=10) as answer:
            content: str = answer.read().decode()
            return content
    except OSError:
        return None


def figure(made: Office, name: str) -> float | None:
    """The sum over all labels of one figure for Prometheus; None where it is not told."""
    lines = (page(made, "/metrics") or "").splitlines()
    values = [
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.partition("{")[0].partition(" ")[0] == name
    ]
    return sum(values) if values else None


def produce(made: Office, *, rate: float, seconds: float, probes: float) -> Heard:
    """Send `rate` events a second, and `probes` times a second what makes a desk's queue too long.

    Each probe is two items for a desk whose queue is empty, and later their completion. Waits for
    the alerts that are still under way.
    """
    from confluent_kafka import Producer

    heard, due, ended = Heard(), dict[str, float](), threading.Event()
    listener = threading.Thread(target=_listen, args=(made, heard, due, ended))
    listener.start()
    producer = Producer({"bootstrap.servers": made.bootstrap, "linger.ms": 5})
    began, sent, probe = time.monotonic(), 0, 0
    finishing: list[tuple[float, int]] = []
    while (passed := time.monotonic() - began) < seconds:
        while sent < rate * passed:
            case = f"load-{sent // len(_STEPS)}"
            _send(producer, made.events, case, _STEPS[sent % len(_STEPS)], "complete", None)
            sent += 1
            if sent % 1000 == 0:
                producer.poll(0)
        if probe < probes * passed:
            desk = f"desk-{probe % _DESKS}"
            for number in (0, 1):
                case = f"probe-{probe}-{number}"
                if number:
                    producer.flush()  # the first is there: the second is what makes it too long
                    due[desk] = time.time()
                _send(producer, made.events, case, "Review", "schedule", desk)
            finishing.append((passed + 5, probe))
            probe += 1
        while finishing and finishing[0][0] <= passed:
            _, old = finishing.pop(0)
            for number in (0, 1):
                case, desk = f"probe-{old}-{number}", f"desk-{old % _DESKS}"
                _send(producer, made.events, case, "Review", "complete", desk)
                _send(producer, made.events, case, "Issue", "complete", desk)
        producer.poll(0)
        time.sleep(_TICK)
    producer.flush()
    until = time.monotonic() + PATIENCE
    while due and time.monotonic() < until:
        time.sleep(0.2)
    ended.set()
    listener.join()
    return heard


def _send(
    producer: Any, topic: str, case: str, activity: str, lifecycle: str, desk: str | None
) -> None:
    event: dict[str, Any] = {
        "event_id": f"{case}-{activity}-{lifecycle}",
        "case_id": case,
        "activity": activity,
        "lifecycle": lifecycle,
        "timestamp": datetime.now(UTC).isoformat(),
    }
    if desk is not None:
        event["case"] = {"desk": desk}
    while True:
        try:
            producer.produce(topic, json.dumps(event).encode(), key=case.encode())
        except BufferError:
            producer.poll(0.1)
        else:
            return


def _listen(made: Office, heard: Heard, due: dict[str, float], ended: threading.Event) -> None:
    from confluent_kafka import Consumer

    consumer = Consumer(
        {
            "bootstrap.servers": made.bootstrap,
            "group.id": made.alerts,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 10,
        }
    )
    consumer.subscribe([made.alerts])
    while not ended.is_set():
        for one in consumer.consume(100, 0.1):
            if one.error():
                continue
            told = json.loads(one.value())
            now = time.time()
            if told["state"] != "firing":
                heard.over += 1
                continue
            since = due.pop(told["subject"].get("group"), None)
            if since is None:
                heard.repeats += 1
            else:
                heard.seconds.append((now, now - since))
    consumer.close()
