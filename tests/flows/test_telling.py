"""A watch tells each channel at its own pace, whatever becomes of the others."""

import contextlib
import json
import os
import random
import socket
import socketserver
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from kafka import KafkaConsumer, TopicPartition

from engine.alerting.book import judge
from engine.alerting.life import Reading, Subject
from eventlog.definition_file import load
from eventlog.errors import RetryError, StopError
from eventlog.lake import Lake
from flows.channels import Channel
from flows.live.telling import Pauses, Tellers, tellers
from flows.settings import settle

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
RULE = "{name: queue, measure: queue_length, activity: Check, above: 1, severity: critical}"
QUICK = Pauses(
    first=timedelta(milliseconds=20),
    longest=timedelta(milliseconds=100),
    between=timedelta(minutes=10),
    leaving=timedelta(seconds=30),
)


class Heard:
    """Keeps what a watch would log."""

    def __init__(self):
        self.told, self.troubles = [], []

    def delivered(self, channel, *, messages):
        self.told.append((channel, messages))

    def undelivered(self, channel, error, *, again):
        self.troubles.append((channel, error, again))


class Office:
    """An office whose queue at Check is now longer than allowed, and now not."""

    def __init__(self, folder, process_file):
        process_file.write_text(process_file.read_text() + f"alerts:\n  - {RULE}\n")
        self.folder = folder
        self.process = load(process_file)
        self.lake = Lake.create(folder / "lake", process="office", case_attributes=[])
        self.wanted, self.heard = [], Heard()
        self._opened = ExitStack()

    def tell(self, pauses=QUICK, **flags):
        flags = {"process": "office.yaml", "lake": "lake", "alerts_topic": "off", **flags}
        settings = settle(flags, environment=os.environ, folder=self.folder).settings
        telling = tellers(
            settings,
            self.lake,
            self.process,
            on_event=self.heard,
            environment={},
            pauses=pauses,
        )
        self.telling = self._opened.enter_context(telling)

    def change(self):
        """The alert begins, or is over; everybody is told."""
        length = 1 + (len(self.wanted) + 1) % 2
        reading = Reading(subject=Subject(activity="Check"), value=length, unit="files")
        now = NOON + timedelta(hours=len(self.wanted))
        (alert,) = judge(self.lake, self.process, {"queue": [reading]}, now=now, key=b"k")
        self.wanted.append((alert.key, alert.state))
        self.telling.wake()

    def channel(self, name):
        (found,) = [each for each in self.telling.snapshot() if each.channel == name]
        return found

    def close(self):
        self._opened.close()


@pytest.fixture
def office(here, process_file):
    office = Office(here, process_file)
    yield office
    office.close()


def until(condition, *, seconds=60):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def heard(messages):
    return [(message["key"], message["state"]) for message in messages]


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def mail(post_office):
    to = "from=runut@office.example&to=operations@office.example&mode=insecure"
    return f"mailto://127.0.0.1:{post_office.port}/?{to}"


def test_whoever_was_away_at_first_hears_all_once_it_is_back(office, web, other_web, post_office):
    for server in (web, other_web, post_office):
        server.close()
    office.tell(
        alerts_webhook=web.address,
        alerts_alertmanager=other_web.address,
        alerts_apprise=mail(post_office),
    )
    for count in (1, 2, 3):
        office.change()
        until(lambda count=count: {told.waiting for told in office.telling.snapshot()} == {count})
    assert all(found.failed for found in office.telling.snapshot())
    assert {found.delivered for found in office.telling.snapshot()} == {0}
    assert "Connection refused" in office.channel("webhook").trouble
    for server in (web, other_web, post_office):
        server.open()
    until(lambda: all(found.trouble is None for found in office.telling.snapshot()))
    assert {(found.waiting, found.delivered) for found in office.telling.snapshot()} == {(0, 3)}
    assert heard(web.posted) == office.wanted
    (alerts,) = other_web.posted
    assert [alert["annotations"]["key"] for alert in alerts] == [key for key, _ in office.wanted]
    assert post_office.subjects == ["critical: 2 alerts, 1 over / selesai (office)"]
    assert sorted(office.heard.told)[1:] == [("apprise/mailto", 3), ("webhook", 3)]


