"""Real permit logs, sent to Kafka out of order and with repeats, give the map that pm4py gives."""

import json
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pm4py
import pyarrow as pa
import pytest

from connectors.broker import KafkaSettings
from connectors.confluent import ConfluentSource
from connectors.kafka import KafkaSource
from connectors.kafka_sink import KafkaSink
from engine.ingest import ingest
from engine.mining import mine
from engine.progress import Silent
from eventlog import definition_file
from eventlog.lake import Lake
from flows.replay import messages, read_events
from miners.variants import SEPARATOR

KEY = bytes(32)
PROCESSES = Path(__file__).parents[2] / "config" / "processes"


def process(name, topic):
    """The shipped definition with a topic of its own, and its activities as fine as they come."""
    shipped = definition_file.load(PROCESSES / f"{name}.yaml")
    source = shipped.source.model_copy(update={"topic": topic, "group": f"of-{topic}"})
    return shipped.model_copy(update={"source": source, "abstract": None})


def send(events: pa.Table, settings, topic, *, seed):
    """All events in shuffled order, and one in five of them once more."""
    rng = np.random.default_rng(seed)
    again = rng.choice(events.num_rows, events.num_rows // 5, replace=False)
    order = rng.permutation(np.concatenate([np.arange(events.num_rows), again]))
    sink = KafkaSink(settings, topic=topic)
    for message in messages(events.take(pa.array(order))):
        sink.publish(message.key, message.value)
    sink.flush()
    sink.close()
    return len(order)


def take_in(lake, definition, settings):
    """Two consumers of one group read the topic to its end; what each of them committed."""
    reports = []

    def consume(kind):
        source = kind(settings, topic=definition.source.topic, group=definition.source.group)
        done = ingest(
            source, lake, definition, key=KEY, once=True, stop=lambda: False,
            progress=lambda _: None,
        )  # fmt: skip
        reports.append(done)

    readers = [
        threading.Thread(target=consume, args=[kind]) for kind in (KafkaSource, ConfluentSource)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return reports


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("wabo-receipt", "receipt.csv"),
        pytest.param("bpic15", "BPIC15_1.xes.gz", marks=pytest.mark.long),
    ],
)
def test_a_shuffled_and_repeated_log_gives_the_map_of_pm4py(
    tmp_path, broker, new_topic, real_log, name, file
):
    log = real_log(file)
    definition = process(name, new_topic(partitions=4))
    settings = KafkaSettings(bootstrap=broker.bootstrap)
    events = read_events(log, definition, key=KEY)
    sent = send(events, settings, definition.source.topic, seed=20)
    lake = Lake.create(tmp_path / "lake", process=name, case_attributes=definition.case_attributes)
    reports = take_in(lake, definition, settings)
    assert sum(report.events for report in reports) == sent
    assert lake.counts() == (sent, 0)
    out = tmp_path / "out"
    out.mkdir()
    asked = frozenset({"map", "variants", "quality"})
    mined = mine(lake, definition, out, only=asked, progress=Silent())
    assert mined.events == events.num_rows
    assert mined.run["counts"]["repeats_dropped"] == sent - events.num_rows

    frame = original(log)
    edges, starts, ends = pm4py.discover_dfg(frame)
    drawn = json.loads((out / "map.json").read_text())
    found = {(e["source"], e["target"]): e["frequency"] for e in drawn["edges"]}
    assert found == edges
    assert drawn["starts"] == starts
    assert drawn["ends"] == ends
    theirs = Counter(
        {SEPARATOR.join(way): cases for way, cases in pm4py.get_variants(frame).items()}
    )
    ours = pd.read_csv(out / "variants.csv")
    assert dict(zip(ours["activities"], ours["cases"], strict=True)) == theirs


def original(log):
    """The log as pandas and pm4py see it: rows in file order within equal timestamps."""
    if log.suffix == ".csv":
        frame = pd.read_csv(log)
        frame["time:timestamp"] = pd.to_datetime(
            frame["time:timestamp"], utc=True, format="ISO8601"
        )
    else:
        frame = pm4py.read_xes(str(log), variant="iterparse", return_legacy_log_object=False)
    return frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable").reset_index(
        drop=True
    )
