"""Whoever delivers alerts may be killed at any moment: each arrives, and repeats share its key."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from kafka import KafkaConsumer, TopicPartition

from engine.alerting.book import judge
from engine.alerting.life import Reading, Subject
from eventlog.definition_file import load
from eventlog.lake import Lake

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
RULE = "{name: queue, measure: queue_length, activity: Check, above: 1}"
# For every line that it reads it forks a watch that tells, and says who that is and how it ended:
# one that goes on until it is killed, or one that ends when it has told what there is.
TELLS = """
import os, sys, time
from datetime import timedelta
from pathlib import Path
from flows import wire
from flows.settings import settle
from flows.live.telling import Pauses, tellers
import connectors.kafka_sink, connectors.webhook

class Nobody:
    def delivered(self, channel, *, messages):
        pass

    def undelivered(self, channel, error, *, again):
        sys.exit(f"{channel}: {error}")

here = Path.cwd()
flags = {"process": "office.yaml", "lake": "lake"}
settings = settle(flags, environment=os.environ, folder=here).settings
process = wire.definition(settings, here=here)
pauses = Pauses(between=timedelta(milliseconds=5), leaving=timedelta(minutes=1))
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        lake = wire.open_lake(settings)
        with tellers(
            settings, lake, process, on_event=Nobody(), environment={}, pauses=pauses
        ) as telling:
            while line == "for ever\\n":
                time.sleep(60)
        os._exit(sum(told.failed or told.waiting for told in telling.snapshot()))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Messenger:
    """A process that forks those who tell, of whom all but the last are killed."""

    def __init__(self, web, **environment):
        self.web = web
        self.process = subprocess.Popen(
            [sys.executable, "-c", TELLS],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, how_long):
        self.process.stdin.write(f"{how_long}\n")
        self.process.stdin.flush()

    def answer(self):
        return int(self.process.stdout.readline())

    def tell_and_be_killed(self, when, change=lambda: None, *, ready=0):
        """When a post was taken, when that was answered, or so many seconds after the change."""
        child, known, over = [], threading.Event(), threading.Event()

        def kill():
            known.wait()
            if not over.is_set():
                over.set()
                os.kill(child[0], signal.SIGKILL)

        self.web.before_answer = kill if when == "taken" else lambda: None
        self.web.after_answer = kill if when == "answered" else lambda: None
        self.tell("for ever")
        child.append(self.answer())
        known.set()
        over.wait(ready)
        change()
        # Where there is nothing to post it is killed all the same.
        over.wait(when if isinstance(when, float) else 1)
        kill()
        assert self.answer() == -signal.SIGKILL
        self.web.before_answer = self.web.after_answer = lambda: None

    def tell_the_rest(self):
        self.tell("once")
        self.answer()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def read_all(broker, topic):
    with closing(KafkaConsumer(bootstrap_servers=broker.bootstrap)) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning()
        (end,) = consumer.end_offsets([partition]).values()
        found = []
        while consumer.position(partition) < end:
            for records in consumer.poll(timeout_ms=500).values():
                found += [(record.key.decode(), record.value) for record in records]
        return found


@pytest.mark.parametrize("kills", [8, pytest.param(100, marks=pytest.mark.long)])
def test_every_alert_arrives_though_its_messenger_is_killed_at_any_moment(
    kills, here, process_file, web, broker, new_topic
):
    process_file.write_text(process_file.read_text() + f"alerts:\n  - {RULE}\n")
    definition = load(process_file)
    lake = Lake.create(here / "lake", process="office", case_attributes=[])
    chance, topic, wanted = random.Random(7), new_topic(), []

    def change():
        length = 2 if len(wanted) % 2 == 0 else 1
        reading = Reading(subject=Subject(activity="Check"), value=length, unit="files")
        now = NOON + timedelta(hours=len(wanted))
        (alert,) = judge(lake, definition, {"queue": [reading]}, now=now, key=b"k")
        wanted.append((alert.key, alert.state))

    environment = {
        "RUNUT_ALERTS_WEBHOOK": web.address,
        "RUNUT_ALERTS_TOPIC": topic,
        "RUNUT_KAFKA": broker.bootstrap,
    }
    with closing(Messenger(web, **environment)) as messenger:
        change()  # by which every channel gets its place in the book
        assert messenger.tell_the_rest() == 0
        for _ in range(kills):
            how = chance.randrange(4)
            if how == 3:  # connected already, and told of something new
                messenger.tell_and_be_killed(chance.uniform(0, 0.05), change, ready=0.8)
            else:
                for _ in range(chance.choice([0, 1, 1, 2])):
                    change()
                messenger.tell_and_be_killed(["taken", "answered", chance.uniform(0, 1)][how])
        assert [messenger.tell_the_rest() for _ in range(2)] == [0, 0]

    came = [(taken["json"]["key"], taken["json"]["state"]) for taken in web.taken]
    assert list(dict.fromkeys(came)) == wanted
    assert len(came) > len(wanted)  # or nobody was killed where it matters
    keys = [taken["headers"]["Idempotency-Key"] for taken in web.taken]
    assert len(set(keys)) == len(wanted)
    bodies = {(key, str(taken["json"])) for key, taken in zip(keys, web.taken, strict=True)}
    assert len(bodies) == len(wanted)

    on_topic = read_all(broker, topic)
    sent = [(key, json.loads(value)["state"]) for key, value in on_topic]
    assert list(dict.fromkeys(sent)) == wanted
    assert len(set(on_topic)) == len(wanted)
    print(f"{kills} kills, {len(wanted)} changes: {len(came)} posts, {len(sent)} on the topic")
