"""A lake on object storage keeps every promise that one in a folder keeps."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from engine.mining import mine
from engine.progress import Silent
from eventlog import schema
from eventlog.definition import Definition
from eventlog.errors import RetryError, StopError, UsageError
from eventlog.lake import Conflict, Lake
from eventlog.letters import table

NO_REJECTS = schema.REJECTS.empty_table()
CASES = ["P: a@ann b@bob c", "Q: a c", "R: a@x b/start b+30 c", "S: a@x b+0 b c"]


def put(address, body=b"", **headers):
    """PUT as somebody who may; the status that came back."""
    headers["Authorization"] = "AWS test:test"
    request = urllib.request.Request(address, body, headers, method="PUT")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture
def lake(object_store, request):
    uri = f"s3://runut/{request.node.name}"
    return Lake.create(
        uri, process="unnamed", case_attributes=["office"], storage_options=object_store
    )


def test_the_server_refuses_to_put_over_what_is_there(object_store):
    """What all of exactly-once rests on here; a server without it would prove nothing."""
    address = f"{object_store['AWS_ENDPOINT_URL']}/runut/once"
    assert put(address, b"one", **{"If-None-Match": "*"}) == 200
    assert put(address, b"two", **{"If-None-Match": "*"}) == 412


def test_two_streams_append_side_by_side_and_both_are_in(lake):
    one, other = lake.writer("file/one"), lake.writer("file/other")
    one.append(table("P: a b"), NO_REJECTS, start=0, next=2)
    other.append(table("Q: a"), NO_REJECTS, start=0, next=1)  # its handle is older: gives way
    one.append(table("R: a b"), NO_REJECTS, start=2, next=4)
    assert (lake.position("file/one"), lake.position("file/other")) == (4, 1)
    assert sorted(lake.read(["case_id"]).column("case_id").to_pylist()) == list("PPQRR")


def test_of_two_writers_of_one_stream_only_one_gets_in(lake):
    ours, theirs = lake.writer("file/one"), lake.writer("file/one")
    ours.append(table("P: a b"), NO_REJECTS, start=0, next=2)
    with pytest.raises(Conflict):
        theirs.append(table("P: a b"), NO_REJECTS, start=0, next=2)
    with pytest.raises(Conflict):
        lake.writer("file/one").append(table("P: a b"), NO_REJECTS, start=0, next=2)
    assert lake.counts() == (2, 0)
    again = lake.writer("file/one")
    assert again.position == 2
    again.append(table("Q: a"), NO_REJECTS, start=2, next=3)
    assert lake.counts() == (3, 0)


RACER = """
import json, sys
from eventlog import schema
from eventlog.lake import Conflict, Lake
from eventlog.letters import table
uri, name, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
lake = Lake.open(uri, storage_options=options)
written = 0
print("ready", flush=True)
sys.stdin.readline()
for n in range(12):
    position = lake.position("file/race") or 0
    try:
        lake.writer("file/race").append(
            table(f"{name}{n}: a"), schema.REJECTS.empty_table(), start=position, next=position + 1
        )
    except Conflict:
        continue
    written += 1
print(written)
"""


@pytest.mark.long  # as tests/eventlog/lake does in a folder
def test_processes_that_race_for_one_stream_lose_and_double_nothing(lake, object_store):
    """Whoever says that a batch is in has one row there, and the position counts just those."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, lake.uri, name, json.dumps(object_store)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("ann", "bob")
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    said = []
    for racer in racers:
        racer.stdin.write("\n")
        racer.stdin.flush()
    for racer in racers:
        out, _ = racer.communicate(timeout=120)
        said.append(int(out))
    assert lake.position("file/race") == sum(said) == lake.counts()[0]
    cases = lake.read(["case_id"]).column("case_id").to_pylist()
    assert len(set(cases)) == len(cases)


def test_rejects_tidying_slices_and_the_past_work_as_in_a_folder(lake):
    writer = lake.writer("file/one")
    rejects = pa.Table.from_pylist(
        [{"offset": 5, "reason": "no case id", "value": b"{}"}], schema=schema.REJECTS
    )
    writer.append(table(*CASES), rejects, start=0, next=20)
    then = datetime.now(UTC)
    time.sleep(0.05)
    writer.append(table("T: a", "U: b"), NO_REJECTS, start=20, next=22)
    assert lake.reject_reasons() == {"no case id": 1}
    assert lake.counts(lake.version_at(then)) == (13, 1)
    report = lake.tidy(retention=timedelta(days=1))
    assert report.rows_rewritten > 0
    assert lake.counts() == (15, 1)
    assert lake.read(["case_id"], between=(-(2**63), 2**63 - 1)).num_rows == 15


def test_mining_gives_the_same_bytes_as_from_a_folder(lake, tmp_path):
    local = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=["office"])
    for place, out in ((lake, tmp_path / "there"), (local, tmp_path / "here")):
        place.writer("file/one").append(table(*CASES), NO_REJECTS, start=0, next=20)
        out.mkdir()
        definition = Definition.bare(case_attributes=["office"])
        mine(place, definition, out, progress=Silent())
    for path in sorted((tmp_path / "here").iterdir()):
        if path.name != "run.json":
            assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes(), path.name


def test_many_machines_can_each_read_their_share(lake):
    writer = lake.writer("file/one")
    for n in range(4):
        writer.append(table(f"P{n}: a b"), NO_REJECTS, start=2 * n, next=2 * n + 2)
    shares = lake.shares(version=lake.version, rows=2)
    assert len(shares) == 4
    rows = [batch.num_rows for share in shares for batch in share.batches(["case_key"])]
    assert sum(rows) == 8


def test_a_lake_that_is_not_there_and_a_store_that_is_not_there_are_two_things(object_store):
    with pytest.raises(StopError, match="there is no lake here; `runut import FILE"):
        Lake.open("s3://runut/none", storage_options=object_store)
    with pytest.raises(StopError, match=r"(?i)bucket"):
        Lake.create(
            "s3://no-such-bucket/lake",
            process="unnamed",
            case_attributes=(),
            storage_options=object_store,
        )
    nobody = {
        **object_store,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "max_retries": "1",
        "retry_timeout": "1s",
    }
    with pytest.raises(RetryError, match="the object store did not answer"):
        Lake.open("s3://runut/none", storage_options=nobody)


def test_a_version_that_never_was_is_a_usage_error(lake):
    with pytest.raises(UsageError, match="there is no version 99"):
        lake.counts(99)
