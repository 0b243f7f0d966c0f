"""Which engine looks at the lake, and what is said where that cannot be."""

import time

import pytest

from flows import wire
from flows.options import Engine
from flows.settings import Settings


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--engine", "spark", "--memory", "1GB"), "--memory bounds this machine alone"),
        (("--master", "spark://head:7077"), "only --engine spark has a master"),
    ],
)
def test_what_an_engine_cannot_heed_is_refused(runut, permits, options, words):
    runut("import", permits, "--lake", "lake")
    ran = runut("mine", "--lake", "lake", "--out", "results", *options)
    assert ran.code == 2
    assert words in " ".join(ran.err.split())


def test_a_cluster_that_is_not_there_is_told_of_at_once(runut, permits, here):
    """Spark itself would try for minutes, and then say nothing of the address."""
    pytest.importorskip("pyspark", reason="needs the extra runut[spark]")
    runut("import", permits, "--lake", "lake")
    began = time.monotonic()
    ran = runut(
        "mine", "--lake", "lake", "--out", "results",
        "--engine", "spark", "--master", "spark://127.0.0.1:1",
    )  # fmt: skip
    assert time.monotonic() - began < 30
    ran.failed_clearly("127.0.0.1:1 (Connection refused)", "--master", "--engine local")
    assert not (here / "results").exists()


def test_without_an_engine_this_process_looks():
    with wire.look(Engine.LOCAL, memory="1GB", master=None) as look:
        assert look.memory == 10**9


def test_the_way_into_a_store_is_told_in_delta_lakes_words():
    assert wire.storage_options(Settings()) == {}
    settings = Settings(
        s3_endpoint="http://store:9000", s3_access_key_id="us", s3_secret_access_key="hidden"
    )
    assert wire.storage_options(settings) == {
        "AWS_ENDPOINT_URL": "http://store:9000",
        "AWS_ACCESS_KEY_ID": "us",
        "AWS_SECRET_ACCESS_KEY": "hidden",
        "AWS_ALLOW_HTTP": "true",
    }
    assert "hidden" not in repr(settings)
