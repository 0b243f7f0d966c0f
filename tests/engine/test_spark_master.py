"""A cluster whose head is not there is told of at once, not after the minutes that Spark waits."""

import socket
import time

import pytest

from engine.spark_master import addresses, require_reachable
from eventlog.errors import RetryError, UsageError

# A port that nobody is given, and so nobody listens on.
CLOSED = 1


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("shape", ["spark://127.0.0.1:{}", "k8s://https://127.0.0.1:{}"])
def test_a_head_that_is_not_there_is_named_with_the_way_out(shape):
    began = time.monotonic()
    with pytest.raises(RetryError) as told:
        require_reachable(shape.format(CLOSED))
    assert time.monotonic() - began < 15
    for words in ("127.0.0.1:1 (Connection refused)", "--master", "--engine local"):
        assert words in str(told.value)


def test_one_head_of_several_is_enough(listening):
    require_reachable(f"spark://127.0.0.1:{CLOSED},127.0.0.1:{listening}")
    with pytest.raises(RetryError, match=r"127\.0\.0\.1:1 .*, localhost:1 "):
        require_reachable(f"spark://127.0.0.1:{CLOSED},localhost:{CLOSED}")


@pytest.mark.parametrize("master", [None, "local[*]", "local-cluster[2,1,1024]", "yarn"])
def test_masters_without_an_address_are_left_to_spark(master):
    assert addresses(master) == []
    require_reachable(master)


@pytest.mark.parametrize(
    ("master", "found"),
    [
        ("spark://head:7077", [("head", 7077)]),
        ("spark://one:1,two:2", [("one", 1), ("two", 2)]),
        ("spark://[::1]:7077", [("::1", 7077)]),
        ("k8s://https://head:6443/path", [("head", 6443)]),
        ("k8s://http://head", [("head", 80)]),
        ("k8s://head", [("head", 443)]),
    ],
)
def test_addresses_are_read_as_spark_reads_them(master, found):
    assert addresses(master) == found


@pytest.mark.parametrize("master", ["spark://head", "spark://", "spark://head:0", "k8s://https://"])
def test_what_is_no_address_is_said_to_be_none(master):
    with pytest.raises(UsageError, match="expected an address such as spark://host:7077"):
        addresses(master)