class Door(socketserver.ThreadingTCPServer):
    """A port behind which somebody may be found later: what comes in is passed on."""

    daemon_threads = True

    def __init__(self, port, beyond):
        host, _, beyond_port = beyond.rpartition(":")

        class Passing(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection((host, int(beyond_port))) as other:
                    there = threading.Thread(target=pass_on, args=(self.request, other))
                    there.start()
                    pass_on(other, self.request)
                    there.join()

        super().__init__(("127.0.0.1", port), Passing)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


def pass_on(here, there):
    with contextlib.suppress(OSError):
        while some := here.recv(2**16):
            there.sendall(some)
    for end in (here, there):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_a_topic_whose_broker_is_away_at_first_has_all_once_it_is_there(
    office, web, broker, new_topic
):
    topic, port = new_topic(), free_port()
    office.tell(alerts_topic=topic, kafka=f"127.0.0.1:{port}", alerts_webhook=web.address)
    for count in (1, 2):
        office.change()
        until(lambda count=count: len(web.posted) == count)
    assert office.channel(f"topic/{topic}").delivered == 0
    with Door(port, broker.bootstrap) as door:
        until(lambda: office.channel(f"topic/{topic}").delivered == 2)
        office.change()
        until(lambda: office.channel(f"topic/{topic}").delivered == 3)
        door.shutdown()
    with contextlib.closing(KafkaConsumer(bootstrap_servers=broker.bootstrap)) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek_to_beginning()
        found = []
        until(lambda: found.extend(read(consumer)) or len(found) >= 3)
    assert heard(found) == office.wanted


def read(consumer):
    polled = consumer.poll(timeout_ms=200).values()
    return [json.loads(record.value) for records in polled for record in records]


def test_a_channel_that_hangs_holds_up_no_other_and_not_the_end(office, web, other_web):
    silent = threading.Event()
    web.before_answer = lambda: silent.wait(60)
    office.tell(
        Pauses(leaving=timedelta(milliseconds=100)),
        alerts_webhook=web.address,
        alerts_alertmanager=other_web.address,
    )
    try:
        for count in (1, 2, 3):
            office.change()
            until(lambda count=count: len(other_web.posted) == count)
        assert office.channel("webhook").delivered == 0
        office.close()
    finally:
        silent.set()


def test_what_a_person_must_act_on_ends_nothing_and_is_tried_on(office, web, other_web):
    web.usual = 404
    office.tell(alerts_webhook=f"{web.address}/hook/s3cret", alerts_alertmanager=other_web.address)
    office.change()
    until(lambda: office.channel("webhook").failed >= 3)
    assert len(other_web.posted) == 1
    assert office.channel("webhook").trouble.endswith("or let it take what is posted there")
    pauses = [again for _, error, again in office.heard.troubles if isinstance(error, StopError)]
    assert all(0.05 <= pause <= 0.1 for pause in pauses[:3])
    web.usual = 200
    until(lambda: office.channel("webhook").delivered == 1)
    assert "s3cret" not in str(office.heard.troubles) + str(office.telling.snapshot())


def test_a_channel_that_failed_is_left_alone_though_more_comes(office, web):
    web.usual = 503
    office.tell(Pauses(first=timedelta(minutes=10), longest=timedelta(hours=1)),
                alerts_webhook=web.address)  # fmt: skip
    office.change()
    until(lambda: office.channel("webhook").waiting == 1)
    office.change()
    until(lambda: office.channel("webhook").waiting == 2)
    assert (office.channel("webhook").failed, len(web.taken)) == (1, 1)


def test_connections_stay_open_from_one_alert_to_the_next(office, web, other_web):
    office.tell(alerts_webhook=web.address, alerts_alertmanager=other_web.address)
    for count in (1, 2, 3):
        office.change()
        until(lambda count=count: len(web.posted) == len(other_web.posted) == count)
    assert (len(web.connections), len(other_web.connections)) == (1, 1)


def test_alertmanager_is_reminded_of_what_fires_though_nobody_wakes_it(office, web):
    office.tell(Pauses(between=timedelta(milliseconds=20)), alerts_alertmanager=web.address)
    office.change()
    until(lambda: len(web.posted) > 3)
    assert {alert["annotations"]["key"] for (alert,) in web.posted} == {office.wanted[0][0]}
    assert office.channel("alertmanager").delivered == 1
    office.change()
    until(lambda: office.channel("alertmanager").delivered == 2)
    ((over,), count) = (web.posted[-1], len(web.posted))
    assert over["endsAt"] == "2026-03-02T13:00:00+07:00"
    time.sleep(0.1)
    assert len(web.posted) == count


def test_what_changed_just_before_the_end_is_told(office, web):
    office.tell(alerts_webhook=web.address)
    office.change()
    office.close()
    assert heard(web.posted) == office.wanted


def test_what_another_process_noted_is_seen_though_nobody_wakes(office, web):
    office.tell(Pauses(between=timedelta(milliseconds=20)), alerts_webhook=web.address)
    office.telling.wake = lambda: None
    office.change()
    until(lambda: heard(web.posted) == office.wanted)


class Whim:
    """A receiver that does as it is told, and counts how often it was connected to."""

    def __init__(self):
        self.made, self.took, self.fails = 0, [], []

    def connect(self):
        self.made += 1
        return self

    def send(self, messages):
        if self.fails:
            raise self.fails.pop(0)
        self.took += heard(messages)

    def close(self):
        pass


def test_after_an_error_of_whatever_kind_a_channel_is_connected_to_anew(office):
    whim = Whim()
    whim.fails = [RetryError("later"), KeyError("s3cret"), StopError("act")]
    channel = Channel("whim", whim.connect, lake=office.lake, process=office.process, url=None)
    office.telling = telling = Tellers([channel], office.heard, QUICK)
    office.change()
    until(lambda: office.channel("whim").delivered == 1)
    telling.close()
    assert (whim.took, whim.made) == (office.wanted, 4)
    assert [str(error) for _, error, _ in office.heard.troubles] == ["later", "'s3cret'", "act"]
    assert office.channel("whim").failed == 3


def test_pauses_grow_to_the_longest_and_are_not_all_alike():
    pauses, chance = Pauses(), random.Random(3)
    retry, act = RetryError("later"), StopError("act")
    grown = [pauses.after(n, retry, chance) for n in range(1, 60)]
    for n, pause in enumerate(grown):
        whole = min(2**n, 300)
        assert whole / 2 <= pause <= whole
    assert len(set(grown)) == len(grown)
    assert 150 <= pauses.after(1, act, chance) <= 300


@pytest.mark.parametrize("wrong", [{"first": timedelta(0)}, {"longest": timedelta(0)},
                                   {"between": timedelta(0)}])  # fmt: skip
def test_pauses_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match="pauses must be longer than nothing"):
        Pauses(**wrong)
