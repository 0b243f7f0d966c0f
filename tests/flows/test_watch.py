"""The whole watch against a real broker: from an event on the topic to an alert, and back."""

import json
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from eventlog.lake import Lake

pytestmark = pytest.mark.kafka
PATIENCE = 120


@pytest.fixture
def office(here, broker, new_topic, spawned, monkeypatch):
    """A process file with one rule, its topics, and a watch that can be started and ended."""
    running = Office(here, broker, new_topic, spawned, monkeypatch)
    yield running
    running.close()


class Office:
    def __init__(self, here, broker, new_topic, spawned, monkeypatch):
        self.events, self.alerts = new_topic(), new_topic()
        self._spawned = spawned
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        definition = {
            "process": "office",
            "timezone": "Asia/Jakarta",
            "source": {"topic": self.events, "group": self.events},
            "case_attributes": ["applicant"],
            "clock": {"closes": ["Issue"]},
            "alerts": [
                {
                    "name": "queue",
                    "measure": "queue_length",
                    "activity": "Review",
                    "above": 1,
                    "keep_firing_for": "1 second",
                }
            ],
        }
        (here / "office.yaml").write_text(json.dumps(definition))  # JSON is YAML
        monkeypatch.setenv("RUNUT_KAFKA", broker.bootstrap)
        monkeypatch.setenv("RUNUT_ALERTS_TOPIC", self.alerts)
        monkeypatch.setenv("RUNUT_OPERATIONS_ADDRESS", self.address)
        self._producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
        self._consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap)
        self._consumer.assign([TopicPartition(self.alerts, 0)])
        self._consumer.seek_to_beginning()

    def close(self):
        self._producer.close()
        self._consumer.close()

    def watch(self):
        """Start it, and wait until it is ready."""
        running = self._spawned("watch", "--process", "office.yaml", "--lake", "lake")
        until = time.monotonic() + PATIENCE
        while self.asked("/ready")[0] != 200:
            assert running.poll() is None, running.communicate()
            assert time.monotonic() < until, "never ready"
            time.sleep(0.1)
        return running

    def asked(self, page):
        try:
            with urllib.request.urlopen(f"http://{self.address}{page}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except OSError:
            return None, ""

    def send(self, *events):
        for case, lifecycle in events:
            event = {
                "case_id": case,
                "activity": "Review",
                "lifecycle": lifecycle,
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
                "resource": "Siti-of-the-counter",
                "case": {"applicant": "Budi-who-builds"},
            }
            self._producer.send(self.events, json.dumps(event).encode(), key=case.encode())
        self._producer.flush()

    def alert(self):
        """The next message on the topic of alerts."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for messages in self._consumer.poll(timeout_ms=500, max_records=1).values():
                return json.loads(messages[0].value)
        raise AssertionError("no alert came")


def test_from_event_to_alert_and_back_over_a_kill_and_nothing_personal_in_the_log(
    office, here, runut
):
    first = office.watch()
    office.send(("PBG-Budi-1", "schedule"), ("PBG-Budi-2", "schedule"))
    fired = office.alert()
    assert (fired["state"], fired["value"], fired["subject"]["activity"]) == ("firing", 2, "Review")
    assert 'state="firing"} 1.0' in office.asked("/metrics")[1]
    first.kill()
    first.communicate()

    second = office.watch()
    office.send(("PBG-Budi-1", "complete"))
    over = office.alert()
    while over["state"] == "firing":  # told again: it was killed before it had noted that
        over = office.alert()
    assert (over["state"], over["key"]) == ("resolved", fired["key"])

    office.send(("PBG-Budi-3", "schedule"), ("PBG-Budi-4", "schedule"))
    second.send_signal(signal.SIGTERM)
    out, log = second.communicate(timeout=PATIENCE)
    assert second.returncode == 128 + signal.SIGTERM, log
    assert "over: queue: Over after" in out
    told = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert (told[0]["event"], told[-1]["event"]) == ("started", "stopped")
    for word in ("Budi", "Siti"):
        assert word not in out + log
    # What was not read before the signal is read by whoever comes next, and nothing twice.
    assert runut("ingest", "--process", "office.yaml", "--lake", "lake", "--once").code == 0
    assert Lake.open(here / "lake").counts() == (5, 0)


def test_who_looks_once_in_a_while_sees_an_alert_begin_and_end(office, here, runut):
    """Though its measure must stay back for an hour where somebody looks all the time."""
    said = json.loads((here / "office.yaml").read_text())
    said["alerts"][0]["keep_firing_for"] = "1 hour"
    (here / "office.yaml").write_text(json.dumps(said))
    looked = ("watch", "--process", "office.yaml", "--lake", "lake", "--once")
    office.send(("PBG-1", "schedule"), ("PBG-2", "schedule"))
    assert "Alerts that fired: 1; that are over: 0." in runut(*looked).out
    office.send(("PBG-1", "complete"))
    assert "Alerts that fired: 0; that are over: 1." in runut(*looked).out
    assert [office.alert()["state"] for _ in range(2)] == ["firing", "resolved"]
