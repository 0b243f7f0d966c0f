"""From a log to Kafka, through two readers into the lake, to the map."""

import json
import signal
import time

import pytest

from eventlog.lake import Lake


@pytest.fixture
def office(runut, here):
    """A simulated log, its process file with a topic and a group of its own, and the broker."""
    runut("simulate", "--cases", "60", "--seed", "5", "--out", "office")
    shipped = json.loads(runut("check", "--process", "building-permit", "--json").out)

    def described(topic):
        definition = {**shipped["definition"], "source": {"topic": topic, "group": f"of-{topic}"}}
        (here / "permits.yaml").write_text(json.dumps(definition))  # JSON is YAML
        return "permits.yaml"

    return described


def counts(folder):
    found = json.loads((folder / "run.json").read_text())["counts"]
    return found["stored"], found["events"], found["repeats_dropped"], found["rejects"]


@pytest.mark.kafka
def test_two_readers_bring_a_replayed_log_to_the_map_that_its_import_gives(
    runut, spawned, here, office, broker, new_topic, monkeypatch
):
    monkeypatch.setenv("RUNUT_KAFKA", broker.bootstrap)
    topic = new_topic(partitions=2)
    process = office(topic)
    log = here / "office" / "events.csv"
    sent = runut("replay", log, "--process", process, "--topic", topic, "--json")
    total = json.loads(sent.out)["sent"]
    assert total > 200

    readers = [
        spawned(
            *("ingest", "--process", process, "--lake", "live", "--once", "--json"),
            RUNUT_KAFKA_CLIENT=client,
        )
        for client in ("kafka-python", "confluent-kafka")
    ]
    said = [reader.communicate(timeout=120) for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0], said
    assert sum(json.loads(out)["events"] for out, _ in said) == total

    assert runut("import", log, "--process", process, "--lake", "files").code == 0
    for lake in ("live", "files"):
        mined = runut("mine", "--process", process, "--lake", lake, "--out", f"from-{lake}")
        assert mined.code == 0, mined
    assert counts(here / "from-live") == (total, total, 0, 0)
    for name in ("map.json", "variants.csv", "cases.parquet", "times.json", "rework.csv"):
        live, imported = here / "from-live" / name, here / "from-files" / name
        assert live.read_bytes() == imported.read_bytes(), name

    # the same events once more, now from the file: all are repeats, none of them disagrees
    assert runut("import", log, "--process", process, "--lake", "live").code == 0
    runut("mine", "--process", process, "--lake", "live", "--out", "twice")
    assert counts(here / "twice") == (2 * total, total, total, 0)
    assert (here / "twice" / "map.json").read_bytes() == (
        here / "from-files" / "map.json"
    ).read_bytes()
    kinds = [
        one["subject"]["check"]
        for one in json.loads((here / "twice" / "findings.json").read_text())["findings"]
    ]
    assert "repeated" in kinds
    assert "conflicting" not in kinds


@pytest.mark.kafka
def test_a_reader_that_follows_commits_what_it_has_read_and_leaves_when_asked(
    runut, spawned, here, office, broker, new_topic, monkeypatch
):
    monkeypatch.setenv("RUNUT_KAFKA", broker.bootstrap)
    topic = new_topic()
    process = office(topic)
    reader = spawned("ingest", "--process", process, "--lake", "live")
    sent = runut("replay", "office/events.csv", "--process", process, "--topic", topic, "--json")
    total = json.loads(sent.out)["sent"]
    give_up = time.monotonic() + 90
    while time.monotonic() < give_up:
        time.sleep(0.3)
        if (here / "live" / "events").exists() and Lake.open("live").counts()[0] == total:
            break
    reader.send_signal(signal.SIGTERM)
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 128 + signal.SIGTERM, err
    assert f"{total:,} events are in the lake live" in out
    assert Lake.open("live").counts() == (total, 0)


@pytest.mark.kafka
@pytest.mark.long
def test_a_topic_that_is_not_there_is_named_and_no_lake_is_left(
    spawned, here, office, broker, monkeypatch
):
    monkeypatch.setenv("RUNUT_KAFKA", broker.bootstrap)
    process = office("no-such-topic")
    for command in (
        ["ingest", "--process", process, "--lake", "live"],
        ["replay", "office/events.csv", "--process", process, "--topic", "no-such-topic"],
    ):
        ran = spawned(*command)
        out, err = ran.communicate(timeout=60)
        assert (ran.returncode, out) == (1, "")
        assert err.startswith('runut: topic "no-such-topic" does not exist'), err
        assert len(err.splitlines()) <= 3
    assert not (here / "live").exists()


@pytest.mark.long
def test_without_a_broker_one_line_says_so(spawned, here, process_file):
    ran = spawned("ingest", "--process", process_file, "--lake", "live", "--kafka", "127.0.0.1:9")
    out, err = ran.communicate(timeout=120)
    assert (ran.returncode, out) == (1, "")
    assert err.startswith("runut: no Kafka broker answers at 127.0.0.1:9")
    assert "RUNUT_KAFKA" in err
    assert len(err.splitlines()) == 1
    assert not (here / "live").exists()
