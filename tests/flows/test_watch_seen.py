"""A whole watch as operations see it: it is well, it counts, it ends in order, and names nobody."""

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from kafka import KafkaProducer
from prometheus_client.parser import text_string_to_metric_families

CASES = [f"KTP-3174{number:06d}" for number in range(12)]
PEOPLE = ["Siti-Rahmawati", "Budi-Santoso"]
GROUPS = ["nahdliyin", "tionghoa"]
BROKEN = "Dewi-Lestari"  # in messages that cannot be used
SECRET = "hook-token-4711"
NOBODY = [*CASES, *PEOPLE, *GROUPS, BROKEN, SECRET]
PROCESS = """
process: office
timezone: Asia/Jakarta
source: {topic: TOPIC, group: TOPIC}
case_attributes: [affiliation]
clock: {starts: [Submit], stops: [Decide], closes: [Decide]}
standard: {term: 3 days}
privacy: {smallest_cell: 1}
equity:
  groups: [affiliation]
  sensitive: [affiliation]
  basis: {affiliation: audit order 12/2026}
alerts:
  - {name: all late, measure: overdue_cases, above: 1, severity: critical}
  - {name: late by group, measure: overdue_cases, by: affiliation, above: 1}
  - {name: quiet, measure: silence, above: 1000}
"""


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def messages():
    """Every case was begun ten days ago and waits; and two messages are none."""
    began = datetime.now(UTC) - timedelta(days=10)
    for number, case in enumerate(CASES):
        event = {
            "case_id": case,
            "activity": "Submit",
            "timestamp": (began + timedelta(minutes=number)).isoformat(),
            "resource": PEOPLE[number % 2],
            "case": {"affiliation": GROUPS[number % 2]},
            "attributes": {"note": f"asked by {PEOPLE[0]}"},
        }
        yield json.dumps(event).encode()
    yield json.dumps({"case_id": CASES[0], "activity": BROKEN}).encode()
    yield f"{BROKEN} is no JSON".encode()


def asked(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def figures(page):
    return {
        (sample.name, *(sample.labels.get(k) for k in ("rule", "state", "reason", "result"))): (
            sample.value
        )
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def told(told, name, rule=None, state=None, reason=None, result=None):
    return told.get((name, rule, state, reason, result))


@pytest.mark.long
@pytest.mark.kafka
def test_a_watch_tells_how_it_does_ends_in_order_and_names_nobody(
    spawned, here, broker, new_topic, web
):
    topic, port = new_topic(), free_port()
    (here / "office.yaml").write_text(PROCESS.replace("TOPIC", topic))
    web.usual = 503  # so what waits for it, and what is said of that, is seen too
    watch = spawned(
        *("watch", "--process", "office.yaml", "--lake", "lake", "--kafka", broker.bootstrap),
        RUNUT_OPERATIONS_ADDRESS=f"127.0.0.1:{port}",
        RUNUT_LOG="json",
        RUNUT_ALERTS_TOPIC="off",
        RUNUT_ALERTS_WEBHOOK=f"{web.address}/{SECRET}",
    )
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    for message in messages():
        producer.send(topic, message)
    producer.flush()
    producer.close()

    page, found = "", {}
    until = time.monotonic() + 120
    while not (
        told(found, "runut_alerts", rule="late by group", state="firing") == 2
        and told(found, "runut_deliveries_total", result="failed")
    ):
        assert time.monotonic() < until, page
        assert watch.poll() is None, watch.communicate()
        time.sleep(0.2)
        status, page = asked(f"http://127.0.0.1:{port}/metrics")
        found = figures(page) if status == 200 else {}
    assert asked(f"http://127.0.0.1:{port}/ready")[0] == 200
    assert asked(f"http://127.0.0.1:{port}/health")[0] == 200
    assert told(found, "runut_events_total") == len(CASES)
    assert told(found, "runut_rejects_total", reason="timestamp missing") == 1
    assert told(found, "runut_rejects_total", reason="value unusable") == 1
    assert told(found, "runut_alerts", rule="all late", state="firing") == 1
    assert told(found, "runut_reading", rule="all late") == len(CASES)
    assert told(found, "runut_reading", rule="late by group") is None

    watch.send_signal(signal.SIGTERM)
    out, log = watch.communicate(timeout=60)
    assert watch.returncode == 128 + signal.SIGTERM, log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    said = [line["event"] for line in lines]
    assert {"started", "alert firing", "not delivered", "ingested"} <= set(said)
    assert said[-1] == "stopped"
    assert "Traceback" not in log
    for word in NOBODY:
        assert word not in page, "in the figures"
        assert word not in json.dumps(lines, ensure_ascii=False), "in the log"
        if word not in GROUPS:
            assert word not in out + log, "on the screen"
