"""Sends the events of an office: at a steady pace, or as fast as its watch reads them.

    python bench/watch_load.py BOOTSTRAP TOPIC [--rate 2000 | --ahead 40000 --address HOST:PORT]

A process of its own, so that it takes no time from whoever measures; it ends by SIGTERM. Every case
is begun, checked and issued, with 20,000 open at a time.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[1]))
from watch_office import COUNTERS, STEPS, Office, figures

OPEN = 20_000
BEGAN = datetime(1980, 1, 1, tzinfo=UTC)
# What it keeps sent and not committed, where it sends as fast as is read.
AHEAD = 40_000
_TICK = 0.01
_AT_ONCE = 5_000
_LOOK = 0.05
_COMMITTED = "runut_events_total"


def main() -> None:
    """Send until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap")
    parser.add_argument("topic")
    parser.add_argument("--rate", type=float, default=2000)
    parser.add_argument("--ahead", type=int, default=0)
    parser.add_argument("--address", default="", help="where the watch tells of itself")
    parser.add_argument("--step", type=float, default=0, help="seconds from case to case; 0: now")
    asked = parser.parse_args()
    stop = SimpleNamespace(now=False)
    signal.signal(signal.SIGTERM, lambda *_: setattr(stop, "now", True))
    due = _steady(asked.rate) if not asked.ahead else _ahead(asked.address, asked.ahead)
    _send(asked.bootstrap, asked.topic, due, lambda: stop.now, asked.step)


def _steady(rate: float) -> Callable[[int], int]:
    """How many events more are due, after so many were sent: at `rate` a second."""
    began = time.monotonic()
    return lambda sent: int(rate * (time.monotonic() - began)) - sent


def _ahead(address: str, ahead: int) -> Callable[[int], int]:
    """The same, so that `ahead` events are always sent and not committed."""
    first, told, looked = _committed(address), 0, 0.0

    def due(sent: int) -> int:
        nonlocal told, looked
        if time.monotonic() - looked > _LOOK:
            told, looked = _committed(address) - first, time.monotonic()
        return told + ahead - sent

    return due


def _committed(address: str) -> int:
    return int(figures(address).get(_COMMITTED, 0))


def _send(
    bootstrap: str, topic: str, due: Callable[[int], int], stop: Callable[[], bool], step: float
) -> None:
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5})
    events = _events(f"{time.time_ns():x}", step)
    sent = 0
    while not stop():
        many = min(max(due(sent), 0), _AT_ONCE)
        for key, value in islice(events, many):
            producer.produce(topic, value, key=key)
        sent += many
        producer.poll(0)
        time.sleep(_TICK)
    producer.flush()


def _events(run: str, step: float) -> Iterator[tuple[str, str]]:
    """Case and message of one event after the other.

    Each case that begins lets one go on that began before it, and another one end. With a `step`
    they begin so many seconds apart from `BEGAN` on, else as they are sent.
    """
    for begun in count():
        now = BEGAN + timedelta(seconds=step * begun) if step else datetime.now(UTC)
        when = now.isoformat()
        for place, activity in enumerate(STEPS):
            number = begun - place * OPEN // (len(STEPS) - 1)
            if number >= 0:
                case = f"{run}-{number}"
                desk = f'{{"desk":"counter-{number % COUNTERS}"}}'
                what = f'"case_id":"{case}","activity":"{activity}","case":{desk}'
                told = f'"event_id":"{case}-{place}","lifecycle":"complete","timestamp":"{when}"'
                yield case, f"{{{told},{what}}}"


@contextmanager
def load(made: Office, *, rate: float | None, step: float = 0) -> Iterator[None]:
    """Events in a process of its own: so many a second, or (None) as fast as the watch reads."""
    pace = (
        ["--ahead", str(AHEAD), "--address", made.address]
        if rate is None
        else ["--rate", str(rate)]
    )
    running = subprocess.Popen(
        [sys.executable, __file__, made.bootstrap, made.events, *pace, "--step", str(step)]
    )
    try:
        yield
        if running.poll() is not None:
            raise SystemExit("the load has ended by itself")
    finally:
        running.terminate()
        running.wait()


if __name__ == "__main__":
    main()
