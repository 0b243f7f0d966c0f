"""The process under test: reads a topic into a lake until it is told to stop, or killed."""

import os
import resource
import signal
from dataclasses import asdict, replace
from datetime import timedelta

from connectors.broker import KafkaSettings
from connectors.confluent import ConfluentSource
from connectors.kafka import KafkaSource
from engine.ingest import Limits, ingest
from eventlog.definition import Definition
from eventlog.lake import Lake

SOURCES = {"kafka-python": KafkaSource, "confluent": ConfluentSource}


class WrongLake:
    """A lake that commits position and data apart, in a given order, and dies in between once.

    Not shipped: it shows that the harness sees what the right order prevents.
    """

    def __init__(self, lake, order, crash_at):
        self.lake = lake
        self.order = order
        self.crash_at = crash_at
        self.appended = 0

    def joint_writer(self):
        return WrongWriter(self)

    def compact(self):
        return self.lake.compact()


class WrongWriter:
    def __init__(self, wrong):
        self.wrong = wrong
        self.positions = wrong.lake.joint_writer()

    def position(self, stream):
        return self.positions.position(stream)

    def append(self, parts):
        def move():
            self.positions.append(
                [
                    replace(part, events=part.events.slice(0, 0), rejects=part.rejects.slice(0, 0))
                    for part in parts
                ]
            )

        def add():
            for number, part in enumerate(parts):
                loose = self.wrong.lake.writer(
                    f"loose/{os.getpid()}/{self.wrong.appended}/{number}"
                )
                loose.append(part.events, part.rejects, start=0, next=1)

        self.wrong.appended += 1
        first, second = (move, add) if self.wrong.order == "position-first" else (add, move)
        first()
        if self.wrong.appended == self.wrong.crash_at:
            os.kill(os.getpid(), signal.SIGKILL)
        second()


def run(given, tell):
    """Read as `given` says, and send every report through the pipe `tell`."""
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    lake = Lake.open(given["lake"])
    if given.get("order"):
        lake = WrongLake(lake, given["order"], given["crash_at"])
    source = SOURCES[given["kind"]](
        KafkaSettings(bootstrap=given["bootstrap"]),
        topic=given["topic"],
        group=given["group"],
        session=timedelta(seconds=1.5),
    )
    report = ingest(
        source,
        lake,
        Definition.bare(),
        key=None,
        once=given.get("once", False),
        stop=lambda: bool(stopping),
        progress=lambda so_far: tell.send(asdict(so_far)),
        limits=Limits(
            messages=given.get("messages", 500),
            linger=timedelta(seconds=given.get("linger", 0.2)),
        ),
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    tell.send({**asdict(report), "peak_mb": peak})
