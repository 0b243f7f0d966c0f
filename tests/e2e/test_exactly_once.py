"""Whatever is killed, frozen or rebalanced: each message is in the lake once, or in its rejects."""

import random
import signal
import time
import uuid

import pytest

from eventlog.lake import Lake

from .harness import NOTHING_WRONG, Office, Reader, account, await_caught_up, check_contents

pytestmark = pytest.mark.kafka


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])


@pytest.fixture
def readers(broker, lake):
    """Starts reader processes, and leaves none behind."""
    made = []
    group = f"group-{uuid.uuid4().hex[:8]}"

    def start(topic, kind="kafka-python", **settings):
        common = {"bootstrap": broker.bootstrap, "group": group, "lake": lake.uri}
        made.append(Reader(**common, topic=topic, kind=kind, **settings))
        return made[-1]

    yield start
    for reader in made:
        reader.close()


def kill_again_and_again(broker, lake, readers, topic, *, kills, events, seed):
    """Two readers of one group; at a random moment one of them is killed and replaced."""
    rng = random.Random(seed)
    office = Office(broker, topic, partitions=4, rng=rng)
    kinds = ["kafka-python", "kafka-python", "confluent"]
    running = [readers(topic) for _ in range(2)]
    killed_at_work = 0
    for kill in range(kills):
        office.send(events // (kills + 1))
        time.sleep(rng.uniform(0.0, 1.2))
        place = rng.randrange(2)
        killed_at_work += account(lake, office)["lost"] != []
        running[place].kill()
        running[place] = readers(topic, kind=kinds[kill % 3])
    office.send(events - office.numbered)
    seconds = await_caught_up(broker, office, lake)
    for reader in running:
        code, _ = reader.stop()
        assert code == 0
    return office, seconds, killed_at_work


def judge(lake, office, seconds, killed_at_work, *, kills):
    assert account(lake, office) == NOTHING_WRONG
    check_contents(lake, office)
    assert seconds < 30
    # A kill while there was nothing left to do would prove nothing.
    assert killed_at_work >= kills * 0.6


def test_five_kills_lose_nothing_and_repeat_nothing(broker, lake, readers, new_topic):
    made = kill_again_and_again(
        broker, lake, readers, new_topic(partitions=4), kills=5, events=40_000, seed=1
    )
    judge(lake, *made, kills=5)


@pytest.mark.long
def test_thirty_kills_in_200_000_events_lose_nothing_and_repeat_nothing(
    broker, lake, readers, new_topic, capsys
):
    made = kill_again_and_again(
        broker, lake, readers, new_topic(partitions=4), kills=30, events=200_000, seed=2
    )
    judge(lake, *made, kills=30)
    office, seconds, at_work = made
    with capsys.disabled():
        print(
            f"\n30 kills, {at_work} at work, {len(office.sent)} messages: 0 lost, 0 twice,"
            f" caught up {seconds:.1f} s after the last"
        )


@pytest.mark.parametrize(("order", "wrong"), [("position-first", "lost"), ("data-first", "twice")])
def test_the_harness_sees_what_a_wrong_order_of_commits_does(
    broker, lake, readers, new_topic, order, wrong
):
    topic = new_topic(partitions=1)
    office = Office(broker, topic, partitions=1, rng=random.Random(3))
    office.send(12_000)  # more than one read brings
    crashing = readers(topic, order=order, crash_at=2, messages=300, once=True)
    assert crashing.finish()[0] == -9
    surviving = readers(topic, order=order, crash_at=0, messages=300, once=True)
    assert surviving.finish()[0] == 0
    found = account(lake, office)
    assert found[wrong]
    assert all(found[other] == [] for other in NOTHING_WRONG if other != wrong)


def test_a_frozen_reader_that_wakes_up_changes_nothing(broker, lake, readers, new_topic):
    """It has lost its partitions to another, still holds a batch of them, and reopens the lake."""
    topic = new_topic(partitions=2)
    office = Office(broker, topic, partitions=2, rng=random.Random(4))
    zombie = readers(topic, linger=2.0, messages=100_000)
    office.send(500)
    await_caught_up(broker, office, lake)
    office.send(3000)
    time.sleep(0.6)  # it has read them, and lingers
    zombie.signal(signal.SIGSTOP)
    assert account(lake, office)["lost"]
    other = readers(topic)
    await_caught_up(broker, office, lake)
    before = lake.version
    zombie.signal(signal.SIGCONT)
    time.sleep(4)
    assert account(lake, office) == NOTHING_WRONG
    assert lake.version == before
    office.send(1000)
    await_caught_up(broker, office, lake)
    assert {reader.stop()[0] for reader in (zombie, other)} == {0}
    check_contents(lake, office)


@pytest.mark.parametrize(
    "kind", ["kafka-python", pytest.param("confluent", marks=pytest.mark.long)]
)
def test_a_second_reader_joins_in_the_middle(broker, lake, readers, new_topic, kind):
    topic = new_topic(partitions=4)
    office = Office(broker, topic, partitions=4, rng=random.Random(5))
    office.send(10_000)
    first = readers(topic, kind=kind, messages=200)
    assert first.told()["events"] > 0
    second = readers(topic, kind=kind, messages=200)
    for _ in range(20):
        office.send(1000)
        time.sleep(0.2)
    await_caught_up(broker, office, lake)
    ends = [reader.stop() for reader in (first, second)]
    assert [code for code, _ in ends] == [0, 0]
    assert all(said[-1]["events"] > 0 for _, said in ends), ends
    assert account(lake, office) == NOTHING_WRONG
    check_contents(lake, office)
