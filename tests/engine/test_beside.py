"""Tidying, compacting, reading and following go on beside an ingest, and nobody has to stop."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from connectors.memory import MemorySource, MemoryTopic
from engine.batch import observe, read_log
from engine.ingest import Limits, ingest
from engine.live import Live
from eventlog.definition import Definition
from eventlog.lake import Conflict, Lake
from eventlog.lake.thinning import thin
from miners import MINERS

MESSAGES = 300
SOME = MINERS[:2]
LATER = timedelta(hours=1, minutes=1)


def message(number):
    moment = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=number)
    event = {"event_id": f"e{number}", "case_id": f"P{number % 40}", "activity": "abc"[number % 3]}
    return json.dumps({**event, "timestamp": moment.isoformat()}).encode()


def test_a_lake_is_tidied_and_followed_while_it_is_filled_and_nothing_is_lost_or_doubled(
    tmp_path,
):
    topic = MemoryTopic(partitions=[[] for _ in range(3)])
    for number in range(MESSAGES):
        topic.publish(message(number), partition=number % 3)
    lake = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])
    process = Definition.bare()
    live, rounds, thinned = Live(lake, process, SOME), [], []
    with ThreadPoolExecutor(2) as pool:
        filling = pool.submit(
            ingest,
            MemorySource(topic, most=1),
            lake,
            process,
            key=None,
            once=True,
            stop=lambda: False,
            progress=lambda _: None,
            limits=Limits(messages=1, compact=70),
        )

        def tidying():
            while not filling.done():
                try:
                    rounds.append(lake.tidy(retention=timedelta(hours=1)).rows_rewritten)
                    # As if all of this were an hour ago.
                    thinned.append(thin(lake.place, "events", now=datetime.now(UTC) + LATER))
                except Conflict:
                    rounds.append(0)
                time.sleep(0.3)

        tidied = pool.submit(tidying)
        while not filling.done():
            live.catch_up()
        report = filling.result()
        tidied.result()
    live.catch_up()
    assert report.events == MESSAGES
    assert report.conflicts <= 1  # the first tidying tells the table how long to keep its past
    assert sum(rounds) > 0
    assert sum(thinned) > 0
    offsets = lake.read(["partition", "offset"]).to_pylist()
    assert sorted((row["partition"], row["offset"]) for row in offsets) == sorted(
        (partition, offset) for partition in range(3) for offset in range(MESSAGES // 3)
    )
    seen = observe(read_log(lake, None, version=live.version), SOME)
    assert {name: live.summary(name) for name in seen} == seen
