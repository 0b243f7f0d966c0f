"""Alerts of the scheduled run reach the topic and the scheduler, whatever was away meanwhile."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from kafka import KafkaConsumer, TopicPartition

from engine.progress import Silent
from eventlog import schema
from eventlog.errors import RetryError, StopError
from eventlog.lake import Lake
from eventlog.pseudonym import pseudonym, read_or_make_key
from flows.alerting import tell_alerts
from flows.mine import mine
from flows.settings import settle

RULE = "{name: check queue, measure: queue_length, activity: Check, above: 1, severity: critical}"
QUEUED = "P4,Submit,2026-03-05 11:00:00,\nP5,Submit,2026-03-05 12:00:00,\n"
CHECKED = "P4,Check,2026-03-06 09:00:00,ann\n"
KEY = "check queue/2026-03-05T12:00:00+07:00"


@pytest.fixture
def office(runut, permits, process_file, here):
    """Adds rows to the lake of an office with one alert rule."""
    process_file.write_text(process_file.read_text() + f"alerts:\n  - {RULE}\n")

    def add(rows, name="more.csv"):
        (here / name).write_text("case,activity,time,officer\n" + rows)
        assert runut("import", name, "--process", process_file, "--lake", "lake").code == 0

    assert runut("import", permits, "--process", process_file, "--lake", "lake").code == 0
    return add


@pytest.fixture
def run(here, process_file):
    """Mines and tells of alerts as the scheduler does; what the scheduler was told."""

    def call(told=None, **settings):
        flags = {"process": str(process_file), "lake": "lake", "results": "results", **settings}
        settled = settle(flags, environment=os.environ, folder=here).settings
        mined = mine(settled, here=here, progress=Silent())
        heard = [] if told is None else told
        tell_alerts(settled, mined, here=here, tell=heard.append)
        return [message["state"] for message in heard]

    return call


@pytest.fixture
def nobody():
    """An address at which no broker answers."""
    with socket.socket() as bound:  # and nobody listens
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


def on_topic(broker, topic):
    """The messages of a topic with their keys, from its beginning."""
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap)
    try:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        wanted, found = consumer.end_offsets([partition])[partition], []
        while len(found) < wanted:
            for records in consumer.poll(timeout_ms=500).values():
                found += [(record.key.decode(), json.loads(record.value)) for record in records]
        return found
    finally:
        consumer.close()


def test_an_alert_is_on_the_topic_once_when_it_fires_and_once_when_it_is_over(
    office, run, broker, new_topic, here
):
    topic = new_topic()
    to = {"kafka": broker.bootstrap, "alerts_topic": topic, "report_url": "https://office.example"}
    assert run(**to) == []
    office(QUEUED)
    assert run(**to) == ["firing"]
    assert run(**to) == []
    office(CHECKED, "later.csv")
    assert run(**to) == ["resolved"]

    (key, fired), (other, over) = on_topic(broker, topic)
    secret = read_or_make_key(here.parent / "keys" / "pseudonym.key")
    assert (key, other) == (KEY, KEY)
    assert fired == {
        "alert_id": "check queue",
        "key": KEY,
        "state": "firing",
        "severity": "critical",
        "measure": "queue_length",
        "subject": {"activity": "Check", "attribute": None, "group": None},
        "value": 2,
        "unit": "files",
        "threshold": 1,
        "usual": None,
        "since": "2026-03-05T12:00:00+07:00",
        "evaluated": "2026-03-05T12:00:00+07:00",
        "reminder": 0,
        "acknowledged": None,
        "cases": [pseudonym("P4", secret), pseudonym("P5", secret)],
        "rule": "only next step",
        "url": "https://office.example/map/details?place=Check",
        "wording": {
            "en": "2 files wait at Check (threshold 1), since 2026-03-05 12:00.",
            "id": "2 berkas menunggu di Check (ambang 1), sejak 2026-03-05 12:00.",
        },
    }
    assert (over["state"], over["value"], over["cases"]) == ("resolved", 1, [])
    assert over["evaluated"] == "2026-03-06T09:00:00+07:00"


@pytest.mark.long
def test_what_fired_while_the_broker_was_away_goes_out_later_under_its_key(
    office, run, broker, new_topic, nobody, here
):
    topic = new_topic()
    office(QUEUED)
    told = []
    with pytest.raises(RetryError, match=f"no Kafka broker answers at {nobody}"):
        run(told, kafka=nobody, alerts_topic=topic)
    assert [message["state"] for message in told] == ["firing"]
    assert (here / "results" / "run.json").exists()
    office(CHECKED, "later.csv")
    assert run(kafka=broker.bootstrap, alerts_topic=topic) == ["resolved"]
    sent = on_topic(broker, topic)
    assert [(key, message["state"]) for key, message in sent] == [
        (KEY, "firing"),
        (KEY, "resolved"),
    ]
    assert sent[0][1] == told[0]


def test_a_topic_that_is_not_there_is_named_with_the_setting_that_names_it(office, run, broker):
    office(QUEUED)
    with pytest.raises(StopError, match=r'"no-such-topic" does not exist.*RUNUT_ALERTS_TOPIC'):
        run(kafka=broker.bootstrap, alerts_topic="no-such-topic")


def test_who_wants_no_topic_needs_no_broker(office, run, nobody):
    office(QUEUED)
    assert run(kafka=nobody, alerts_topic="off") == ["firing"]


def test_where_nothing_is_news_no_broker_is_asked(office, run, nobody):
    assert run(kafka=nobody) == []
    office(CHECKED)
    assert run(kafka=nobody) == []


def test_without_rules_there_is_neither_a_table_of_alerts_nor_a_key_for_them(
    runut, permits, process_file, run, nobody, here
):
    process_file.write_text(process_file.read_text().replace("pseudonymise: [resource], ", ""))
    runut("import", permits, "--process", process_file, "--lake", "lake")
    assert run(kafka=nobody) == []
    assert not (here / "lake" / "alerts").exists()
    assert not (here.parent / "keys").exists()


def test_a_rule_that_is_taken_out_of_the_process_file_ends_its_alert(office, run, process_file):
    office(QUEUED)
    assert run(alerts_topic="off") == ["firing"]
    process_file.write_text(process_file.read_text().replace(f"alerts:\n  - {RULE}\n", ""))
    assert run(alerts_topic="off") == ["resolved"]
    assert [row["state"] for row in Lake.open("lake").alerts().rows().to_pylist()] == [
        "firing",
        "withdrawn",
    ]


def test_beside_a_watch_a_mining_run_neither_begins_nor_ends_an_alert(
    office, run, process_file, here
):
    """A watch keeps what it reads each hour; two hours after the last of it, there is none."""
    lake = Lake.open(here / "lake")
    read = {
        "alert_id": "check queue",
        "measure": "queue_length",
        "activity": "Check",
        "value": 0.0,
        "unit": "files",
    }

    def kept(at):
        rows = pa.Table.from_pylist([{"at": at, **read}], schema.MEASURES)
        assert lake.measures().append(rows, at=at)

    now = datetime.now(UTC)
    office(QUEUED)
    kept(now - timedelta(hours=3))
    assert run(alerts_topic="off") == ["firing"]
    kept(now)
    process_file.write_text(process_file.read_text().replace(f"alerts:\n  - {RULE}\n", ""))
    assert run(alerts_topic="off") == []
    assert [alert["state"] for alert in lake.alerts().rows().to_pylist()] == ["firing"]


def test_an_alert_that_fires_again_is_another_one_for_the_scheduler_too(office, run, process_file):
    """Prefect counts events by their id, which is made of lake, key and state."""
    office(QUEUED)
    told = []
    for above in (1, 5, 1):
        rule = RULE.replace("above: 1", f"above: {above}")
        process_file.write_text(process_file.read_text().split("alerts:\n")[0])
        process_file.write_text(process_file.read_text() + f"alerts:\n  - {rule}\n")
        run(told, alerts_topic="off")
    assert [message["state"] for message in told] == ["firing", "resolved", "firing"]
    assert [message["key"] for message in told] == [KEY, KEY, f"{KEY}/2"]


def test_mining_by_hand_shows_what_is_beyond_its_threshold_and_keeps_no_alert(
    office, runut, process_file, here
):
    mining = ("mine", "--process", process_file, "--lake", "lake", "--out", "results")
    assert "beyond" not in runut(*mining).out
    office(QUEUED)
    said = runut(*mining).out
    assert "One alert rule is beyond its threshold:\n" in said
    assert "- check queue: 2 files wait at Check (threshold 1)\n" in said
    (told,) = json.loads(runut(*mining, "--json").out)["alerts"]
    assert (told["alert_id"], told["value"], told["threshold"]) == ("check queue", 2, 1)
    assert told["subject"]["activity"] == "Check"
    assert not (here / "lake" / "alerts").exists()


def test_several_rules_beyond_their_thresholds_are_counted(office, runut, process_file):
    process_file.write_text(
        process_file.read_text()
        + "  - {name: any queue, measure: queue_length, above: 0}\n"
        + "  - {name: old files, measure: oldest_item, activity: Check, above: 0.01}\n"
    )
    office(QUEUED)
    said = runut("mine", "--process", process_file, "--lake", "lake", "--out", "results").out
    assert "3 alert rules are beyond their threshold:\n" in said


def test_a_check_of_the_process_file_says_which_alerts_can_never_be_raised(runut, process_file):
    process_file.write_text(
        process_file.read_text()
        + f"alerts:\n  - {RULE}\n  - {{name: late, measure: overdue_cases, above: 1}}\n"
    )
    said = runut("check", "--process", process_file).out
    assert "runut watch and the scheduled run raise these alerts: check queue.\n" in said
    assert "The alert late is never raised: the process file has no clock.starts" in said


def test_a_check_of_a_log_says_which_steps_of_alerts_it_never_has(runut, permits, process_file):
    process_file.write_text(
        process_file.read_text() + f"alerts:\n  - {RULE.replace('Check', 'Chekc')}\n"
    )
    said = runut("check", "--process", process_file, permits).out
    assert "alerts.activity names Chekc, which no event has." in said
