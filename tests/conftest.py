"""What every test may ask for: a broker with topics, and real logs where they are at hand."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import pytest
from hypothesis import settings
from kafka import KafkaAdminClient

from .broker.choice import announce, open_broker
from .receivers import MailReceiver, WebReceiver

# The same examples every time, and no limit that a busy machine could break.
settings.register_profile("runut", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("runut")


def pytest_report_header():
    return announce()


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    """A running broker (`bootstrap`, `kind`, `restart()`, `kill()`, `pause()`…), one a session."""
    running = open_broker(tmp_path_factory.mktemp("broker"))
    yield running
    running.close()


@pytest.fixture(autouse=True)
def _kafka_itself(request):
    """Skip what is marked kafka where only a stand-in can be had."""
    if request.node.get_closest_marker("kafka"):
        broker = request.getfixturevalue("broker")
        if broker.kind == "noida":
            pytest.skip(f"needs Apache Kafka: {broker.why}")


@pytest.fixture
def new_topic(broker):
    """Makes a topic and tells its name: new_topic(partitions=2, cleanup_policy="compact")."""
    made = []

    def make(partitions=1, **config):
        name = f"test-{uuid.uuid4().hex[:12]}"
        configs = {key.replace("_", "."): str(value) for key, value in config.items()}
        topic = {"num_partitions": partitions, "replication_factor": 1, "configs": configs}
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        try:
            admin.create_topics({name: topic}, wait_for_metadata=True)
        finally:
            admin.close()
        made.append(name)
        return name

    yield make
    if broker.kind == "given" and made:  # somebody else's broker is left as it was
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        try:
            admin.delete_topics(made)
        finally:
            admin.close()


@pytest.fixture
def web(monkeypatch):
    """A web server that keeps what is posted to it (`address`, `posted`, `close()`, `open()`)."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    receiver = WebReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def other_web(web):  # noqa: ARG001 (for its environment)
    """A second one."""
    receiver = WebReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def post_office():
    """A mail server that keeps what is sent to it (`port`, `mails`, `close()`, `open()`)."""
    receiver = MailReceiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def data():
    """The folder of real event logs: RUNUT_DATA, or shared/data beside the project."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    return Path(os.environ.get("RUNUT_DATA") or beside)


@pytest.fixture(scope="session")
def real_log(data):
    """Finds a real log by file name; where it is absent, the test is skipped."""

    def find(name):
        path = data / name
        if not path.exists():
            pytest.skip(f"{name} is not here; RUNUT_DATA names the folder of real logs")
        return path

    return find


@pytest.fixture(scope="session")
def by_r4pm():
    """The fewest deviations [ways] of ways from a net, as r4pm counts them."""
    from .oracle.by_r4pm import deviations

    return deviations


@pytest.fixture(scope="session")
def object_store():
    """The storage options of an S3-compatible server on loopback, with a bucket named `runut`."""
    pytest.importorskip("moto", reason="needs the development group: moto")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            _await_answer(server, f"{address}/moto-api/")
            may = {"Authorization": "AWS test:test"}
            bucket = urllib.request.Request(f"{address}/runut", b"", may, method="PUT")
            urllib.request.urlopen(bucket).close()
            yield {
                "AWS_ENDPOINT_URL": address,
                "AWS_ALLOW_HTTP": "true",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "us-east-1",
            }
        finally:
            server.terminate()


def _await_answer(server, address):
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
            answer.read(1)
            return
        time.sleep(0.1)
    pytest.fail("the S3 server did not start")


@pytest.fixture(scope="session")
def batches():
    """What a mining run makes of a lake, and how that is compared with what a watch keeps."""
    from . import batches

    return batches
