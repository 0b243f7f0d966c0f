"""Lets a desk's queue grow too long now and then, and notes when its alert comes."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from watch_office import PROBED, STEPS, Office

_DESKS = 200
# So long a desk's queue stays too long, after which its alert must be over before it comes again.
_LASTING = 5.0
_TICK = 0.005
_WAITS = 30.0


@dataclass(kw_only=True)
class Heard:
    """`seconds` from producing the event that makes a queue too long to its alert.

    `over` alerts were taken back, `again` fired of which nobody had made the cause. `lost` are
    causes whose alert did not come.
    """

    seconds: list[float] = field(default_factory=list)
    over: int = 0
    again: int = 0
    lost: int = 0


def _now() -> datetime:
    return datetime.now(UTC)


class Probes:
    """Sends probes and listens, until it is ended.

    A probe are two applications at a desk where none waits; the clock runs from the second one. The
    listener is a consumer of its own, and has been reading for long when the first one comes. The
    applications are `dated` by what it gives.
    """

    def __init__(self, made: Office, *, dated: Callable[[], datetime] = _now) -> None:
        from confluent_kafka import Producer

        self._made = made
        self._dated = dated
        # Without a linger: it is the watch that is measured.
        self._producer = Producer({"bootstrap.servers": made.bootstrap, "linger.ms": 0})
        self._heard = Heard()
        self._number = 0
        self._due: dict[str, float] = {}
        self._ended = threading.Event()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def probe(self, *, rate: float, seconds: float) -> Heard:
        """So many a second for so long; what was heard by the time when all of it should have."""
        self._heard = heard = Heard()
        began, sent = time.monotonic(), 0
        finishing: list[tuple[float, int]] = []
        while (passed := time.monotonic() - began) < seconds or finishing:
            if passed < seconds and sent < rate * passed:
                finishing.append((passed + _LASTING, self._apply()))
                sent += 1
            while finishing and finishing[0][0] <= passed:
                self._finish(finishing.pop(0)[1])
            self._producer.poll(0)
            time.sleep(_TICK)
        until = time.monotonic() + _WAITS
        while self._due and time.monotonic() < until:
            time.sleep(0.1)
        heard.lost = len(self._due)
        self._due.clear()
        return heard

    def end(self) -> None:
        """Listen no more."""
        self._producer.flush()
        self._ended.set()
        self._listener.join()

    def _apply(self) -> int:
        number, self._number = self._number, self._number + 1
        self._send(number, 0, "schedule")
        self._producer.flush()  # the first is there: the second is what makes it too long
        self._due[_desk(number)] = time.time()
        self._send(number, 1, "schedule")
        return number

    def _finish(self, number: int) -> None:
        for which in (0, 1):
            self._send(number, which, "complete")
            self._send(number, which, "complete", STEPS[-1])

    def _send(self, number: int, which: int, lifecycle: str, activity: str = PROBED) -> None:
        case = f"probe-{number}-{which}"
        event = {
            "event_id": f"{case}-{activity}-{lifecycle}",
            "case_id": case,
            "activity": activity,
            "lifecycle": lifecycle,
            "timestamp": self._dated().isoformat(),
            "case": {"desk": _desk(number)},
        }
        self._producer.produce(self._made.events, json.dumps(event).encode(), key=case.encode())

    def _listen(self) -> None:
        from confluent_kafka import Consumer

        consumer = Consumer(
            {
                "bootstrap.servers": self._made.bootstrap,
                "group.id": self._made.alerts,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 10,
            }
        )
        consumer.subscribe([self._made.alerts])
        while not self._ended.is_set():
            for one in consumer.consume(100, 0.05):
                if not one.error():
                    self._hear(json.loads(one.value()))
        consumer.close()

    def _hear(self, told: dict[str, Any]) -> None:
        now, heard = time.time(), self._heard
        if told["state"] != "firing":
            heard.over += 1
            return
        since = self._due.pop(told["subject"]["group"], None)
        if since is None:
            heard.again += 1
        else:
            heard.seconds.append(now - since)


def _desk(number: int) -> str:
    return f"desk-{number % _DESKS}"
