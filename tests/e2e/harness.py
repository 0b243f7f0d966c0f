"""Starts, kills and freezes reader processes, and knows what was sent, to compare the lake with."""

import collections
import multiprocessing
import os
import time
import zlib

import msgspec
from confluent_kafka import Producer

from connectors.broker import KafkaSettings, reach
from eventlog.lake import Lake

from . import reader

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([reader.__name__])


class Office:
    """Sends events of many cases to a topic, some of them unusable, and remembers every one."""

    def __init__(self, broker, topic, *, partitions, rng):
        self.topic = topic
        self.partitions = partitions
        self.rng = rng
        self.sent = {}  # (partition, offset) -> event id, or None for what cannot be used
        self.steps = collections.Counter()
        # Without idempotence a retry may overtake: then the order would be lost before it is sent.
        self.producer = Producer(
            {
                "bootstrap.servers": broker.bootstrap,
                "linger.ms": 5,
                "enable.idempotence": True,
            }
        )
        self.numbered = 0

    def send(self, count):
        """Send so many messages, every hundredth unusable, and wait for the broker's word."""
        for _ in range(count):
            self.numbered += 1
            case = f"PBG-{self.rng.randrange(2000):05d}"
            self.steps[case] += 1
            name = f"e{self.numbered}"
            event = {
                "event_id": name,
                "case_id": case,
                "activity": self.rng.choice(["Submit", "Check", "Review", "Sign"]),
                "timestamp": f"2026-03-{1 + self.numbered % 28:02d}T09:00:00+07:00",
                "sequence": self.steps[case],
            }
            value = msgspec.json.encode(event)
            if self.numbered % 100 == 0:
                name, value = None, b"not json " + name.encode()
            while True:
                try:
                    self.producer.produce(
                        self.topic,
                        value,
                        key=case.encode(),
                        partition=zlib.crc32(case.encode()) % self.partitions,
                        on_delivery=self._remember(name),
                    )
                    break
                except BufferError:
                    self.producer.poll(0.1)
        assert self.producer.flush(60) == 0

    def _remember(self, name):
        def remember(error, message):
            assert error is None, error
            self.sent[message.partition(), message.offset()] = name

        return remember

    def ends(self):
        """The position behind the last message of each partition."""
        ends = {}
        for partition, offset in self.sent:
            ends[partition] = max(ends.get(partition, 0), offset + 1)
        return ends


class Reader:
    """One reader process, forked from a server that has imported everything: it starts at once."""

    def __init__(self, **settings):
        self.ear, mouth = PROCESSES.Pipe(duplex=False)
        self.process = PROCESSES.Process(target=reader.run, args=(settings, mouth))
        self.process.start()
        mouth.close()

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        self.process.kill()
        self.process.join()

    def told(self):
        """The next thing that the reader says, waiting for it; None at its end."""
        try:
            return self.ear.recv()
        except EOFError:
            return None

    def finish(self, *, seconds=60):
        """Wait for its end; its exit code and all that it said."""
        said = list(iter(self.told, None))
        self.process.join(seconds)
        return self.process.exitcode, said

    def stop(self):
        self.process.terminate()
        return self.finish()

    def close(self):
        self.kill()
        self.process.close()
        self.ear.close()


def await_caught_up(broker, office, lake, *, seconds=60):
    """Wait until the lake stands at the end of every partition; the seconds that it took."""
    began = time.monotonic()
    name = reach(KafkaSettings(bootstrap=broker.bootstrap), office.topic)
    while True:
        positions = {p: lake.position(f"{name}/{office.topic}/{p}") for p in office.ends()}
        if positions == office.ends():
            return time.monotonic() - began
        assert time.monotonic() - began < seconds, (positions, office.ends())
        time.sleep(0.2)


def account(lake, office):
    """What is lost and what is in twice: places among `lost` or `twice`, both empty at best."""
    lake = Lake.open(lake.uri)
    events = lake.read(["partition", "offset", "event_id", "case_id", "sequence"])
    rejects = lake.rejects(limit=10**9)
    columns = [events.column(n).to_pylist() for n in ("partition", "offset")]
    held = collections.Counter(zip(*columns, strict=True))
    refused = collections.Counter(
        zip(*(rejects.column(n).to_pylist() for n in ("partition", "offset")), strict=True)
    )
    found = held + refused
    return {
        "lost": sorted(office.sent.keys() - found.keys()),
        "twice": sorted(place for place, times in found.items() if times > 1),
        "foreign": sorted(found.keys() - office.sent.keys()),
    }


def check_contents(lake, office):
    """Every event stands where it was sent, every reject is one, and each case keeps its order."""
    lake = Lake.open(lake.uri)
    names = ("partition", "offset", "event_id", "case_id", "sequence")
    columns = [lake.read(list(names)).column(name).to_pylist() for name in names]
    rows = sorted(zip(*columns, strict=True))
    assert {(p, o): name for p, o, name, _, _ in rows} == {
        place: name for place, name in office.sent.items() if name is not None
    }
    latest = collections.Counter()
    for _, _, _, case, sequence in rows:
        assert sequence > latest[case]
        latest[case] = sequence
    rejects = lake.rejects(limit=10**9)
    places = zip(*(rejects.column(n).to_pylist() for n in ("partition", "offset")), strict=True)
    assert set(places) == {place for place, name in office.sent.items() if name is None}
    assert all(value.startswith(b"not json e") for value in rejects.column("value").to_pylist())


NOTHING_WRONG = {"lost": [], "twice": [], "foreign": []}
