"""Whoever delivers alerts may be killed at any moment: each arrives, and repeats share its key."""

import os
import random
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from engine.alerting.book import judge
from engine.alerting.life import Reading, Subject
from eventlog.definition_file import load
from eventlog.lake import Lake

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
RULE = "{name: queue, measure: queue_length, activity: Check, above: 1}"
# For every line that it reads it forks somebody who delivers, and says who and how that ended.
DELIVERS = """
import os, sys
from pathlib import Path
from flows import wire
from flows.channels import channels
from flows.settings import settle
import connectors.webhook

here = Path.cwd()
flags = {"process": "office.yaml", "lake": "lake", "alerts_topic": "off"}
settings = settle(flags, environment=os.environ, folder=here).settings
process = wire.definition(settings, here=here)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        for tell in channels(settings, wire.open_lake(settings), process):
            tell()
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.long)])
def test_every_alert_arrives_though_its_messenger_is_killed_at_any_moment(
    kills, here, process_file, web
):
    process_file.write_text(process_file.read_text() + f"alerts:\n  - {RULE}\n")
    definition = load(process_file)
    lake = Lake.create(here / "lake", process="office", case_attributes=[])
    chance = random.Random(7)
    environment = {**os.environ, "RUNUT_ALERTS_WEBHOOK": web.address}
    wanted, killed = [], 0
    with subprocess.Popen(
        [sys.executable, "-c", DELIVERS],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as messenger:

        def deliver(kill_when):
            """Let one deliver; how that ended, 0 or less the signal."""
            child = []
            known = threading.Event()

            def kill():
                known.wait()
                os.kill(child[0], signal.SIGKILL)

            web.before_answer = kill if kill_when == "taken" else lambda: None
            web.after_answer = kill if kill_when == "answered" else lambda: None
            messenger.stdin.write("deliver\n")
            messenger.stdin.flush()
            child.append(int(messenger.stdout.readline()))
            known.set()
            if kill_when == "some time":
                threading.Event().wait(chance.uniform(0, 0.06))
                kill()
            return int(messenger.stdout.readline())

        hour = 0
        while killed < kills:
            for _ in range(chance.choice([0, 1, 1, 2])):
                length = 2 if hour % 2 == 0 else 1
                reading = Reading(subject=Subject(activity="Check"), value=length, unit="files")
                now = NOON + timedelta(hours=hour)
                (alert,) = judge(lake, definition, {"queue": [reading]}, now=now, key=b"k")
                wanted.append((alert.key, alert.state))
                hour += 1
            killed += deliver(chance.choice(["taken", "answered", "some time"])) != 0
        assert deliver("never") == 0
        assert deliver("never") == 0
        messenger.stdin.close()

    came = [(taken["json"]["key"], taken["json"]["state"]) for taken in web.taken]
    assert list(dict.fromkeys(came)) == wanted
    assert len(came) > len(wanted)
    keys = [taken["headers"]["Idempotency-Key"] for taken in web.taken]
    assert len(set(keys)) == len(wanted)
    bodies = {(key, str(taken["json"])) for key, taken in zip(keys, web.taken, strict=True)}
    assert len(bodies) == len(wanted)
